import { sizeOf, type Tensor } from "../gpu/tensor.ts";
import { comesAfterBackward, type Loss, lossMatrix, lossSubject } from "../loss/losses.ts";
import type { InitialState } from "../network/sequence.ts";
import type { ShapeTable } from "../ops/buffers.ts";
import { gateBlocks } from "../ops/gated.ts";
import { type Layout, tensorCount } from "../ops/layout.ts";
import { feedbackShape, type LocalRule } from "../ops/local-gradient.ts";
import { populationFloats } from "../ops/losses/population-kl.ts";
import { spectralVectorsShape } from "../ops/losses/spectral-norm.ts";
import { mostPenaltyChunks } from "../ops/losses/weight-penalty.ts";
import type { InitialStateGradients } from "../ops/products.ts";
import type { Family, Products } from "../ops/recurrence.ts";
import { unitRowsShape } from "../ops/sparse-recurrence.ts";
import type { Tile } from "../ops/tiles.ts";
import { type ClipMode, gradientChunks, type OptimizerKind } from "../ops/update.ts";
import type { MemoryOptions } from "./segments.ts";

/** What the update kernel needs besides. */
export interface UpdateTensors {
  readonly plasticity: Tensor;
  /** [R, P] the parameters that gave the last finite loss. */
  readonly previous: Tensor;
  /** [R, P, 2] the optimiser's moments. */
  readonly moments: Tensor;
}

export interface StepPlanOptions extends MemoryOptions {
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
  readonly products?: Products | undefined;
  readonly tile?: Tile | undefined;
}

/** Places of one record of the history: up to fifteen loss terms, and the gradient's norm in the last. */
export const recordFloats = 16;

/** The tensors that a step needs beyond its forward pass. */
export type StepTensors = Record<
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

/** Whether a plan runs the backward pass: for gradients, or for a loss term on them. */
export function hasBackward({ gradients, losses }: StepPlanOptions): boolean {
  return gradients !== undefined || losses.some(comesAfterBackward);
}

/** The shapes of {@link StepTensors}. */
export function stepShapes(layout: Layout, options: StepPlanOptions): ShapeTable<keyof StepTensors> {
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
    synapseGradients: synapseGradientsShape(layout, options),
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

/** What short-term plasticity needs of the backward pass, and behind it, for sparse products, dL/dv by unit. */
function synapseGradientsShape(layout: Layout, options: StepPlanOptions): readonly number[] {
  const { replicas, batch, hidden4, shortTermPlasticity } = layout;
  const changes = shortTermPlasticity === undefined ? 0 : replicas * batch * 2 * 4 * hidden4;
  const byUnit = runsSparseBackward(layout, options) ? sizeOf(unitRowsShape(layout)) : 0;
  return hasBackward(options) && changes + byUnit > 0 ? [changes + byUnit] : [4];
}

/** Whether the backward pass runs over lists of synapses; a local rule has no such products. */
export function runsSparseBackward({ lists4 }: Layout, { rule }: StepPlanOptions): boolean {
  return lists4 > 0 && rule === undefined;
}

/** dL/dr of slot 0 is the gradient of an LSTM's first rates; a GRU's is its state. */
export function storesRates({ cell }: Layout, { gradients }: StepPlanOptions): boolean {
  return cell === "lstm" && gradients?.r0 === true;
}
