import { EigenvalueDecomposition, Matrix } from "ml-matrix";
import { describe, expect, it } from "vitest";
import { ShapeError, ValueError } from "../../src/errors.ts";
import { type Eigenvalues, eigenvalues } from "../../src/network/eigenvalues.ts";
import { spectralRadius } from "../../src/network/spectral-radius.ts";
import { Random } from "../../src/random.ts";

type Complex = readonly [re: number, im: number];

const pairs = ({ re, im }: Eigenvalues): Complex[] => Array.from(re, (real, index) => [real, im[index] ?? Number.NaN]);

/** The largest distance between the members of two sets, each paired with its nearest that is still free. */
function distance(left: readonly Complex[], right: readonly Complex[]): number {
  expect(left.length).toBe(right.length);
  const free = [...right];
  let largest = 0;
  for (const [re, im] of left) {
    const gaps = free.map(([otherRe, otherIm]) => Math.hypot(re - otherRe, im - otherIm));
    const gap = Math.min(...gaps);
    free.splice(gaps.indexOf(gap), 1);
    largest = Math.max(largest, gap);
  }
  return largest;
}

function randomMatrix(n: number, seed: number): Float64Array {
  const random = new Random(seed, 0);
  return Float64Array.from({ length: n * n }, () => random.normal());
}

describe("eigenvalues", () => {
  it("of a triangular matrix are exactly its diagonal, in whatever order its units are", () => {
    const n = 30;
    const order = new Random(1, 0).permutation(n);
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i += 1)
      for (let j = 0; j <= i; j += 1) matrix[(order[i] ?? 0) * n + (order[j] ?? 0)] = i === j ? i - 10 : 1 + i * j;
    const { re, im } = eigenvalues(matrix, n);
    expect([...re].sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i - 10));
    expect(im.every((value) => value === 0)).toBe(true);
    expect(re[0]).toBe(19);
  });

  it("of rotations are r·e^(±iθ), the one above the real axis first", () => {
    const [r, theta] = [1.7, 0.6];
    const [c, s] = [r * Math.cos(theta), r * Math.sin(theta)];
    const { re, im } = eigenvalues([c, -s, 0, s, c, 0, 0, 0, -0.5], 3);
    expect(distance(pairs({ re, im }), [[c, s], [c, -s], [-0.5, 0]])).toBeLessThan(1e-14); // biome-ignore format: pairs
    expect(im[0]).toBeGreaterThan(0);
    expect(im[1]).toBe(-(im[0] ?? 0));
    expect(re[2]).toBe(-0.5);
    // Blocks hidden by a change of basis: Q·blocks·Qᵀ with Q a reflection 1 - 2vvᵀ.
    const n = 8;
    const angles = [0.1, 0.9, 2, 3];
    const blocks = new Float64Array(n * n);
    angles.forEach((angle, k) => {
      const i = 2 * k;
      blocks[i * n + i] = Math.cos(angle);
      blocks[(i + 1) * n + i + 1] = Math.cos(angle);
      blocks[i * n + i + 1] = -Math.sin(angle);
      blocks[(i + 1) * n + i] = Math.sin(angle);
    });
    const q = Matrix.eye(n).sub(Matrix.ones(n, n).mul(2 / n));
    const turned = q
      .mmul(Matrix.from1DArray(n, n, [...blocks]))
      .mmul(q)
      .to1DArray();
    const expected = angles.flatMap((angle): Complex[] => [[Math.cos(angle), Math.sin(angle)], [Math.cos(angle), -Math.sin(angle)]]); // biome-ignore format: pairs
    expect(distance(pairs(eigenvalues(turned, n)), expected)).toBeLessThan(1e-12);
  });

  it("of a companion matrix are the roots of its polynomial", () => {
    const roots = [-3, -1, 0.5, 2, 4];
    let polynomial = [1];
    for (const root of roots) {
      const longer = [...polynomial, 0];
      polynomial.forEach((coefficient, index) => {
        longer[index + 1] = (longer[index + 1] ?? 0) - root * coefficient;
      });
      polynomial = longer;
    }
    const n = roots.length;
    const matrix = new Float64Array(n * n);
    for (let i = 0; i < n; i += 1) matrix[i] = -(polynomial[i + 1] ?? 0);
    for (let i = 1; i < n; i += 1) matrix[i * n + i - 1] = 1;
    expect(
      distance(
        pairs(eigenvalues(matrix, n)),
        roots.map((root): Complex => [root, 0]),
      ),
    ).toBeLessThan(1e-10);
    // xⁿ = 1: the corners of a polygon.
    const cycle = new Float64Array(49);
    for (let i = 0; i < 7; i += 1) cycle[i * 7 + ((i + 1) % 7)] = 1;
    const corners = Array.from(
      { length: 7 },
      (_, k): Complex => [Math.cos((2 * Math.PI * k) / 7), Math.sin((2 * Math.PI * k) / 7)],
    );
    expect(distance(pairs(eigenvalues(cycle, 7)), corners)).toBeLessThan(1e-12);
  });

  it("agree with ml-matrix on small dense matrices", () => {
    for (let n = 1; n <= 40; n += 1) {
      const matrix = randomMatrix(n, n);
      const { realEigenvalues, imaginaryEigenvalues } = new EigenvalueDecomposition(
        Matrix.from1DArray(n, n, [...matrix]),
        { assumeSymmetric: false },
      );
      const expected = realEigenvalues.map((re, index): Complex => [re, imaginaryEigenvalues[index] ?? 0]);
      expect(distance(pairs(eigenvalues(matrix, n)), expected)).toBeLessThan(1e-8);
    }
  });

  it("have the trace as their sum and come largest first, in conjugate pairs; float32 and 200 units too", () => {
    const n = 200;
    const matrix = Float32Array.from(randomMatrix(n, 5));
    const { re, im } = eigenvalues(matrix, n);
    let trace = 0;
    for (let i = 0; i < n; i += 1) trace += matrix[i * n + i] ?? 0;
    expect(re.reduce((sum, value) => sum + value, 0)).toBeCloseTo(trace, 8);
    expect(Math.abs(im.reduce((sum, value) => sum + value, 0))).toBeLessThan(1e-9);
    const sizes = pairs({ re, im }).map(([real, imaginary]) => Math.hypot(real, imaginary));
    for (let i = 1; i < n; i += 1) expect(sizes[i]).toBeLessThanOrEqual((sizes[i - 1] ?? 0) * (1 + 1e-12));
    expect(sizes[0]).toBeCloseTo(spectralRadius(matrix, n), 10);
  });

  it("do not hang or fail on sparse matrices of 0 and 1", () => {
    const random = new Random(9, 0);
    for (let trial = 0; trial < 400; trial += 1) {
      const n = 2 + (trial % 12);
      const matrix = Float32Array.from({ length: n * n }, () => (random.uniform() < 0.4 ? 1 : 0));
      const { re } = eigenvalues(matrix, n);
      let trace = 0;
      for (let i = 0; i < n; i += 1) trace += matrix[i * n + i] ?? 0;
      expect(re.reduce((sum, value) => sum + value, 0)).toBeCloseTo(trace, 6);
    }
  });

  it("refuse what is not a finite square matrix", () => {
    expect(() => eigenvalues([1, 2, 3], 2)).toThrow(ShapeError);
    expect(() => eigenvalues([1, 2, 3, Number.NaN], 2)).toThrow(/matrix\[1, 1\] is NaN/);
    expect(() => eigenvalues([], 0)).toThrow(ValueError);
  });
});
