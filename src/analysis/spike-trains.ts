import { ShapeError, ValueError } from "../errors.ts";
import { checkSeries, momentsOf } from "./series.ts";

/** Steps in which a unit is active, rising. @param train 0 or 1, [steps]. @throws ShapeError, ValueError */
export function spikeTimes(train: ArrayLike<number>): Uint32Array {
  checkSeries(train, "spikeTimes");
  const times: number[] = [];
  for (let step = 0; step < train.length; step += 1) {
    if (train[step] !== 0 && train[step] !== 1)
      throw new ValueError(`spikeTimes: step ${step} is ${train[step]}; expected 0 or 1.`);
    if (train[step] === 1) times.push(step);
  }
  return Uint32Array.from(times);
}

/** Steps from each spike to the next, [spikes - 1]. @param train 0 or 1, [steps]. @throws ShapeError, ValueError */
export function interspikeIntervals(train: ArrayLike<number>): Uint32Array {
  const times = spikeTimes(train);
  return times.slice(1).map((time, index) => time - (times[index] as number));
}

/**
 * Standard deviation over mean of the intervals between spikes (over n - 1): 0 for a clock, 1 for a Poisson process, and
 * √(1 - p) for a spike in each step with probability p. `undefined` with fewer than three spikes.
 * @param train 0 or 1, [steps].
 * @throws ShapeError, ValueError
 */
export function coefficientOfVariation(train: ArrayLike<number>): number | undefined {
  const intervals = interspikeIntervals(train);
  if (intervals.length < 2) return undefined;
  const { mean, sampleVariance } = momentsOf(intervals);
  return Math.sqrt(sampleVariance) / mean;
}

/** Counts of spikes in windows. */
export interface FanoFactor {
  readonly windows: number;
  readonly mean: number;
  readonly variance: number;
  /** Variance over mean: 1 for a Poisson process; `undefined` without a spike. */
  readonly fano: number | undefined;
}

/**
 * Variance over mean of the counts in windows beside each other; steps after the last whole window are left out.
 * @param train counts of each step, [steps]: of one unit or of a population.
 * @param options.window steps of a window. @param options.compat sorn's fanofactor: `window` is the number of windows,
 * which must divide the steps, and the variance is over n and not n - 1.
 * @throws ShapeError for fewer than two windows, ValueError
 */
export function fanoFactor(
  train: ArrayLike<number>,
  { window, compat = false }: { readonly window: number; readonly compat?: boolean },
): FanoFactor {
  checkSeries(train, "fanoFactor");
  if (!Number.isInteger(window) || window < 1)
    throw new ValueError(`fanoFactor: window: expected a positive integer, got ${window}.`);
  const size = compat ? train.length / window : window;
  if (!Number.isInteger(size))
    throw new ShapeError(`fanoFactor: compat: ${train.length} steps cannot be split into ${window} windows.`);
  const windows = Math.floor(train.length / size);
  if (windows < 2)
    throw new ShapeError(`fanoFactor: expected at least two windows of ${size} steps, got ${train.length} steps.`);
  const counts = new Float64Array(windows);
  for (let step = 0; step < windows * size; step += 1) {
    const place = Math.floor(step / size);
    counts[place] = (counts[place] as number) + (train[step] as number);
  }
  const { mean, variance, sampleVariance } = momentsOf(counts);
  const chosen = compat ? variance : sampleVariance;
  return { windows, mean, variance: chosen, fano: mean > 0 ? chosen / mean : undefined };
}
