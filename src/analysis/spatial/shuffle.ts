import { ShapeError, ValueError } from "../../errors.ts";
import type { Random } from "../../random.ts";
import { checkCount } from "../../structure/options.ts";
import { checkSeries } from "../series.ts";

export interface ShuffleOptions {
  /** Draws the shifts. */
  readonly random: Random;
  /** 200 unless given. */
  readonly shuffles?: number;
  /** 95 unless given. */
  readonly percentile?: number;
  /** Fewest steps of a shift, either way; a tenth of the series unless given. */
  readonly leastShift?: number;
}

/** A score and what it is by chance. */
export interface ShuffledScore {
  readonly score: number;
  /** The percentile of the scores by chance. */
  readonly threshold: number;
  /** Share of shuffles that reach the score, (1 + those) / (1 + shuffles). */
  readonly pValue: number;
  /** [shuffles], in rising order. */
  readonly scores: Float64Array;
}

/**
 * The threshold of a score: the activity of a unit is shifted in time, around its end, against what the animal did, many
 * times, and scored again (Langston et al. 2010). A shift keeps the activity's own structure in time.
 * @param rates of one unit in one trial, [steps].
 * @param scoreOf a score of such activity, `(rates) => gridScore(mapOf(rateMaps(…), 0)).score60`; it must be a number.
 * @throws ShapeError, ValueError
 */
export function shuffledScore(
  rates: ArrayLike<number>,
  scoreOf: (rates: Float64Array) => number,
  options: ShuffleOptions,
): ShuffledScore {
  const label = "shuffledScore";
  checkSeries(rates, label, 3);
  const own = Float64Array.from(rates);
  const steps = own.length;
  const { shuffles = 200, percentile = 95, leastShift = Math.max(1, Math.floor(steps / 10)) } = options;
  checkCount(`${label}: shuffles`, shuffles);
  if (!(percentile >= 0 && percentile <= 100))
    throw new ValueError(`${label}: percentile: expected a number from 0 to 100, got ${percentile}.`);
  if (!Number.isInteger(leastShift) || leastShift < 1 || 2 * leastShift > steps)
    throw new ShapeError(`${label}: leastShift: expected 1 to ${Math.floor(steps / 2)} steps, got ${leastShift}.`);
  const checked = (value: number): number => {
    if (Number.isFinite(value)) return value;
    throw new ValueError(`${label}: the score is ${value}; expected a finite number.`);
  };
  const score = checked(scoreOf(own));
  const scores = Float64Array.from({ length: shuffles }, () => {
    const shift = leastShift + options.random.integer(steps - 2 * leastShift + 1);
    const shifted = new Float64Array(steps);
    shifted.set(own.subarray(steps - shift));
    shifted.set(own.subarray(0, steps - shift), shift);
    return checked(scoreOf(shifted));
  }).sort();
  const reached = scores.filter((value) => value >= score).length;
  return { score, threshold: percentileOf(scores, percentile), pValue: (1 + reached) / (1 + shuffles), scores };
}

/** Between two values in proportion, as NumPy's. */
function percentileOf(sorted: Float64Array, percentile: number): number {
  const place = (percentile / 100) * (sorted.length - 1);
  const below = Math.floor(place);
  const [low, high] = [sorted[below] as number, sorted[Math.min(sorted.length - 1, below + 1)] as number];
  return low + (place - below) * (high - low);
}
