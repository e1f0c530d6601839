import { z } from "zod";
import { common, parseTerm } from "./term.ts";

/** Whether the mean is of the rate or of its absolute value. */
const of = z.enum(["rate", "absoluteRate"]).default("rate");

export const meanRateSchema = z.strictObject({
  type: z.literal("meanRate"),
  ...common,
  /** `l2`: mean over units of μ². `l1`: of |μ|. */
  metric: z.enum(["l1", "l2"]).default("l2"),
});
export type MeanRate = z.output<typeof meanRateSchema>;

export const spreadMetrics = ["sd", "cv", "meanDeviation", "maxDeviation"] as const;

export const rateSpreadSchema = z.strictObject({
  type: z.literal("rateSpread"),
  ...common,
  /** sd; sd / mean; mean |μ - mean μ|; max |μ - mean μ|. */
  metric: z.enum(spreadMetrics).default("sd"),
  of,
  /** `unit`: one mean for each unit, over time and trials. `trialUnit`: one for each unit in each trial, over time. */
  per: z.enum(["unit", "trialUnit"]).default("unit"),
  /** Spread of the squared means, as the sd of nn4n 1.0.3 and 1.1.1 has it. */
  squared: z.boolean().default(false),
  /** The sd divides by N - correction: 1 (every version of nn4n) or 0 (as its documentation prints). */
  correction: z.union([z.literal(0), z.literal(1)]).default(1),
});
export type RateSpread = z.output<typeof rateSpreadSchema>;

/** weight · mean over units of μ² or |μ|, μ the mean rate over time and trials (nn4n's λ_fr, FiringRateLoss). */
export function meanRate(options: Omit<z.input<typeof meanRateSchema>, "type"> = {}): MeanRate {
  return parseTerm(meanRateSchema, "meanRate", options);
}

/**
 * weight · how much mean rates differ across units (nn4n's FiringRateDistLoss, λ_fr_sd, λ_fr_cv). nn4n 1.2.0: sd of the
 * rate, cv of the absolute rate; 1.0.3: sd with `squared`, cv of the absolute rate per `trialUnit`.
 */
export function rateSpread(options: Omit<z.input<typeof rateSpreadSchema>, "type"> = {}): RateSpread {
  return parseTerm(rateSpreadSchema, "rateSpread", options);
}
