import { describe, expect, test } from "vitest";
import { openDevice } from "../../src/gpu/device.ts";
import { Kernel } from "../../src/gpu/kernel.ts";
import { Tensor } from "../../src/gpu/tensor.ts";
import { packWeights } from "../../src/wgsl/generated.ts";
import { sharedGpu } from "../support/shared-gpu.ts";

const options = { quiet: true, gpu: sharedGpu, label: "own" };
const overrides = { WORKGROUP_SIZE: 64, CONSTRAINT: 0, RECURRENT: true };

describe("devices of the shared GPU that tests are given", () => {
  test("share compiled pipelines, and count as if each had its own", async () => {
    const [one, other] = [await openDevice(options), await openDevice(options)];
    const [first, second] = await Promise.all(
      [one, other].map(async (device) => {
        await Kernel.create(device, packWeights, overrides);
        const [compiled] = device.pipelines.get(packWeights.code)?.values() ?? [];
        return (await compiled) as { readonly pipeline: GPUComputePipeline };
      }),
    );
    expect(first?.pipeline).toBeDefined();
    expect(first?.pipeline).toBe(second?.pipeline);
    expect([one, other].map(({ counters }) => counters.pipelines)).toEqual([1, 1]);
    for (const device of [one, other]) device.dispose();
  });

  test("take their buffers with them, and leave the others'", async () => {
    const [one, other] = [await openDevice(options), await openDevice(options)];
    const tensors = [one, other].map((device) => new Tensor(device, "t", [4]));
    const [gone, kept] = tensors.map(({ buffer }) => buffer);
    one.dispose();
    const { handle } = other;
    const copy = async (buffer: GPUBuffer | undefined): Promise<GPUError | null> => {
      if (buffer === undefined) throw new RangeError("no buffer");
      handle.pushErrorScope("validation");
      handle.queue.writeBuffer(buffer, 0, Float32Array.of(1, 2, 3, 4));
      return await other.wait(handle.popErrorScope());
    };
    expect(await copy(kept)).toBeNull();
    expect((await copy(gone))?.message).toMatch(/destroyed/);
    other.dispose();
  });
});
