import { describe, expect, test } from "vitest";
import { signedAngle } from "../../src/analysis/angles.ts";
import { freeRunScores } from "../../src/identify/free-run-scores.ts";
import { bumpPhases, preferredHeadings } from "../../src/identify/population-vector.ts";
import type { Recording } from "../../src/identify/recording.ts";
import { Random, streams } from "../../src/random.ts";
import summary from "../fixtures/golden/nsi/cann-summary.json" with { type: "json" };
import { ringRecording } from "../reference/nsi-recording.ts";
import { at } from "../reference/numbers.ts";

const [steps, trials, units] = [120, 3, 24];
const preferred = Float64Array.from({ length: units }, (_, unit) => (2 * Math.PI * unit) / units - 1);

/** Rates [steps, trials, units] of a bump at the given angles. */
const bumpAt = (angle: (step: number, trial: number) => number): Float64Array =>
  Float64Array.from({ length: steps * trials * units }, (_, index) => {
    const row = Math.floor(index / units);
    return Math.exp(2 * Math.cos(angle(Math.floor(row / trials), row % trials) - at(preferred, index % units)) - 2);
  });

/** Constant turning: trial b moves 0.05 (b + 1) rad a step, several turns in all. */
const speed = (trial: number): number => 0.05 * (trial + 1);
const truth = (step: number, trial: number): number => 0.3 + trial + speed(trial) * (step + 1);
const recording: Recording = {
  ...{ steps, trials, units, dtMs: 25, rates: bumpAt(truth) },
  velocities: Float64Array.from({ length: steps * trials }, (_, row) => speed(row % trials) / 0.025),
  headings: Float64Array.from({ length: steps * trials }, (_, row) => truth(Math.floor(row / trials), row % trials)),
};

describe("a bump whose place is known", () => {
  test("a perfect run has no error and the gain 1", () => {
    const scores = freeRunScores(recording.rates, recording, { preferred });
    for (const { phaseError, unwrappedPhaseError, headingError, meanSquaredError } of scores.errors)
      for (const error of [phaseError, unwrappedPhaseError, headingError, meanSquaredError])
        expect(error).toBeCloseTo(0, 10);
    expect(scores.errors.map(({ step }) => step)).toEqual([50, 120]);
    expect(scores.gain).toBeCloseTo(1, 10);
    expect(scores.recordedGain).toBeCloseTo(1, 10);
    expect(scores.silentShare).toBe(0);
  });

  test("a bump that is 10 % too fast: its error grows with the way, and over half a turn it wraps", () => {
    const fast = bumpAt((step, trial) => truth(step, trial) + 0.1 * speed(trial) * (step + 1) * 4);
    const scores = freeRunScores(fast, recording, { preferred, at: [1, 50, 120] });
    for (const { step, phaseError, unwrappedPhaseError, headingError } of scores.errors) {
      const away = [0, 1, 2].map((trial) => 0.4 * speed(trial) * step);
      const rms = (values: number[]): number => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0) / 3);
      expect(unwrappedPhaseError).toBeCloseTo(rms(away), 10);
      expect(phaseError).toBeCloseTo(rms(away.map(signedAngle)), 10);
      expect(headingError).toBeCloseTo(rms(away.map((angle, b) => signedAngle(angle - 0.4 * speed(b)))), 10);
    }
    expect(scores.errors[2]?.phaseError).not.toBeCloseTo(scores.errors[2]?.unwrappedPhaseError ?? 0, 1);
    expect(scores.gain).toBeCloseTo(1.4, 10);
    const squares = fast.map((rate, index) => (rate - at(recording.rates, index)) ** 2);
    const mean = (count: number): number => squares.subarray(0, count).reduce((sum, square) => sum + square, 0) / count;
    expect(scores.errors[0]?.meanSquaredError).toBeCloseTo(mean(trials * units), 14);
    expect(scores.errors[1]?.meanSquaredError).toBeCloseTo(mean(50 * trials * units), 14);
  });

  test("preferred headings are found in the recording's own tuning", () => {
    const random = new Random(2, streams.task);
    const angles = Float64Array.from({ length: steps * trials }, () => random.uniform(-9, 9));
    const rates = bumpAt((step, trial) => at(angles, step * trials + trial));
    const found = preferredHeadings(rates, angles, { units, bins: 12 });
    for (const [unit, heading] of found.headings.entries())
      expect(Math.abs(signedAngle(heading - at(preferred, unit)))).toBeLessThan(0.15);
    const scores = freeRunScores(recording.rates, recording);
    expect(scores.errors[1]?.phaseError).toBe(0);
    expect(scores.gain).toBeGreaterThan(0.97);
    expect(scores.gain).toBeLessThan(1.03);
  });

  test("a bump that dies stays where it was, and the share of silence says so", () => {
    const dying = bumpAt(truth).map((rate, index) => (index >= 60 * trials * units ? 0 : rate));
    const scores = freeRunScores(dying, recording, { preferred, at: [60, 120] });
    expect(scores.silentShare).toBeCloseTo(0.5, 14);
    expect(scores.errors[0]?.unwrappedPhaseError).toBeCloseTo(0, 10);
    expect(scores.errors[1]?.unwrappedPhaseError).toBeCloseTo(60 * 0.05 * Math.sqrt(14 / 3), 9);
    // Never active: it stays where the recording began.
    const silent = freeRunScores(new Float64Array(dying.length), recording, { preferred, at: [1] });
    expect(silent.errors[0]?.phaseError).toBeCloseTo(0, 10);
    expect([silent.gain, silent.silentShare]).toEqual([0, 1]);
  });
});

test("a phase unwraps in both directions; flat activity has none", () => {
  const angles = [3, 3.3, 3.1, -3.1, -2.9, 2.9];
  const rates = angles.flatMap((angle) => Array.from(preferred, (theta) => 1 + Math.cos(angle - theta)));
  const { phases, lengths } = bumpPhases([...rates, ...new Array<number>(units).fill(1)], preferred, { trials: 1 });
  const expected = [3, 3.3, 3.1, 2 * Math.PI - 3.1, 2 * Math.PI - 2.9, 2.9, 2.9];
  for (const [step, angle] of expected.entries()) expect(at(phases, step)).toBeCloseTo(angle, 10);
  expect(at(lengths, 0)).toBeCloseTo(0.5, 12);
  expect(at(lengths, 6)).toBe(0);
});

test("nsi's ring: gain against the velocity in index space, path integration (golden cann-summary, float64 restated)", () => {
  const ring = ringRecording({ steps: 300, trials: 4, noise: 0.1, seed: 3, settle: 60 });
  const places = Float64Array.from({ length: 100 }, (_, unit) => (2 * Math.PI * unit) / 100);
  const { recordedGain, silentShare } = freeRunScores(ring.rates, ring, { preferred: places });
  expect(recordedGain).toBeCloseTo(summary.path_integration_gain, 1);
  expect(silentShare).toBe(0);
  // By their own tuning to heading, units are numbered against it and the gain is positive.
  const { recordedGain: turned } = freeRunScores(ring.rates, ring);
  expect(turned).toBeGreaterThan(0.9);
});

test("bad input is refused by name", () => {
  const { headings: _, ...blind } = recording;
  expect(() => freeRunScores(recording.rates, blind)).toThrow("the recording has no headings to estimate them from");
  expect(() => freeRunScores([1], recording)).toThrow(
    "free run: expected [120, 3, 24], as the recording has, got 1 values.",
  );
  expect(() => freeRunScores(recording.rates, { ...recording, dtMs: 0 })).toThrow(
    "recording: dtMs: expected a positive",
  );
  expect(() => freeRunScores(recording.rates, { ...recording, velocities: [1] })).toThrow(
    "recording: velocities: expected",
  );
  expect(() => freeRunScores(recording.rates, recording, { preferred: [1] })).toThrow(
    "expected [24], one for each observed",
  );
  expect(() => freeRunScores(recording.rates, recording, { preferred, at: [0] })).toThrow(
    "at: expected steps of 1 to 120, got 0",
  );
  expect(() => freeRunScores(recording.rates, recording, { preferred, gainSteps: 120 })).toThrow(
    "fewer than the 120 steps",
  );
  expect(() => freeRunScores(recording.rates, recording, { preferred, component: 1 })).toThrow(
    "component: expected 0 to 0, got 1",
  );
  const dead = { ...recording, rates: new Float64Array(recording.rates.length) };
  expect(() => freeRunScores(recording.rates, dead, { preferred })).toThrow("trial 0 has no bump at any step");
});
