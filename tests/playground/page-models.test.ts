import { expect, test } from "vitest";
import { signedAngle } from "../../src/analysis/angles.ts";
import { simulateTorus } from "../../src/attractors/torus-simulate.ts";
import { RingModel } from "../../src/playground/ring-model.ts";
import { pageSheet, settleSheet, sheetStepMs, TorusSheet } from "../../src/playground/torus-sheet.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const calm = { noise: 0, velocityGain: 1, landmark: false, wander: false };
const none: ReadonlySet<string> = new Set();
const right: ReadonlySet<string> = new Set(["d"]);

test("the ring goes on exactly from frame to frame", async () => {
  const controls = { ...calm, noise: 0.5, landmark: true, wander: true };
  const [whole, parts] = [await RingModel.start(gpu.device, 7), await RingModel.start(gpu.device, 7)];
  await whole.advance(6, none, controls);
  for (const steps of [1, 3, 2]) await parts.advance(steps, none, controls);
  expect(parts.heading).toBe(whole.heading);
  expect(Array.from(parts.rates)).toEqual(Array.from(whole.rates));
  expect(parts.strip.length).toBe(6);
});

test("the bump turns with the head, less with a smaller gain, and comes back to a landmark", async () => {
  const model = await RingModel.start(gpu.device, 1);
  expect(Math.abs(model.error)).toBeLessThan(0.01);
  const start = model.heading;
  await model.advance(50, right, calm);
  // 2 rad/s for 0.8 s.
  expect(signedAngle(model.heading - start)).toBeCloseTo(1.6, 6);
  expect(Math.abs(model.error)).toBeLessThan(0.02);
  expect(model.gain).toBeCloseTo(1, 2);
  await model.advance(50, right, { ...calm, velocityGain: 0.5 });
  expect(model.error).toBeCloseTo(-0.8, 1);
  expect(model.gain).toBeCloseTo(0.75, 1);
  await model.advance(80, none, { ...calm, landmark: true });
  expect(Math.abs(model.error)).toBeLessThan(0.05);
  expect(model.height).toBeGreaterThan(0.8);
});

test("a driven sheet is the same as a run whose velocities are known, and says where the animal is", async () => {
  const gain = await settleSheet(gpu.device, true);
  const torus = pageSheet(true);
  const sheet = new TorusSheet(gpu.device, gain, torus, 3);
  const rows = Array.from({ length: 24 }, (_, row) => (row % 3 === 0 ? ([0.4, 0.2] as const) : ([0.5, -0.1] as const)));
  const walked = [0, 0] as [number, number];
  for (const velocity of rows) {
    await sheet.advance(velocity);
    for (const axis of [0, 1] as const) walked[axis] += (velocity[axis] * sheetStepMs) / 1000;
  }
  const steps = rows.length * sheetStepMs;
  const velocities = Float32Array.from(rows.flat());
  const run = { steps, hold: sheetStepMs, every: steps, velocities, initial: gain.state, seed: 3 };
  const { state } = await simulateTorus(gpu.device, torus, run);
  expect(Array.from(sheet.rates)).toEqual(Array.from(state));
  for (const axis of [0, 1] as const) expect(Math.abs(sheet.displacement[axis] - walked[axis])).toBeLessThan(0.02);

  const noisy = new TorusSheet(gpu.device, gain, pageSheet(true, 0.1), 4, sheet);
  expect(noisy.displacement).toEqual(sheet.displacement);
  await noisy.advance([0, 0]);
  expect(noisy.rates).not.toEqual(sheet.rates);
  await Promise.all([sheet.dispose(), noisy.dispose()]);
});
