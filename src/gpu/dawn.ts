import { AdapterError } from "../errors.ts";

/** What to look for; every field may be left out. */
export interface AdapterRequest {
  /** A `GPU` object to use instead of the host's own. */
  readonly gpu?: GPU | undefined;
  readonly powerPreference?: GPUPowerPreference | undefined;
  /** `"null"`: Dawn's backend that compiles and validates but computes nothing (Node only). */
  readonly backend?: "null" | undefined;
  /** How an optional module is loaded; a test replaces it. */
  readonly importModule?: ((specifier: string) => Promise<unknown>) | undefined;
}

/** An adapter and the `GPU` object that must stay reachable for as long as the adapter's device is used. */
export interface FoundAdapter {
  readonly gpu: GPU;
  readonly adapter: GPUAdapter;
}

/** The part of the npm package `webgpu` that is used. */
export interface DawnModule {
  create(options: string[]): GPU;
}

// The specifier stays a parameter: a bundler cannot follow it, so no browser bundle ever contains a Node module.
const importAtRunTime = (specifier: string): Promise<unknown> => import(/* @vite-ignore */ specifier);

/** Whether this code runs in Node (or in a host that imitates it, such as Electron or Bun). */
export function inNode(): boolean {
  return typeof process === "object" && typeof process.versions?.node === "string";
}

/** Whether an adapter computes on the CPU. */
export function isSoftwareAdapter(info: GPUAdapterInfo): boolean {
  const words = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|softpipe|basic render|warp/i.test(words);
}

/**
 * Finds a WebGPU adapter: `navigator.gpu` where the host has it, else Dawn in Node, hardware before software.
 *
 * @throws AdapterError where there is no WebGPU or no adapter; the message says what to install.
 */
export async function findAdapter(request: AdapterRequest = {}): Promise<FoundAdapter> {
  const gpu = request.gpu ?? (request.backend === undefined ? navigatorGpu() : undefined);
  if (gpu !== undefined) {
    const { powerPreference } = request;
    const adapter = await gpu.requestAdapter(powerPreference === undefined ? {} : { powerPreference });
    if (adapter) return { gpu, adapter };
    throw new AdapterError(
      "WebGPU is present but offers no adapter. Turn on hardware acceleration in the browser's settings, update the graphics driver, or look at chrome://gpu for the reason.",
    );
  }
  if (!inNode()) {
    throw new AdapterError(
      "This browser has no WebGPU (navigator.gpu). Use a current Chrome, Edge, Firefox or Safari, on a page served over https or from localhost.",
    );
  }
  const importModule = request.importModule ?? importAtRunTime;
  const dawn = await importDawn(importModule);
  // A file of its own keeps Node's file system and dlopen calls out of what a browser loads.
  const node = (await importModule("./node-software-adapter.ts")) as typeof import("./node-software-adapter.ts");
  return node.findNodeAdapter(dawn, request);
}

function navigatorGpu(): GPU | undefined {
  return typeof navigator === "object" ? ((navigator as { gpu?: GPU }).gpu ?? undefined) : undefined;
}

async function importDawn(importModule: (specifier: string) => Promise<unknown>): Promise<DawnModule> {
  try {
    return (await importModule("webgpu")) as DawnModule;
  } catch (cause) {
    const missing = (cause as { code?: unknown }).code === "ERR_MODULE_NOT_FOUND";
    throw new AdapterError(
      missing
        ? "WebGPU in Node comes from the optional npm package 'webgpu', which is not installed here. Run: npm install webgpu"
        : `The npm package 'webgpu' could not be loaded on ${process.platform} ${process.arch}: ${String(cause)}. Run: npm install webgpu`,
      { cause },
    );
  }
}
