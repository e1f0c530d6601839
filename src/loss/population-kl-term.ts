import { z } from "zod";
import { ValueError } from "../errors.ts";
import { unitRange, units } from "./rate-terms.ts";
import { common, type LossContext, parseTerm } from "./term.ts";

const trialRange = z
  .tuple([z.int().nonnegative(), z.int().positive()])
  .refine(([first, end]) => first < end, "must be [first trial, one past the last trial]");

export const populationKLSchema = z.strictObject({
  type: z.literal("populationKL"),
  ...common,
  /** The trials of each set within a batch, [first, one past the last]; absent = the first and the second half. */
  sets: z.tuple([trialRange, trialRange]).optional(),
  units,
  /** The mean of KL(0 ‖ 1) and KL(1 ‖ 0); `false`: only KL(0 ‖ 1). */
  symmetric: z.boolean().default(true),
  /** Factor on the mean squared length of the rates, of each set (nn4n's `reg`). */
  squareWeight: z.number().nonnegative().default(1e-3),
  /** Over units, of the divergence alone. */
  reduction: z.enum(["mean", "sum"]).default("mean"),
  /** Added to every variance: a unit whose rate hardly varies counts as having a standard deviation of its root. */
  varianceFloor: z.number().min(1e-9).default(1e-4),
});
/** A term that compares the rates of two sets of trials. */
export type PopulationKL = z.output<typeof populationKLSchema>;

/**
 * weight · (mean or sum over units of KL + squareWeight Σ_s mean over trials and time of |r|²): how differently each unit
 * is active in two sets s of trials, as Gaussians over (trials, time) with means m_s and biased variances:
 * KL(0 ‖ 1) = ½ (log(v1/v0) + (v0 + (m0 - m1)²) / v1 - 1), v_s = variance + varianceFloor (nn4n's PopulationKL, which has
 * no floor and so is infinite or NaN once a unit is silent in a set). Which trials form a set is known by their place in
 * the batch: a batch drawn at random from a fixed set of trials has none. @throws ConfigError
 */
export function populationKL(options: Omit<z.input<typeof populationKLSchema>, "type"> = {}): PopulationKL {
  return parseTerm(populationKLSchema, "populationKL", options);
}

/** Trials from `first` to one before `end`. */
export interface TrialRange {
  readonly first: number;
  readonly end: number;
}

/** The two sets of a batch. @throws ValueError where it is too small for them, or has no halves. */
export function trialSets({ sets }: PopulationKL, batch: number): readonly [TrialRange, TrialRange] {
  if (sets === undefined) {
    const half = batch / 2;
    if (Number.isInteger(half) && half > 0) return [range([0, half]), range([half, batch])];
    throw new ValueError(
      `populationKL compares the halves of a batch: expected an even number of trials, got ${batch}. Name the sets otherwise: sets: [[first, end], [first, end]].`,
    );
  }
  const end = Math.max(sets[0][1], sets[1][1]);
  if (end <= batch) return [range(sets[0]), range(sets[1])];
  throw new ValueError(`populationKL: sets reach to trial ${end}, but a batch has ${batch}.`);
}

function range([first, end]: readonly [number, number]): TrialRange {
  return { first, end };
}

/**
 * What the divergences of all units are divided by.
 * @throws ValueError where units or trials lie outside the network or the batch.
 */
export function populationDenominator(term: PopulationKL, { hidden, batch }: LossContext): number {
  const { first, end } = unitRange(term, hidden);
  trialSets(term, batch);
  return term.reduction === "mean" ? end - first : 1;
}
