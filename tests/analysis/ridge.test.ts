import { describe, expect, test } from "vitest";
import { choleskyFactor, choleskySolve } from "../../src/analysis/cholesky.ts";
import { accuracyOf, classify, ridgeClassification } from "../../src/analysis/classification.ts";
import { applyReadout, type Readout, ridgeRegression } from "../../src/analysis/ridge.ts";
import { LimitError, ShapeError, ValueError } from "../../src/errors.ts";
import { Random, streams } from "../../src/random.ts";
import { ridgeByQr } from "../reference/ridge.ts";

function normals(rows: number, columns: number, seed: number, mean = 0): number[][] {
  const random = new Random(seed, streams.task);
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.normal(mean)));
}

function expectSame(readout: Readout, expected: readonly (readonly number[])[], digits = 9): void {
  for (const [output, row] of expected.entries()) {
    for (const [feature, weight] of row.slice(0, -1).entries())
      expect(readout.weights[output * readout.features + feature]).toBeCloseTo(weight, digits);
    expect(readout.bias[output]).toBeCloseTo(row.at(-1) ?? Number.NaN, digits);
  }
}

test("a Cholesky factor is that of a matrix written out, and solves", () => {
  // [[4, 2, 6], [2, 10, 9], [6, 9, 19]] = L Lᵀ with L = [[2], [1, 3], [3, 2, √6]].
  const factor = Float64Array.of(4, 2, 10, 6, 9, 19);
  choleskyFactor(factor, 3);
  for (const [index, value] of [2, 1, 3, 3, 2, Math.sqrt(6)].entries()) expect(factor[index]).toBeCloseTo(value, 14);
  const x = Float64Array.of(12, 21, 34);
  choleskySolve(factor, 3, x);
  for (const value of x) expect(value).toBeCloseTo(1, 13);
});

test("one feature: the closed form Σ x y / (Σ x² + λ), about the means or not", () => {
  const [x, y] = [
    [1, 2, 4],
    [3, 5, 4],
  ];
  const plain = ridgeRegression(x, y, { features: 1, lambda: 2, bias: false });
  expect(plain.weights[0]).toBeCloseTo(29 / 23, 14);
  expect(plain.bias[0]).toBe(0);
  // x - 7/3 = (-4, -1, 5) / 3, y - 4 = (-1, 1, 0): Σ x y = 1, Σ x² = 42 / 9.
  const centred = ridgeRegression(x, y, { features: 1, lambda: 2 });
  expect(centred.weights[0]).toBeCloseTo(1 / (42 / 9 + 2), 14);
  expect(centred.bias[0]).toBeCloseTo(4 - (7 / 3) * (1 / (42 / 9 + 2)), 14);
  expect(centred.candidates).toEqual([]);
});

test("orthogonal features shrink by Σ x² / (Σ x² + λ); an endless λ leaves the mean", () => {
  const x = [
    [2, 0],
    [-2, 0],
    [0, 1],
    [0, -1],
  ];
  const y = x.map(([a = 0, b = 0]) => 3 * a - 5 * b + 7);
  const readout = ridgeRegression(x.flat(), y, { features: 2, lambda: 2 });
  expect(readout.weights[0]).toBeCloseTo((3 * 8) / 10, 14);
  expect(readout.weights[1]).toBeCloseTo((-5 * 2) / 4, 14);
  expect(readout.bias[0]).toBeCloseTo(7, 14);
  const none = ridgeRegression(x.flat(), y, { features: 2, lambda: 1e300 });
  expect([...applyReadout(none, [9, 9])].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([7]);
});

describe("against a QR decomposition in float64", () => {
  for (const [rows, features, outputs, lambda] of [
    [1, 1, 1, 0.5],
    [7, 3, 2, 1e-3],
    [40, 17, 3, 0.7],
    // More features than rows.
    [9, 20, 2, 0.1],
    [60, 33, 1, 0],
  ] as const) {
    test(`${rows} rows, ${features} features, ${outputs} outputs, λ = ${lambda}`, () => {
      const [x, y] = [normals(rows, features, 1), normals(rows, outputs, 2)];
      const readout = ridgeRegression(x.flat(), y.flat(), { features, outputs, lambda });
      expectSame(readout, ridgeByQr(x, y, lambda));
      const predicted = applyReadout(readout, x.flat());
      const [first = []] = ridgeByQr(x, y, lambda);
      const expected = [...(x[0] ?? []), 1].reduce((sum, value, k) => sum + value * (first[k] ?? 0), 0);
      expect(predicted[0]).toBeCloseTo(expected, 9);
    });
  }

  test("a mean of a million costs few digits", () => {
    const [x, y] = [normals(30, 4, 3), normals(30, 1, 4)];
    const shifted = x.map((row) => row.map((value) => value + 1e6));
    const readout = ridgeRegression(shifted.flat(), y.flat(), { features: 4, lambda: 0.3 });
    const [row = []] = ridgeByQr(x, y, 0.3);
    for (const [k, weight] of row.slice(0, -1).entries()) expect(readout.weights[k]).toBeCloseTo(weight, 7);
  });
});

test("of several λ, the one of the least error on parts that were held out", () => {
  const lambdas = [0.01, 3, 100];
  const [x, y] = [normals(11, 4, 5), normals(11, 1, 6)];
  // A little of the first feature, so that the best λ lies inside.
  for (const [row, [first = 0]] of x.entries()) (y[row] as number[])[0] = 0.5 * (y[row]?.[0] ?? 0) + first;
  const errors = lambdas.map((lambda) => {
    let sum = 0;
    for (const [from, to] of [
      [0, 3],
      [3, 7],
      [7, 11],
    ] as const) {
      const kept = (list: number[][]) => [...list.slice(0, from), ...list.slice(to)];
      const [fitted = []] = ridgeByQr(kept(x), kept(y), lambda);
      for (let row = from; row < to; row += 1) {
        const predicted = [...(x[row] ?? []), 1].reduce((total, value, k) => total + value * (fitted[k] ?? 0), 0);
        sum += (predicted - (y[row]?.[0] ?? 0)) ** 2;
      }
    }
    return sum / 11;
  });
  const readout = ridgeRegression(x.flat(), y.flat(), { features: 4, lambda: lambdas, folds: 3 });
  for (const [index, { lambda, error }] of readout.candidates.entries()) {
    expect(lambda).toBe(lambdas[index]);
    expect(error).toBeCloseTo(errors[index] ?? Number.NaN, 9);
  }
  const best = lambdas[errors.indexOf(Math.min(...errors))] ?? 0;
  expect(readout.lambda).toBe(best);
  expectSame(readout, ridgeByQr(x, y, best));
});

test("a classifier names classes, and counts only the rows asked for", () => {
  const random = new Random(1, streams.task);
  const centres = [
    [2, 0],
    [-1, 2],
    [-1, -2],
  ];
  const labels = Array.from({ length: 120 }, () => random.integer(3));
  const states = labels.flatMap((label) => (centres[label] ?? []).map((value) => value + random.normal(0, 0.2)));
  const readout = ridgeClassification(states.slice(0, 160), labels.slice(0, 80), { features: 2, classes: 3 });
  expect(readout.candidates).toHaveLength(8);
  const named = classify(readout, states.slice(160));
  expect(accuracyOf(named, labels.slice(80))).toBe(1);
  expect(accuracyOf([0, 1, 2, 0], [0, 1, 0, 1])).toBe(0.5);
  expect(accuracyOf([0, 1, 2, 0], [0, 1, 0, 1], [1, 1, 1, 0])).toBeCloseTo(2 / 3, 15);
});

test("of equally good λ, the largest; silent units have no weight", () => {
  const states = [1, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0];
  const readout = ridgeClassification(states, [1, 0, 1, 0, 1, 0], {
    features: 2,
    classes: 2,
    folds: 2,
    lambda: [1e-3, 1e-2],
  });
  expect(readout.candidates.map(({ error }) => error)).toEqual([0, 0]);
  expect(readout.lambda).toBe(1e-2);
  expect(readout.weights[1]).toBe(0);
  const silent = ridgeRegression(new Uint8Array(8), [1, 2, 3, 6], { features: 2, folds: 2 });
  expect([...silent.weights]).toEqual([0, 0]);
  expect(silent.bias[0]).toBeCloseTo(3, 15);
});

test("what cannot be fitted is refused", () => {
  const twins = [1, 1, 2, 2, 5, 5, 3, 3];
  expect(() => ridgeRegression(twins, [1, 2, 3, 4], { features: 2, lambda: 0 })).toThrow(
    new ValueError("cholesky: the matrix is not positive definite: row 1 of 2 depends on those before it."),
  );
  expect(() => ridgeRegression([1, 2, 3], [1], { features: 2 })).toThrow(ShapeError);
  expect(() => ridgeRegression([1, 2], [1, 2, 3], { features: 1 })).toThrow(/targets: expected \[2, 1\]/);
  expect(() => ridgeRegression([1, Number.NaN], [1, 2], { features: 1, lambda: 1 })).toThrow(/states\[1\] is NaN/);
  expect(() => ridgeRegression([1, 2], [1, 2], { features: 1, lambda: -1 })).toThrow(/lambda.*got -1/);
  expect(() => ridgeRegression([1, 2], [1, 2], { features: 1, folds: 3 })).toThrow(/folds.*2 to 2 rows, got 3/);
  expect(() => ridgeRegression(new Uint8Array(5000), [1], { features: 5000 })).toThrow(LimitError);
  expect(() => ridgeClassification([1, 2], [0, 2], { features: 1, classes: 2 })).toThrow(/labels\[1\] is 2/);
  expect(() => accuracyOf([0], [0], [0])).toThrow(/no row counts/);
  expect(() => accuracyOf([0], [0, 1])).toThrow(ShapeError);
});
