import type { Tensor } from "../gpu/tensor.ts";
import { type Layout, padRows } from "../ops/layout.ts";
import type { Stimuli } from "./trials.ts";

/** Where on the GPU a state of all replicas lies. */
export interface StatePlace {
  /** Rows of hidden4 * 4, one a trial; of synapses four. Without short-term plasticity `synapses` is any tensor. */
  readonly states: Tensor;
  readonly rates: Tensor;
  readonly synapses: Tensor;
  /** First element of a replica's state in `states` and `rates`; of `synapses` four times that. */
  offset(replica: number): number;
}

/** Inputs on their way to the GPU, in rows padded as the kernels read them. */
export class StimulusRows {
  readonly #layout: Layout;
  readonly #rows: Float32Array;

  constructor(layout: Layout) {
    const { replicas, steps, batch, input4 } = layout;
    this.#layout = layout;
    this.#rows = new Float32Array(replicas * steps * batch * input4 * 4);
  }

  /**
   * Sends inputs, and where trials start, to the GPU. One entry for every replica, or one for all. They must have been checked
   * (`checkStimuli`).
   */
  upload(stimuli: readonly Stimuli[], inputs: Tensor, start: StatePlace): void {
    const { replicas, inputs: width, input4, hidden, hidden4, batch } = this.#layout;
    const length = this.#rows.length / replicas;
    for (let replica = 0; replica < replicas; replica += 1) {
      const own = stimuli.length === 1 ? stimuli[0] : stimuli[replica];
      if (own === undefined) throw new RangeError(`upload: no stimuli for replica ${replica}.`);
      padRows(own.inputs, width, this.#rows.subarray(replica * length, (replica + 1) * length), 4 * input4, 1);
      const rows = new Float32Array(batch * hidden4 * 4);
      for (const [values, tensor] of [
        [own.v0, start.states],
        [own.r0, start.rates],
      ] as const) {
        if (values === undefined) continue;
        padRows(values, hidden, rows, 4 * hidden4);
        tensor.write(rows, start.offset(replica));
      }
    }
    inputs.write(this.#rows);
  }
}
