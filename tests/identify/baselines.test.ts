import { Matrix, solve } from "ml-matrix";
import { describe, expect, test } from "vitest";
import { connectivityScores } from "../../src/identify/connectivity-scores.ts";
import { correlationBaseline } from "../../src/identify/correlation-baseline.ts";
import type { Recording } from "../../src/identify/recording.ts";
import { ridgeBaseline } from "../../src/identify/ridge-baseline.ts";
import { Random, streams } from "../../src/random.ts";
import { pearson, rowsOf } from "../reference/connectivity.ts";
import { ringRecording, ringTruth } from "../reference/nsi-recording.ts";
import { at, relativeDifference } from "../reference/numbers.ts";

/** A network r = f((W + Σ v_d V_d) u + b) of random weights whose state is stirred by noise that is recorded with it. */
function randomRecording(options: {
  readonly units: number;
  readonly steps: number;
  readonly trials: number;
  readonly dimensions?: number;
  readonly f: (drive: number) => number;
  readonly alpha?: number;
}): { readonly recording: Recording; readonly weights: Float64Array; readonly velocityWeights: Float64Array } {
  const { units, steps, trials, dimensions = 1, f, alpha = 1 } = options;
  const random = new Random(5, streams.task);
  const draw = (count: number, size: number): Float64Array =>
    Float64Array.from({ length: count }, () => random.normal(0, size));
  const weights = draw(units * units, 1 / Math.sqrt(units));
  const velocityWeights = draw(dimensions * units * units, 0.5 / Math.sqrt(units));
  const bias = draw(units, 0.5);
  const velocities = draw(steps * trials * dimensions, 1);
  const rates = new Float64Array(steps * trials * units);
  for (let trial = 0; trial < trials; trial += 1) {
    // Every trial begins elsewhere.
    let state: Float64Array = draw(units, 1).map(f);
    rates.set(state, trial * units);
    for (let step = 1; step < steps; step += 1) {
      const row = step * trials + trial;
      const next = new Float64Array(units);
      for (let i = 0; i < units; i += 1) {
        let drive = at(bias, i);
        for (let j = 0; j < units; j += 1) {
          let weight = at(weights, i * units + j);
          for (let d = 0; d < dimensions; d += 1)
            weight += at(velocities, row * dimensions + d) * at(velocityWeights, (d * units + i) * units + j);
          drive += weight * at(state, j);
        }
        next[i] = f(drive);
      }
      rates.set(next, row * units);
      state = state.map((value, i) => (1 - alpha) * value + alpha * at(next, i));
    }
  }
  return { recording: { steps, trials, units, dtMs: 10, rates, velocities }, weights, velocityWeights };
}

describe("ridge regression of inverted rates", () => {
  const activationsOf = {
    tanh: Math.tanh,
    softplus: (v: number) => Math.log1p(Math.exp(v)),
    linear: (v: number) => v,
  } as const;
  for (const [activation, f] of Object.entries(activationsOf))
    for (const [alpha, dimensions] of [
      [1, 1],
      [0.3, 2],
    ] as const)
      test(`finds the weights of a ${activation} network exactly, α = ${alpha}, ${dimensions} components`, () => {
        const { recording, weights, velocityWeights } = randomRecording({
          ...{ units: 5, steps: 3, trials: 200, f, alpha, dimensions },
        });
        const found = ridgeBaseline(recording, { activation, alpha, lambda: 1e-12 });
        expect(relativeDifference(found.weights, weights)).toBeLessThan(1e-6);
        expect(relativeDifference(found.velocityWeights, velocityWeights)).toBeLessThan(1e-6);
        expect(found).toMatchObject({ rounds: 1, converged: true, activation, alpha, observed: 5 });
      });

  test("drop and hinge find those of a network with a threshold; taking silence for a drive of 0 does not", () => {
    const made = randomRecording({ units: 6, steps: 2, trials: 600, f: (v) => Math.max(0, Math.tanh(v)) });
    const error = (inactive: "zero" | "drop" | "hinge"): number =>
      relativeDifference(ridgeBaseline(made.recording, { inactive, lambda: 1e-12 }).weights, made.weights);
    expect(error("drop")).toBeLessThan(1e-6);
    expect(error("hinge")).toBeLessThan(1e-6);
    expect(error("zero")).toBeGreaterThan(0.2);
  });

  test("are the closed form of each unit's own samples, by ml-matrix", () => {
    const { recording } = randomRecording({ units: 4, steps: 2, trials: 60, f: (v) => Math.max(0, v) });
    const share = 0.05;
    const [before, after] = [rowsOf(recording.rates, 4).slice(0, 60), rowsOf(recording.rates, 4).slice(60)];
    const v = Array.from(recording.velocities).slice(60);
    for (const inactive of ["drop", "zero"] as const) {
      const found = ridgeBaseline(recording, { activation: "relu", lambda: share, inactive, bias: false });
      for (let unit = 0; unit < 4; unit += 1) {
        const rows = before.flatMap((x, row) =>
          inactive === "zero" || (after[row]?.[unit] ?? 0) > 0
            ? [{ x: [...x, ...x.map((value) => value * (v[row] ?? 0))], y: after[row]?.[unit] ?? 0 }]
            : [],
        );
        const x = new Matrix(rows.map((row) => row.x));
        const gram = x.transpose().mmul(x);
        const lambda = (share * gram.trace()) / 8;
        const y = Matrix.columnVector(rows.map((row) => row.y));
        const expected = solve(Matrix.add(gram, Matrix.eye(8).mul(lambda)), x.transpose().mmul(y)).to1DArray();
        expect(found.lambda[unit]).toBeCloseTo(lambda, 9);
        for (let k = 0; k < 4; k += 1) {
          expect(at(found.weights, unit * 4 + k)).toBeCloseTo(expected[k] ?? Number.NaN, 9);
          expect(at(found.velocityWeights, unit * 4 + k)).toBeCloseTo(expected[4 + k] ?? Number.NaN, 9);
        }
      }
    }
  });

  test("hinge is at the minimum of its cost: every direction leads up", () => {
    const { recording } = randomRecording({ units: 4, steps: 2, trials: 80, f: (v) => Math.max(0, v) });
    // Noise, so that inactive samples matter.
    const random = new Random(8, streams.task);
    const rates = Float64Array.from(recording.rates, (rate) => Math.max(0, rate + random.normal(0, 0.3)));
    const noisy = { ...recording, rates };
    const found = ridgeBaseline(noisy, { activation: "relu", inactive: "hinge", lambda: 0.01, bias: false });
    expect(found.converged).toBe(true);
    expect(found.rounds).toBeGreaterThan(1);
    const [before, after] = [rowsOf(rates, 4).slice(0, 80), rowsOf(rates, 4).slice(80)];
    const cost = (unit: number, weights: Float64Array): number => {
      let sum = weights.reduce((total, weight) => total + weight * weight, 0) * at(found.lambda, unit);
      before.forEach((x, row) => {
        let drive = 0;
        for (let k = 0; k < 4; k += 1)
          drive += (x[k] ?? 0) * (at(weights, k) + at(recording.velocities, 80 + row) * at(weights, 4 + k));
        const rate = after[row]?.[unit] ?? 0;
        sum += rate > 0 ? (rate - drive) ** 2 : Math.max(0, drive) ** 2;
      });
      return sum;
    };
    for (let unit = 0; unit < 4; unit += 1) {
      const best = Float64Array.of(
        ...found.weights.subarray(unit * 4, unit * 4 + 4),
        ...found.velocityWeights.subarray(unit * 4, unit * 4 + 4),
      );
      for (let turn = 0; turn < 20; turn += 1) {
        const away = best.map((weight) => weight + random.normal(0, 1e-3));
        expect(cost(unit, away)).toBeGreaterThan(cost(unit, best));
      }
    }
  });

  test("on nsi's ring: W near the reference's 0.72 with noise 0.1 and 0.76 without, V far below W with noise alone", () => {
    const truth = ringTruth(100);
    const scored = (noise: number, lambda: number): ReturnType<typeof connectivityScores> => {
      const recording = ringRecording({ steps: 200, trials: 6, noise, settle: 60 });
      return connectivityScores(ridgeBaseline(recording, { rows: 1000, lambda }), { truth, rates: recording.rates });
    };
    const noisy = scored(0.1, 1e-4);
    expect(noisy.weightCorrelation).toBeGreaterThan(0.6);
    expect(noisy.weightCorrelation).toBeLessThan(0.8);
    expect(noisy.velocityWeights?.[0]).toBeLessThan(0.3);
    const clean = scored(0, 1e-7);
    expect(clean.weightCorrelation).toBeGreaterThan(0.68);
    expect(clean.weightCorrelation).toBeLessThan(0.8);
    expect(clean.velocityWeights?.[0]).toBeGreaterThan(2 * (noisy.velocityWeights?.[0] ?? 1));
    expect(clean.subspaceCorrelation).toBeGreaterThan(clean.weightCorrelation ?? 1);
  });

  test("on nsi's ring the correlation matrix alone, as smooth as W is, has much of it", () => {
    const truth = ringTruth(100);
    const recording = ringRecording({ steps: 200, trials: 6, noise: 0.1, settle: 60 });
    const scores = connectivityScores(correlationBaseline(recording), { truth, rates: recording.rates });
    expect(scores.weightCorrelation).toBeGreaterThan(0.85);
    expect(scores.weightCorrelation).toBeLessThan(0.97);
    expect(scores.velocityWeights?.[0]).toBeGreaterThan(0.4);
    const { velocityWeights: _, ...learned } = correlationBaseline(recording);
    expect(Object.keys(connectivityScores(learned))).toEqual(Object.keys(scores));
  });
});

test("the correlation matrix is Pearson's, that of velocities with what was before, by plain loops; silent units have 0", () => {
  const { recording } = randomRecording({ units: 4, steps: 3, trials: 20, f: (v) => Math.max(0, v) });
  const rates = Float64Array.from(recording.rates, (rate, index) => (index % 4 === 3 ? 0 : rate));
  const found = correlationBaseline({ ...recording, rates });
  const [before, after] = [rowsOf(rates, 4).slice(0, 40), rowsOf(rates, 4).slice(20)];
  for (let i = 0; i < 4; i += 1)
    for (let j = 0; j < 4; j += 1) {
      const expected = (pairs: (readonly [number, number])[]): number =>
        i === j || i === 3 || j === 3 ? 0 : pearson(pairs);
      expect(at(found.weights, i * 4 + j)).toBeCloseTo(
        expected(after.map((row) => [row[i] ?? 0, row[j] ?? 0] as const)),
        12,
      );
      expect(at(found.velocityWeights, i * 4 + j)).toBeCloseTo(
        expected(
          after.map(
            (row, t) =>
              [
                at(recording.velocities, 20 + t) * ((row[i] ?? 0) - (before[t]?.[i] ?? 0)),
                before[t]?.[j] ?? 0,
              ] as const,
          ),
        ),
        12,
      );
    }
});

test("bad input is refused by name", () => {
  const { recording } = randomRecording({ units: 3, steps: 3, trials: 4, f: Math.tanh });
  expect(() => ridgeBaseline(recording, { activation: "mine" })).toThrow('which have an inverse, got "mine"');
  expect(() => ridgeBaseline(recording, { alpha: 0 })).toThrow("alpha: expected a number in (0, 1], got 0");
  expect(() => ridgeBaseline(recording, { lambda: -1 })).toThrow("lambda: expected a finite number of at least 0");
  expect(() => ridgeBaseline(recording, { rows: 1 })).toThrow("rows: expected an integer of at least 2, got 1");
  expect(() => ridgeBaseline({ ...recording, rates: new Float64Array(36).fill(1) }, { activation: "tanh" })).toThrow(
    'a rate of 1 has no inverse under "tanh"; expected -1 < r < 1. Scale the rates.',
  );
  expect(() => ridgeBaseline({ ...recording, units: 2 })).toThrow("recording: rates: expected [3, 4, 2]");
  const wide = { steps: 2, trials: 1, units: 2100, dtMs: 1, rates: new Float64Array(4200), velocities: [1, 2] };
  expect(() => ridgeBaseline(wide)).toThrow("4202 unknowns a unit; at most 4096 are solved for");
  const short = { ...recording, steps: 1, rates: recording.rates, trials: 12 };
  expect(() => ridgeBaseline(short)).toThrow("at least two steps, got 1");
  expect(() => correlationBaseline(short)).toThrow("expected two samples after the first step, got 0");
});
