import { describe, expect, test } from "vitest";
import { bumpShape } from "../../src/analysis/attractor-bump.ts";
import { phaseDiffusion } from "../../src/analysis/attractor-diffusion.ts";
import { pathIntegration } from "../../src/analysis/attractor-integration.ts";
import { bumpPath, bumpPhase, unitAngles } from "../../src/analysis/attractor-phase.ts";
import { ringAttractor } from "../../src/attractors/ring.ts";
import { driftMap, gainCurve } from "../../src/attractors/ring-measures.ts";
import { attractorSpectrum } from "../../src/attractors/ring-spectrum.ts";
import { simulateRing } from "../../src/attractors/simulate-ring.ts";
import { eigenvalues } from "../../src/network/eigenvalues.ts";
import { Random, streams } from "../../src/random.ts";
import { ringFacts } from "../reference/golden-nsi.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const ring = ringAttractor();
const unit = (2 * Math.PI) / 100;

describe("facts of nsi's default ring", () => {
  test("the bump: height, width, active units, profile, and its neutral mode", async () => {
    const { rates, state } = await simulateRing(gpu.device, ring, { trials: 1, velocities: [0] });
    const shape = bumpShape(rates);
    expect(Math.abs(shape.height - ringFacts.peak)).toBeLessThan(1e-6);
    expect(shape.active).toBe(ringFacts.active);
    expect(shape.aboveHalf).toBe(ringFacts.halfWidth);
    expect(Math.abs(shape.width - 32.3)).toBeLessThan(0.01);
    const centre = bumpPhase(rates, unitAngles(100)) / unit;
    const turned = Math.round(centre - bumpPhase(ringFacts.profile, unitAngles(100)) / unit);
    const errors = ringFacts.profile.map((rate, at) =>
      Math.abs(rate - (rates[(at + turned + 200) % 100] ?? Number.NaN)),
    );
    // Its last digits depend on how far the bump has crept to the fixed point.
    expect(Math.max(...errors)).toBeLessThan(5e-4);

    const { neutral, next, re } = attractorSpectrum(ring, state);
    expect(neutral.eigenvalue).toBe(re[0]);
    expect(neutral.eigenvalue).toBeGreaterThan(0.97);
    expect(neutral.eigenvalue).toBeLessThan(1);
    expect(neutral.overlap).toBeGreaterThan(0.98);
    expect(next).toBeLessThan(0.5);
  });

  test("eigenvalues of the weights", () => {
    const { re } = eigenvalues(ring.weights, 100);
    const sorted = [...re].sort((a, b) => b - a);
    for (const [index, value] of ringFacts.eigenvalues.entries())
      expect(Math.abs((sorted[index] ?? 0) - value)).toBeLessThan(1e-6);
    for (const [index, value] of ringFacts.lowestEigenvalues.entries())
      expect(Math.abs((sorted[97 + index] ?? 0) - value)).toBeLessThan(1e-6);
  });

  test("the whole gain curve, and its linear range", async () => {
    const { points, smallGain, linearRange } = await gainCurve(gpu.device, ring, {
      velocities: ringFacts.gainCurve.map(({ velocity }) => velocity),
      ...{ angles: unitAngles(100), steps: 400, settleSteps: 300 },
    });
    for (const [index, { velocity, gain, perStep, height, active }] of points.entries()) {
      const expected = ringFacts.gainCurve[index];
      expect(velocity).toBe(expected?.velocity);
      if (velocity === 0) expect(Math.abs(perStep)).toBeLessThan(1e-6);
      else expect(Math.abs((gain ?? 0) - (expected?.gain ?? 0))).toBeLessThan(2e-3);
      expect(Math.abs(height - (expected?.peak ?? 0))).toBeLessThan(5e-4);
      expect(Math.abs(active - (expected?.active ?? 0))).toBeLessThanOrEqual(1);
    }
    expect(Math.abs(smallGain + 1)).toBeLessThan(0.005);
    expect(linearRange).toBe(8);
  });

  test("100 fixed points between units, and a drift of at most half a unit", async () => {
    const { stable, unstable, largestDrift } = await driftMap(gpu.device, ring, { points: 300, steps: 300 });
    expect(stable).toHaveLength(100);
    expect(unstable).toHaveLength(100);
    for (const [index, phase] of stable.entries())
      expect(Math.abs(phase - (index + 0.5) * unit)).toBeLessThan(0.1 * unit);
    expect(largestDrift).toBeLessThan(ringFacts.drift);
    // The farthest of three starts for each unit is a third of a unit from its fixed point.
    expect(Math.abs(largestDrift - unit / 3)).toBeLessThan(0.05 * unit);
  });

  test("diffusion", async () => {
    const trials = 200;
    const { rates } = await simulateRing(gpu.device, ring, {
      ...{ trials, velocities: new Float32Array(trials), steps: 250, noise: 0.1, settleSteps: 100 },
      initial: { heading: Array.from({ length: trials }, (_, trial) => (trial * Math.PI) / 100) },
    });
    const phases = bumpPath(rates, ring.preferred, { trials });
    const { perStep, coefficient } = phaseDiffusion(phases, { trials });
    expect(Math.abs(perStep / ringFacts.diffusion - 1)).toBeLessThan(0.1);
    expect(coefficient).toBe(perStep / 2);
    // Over lags in which the bump feels the fixed points, it is slower: 7.9e-6 of 1,000 trials of a NumPy port.
    const slow = phaseDiffusion(phases, { trials, lags: [100] }).perStep;
    expect(Math.abs(slow / 7.9e-6 - 1)).toBeLessThan(0.12);
  });

  test("path integration of nsi's agents, by preferred headings", async () => {
    const [steps, trials] = [500, 40];
    const velocities = new Float32Array(steps * trials);
    const random = new Random(3, streams.task);
    for (let row = 0; row < velocities.length; row += 1)
      velocities[row] = random.normal(0, 1.2) + 0.8 * (velocities[row - trials] ?? 0);
    const recording = await simulateRing(gpu.device, ring, { trials, velocities, noise: 0.1, settleSteps: 200 });
    const phases = bumpPath(recording.rates, ring.preferred, { trials });
    const result = pathIntegration(phases, recording.headings, { trials });
    // nsi's data set, over twice the time: slope 1.019, error 0.139, corrected 0.100.
    expect(Math.abs(result.gain - 1.0192)).toBeLessThan(0.01);
    expect(result.finalRms).toBeLessThan(0.139);
    expect(result.correctedFinalRms).toBeLessThan(0.1);
    expect(result.correctedRms).toBeLessThan(result.rms);
  });
});
