import { z } from "zod";
import { parseWith } from "../io/config.ts";
import { meanSquaredErrorSchema, outputDenominator } from "./output-terms.ts";
import { rateL2Schema } from "./rate-terms.ts";
import type { LossContext } from "./term.ts";

export { meanSquaredError } from "./output-terms.ts";
export { rateL2 } from "./rate-terms.ts";

/** One term of a loss, as it stands in a configuration. */
export const lossSchema = z.discriminatedUnion("type", [meanSquaredErrorSchema, rateL2Schema]);
/** The last of the eight places in a step's record is the gradient's norm. */
export const mostLossTerms = 7;
export const lossListSchema = z.array(lossSchema).min(1).max(mostLossTerms, `must have at most ${mostLossTerms} terms`);

/** One term of a loss: plain data. The value reported for a term includes its weight. */
export type Loss = z.output<typeof lossSchema>;
/** One term of a loss as a person may write it. */
export type LossInput = z.input<typeof lossSchema>;

/** Fills in defaults and checks a list of terms. @throws ConfigError */
export function checkLosses(losses: readonly LossInput[], label = "loss"): Loss[] {
  return parseWith(lossListSchema, losses, label);
}

/** A name for every term: its type, numbered where a type comes more than once. */
export function lossNames(losses: readonly Loss[]): string[] {
  return losses.map(({ type }, index) => {
    const before = losses.slice(0, index).filter((other) => other.type === type).length;
    return before === 0 ? type : `${type}${before + 1}`;
  });
}

/**
 * The factor that the kernels of a term apply: its weight over its denominator.
 * @throws ValueError where the denominator is the mask's sum and that is not positive.
 */
export function lossScale(loss: Loss, context: LossContext): number {
  switch (loss.type) {
    case "meanSquaredError":
      return loss.weight / outputDenominator(loss, context);
    case "rateL2":
      return loss.weight / (context.steps * context.batch * context.hidden);
  }
}

/** Whether a term acts on the outputs, on the rates, or on the weights. */
export function lossSubject(loss: Loss): "outputs" | "rates" | "weights" {
  switch (loss.type) {
    case "meanSquaredError":
      return "outputs";
    case "rateL2":
      return "rates";
  }
}
