import { ValueError } from "../errors.ts";
import type { Avalanches } from "./avalanches.ts";
import { regress } from "./series.ts";

/** Mean size of the avalanches of each duration that occurs, by rising duration. */
export interface MeanSizes {
  readonly durations: Float64Array;
  readonly sizes: Float64Array;
  readonly counts: Float64Array;
}

/** ⟨S⟩(T). @throws ValueError without avalanches. */
export function meanSizes({ durations, sizes }: Pick<Avalanches, "durations" | "sizes">): MeanSizes {
  if (durations.length === 0 || durations.length !== sizes.length)
    throw new ValueError(
      `meanSizes: expected a size for each duration of at least one avalanche, got ${sizes.length} and ${durations.length}.`,
    );
  const sums = new Map<number, { sum: number; count: number }>();
  for (const [index, duration] of durations.entries()) {
    const entry = sums.get(duration) ?? { sum: 0, count: 0 };
    entry.sum += sizes[index] as number;
    entry.count += 1;
    sums.set(duration, entry);
  }
  const rows = [...sums].sort(([first], [second]) => first - second);
  return {
    durations: Float64Array.from(rows, ([duration]) => duration),
    sizes: Float64Array.from(rows, ([, { sum, count }]) => sum / count),
    counts: Float64Array.from(rows, ([, { count }]) => count),
  };
}

/**
 * γ of ⟨S⟩(T) ∝ T^γ: the slope of ln ⟨S⟩ on ln T, each duration weighted by its avalanches.
 * @param options.durations smallest and largest; default all. @param options.least leaves out durations with fewer
 * avalanches; default 1.
 * @throws ValueError where fewer than two durations are left, or a mean size is not above 0.
 */
export function sizeDurationExponent(
  found: Pick<Avalanches, "durations" | "sizes">,
  {
    durations: [from, to] = [1, Number.POSITIVE_INFINITY],
    least = 1,
  }: { readonly durations?: readonly [number, number]; readonly least?: number } = {},
): { readonly exponent: number; readonly standardError: number; readonly factor: number } {
  const { durations, sizes, counts } = meanSizes(found);
  const places = Array.from(durations.keys()).filter((place) => {
    const duration = durations[place] as number;
    return duration >= from && duration <= to && (counts[place] as number) >= least;
  });
  const wrong = places.find((place) => !((sizes[place] as number) > 0));
  if (wrong !== undefined)
    throw new ValueError(
      `sizeDurationExponent: avalanches of ${durations[wrong]} steps have a mean size of ${sizes[wrong]}; expected one above 0.`,
    );
  const pick = (values: Float64Array): Float64Array => Float64Array.from(places, (place) => values[place] as number);
  const line = regress(pick(durations).map(Math.log), pick(sizes).map(Math.log), pick(counts));
  if (places.length < 2 || line === undefined)
    throw new ValueError(
      `sizeDurationExponent: expected at least two durations from ${from} to ${to}, got ${places.length}.`,
    );
  return { exponent: line.slope, standardError: line.standardError, factor: Math.exp(line.intercept) };
}

/**
 * The crackling relation: at a critical point γ = (α - 1) / (τ - 1) (Sethna, Dahmen, Myers 2001).
 * @param exponents τ of sizes, α of durations, γ of sizes over durations.
 * @returns the γ that τ and α predict, and the measured one less it.
 * @throws ValueError for τ or α that is not above 1.
 */
export function cracklingRelation({
  size,
  duration,
  sizeDuration,
}: {
  readonly size: number;
  readonly duration: number;
  readonly sizeDuration: number;
}): { readonly predicted: number; readonly difference: number } {
  for (const [name, value] of Object.entries({ size, duration }))
    if (!(value > 1 && Number.isFinite(value)))
      throw new ValueError(`cracklingRelation: ${name}: expected an exponent above 1, got ${value}.`);
  if (!Number.isFinite(sizeDuration))
    throw new ValueError(`cracklingRelation: sizeDuration: expected a finite number, got ${sizeDuration}.`);
  const predicted = (duration - 1) / (size - 1);
  return { predicted, difference: sizeDuration - predicted };
}

/**
 * Mean course of avalanches of like duration, a(t) - θ at `points` equal parts of the time from 0 to T, times T^(1-γ): the
 * courses of all durations fall on one another at a critical point (Friedman et al. 2012).
 * @param activity the activity that the avalanches were found in. @param options.durations one course is made of each.
 * @param options.exponent γ; 1 leaves the heights as they are. @param options.points default 50.
 * @returns one course for each duration, [points], and how many avalanches it is the mean of.
 * @throws ValueError for a duration that does not occur.
 */
export function avalancheShapes(
  activity: ArrayLike<number>,
  { starts, durations, threshold }: Avalanches,
  options: { readonly durations: readonly number[]; readonly exponent?: number; readonly points?: number },
): readonly { readonly duration: number; readonly count: number; readonly course: Float64Array }[] {
  const { exponent = 1, points = 50 } = options;
  return options.durations.map((duration) => {
    const course = new Float64Array(points);
    let count = 0;
    for (const [index, start] of starts.entries()) {
      if (durations[index] !== duration) continue;
      if (start + duration > activity.length)
        throw new ValueError(
          `avalancheShapes: an avalanche ends at step ${start + duration}, the activity at ${activity.length}.`,
        );
      count += 1;
      for (let point = 0; point < points; point += 1) {
        const step = Math.floor(((point + 0.5) / points) * duration);
        course[point] = (course[point] as number) + (activity[start + step] as number) - threshold;
      }
    }
    if (count === 0) throw new ValueError(`avalancheShapes: no avalanche takes ${duration} steps.`);
    return { duration, count, course: course.map((height) => (height / count) * duration ** (1 - exponent)) };
  });
}
