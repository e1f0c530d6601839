import { LimitError, ShapeError, ValueError } from "../errors.ts";
import {
  addRow,
  centreMoments,
  combineMoments,
  emptyMoments,
  type Moments,
  meanSquare,
  solveRidge,
} from "./moments.ts";

/** How a linear readout is fitted. */
export interface RidgeOptions {
  /** λ ≥ 0, or several, of which the best in cross-validation is taken. Default: 10^-6 … 10 times the mean of Σ x². */
  readonly lambda?: number | readonly number[];
  /** Parts of consecutive rows, each held out in turn; default 5. Rows of a time series are too alike to be dealt out. */
  readonly folds?: number;
  /** Whether outputs have a bias, which λ leaves alone; default true. */
  readonly bias?: boolean;
}

/** A linear readout y = W x + b. */
export interface Readout {
  readonly features: number;
  readonly outputs: number;
  /** [outputs, features] */
  readonly weights: Float64Array;
  /** [outputs] */
  readonly bias: Float64Array;
  readonly lambda: number;
  /** Each λ with its error on held-out folds; empty where only one was given. */
  readonly candidates: readonly { readonly lambda: number; readonly error: number }[];
}

/** The error of predictions [rows, outputs] for rows from `first` on; smaller is better, and of a sum over rows. */
export type ReadoutError = (predicted: Float64Array, first: number, rows: number) => number;

const mostFeatures = 4096;
const defaultFactors = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1, 10];

/**
 * Ridge regression: W and b that minimise Σ_t |y_t - W x_t - b|² + λ Σ W², by the normal equations about the means and their
 * Cholesky factor, in float64 (Hoerl & Kennard 1970). λ is an absolute number, as scikit-learn's `alpha`.
 * @param states x [rows, features], such as spikes; @param targets y [rows, outputs].
 * @throws ShapeError; ValueError for numbers that are not finite, or at λ = 0 where units depend on each other; LimitError
 * for more than 4,096 features.
 */
export function ridgeRegression(
  states: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: RidgeOptions & { readonly features: number; readonly outputs?: number },
): Readout {
  const { outputs = 1 } = options;
  return fitReadout(states, targets, { ...options, outputs }, (predicted, first, rows) => {
    let sum = 0;
    for (let index = 0; index < rows * outputs; index += 1)
      sum += ((predicted[index] as number) - (targets[first * outputs + index] as number)) ** 2;
    return sum / outputs;
  });
}

/** Fits a readout; of several λ it takes the one of the least held-out error, the largest of those that are equal. */
export function fitReadout(
  states: ArrayLike<number>,
  targets: ArrayLike<number>,
  options: RidgeOptions & { readonly features: number; readonly outputs: number },
  errorOf: ReadoutError,
): Readout {
  const { features, outputs, folds = 5, bias = true } = options;
  const rows = checkRows(states, targets, features, outputs);
  // Sums about the means of all rows lose no digits to a large mean.
  const [shiftX, shiftY] = [meansOf(states, features, bias), meansOf(targets, outputs, bias)];
  const several = typeof options.lambda !== "number";
  const count = several ? folds : 1;
  if (several && (!Number.isInteger(folds) || folds < 2 || folds > rows))
    throw new ValueError(`ridge: folds: expected an integer from 2 to ${rows} rows, got ${folds}.`);
  const starts = Array.from({ length: count + 1 }, (_, fold) => Math.floor((fold * rows) / count));
  const parts = starts.slice(0, -1).map((from, fold) => {
    const moments = emptyMoments(features, outputs);
    const [x, y] = [new Float64Array(features), new Float64Array(outputs)];
    for (let row = from; row < (starts[fold + 1] as number); row += 1) {
      for (let k = 0; k < features; k += 1) x[k] = (states[row * features + k] as number) - (shiftX[k] as number);
      for (let k = 0; k < outputs; k += 1) y[k] = (targets[row * outputs + k] as number) - (shiftY[k] as number);
      addRow(moments, x, y);
    }
    return moments;
  });
  const all = parts.reduce((sum, part) => combineMoments(sum, part, 1), emptyMoments(features, outputs));
  const solver = (moments: Moments): ((lambda: number) => Readout) => {
    // `moments` is the caller's no more.
    if (bias) centreMoments(moments);
    return (lambda) => {
      const weights = solveRidge(moments, lambda);
      return {
        ...{ features, outputs, weights, lambda, candidates: [] },
        bias: biasOf(weights, moments, shiftX, shiftY, bias),
      };
    };
  };
  const lambdas = checkLambdas(options.lambda ?? defaultFactors.map((factor) => factor * meanSquare(all)));
  const candidates: { lambda: number; error: number }[] = several
    ? lambdas.map((lambda) => ({ lambda, error: 0 }))
    : [];
  if (several)
    for (const [fold, part] of parts.entries()) {
      const [from, to] = [starts[fold] as number, starts[fold + 1] as number];
      const fitted = solver(combineMoments(all, part, -1));
      for (const candidate of candidates)
        candidate.error += errorOf(predictRows(fitted(candidate.lambda), states, from, to), from, to - from) / rows;
    }
  const best = candidates.reduce(
    (kept, other) =>
      other.error < kept.error || (other.error === kept.error && other.lambda > kept.lambda) ? other : kept,
    candidates[0] ?? { lambda: lambdas[0] as number, error: 0 },
  );
  return { ...solver(all)(best.lambda), candidates };
}

/** Outputs [rows, outputs] of a readout for states [rows, features]. @throws ShapeError */
export function applyReadout(readout: Readout, states: ArrayLike<number>): Float64Array {
  const rows = states.length / readout.features;
  if (!Number.isInteger(rows))
    throw new ShapeError(`readout: states: expected [rows, ${readout.features}], got ${states.length} values.`);
  return predictRows(readout, states, 0, rows);
}

function predictRows(
  { features, outputs, weights, bias }: Readout,
  states: ArrayLike<number>,
  from: number,
  to: number,
): Float64Array {
  const predicted = new Float64Array((to - from) * outputs);
  for (let row = from, at = 0; row < to; row += 1)
    for (let output = 0; output < outputs; output += 1, at += 1) {
      let sum = bias[output] as number;
      for (let k = 0; k < features; k += 1)
        sum += (weights[output * features + k] as number) * (states[row * features + k] as number);
      predicted[at] = sum;
    }
  return predicted;
}

/** b = ȳ - W x̄; the moments are about the shifts. */
function biasOf(
  weights: Float64Array,
  { features, outputs, rows, sumX, sumY }: Moments,
  shiftX: Float64Array,
  shiftY: Float64Array,
  bias: boolean,
): Float64Array {
  return Float64Array.from({ length: outputs }, (_, output) => {
    if (!bias) return 0;
    let value = (shiftY[output] as number) + (sumY[output] as number) / rows;
    for (let k = 0; k < features; k += 1)
      value -= (weights[output * features + k] as number) * ((shiftX[k] as number) + (sumX[k] as number) / rows);
    return value;
  });
}

function meansOf(values: ArrayLike<number>, width: number, wanted: boolean): Float64Array {
  const means = new Float64Array(width);
  if (!wanted) return means;
  for (let index = 0; index < values.length; index += 1)
    means[index % width] = (means[index % width] as number) + (values[index] as number);
  return means.map((sum) => (sum * width) / values.length);
}

function checkRows(states: ArrayLike<number>, targets: ArrayLike<number>, features: number, outputs: number): number {
  if (features > mostFeatures)
    throw new LimitError(
      `ridge: ${features} features; at most ${mostFeatures} are solved for. Read from some of the units.`,
    );
  const rows = states.length / features;
  if (!Number.isInteger(features) || !Number.isInteger(rows) || rows < 1)
    throw new ShapeError(`ridge: states: expected [rows, ${features}], got ${states.length} values.`);
  if (!Number.isInteger(outputs) || outputs < 1 || targets.length !== rows * outputs)
    throw new ShapeError(
      `ridge: targets: expected [${rows}, ${outputs}], a row for each of states, got ${targets.length} values.`,
    );
  for (const [name, values] of [["states", states] as const, ["targets", targets] as const])
    for (let index = 0; index < values.length; index += 1)
      if (!Number.isFinite(values[index]))
        throw new ValueError(`ridge: ${name}[${index}] is ${values[index]}; expected a finite number.`);
  return rows;
}

function checkLambdas(given: number | readonly number[]): readonly number[] {
  const lambdas = typeof given === "number" ? [given] : given;
  const wrong = lambdas.find((lambda) => !Number.isFinite(lambda) || lambda < 0);
  if (lambdas.length === 0 || wrong !== undefined)
    throw new ValueError(`ridge: lambda: expected finite numbers of at least 0, got ${wrong ?? "none"}.`);
  return lambdas;
}
