import { z } from "zod";
import { ValueError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import { type LossContext, weight } from "./term.ts";

export const meanSquaredErrorSchema = z.strictObject({
  type: z.literal("meanSquaredError"),
  weight,
  /**
   * `elements`: sum of (m e)² over the number of elements T·B·O, masked ones included (PsychRNN).
   * `mask`: sum of m e² over the sum of the mask (pycog).
   */
  denominator: z.enum(["elements", "mask"]).default("elements"),
});
export type MeanSquaredError = z.output<typeof meanSquaredErrorSchema>;

/** Squared error between outputs and targets under the trial mask; e = y - target. */
export function meanSquaredError(
  options: { readonly weight?: number; readonly denominator?: "elements" | "mask" } = {},
): MeanSquaredError {
  return parseWith(meanSquaredErrorSchema, { type: "meanSquaredError", ...options }, "meanSquaredError");
}

/**
 * The denominator of a term on the outputs.
 * @throws ValueError where it is the mask's sum and that is not positive.
 */
export function outputDenominator(
  { type, denominator }: { readonly type: string; readonly denominator: "elements" | "mask" },
  { steps, batch, outputs, mask }: LossContext,
): number {
  if (denominator === "elements" || mask === undefined) return steps * batch * outputs;
  let sum = 0;
  for (const value of mask) sum += value;
  if (sum > 0) return sum;
  throw new ValueError(`${type} with denominator "mask": the trial mask sums to ${sum}; it must leave something in.`);
}
