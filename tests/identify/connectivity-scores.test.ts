import { describe, expect, test } from "vitest";
import { ShapeError, ValueError } from "../../src/errors.ts";
import { activitySubspace } from "../../src/identify/activity-subspace.ts";
import { circulantPart } from "../../src/identify/circulant.ts";
import { connectivityScores } from "../../src/identify/connectivity-scores.ts";
import { hiddenPaths, meanGains } from "../../src/identify/hidden-paths.ts";
import { Random, streams } from "../../src/random.ts";
import { circulantShare, offDiagonalCorrelation, pearson, rowsOf, throughSubspace } from "../reference/connectivity.ts";
import { ringRecording, ringTruth } from "../reference/nsi-recording.ts";
import { at } from "../reference/numbers.ts";

const normals = (count: number, seed: number): Float64Array => {
  const random = new Random(seed, streams.task);
  return Float64Array.from({ length: count }, () => random.normal());
};

/**
 * A double ring: K observed units and two hidden rings of K that copy them, with input weights +1 and -1, read back with
 * the shift kernel V and -V, so that W_rh diag(w_in) W_hr = 2 V and W_rh W_hr = 0.
 */
function doubleRing(units: number, truth = ringTruth(units)) {
  const size = 3 * units;
  const weights = new Float64Array(size * size);
  const inputWeights = new Float64Array(size);
  for (let i = 0; i < units; i += 1) {
    for (const side of [1, 2]) {
      weights[(side * units + i) * size + i] = 1;
      inputWeights[side * units + i] = side === 1 ? 1 : -1;
    }
    for (let j = 0; j < units; j += 1) {
      weights[i * size + j] = at(truth.weights, i * units + j);
      for (const side of [1, 2])
        weights[i * size + side * units + j] = (side === 1 ? 1 : -1) * at(truth.velocityWeights, i * units + j);
    }
  }
  return { truth, learned: { units: size, weights, inputWeights, observed: units } };
}

describe("closed forms", () => {
  test("the truth itself scores 1, and noise less and less", () => {
    const { truth, learned } = doubleRing(20);
    const { rates } = ringRecording({ units: 20, steps: 200, trials: 2 });
    const scores = connectivityScores(learned, { truth, rates, gains: new Float64Array(40).fill(1) });
    for (const score of [
      ...[scores.weightCorrelation, scores.effectiveCorrelation, scores.subspaceCorrelation, scores.subspaceScale],
      ...[scores.profileCorrelation, scores.circulantShare, scores.weightedProduct?.[0]],
      ...[scores.gainWeightedProduct?.[0], scores.productProfile?.[0]],
    ])
      expect(score).toBeCloseTo(1, 12);
    expect(scores.subspaceError).toBe(0);
    expect(scores.antisymmetricShare).toBeCloseTo(0, 12);
    // Opposite rings cancel in the product that leaves w_in out, and a symmetric W has no antisymmetric part.
    expect(scores.plainProduct).toEqual([undefined]);
    expect(scores.antisymmetricCorrelation).toEqual([undefined]);
    expect(scores.velocityWeights).toBeUndefined();
    let last = 1;
    for (const size of [0.02, 0.1, 1]) {
      const noise = normals(learned.weights.length, 1);
      const noisy = { ...learned, weights: learned.weights.map((weight, index) => weight + size * at(noise, index)) };
      const {
        weightCorrelation = 0,
        circulantShare = 0,
        subspaceError = 0,
      } = connectivityScores(noisy, { truth, rates });
      expect(weightCorrelation).toBeLessThan(last);
      expect(circulantShare).toBeLessThan(1);
      expect(subspaceError).toBeGreaterThan(0.05);
      last = weightCorrelation;
    }
    expect(last).toBeLessThan(0.2);
  });

  test("the weighted product turns with the sign of w_in; the plain one does not know it", () => {
    const { truth, learned } = doubleRing(12);
    const turned = { ...learned, inputWeights: learned.inputWeights.map((weight) => -weight) };
    expect(connectivityScores(turned, { truth }).weightedProduct?.[0]).toBeCloseTo(-1, 12);
    // One ring alone: both products are the kernel.
    const one = { ...learned, inputWeights: learned.inputWeights.map((weight) => Math.max(0, weight)) };
    expect(connectivityScores(one, { truth }).weightedProduct?.[0]).toBeCloseTo(1, 12);
    const gains = Float64Array.from({ length: 24 }, (_, k) => (k < 12 ? 1 : 0));
    expect(hiddenPaths(learned, gains)?.plain[5]).toBeCloseTo(at(truth.velocityWeights, 5), 15);
    expect(hiddenPaths(learned)?.weighted?.[5]).toBeCloseTo(2 * at(truth.velocityWeights, 5), 15);
  });

  test("scores do not depend on how hidden units are numbered, nor on where the observed ones stand", () => {
    const { truth, learned } = doubleRing(10);
    const order = new Random(3, streams.task).permutation(30);
    const weights = Float64Array.from({ length: 900 }, (_, index) =>
      at(learned.weights, at(order, Math.floor(index / 30)) * 30 + at(order, index % 30)),
    );
    const moved = {
      units: 30,
      weights,
      inputWeights: Float64Array.from(order, (unit) => at(learned.inputWeights, unit)),
      observed: Array.from({ length: 10 }, (_, unit) => order.indexOf(unit)),
    };
    expect(connectivityScores(moved, { truth })).toEqual(connectivityScores(learned, { truth }));
  });

  test("a ring whose units are numbered at random is circulant in its own order alone", () => {
    const { weights, velocityWeights } = ringTruth(16);
    const order = new Random(4, streams.task).permutation(16);
    const shuffle = (matrix: Float64Array): Float64Array => {
      const shuffled = new Float64Array(256);
      for (let i = 0; i < 16; i += 1)
        for (let j = 0; j < 16; j += 1) shuffled[at(order, i) * 16 + at(order, j)] = at(matrix, i * 16 + j);
      return shuffled;
    };
    const truth = { weights: shuffle(weights), velocityWeights: shuffle(velocityWeights) };
    const learned = { units: 16, weights: truth.weights, velocityWeights: truth.velocityWeights, observed: 16 };
    const sorted = connectivityScores(learned, { truth, lattice: { axes: [16], order } });
    expect(sorted.circulantShare).toBeCloseTo(1, 12);
    for (const [k, weight] of weights.subarray(0, 16).entries()) expect(sorted.profile[k]).toBeCloseTo(weight, 14);
    expect(sorted.velocityWeights?.[0]).toBeCloseTo(1, 12);
    expect(connectivityScores(learned, { truth }).circulantShare).toBeLessThan(0.4);
  });

  test("on a torus a weight of both displacements is circulant there, and not on a ring", () => {
    const [rows, columns] = [3, 5];
    const kernel = normals(15, 5);
    const matrix = Float64Array.from({ length: 225 }, (_, index) => {
      const [post, pre] = [Math.floor(index / 15), index % 15];
      const down = (Math.floor(pre / columns) - Math.floor(post / columns) + rows) % rows;
      return at(kernel, down * columns + ((pre - post + 15) % columns));
    });
    const { profile, share } = circulantPart(matrix, { axes: [rows, columns] });
    expect(share).toBeCloseTo(1, 12);
    for (const [k, weight] of kernel.entries()) expect(profile[k]).toBeCloseTo(weight, 14);
    expect(circulantPart(matrix, { axes: [15] }).share).toBeLessThan(0.95);
  });

  test("an antisymmetric kernel has share 1; independent weights about a half, and 1 / K circulant", () => {
    const { velocityWeights } = ringTruth(15);
    expect(connectivityScores({ units: 15, weights: velocityWeights, observed: 15 }).antisymmetricShare).toBeCloseTo(
      1,
      12,
    );
    const random = connectivityScores({ units: 60, weights: normals(3600, 6), observed: 60 });
    expect(random.antisymmetricShare).toBeGreaterThan(0.47);
    expect(random.antisymmetricShare).toBeLessThan(0.53);
    expect(random.circulantShare).toBeLessThan(0.04);
  });
});

describe("against plain loops", () => {
  for (const [units, hidden, dimensions] of [
    [3, 1, 1],
    [5, 0, 1],
    [8, 7, 2],
    [13, 9, 1],
  ] as const)
    test(`${units} observed, ${hidden} hidden units, ${dimensions} components`, () => {
      const size = units + hidden;
      const learned = {
        units: size,
        weights: normals(size * size, 11),
        inputWeights: normals(size * dimensions, 12),
        observed: units,
      };
      const truth = { weights: normals(units * units, 13), velocityWeights: normals(dimensions * units * units, 14) };
      const rates = normals(40 * units, 15).map((value) => Math.max(0, value + 0.3));
      const gains = normals(hidden, 16);
      const scores = connectivityScores(learned, { truth, rates, share: 0.8, ...(hidden > 0 && { gains }) });
      const all = rowsOf(learned.weights, size);
      const block = all.slice(0, units).map((row) => row.slice(0, units));
      const real = rowsOf(truth.weights, units);
      expect(scores.weightCorrelation).toBeCloseTo(offDiagonalCorrelation(block, real), 11);
      expect(scores.circulantShare).toBeCloseTo(circulantShare(block), 11);
      const [seen, expected] = [block, real].map((matrix) => throughSubspace(matrix, rowsOf(rates, units), 0.8));
      const pairs = (seen?.projected ?? []).flatMap((row, i) =>
        row.map((value, j) => [value, expected?.projected[i]?.[j] ?? Number.NaN] as const),
      );
      expect(scores.subspaceDimensions).toBe(seen?.dimensions);
      expect(scores.subspaceCorrelation).toBeCloseTo(pearson(pairs), 9);
      const square = (values: readonly number[]): number => values.reduce((sum, value) => sum + value * value, 0);
      expect(scores.subspaceError).toBeCloseTo(
        Math.sqrt(square(pairs.map(([a, b]) => a - b)) / square(pairs.map(([, b]) => b))),
        9,
      );
      const path = (factor: (unit: number) => number): number[][] =>
        block.map((row, i) =>
          row.map((_, j) => {
            let sum = 0;
            for (let k = units; k < size; k += 1) sum += (all[i]?.[k] ?? 0) * factor(k) * (all[k]?.[j] ?? 0);
            return sum;
          }),
        );
      for (let d = 0; d < dimensions; d += 1) {
        const kernel = rowsOf(truth.velocityWeights.subarray(d * units * units, (d + 1) * units * units), units);
        const odd = block.map((row, i) => row.map((value, j) => (value - (block[j]?.[i] ?? 0)) / 2));
        expect(scores.antisymmetricCorrelation?.[d]).toBeCloseTo(offDiagonalCorrelation(odd, kernel), 11);
        if (hidden === 0) continue;
        const input = (unit: number): number => at(learned.inputWeights, unit * dimensions + d);
        expect(scores.plainProduct?.[d]).toBeCloseTo(
          offDiagonalCorrelation(
            path(() => 1),
            kernel,
          ),
          11,
        );
        expect(scores.weightedProduct?.[d]).toBeCloseTo(offDiagonalCorrelation(path(input), kernel), 11);
        expect(scores.gainWeightedProduct?.[d]).toBeCloseTo(
          offDiagonalCorrelation(
            path((unit) => input(unit) * at(gains, unit - units)),
            kernel,
          ),
          11,
        );
      }
      if (hidden > 0) return;
      expect([scores.plainProduct, scores.weightedProduct, scores.productProfile]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    });
});

test("mean gains are slopes of the activations, by differences", () => {
  const drives = normals(30, 21);
  const functions: Record<string, (drive: number) => number> = {
    relu: (v) => Math.max(0, v),
    retanh: (v) => Math.max(0, Math.tanh(v)),
    tanh: Math.tanh,
    sigmoid: (v) => 1 / (1 + Math.exp(-v)),
    softplus: (v) => Math.log1p(Math.exp(v)),
    power: (v) => Math.max(0, v) ** 2,
    linear: (v) => v,
  };
  for (const [activation, f] of Object.entries(functions)) {
    const gains = meanGains(drives.map(f), { units: 3, activation });
    for (const [unit, gain] of gains.entries()) {
      const own = drives.filter((_, index) => index % 3 === unit);
      const slope = own.reduce((sum, v) => sum + (f(v + 1e-6) - f(v - 1e-6)) / 2e-6, 0) / own.length;
      expect(gain).toBeCloseTo(slope, 7);
    }
  }
  expect(() => meanGains(drives, { units: 3, activation: "mine" })).toThrow('got "mine". Pass gains of your own.');
});

test("without a truth, what needs none is still there", () => {
  const { learned } = doubleRing(9);
  const scores = connectivityScores(learned);
  expect(scores.circulantShare).toBeCloseTo(1, 12);
  expect(scores.productAntisymmetricShare?.[0]).toBeCloseTo(1, 12);
  expect([scores.weightCorrelation, scores.weightedProduct, scores.subspaceDimensions, scores.trueProfile]).toEqual(
    new Array(4).fill(undefined),
  );
  const flat = connectivityScores({ units: 3, weights: new Float64Array(9), observed: 3 }, { truth: ringTruth(3) });
  expect([flat.weightCorrelation, flat.circulantShare, flat.antisymmetricShare]).toEqual(new Array(3).fill(undefined));
});

test("bad input is refused by name", () => {
  const { truth, learned } = doubleRing(5);
  const rates = normals(50, 1);
  expect(() => connectivityScores({ ...learned, weights: [1] })).toThrow(
    new ShapeError("learned: weights: expected [15, 15] (post, pre), got 1 values."),
  );
  expect(() => connectivityScores({ ...learned, observed: [1, 1] })).toThrow("learned: observed[1]: expected a unit");
  expect(() => connectivityScores({ ...learned, observed: 0 })).toThrow("observed: expected 1 to 15 units, got 0");
  expect(() => connectivityScores({ ...learned, inputWeights: [1] })).toThrow("inputWeights: expected [15, D]");
  expect(() => connectivityScores({ ...learned, inputWeights: learned.inputWeights.with(2, Number.NaN) })).toThrow(
    new ValueError("learned: inputWeights: value 2 is NaN; expected a finite number."),
  );
  expect(() => connectivityScores(learned, { truth: { weights: [1] } })).toThrow("truth: weights: expected [5, 5]");
  expect(() => connectivityScores(learned, { truth: { ...truth, velocityWeights: normals(50, 1) } })).toThrow(
    "truth: velocityWeights are of 2 velocity components, the learned network has 1.",
  );
  expect(() => connectivityScores(learned, { rates: [1, 2, 3] })).toThrow(
    "rates: expected [rows, 5] of the observed units",
  );
  expect(() => connectivityScores(learned, { rates, share: 2 })).toThrow("share: expected a number in (0, 1], got 2");
  expect(() => connectivityScores(learned, { gains: [1] })).toThrow("gains: expected [10], one for each hidden unit");
  expect(() => connectivityScores(learned, { lattice: { axes: [5], order: [0, 1, 2, 3, 3] } })).toThrow(
    "every unit of 0 to 4 once",
  );
  expect(() => connectivityScores(learned, { lattice: { axes: [2, 2] } })).toThrow("expected [4, 4]");
  expect(() => activitySubspace(new Float64Array(10), { units: 5 })).toThrow("no unit's rate varies");
});
