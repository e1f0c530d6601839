import { afterAll, afterEach, beforeAll, beforeEach } from "vitest";
import { GpuError } from "../../src/errors.ts";
import { type Device, type DeviceOptions, openDevice } from "../../src/gpu/device.ts";
import { sharedGpu } from "./shared-gpu.ts";

const filters: readonly GPUErrorFilter[] = ["validation", "out-of-memory", "internal"];

/**
 * Opens one device for the tests of a file (or of a `describe`), and disposes it after them. Each test runs inside
 * error scopes, so that it fails on any GPU error, even one that nobody looked for (as in greggman/webgpu-utils).
 *
 * Unless there are options it shares its compiled pipelines with other files: {@link sharedGpu}.
 *
 * Call it at the top and read `gpu.device` inside the tests: `const gpu = testDevice();`
 */
export function testDevice(options: DeviceOptions = { gpu: sharedGpu }): { readonly device: Device } {
  let device: Device | undefined;
  const opened = (): Device => {
    if (!device) throw new Error("testDevice(): read gpu.device inside a test or a hook, where the device is open.");
    return device;
  };
  beforeAll(async () => {
    device = await openDevice({ quiet: true, label: "test", ...options });
  });
  beforeEach(() => {
    for (const filter of filters) opened().handle.pushErrorScope(filter);
  });
  afterEach(async () => {
    const scopes = filters.map(() => opened().handle.popErrorScope());
    const errors = (await opened().wait(Promise.all(scopes))).filter((error) => error !== null);
    opened().check();
    const [first] = errors;
    if (first) throw new GpuError(errors.map((error) => error.message).join("\n"), { cause: first });
  });
  afterAll(() => device?.dispose());
  return {
    get device() {
      return opened();
    },
  };
}
