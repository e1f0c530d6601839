import { ValueError } from "../errors.ts";

/** Where row `row` of a lower triangle stored row by row begins. */
export function triangleRow(row: number): number {
  return (row * (row + 1)) / 2;
}

/** A pivot below this share of its diagonal element is rounding: the row depends on those before it. */
const smallestPivot = 1e-13;

/**
 * The Cholesky factor L of a symmetric positive definite matrix A = L Lᵀ, in float64, in place.
 * @param triangle lower triangle of A, row by row: n (n + 1) / 2 values; it becomes L.
 * @throws ValueError naming the first row that depends on those before it (A is singular), or is not finite.
 */
export function choleskyFactor(triangle: Float64Array, size: number): void {
  for (let row = 0; row < size; row += 1) {
    const rowAt = triangleRow(row);
    for (let column = 0; column <= row; column += 1) {
      const columnAt = triangleRow(column);
      let sum = triangle[rowAt + column] as number;
      for (let k = 0; k < column; k += 1) sum -= (triangle[rowAt + k] as number) * (triangle[columnAt + k] as number);
      if (column < row) {
        triangle[rowAt + column] = sum / (triangle[columnAt + column] as number);
        continue;
      }
      // Also where the sum is NaN.
      if (!(sum > smallestPivot * (triangle[rowAt + row] as number)))
        throw new ValueError(
          `cholesky: the matrix is not positive definite: row ${row} of ${size} depends on those before it.`,
        );
      triangle[rowAt + row] = Math.sqrt(sum);
    }
  }
}

/** Solves L Lᵀ x = b for one right-hand side [size], in place. @param factor as {@link choleskyFactor} leaves it. */
export function choleskySolve(factor: Float64Array, size: number, rightSide: Float64Array): void {
  for (let row = 0; row < size; row += 1) {
    const rowAt = triangleRow(row);
    let sum = rightSide[row] as number;
    for (let k = 0; k < row; k += 1) sum -= (factor[rowAt + k] as number) * (rightSide[k] as number);
    rightSide[row] = sum / (factor[rowAt + row] as number);
  }
  for (let row = size - 1; row >= 0; row -= 1) {
    const rowAt = triangleRow(row);
    const solved = (rightSide[row] as number) / (factor[rowAt + row] as number);
    rightSide[row] = solved;
    for (let k = 0; k < row; k += 1) rightSide[k] = (rightSide[k] as number) - (factor[rowAt + k] as number) * solved;
  }
}
