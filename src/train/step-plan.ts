import { ConfigError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { Uniform } from "../gpu/uniforms.ts";
import { checkLossesFit } from "../loss/check-model.ts";
import { checkCustomTerms } from "../loss/custom-term.ts";
import { comesAfterBackward, type Loss, lossMatrix, lossSubject } from "../loss/losses.ts";
import { recordedUnits } from "../loss/target-rates-term.ts";
import { lossContext } from "../loss/term.ts";
import type { ModelSpec } from "../network/model.ts";
import { type InitialState, Sequence, sequenceShapes } from "../network/sequence.ts";
import type { Trials } from "../network/trials.ts";
import { allocate, checkAllFit, type ShapeTable } from "../ops/buffers.ts";
import { gateBlocks } from "../ops/gated.ts";
import type { LayerSpan } from "../ops/layers.ts";
import { type Layout, layoutOf, padRows, tensorCount } from "../ops/layout.ts";
import { feedbackShape, type LocalRule, localGradientOp, writeFeedback } from "../ops/local-gradient.ts";
import { populationFloats } from "../ops/losses/population-kl.ts";
import { spectralVectorsShape } from "../ops/losses/spectral-norm.ts";
import { Recordings } from "../ops/losses/target-rates.ts";
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
import { afterBackwardOps } from "./after-backward-ops.ts";
import { lossOps } from "./loss-ops.ts";
import { windowScale } from "./window-scale.ts";

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
  readonly initial: InitialState;
  readonly losses: readonly Loss[];
  /** The network's distances between hidden units; a wiring cost needs them. */
  readonly distances?: Tensor | undefined;
  /** Records kept before they are read back. */
  readonly historySlots: number;
  /** Which gradients beyond weights and biases; absent = losses only, with no backward pass unless a term needs it. */
  readonly gradients?: InitialStateGradients & { readonly alpha: boolean };
  readonly clip?: ClipMode;
  /** A local learning rule in place of back-propagation through time. */
  readonly rule?: LocalRule | undefined;
  /** Absent = gradients only, no update. */
  readonly update?: UpdateTensors & { readonly optimizer: OptimizerKind; readonly nesterov: boolean };
  /** Also keep dL/dr of every step. */
  readonly inspect?: boolean;
  readonly family?: Family | undefined;
}

/** Floats of one struct `Verdict` (shaders/lib/verdict.wgsl). */
export const verdictFloats = 16;
/** Places of one record of the history: up to fifteen loss terms, and the gradient's norm in the last. */
export const recordFloats = 16;

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
  | "spectralVectors"
  | "noDistances"
  | "hebbianDrives"
  | "hebbianFactors"
  | "synapseGradients"
  | "gateGradients"
  | "feedback"
  | "recurrentProducts"
  | "termScales"
  | "rateTargets"
  | "rateMask"
  | "populationFactors"
  | "populationShares",
  Tensor
>;

/**
 * A training step as a fixed list of dispatches over buffers made once: effective weights, forward, loss terms, backward
 * (or a local rule), weight gradients, verdict, update. With fewer options it is a gradient, or only a loss.
 */
export class StepPlan {
  readonly sequence: Sequence;
  readonly tensors: StepTensors;
  readonly dispatches: readonly Dispatch[];
  readonly losses: readonly Loss[];
  readonly #uniforms: readonly Uniform[];
  readonly #targetRows: Float32Array;
  readonly #maskRows: Float32Array;
  readonly #recordings: Recordings | undefined;
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
    const isFitted = parts.losses.some(({ type }) => type === "targetRates");
    this.#recordings = isFitted ? new Recordings(parts.sequence.layout) : undefined;
  }

  /**
   * @throws ConfigError where a term needs what the network does not have, LimitError where the adapter cannot hold the
   * plan, naming the limit and what would fit, ValueError where the slope of a custom term is wrong.
   */
  static check(device: Device, spec: ModelSpec, options: StepPlanOptions): void {
    checkLossesFit(options.losses, spec);
    checkCustomTerms(options.losses);
    if (options.distances === undefined && options.losses.some(({ type }) => type === "wiringCost")) {
      throw new ConfigError(
        "wiringCost: the network has no distances between its units. Give createModel distances [hidden, hidden], or a structure that has them, such as distanceDependent; in a model file they are the tensor distance_hh.",
      );
    }
    const layout = layoutOf({ ...spec, ...options });
    const { gradients } = options;
    const forward = sequenceShapes(layout, gradients?.alpha ?? false, hasBackward(options));
    checkAllFit(device, { ...forward, ...stepShapes(layout, options) });
  }

  /** @throws as {@link StepPlan.check}, before anything is allocated. */
  static async compile(
    device: Device,
    spec: ModelSpec,
    network: PlanParameters,
    options: StepPlanOptions,
  ): Promise<StepPlan> {
    const { losses, gradients, clip = "none", inspect = false } = options;
    StepPlan.check(device, spec, options);
    const keep = { storeSlopes: gradients?.alpha ?? false, storeGates: hasBackward(options) };
    const sequence = await Sequence.compile(device, spec, network, { ...options, ...keep });
    const tensors = allocate(device, stepShapes(sequence.layout, options));
    const uniforms: Uniform[] = [];
    try {
      const { shape } = sequence;
      const settings = sequence.settings.tensor;
      const distances = options.distances ?? tensors.noDistances;
      const buffers = { ...sequence, ...sequence.tensors, ...tensors, ...network, settings, uniforms, distances };
      const runsBackward = hasBackward(options);
      const wanted = { activity: runsBackward, weights: gradients !== undefined };
      const lossDispatches = await lossOps(device, sequence.layout, losses, spec.constraint, wanted, buffers);
      const backward: Dispatch[] = [];
      if (runsBackward) {
        const direct = losses.some((loss) => lossSubject(loss) === "rates");
        const stored = { direct, storeRates: inspect || storesRates(sequence.layout, options) };
        const { layout, family } = sequence;
        const { rule } = options;
        if (rule?.feedback !== undefined) writeFeedback(layout, rule.feedback, tensors.feedback);
        backward.push(
          ...(rule === undefined
            ? await backwardOp(device, layout, family, spec, network.layers, stored, buffers)
            : [await localGradientOp(device, layout, rule, spec, stored, buffers)]),
          ...(await afterBackwardOps(device, layout, losses, spec, wanted, buffers)),
        );
      }
      if (gradients !== undefined) {
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
      for (const owned of [...uniforms, ...Object.values(tensors)]) owned.dispose();
      throw error;
    }
  }

  /**
   * Sends trials, one entry for every replica (or one for all), to the GPU. They must have been checked.
   * @param whole the trials that these are windows of; their own unless given.
   * @param weighted the loss terms of each replica, where their weights differ; else the plan's.
   * @throws what `lossScale` throws: a mask that is the denominator of a loss sums to 0, or there are no recordings for a
   * term on them; nothing is sent then.
   */
  upload(trials: readonly Trials[], whole: readonly Trials[] = trials, weighted?: readonly (readonly Loss[])[]): void {
    const { replicas, outputs, output4 } = this.sequence.layout;
    const { layout } = this.sequence;
    const pick = (list: readonly Trials[], replica: number): Trials => {
      const own = list.length === 1 ? list[0] : list[replica];
      if (own === undefined) throw new RangeError(`upload: no trials for replica ${replica}.`);
      return own;
    };
    const each = Array.from({ length: replicas }, (_, replica) => pick(trials, replica));
    for (const [replica, own] of each.entries()) {
      const all = pick(whole, replica);
      const context = lossContext(layout, own);
      const wholeContext = lossContext({ ...layout, steps: all.steps }, all);
      const terms = weighted?.[replica] ?? this.losses;
      this.#scales[replica] = terms.map((loss) => windowScale(loss, context, wholeContext));
      for (const loss of this.losses) {
        if (loss.type !== "targetRates" || own.rateTargets === undefined) continue;
        this.#recordings?.set(replica, own.rateTargets, own.rateMask, recordedUnits(loss, context));
      }
    }
    this.sequence.upload(trials);
    const length = this.#targetRows.length / replicas;
    for (const [replica, own] of each.entries()) {
      const part = (rows: Float32Array): Float32Array => rows.subarray(replica * length, (replica + 1) * length);
      padRows(own.targets, outputs, part(this.#targetRows), 4 * output4);
      const mask = own.mask ?? new Float32Array(own.targets.length).fill(1);
      padRows(mask, outputs, part(this.#maskRows), 4 * output4);
    }
    this.tensors.targets.write(this.#targetRows);
    this.tensors.trialMask.write(this.#maskRows);
    this.#recordings?.upload(this.tensors);
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

/** Whether a plan runs the backward pass: for gradients, or for a loss term on them. */
function hasBackward({ gradients, losses }: StepPlanOptions): boolean {
  return gradients !== undefined || losses.some(comesAfterBackward);
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
  const hasProducts = options.losses.some(({ type }) => type === "drivePenalty" || type === "omega");
  const hasMeans = options.losses.some(({ type }) => type === "meanRate" || type === "rateSpread");
  const hasSpectral = options.losses.some(({ type }) => type === "spectralNorm");
  const hasRecordings = options.losses.some(({ type }) => type === "targetRates");
  const recordings = hasRecordings ? [replicas, steps, batch, 4 * hidden4] : unused;
  const hasPopulation = options.losses.some(({ type }) => type === "populationKL");
  const means = hasMeans ? [replicas, batch, 4 * hidden4] : unused;
  return {
    targets: outputs,
    trialMask: outputs,
    outputGradients: outputs,
    directGradients: acts("rates") ? [replicas, steps, batch, 4 * hidden4] : unused,
    lossRows: [replicas, options.losses.length, steps * batch],
    history: [options.historySlots, replicas, recordFloats],
    stateGradients: hasBackward(options) ? slots : unused,
    rateGradients: options.inspect || storesRates(layout, options) ? slots : unused,
    partials: backward ? [replicas, splits, parameters] : unused,
    gradients: backward ? [replicas, parameters] : unused,
    squares: [replicas, tensorCount(layout), gradientChunks(layout)],
    trialMeans: means,
    factors: means,
    penalties: options.losses.some((loss) => lossMatrix(loss) !== undefined) ? [replicas, parameters] : unused,
    penaltySums: [replicas, mostPenaltyChunks],
    spectralVectors: hasSpectral ? spectralVectorsShape(layout) : unused,
    noDistances: unused,
    hebbianDrives: hasHebbian ? [replicas, steps, batch, 4 * hidden4] : unused,
    feedback: options.rule?.feedback === undefined ? unused : feedbackShape(layout),
    synapseGradients:
      hasBackward(options) && layout.shortTermPlasticity !== undefined ? [replicas, batch, 2, 4 * hidden4] : unused,
    hebbianFactors: hasHebbian ? [replicas, steps * batch] : unused,
    recurrentProducts: hasProducts ? [replicas, steps, batch, 4 * hidden4] : unused,
    termScales: hasProducts ? [replicas] : unused,
    rateTargets: recordings,
    rateMask: recordings,
    populationFactors: hasPopulation ? [replicas, hidden4, populationFloats.factors] : unused,
    populationShares: hasPopulation ? [replicas, hidden4, populationFloats.shares] : unused,
    gateGradients:
      hasBackward(options) && layout.gates > 1 ? [replicas, steps + 1, batch, gateBlocks, 4 * hidden4] : unused,
  };
}

/** dL/dr of slot 0 is the gradient of an LSTM's first rates; a GRU's is its state. */
function storesRates({ cell }: Layout, { gradients }: StepPlanOptions): boolean {
  return cell === "lstm" && gradients?.r0 === true;
}
