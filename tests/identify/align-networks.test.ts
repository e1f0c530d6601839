import { expect, test } from "vitest";
import { alignNetworks, weightConsistency } from "../../src/identify/align-networks.ts";
import { alignUnits } from "../../src/identify/align-units.ts";
import { Random, streams } from "../../src/random.ts";
import { pearson, rowsOf } from "../reference/connectivity.ts";
import { at } from "../reference/numbers.ts";

const normals = (count: number, seed: number): Float64Array => {
  const random = new Random(seed, streams.task);
  return Float64Array.from({ length: count }, () => random.normal());
};
const permuted = (curves: Float64Array, points: number, order: ArrayLike<number>): Float64Array =>
  Float64Array.from(curves, (_, index) =>
    at(curves, at(order, Math.floor(index / points)) * points + (index % points)),
  );

test("units that were numbered anew and scaled are found again; noise lowers the correlation", () => {
  const curves = normals(30 * 12, 1);
  const order = new Random(2, streams.task).permutation(30);
  const other = permuted(curves, 12, order).map((value) => 3 * value + 1);
  const { match, correlation, correlations } = alignUnits(curves, other, { points: 12 });
  for (const [unit, found] of match.entries()) expect(at(order, found)).toBe(unit);
  expect(correlation).toBeCloseTo(1, 12);
  const noise = normals(360, 3);
  const noisy = alignUnits(
    curves,
    other.map((value, index) => value + at(noise, index)),
    { points: 12 },
  );
  expect([...noisy.match]).toEqual([...match]);
  expect(noisy.correlation).toBeLessThan(0.99);
  expect(correlations).toHaveLength(30);
});

test("the assignment is the best of all, by trying every one", () => {
  const permutations = (items: readonly number[]): number[][] =>
    items.length < 2
      ? [[...items]]
      : items.flatMap((item) => permutations(items.filter((other) => other !== item)).map((rest) => [item, ...rest]));
  for (let seed = 0; seed < 8; seed += 1) {
    const [a, b] = [rowsOf(normals(6 * 4, 10 + seed), 4), rowsOf(normals(6 * 4, 50 + seed), 4)];
    const worth = (order: readonly number[]): number =>
      order.reduce(
        (sum, j, i) => sum + pearson((a[i] ?? []).map((value, k) => [value, b[j]?.[k] ?? Number.NaN] as const)),
        0,
      );
    const best = Math.max(...permutations([0, 1, 2, 3, 4, 5]).map(worth));
    const { match, correlation } = alignUnits(a.flat(), b.flat(), { points: 4 });
    expect(worth([...match])).toBeCloseTo(best, 11);
    expect(correlation).toBeCloseTo(best / 6, 11);
  }
});

test("networks of another number of units: some are left without a match; flat curves match the rest", () => {
  const curves = normals(5 * 8, 4);
  const few = alignUnits(curves, curves.subarray(0, 3 * 8), { points: 8 });
  expect([...few.match]).toEqual([0, 1, 2, -1, -1]);
  expect(few.correlations.slice(3)).toEqual([undefined, undefined]);
  const many = alignUnits(curves.subarray(0, 3 * 8), permuted(curves, 8, [4, 3, 2, 1, 0]), { points: 8 });
  expect([...many.match]).toEqual([4, 3, 2]);
  const flat = curves.slice().fill(0, 16, 24);
  const { match, correlations } = alignUnits(flat, flat, { points: 8 });
  expect([...match]).toEqual([0, 1, 2, 3, 4]);
  expect(correlations[2]).toBeUndefined();
});

test("seeds whose hidden units differ in number alone are the same network once aligned", () => {
  const [units, observed, points] = [9, 4, 6];
  const network = {
    ...{ units, observed, weights: normals(81, 5), inputWeights: normals(18, 6), bias: normals(9, 7) },
    velocityWeights: normals(162, 8),
    alpha: normals(9, 9),
  };
  const tuning = normals(5 * points, 10);
  const inner = [3, 0, 4, 1, 2];
  const order = [0, 1, 2, 3, ...inner.map((unit) => unit + 4)];
  const both = (matrix: Float64Array, d = 0): number[] =>
    Array.from({ length: 81 }, (_, index) =>
      at(matrix, d * 81 + at(order, Math.floor(index / 9)) * 9 + at(order, index % 9)),
    );
  const other = {
    ...{ units, observed, weights: both(network.weights), inputWeights: permuted(network.inputWeights, 2, order) },
    bias: permuted(network.bias, 1, order),
    velocityWeights: [...both(network.velocityWeights), ...both(network.velocityWeights, 1)],
    alpha: permuted(network.alpha, 1, order),
  };
  const before = weightConsistency([network, other]);
  expect(before.observed).toBeCloseTo(1, 12);
  for (const key of ["toHidden", "fromHidden", "hidden", "inputs"] as const) expect(before[key]).toBeLessThan(0.9);
  const { networks, alignments, consistency } = alignNetworks(
    [network, other],
    [tuning, permuted(tuning, points, inner)],
    { points },
  );
  for (const value of Object.values(consistency)) expect(value).toBeCloseTo(1, 12);
  expect(alignments[1]?.correlation).toBeCloseTo(1, 12);
  for (const key of ["weights", "inputWeights", "bias", "velocityWeights", "alpha"] as const)
    expect(Array.from(networks[1]?.[key] as ArrayLike<number>)).toEqual([...network[key]]);
});

test("consistency is the mean over pairs, by plain loops; bad input is refused by name", () => {
  const three = [20, 21, 22].map((seed) => ({ units: 5, observed: 2, weights: normals(25, seed) }));
  const block = (index: number): number[] =>
    rowsOf(three[index]?.weights ?? [], 5)
      .slice(2)
      .flatMap((row) => row.slice(0, 2));
  const pair = (a: number, b: number): number =>
    pearson(block(a).map((value, k) => [value, block(b)[k] ?? Number.NaN] as const));
  const { toHidden, inputs } = weightConsistency(three);
  expect(toHidden).toBeCloseTo((pair(0, 1) + pair(0, 2) + pair(1, 2)) / 3, 12);
  expect(inputs).toBeUndefined();
  const [first = { units: 5, observed: 2, weights: [] }] = three;
  const six = new Float64Array(6);
  expect(() => weightConsistency([first])).toThrow("expected two networks, got 1");
  expect(() => alignNetworks(three, [[1]], { points: 1 })).toThrow("tunings: expected one for each of 3, got 1.");
  expect(() => alignNetworks(three, [[1], [1], [1]], { points: 2 })).toThrow("tunings[0]: expected [3, 2]");
  expect(() => alignNetworks([first, { ...first, observed: [1, 0] }], [six, six], { points: 2 })).toThrow(
    "networks[1]: expected the 5 units and observed units of networks[0].",
  );
  const whole = { ...first, observed: 5 };
  expect(() => alignNetworks([whole, whole], [[], []], { points: 2 })).toThrow("no hidden units to align");
  expect(() => alignUnits([1, 2, 3], [1, 2], { points: 2 })).toThrow("alignUnits: reference: expected [units, 2]");
  expect(() => alignUnits([1, 2], [1, Number.NaN], { points: 2 })).toThrow("alignUnits: other: value 1 is NaN");
});
