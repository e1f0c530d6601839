import { describe, expect, test } from "vitest";
import { bumpShape } from "../../src/analysis/attractor-bump.ts";
import { phaseDiffusion } from "../../src/analysis/attractor-diffusion.ts";
import { fixedPoints } from "../../src/analysis/attractor-fixed-points.ts";
import { pathIntegration } from "../../src/analysis/attractor-integration.ts";
import { bumpPath, bumpPhase, unitAngles } from "../../src/analysis/attractor-phase.ts";
import { Random } from "../../src/random.ts";

describe("bumps", () => {
  test("shape of a triangle across the end of the ring", () => {
    const shape = bumpShape([4, 3, 2, 1, 0, 0, 0, 1, 2, 3]);
    expect(shape).toEqual({ height: 4, peak: 0, active: 7, aboveHalf: 5, width: 4, sum: 16 });
    expect(bumpShape([1, 1, 1]).width).toBe(3);
    expect(() => bumpShape([1, Number.NaN])).toThrow("expected finite rates, got NaN of unit 1");
    expect(() => bumpShape([])).toThrow("at least one unit");
  });

  test("the phase of a cosine bump, unwrapped over several turns", () => {
    const angles = unitAngles(30);
    const path = Array.from({ length: 50 }, (_, step) => 1 + 0.5 * step);
    const rates = path.flatMap((phase) => [...angles].map((angle) => Math.max(0, Math.cos(angle - phase))));
    for (const [step, phase] of bumpPath(rates, angles, { trials: 1 }).entries())
      expect(Math.abs(phase - (path[step] ?? 0))).toBeLessThan(2e-3);
    expect(Math.abs(bumpPhase(rates.slice(0, 30), angles) - 1)).toBeLessThan(2e-3);
    expect(() => bumpPath(rates, angles, { trials: 7 })).toThrow("rates: expected [T, 7, 30], got 1500 values");
  });
});

test("diffusion of a random walk, and of one that drifts", () => {
  const [steps, trials] = [400, 50];
  const random = new Random(4, 1);
  const walk = (drift: number): Float64Array => {
    const phases = new Float64Array(steps * trials);
    for (let row = trials; row < phases.length; row += 1)
      phases[row] = (phases[row - trials] ?? 0) + random.normal(drift, 0.02);
    return phases;
  };
  expect(Math.abs(phaseDiffusion(walk(0), { trials }).perStep / 4e-4 - 1)).toBeLessThan(0.05);
  const drifting = walk(0.05);
  expect(phaseDiffusion(drifting, { trials }).perStep).toBeGreaterThan(2e-3);
  expect(Math.abs(phaseDiffusion(drifting, { trials, drift: true }).coefficient / 2e-4 - 1)).toBeLessThan(0.05);
  expect(() => phaseDiffusion(drifting, { trials, lags: [400] })).toThrow(
    "lags: expected integers from 1 to 399, got 400",
  );
  expect(() => phaseDiffusion(drifting, { trials: 7 })).toThrow("phases: expected [T, 7]");
});

test("fixed points of a known drift", () => {
  const phases = unitAngles(101);
  const { stable, unstable, largestDrift } = fixedPoints(
    phases,
    phases.map((phase) => -0.3 * Math.sin(2 * phase - 1)),
  );
  const turn = Math.PI;
  for (const [index, phase] of [0.5, 0.5 + turn].entries())
    expect(Math.abs((stable[index] ?? 0) - phase)).toBeLessThan(1e-3);
  for (const [index, phase] of [0.5 + turn / 2, 0.5 + 1.5 * turn].entries())
    expect(Math.abs((unstable[index] ?? 0) - phase)).toBeLessThan(1e-3);
  expect([stable.length, unstable.length]).toEqual([2, 2]);
  expect(Math.abs(largestDrift - 0.3)).toBeLessThan(1e-3);
  expect(
    fixedPoints(
      phases,
      phases.map(() => 1e-9),
      { tolerance: 1e-6 },
    ).stable,
  ).toEqual([]);
  expect(() => fixedPoints([1, 2, 3], [1, 2])).toThrow("at least 3 phases and as many drifts, got 3 and 2");
});

test("path integration with a known gain and error", () => {
  const [steps, trials] = [100, 2];
  const headings = Float64Array.from({ length: steps * trials }, (_, row) => 5 + 0.1 * Math.floor(row / trials));
  const phases = headings.map((heading) => 2 + 1.1 * heading);
  const result = pathIntegration(phases, headings, { trials });
  expect(Math.abs(result.gain - 1.1)).toBeLessThan(1e-12);
  expect(Math.abs(result.finalRms - 0.99)).toBeLessThan(1e-12);
  expect(result.correctedRms).toBeLessThan(1e-12);
  expect(result.rmsOverTime[0]).toBe(0);
  expect(() =>
    pathIntegration(
      phases,
      phases.map(() => 1),
      { trials },
    ),
  ).toThrow("the true angle never changes");
});
