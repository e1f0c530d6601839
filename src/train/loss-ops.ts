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
import { type HebbianBuffers, hebbianOps } from "../ops/losses/hebbian.ts";
import { meanRateOps } from "../ops/losses/mean-rate.ts";
import { meanSquaredErrorOp } from "../ops/losses/mean-squared-error.ts";
import type { DirectPlace, WantedGradients } from "../ops/losses/place.ts";
import { type PopulationBuffers, populationKLOps } from "../ops/losses/population-kl.ts";
import { rateDifferenceOp } from "../ops/losses/rate-difference.ts";
import { rateEntropyOp } from "../ops/losses/rate-entropy.ts";
import { rateMagnitudeOp } from "../ops/losses/rate-magnitude.ts";
import type { RecurrentBuffers } from "../ops/losses/recurrent.ts";
import { spectralNormOps } from "../ops/losses/spectral-norm.ts";
import { type RecordingBuffers, targetRatesOp } from "../ops/losses/target-rates.ts";
import { weightPenaltyOps } from "../ops/losses/weight-penalty.ts";

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
}

/**
 * The dispatches of all loss terms but those that come after the backward pass (after-backward-ops.ts), in order: each
 * writes its share of the loss, and its gradient by the outputs or the rates, or by one matrix. The first term on each of
 * these writes that gradient, later ones add to it.
 */
export async function lossOps(
  device: Device,
  layout: Layout,
  losses: readonly Loss[],
  constraint: Constraint,
  wanted: WantedGradients,
  buffers: AllLossBuffers,
): Promise<Dispatch[]> {
  const dispatches: Dispatch[] = [];
  for (const [term, loss] of losses.entries()) {
    if (comesAfterBackward(loss)) continue;
    const isFirst = (where: (loss: Loss) => string | undefined): boolean =>
      losses.findIndex((other) => !comesAfterBackward(other) && where(other) === where(loss)) === term;
    const firstOnWeights = isFirst(lossMatrix);
    const first = lossSubject(loss) === "weights" ? firstOnWeights : isFirst(lossSubject);
    const place = { term, terms: losses.length, first, firstOnWeights };
    dispatches.push(...(await termOps(device, layout, loss, place, constraint, wanted, buffers)));
  }
  return dispatches;
}

async function termOps(
  device: Device,
  layout: Layout,
  loss: Exclude<Loss, { type: "omega" }>,
  place: DirectPlace,
  constraint: Constraint,
  wanted: WantedGradients,
  buffers: AllLossBuffers,
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
      return [await rateDifferenceOp(device, layout, place, options, buffers)];
    }
    case "rateEntropy": {
      const options = { units: unitRange(loss, layout.hidden), squareWeight: loss.squareWeight };
      return [await rateEntropyOp(device, layout, place, options, buffers)];
    }
    case "hebbian":
      return hebbianOps(device, layout, place, loss.over, wanted, buffers);
    case "drivePenalty":
      return drivePenaltyOps(device, layout, place, unitRange(loss, layout.hidden), wanted, buffers);
    case "meanRate": {
      const options = { absolute: false, perTrial: false, squared: false, correction: 0 };
      return meanRateOps(device, layout, place, { ...options, metric: loss.metric }, buffers);
    }
    case "rateSpread": {
      const { metric, squared, correction } = loss;
      const [absolute, perTrial] = [loss.of === "absoluteRate", loss.per === "trialUnit"];
      return meanRateOps(device, layout, place, { metric, squared, correction, absolute, perTrial }, buffers);
    }
    case "targetRates":
      return [await targetRatesOp(device, layout, place, buffers)];
    case "populationKL": {
      const units = unitRange(loss, layout.hidden);
      const { symmetric, reduction, squareWeight, varianceFloor: floor } = loss;
      const squares = squareWeight * (reduction === "mean" ? units.end - units.first : 1);
      const options = { units, sets: trialSets(loss, layout.batch), symmetric, squares, floor };
      return populationKLOps(device, layout, place, options, buffers);
    }
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
