import { z } from "zod";
import { ValueError } from "../errors.ts";
import type { CustomRateTerm } from "./custom-term.ts";
import { common, type LossContext, parseTerm } from "./term.ts";

/** The units a term is about, [first, one past the last]; absent = all. An area's `[start, end]` fits. */
export const units = z
  .tuple([z.int().nonnegative(), z.int().positive()])
  .refine(([first, end]) => first < end, "must be [first unit, one past the last unit]")
  .optional();

export const rateL1Schema = z.strictObject({ type: z.literal("rateL1"), ...common, units });
export const rateL2Schema = z.strictObject({ type: z.literal("rateL2"), ...common, units });
export const rateSmoothnessSchema = z.strictObject({ type: z.literal("rateSmoothness"), ...common, units });

export const statePredictionSchema = z.strictObject({
  type: z.literal("statePrediction"),
  ...common,
  units,
  /** Time steps from a state to the one it should resemble. */
  tau: z.int().positive().default(1),
});

export const rateEntropySchema = z.strictObject({
  type: z.literal("rateEntropy"),
  ...common,
  units,
  /** Factor on the sum of r² within the term (nn4n's `reg`). */
  squareWeight: z.number().nonnegative().default(10),
});

export type RateL1 = z.output<typeof rateL1Schema>;
export type RateL2 = z.output<typeof rateL2Schema>;
export type RateSmoothness = z.output<typeof rateSmoothnessSchema>;
export type StatePrediction = z.output<typeof statePredictionSchema>;
export type RateEntropy = z.output<typeof rateEntropySchema>;
/** A term on the rates of every step. */
export type RateTerm = RateL1 | RateL2 | RateSmoothness | StatePrediction | RateEntropy;

type Options<Schema extends z.ZodType> = Omit<z.input<Schema>, "type">;

/** weight · mean over time, trials and units of |r|; the derivative at 0 is 0. @throws ConfigError */
export function rateL1(options: number | Options<typeof rateL1Schema> = {}): RateL1 {
  return parseTerm(rateL1Schema, "rateL1", withWeight(options));
}

/** weight · mean over time, trials and units of r² (PsychRNN's L2_firing_rate; metabolic cost). @throws ConfigError */
export function rateL2(options: number | Options<typeof rateL2Schema> = {}): RateL2 {
  return parseTerm(rateL2Schema, "rateL2", withWeight(options));
}

/** weight · mean over steps t ≥ 1, trials and units of (r[t] - r[t-1])²: {@link statePrediction} over one step. @throws ConfigError */
export function rateSmoothness(options: number | Options<typeof rateSmoothnessSchema> = {}): RateSmoothness {
  return parseTerm(rateSmoothnessSchema, "rateSmoothness", withWeight(options));
}

/**
 * weight · mean over steps t < T - tau, trials and units of (r[t] - r[t+tau])²: what nn4n's StatePredictionLoss means
 * (its code shifts the trials instead of time). The initial state has no part in it. @throws ConfigError
 */
export function statePrediction(options: Options<typeof statePredictionSchema> = {}): StatePrediction {
  return parseTerm(statePredictionSchema, "statePrediction", options);
}

/**
 * weight · mean over time and trials of -Σ_n p_n log(p_n + 1e-8) + squareWeight Σ_n r_n², with p = s / (Σ s + 1e-8) and
 * s = max(r, 0): low where few units carry the activity (nn4n's EntropyLoss, which is NaN for negative rates; here they
 * count only in the squares). @throws ConfigError
 */
export function rateEntropy(options: Options<typeof rateEntropySchema> = {}): RateEntropy {
  return parseTerm(rateEntropySchema, "rateEntropy", options);
}

function withWeight<Fields extends object>(options: number | Fields): Fields | { readonly weight: number } {
  return typeof options === "number" ? { weight: options } : options;
}

/** The units of a term: all, unless it names some. @throws ValueError where there are not so many. */
export function unitRange(
  { type, units: given }: { readonly type: string; readonly units?: readonly [number, number] | undefined },
  hidden: number,
): { readonly first: number; readonly end: number } {
  const [first, end] = given ?? [0, hidden];
  if (end <= hidden) return { first, end };
  throw new ValueError(`${type}: units [${first}, ${end}] reach past the last of the network's ${hidden} units.`);
}

/** The number of time steps between the two states that a term compares; 0 where it compares none. */
export function lagOf(term: RateTerm | CustomRateTerm): number {
  if (term.type === "statePrediction") return term.tau;
  return term.type === "rateSmoothness" ? 1 : 0;
}

/**
 * What the sum over a term's rates or rows is divided by.
 * @throws ValueError where units lie outside the network, or the trials are too short for a difference.
 */
export function rateDenominator(term: RateTerm | CustomRateTerm, { steps, batch, hidden }: LossContext): number {
  const { first, end } = unitRange(term, hidden);
  const lag = lagOf(term);
  if (steps <= lag) {
    throw new ValueError(
      `${term.type} compares rates ${lag} steps apart: trials need more than ${lag} steps, got ${steps}.`,
    );
  }
  return (steps - lag) * batch * (term.type === "rateEntropy" ? 1 : end - first);
}
