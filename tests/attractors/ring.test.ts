import { describe, expect, test } from "vitest";
import { bumpPath, signedAngle, unitAngles } from "../../src/analysis/attractor-phase.ts";
import { ringAttractor } from "../../src/attractors/ring.ts";
import { simulateRing } from "../../src/attractors/simulate-ring.ts";
import { nsiTolerance, ringFacts, ringKernels, ringPaths } from "../reference/golden-nsi.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

function worst(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(actual.length).toBe(expected.length);
  return Math.max(...Array.from(expected, (value, at) => Math.abs(value - (actual[at] ?? Number.NaN))));
}

describe("nsi's ring", () => {
  test("kernels of 100 units", () => {
    const { weights, velocityWeights } = ringAttractor();
    expect(worst(weights.subarray(0, 100), ringKernels.W_row0)).toBeLessThan(1e-8);
    expect(worst(velocityWeights.subarray(0, 100), ringKernels.Wv_row0)).toBeLessThan(1e-9);
    expect(
      worst(weights.subarray(700, 700 + ringKernels.W_row7_cols0_9.length), ringKernels.W_row7_cols0_9),
    ).toBeLessThan(1e-8);
  });

  for (const path of ringPaths)
    test(path.name, async () => {
      const { kernel, strength, offset, state, velocities, noise, directions } = path;
      const ring = ringAttractor({ ...path.ring, kernel, strength, offset });
      const { rates, state: final } = await simulateRing(gpu.device, ring, {
        ...{ trials: 1, velocities, initial: { state }, settleSteps: 0, noise },
        ...(directions && { givenNoise: directions }),
      });
      expect(worst(rates, path.rates)).toBeLessThan(nsiTolerance);
      if (path.finalState) expect(worst(final, path.finalState)).toBeLessThan(nsiTolerance);
      if (path.phases) {
        const phases = bumpPath(rates, unitAngles(ring.units), { trials: 1 });
        const expected = path.phases;
        const errors = phases.map((phase, step) => signedAngle(phase - (expected[step] ?? Number.NaN)));
        expect(worst(errors, new Float64Array(errors.length))).toBeLessThan(nsiTolerance);
      }
    });

  test("bump of the default ring", async () => {
    const { rates } = await simulateRing(gpu.device, ringAttractor(), { trials: 2, velocities: [0, 0] });
    const bump = rates.subarray(0, 100);
    expect(bump).toEqual(rates.subarray(100, 200));
    expect(Math.abs(Math.max(...bump) - ringFacts.peak)).toBeLessThan(1e-6);
    expect(bump.filter((rate) => rate > 0)).toHaveLength(ringFacts.active);
  });
});
