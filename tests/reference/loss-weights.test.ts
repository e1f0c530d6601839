import { Matrix, QR } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { Random } from "../../src/random.ts";
import { centralDifferences } from "./central-differences.ts";
import type { LossValue } from "./loss.ts";
import { entriesOf, type MatrixBlock, powerIteration, spectralNorm, weightPenalty } from "./loss-weights.ts";
import { at, euclideanNorm, largestDifference, type Numbers, sum } from "./numbers.ts";

const random = new Random(8, 1);
const [rows, columns] = [5, 7];
/** Of both signs, none so close to 0 that a difference crosses it. */
const weights = Float64Array.from({ length: rows * columns }, () => random.choice([-1, 1]) * random.uniform(0.05, 2));
const distances = Float64Array.from({ length: rows * columns }, () => random.uniform(0, 3));
const all: MatrixBlock = { rows, columns };
const some: MatrixBlock = { ...all, post: [1, 4], pre: [2, 7] };

describe("gradients of the reference agree with central differences", () => {
  const cases: Readonly<Record<string, (values: Numbers) => LossValue>> = {
    "|w|": (w) => weightPenalty(w, all, "l1", { mean: true }),
    "|w| of a part, summed": (w) => weightPenalty(w, some, "l1"),
    "w² of a part": (w) => weightPenalty(w, some, "l2", { mean: true }),
    "the norm of a part": (w) => weightPenalty(w, some, "frobenius"),
    "|w| d": (w) => weightPenalty(w, all, "l1", { mean: true, distances }),
    "w² d of a part": (w) => weightPenalty(w, some, "l2", { mean: true, distances }),
    "the largest singular value": (w) => spectralNorm(w, all),
    "its square, of a part": (w) => spectralNorm(w, some, true),
  };
  for (const [name, loss] of Object.entries(cases)) {
    it(name, () => {
      const differences = centralDifferences(weights, (moved) => loss(moved).value);
      expect(largestDifference(loss(weights).gradient, differences)).toBeLessThan(1e-8);
    });
  }
});

describe("what the formulas say", () => {
  it("a part is its rows and columns, in order", () => {
    expect(entriesOf({ rows: 3, columns: 4, post: [1, 3], pre: [2, 3] })).toEqual([6, 10]);
    expect(sum(weightPenalty(weights, some, "l1").gradient.map(Math.abs))).toBe(3 * 5);
  });

  it("the largest singular value of a diagonal matrix is its largest entry", () => {
    expect(spectralNorm([2, 0, 0, -3], { rows: 2, columns: 2 }).value).toBeCloseTo(3, 12);
  });

  it("power iteration ends at the SVD, and at once for rank one", () => {
    for (const block of [all, some]) {
      const [far, exact] = [powerIteration(weights, block, 400), spectralNorm(weights, block)];
      expect(far.value).toBeCloseTo(exact.value, 12);
      expect(largestDifference(far.gradient, exact.gradient)).toBeLessThan(1e-10);
    }
    const rankOne = Float64Array.from(
      { length: rows * columns },
      (_, k) => (1 + (k % columns)) * (k < columns ? 2 : -1),
    );
    expect(powerIteration(rankOne, all, 1).value).toBeCloseTo(spectralNorm(rankOne, all).value, 12);
  });

  it("power iteration is as fast as said: tan a after k steps is at most (σ₂/σ₁)^2k times that before", () => {
    const size = 12;
    const block = { rows: size, columns: size };
    const orthogonal = (): Matrix =>
      new QR(
        Matrix.from1DArray(
          size,
          size,
          Array.from({ length: size * size }, () => random.normal()),
        ),
      ).orthogonalMatrix;
    const [left, right] = [orthogonal(), orthogonal()];
    const values = Array.from({ length: size }, (_, k) => (k === 0 ? 2 : 1.8 * 0.9 ** (k - 1)));
    const matrix = left.mmul(Matrix.diag(values)).mmul(right.transpose()).to1DArray();
    const first = right.getColumn(0);
    /** From u v^T: |v · first| and sqrt(1 - that²), over one another; and σ. */
    const iterate = (iterations: number): { tangent: number; sigma: number } => {
      const { value, gradient } = powerIteration(matrix, block, iterations);
      const along = euclideanNorm(
        Array.from({ length: size }, (_, i) => {
          return first.reduce((total, x, j) => total + x * at(gradient, i * size + j), 0);
        }),
      );
      return { tangent: Math.sqrt(1 - along * along) / along, sigma: value };
    };
    const start = iterate(0).tangent;
    for (const iterations of [1, 3, 10, 30]) {
      const { tangent, sigma } = iterate(iterations);
      expect(tangent).toBeLessThanOrEqual(0.9 ** (2 * iterations) * start * (1 + 1e-9));
      expect(sigma).toBeLessThanOrEqual(2 + 1e-12);
      expect(1 - sigma / 2).toBeLessThanOrEqual(tangent ** 2);
    }
    expect(iterate(30).tangent).toBeGreaterThan(1e-3 * 0.9 ** 60 * start);
  });
});
