import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { Constraint } from "../io/model-schema.ts";
import { customFormula } from "../loss/custom-term.ts";
import { comesAfterBackward, type Loss, lossMatrix, lossSubject } from "../loss/losses.ts";
import { trialSets } from "../loss/population-kl-term.ts";
import { lagOf, unitRange } from "../loss/rate-terms.ts";
import { matrixPart } from "../loss/weight-terms.ts";
import type { Layout } from "../ops/layout.ts";
import { binaryCrossEntropyOp } from "../ops/losses/binary-cross-entropy.ts";
import { cosineOp } from "../ops/losses/cosine.ts";
import { crossEntropyOp } from "../ops/losses/cross-entropy.ts";
import { customOutputOp, customRateOp } from "../ops/losses/custom.ts";
import { drivePenaltyOps } from "../ops/losses/drive-penalty.ts";
import { type HebbianBuffers, hebbianOps, hebbianTotalsOps } from "../ops/losses/hebbian.ts";
import { meanRateGradientOp, meanRateOps } from "../ops/losses/mean-rate.ts";
import { meanSquaredErrorOp } from "../ops/losses/mean-squared-error.ts";
import type { DirectPlace, WantedGradients } from "../ops/losses/place.ts";
import { type PopulationBuffers, populationKLGradientOp, populationKLOp } from "../ops/losses/population-kl.ts";
import { rateDifferenceOp } from "../ops/losses/rate-difference.ts";
import { rateEntropyOp } from "../ops/losses/rate-entropy.ts";
import { rateMagnitudeOp } from "../ops/losses/rate-magnitude.ts";
import type { RecurrentBuffers } from "../ops/losses/recurrent.ts";
import { spectralNormOps } from "../ops/losses/spectral-norm.ts";
import { type RecordingBuffers, targetRatesOp } from "../ops/losses/target-rates.ts";
import { weightPenaltyOps } from "../ops/losses/weight-penalty.ts";
import { type Segment, wholeTrial } from "../ops/segment.ts";

/** The buffers of all kinds of terms. */
export interface AllLossBuffers extends HebbianBuffers, RecurrentBuffers, RecordingBuffers, PopulationBuffers {
  readonly parameters: Tensor;
  readonly rules: Tensor;
  readonly penaltySums: Tensor;
  readonly trialMeans: Tensor;
  readonly factors: Tensor;
  readonly spectralVectors: Tensor;
  /** Between hidden units, [1 or R, H, H]; any other tensor where no term is about them. */
  readonly distances: Tensor;
  /** Of trials in segments: the buffers that a term has to itself, by its place in the list. */
  readonly own?: readonly Partial<OwnTermBuffers>[];
}

/** What is kept of a term from segment to segment. */
export type OwnTermBuffers = Pick<
  AllLossBuffers,
  "trialMeans" | "factors" | "populationFactors" | "populationShares" | "partials" | "termScales"
> & { readonly hebbianTotals: Tensor };

/**
 * Which dispatches of the terms: all at once; or of trials in segments what a term must `gather` of all of them before it
 * knows its gradient, what it does with the `activity` of each, and what it does with the `weights` alone.
 */
export type LossStage = "all" | "gather" | "activity" | "weights";

/** Whether a term needs the rates of all time steps before it knows its gradient by any. */
export function gathers(loss: Loss): boolean {
  const { type } = loss;
  return ["meanRate", "rateSpread", "populationKL"].includes(type) || (loss.type === "hebbian" && loss.over === "time");
}

/** Whether each row, time × trial, has a share of the loss of its own, which the term writes with the segment. */
export function hasRows(loss: Loss): boolean {
  return loss.type === "omega" || !["weights", "means"].includes(sourceOf(loss));
}

/** What the loss of a term is computed from. */
function sourceOf(loss: Loss): "activity" | "weights" | "means" {
  if (loss.type === "meanRate" || loss.type === "rateSpread") return "means";
  return lossSubject(loss) === "weights" ? "weights" : "activity";
}

/**
 * The dispatches of all loss terms but those that come after the backward pass (after-backward-ops.ts), in order: each
 * writes its share of the loss, and its gradient by the outputs or the rates, or by one matrix. The first term on each of
 * these writes that gradient, later ones add to it. Segments come last to first: of the direct gradients of a matrix the last
 * one writes what no term on the weights alone has written, and the others add to it.
 */
export async function lossOps(
  device: Device,
  layout: Layout,
  losses: readonly Loss[],
  constraint: Constraint,
  wanted: WantedGradients,
  buffers: AllLossBuffers,
  { segment, stage }: { readonly segment: Segment; readonly stage: LossStage } = { segment: wholeTrial, stage: "all" },
): Promise<Dispatch[]> {
  const dispatches: Dispatch[] = [];
  for (const [term, loss] of losses.entries()) {
    if (comesAfterBackward(loss)) continue;
    const isOnWeights = lossSubject(loss) === "weights";
    if (stage === "weights" ? !isOnWeights : stage !== "all" && isOnWeights) continue;
    const isFirst = (where: (loss: Loss) => string | undefined): boolean =>
      losses.findIndex((other) => !comesAfterBackward(other) && where(other) === where(loss)) === term;
    const firstOnWeights = stage === "all" ? isFirst(lossMatrix) : isFirstOfStage(losses, term) && segment.isLast;
    const first = isOnWeights ? firstOnWeights : isFirst(lossSubject);
    const place = { term, terms: losses.length, first, firstOnWeights };
    const own = { ...buffers, ...buffers.own?.[term] };
    if (stage === "all" || stage === "gather") {
      dispatches.push(...(await gatherOps(device, layout, loss, place, own, segment)));
    }
    if (stage === "gather") continue;
    dispatches.push(...(await termOps(device, layout, loss, place, constraint, wanted, own, segment)));
  }
  return dispatches;
}

/** Whether no other term has written the direct gradient of a term's matrix, terms on the weights alone coming before others. */
function isFirstOfStage(losses: readonly Loss[], term: number): boolean {
  const matrix = losses[term] && lossMatrix(losses[term]);
  const onWeights = (loss: Loss): boolean => lossSubject(loss) === "weights";
  const sharing = [...losses.entries()].filter(([, loss]) => !comesAfterBackward(loss) && lossMatrix(loss) === matrix);
  const [first] = [...sharing.filter(([, loss]) => onWeights(loss)), ...sharing.filter(([, loss]) => !onWeights(loss))];
  return first?.[0] === term;
}

function meanRateOptions(loss: Extract<Loss, { type: "meanRate" | "rateSpread" }>) {
  const { metric } = loss;
  if (loss.type === "meanRate") return { metric, absolute: false, perTrial: false, squared: false, correction: 0 };
  const [absolute, perTrial] = [loss.of === "absoluteRate", loss.per === "trialUnit"];
  return { metric, squared: loss.squared, correction: loss.correction, absolute, perTrial };
}

function populationOptions(loss: Extract<Loss, { type: "populationKL" }>, layout: Layout) {
  const units = unitRange(loss, layout.hidden);
  const { symmetric, reduction, squareWeight, varianceFloor: floor } = loss;
  const squares = squareWeight * (reduction === "mean" ? units.end - units.first : 1);
  return { units, sets: trialSets(loss, layout.batch), symmetric, squares, floor };
}

/** What a term must know of all segments. */
async function gatherOps(
  device: Device,
  layout: Layout,
  loss: Loss,
  place: DirectPlace,
  buffers: AllLossBuffers,
  segment: Segment,
): Promise<Dispatch[]> {
  switch (loss.type) {
    case "meanRate":
    case "rateSpread":
      return meanRateOps(device, layout, place, meanRateOptions(loss), buffers, segment);
    case "populationKL":
      return [await populationKLOp(device, layout, place, populationOptions(loss, layout), buffers, segment)];
    case "hebbian":
      // In one segment the sums are at hand.
      if (loss.over === "step" || (segment.isFirst && segment.isLast)) return [];
      return hebbianTotalsOps(device, layout, place, buffers, segment);
    default:
      return [];
  }
}

async function termOps(
  device: Device,
  layout: Layout,
  loss: Exclude<Loss, { type: "omega" }>,
  place: DirectPlace,
  constraint: Constraint,
  wanted: WantedGradients,
  buffers: AllLossBuffers,
  segment: Segment,
): Promise<Dispatch[]> {
  switch (loss.type) {
    case "meanSquaredError":
      return [await meanSquaredErrorOp(device, layout, place, loss.denominator, buffers)];
    case "crossEntropy":
      return [await crossEntropyOp(device, layout, place, buffers)];
    case "binaryCrossEntropy":
      return [await binaryCrossEntropyOp(device, layout, place, buffers)];
    case "cosine":
      return [await cosineOp(device, layout, place, loss.epsilon, buffers)];
    case "rateL1":
    case "rateL2": {
      const options = { units: unitRange(loss, layout.hidden), absolute: loss.type === "rateL1" };
      return [await rateMagnitudeOp(device, layout, place, options, buffers)];
    }
    case "rateSmoothness":
    case "statePrediction": {
      const options = { units: unitRange(loss, layout.hidden), lag: lagOf(loss) };
      return [await rateDifferenceOp(device, layout, place, options, buffers, segment)];
    }
    case "rateEntropy": {
      const options = { units: unitRange(loss, layout.hidden), squareWeight: loss.squareWeight };
      return [await rateEntropyOp(device, layout, place, options, buffers)];
    }
    case "hebbian":
      return hebbianOps(device, layout, place, loss.over, wanted, buffers, segment);
    case "drivePenalty":
      return drivePenaltyOps(device, layout, place, unitRange(loss, layout.hidden), wanted, buffers, segment);
    case "meanRate":
    case "rateSpread":
      return [await meanRateGradientOp(device, layout, place, meanRateOptions(loss).absolute, buffers)];
    case "targetRates":
      return [await targetRatesOp(device, layout, place, buffers)];
    case "populationKL":
      return [await populationKLGradientOp(device, layout, place, populationOptions(loss, layout), buffers, segment)];
    case "weightL1":
    case "weightL2":
    case "weightNorm": {
      const kind = { weightL1: "l1", weightL2: "l2", weightNorm: "frobenius" } as const;
      const options = { kind: kind[loss.type], matrix: loss.matrix, part: matrixPart(loss, layout), constraint };
      return weightPenaltyOps(device, layout, place, { ...options, byDistance: false }, buffers);
    }
    case "wiringCost": {
      const options = { kind: loss.metric, matrix: "weightHH", part: matrixPart(loss, layout), constraint } as const;
      return weightPenaltyOps(device, layout, place, { ...options, byDistance: true }, buffers);
    }
    case "spectralNorm":
      return spectralNormOps(device, layout, place, { ...loss, part: matrixPart(loss, layout) }, buffers);
    case "custom": {
      const formula = customFormula(loss);
      if (loss.on === "outputs") return [await customOutputOp(device, layout, place, formula, buffers)];
      const options = { formula, units: unitRange(loss, layout.hidden) };
      return [await customRateOp(device, layout, place, options, buffers)];
    }
  }
}
