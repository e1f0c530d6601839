import { describe, expect, test } from "vitest";
import { LimitError } from "../../src/errors.ts";
import type { Device } from "../../src/gpu/device.ts";
import { Network } from "../../src/network/network.ts";
import { adam } from "../../src/train/optimizer.ts";
import { planSegments, splitInto } from "../../src/train/segments.ts";
import { fixedTrials } from "../../src/train/source.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { generateModel } from "../reference/generate.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice({ backend: "null" });
const mebibyte = 2 ** 20;

/** Bytes of all buffers that a device makes while something runs, and of those that are destroyed in it. */
async function bytesMade<Result>(
  device: Device,
  work: () => Promise<Result>,
): Promise<{ bytes: number; result: Result }> {
  const { handle } = device;
  const create = handle.createBuffer.bind(handle);
  let bytes = 0;
  handle.createBuffer = (descriptor) => {
    bytes += descriptor.size;
    return create(descriptor);
  };
  try {
    const result = await work();
    return { bytes, result };
  } finally {
    handle.createBuffer = create;
  }
}

/** A network of 256 units on 64 trials of 10,000 steps. */
function longTrials() {
  const [steps, trials, inputs, outputs] = [10_000, 64, 6, 2];
  const data = {
    ...{ steps, trials, inputs: new Float32Array(steps * trials * inputs) },
    targets: new Float32Array(steps * trials * outputs).fill(0.5),
    mask: new Float32Array(steps * trials * outputs).fill(1),
  };
  return { data, model: generateModel({ inputs, outputs, hidden: 256, seed: 1, activation: "relu" }) };
}

describe("T = 10,000, B = 64, N = 256", () => {
  test("trains within 512 MB of buffers in all, the network and Adam's moments among them", async () => {
    const { data, model } = longTrials();
    const memory = 490e6;
    const { bytes, result } = await bytesMade(gpu.device, async () => {
      const network = new Network(gpu.device, [model]);
      const loss = [{ type: "meanSquaredError", denominator: "mask" } as const];
      const settings = { steps: 4, optimizer: adam({ lr: 1e-3 }), loss, memory };
      return { network, trainer: await Trainer.create(network, fixedTrials(data), settings) };
    });
    result.trainer.dispose();
    result.network.dispose();
    expect(bytes).toBeLessThan(512e6);
    // It takes what it may: unsplit the states alone are 1.3 GB.
    expect(bytes).toBeGreaterThan(0.7 * memory);
  });

  test("and within a quarter of that", async () => {
    const { data, model } = longTrials();
    const { bytes, result } = await bytesMade(gpu.device, async () => {
      const network = new Network(gpu.device, [model]);
      const settings = { steps: 4, memory: 120 * mebibyte };
      return { network, trainer: await Trainer.create(network, fixedTrials(data), settings) };
    });
    result.trainer.dispose();
    result.network.dispose();
    expect(bytes).toBeLessThan(128 * mebibyte);
  });

  test("and is refused where nothing fits, with what would", async () => {
    const { data, model } = longTrials();
    const network = new Network(gpu.device, [model]);
    const { bytes } = await bytesMade(gpu.device, async () => {
      const create = (memory: number) => Trainer.create(network, fixedTrials(data), { steps: 4, memory });
      await expect(create(50 * mebibyte)).rejects.toThrow(LimitError);
      await expect(create(50 * mebibyte)).rejects.toThrow(
        /memory: the plan needs \d+ bytes, split into \d+ segments of \d+ time steps; memory is 52428800\. It fits with memory: \d+, or with about \d times fewer trials or replicas/,
      );
    });
    expect(bytes).toBe(0);
    network.dispose();
  });
});

describe("segments of a plan", () => {
  const splitting = { steps: 1001, shared: 1, earlier: 0 };
  /** One buffer of so many elements a step of a segment, one of so many a segment. */
  const shapes = (plan: { count: number; steps: number }) => ({
    states: [plan.steps, 100],
    checkpoints: plan.count > 1 ? [plan.count, 100] : [1],
  });

  test("cover all steps once, whatever they share", () => {
    for (const steps of [1, 2, 3, 7, 10, 23, 100])
      for (const shared of [0, 1, 3])
        for (const earlier of [0, shared])
          for (let count = 1; count <= steps + 1; count += 1) {
            const plan = splitInto(count, { steps, shared, earlier });
            expect(plan.count).toBeLessThanOrEqual(count);
            expect(plan.starts).toHaveLength(plan.count);
            const [first, last] = [plan.starts[0], plan.starts.at(-1) ?? 0];
            expect(first).toBe(0);
            expect(last + plan.steps).toBe(steps);
            for (const [index, start] of plan.starts.slice(1).entries()) {
              const counted = start - (plan.starts[index] ?? 0);
              expect(counted).toBeGreaterThanOrEqual(Math.max(1, earlier));
              expect(counted + shared).toBeLessThanOrEqual(plan.steps);
            }
          }
    expect(splitInto(4, { steps: 100, shared: 1, earlier: 0 })).toEqual({
      count: 4,
      steps: 26,
      starts: [0, 24, 49, 74],
    });
  });

  test("are as few as fit, one where it does", () => {
    const count = (memory: number) => planSegments(gpu.device, splitting, { memory }, shapes).count;
    expect(count(4 * 1001 * 100 + 4)).toBe(1);
    expect(count(4 * 1001 * 100)).toBe(2);
    // Two segments of 501 steps, three of 335, four of 251.
    expect(count(4 * 100 * (501 + 2))).toBe(2);
    expect(count(4 * 100 * (501 + 2) - 1)).toBe(3);
    expect(count(4 * 100 * (335 + 3) - 1)).toBe(4);
    for (let memory = 4 * 100 * 66; memory < 4 * 100 * 1000; memory = Math.ceil(memory * 1.1)) {
      const plan = planSegments(gpu.device, splitting, { memory }, shapes);
      const bytes = 400 * (plan.steps + plan.count);
      expect(bytes).toBeLessThanOrEqual(memory);
      const fewer = splitInto(plan.count - 1, splitting);
      expect(400 * (fewer.steps + fewer.count)).toBeGreaterThan(memory);
    }
    expect(() => count(4 * 100 * 60)).toThrow(LimitError);
  });

  test("may be pinned, and are near the square root where only the adapter is in the way", () => {
    const pinned = (segments: number) => planSegments(gpu.device, splitting, { segments }, shapes).count;
    expect([1, 2, 10, 500, 1000].map(pinned)).toEqual([1, 2, 10, 500, 1000]);
    const { maxStorageBufferBindingSize: limit, maxBufferSize } = gpu.device.limits;
    const width = Math.ceil(Math.min(limit, maxBufferSize) / 4 / 1000);
    const wide = (plan: { count: number; steps: number }) => ({
      states: [plan.steps, width],
      checkpoints: plan.count > 1 ? [plan.count, width] : [1],
    });
    const { count } = planSegments(gpu.device, splitting, {}, wide);
    expect(count).toBeGreaterThan(22);
    expect(count).toBeLessThan(46);
    expect(() => planSegments(gpu.device, splitting, { segments: 1 }, wide)).toThrow(/states .* needs \d+ bytes; max/);
    expect(() => planSegments(gpu.device, splitting, {}, () => ({ inputs: [2000, width] }))).toThrow(/inputs .* needs/);
  });
});
