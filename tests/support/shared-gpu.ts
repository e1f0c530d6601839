import { type Device, openDevice } from "../../src/gpu/device.ts";

/**
 * A `GPU` whose devices are all the same one underneath, so that no pipeline is compiled twice in a process (or a page):
 * compiling shaders is most of what tests do. Give it to `openDevice({ gpu })`. What is opened looks like a device of its
 * own: its buffers are gone once it is destroyed, and its `Device` counts what it asked for, compiled anew or not. A device
 * that a test lost is replaced for those that come after it.
 */
export const sharedGpu = {
  requestAdapter: async () => adapterOf(await opened()),
} as Pick<GPU, "requestAdapter"> as GPU;

/** Does something while the shared `GPU` is the host's own, as a browser's is. */
export async function withSharedGpu<Result>(work: () => Promise<Result>): Promise<Result> {
  const shared = await opened();
  const gpu = { requestAdapter: async () => adapterOf(shared) };
  const before = Object.getOwnPropertyDescriptor(globalThis, "navigator");
  Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });
  try {
    return await work();
  } finally {
    if (before === undefined) Reflect.deleteProperty(globalThis, "navigator");
    else Object.defineProperty(globalThis, "navigator", before);
  }
}

interface Shared {
  readonly handle: GPUDevice;
  /** By code, entry point and overrides. */
  readonly pipelines: Map<string, Promise<GPUComputePipeline>>;
  /** Keeps Dawn's GPU object alive. */
  readonly device: Device;
}

const kept = new Map<"shared", Promise<Shared>>();

async function opened(): Promise<Shared> {
  const found = kept.get("shared");
  try {
    (await found)?.device.check();
    if (found !== undefined) return found;
  } catch {
    // The test that broke it has failed of it.
  }
  const opening = openDevice({ quiet: true, label: "shared" }).then((device) => ({
    ...{ device, handle: device.handle },
    pipelines: new Map<string, Promise<GPUComputePipeline>>(),
  }));
  kept.set("shared", opening);
  return opening;
}

function adapterOf({ handle, pipelines }: Shared): GPUAdapter {
  return {
    info: handle.adapterInfo,
    features: handle.features,
    limits: handle.limits,
    requestDevice: async () => ownView(handle, pipelines),
  } as unknown as GPUAdapter;
}

/** The device as if it were one's own. */
function ownView(handle: GPUDevice, pipelines: Shared["pipelines"]): GPUDevice {
  const buffers = new Set<GPUBuffer>();
  const codes = new WeakMap<GPUShaderModule, string>();
  const own: Partial<GPUDevice> = {
    createBuffer(descriptor) {
      const buffer = handle.createBuffer(descriptor);
      buffers.add(buffer);
      return buffer;
    },
    createShaderModule(descriptor) {
      const module = handle.createShaderModule(descriptor);
      codes.set(module, descriptor.code);
      return module;
    },
    // Explicit layouts that are alike are compatible, so that a pipeline goes with bind groups of another's layouts.
    createComputePipelineAsync(descriptor) {
      const { module, entryPoint, constants } = descriptor.compute;
      const key = JSON.stringify([codes.get(module), entryPoint, Object.entries(constants ?? {}).sort()]);
      const compiled = pipelines.get(key) ?? handle.createComputePipelineAsync(descriptor);
      pipelines.set(key, compiled);
      compiled.catch(() => pipelines.delete(key));
      return compiled;
    },
    destroy() {
      for (const buffer of buffers) buffer.destroy();
      buffers.clear();
      return undefined;
    },
  };
  return new Proxy(own, {
    get(mine, name) {
      if (name in mine) return Reflect.get(mine, name);
      const value: unknown = Reflect.get(handle, name, handle);
      return typeof value === "function" ? value.bind(handle) : value;
    },
  }) as GPUDevice;
}
