import { describe, expect, test, vi } from "vitest";
import { AdapterError, DeviceLostError, GpuError, LimitError } from "../../src/errors.ts";
import { type Device, describeDevice, openDevice } from "../../src/gpu/device.ts";
import { testDevice } from "../support/device.ts";

const COPY_DST = 0x8;
const COPY_SRC = 0x4;
const MAP_READ = 0x1;

async function withDevice(use: (device: Device) => unknown): Promise<void> {
  const device = await openDevice({ quiet: true, label: "own" });
  try {
    await use(device);
  } finally {
    device.dispose();
  }
}

/** Waits until late errors have been reported: Chrome does so a few turns after the work is done. */
async function settle(device: Device): Promise<void> {
  await device.wait(device.queue.onSubmittedWorkDone());
  await new Promise((resolve) => setTimeout(resolve, 50));
}

describe("an open device", () => {
  const gpu = testDevice();

  test("moves bytes to the GPU and back", async () => {
    const { device } = gpu;
    const source = device.handle.createBuffer({ size: 16, usage: COPY_SRC | COPY_DST, label: "source" });
    const staging = device.handle.createBuffer({ size: 16, usage: COPY_DST | MAP_READ, label: "staging" });
    device.queue.writeBuffer(source, 0, new Float32Array([1, 2, 3, 4]));
    const encoder = device.handle.createCommandEncoder({ label: "copy" });
    encoder.copyBufferToBuffer(source, 0, staging, 0, 16);
    device.queue.submit([encoder.finish()]);
    await device.wait(staging.mapAsync(0x1));
    expect([...new Float32Array(staging.getMappedRange())]).toEqual([1, 2, 3, 4]);
    staging.unmap();
    source.destroy();
    staging.destroy();
  });

  test("has the adapter's own limits, not WebGPU's defaults", () => {
    const defaultBindingSize = 134_217_728;
    expect(gpu.device.limits.maxStorageBufferBindingSize).toBeGreaterThan(defaultBindingSize);
    expect(gpu.device.limits.maxBufferSize).toBeGreaterThanOrEqual(gpu.device.limits.maxStorageBufferBindingSize);
  });

  test("counts from zero", () => {
    expect(gpu.device.counters).toEqual({ buffers: 0, pipelines: 0, bindGroups: 0, submits: 0, dispatches: 0 });
  });

  test("describes itself as plain data", () => {
    const description = describeDevice(gpu.device);
    expect(JSON.parse(JSON.stringify(description))).toEqual(description);
    expect(description.label).toBe("test");
    expect(description.isSoftware).toBe(gpu.device.info.isSoftware);
    expect(description.limits["maxComputeWorkgroupSizeX"]).toBeGreaterThanOrEqual(256);
    expect(description.features).toEqual([...gpu.device.features].sort());
  });

  test("waits for many things at once", async () => {
    const { device } = gpu;
    await Promise.all([1, 2, 3].map(() => device.wait(device.queue.onSubmittedWorkDone())));
    await expect(device.wait(Promise.reject(new RangeError("as it was")))).rejects.toThrow("as it was");
  });
});

describe("errors that WebGPU reports late", () => {
  test("an uncaptured error is thrown by the next check, once, with its message", () =>
    withDevice(async (device) => {
      device.handle.createBuffer({ size: 16, usage: 0xffff, label: "bad usage" });
      await settle(device);
      expect(() => device.check()).toThrow(GpuError);
      device.check();
      device.handle.createBuffer({ size: 16, usage: 0xffff, label: "bad usage" });
      device.handle.createBuffer({ size: 16, usage: 0xffff, label: "bad usage" });
      await settle(device);
      expect(() => device.check()).toThrow(/"own".*ValidationError.*65535[\s\S]*1 more/);
    }));

  test("a lost device throws at every check", () =>
    withDevice(async (device) => {
      device.check();
      device.handle.destroy();
      await device.handle.lost;
      for (const _ of [1, 2]) expect(() => device.check()).toThrow(DeviceLostError);
      expect(() => device.check()).toThrow(/"own".*was lost.*openDevice/);
    }));

  test("a wait that fails because the device is lost says so", () =>
    withDevice(async (device) => {
      const staging = device.handle.createBuffer({ size: 16, usage: COPY_DST | MAP_READ, label: "staging" });
      device.handle.destroy();
      await device.handle.lost;
      await expect(device.wait(staging.mapAsync(0x1))).rejects.toThrow(DeviceLostError);
    }));
});

describe("dispose", () => {
  test("is idempotent, and the device throws after it", async () => {
    const device = await openDevice({ quiet: true, label: "own" });
    device.dispose();
    device.dispose();
    expect(device.disposed).toBe(true);
    expect(() => device.check()).toThrow(/"own" was used after its dispose/);
  });

  test("does not destroy an adopted device", () =>
    withDevice(async (owner) => {
      const adopted = await openDevice({ adopt: owner.handle, quiet: true, label: "adopted" });
      expect(adopted.handle).toBe(owner.handle);
      expect(adopted.info).toEqual(owner.info);
      adopted.dispose();
      expect(() => adopted.check()).toThrow(DeviceLostError);
      owner.handle.createBuffer({ size: 16, usage: COPY_DST, label: "still works" }).destroy();
      await owner.wait(owner.queue.onSubmittedWorkDone());
      owner.check();
    }));
});

describe("requirements", () => {
  test("a limit above the adapter's is refused with both numbers", async () => {
    const opening = openDevice({ quiet: true, requiredLimits: { maxBufferSize: 2 ** 52 } });
    await expect(opening).rejects.toThrow(LimitError);
    await expect(opening).rejects.toThrow(/maxBufferSize: asked for 4503599627370496.*allows \d+/);
  });

  test("a feature that is missing is named, with those that are there", async () => {
    const opening = openDevice({ quiet: true, requiredFeatures: ["no-such-feature" as GPUFeatureName] });
    await expect(opening).rejects.toThrow(AdapterError);
    await expect(opening).rejects.toThrow(/lacks the feature no-such-feature. It has: .*core-features-and-limits/);
  });

  test("a limit below the adapter's is taken as asked", async () => {
    const device = await openDevice({ quiet: true, requiredLimits: { maxBufferSize: 2 ** 28 } });
    expect(device.limits.maxBufferSize).toBe(2 ** 28);
    device.dispose();
  });
});

test("a software adapter is announced once, and not at all if quiet", async () => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  try {
    Reflect.deleteProperty(globalThis, Symbol.for("cortrain.softwareAdapterWarning"));
    const devices = [await openDevice({ quiet: true })];
    expect(warn).toHaveBeenCalledTimes(0);
    devices.push(await openDevice(), await openDevice());
    expect(warn).toHaveBeenCalledTimes(devices[0]?.info.isSoftware ? 1 : 0);
    for (const device of devices) device.dispose();
  } finally {
    warn.mockRestore();
  }
});
