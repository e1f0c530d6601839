import { z } from "zod";
import { ValueError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import type { Sizes } from "../ops/layout.ts";

const weight = z.number().nonnegative().default(1);

const meanSquaredErrorSchema = z.strictObject({
  type: z.literal("meanSquaredError"),
  /** Factor on the term. */
  weight,
  /**
   * `elements`: sum of (m e)² over the number of elements T·B·O, masked ones included (PsychRNN).
   * `mask`: sum of m e² over the sum of the mask (pycog).
   */
  denominator: z.enum(["elements", "mask"]).default("elements"),
});

const rateL2Schema = z.strictObject({ type: z.literal("rateL2"), weight });

/** One term of a loss, as it stands in a configuration. */
export const lossSchema = z.discriminatedUnion("type", [meanSquaredErrorSchema, rateL2Schema]);
/** The last of the eight places in a step's record is the gradient's norm. */
export const mostLossTerms = 7;
export const lossListSchema = z.array(lossSchema).min(1).max(mostLossTerms, `must have at most ${mostLossTerms} terms`);

/** One term of a loss: plain data. The value reported for a term includes its weight. */
export type Loss = z.output<typeof lossSchema>;
/** One term of a loss as a person may write it. */
export type LossInput = z.input<typeof lossSchema>;

/** Squared error between outputs and targets under the trial mask; e = y - target. */
export function meanSquaredError(
  options: { readonly weight?: number; readonly denominator?: "elements" | "mask" } = {},
): Loss {
  return parseWith(meanSquaredErrorSchema, { type: "meanSquaredError", ...options }, "meanSquaredError");
}

/** weight · mean over time, trials and units of r² (PsychRNN's L2_firing_rate). */
export function rateL2(weight: number): Loss {
  return parseWith(rateL2Schema, { type: "rateL2", weight }, "rateL2");
}

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
 * The factor that the kernel of a term applies: weight over denominator.
 * @param mask the trial mask [T, B, O] of one replica; absent = all 1.
 * @throws ValueError where the denominator is the mask's sum and that is not positive.
 */
export function lossScale(loss: Loss, sizes: Sizes, mask: Float32Array | undefined): number {
  const rows = sizes.steps * sizes.batch;
  if (loss.type === "rateL2") return loss.weight / (rows * sizes.hidden);
  if (loss.denominator === "elements" || mask === undefined) return loss.weight / (rows * sizes.outputs);
  let sum = 0;
  for (const value of mask) sum += value;
  if (!(sum > 0)) {
    throw new ValueError(
      `meanSquaredError with denominator "mask": the trial mask sums to ${sum}; it must leave something in.`,
    );
  }
  return loss.weight / sum;
}
