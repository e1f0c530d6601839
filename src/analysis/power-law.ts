import { ShapeError, ValueError } from "../errors.ts";
import { findRoot } from "./numeric.ts";
import { powerSums } from "./power-sums.ts";

/** Distinct values, rising, and how often each was seen. */
export interface Counted {
  readonly values: Float64Array;
  readonly counts: Float64Array;
}

/** Where a power law is looked for. */
export interface PowerLawOptions {
  /** Smallest value of the law, or the range in which the fit chooses it; default: any value that was seen. */
  readonly xMin?: number | { readonly from: number; readonly to: number };
  /** Largest value of the law; values above are left out. Default: none. */
  readonly xMax?: number;
  /** Exponents that are possible. Default 1.0001 to 12 without an `xMax`, 0 to 12 with one. */
  readonly exponents?: readonly [number, number];
  /** At least so many values must be left; default 50 where `xMin` is chosen, else 2. */
  readonly leastTail?: number;
  /** At most so many values of `xMin` are tried, evenly among those that are possible; default 100. */
  readonly candidates?: number;
}

/** p(k) = k^-α / Σ_{xMin}^{xMax} j^-α, fitted. */
export interface PowerLawFit {
  readonly exponent: number;
  /** 1 / √(n Var(ln k)) under the law; meaningless at an edge. */
  readonly standardError: number;
  readonly xMin: number;
  readonly xMax: number;
  /** How many values lie from `xMin` to `xMax`. */
  readonly count: number;
  /** Largest distance of the two cumulative distributions (Kolmogorov–Smirnov). */
  readonly distance: number;
  readonly logLikelihood: number;
  /** Set where the likelihood still rises at an end of the exponents that are possible: no power law there. */
  readonly edge: "low" | "high" | undefined;
}

/**
 * The exponent of a discrete power law by maximum likelihood, log L(α) = -n ln Σ k^-α - α Σ ln x, exact and not by the
 * continuous approximation; `xMin` is what makes the Kolmogorov–Smirnov distance smallest (Clauset, Shalizi, Newman 2009).
 * @param values positive whole numbers, such as durations of avalanches, or sizes over a whole threshold.
 * @throws ShapeError, ValueError naming the first wrong value or option, or where too few values are left.
 */
export function fitPowerLaw(values: ArrayLike<number>, options: PowerLawOptions = {}): PowerLawFit {
  const best = findPowerLaw(values, options);
  if (best === undefined)
    throw new ValueError(
      `fitPowerLaw: no xMin leaves ${leastTailOf(options)} values of at least two kinds of the ${values.length} given; give more, or another xMin, xMax or leastTail.`,
    );
  return best;
}

/** As {@link fitPowerLaw}, but `undefined` where too few values are left. @throws ShapeError, ValueError */
export function findPowerLaw(values: ArrayLike<number>, options: PowerLawOptions): PowerLawFit | undefined {
  const counted = countValues(values, options.xMax ?? Number.POSITIVE_INFINITY);
  checkOptions(options);
  return bestFit(counted, options);
}

/** Counts values, those above `xMax` left out. @throws ShapeError, ValueError */
export function countValues(values: ArrayLike<number>, xMax: number): Counted {
  if (values.length === 0) throw new ShapeError("fitPowerLaw: expected at least two values, got none.");
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] as number;
    if (!Number.isSafeInteger(value) || value < 1)
      throw new ValueError(
        `fitPowerLaw: value ${index} is ${value}; expected a positive whole number. Take avalanches with a whole threshold (whole: true).`,
      );
  }
  const sorted = Float64Array.from(values)
    .filter((value) => value <= xMax)
    .sort();
  const distinct = sorted.filter((value, index) => value !== sorted[index - 1]);
  const counts = new Float64Array(distinct.length);
  let place = 0;
  for (const value of sorted) {
    if (value !== distinct[place]) place += 1;
    counts[place] = (counts[place] as number) + 1;
  }
  return { values: distinct, counts };
}

function checkOptions({
  xMin,
  xMax = Number.POSITIVE_INFINITY,
  exponents,
  leastTail = 2,
  candidates = 1,
}: PowerLawOptions): void {
  const whole = (name: string, value: number, least: number): void => {
    if (!Number.isSafeInteger(value) || value < least)
      throw new ValueError(`fitPowerLaw: ${name}: expected a whole number from ${least} on, got ${value}.`);
  };
  const from = typeof xMin === "object" ? xMin.from : (xMin ?? 1);
  whole("xMin", from, 1);
  if (typeof xMin === "object") whole("xMin.to", xMin.to, from);
  if (xMax !== Number.POSITIVE_INFINITY) whole("xMax", xMax, from + 1);
  whole("leastTail", leastTail, 2);
  whole("candidates", candidates, 1);
  if (exponents === undefined) return;
  const least = xMax === Number.POSITIVE_INFINITY ? 1 : Number.NEGATIVE_INFINITY;
  if (!(exponents[0] > least && exponents[1] > exponents[0] && exponents[1] <= 50))
    throw new ValueError(
      `fitPowerLaw: exponents: expected two rising numbers${least === 1 ? " above 1 where there is no xMax" : ""}, at most 50, got ${exponents.join(", ")}.`,
    );
}

function leastTailOf({ leastTail, xMin }: PowerLawOptions): number {
  return leastTail ?? (typeof xMin === "number" ? 2 : 50);
}

/** The fit whose distance is smallest; one whose exponent is at an edge only if there is no other. */
export function bestFit(counted: Counted, options: PowerLawOptions): PowerLawFit | undefined {
  const { values, counts } = counted;
  const { xMin, candidates = 100 } = options;
  const least = leastTailOf(options);
  const starts: number[] = [];
  let tail = 0;
  for (let place = values.length - 1; place >= 0; place -= 1) {
    tail += counts[place] as number;
    const value = values[place] as number;
    const wanted = typeof xMin !== "object" || (value >= xMin.from && value <= xMin.to);
    // A single kind of value has no exponent.
    if (tail >= least && wanted && place < values.length - 1) starts.unshift(place);
  }
  if (typeof xMin === "number") {
    const place = values.findIndex((value) => value >= xMin);
    return place >= 0 && starts.includes(place) ? fitFrom(counted, place, xMin, options) : undefined;
  }
  let best: PowerLawFit | undefined;
  const tried = Math.min(candidates, starts.length);
  for (let turn = 0; turn < tried; turn += 1) {
    const place = starts[Math.floor((turn * starts.length) / tried)] as number;
    const limit = best === undefined || best.edge !== undefined ? 2 : best.distance;
    const fit = fitFrom(counted, place, values[place] as number, options, limit);
    if (best === undefined || (fit.edge === undefined && (best.edge !== undefined || fit.distance < best.distance)))
      best = fit;
  }
  return best;
}

function fitFrom(counted: Counted, place: number, xMin: number, options: PowerLawOptions, limit = 2): PowerLawFit {
  const { xMax = Number.POSITIVE_INFINITY } = options;
  const [low, high] = options.exponents ?? [xMax === Number.POSITIVE_INFINITY ? 1.0001 : 0, 12];
  let [count, logs] = [0, 0];
  for (let index = place; index < counted.values.length; index += 1) {
    count += counted.counts[index] as number;
    logs += (counted.counts[index] as number) * Math.log(counted.values[index] as number);
  }
  const meanLog = (exponent: number): number => {
    const sums = powerSums(exponent, xMin, xMax);
    return sums.logs / sums.total;
  };
  // ⟨ln k⟩ falls with α, about as ln xMin + 1 / (α - 1), so that this is about a straight line in α.
  const logMin = Math.log(xMin);
  const excess = logs / count - logMin;
  const score = (exponent: number): number => 1 / Math.max(meanLog(exponent) - logMin, 1e-300) - 1 / excess;
  const edge = score(low) >= 0 ? "low" : score(high) <= 0 ? "high" : undefined;
  const exponent = edge === "low" ? low : edge === "high" ? high : findRoot(score, low, high);
  const h = 1e-4 * Math.max(exponent - 1, 0.1);
  const variance = (meanLog(exponent - h) - meanLog(exponent + h)) / (2 * h);
  const { total } = powerSums(exponent, xMin, xMax);
  return {
    ...{ exponent, xMin, xMax, count, edge },
    standardError: 1 / Math.sqrt(count * variance),
    distance: distanceOf(counted, place, count, { exponent, xMin, xMax }, limit),
    logLikelihood: -count * Math.log(total) - exponent * (logs - count * logMin),
  };
}

/** sup |S - P| over all whole numbers, or any value above `limit` as soon as it is passed. */
function distanceOf(
  { values, counts }: Counted,
  place: number,
  count: number,
  { exponent, xMin, xMax }: { readonly exponent: number; readonly xMin: number; readonly xMax: number },
  limit: number,
): number {
  const { total } = powerSums(exponent, xMin, xMax);
  let [seen, law, next, distance] = [0, 0, xMin, 0];
  const logMin = Math.log(xMin);
  for (let index = place; index < values.length && distance <= limit; index += 1) {
    const value = values[index] as number;
    if (value > next) law += powerSums(exponent, next, value - 1, xMin).total;
    // Just before a step of S, and on it.
    distance = Math.max(distance, Math.abs(law / total - seen / count));
    law += Math.exp(-exponent * (Math.log(value) - logMin));
    seen += counts[index] as number;
    distance = Math.max(distance, Math.abs(law / total - seen / count));
    next = value + 1;
  }
  return distance;
}
