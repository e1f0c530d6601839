import { expect, test, vi } from "vitest";
import { LimitError } from "../../src/errors.ts";
import { Network } from "../../src/network/network.ts";
import { Sequence } from "../../src/network/sequence.ts";
import { generateModel } from "../reference/generate.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

test("a plan that cannot be compiled leaves no buffer behind", async () => {
  // The readout needs a workgroup for every four outputs, one more than a device must allow along an axis.
  const limit = gpu.device.limits.maxComputeWorkgroupsPerDimension;
  const model = generateModel({ inputs: 1, hidden: 1, outputs: 4 * (limit + 1), seed: 1 });
  const network = new Network(gpu.device, [model]);
  const made: GPUBuffer[] = [];
  const freed = new Set<GPUBuffer>();
  const { handle } = gpu.device;
  const createBuffer = handle.createBuffer.bind(handle);
  const spy = vi.spyOn(handle, "createBuffer").mockImplementation((descriptor) => {
    const buffer = createBuffer(descriptor);
    made.push(buffer);
    const destroy = buffer.destroy.bind(buffer);
    buffer.destroy = () => {
      freed.add(buffer);
      return destroy();
    };
    return buffer;
  });
  const sizes = { replicas: 1, steps: 2, batch: 1, initial: "parameter", storeSlopes: false } as const;
  try {
    await expect(Sequence.compile(gpu.device, model.spec, network, sizes)).rejects.toThrow(LimitError);
  } finally {
    spy.mockRestore();
  }
  expect(made.map(({ label }) => label)).toEqual(
    expect.arrayContaining(["packed", "rates", "shape", "slots", "settings"]),
  );
  expect(made.filter((buffer) => !freed.has(buffer)).map(({ label }) => label)).toEqual([]);
  network.dispose();
});
