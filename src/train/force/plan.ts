import type { Device } from "../../gpu/device.ts";
import type { Dispatch } from "../../gpu/kernel.ts";
import type { Model } from "../../network/model.ts";
import type { Network } from "../../network/network.ts";
import { type InitialState, Sequence, sequenceShapes } from "../../network/sequence.ts";
import { effectiveWeights } from "../../network/validate.ts";
import { allocate, checkAllFit } from "../../ops/buffers.ts";
import { type Layout, layoutOf, padRows } from "../../ops/layout.ts";
import { type LeastSquaresTensors, leastSquaresOps, leastSquaresShapes } from "../../ops/recursive-least-squares.ts";

export interface ForcePlanOptions {
  /** Time steps that one submission holds. */
  readonly steps: number;
  readonly initial: Exclude<InitialState, "state">;
  /** Whether the last inputs of the network are its outputs of the step before. */
  readonly feedback: boolean;
}

/**
 * A stretch of time steps of FORCE learning as a fixed list of dispatches: for each step one of the network and two of
 * recursive least squares. What the next stretch needs stays on the GPU, but for the state of the units.
 */
export class ForcePlan {
  readonly sequence: Sequence;
  readonly tensors: LeastSquaresTensors;
  readonly #start: readonly Dispatch[];
  readonly #first: Dispatch;
  readonly #steps: readonly (readonly Dispatch[])[];

  private constructor(parts: {
    sequence: Sequence;
    tensors: LeastSquaresTensors;
    start: readonly Dispatch[];
    first: Dispatch;
    steps: readonly (readonly Dispatch[])[];
  }) {
    this.sequence = parts.sequence;
    this.tensors = parts.tensors;
    this.#start = parts.start;
    this.#first = parts.first;
    this.#steps = parts.steps;
  }

  /** @throws LimitError where the adapter cannot hold the plan, before anything is allocated. */
  static check(device: Device, model: Model, replicas: number, { steps }: ForcePlanOptions): void {
    const layout = layoutOf({ ...model.spec, replicas, steps, batch: 1 });
    checkAllFit(device, { ...sequenceShapes(layout, false, false), ...leastSquaresShapes(layout) });
  }

  /** @throws as {@link ForcePlan.check}. */
  static async compile(network: Network, options: ForcePlanOptions): Promise<ForcePlan> {
    const { device, spec, replicas } = network;
    const { steps, initial, feedback } = options;
    const sequence = await Sequence.compile(device, spec, network, {
      ...{ steps, initial, replicas, batch: 1, storeSlopes: false, family: "stepwise", products: "dense" },
    });
    let tensors: LeastSquaresTensors | undefined;
    try {
      tensors = allocate(device, leastSquaresShapes(sequence.layout));
      const { shape, slots } = sequence;
      const buffers = { shape, slots, ...sequence.tensors, ...tensors };
      const { first, steps: squares } = await leastSquaresOps(device, sequence.layout, feedback, buffers);
      // The sequence's own: weights and initial state, then one dispatch a step, then all readouts, which are not wanted.
      const { dispatches } = sequence;
      const beforeSteps = dispatches.length - steps - 1;
      return new ForcePlan({
        ...{ sequence, tensors, first },
        start: dispatches.slice(0, beforeSteps),
        steps: squares.map((each, index) => [dispatches[beforeSteps + index] as Dispatch, ...each]),
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

  /** Sends the readout weights of every replica, and P = 1 / regularisation at units that are read out, 0 at others. */
  begin(models: readonly Model[], regularisation: number): void {
    const { hidden, hidden4, outputs } = this.layout;
    const width = 4 * hidden4;
    for (const [replica, model] of models.entries()) {
      const readout = new Float32Array(outputs * width);
      padRows(effectiveWeights(model, "weightHO"), hidden, readout, width);
      this.tensors.readout.write(readout, replica * outputs * width);
      const inverse = new Float32Array(width * width);
      for (let unit = 0; unit < hidden; unit += 1)
        if (model.masks.weightHO?.[unit] !== 0) inverse[unit * (width + 1)] = 1 / regularisation;
      this.tensors.inverse.write(inverse, replica * width * width);
    }
  }

  /**
   * The dispatches of the first `count` time steps.
   * @param fresh start at the initial state of a trial, in place of the states that were uploaded.
   */
  dispatches(count: number, fresh: boolean): readonly Dispatch[] {
    return [...(fresh ? this.#start : []), this.#first, ...this.#steps.slice(0, count).flat()];
  }

  dispose(): void {
    this.sequence.dispose();
    for (const tensor of Object.values(this.tensors)) tensor.dispose();
  }
}
