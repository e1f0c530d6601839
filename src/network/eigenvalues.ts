import { CortrainError } from "../errors.ts";
import { absolute, type Eigenvalues, hessenbergEigenvalues, reduceToHessenberg } from "./hessenberg.ts";
import { checkSquare, stronglyConnected, submatrix } from "./spectral-radius.ts";

export type { Eigenvalues } from "./hessenberg.ts";

function transpose(matrix: Float64Array, n: number): Float64Array {
  return matrix.map((_, index) => matrix[(index % n) * n + Math.floor(index / n)] as number);
}

/** The transpose has the same eigenvalues, and takes another path through the algorithm. */
function denseEigenvalues(matrix: Float64Array, n: number): Eigenvalues {
  for (const attempt of [matrix.slice(), transpose(matrix, n)]) {
    reduceToHessenberg(attempt, n);
    const found = hessenbergEigenvalues(attempt, n);
    if (found !== undefined) return found;
  }
  throw new CortrainError(
    `eigenvalues: the QR algorithm did not converge on a block of ${n} units. spectralRadius() finds its radius by another way.`,
  );
}

/**
 * All eigenvalues of a square matrix [n, n], row-major, in float64: of each strongly connected component by reduction to
 * Hessenberg form and the shifted QR algorithm (EISPACK `elmhes` and `hqr`), so that those of a triangular matrix, in
 * whatever order its units are, are exactly its diagonal. Time grows with n³: about half a second for 500 units.
 * @returns re [n] and im [n], the largest absolute value first; of a conjugate pair, the one above the real axis first.
 * @throws {@link ShapeError} unless the matrix has n·n entries; {@link ValueError} for one that is not finite, or an n that
 * is no positive integer; {@link CortrainError} where the algorithm does not converge.
 */
export function eigenvalues(matrix: ArrayLike<number>, n: number): Eigenvalues {
  checkSquare("eigenvalues", matrix, n);
  const values = stronglyConnected(matrix, n).flatMap((units) => {
    const { re, im } = denseEigenvalues(submatrix(matrix, n, units), units.length);
    return Array.from(re, (real, index): readonly [number, number] => [real + 0, im[index] as number]);
  });
  values.sort((a, b) => absolute(...b) - absolute(...a) || b[0] - a[0] || b[1] - a[1]);
  return { re: Float64Array.from(values, ([re]) => re), im: Float64Array.from(values, ([, im]) => im) };
}
