import { ShapeError, ValueError } from "../errors.ts";

/** @throws ShapeError for too few values, ValueError naming the first that is not finite. */
export function checkSeries(values: ArrayLike<number>, label: string, least = 1): void {
  if (values.length < least) throw new ShapeError(`${label}: expected at least ${least} values, got ${values.length}.`);
  for (let index = 0; index < values.length; index += 1)
    if (!Number.isFinite(values[index]))
      throw new ValueError(`${label}: value ${index} is ${values[index]}; expected a finite number.`);
}

export interface Moments {
  readonly count: number;
  readonly mean: number;
  /** Mean square deviation from the mean: over `count`, and over `count - 1` (0 of a single value). */
  readonly variance: number;
  readonly sampleVariance: number;
}

/** Mean and variance in two passes; of at least one value. */
export function momentsOf(values: ArrayLike<number>): Moments {
  const count = values.length;
  let mean = 0;
  for (let index = 0; index < count; index += 1) mean += values[index] as number;
  mean /= count;
  let squares = 0;
  for (let index = 0; index < count; index += 1) squares += ((values[index] as number) - mean) ** 2;
  return { count, mean, variance: squares / count, sampleVariance: count > 1 ? squares / (count - 1) : 0 };
}

/** The straight line of least squares y ≈ intercept + slope x; `undefined` where x does not vary. */
export function regress(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  weights?: ArrayLike<number>,
): { readonly slope: number; readonly intercept: number; readonly standardError: number } | undefined {
  let [total, meanX, meanY] = [0, 0, 0];
  const weightOf = (index: number): number => (weights === undefined ? 1 : (weights[index] as number));
  for (let index = 0; index < x.length; index += 1) {
    total += weightOf(index);
    meanX += weightOf(index) * (x[index] as number);
    meanY += weightOf(index) * (y[index] as number);
  }
  meanX /= total;
  meanY /= total;
  let [squares, products, residuals] = [0, 0, 0];
  for (let index = 0; index < x.length; index += 1) {
    const distance = (x[index] as number) - meanX;
    squares += weightOf(index) * distance ** 2;
    products += weightOf(index) * distance * ((y[index] as number) - meanY);
  }
  if (!(squares > 0)) return undefined;
  const slope = products / squares;
  for (let index = 0; index < x.length; index += 1)
    residuals += weightOf(index) * ((y[index] as number) - meanY - slope * ((x[index] as number) - meanX)) ** 2;
  const freedom = Math.max(1, x.length - 2);
  return { slope, intercept: meanY - slope * meanX, standardError: Math.sqrt(residuals / freedom / squares) };
}

/**
 * Standard deviation of the steps of a series, √⟨(Δa - ⟨Δa⟩)²⟩: sorn's scale_dependent_smoothness_measure.
 * @throws ShapeError, ValueError
 */
export function smoothness(series: ArrayLike<number>): number {
  return Math.sqrt(momentsOf(differences(series, "smoothness")).variance);
}

/**
 * {@link smoothness} as a fraction of the series' own standard deviation: 0 constant steps, √2 white noise. It does not
 * depend on the scale of the series; 0 for one that does not vary.
 * @param options.compat divides by |⟨Δa⟩| = |a(T) - a(1)| / (T - 1) as sorn's scale_independent_smoothness_measure does,
 * which says where a series ends and not how it goes, and is refused where both ends agree.
 * @throws ShapeError, ValueError
 */
export function relativeSmoothness(
  series: ArrayLike<number>,
  { compat = false }: { readonly compat?: boolean } = {},
): number {
  const steps = momentsOf(differences(series, "relativeSmoothness"));
  if (!compat) return steps.variance === 0 ? 0 : Math.sqrt(steps.variance / momentsOf(series).variance);
  if (series[0] === series[series.length - 1])
    throw new ValueError("relativeSmoothness: compat: the series ends where it began, so the measure is infinite.");
  return Math.sqrt(steps.variance) / Math.abs(steps.mean);
}

function differences(series: ArrayLike<number>, label: string): Float64Array {
  checkSeries(series, label, 2);
  return Float64Array.from(
    { length: series.length - 1 },
    (_, index) => (series[index + 1] as number) - (series[index] as number),
  );
}

/**
 * Correlation of a series with itself `lag` steps later, Pearson's of a[0 … T-lag) and a[lag … T): sorn's autocorr.
 * @throws ShapeError, ValueError where a part does not vary.
 */
export function autocorrelation(series: ArrayLike<number>, lag: number): number {
  checkSeries(series, "autocorrelation", 3);
  if (!Number.isInteger(lag) || lag < 0 || lag > series.length - 2)
    throw new ValueError(`autocorrelation: lag: expected 0 to ${series.length - 2}, got ${lag}.`);
  const values = Float64Array.from(series);
  const [early, late] = [values.subarray(0, values.length - lag), values.subarray(lag)];
  const [first, second] = [momentsOf(early), momentsOf(late)];
  if (first.variance === 0 || second.variance === 0)
    throw new ValueError("autocorrelation: the series does not vary over the steps compared.");
  let product = 0;
  for (let index = 0; index < early.length; index += 1)
    product += ((early[index] as number) - first.mean) * ((late[index] as number) - second.mean);
  return product / early.length / Math.sqrt(first.variance * second.variance);
}

/**
 * How strongly the active fraction ρ = a / N of N units varies, N (⟨ρ²⟩ - ⟨ρ⟩²): largest near a phase transition. N
 * independent units of rate p have p (1 - p).
 * @param activity active units of each step, [steps].
 * @throws ShapeError, ValueError
 */
export function susceptibility(activity: ArrayLike<number>, units: number): number {
  checkSeries(activity, "susceptibility");
  if (!Number.isInteger(units) || units < 1)
    throw new ValueError(`susceptibility: units: expected a positive integer, got ${units}.`);
  for (let step = 0; step < activity.length; step += 1)
    if ((activity[step] as number) < 0 || (activity[step] as number) > units)
      throw new ValueError(
        `susceptibility: step ${step} has ${activity[step]} active units; expected 0 to ${units}. Is it a rate?`,
      );
  return momentsOf(activity).variance / units;
}
