import { describe, expect, test } from "vitest";
import { signedAngle } from "../../src/analysis/angles.ts";
import { pathIntegration } from "../../src/analysis/attractor-integration.ts";
import { bumpPath, bumpPhase, unitAngles } from "../../src/analysis/attractor-phase.ts";
import type { Landmark } from "../../src/attractors/landmarks.ts";
import { type RingOptions, ringAttractor } from "../../src/attractors/ring.ts";
import { gainCurve } from "../../src/attractors/ring-measures.ts";
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

describe("other rings", () => {
  const kinds: Readonly<Record<string, RingOptions>> = {
    "a cosine once round, with its own derivative": {
      kernel: { type: "cosine", waveNumber: "ring", derivative: "exact" },
    },
    "von Mises": { kernel: { type: "vonMises" } },
    Gaussian: { kernel: { type: "gaussian" } },
    "Gaussian, narrow, divisive inhibition": { kernel: { type: "gaussian", width: 0.6 }, inhibition: 0.05 },
    "leaky, another size": { units: 60, kernel: { type: "vonMises", concentration: 1 }, alpha: 0.3 },
    "the other way round": { kernel: { type: "vonMises" }, velocityGain: (-100 * 0.025) / (2 * Math.PI) },
  };
  for (const [name, options] of Object.entries(kinds))
    test(`${name}: by preferred headings the bump turns as fast as the head`, async () => {
      const ring = ringAttractor(options);
      const { points, linearRange } = await gainCurve(gpu.device, ring, {
        ...{ velocities: [-2, -1, 1, 2], steps: 200, settleSteps: 200, reference: 1, tolerance: 0.03 },
      });
      for (const { height, active } of points) {
        expect(height).toBeGreaterThan(0.1);
        expect(active).toBeLessThan(0.7 * ring.units);
      }
      expect(linearRange).toBe(2);
    });

  test("in index space the bump moves against the velocity, unless a is negative", () => {
    expect([...ringAttractor({ units: 4 }).preferred].map((angle) => (2 * angle) / Math.PI)).toEqual([0, 3, 2, 1]);
    expect([...ringAttractor({ units: 4, velocityGain: -1 }).preferred].map((angle) => (2 * angle) / Math.PI)).toEqual([
      0, 1, 2, 3,
    ]);
  });

  test("options that are wrong are refused", () => {
    const refused =
      (options: object): (() => unknown) =>
      () =>
        ringAttractor(options);
    expect(refused({ unit: 10 })).toThrow('ringAttractor: unit: unknown key; did you mean "units"?');
    expect(refused({ kernel: { type: "cosin" } })).toThrow("ringAttractor: kernel");
    expect(refused({ kernel: { type: "vonMises", width: 1 } })).toThrow("ringAttractor: kernel.width: unknown key");
    expect(refused({ alpha: 0 })).toThrow("ringAttractor: alpha: must be > 0, got 0");
  });
});

describe("a simulation", () => {
  const ring = ringAttractor();
  const velocities = Float32Array.from({ length: 80 }, (_, row) => Math.sin(row));

  test("starts at headings, records with a stride, and knows the true heading after each step", async () => {
    const recording = await simulateRing(gpu.device, ring, {
      ...{ trials: 2, velocities, settleSteps: 20, initial: { heading: [1, 4] }, stride: 3 },
    });
    expect(recording).toMatchObject({ steps: 13, trials: 2, units: 100, dtMs: 75, nextStep: 60 });
    expect(recording.velocities[2]).toBe(velocities[2 * 5]);
    const turned = [0, 2, 4].reduce((sum, row) => sum + 0.025 * (velocities[row] ?? 0), 1);
    expect(Math.abs((recording.headings[0] ?? 0) - turned)).toBeLessThan(1e-6);
    const phases = bumpPath(recording.rates, ring.preferred, { trials: 2 });
    for (const trial of [0, 1])
      expect(Math.abs(signedAngle((phases[trial] ?? 0) - (recording.headings[trial] ?? 0)))).toBeLessThan(0.04);
  });

  test("in two parts is the whole to the bit, noise included", async () => {
    const common = { trials: 2, noise: 0.1, seed: 7 };
    const whole = await simulateRing(gpu.device, ring, { ...common, velocities, settleSteps: 30 });
    const first = await simulateRing(gpu.device, ring, {
      ...common,
      velocities: velocities.subarray(0, 30),
      settleSteps: 30,
    });
    const second = await simulateRing(gpu.device, ring, {
      ...{ ...common, velocities: velocities.subarray(30), settleSteps: 0, firstStep: first.nextStep },
      initial: { state: first.state },
    });
    expect(second.state).toEqual(whole.state);
    expect(second.nextStep).toBe(whole.nextStep);
  });

  test("landmarks of the true heading correct what has drifted, those of another draw the bump", async () => {
    const [trials, steps] = [12, 300];
    const noisy = { trials, steps, velocities: new Float32Array(trials).fill(1), noise: 0.6, settleSteps: 0 };
    const start = { initial: { heading: Array.from({ length: trials }, (_, trial) => trial) } } as const;
    const errorOf = async (landmarks: readonly Landmark[]): Promise<number> => {
      const recording = await simulateRing(gpu.device, ring, { ...noisy, ...start, landmarks });
      const phases = bumpPath(recording.rates, ring.preferred, { trials });
      return pathIntegration(phases, recording.headings, { trials }).finalRms;
    };
    const without = await errorOf([]);
    expect(without).toBeGreaterThan(0.3);
    expect(await errorOf([{ strength: 0.05 }])).toBeLessThan(0.5 * without);
    const drawn = await simulateRing(gpu.device, ring, {
      ...{ ...noisy, ...start, noise: 0, velocities: new Float32Array(trials) },
      landmarks: [{ strength: 0.5, heading: 2, from: 50, trials: [0, 5] }],
    });
    const last = (trial: number): number =>
      bumpPhase(drawn.state.subarray(100 * trial, 100 * trial + 100), ring.preferred);
    expect(Math.abs(signedAngle(last(0) - 2))).toBeLessThan(0.1);
    expect(Math.abs(signedAngle(last(5) - 2))).toBeLessThan(0.1);
    expect(Math.abs(signedAngle(last(6) - 6))).toBeLessThan(0.05);
  });

  test("what is wrong is refused", async () => {
    const refused = (change: object) =>
      expect(simulateRing(gpu.device, ring, { trials: 2, velocities, ...change })).rejects;
    await refused({ velocities: [1, 2, 3] }).toThrow(
      "simulateRing: velocities: expected [T, 2] (step, trial), got 3 values.",
    );
    await refused({ steps: 3 }).toThrow(
      "expected [3, 2] (step, trial), or [2] for a constant one in each trial, got 80 values.",
    );
    await refused({ initial: "nso" }).toThrow(
      'initial: expected "nsi", "ownPerTrial", { heading } or { state }, got "nso".',
    );
    await refused({ initial: { state: new Float32Array(3) } }).toThrow(
      "initial state: expected [2, 100] (trial, unit), got 3 values.",
    );
    await refused({ landmarks: [{ strength: 1, trials: [2] }] }).toThrow(
      "landmarks[0]: trials: expected integers from 0 to 1, got 2.",
    );
    await refused({ settleSteps: -1 }).toThrow("settleSteps: expected an integer of at least 0, got -1.");
  });
});
