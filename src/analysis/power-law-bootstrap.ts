import { ValueError } from "../errors.ts";
import type { Random } from "../random.ts";
import { bestFit, countValues, fitPowerLaw, type PowerLawFit, type PowerLawOptions } from "./power-law.ts";
import { powerSums } from "./power-sums.ts";

/** How well a power law fits. */
export interface GoodnessOfFit {
  /** Share of the data sets made by the law itself that lie as far from their own fit; below 0.1 the law is doubtful. */
  readonly p: number;
  /** √(p (1 - p) / samples) */
  readonly standardError: number;
  readonly samples: number;
  readonly fit: PowerLawFit;
}

/**
 * The goodness of a power law by the semi-parametric bootstrap of Clauset, Shalizi and Newman (2009, section 4.1): data sets
 * of the same length, of the law from xMin on and of the data's own values below, each fitted as the data were, xMin chosen
 * anew.
 * @param options as of {@link fitPowerLaw}, and how many `samples` (default 1000; 2500 give p to 0.01).
 * @throws as fitPowerLaw; ValueError for `samples`.
 */
export function powerLawGoodness(
  values: ArrayLike<number>,
  random: Random,
  { samples = 1000, ...options }: PowerLawOptions & { readonly samples?: number } = {},
): GoodnessOfFit {
  if (!Number.isInteger(samples) || samples < 1)
    throw new ValueError(`powerLawGoodness: samples: expected a positive integer, got ${samples}.`);
  const fit = fitPowerLaw(values, options);
  const kept = Float64Array.from(values).filter((value) => value <= fit.xMax);
  const below = kept.filter((value) => value < fit.xMin);
  const draw = powerLawSampler(fit);
  let [further, made] = [0, 0];
  const sample = new Float64Array(kept.length);
  for (let turn = 0; turn < samples; turn += 1) {
    for (let index = 0; index < sample.length; index += 1)
      sample[index] =
        random.integer(kept.length) < below.length ? (below[random.integer(below.length)] as number) : draw(random);
    const refit = bestFit(countValues(sample, fit.xMax), options);
    // A sample of too few kinds of value has no fit, and says nothing.
    if (refit === undefined) continue;
    made += 1;
    if (refit.distance >= fit.distance) further += 1;
  }
  if (made === 0) throw new ValueError("powerLawGoodness: no sample could be fitted; are there too few values?");
  const p = further / made;
  return { p, standardError: Math.sqrt((p * (1 - p)) / made), samples: made, fit };
}

const tableLength = 4096;

/**
 * Draws from a discrete power law by inverting its cumulative distribution: a table, and beyond it doubling and bisection
 * with exact sums. Values above 2⁵² (a law with α close to 1 and no xMax has them) are given as 2⁵².
 * @throws ValueError
 */
export function powerLawSampler({
  exponent,
  xMin,
  xMax = Number.POSITIVE_INFINITY,
}: {
  readonly exponent: number;
  readonly xMin: number;
  readonly xMax?: number;
}): (random: Random) => number {
  if (!Number.isSafeInteger(xMin) || xMin < 1 || !(xMax >= xMin))
    throw new ValueError(`powerLawSampler: expected whole numbers 1 ≤ xMin ≤ xMax, got ${xMin} and ${xMax}.`);
  if (!Number.isFinite(exponent) || (xMax === Number.POSITIVE_INFINITY && exponent <= 1))
    throw new ValueError(
      `powerLawSampler: exponent: expected a number above 1 where there is no xMax, got ${exponent}.`,
    );
  const { total } = powerSums(exponent, xMin, xMax);
  const length = Math.min(tableLength, xMax - xMin + 1);
  // Chance of a value of at least xMin + index.
  const survival = new Float64Array(length + 1);
  for (let index = 0, left = total; index <= length; index += 1) {
    survival[index] = left / total;
    left -= ((xMin + index) / xMin) ** -exponent;
  }
  const end = xMin + length;
  if (end > xMax) survival[length] = 0;
  const beyond = (value: number): number => powerSums(exponent, value, xMax, xMin).total / total;
  const largest = Math.min(xMax, 2 ** 52);
  return (random) => {
    // 48 bits, in (0, 1].
    const left = 1 - (random.uniform() + random.uniform() * 2 ** -24);
    if (left > (survival[length] as number)) {
      let [low, high] = [0, length];
      while (high - low > 1) {
        const middle = (low + high) >>> 1;
        if ((survival[middle] as number) >= left) low = middle;
        else high = middle;
      }
      return xMin + low;
    }
    let [low, high] = [end, Math.min(2 * end, largest)];
    while (high < largest && beyond(high) >= left) [low, high] = [high, Math.min(2 * high, largest)];
    if (high === largest && beyond(high) >= left) return largest;
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2);
      if (beyond(middle) >= left) low = middle;
      else high = middle;
    }
    return low;
  };
}
