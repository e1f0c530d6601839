import { choleskyFactor, choleskySolve, triangleRow } from "./cholesky.ts";

/** What of some rows a ridge regression needs: sums, so that those of parts of the rows add up to those of all. */
export interface Moments {
  readonly features: number;
  readonly outputs: number;
  rows: number;
  /** Σ x [features], Σ y [outputs]. */
  readonly sumX: Float64Array;
  readonly sumY: Float64Array;
  /** Lower triangle of Σ x xᵀ, row by row. */
  readonly gram: Float64Array;
  /** Σ y xᵀ [outputs, features]. */
  readonly cross: Float64Array;
}

export function emptyMoments(features: number, outputs: number): Moments {
  return {
    ...{ features, outputs, rows: 0, sumX: new Float64Array(features), sumY: new Float64Array(outputs) },
    ...{ gram: new Float64Array(triangleRow(features)), cross: new Float64Array(outputs * features) },
  };
}

/** Adds one row. */
export function addRow(moments: Moments, x: Float64Array, y: Float64Array): void {
  const { features, sumX, sumY, gram, cross } = moments;
  moments.rows += 1;
  for (let row = 0, at = 0; row < features; row += 1) {
    const value = x[row] as number;
    sumX[row] = (sumX[row] as number) + value;
    for (let column = 0; column <= row; column += 1, at += 1)
      gram[at] = (gram[at] as number) + value * (x[column] as number);
  }
  for (let output = 0; output < sumY.length; output += 1) {
    const value = y[output] as number;
    sumY[output] = (sumY[output] as number) + value;
    if (value === 0) continue;
    for (let column = 0, at = output * features; column < features; column += 1, at += 1)
      cross[at] = (cross[at] as number) + value * (x[column] as number);
  }
}

/** `all`, plus `sign` times `part`, as new moments. */
export function combineMoments(all: Moments, part: Moments, sign: 1 | -1): Moments {
  const combine = (a: Float64Array, b: Float64Array): Float64Array =>
    a.map((value, index) => value + sign * (b[index] as number));
  return {
    ...{ features: all.features, outputs: all.outputs, rows: all.rows + sign * part.rows },
    ...{ sumX: combine(all.sumX, part.sumX), sumY: combine(all.sumY, part.sumY) },
    ...{ gram: combine(all.gram, part.gram), cross: combine(all.cross, part.cross) },
  };
}

/** The moments about the means of the rows, in place: x - x̄ and y - ȳ in place of x and y. */
export function centreMoments({ features, rows, sumX, sumY, gram, cross }: Moments): void {
  for (let row = 0, at = 0; row < features; row += 1) {
    const mean = (sumX[row] as number) / rows;
    for (let column = 0; column <= row; column += 1, at += 1)
      gram[at] = (gram[at] as number) - mean * (sumX[column] as number);
  }
  for (let output = 0, at = 0; output < sumY.length; output += 1) {
    const mean = (sumY[output] as number) / rows;
    for (let column = 0; column < features; column += 1, at += 1)
      cross[at] = (cross[at] as number) - mean * (sumX[column] as number);
  }
}

/** Mean of the diagonal of Σ x xᵀ, the natural unit of λ; 1 where all of it is 0. */
export function meanSquare({ features, gram }: Moments): number {
  let sum = 0;
  for (let row = 0; row < features; row += 1) sum += gram[triangleRow(row) + row] as number;
  return sum > 0 ? sum / features : 1;
}

/** W [outputs, features] of (Σ x xᵀ + λ I) Wᵀ = Σ x yᵀ. @throws ValueError where that is singular, as it can be at λ = 0. */
export function solveRidge({ features, outputs, gram, cross }: Moments, lambda: number): Float64Array {
  const factor = gram.slice();
  for (let row = 0; row < features; row += 1) {
    const at = triangleRow(row) + row;
    factor[at] = (factor[at] as number) + lambda;
  }
  choleskyFactor(factor, features);
  const weights = cross.slice();
  for (let output = 0; output < outputs; output += 1)
    choleskySolve(factor, features, weights.subarray(output * features, (output + 1) * features));
  return weights;
}
