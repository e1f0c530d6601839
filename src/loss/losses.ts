import { z } from "zod";
import { parseWith } from "../io/config.ts";
import type { WeightName } from "../network/model.ts";
import { checkCustomTerms, customSchema } from "./custom-term.ts";
import { drivePenaltySchema, omegaSchema } from "./dynamics-terms.ts";
import { hebbianSchema } from "./hebbian-term.ts";
import { meanRateSchema, rateSpreadSchema } from "./mean-rate-terms.ts";
import {
  binaryCrossEntropySchema,
  cosineSchema,
  crossEntropySchema,
  meanSquaredErrorSchema,
  outputDenominator,
} from "./output-terms.ts";
import { populationDenominator, populationKLSchema } from "./population-kl-term.ts";
import {
  rateDenominator,
  rateEntropySchema,
  rateL1Schema,
  rateL2Schema,
  rateSmoothnessSchema,
  statePredictionSchema,
  unitRange,
} from "./rate-terms.ts";
import { targetRatesDenominator, targetRatesSchema } from "./target-rates-term.ts";
import type { LossContext } from "./term.ts";
import {
  spectralNormSchema,
  weightDenominator,
  weightL1Schema,
  weightL2Schema,
  weightNormSchema,
  wiringCostSchema,
} from "./weight-terms.ts";

/** One term of a loss, as it stands in a configuration. */
export const lossSchema = z.discriminatedUnion("type", [
  meanSquaredErrorSchema,
  crossEntropySchema,
  binaryCrossEntropySchema,
  cosineSchema,
  rateL1Schema,
  rateL2Schema,
  rateSmoothnessSchema,
  statePredictionSchema,
  rateEntropySchema,
  hebbianSchema,
  drivePenaltySchema,
  omegaSchema,
  meanRateSchema,
  rateSpreadSchema,
  targetRatesSchema,
  populationKLSchema,
  weightL1Schema,
  weightL2Schema,
  weightNormSchema,
  wiringCostSchema,
  spectralNormSchema,
  customSchema,
]);
/** The last of the sixteen places in a step's record is the gradient's norm. */
export const mostLossTerms = 15;
export const lossListSchema = z
  .array(lossSchema)
  .min(1)
  .max(mostLossTerms, `must have at most ${mostLossTerms} terms`)
  .refine(
    (terms) => terms.filter(({ type }) => type === "targetRates").length < 2,
    "must have targetRates only once: trials bring one set of recorded rates",
  );

/** One term of a loss: plain data. The value reported for a term includes its weight. */
export type Loss = z.output<typeof lossSchema>;
/** One term of a loss as a person may write it. */
export type LossInput = z.input<typeof lossSchema>;

/** Fills in defaults and checks a list of terms. @throws ConfigError, and ValueError for a custom term's wrong slope. */
export function checkLosses(losses: readonly LossInput[], label = "loss"): Loss[] {
  const checked = parseWith(lossListSchema, losses, label);
  checkCustomTerms(checked);
  return checked;
}

/** A name for every term: its own, or else its type, numbered where it comes more than once. */
export function lossNames(losses: readonly Loss[]): string[] {
  const names: string[] = [];
  for (const loss of losses) {
    const name = loss.name ?? loss.type;
    let [unique, count] = [name, 1];
    while (names.includes(unique)) {
      count += 1;
      unique = `${name}${count}`;
    }
    names.push(unique);
  }
  return names;
}

/**
 * The factor that the kernels of a term apply: its weight over its denominator.
 * @throws ValueError where the denominator is a mask's sum and that is not positive, units or entries lie outside the
 * network, the trials are too short or too few for a term that compares steps or trials, or bring no recordings, or
 * targets of a cross-entropy are no probabilities;
 * ShapeError where there are not as many recorded units as the term says.
 */
export function lossScale(loss: Loss, context: LossContext): number {
  switch (loss.type) {
    case "meanSquaredError":
    case "crossEntropy":
    case "binaryCrossEntropy":
    case "cosine":
      return loss.weight / outputDenominator(loss, context);
    case "rateL1":
    case "rateL2":
    case "rateSmoothness":
    case "statePrediction":
    case "rateEntropy":
      return loss.weight / rateDenominator(loss, context);
    case "hebbian":
      return loss.weight / (context.steps * context.batch);
    case "drivePenalty": {
      const { first, end } = unitRange(loss, context.hidden);
      return loss.weight / (context.steps * context.batch * (end - first));
    }
    case "omega":
    case "meanRate":
    case "rateSpread":
      return loss.weight;
    case "targetRates":
      return loss.weight / targetRatesDenominator(loss, context);
    case "populationKL":
      return loss.weight / populationDenominator(loss, context);
    case "weightL1":
    case "weightL2":
    case "weightNorm":
    case "wiringCost":
    case "spectralNorm":
      return loss.weight / weightDenominator(loss, context);
    case "custom":
      return loss.weight / (loss.on === "rates" ? rateDenominator(loss, context) : outputDenominator(loss, context));
  }
}

/** Whether a term acts on the outputs, on the rates, or on the weights; of one on both, the rates. */
export function lossSubject(loss: Loss): "outputs" | "rates" | "weights" {
  switch (loss.type) {
    case "meanSquaredError":
    case "crossEntropy":
    case "binaryCrossEntropy":
    case "cosine":
      return "outputs";
    case "rateL1":
    case "rateL2":
    case "rateSmoothness":
    case "statePrediction":
    case "rateEntropy":
    case "hebbian":
    case "drivePenalty":
    case "meanRate":
    case "rateSpread":
    case "targetRates":
    case "populationKL":
      return "rates";
    case "omega":
    case "weightL1":
    case "weightL2":
    case "weightNorm":
    case "wiringCost":
    case "spectralNorm":
      return "weights";
    case "custom":
      return loss.on;
  }
}

/** The matrix that a term's gradient reaches directly, rather than through the activity. */
export function lossMatrix(loss: Loss): WeightName | undefined {
  const { type } = loss;
  if (type === "hebbian" || type === "wiringCost" || type === "drivePenalty" || type === "omega") return "weightHH";
  return "matrix" in loss ? loss.matrix : undefined;
}

/** Whether a term is computed from the gradients that the others leave, so that it comes after the backward pass. */
export function comesAfterBackward(loss: Loss): loss is Extract<Loss, { type: "omega" }> {
  return loss.type === "omega";
}
