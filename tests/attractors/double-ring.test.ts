import { describe, expect, test } from "vitest";
import { bumpPath } from "../../src/analysis/attractor-phase.ts";
import { type DoubleRing, doubleRing } from "../../src/attractors/double-ring.ts";
import { ctrnn } from "../../src/network/ctrnn.ts";
import type { Perturbation } from "../../src/network/perturbation.ts";
import { simulate } from "../../src/network/simulate.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

/** Turn of the compass's bump, rad/s, in each trial, and the outputs. */
async function turns(ring: DoubleRing, velocities: readonly number[], perturbations: readonly Perturbation[] = []) {
  const network = ctrnn(gpu.device, ring.network);
  const [steps, trials, units, lead] = [200, velocities.length, ring.preferred.length, 50];
  const inputs = Float32Array.from({ length: steps * trials }, (_, row) => velocities[row % trials] ?? 0);
  const { rates, outputs } = await simulate(network, { steps, trials, inputs }, perturbations);
  network.dispose();
  const compass = new Float32Array(steps * trials * units);
  for (let row = 0; row < steps * trials; row += 1)
    compass.set(rates.subarray(3 * row * units, (3 * row + 1) * units), row * units);
  const phases = bumpPath(compass, ring.preferred, { trials });
  const seconds = ((steps - lead) * (ring.network.dtMs ?? 0)) / 1000;
  const speeds = velocities.map(
    (_, trial) => ((phases[(steps - 1) * trials + trial] ?? 0) - (phases[(lead - 1) * trials + trial] ?? 0)) / seconds,
  );
  return { speeds, phases, outputs, compass };
}

describe("the double ring", () => {
  test("turns with the head, in the ordinary engine, and tells its heading", async () => {
    const ring = doubleRing();
    const velocities = [-4, -2, -1, -0.5, 0, 0.5, 1, 2, 4];
    expect(ring.mostVelocity).toBeGreaterThan(4);
    const { speeds, phases, outputs } = await turns(ring, velocities);
    for (const [trial, velocity] of velocities.entries())
      expect(Math.abs((speeds[trial] ?? 0) - velocity)).toBeLessThan(0.03 * Math.abs(velocity) + 0.005);
    const last = 199 * velocities.length;
    for (const trial of velocities.keys()) {
      const [x = 0, y = 0] = outputs.subarray(2 * (last + trial));
      expect(Math.abs(x - Math.cos(phases[last + trial] ?? 0))).toBeLessThan(0.05);
      expect(Math.abs(y - Math.sin(phases[last + trial] ?? 0))).toBeLessThan(0.05);
    }
  });

  test("starts at a heading, has the gain asked for, and stays where it is", async () => {
    const ring = doubleRing({ units: 40, heading: 2, gain: 0.5 });
    const { speeds, phases } = await turns(ring, [0, 1]);
    expect(Math.abs((phases[0] ?? 0) - 2)).toBeLessThan(0.08);
    expect(Math.abs(speeds[0] ?? 1)).toBeLessThan(0.005);
    expect(Math.abs((speeds[1] ?? 0) - 0.5)).toBeLessThan(0.03);
  });

  test("turns left by itself while its left shifters are excited", async () => {
    const { speeds } = await turns(doubleRing(), [0], [{ type: "current", current: 0.1, units: "left" }]);
    expect(speeds[0]).toBeGreaterThan(0.5);
  });

  test("only its own projections may exist", () => {
    const { structure } = doubleRing({ units: 8 }).network;
    const mask = structure.masks.weightHH ?? new Float32Array(0);
    const block = (post: number, pre: number): number =>
      Array.from(
        { length: 64 },
        (_, at) => mask[(post * 8 + Math.floor(at / 8)) * 24 + pre * 8 + (at % 8)] ?? 0,
      ).reduce((a, b) => a + b, 0);
    expect([0, 1, 2].map((post) => [0, 1, 2].map((pre) => block(post, pre)))).toEqual([
      [64, 64, 64],
      [8, 0, 0],
      [8, 0, 0],
    ]);
    expect(structure.areas.map(({ name }) => name)).toEqual(["compass", "left", "right"]);
  });

  test("what cannot be is refused", () => {
    expect(() => doubleRing({ unit: 8 } as object)).toThrow('doubleRing: unit: unknown key; did you mean "units"?');
    expect(() => doubleRing({ strength: 0.1 })).toThrow("doubleRing: no bump forms with these numbers");
    expect(() => doubleRing({ dtMs: 200 })).toThrow("expected dtMs of at most tauMs, got 200 and 20");
  });
});
