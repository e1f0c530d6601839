import { ShapeError, ValueError } from "../errors.ts";
import { checkSeries, momentsOf } from "./series.ts";

type Trials = ArrayLike<number> | readonly ArrayLike<number>[];

function trialsOf(activity: Trials, label: string, least: number): readonly ArrayLike<number>[] {
  const trials =
    typeof activity[0] === "number" ? [activity as ArrayLike<number>] : (activity as readonly ArrayLike<number>[]);
  if (trials.length === 0) throw new ShapeError(`${label}: expected at least one series of activity, got none.`);
  for (const trial of trials) checkSeries(trial, label, least);
  return trials;
}

/** Slope of a(t + lag) on a(t) over all trials, and where the line starts. */
function lagSlope(trials: readonly ArrayLike<number>[], lag: number): { slope: number; intercept: number } {
  let [count, meanEarly, meanLate] = [0, 0, 0];
  for (const trial of trials)
    for (let step = 0; step + lag < trial.length; step += 1) {
      count += 1;
      meanEarly += trial[step] as number;
      meanLate += trial[step + lag] as number;
    }
  meanEarly /= count;
  meanLate /= count;
  let [squares, products] = [0, 0];
  for (const trial of trials)
    for (let step = 0; step + lag < trial.length; step += 1) {
      const distance = (trial[step] as number) - meanEarly;
      squares += distance * distance;
      products += distance * ((trial[step + lag] as number) - meanLate);
    }
  if (!(squares > 0)) throw new ValueError("branchingRatio: the activity does not vary, so that it has no slope.");
  const slope = products / squares;
  return { slope, intercept: meanLate - slope * meanEarly };
}

/**
 * Branching ratio m and input h of a(t+1) = m a(t) + h by one straight line. Right where every unit is seen; too small where
 * only some are: see {@link multistepBranching}.
 * @param activity a(t), [steps], or several trials of it. @throws ShapeError, ValueError where it does not vary.
 */
export function branchingRatio(activity: Trials): { readonly ratio: number; readonly input: number } {
  const { slope, intercept } = lagSlope(trialsOf(activity, "branchingRatio", 3), 1);
  return { ratio: slope, input: intercept };
}

/** Branching ratio from how slopes fall with the lag. */
export interface MultistepBranching {
  /** m; 1 is critical. */
  readonly ratio: number;
  /** -1 / ln m, in steps. */
  readonly autocorrelationSteps: number;
  /** b of r_k = b m^k + c: with every unit seen 1. */
  readonly amplitude: number;
  /** c, 0 unless fitted. */
  readonly offset: number;
  /** r_k for k = 1 … maxLag. */
  readonly slopes: Float64Array;
  /**
   * How much of the slopes' variance the curve explains. Where it is low, activity is not that of a branching process
   * (it oscillates, say) and m means nothing.
   */
  readonly explained: number;
}

/**
 * Branching ratio by multistep regression (Wilting & Priesemann 2018): slopes r_k of a(t+k) on a(t), and r_k = b m^k through
 * them by least squares. Seeing only some units makes b small and leaves m as it is.
 * @param activity a(t), [steps], or several trials of it. @param options.maxLag largest k; several times the
 * autocorrelation time. @param options.offset fits a constant, too, for slow changes that last; default false.
 * @throws ShapeError; ValueError where it does not vary.
 */
export function multistepBranching(
  activity: Trials,
  { maxLag, offset = false }: { readonly maxLag: number; readonly offset?: boolean },
): MultistepBranching {
  const least = offset ? 4 : 3;
  if (!Number.isInteger(maxLag) || maxLag < least)
    throw new ValueError(`multistepBranching: maxLag: expected a whole number from ${least} on, got ${maxLag}.`);
  const trials = trialsOf(activity, "multistepBranching", maxLag + 2);
  const slopes = Float64Array.from({ length: maxLag }, (_, index) => lagSlope(trials, index + 1).slope);
  // Given m, the best b and c are a straight line: search over ln(-ln m) only.
  const errorAt = (logRate: number): number => curveOf(slopes, Math.exp(-Math.exp(logRate)), offset).error;
  const [lowest, highest, turns] = [Math.log(1e-3 / maxLag), Math.log(12), 400];
  let best = 0;
  let bestError = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn <= turns; turn += 1) {
    const error = errorAt(lowest + ((highest - lowest) * turn) / turns);
    if (error < bestError) [best, bestError] = [turn, error];
  }
  const width = (highest - lowest) / turns;
  let [low, high] = [lowest + width * (best - 1), lowest + width * (best + 1)];
  const golden = (Math.sqrt(5) - 1) / 2;
  while (high - low > 1e-9) {
    const [left, right] = [high - golden * (high - low), low + golden * (high - low)];
    if (errorAt(left) < errorAt(right)) high = right;
    else low = left;
  }
  const rate = Math.exp((low + high) / 2);
  const ratio = Math.exp(-rate);
  const { amplitude, constant, error } = curveOf(slopes, ratio, offset);
  const spread = momentsOf(slopes).variance * slopes.length;
  return {
    ...{ ratio, amplitude, offset: constant, slopes },
    autocorrelationSteps: 1 / rate,
    explained: spread > 0 ? 1 - error / spread : 0,
  };
}

/** The best b and c of b m^k + c for a given m, and the sum of squares that is left. */
function curveOf(
  slopes: Float64Array,
  ratio: number,
  offset: boolean,
): { readonly amplitude: number; readonly constant: number; readonly error: number } {
  const powers = slopes.map((_, index) => ratio ** (index + 1));
  const [meanPower, meanSlope] = offset ? [momentsOf(powers).mean, momentsOf(slopes).mean] : [0, 0];
  let [squares, products] = [0, 0];
  for (let index = 0; index < slopes.length; index += 1) {
    const distance = (powers[index] as number) - meanPower;
    squares += distance * distance;
    products += distance * ((slopes[index] as number) - meanSlope);
  }
  const amplitude = squares > 0 ? products / squares : 0;
  const constant = meanSlope - amplitude * meanPower;
  let error = 0;
  for (let index = 0; index < slopes.length; index += 1)
    error += ((slopes[index] as number) - amplitude * (powers[index] as number) - constant) ** 2;
  return { amplitude, constant, error };
}
