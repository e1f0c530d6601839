import { ConfigError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { Uniform } from "../gpu/uniforms.ts";
import { type Loss, lossMatrix, lossScale, lossSubject } from "../loss/losses.ts";
import { isGated, withArticle } from "../network/cells.ts";
import type { ModelSpec } from "../network/model.ts";
import { type InitialState, Sequence, sequenceShapes } from "../network/sequence.ts";
import type { Trials } from "../network/trials.ts";
import { allocate, checkAllFit, type ShapeTable } from "../ops/buffers.ts";
import { gateBlocks } from "../ops/gated.ts";
import type { LayerSpan } from "../ops/layers.ts";
import { type Layout, layoutOf, padRows, tensorCount } from "../ops/layout.ts";
import { mostPenaltyChunks } from "../ops/losses/weight-penalty.ts";
import type { InitialStateGradients } from "../ops/products.ts";
import { backwardOp, type Family } from "../ops/recurrence.ts";
import {
  type ClipMode,
  gradientChunks,
  gradientFinishOp,
  type OptimizerKind,
  updateOp,
  verdictOp,
} from "../ops/update.ts";
import { weightGradientOps } from "../ops/weight-gradients.ts";
import { lossOps } from "./loss-ops.ts";

/** Parameters, rules and optimiser state that a plan works on; owned by the caller. */
export interface PlanParameters {
  /** [R, P] raw parameters. */
  readonly parameters: Tensor;
  /** [R, P] masks, signs and what is learned. */
  readonly rules: Tensor;
  readonly layers: readonly LayerSpan[];
  /** [R, 16] health of each replica, kept from step to step. */
  readonly verdicts: Tensor;
}

/** What the update kernel needs besides. */
export interface UpdateTensors {
  readonly plasticity: Tensor;
  /** [R, P] the parameters that gave the last finite loss. */
  readonly previous: Tensor;
  /** [R, P, 2] the optimiser's moments. */
  readonly moments: Tensor;
}

export interface StepPlanOptions {
  readonly replicas: number;
  readonly steps: number;
  readonly batch: number;
  readonly initial: Exclude<InitialState, "state">;
  readonly losses: readonly Loss[];
  /** Records kept before they are read back. */
  readonly historySlots: number;
  /** Which gradients beyond weights and biases; absent = losses only, no backward pass. */
  readonly gradients?: InitialStateGradients & { readonly alpha: boolean };
  readonly clip?: ClipMode;
  /** Absent = gradients only, no update. */
  readonly update?: UpdateTensors & { readonly optimizer: OptimizerKind; readonly nesterov: boolean };
  /** Also keep dL/dr of every step. */
  readonly inspect?: boolean;
  readonly family?: Family | undefined;
}

/** Floats of one struct `Verdict` (shaders/lib/verdict.wgsl). */
export const verdictFloats = 16;
/** Places of one record of the history: up to seven loss terms, and the gradient's norm in the last. */
export const recordFloats = 8;

type StepTensors = Record<
  | "targets"
  | "trialMask"
  | "outputGradients"
  | "directGradients"
  | "lossRows"
  | "history"
  | "stateGradients"
  | "rateGradients"
  | "partials"
  | "gradients"
  | "squares"
  | "trialMeans"
  | "factors"
  | "penalties"
  | "penaltySums"
  | "hebbianDrives"
  | "hebbianFactors"
  | "synapseGradients"
  | "gateGradients",
  Tensor
>;

/**
 * A training step as a fixed list of dispatches over buffers made once: effective weights, forward, loss terms, backward,
 * weight gradients, verdict, update. With fewer options it is a gradient, or only a loss.
 */
export class StepPlan {
  readonly sequence: Sequence;
  readonly tensors: StepTensors;
  readonly dispatches: readonly Dispatch[];
  readonly losses: readonly Loss[];
  readonly #uniforms: readonly Uniform[];
  readonly #targetRows: Float32Array;
  readonly #maskRows: Float32Array;
  readonly #scales: number[][] = [];

  private constructor(parts: {
    sequence: Sequence;
    tensors: StepTensors;
    dispatches: readonly Dispatch[];
    losses: readonly Loss[];
    uniforms: readonly Uniform[];
  }) {
    this.sequence = parts.sequence;
    this.tensors = parts.tensors;
    this.dispatches = parts.dispatches;
    this.losses = parts.losses;
    this.#uniforms = parts.uniforms;
    const { replicas, steps, batch, output4 } = parts.sequence.layout;
    const length = replicas * steps * batch * output4 * 4;
    this.#targetRows = new Float32Array(length);
    this.#maskRows = new Float32Array(length);
  }

  /**
   * @throws LimitError where the adapter cannot hold the plan, naming the limit and what would fit; ConfigError for a loss
   * that the cell cannot have.
   */
  static check(device: Device, spec: ModelSpec, options: StepPlanOptions): void {
    const layout = layoutOf({ ...spec, ...options });
    checkLossesOfCell(spec, options.losses);
    const { gradients } = options;
    const forward = sequenceShapes(layout, gradients?.alpha ?? false, gradients !== undefined);
    checkAllFit(device, { ...forward, ...stepShapes(layout, options) });
  }

  /** @throws LimitError before anything is allocated. */
  static async compile(
    device: Device,
    spec: ModelSpec,
    network: PlanParameters,
    options: StepPlanOptions,
  ): Promise<StepPlan> {
    const { losses, gradients, clip = "none", inspect = false } = options;
    StepPlan.check(device, spec, options);
    const keep = { storeSlopes: gradients?.alpha ?? false, storeGates: gradients !== undefined };
    const sequence = await Sequence.compile(device, spec, network, { ...options, ...keep });
    const tensors = allocate(device, stepShapes(sequence.layout, options));
    try {
      const { shape } = sequence;
      const settings = sequence.settings.tensor;
      const lossDispatches = await lossOps(device, sequence.layout, losses, spec.constraint, {
        ...{ shape, settings, parameters: network.parameters, rules: network.rules },
        ...sequence.tensors,
        ...tensors,
      });
      const backward: Dispatch[] = [];
      const uniforms: Uniform[] = [];
      if (gradients !== undefined) {
        const direct = losses.some((loss) => lossSubject(loss) === "rates");
        const buffers = { ...sequence, ...sequence.tensors, ...tensors, ...network, settings };
        backward.push(
          ...(await backwardOp(
            device,
            sequence.layout,
            sequence.family,
            spec,
            network.layers,
            { direct, storeRates: inspect || storesRates(sequence.layout, options) },
            buffers,
          )),
        );
        const products = await weightGradientOps(device, sequence.layout, network.layers, gradients, buffers);
        backward.push(...products.dispatches);
        uniforms.push(...products.uniforms);
        const { constraint } = spec;
        const penalty = losses.some((loss) => lossMatrix(loss) !== undefined);
        backward.push(await gradientFinishOp(device, sequence.layout, { constraint, clip, penalty }, buffers));
      }
      const verdictOptions = { terms: losses.length, clip, hasGradients: gradients !== undefined };
      const verdict = await verdictOp(device, sequence.layout, verdictOptions, {
        ...{ shape, settings, verdicts: network.verdicts },
        ...tensors,
      });
      const dispatches = [...sequence.dispatches, ...lossDispatches, ...backward, verdict];
      if (options.update !== undefined) {
        const { constraint } = spec;
        const { optimizer, nesterov } = options.update;
        const buffers = { shape, settings, ...network, ...tensors, ...options.update };
        dispatches.push(await updateOp(device, sequence.layout, { constraint, optimizer, nesterov }, buffers));
      }
      return new StepPlan({ sequence, tensors, dispatches, losses, uniforms });
    } catch (error) {
      sequence.dispose();
      for (const tensor of Object.values(tensors)) tensor.dispose();
      throw error;
    }
  }

  /**
   * Sends trials, one entry for every replica (or one for all), to the GPU. They must have been checked.
   * @throws ValueError where a mask that is the denominator of a loss sums to 0; nothing is sent then.
   */
  upload(trials: readonly Trials[]): void {
    const { replicas, outputs, output4 } = this.sequence.layout;
    for (let replica = 0; replica < replicas; replica += 1) {
      const mask = (trials.length === 1 ? trials[0] : trials[replica])?.mask;
      this.#scales[replica] = this.losses.map((loss) => lossScale(loss, { ...this.sequence.layout, mask }));
    }
    this.sequence.upload(trials);
    const length = this.#targetRows.length / replicas;
    for (let replica = 0; replica < replicas; replica += 1) {
      const own = trials.length === 1 ? trials[0] : trials[replica];
      if (own === undefined) throw new RangeError(`upload: no trials for replica ${replica}.`);
      const part = (rows: Float32Array): Float32Array => rows.subarray(replica * length, (replica + 1) * length);
      padRows(own.targets, outputs, part(this.#targetRows), 4 * output4);
      const mask = own.mask ?? new Float32Array(own.targets.length).fill(1);
      padRows(mask, outputs, part(this.#maskRows), 4 * output4);
    }
    this.tensors.targets.write(this.#targetRows);
    this.tensors.trialMask.write(this.#maskRows);
  }

  /** The factor of every loss term for the trials uploaded last. */
  lossScales(replica: number): readonly number[] {
    return this.#scales[replica] ?? [];
  }

  dispose(): void {
    this.sequence.dispose();
    for (const uniform of this.#uniforms) uniform.dispose();
    for (const tensor of Object.values(this.tensors)) tensor.dispose();
  }
}

/** The shapes of the tensors that a step needs beyond its forward pass. */
function stepShapes(layout: Layout, options: StepPlanOptions): ShapeTable<keyof StepTensors> {
  const { replicas, steps, batch, hidden4, output4, splits, parameters } = layout;
  const unused = [4];
  const outputs = [replicas, steps, batch, 4 * output4];
  const slots = [replicas, steps + 1, batch, 4 * hidden4];
  const backward = options.gradients !== undefined;
  const acts = (subject: ReturnType<typeof lossSubject>): boolean =>
    options.losses.some((loss) => lossSubject(loss) === subject);
  const hasHebbian = options.losses.some(({ type }) => type === "hebbian");
  const hasMeans = options.losses.some(({ type }) => type === "meanRate" || type === "rateSpread");
  const means = hasMeans ? [replicas, batch, 4 * hidden4] : unused;
  return {
    targets: outputs,
    trialMask: outputs,
    outputGradients: outputs,
    directGradients: acts("rates") ? [replicas, steps, batch, 4 * hidden4] : unused,
    lossRows: [replicas, options.losses.length, steps * batch],
    history: [options.historySlots, replicas, recordFloats],
    stateGradients: backward ? slots : unused,
    rateGradients: options.inspect || storesRates(layout, options) ? slots : unused,
    partials: backward ? [replicas, splits, parameters] : unused,
    gradients: backward ? [replicas, parameters] : unused,
    squares: [replicas, tensorCount(layout), gradientChunks(layout)],
    trialMeans: means,
    factors: means,
    penalties: options.losses.some((loss) => lossMatrix(loss) !== undefined) ? [replicas, parameters] : unused,
    penaltySums: [replicas, mostPenaltyChunks],
    hebbianDrives: hasHebbian ? [replicas, steps, batch, 4 * hidden4] : unused,
    synapseGradients: backward && layout.shortTermPlasticity !== undefined ? [replicas, batch, 2, 4 * hidden4] : unused,
    hebbianFactors: hasHebbian ? [replicas, steps * batch] : unused,
    gateGradients: backward && layout.gates > 1 ? [replicas, steps + 1, batch, gateBlocks, 4 * hidden4] : unused,
  };
}

/** dL/dr of slot 0 is the gradient of an LSTM's first rates; a GRU's is its state. */
function storesRates({ cell }: Layout, { gradients }: StepPlanOptions): boolean {
  return cell === "lstm" && gradients?.r0 === true;
}

/** @throws ConfigError for a term on the synapses between two units, of which a gated cell has several. */
function checkLossesOfCell({ cell }: ModelSpec, losses: readonly Loss[]): void {
  if (!isGated(cell) || !losses.some(({ type }) => type === "hebbian")) return;
  throw new ConfigError(
    `loss: hebbian is about one synapse between two units; ${withArticle(cell)} has one for each gate. Use a ctrnn.`,
  );
}
