import { ShapeError, ValueError } from "../errors.ts";
import { Random } from "../random.ts";
import { checkCount } from "../structure/options.ts";
import { hessenbergEigenvalues, largestAbsolute, reduceToHessenberg } from "./hessenberg.ts";

/** Components up to this size have all their eigenvalues computed; larger ones are estimated. */
const exactSize = 512;
/** Dimension of the Krylov space of the estimate, and the multiplications that prepare its first vector. */
const krylovSize = 160;
const warmUp = 40;

/**
 * The largest absolute eigenvalue of a square matrix [n, n], row-major.
 *
 * The matrix is first split into its strongly connected components: its eigenvalues are theirs, so that a feedforward
 * (nilpotent) matrix gives exactly 0. A component of up to 512 units has all its eigenvalues computed in float64 by the
 * shifted QR algorithm (EISPACK's `hqr`), to a relative 1e-9 on random matrices (tested against ml-matrix, whose own port
 * runs for ever on some sparse matrices of 0 and 1). A larger one is estimated by one Arnoldi run of dimension 160, which
 * handles complex pairs: to a relative 1e-3 on a random matrix of 600 units (tested).
 * @throws {@link ShapeError} unless the matrix has n·n entries; {@link ValueError} for one that is not finite, or an n that
 * is no positive integer.
 */
export function spectralRadius(matrix: ArrayLike<number>, n: number): number {
  checkSquare("spectralRadius", matrix, n);
  let radius = 0;
  for (const units of stronglyConnected(matrix, n)) {
    const size = units.length;
    const block = submatrix(matrix, n, units);
    const largest =
      size === 1
        ? Math.abs(block[0] as number)
        : size <= exactSize
          ? denseRadius(block, size)
          : arnoldiRadius(block, size);
    radius = Math.max(radius, largest);
  }
  return radius;
}

/** @throws {@link ShapeError}, {@link ValueError} unless a matrix has n·n finite entries. */
export function checkSquare(label: string, matrix: ArrayLike<number>, n: number): void {
  checkCount(`${label}: n`, n);
  if (matrix.length !== n * n)
    throw new ShapeError(`${label}: expected [${n}, ${n}], got ${matrix.length} values. The matrix must be square.`);
  for (let index = 0; index < n * n; index += 1) {
    if (Number.isFinite(matrix[index])) continue;
    const place = `${Math.floor(index / n)}, ${index % n}`;
    throw new ValueError(`${label}: matrix[${place}] is ${String(matrix[index])}: every entry must be finite.`);
  }
}

/** The rows and columns of some units, in their order. */
export function submatrix(matrix: ArrayLike<number>, n: number, units: readonly number[]): Float64Array {
  const size = units.length;
  const block = new Float64Array(size * size);
  units.forEach((row, i) => {
    units.forEach((column, j) => {
      block[i * size + j] = matrix[row * n + column] as number;
    });
  });
  return block;
}

/** Tarjan's strongly connected components of the graph with an edge wherever an entry is not 0, without recursion. */
export function stronglyConnected(matrix: ArrayLike<number>, n: number): number[][] {
  const order = new Int32Array(n).fill(-1);
  const low = new Int32Array(n);
  const onStack = new Uint8Array(n);
  const nextColumn = new Int32Array(n);
  const stack: number[] = [];
  const components: number[][] = [];
  let visited = 0;
  for (let start = 0; start < n; start += 1) {
    if ((order[start] as number) >= 0) continue;
    const path = [start];
    while (path.length > 0) {
      const node = path[path.length - 1] as number;
      if ((order[node] as number) < 0) {
        order[node] = visited;
        low[node] = visited;
        visited += 1;
        stack.push(node);
        onStack[node] = 1;
      }
      let child = -1;
      for (let column = nextColumn[node] as number; column < n && child < 0; column += 1) {
        nextColumn[node] = column + 1;
        if (matrix[node * n + column] === 0) continue;
        if ((order[column] as number) < 0) child = column;
        else if (onStack[column] === 1) low[node] = Math.min(low[node] as number, order[column] as number);
      }
      if (child >= 0) {
        path.push(child);
        continue;
      }
      path.pop();
      const parent = path[path.length - 1];
      if (parent !== undefined) low[parent] = Math.min(low[parent] as number, low[node] as number);
      if (low[node] !== order[node]) continue;
      const component = stack.splice(stack.lastIndexOf(node));
      for (const unit of component) onStack[unit] = 0;
      components.push(component);
    }
  }
  return components;
}

/** Changes `a`. */
function denseRadius(a: Float64Array, n: number): number {
  const copy = a.slice();
  reduceToHessenberg(a, n);
  return hessenbergRadius(a, n) ?? growthRadius(copy, n);
}

/** Changes `a`. */
function hessenbergRadius(a: Float64Array, n: number): number | undefined {
  const all = hessenbergEigenvalues(a, n);
  return all === undefined ? undefined : largestAbsolute(all);
}

/** Gelfand: the radius is the limit of ‖A^(2^k)‖^(1/2^k). Only for the rare matrix on which QR does not converge. */
function growthRadius(matrix: Float64Array, n: number): number {
  let power: Float64Array = matrix;
  let logGrowth = 0;
  for (let doubling = 0; doubling <= 24; doubling += 1) {
    const norm = Math.sqrt(power.reduce((sum, value) => sum + value * value, 0));
    if (norm === 0) return 0;
    logGrowth += Math.log(norm) / 2 ** doubling;
    if (doubling === 24) break;
    const scaled = power.map((value) => value / norm);
    const square = new Float64Array(n * n);
    for (let i = 0; i < n; i += 1)
      for (let k = 0; k < n; k += 1) {
        const factor = scaled[i * n + k] as number;
        if (factor === 0) continue;
        for (let j = 0; j < n; j += 1)
          square[i * n + j] = (square[i * n + j] as number) + factor * (scaled[k * n + j] as number);
      }
    power = square;
  }
  return Math.exp(logGrowth);
}

function multiply(matrix: Float64Array, n: number, vector: Float64Array): Float64Array {
  const product = new Float64Array(n);
  for (let i = 0; i < n; i += 1) {
    let sum = 0;
    for (let j = 0; j < n; j += 1) sum += (matrix[i * n + j] as number) * (vector[j] as number);
    product[i] = sum;
  }
  return product;
}

function normalise(vector: Float64Array): number {
  let squares = 0;
  for (const value of vector) squares += value * value;
  const norm = Math.sqrt(squares);
  if (norm > 0) for (let i = 0; i < vector.length; i += 1) vector[i] = (vector[i] as number) / norm;
  return norm;
}

/** Largest Ritz value of a Krylov space whose first vector has been multiplied towards the leading eigenvectors. */
function arnoldiRadius(matrix: Float64Array, n: number): number {
  const random = new Random(0, 0);
  let vector: Float64Array = Float64Array.from({ length: n }, () => random.normal());
  for (let step = 0; step < warmUp; step += 1) {
    normalise(vector);
    vector = multiply(matrix, n, vector);
  }
  normalise(vector);
  const basis: Float64Array[] = [vector];
  const hessenberg = new Float64Array(krylovSize * krylovSize);
  let size = krylovSize;
  for (let step = 0; step < krylovSize; step += 1) {
    const next = multiply(matrix, n, basis[step] as Float64Array);
    // Gram–Schmidt twice: once leaves rounding errors that add spurious Ritz values.
    for (let pass = 0; pass < 2; pass += 1)
      basis.forEach((direction, row) => {
        let dot = 0;
        for (let i = 0; i < n; i += 1) dot += (direction[i] as number) * (next[i] as number);
        for (let i = 0; i < n; i += 1) next[i] = (next[i] as number) - dot * (direction[i] as number);
        hessenberg[row * krylovSize + step] = (hessenberg[row * krylovSize + step] as number) + dot;
      });
    const norm = normalise(next);
    if (norm < 1e-12) {
      size = step + 1;
      break;
    }
    if (step + 1 < krylovSize) hessenberg[(step + 1) * krylovSize + step] = norm;
    basis.push(next);
  }
  const block = new Float64Array(size * size);
  for (let row = 0; row < size; row += 1)
    block.set(hessenberg.subarray(row * krylovSize, row * krylovSize + size), row * size);
  return hessenbergRadius(block.slice(), size) ?? growthRadius(block, size);
}
