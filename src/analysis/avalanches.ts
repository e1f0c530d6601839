import { ShapeError, ValueError } from "../errors.ts";
import { checkSeries } from "./series.ts";

/** Times of high activity: runs of steps with a(t) > θ. */
export interface Avalanches {
  readonly threshold: number;
  /** First step of each, [avalanches]. */
  readonly starts: Uint32Array;
  /** Steps, [avalanches]. */
  readonly durations: Uint32Array;
  /** [avalanches] */
  readonly sizes: Float64Array;
}

export interface AvalancheOptions {
  /**
   * θ: a number, half of the mean activity (default), the median, or a percentile (the lowest value that so many per cent
   * of the steps do not exceed).
   */
  readonly threshold?: number | "halfMean" | "median" | { readonly percentile: number };
  /**
   * Rounds θ down to a whole number. For whole activities the same steps are above it, and sizes are whole, as
   * `fitPowerLaw` needs. Default false.
   */
  readonly whole?: boolean;
  /** Σ (a - θ) (default), or Σ a. */
  readonly size?: "excess" | "activity";
  /**
   * Whether a run that has begun before the first step counts, whose beginning is not known. Default false. The last run, if
   * its end is not seen, never counts.
   */
  readonly first?: boolean;
}

/**
 * Avalanches of a population: each run of steps above the threshold, closed by the first step at or below it (Del Papa,
 * Priesemann, Triesch 2017).
 * @param activity active units or their share, [steps].
 * @throws ShapeError, ValueError
 */
export function avalanches(activity: ArrayLike<number>, options: AvalancheOptions = {}): Avalanches {
  checkSeries(activity, "avalanches");
  const { whole = false, size = "excess", first = false } = options;
  const given = thresholdOf(activity, options.threshold ?? "halfMean");
  const threshold = whole ? Math.floor(given) : given;
  const [starts, durations, sizes]: [number[], number[], number[]] = [[], [], []];
  let [start, sum] = [-1, 0];
  for (let step = 0; step < activity.length; step += 1) {
    const value = activity[step] as number;
    if (value > threshold) {
      if (start < 0) [start, sum] = [step, 0];
      sum += size === "excess" ? value - threshold : value;
    } else if (start >= 0) {
      if (start > 0 || first) {
        starts.push(start);
        durations.push(step - start);
        sizes.push(sum);
      }
      start = -1;
    }
  }
  return {
    threshold,
    starts: Uint32Array.from(starts),
    durations: Uint32Array.from(durations),
    sizes: Float64Array.from(sizes),
  };
}

/**
 * The avalanches of several networks together, one network's after another's; θ is that of all their activities.
 * @param activities [networks][steps]; they may have different numbers of steps.
 * @returns starts count from the first step of each network's own activity.
 * @throws ShapeError for no network, and as {@link avalanches}.
 */
export function pooledAvalanches(activities: readonly ArrayLike<number>[], options: AvalancheOptions = {}): Avalanches {
  return joinedAvalanches(avalanchesOfEach(activities, options));
}

/** The avalanches of each of several networks, by the θ of all. @throws ShapeError, ValueError as {@link pooledAvalanches}. */
export function avalanchesOfEach(
  activities: readonly ArrayLike<number>[],
  options: AvalancheOptions,
): readonly Avalanches[] {
  if (activities.length === 0) throw new ShapeError("pooledAvalanches: expected at least one network, got none.");
  const threshold = thresholdOf(joined(activities, Float64Array), options.threshold ?? "halfMean");
  return activities.map((activity) => avalanches(activity, { ...options, threshold }));
}

/** Avalanches that were found with one threshold, one list after another. */
export function joinedAvalanches(parts: readonly Avalanches[]): Avalanches {
  const all = <Values extends Float64Array | Uint32Array>(
    of: (part: Avalanches) => Values,
    Type: new (length: number) => Values,
  ): Values => joined(parts.map(of), Type);
  return {
    threshold: parts[0]?.threshold ?? Number.NaN,
    starts: all(({ starts }) => starts, Uint32Array),
    durations: all(({ durations }) => durations, Uint32Array),
    sizes: all(({ sizes }) => sizes, Float64Array),
  };
}

function joined<Values extends Float64Array | Uint32Array>(
  parts: readonly ArrayLike<number>[],
  Type: new (length: number) => Values,
): Values {
  const all = new Type(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

function thresholdOf(
  activity: ArrayLike<number>,
  threshold: number | "halfMean" | "median" | { readonly percentile: number },
): number {
  if (typeof threshold === "number") {
    if (!Number.isFinite(threshold))
      throw new ValueError(`avalanches: threshold: expected a finite number, got ${threshold}.`);
    return threshold;
  }
  const sorted = Float64Array.from(activity).sort();
  if (threshold === "halfMean") return sorted.reduce((sum, value) => sum + value, 0) / sorted.length / 2;
  const percentile = threshold === "median" ? 50 : threshold.percentile;
  if (!(percentile >= 0 && percentile <= 100))
    throw new ValueError(
      `avalanches: threshold: expected a number, "halfMean", "median" or a percentile of 0 to 100, got ${JSON.stringify(threshold)}.`,
    );
  return sorted[Math.max(0, Math.ceil((percentile / 100) * sorted.length) - 1)] as number;
}
