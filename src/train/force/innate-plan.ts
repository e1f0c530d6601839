import type { Dispatch } from "../../gpu/kernel.ts";
import type { Model } from "../../network/model.ts";
import type { Network } from "../../network/network.ts";
import { type InitialState, Sequence, sequenceShapes } from "../../network/sequence.ts";
import { allocate, checkAllFit } from "../../ops/buffers.ts";
import { type Layout, layoutOf } from "../../ops/layout.ts";
import {
  noSynapse,
  type RecurrentSquaresSizes,
  type RecurrentSquaresTensors,
  recurrentSquaresOps,
  recurrentSquaresShapes,
} from "../../ops/recurrent-least-squares.ts";

/** A unit whose recurrent weights are learned, and the presynaptic units of those that are. */
export interface LearnedUnit {
  readonly unit: number;
  readonly sources: readonly number[];
}

export interface InnatePlanOptions extends RecurrentSquaresSizes {
  /** Time steps that one submission holds. */
  readonly steps: number;
  readonly initial: Exclude<InitialState, "state">;
}

/**
 * A stretch of time steps in which recurrent weights are learned, as a fixed list of dispatches: for each step one of the
 * network and one of recursive least squares. The weights are learned where the network reads them, in `packed`.
 */
export class InnatePlan {
  readonly sequence: Sequence;
  readonly tensors: RecurrentSquaresTensors;
  readonly #pack: Dispatch;
  readonly #start: readonly Dispatch[];
  readonly #steps: readonly (readonly Dispatch[])[];
  #isPacked = false;

  private constructor(parts: {
    sequence: Sequence;
    tensors: RecurrentSquaresTensors;
    pack: Dispatch;
    start: readonly Dispatch[];
    steps: readonly (readonly Dispatch[])[];
  }) {
    this.sequence = parts.sequence;
    this.tensors = parts.tensors;
    this.#pack = parts.pack;
    this.#start = parts.start;
    this.#steps = parts.steps;
  }

  /** @throws LimitError where the adapter cannot hold the plan, before anything is allocated. */
  static check({ device, spec, replicas }: Network, options: InnatePlanOptions): void {
    const layout = layoutOf({ ...spec, replicas, steps: options.steps, batch: 1 });
    checkAllFit(device, { ...sequenceShapes(layout, false, false), ...recurrentSquaresShapes(layout, options) });
  }

  /** @throws as {@link InnatePlan.check}. */
  static async compile(network: Network, options: InnatePlanOptions): Promise<InnatePlan> {
    const { device, spec, replicas } = network;
    const { steps, initial } = options;
    const sequence = await Sequence.compile(device, spec, network, {
      ...{ steps, initial, replicas, batch: 1, storeSlopes: false, family: "stepwise", products: "dense" },
    });
    let tensors: RecurrentSquaresTensors | undefined;
    try {
      tensors = allocate(device, recurrentSquaresShapes(sequence.layout, options));
      const { shape, slots } = sequence;
      const buffers = { shape, slots, ...sequence.tensors, ...tensors };
      const squares = await recurrentSquaresOps(device, sequence.layout, options, buffers);
      // The sequence's own: weights, initial state, then one dispatch a step, then all readouts, which are not wanted.
      const { dispatches } = sequence;
      const beforeSteps = dispatches.length - steps - 1;
      return new InnatePlan({
        ...{ sequence, tensors },
        pack: dispatches[0] as Dispatch,
        start: dispatches.slice(1, beforeSteps),
        steps: squares.map((each, index) => [dispatches[beforeSteps + index] as Dispatch, each]),
      });
    } catch (error) {
      for (const tensor of Object.values(tensors ?? {})) tensor.dispose();
      sequence.dispose();
      throw error;
    }
  }

  get layout(): Layout {
    return this.sequence.layout;
  }

  /**
   * Sends which synapses are learned, and P = 1 / regularisation for them.
   * @param learned of each replica, the units that learn. @param most synapses of one of them.
   */
  begin(learned: readonly (readonly LearnedUnit[])[], most: number, regularisation: number): void {
    const units = learned[0]?.length ?? 0;
    const lists = new Uint32Array(learned.length * units * (1 + most)).fill(noSynapse);
    const inverse = new Float32Array(learned.length * units * most * most);
    for (const [index, { unit, sources }] of learned.flat().entries()) {
      lists.set([unit, ...sources], index * (1 + most));
      for (const place of sources.keys()) inverse[(index * most + place) * most + place] = 1 / regularisation;
    }
    this.tensors.sources.write(lists);
    this.tensors.inverse.write(inverse);
  }

  /** The dispatches of the first `count` time steps. @param fresh start at the initial state of a trial. */
  dispatches(count: number, fresh: boolean): readonly Dispatch[] {
    // Packed once: after that the weights there are the learned ones.
    const pack = this.#isPacked ? [] : [this.#pack];
    this.#isPacked = true;
    return [...pack, ...(fresh ? this.#start : []), ...this.#steps.slice(0, count).flat()];
  }

  /** A model with the recurrent weights of a replica's `packed` [packed4 * 4] in the place of its own. */
  withLearned(model: Model, packed: Float32Array, learned: readonly LearnedUnit[]): Model {
    const { hidden, hidden4, input4 } = this.layout;
    const weightHH = model.parameters.weightHH.slice();
    // packed_hidden_forward of shaders/lib/shape.wgsl: [pre][post].
    const first = 16 * input4 * hidden4;
    for (const { unit, sources } of learned)
      for (const source of sources)
        weightHH[unit * hidden + source] = packed[first + source * 4 * hidden4 + unit] ?? Number.NaN;
    return { ...model, parameters: { ...model.parameters, weightHH } };
  }

  dispose(): void {
    this.sequence.dispose();
    for (const tensor of Object.values(this.tensors)) tensor.dispose();
  }
}
