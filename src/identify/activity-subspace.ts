import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { ShapeError, ValueError } from "../errors.ts";
import { checkLength } from "./recording.ts";

/** The directions in which activity varies. */
export interface ActivitySubspace {
  readonly units: number;
  /** How many principal components it has. */
  readonly dimensions: number;
  /** [dimensions, units], orthonormal rows, the largest variance first. */
  readonly basis: Float64Array;
  /** [units]: share of the variance along every principal component, descending. */
  readonly shares: Float64Array;
}

/**
 * The first principal components of rates about their means that together explain `share` of the variance. Weights are
 * only identifiable as far as they act on these directions (Das & Fiete 2020); the mean is left out because a bias can
 * stand for what the weights make of it.
 * @param rates [rows, units], such as a recording's [steps, trials, units].
 * @param options.share in (0, 1], default 0.99.
 * @throws ShapeError; ValueError where no unit varies.
 */
export function activitySubspace(
  rates: ArrayLike<number>,
  { units, share = 0.99 }: { readonly units: number; readonly share?: number },
): ActivitySubspace {
  const rows = rates.length / units;
  if (!Number.isInteger(units) || units < 1 || !Number.isInteger(rows) || rows < 2)
    throw new ShapeError(`activitySubspace: rates: expected [rows, ${units}], two rows or more, got ${rates.length}.`);
  if (!(share > 0 && share <= 1))
    throw new ValueError(`activitySubspace: share: expected a number in (0, 1], got ${share}.`);
  checkLength("activitySubspace: rates", rates, `[${rows}, ${units}]`, rates.length);
  const { vectors, variances } = principalComponents(covariance(rates, units), units);
  const total = variances.reduce((sum, variance) => sum + variance, 0);
  if (!(total > 0)) throw new ValueError("activitySubspace: no unit's rate varies, so there is no subspace.");
  const shares = variances.map((variance) => variance / total);
  let [dimensions, explained] = [0, 0];
  // Beyond rounding there is nothing left to explain.
  while (dimensions < units && explained < share - 1e-12) {
    explained += shares[dimensions] as number;
    dimensions += 1;
  }
  return { units, dimensions, basis: vectors.slice(0, dimensions * units), shares };
}

/** ⟨(r - r̄)(r - r̄)ᵀ⟩ [units, units]; silent units cost no time. */
function covariance(rates: ArrayLike<number>, units: number): Matrix {
  const rows = rates.length / units;
  const sums = new Float64Array(units);
  const products = new Float64Array(units * units);
  const active = new Uint32Array(units);
  for (let row = 0; row < rows; row += 1) {
    let count = 0;
    for (let unit = 0; unit < units; unit += 1) {
      const rate = rates[row * units + unit] as number;
      if (rate === 0) continue;
      sums[unit] = (sums[unit] as number) + rate;
      active[count] = unit;
      count += 1;
      for (let other = 0; other < count; other += 1) {
        const index = unit * units + (active[other] as number);
        products[index] =
          (products[index] as number) + rate * (rates[row * units + (active[other] as number)] as number);
      }
    }
  }
  const matrix = new Matrix(units, units);
  for (let unit = 0; unit < units; unit += 1)
    for (let other = 0; other <= unit; other += 1) {
      const value =
        (products[unit * units + other] as number) / rows -
        ((sums[unit] as number) / rows) * ((sums[other] as number) / rows);
      matrix.set(unit, other, value);
      matrix.set(other, unit, value);
    }
  return matrix;
}

function principalComponents(
  matrix: Matrix,
  units: number,
): { readonly vectors: Float64Array; readonly variances: Float64Array } {
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(matrix, { assumeSymmetric: true });
  const order = Array.from({ length: units }, (_, index) => index).sort(
    (a, b) => (realEigenvalues[b] as number) - (realEigenvalues[a] as number),
  );
  return {
    vectors: Float64Array.from({ length: units * units }, (_, index) =>
      eigenvectorMatrix.get(index % units, order[Math.floor(index / units)] as number),
    ),
    variances: Float64Array.from(order, (column) => Math.max(0, realEigenvalues[column] as number)),
  };
}

/** M P of a matrix [rows, units], P the projection of what it acts on to the subspace: [rows, units]. */
export function projectColumns(
  matrix: ArrayLike<number>,
  { units, dimensions, basis }: ActivitySubspace,
): Float64Array {
  const rows = matrix.length / units;
  const projected = new Float64Array(matrix.length);
  for (let row = 0; row < rows; row += 1)
    for (let k = 0; k < dimensions; k += 1) {
      let sum = 0;
      for (let unit = 0; unit < units; unit += 1)
        sum += (matrix[row * units + unit] as number) * (basis[k * units + unit] as number);
      for (let unit = 0; unit < units; unit += 1)
        projected[row * units + unit] =
          (projected[row * units + unit] as number) + sum * (basis[k * units + unit] as number);
    }
  return projected;
}
