import { describe, expect, test } from "vitest";
import { type TorusOptions, torusAttractor } from "../../src/attractors/torus.ts";
import { runTorus, simulateTorus } from "../../src/attractors/torus-simulate.ts";
import { Random } from "../../src/random.ts";
import { plainNoise, plainStep } from "../reference/torus.ts";
import { relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

/** Short wavelengths, so that sheets of 8 units a side have a structure. */
const small = { wavelength: 3 };
const cases: readonly (readonly [string, TorusOptions, number])[] = [
  ["four directions, periodic", { side: 8, kernel: small }, 3],
  ["four directions, periodic, one trial, noise", { side: 16, noise: 0.05, kernel: { strength: 4 } }, 1],
  [
    "four directions on a twisted torus, shift of 1.3 units",
    { side: 8, lattice: "rhombic", kernel: small, velocity: { shift: 1.3 } },
    2,
  ],
  ["four directions, aperiodic, 10 units a side", { side: 10, boundary: "aperiodic", kernel: small }, 3],
  [
    "aperiodic, 12 units a side, envelope that is flat inside",
    { side: 12, boundary: "aperiodic", envelope: { taper: 0.5 } },
    2,
  ],
  ["derivative of the kernel", { preset: "nsi", side: 8, kernel: small }, 2],
  ["derivative on a twisted torus, noise", { preset: "nsi", side: 8, lattice: "rhombic", noise: 0.1 }, 3],
  ["derivative, aperiodic", { preset: "nsi", side: 8, boundary: "aperiodic", kernel: { wavelength: 5 } }, 2],
  ["shifted kernel, normalised", { preset: "guanella2007", side: 8, velocity: { gain: 0.06 } }, 2],
];

/** A velocity that shifts by whole steps of the twisted torus' lattice. */
function wholeSteps(gain: number, random: Random): readonly [number, number] {
  const [right, up] = [random.integer(5) - 2, random.integer(5) - 2];
  return [(right + up / 2) / gain, (up * Math.sqrt(3)) / 2 / gain];
}

describe("against sums over all pairs of units in float64", () => {
  for (const [name, options, trials] of cases)
    test(name, async () => {
      const sheet = torusAttractor(options);
      const { side } = sheet;
      const area = side * side;
      const random = new Random(7, 3);
      const initial = Float32Array.from({ length: trials * area }, () => Math.max(0, random.normal(0.2, 0.3)));
      const [steps, hold] = [6, 2];
      const velocities = Float32Array.from({ length: 3 * trials * 2 }, () => random.normal(0, 0.8));
      // Between places of units the kernel is interpolated by its spectrum, which is another test.
      if (sheet.velocity.type === "shift")
        for (let at = 0; at < velocities.length; at += 2)
          velocities.set(wholeSteps(sheet.velocity.gain * side, random), at);
      const run = { steps, hold, trials, velocities, initial, seed: 9 };
      const result = await simulateTorus(gpu.device, sheet, run);
      expect(result).toMatchObject({ steps, trials, units: area, dtMs: sheet.dtMs });
      for (let trial = 0; trial < trials; trial += 1) {
        let state: Float64Array = Float64Array.from(initial.subarray(trial * area, (trial + 1) * area));
        for (let step = 0; step < steps; step += 1) {
          const at = 2 * (Math.floor(step / hold) * trials + trial);
          const velocity = [velocities[at] ?? 0, velocities[at + 1] ?? 0] as const;
          state = plainStep(sheet, state, velocity, (unit) => plainNoise(sheet, 9, step, trial, unit));
          const own = result.rates.subarray((step * trials + trial) * area, (step * trials + trial + 1) * area);
          expect(relative(own, state), `step ${step}, trial ${trial}`).toBeLessThan(3e-6);
          expect(Array.from(result.velocities.subarray(2 * (step * trials + trial)).slice(0, 2))).toEqual(velocity);
        }
        expect(relative(result.state.subarray(trial * area, (trial + 1) * area), state)).toBeLessThan(3e-6);
      }
    });
});

test("a shift by parts of a step is that of the smooth kernel", async () => {
  const sheet = torusAttractor({ preset: "guanella2007", side: 16, kernel: { width: 0.2 } });
  const initial = Float32Array.from({ length: 256 }, (_, unit) =>
    Math.exp(-((Math.floor(unit / 16) - 7) ** 2 + ((unit % 16) - 6) ** 2) / 8),
  );
  const velocity = [0.7, -0.9] as const;
  const { rates } = await simulateTorus(gpu.device, sheet, { steps: 1, velocities: velocity, initial });
  const still = plainStep(sheet, initial, [0, 0]);
  const expected = plainStep(sheet, initial, velocity);
  expect(relative(rates, expected)).toBeLessThan(2e-3);
  expect(relative(rates, still)).toBeGreaterThan(0.05);
});

describe("blocks of few steps", () => {
  const sheet = torusAttractor({ side: 8, kernel: small, noise: 0.05 });

  test("give the same, and velocities are read block by block", async () => {
    const initial = Float32Array.from({ length: 64 }, (_, unit) => (unit % 7) / 10);
    const rows = Float32Array.from([0.5, 0.1, -0.3, 0.4, 0, -0.6]);
    const run = { steps: 12, hold: 4, velocities: rows, initial, seed: 5, every: 4 };
    const whole = await simulateTorus(gpu.device, sheet, run);
    const parts = await simulateTorus(gpu.device, sheet, { ...run, stepsAtOnce: 3 });
    expect(Array.from(parts.rates)).toEqual(Array.from(whole.rates));
    const driven = rows.slice(0, 2);
    const frames: number[] = [];
    for await (const { rates, done } of runTorus(gpu.device, sheet, {
      ...{ steps: 12, hold: 12, velocities: driven, initial, seed: 5, every: 4, stepsAtOnce: 4 },
    })) {
      frames.push(...rates);
      driven.set(rows.subarray(done / 2, done / 2 + 2));
    }
    expect(frames).toEqual(Array.from(whole.rates));
  });

  test("must have some", () => {
    expect(() => runTorus(gpu.device, sheet, { steps: 1, stepsAtOnce: 0 })).toThrow(
      "torus run: stepsAtOnce: expected an integer from 1 to 2147483648, got 0.",
    );
  });
});
