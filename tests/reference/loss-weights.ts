import { Matrix, SVD } from "ml-matrix";
import { threefry2x32 } from "../../src/random.ts";
import type { LossValue } from "./loss.ts";
import { add, at, euclideanNorm, type Numbers } from "./numbers.ts";

/** A matrix [rows, columns], and the block of it that a term is about: [first, one past the last]; absent = all. */
export interface MatrixBlock {
  readonly rows: number;
  readonly columns: number;
  readonly post?: readonly [number, number] | undefined;
  readonly pre?: readonly [number, number] | undefined;
}

/** The entries of a block, by their place in the matrix. */
export function entriesOf({ rows, columns, post = [0, rows], pre = [0, columns] }: MatrixBlock): number[] {
  const places: number[] = [];
  for (let i = post[0]; i < post[1]; i += 1) {
    for (let j = pre[0]; j < pre[1]; j += 1) places.push(i * columns + j);
  }
  return places;
}

/**
 * Σ |w| d (`l1`), Σ w² d (`l2`), both over the number of entries with `mean`, or √Σ w² (`frobenius`), and the derivative
 * by the whole matrix; d = 1 without distances. The derivative of |w| at 0 is 0, and that of the norm of zeros, too.
 */
export function weightPenalty(
  weights: Numbers,
  block: MatrixBlock,
  metric: "l1" | "l2" | "frobenius",
  options: { readonly mean?: boolean; readonly distances?: Numbers | undefined } = {},
): LossValue {
  const gradient = new Float64Array(weights.length);
  const entries = entriesOf(block);
  const divisor = options.mean ? entries.length : 1;
  let total = 0;
  for (const k of entries) {
    const w = at(weights, k);
    const d = options.distances ? at(options.distances, k) : 1;
    total += metric === "l1" ? Math.abs(w) * d : w * w * d;
    add(gradient, k, ((metric === "l1" ? Math.sign(w) : 2 * w) * d) / divisor);
  }
  if (metric !== "frobenius") return { value: total / divisor, gradient };
  const norm = Math.sqrt(total);
  return { value: norm, gradient: gradient.map((slope) => (norm === 0 ? 0 : slope / (2 * norm))) };
}

/** What u v^T of two vectors over a block gives as the derivative of σ or of σ². */
function spectralValue(
  weights: Numbers,
  block: MatrixBlock,
  sigma: number,
  u: Numbers,
  v: Numbers,
  squared: boolean,
): LossValue {
  const gradient = new Float64Array(weights.length);
  for (const [place, k] of entriesOf(block).entries()) {
    const uv = at(u, Math.floor(place / v.length)) * at(v, place % v.length);
    add(gradient, k, squared ? 2 * sigma * uv : uv);
  }
  return { value: squared ? sigma * sigma : sigma, gradient };
}

function sizeOf({ rows, columns, post = [0, rows], pre = [0, columns] }: MatrixBlock): [number, number] {
  return [post[1] - post[0], pre[1] - pre[0]];
}

/** The largest singular value σ, or σ², and its derivative u v^T, or 2 σ u v^T: ml-matrix's SVD. */
export function spectralNorm(weights: Numbers, block: MatrixBlock, squared = false): LossValue {
  const inside = entriesOf(block).map((k) => at(weights, k));
  const svd = new SVD(Matrix.from1DArray(...sizeOf(block), inside), { autoTranspose: true });
  const sigma = at(svd.diagonal, 0);
  const [u, v] = [svd.leftSingularVectors.getColumn(0), svd.rightSingularVectors.getColumn(0)];
  return spectralValue(weights, block, sigma, u, v, squared);
}

/**
 * What is known of σ, or σ², after some steps of power iteration on W^T W, and u v^T: v starts at ±(1 + x) / 2, scaled to
 * length 1, with the sign and x of column j from bit 0 and the upper 24 bits of Threefry with key (0, 0), counter (0, j).
 */
export function powerIteration(weights: Numbers, block: MatrixBlock, iterations: number, squared = false): LossValue {
  const inside = entriesOf(block).map((k) => at(weights, k));
  const [rows, columns] = sizeOf(block);
  const firstColumn = block.pre?.[0] ?? 0;
  const unit = (vector: Float64Array): Float64Array => {
    const norm = euclideanNorm(vector);
    return vector.map((x) => (norm === 0 ? 0 : x / norm));
  };
  let v = unit(
    Float64Array.from({ length: columns }, (_, j) => {
      const [bits] = threefry2x32(0, 0, 0, firstColumn + j);
      return (bits % 2 === 0 ? 1 : -1) * (0.5 + Math.floor(bits / 256) / 2 ** 25);
    }),
  );
  const forward = (): Float64Array => {
    const y = new Float64Array(rows);
    for (const [k, w] of inside.entries()) add(y, Math.floor(k / columns), w * at(v, k % columns));
    return y;
  };
  for (let iteration = 0; iteration < iterations; iteration += 1) {
    const u = unit(forward());
    const z = new Float64Array(columns);
    for (const [k, w] of inside.entries()) add(z, k % columns, w * at(u, Math.floor(k / columns)));
    v = unit(z);
  }
  const y = forward();
  return spectralValue(weights, block, euclideanNorm(y), unit(y), v, squared);
}
