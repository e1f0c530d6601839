/**
 * Node only: chooses Dawn's adapter, hardware before software, and on Linux brings a software one (SwiftShader) along.
 *
 * The Vulkan loader reads its driver list from the environment at the moment when Dawn lists the adapters, which
 * happens inside the call of `requestAdapter`, before its promise settles. So the environment is changed for that one
 * synchronous call only: child processes and later hardware requests never see it.
 */
import { readdirSync } from "node:fs";
import { constants } from "node:os";
import { isMainThread } from "node:worker_threads";
import { AdapterError } from "../errors.ts";
import { type AdapterRequest, type DawnModule, type FoundAdapter, isSoftwareAdapter } from "./dawn.ts";
import { findSwiftShaders, type SwiftShader } from "./node-swiftshader.ts";

/** glibc's RTLD_NODELETE, which Node's table of constants lacks: the loader must survive the failed registration. */
const RTLD_NODELETE = 0x1000;

/** Files under /dev of which at least one exists where a Linux machine (or WSL) has a GPU. */
const gpuDevice = /^(dri|nvidia|nvhost|nvmap|dxg|kfd|kgsl|mali|pvr|galcore)/;

/**
 * Chooses the adapter in Node.
 *
 * `CORTRAIN_ADAPTER=software` forces a software adapter, `CORTRAIN_ADAPTER=hardware` forbids one. A `VK_ICD_FILENAMES`
 * or `VK_DRIVER_FILES` that the user set is never replaced.
 *
 * @throws AdapterError where nothing that is allowed answers; the message says what to install.
 */
export async function findNodeAdapter(dawn: DawnModule, request: AdapterRequest): Promise<FoundAdapter> {
  if (request.backend === "null") {
    const found = await requestFrom(dawn.create(["backend=null"]), request);
    if (found) return found;
    throw new AdapterError("Dawn offers no null backend on this platform.");
  }
  const wanted = wantedAdapter();
  const userDriver = process.env["VK_DRIVER_FILES"] || process.env["VK_ICD_FILENAMES"];
  const found = userDriver
    ? await requestFromUserDriver(dawn, request)
    : ((wanted === "software" ? undefined : await requestHardware(dawn, request)) ??
      (wanted === "hardware" ? undefined : await requestSoftware(dawn, request)));
  if (!found) throw new AdapterError(noAdapterMessage(wanted, userDriver));
  const isSoftware = isSoftwareAdapter(found.adapter.info);
  if (wanted !== undefined && isSoftware !== (wanted === "software")) {
    const reason = userDriver ? ` The driver files set in the environment (${userDriver}) chose it.` : "";
    throw new AdapterError(
      `CORTRAIN_ADAPTER=${wanted}, but the adapter that answered is ${isSoftware ? "software" : "hardware"}: ${found.adapter.info.description}.${reason}`,
    );
  }
  return found;
}

function wantedAdapter(): "software" | "hardware" | undefined {
  const value = process.env["CORTRAIN_ADAPTER"] || undefined;
  if (value === undefined || value === "software" || value === "hardware") return value;
  throw new AdapterError(`CORTRAIN_ADAPTER: expected "software" or "hardware", got "${value}".`);
}

async function requestFrom(gpu: GPU, request: AdapterRequest, fallback = false): Promise<FoundAdapter | undefined> {
  const { powerPreference } = request;
  const adapter = await gpu.requestAdapter({
    ...(powerPreference === undefined ? {} : { powerPreference }),
    ...(fallback ? { forceFallbackAdapter: true } : {}),
  });
  return adapter ? { gpu, adapter } : undefined;
}

async function requestHardware(dawn: DawnModule, request: AdapterRequest): Promise<FoundAdapter | undefined> {
  // Without any GPU device file no driver can answer; asking would only make Dawn print four lines of warnings.
  if (process.platform === "linux" && !readdirSync("/dev").some((name) => gpuDevice.test(name))) return undefined;
  return requestFrom(dawn.create([]), request);
}

async function requestSoftware(dawn: DawnModule, request: AdapterRequest): Promise<FoundAdapter | undefined> {
  if (process.platform !== "linux") return requestFrom(dawn.create([]), request, true);
  for (const swiftShader of findSwiftShaders()) {
    const found = await requestWithDriver(dawn, request, swiftShader);
    if (found) return found;
  }
  return undefined;
}

async function requestFromUserDriver(dawn: DawnModule, request: AdapterRequest): Promise<FoundAdapter | undefined> {
  const found = await requestFrom(dawn.create([]), request);
  if (found || process.platform !== "linux") return found;
  // The driver may be fine and only the Vulkan loader missing from the system.
  const [swiftShader] = findSwiftShaders();
  if (!swiftShader) return undefined;
  openLoader(swiftShader);
  return requestFrom(dawn.create([]), request);
}

function requestWithDriver(
  dawn: DawnModule,
  request: AdapterRequest,
  swiftShader: SwiftShader,
): Promise<FoundAdapter | undefined> {
  openLoader(swiftShader);
  process.env["VK_ICD_FILENAMES"] = swiftShader.icdFile;
  try {
    return requestFrom(dawn.create([]), request);
  } finally {
    delete process.env["VK_ICD_FILENAMES"];
  }
}

/** Puts the Vulkan loader into the process, where Dawn then finds it by its name. */
function openLoader(swiftShader: SwiftShader): void {
  if (swiftShader.loaderFile === undefined) return;
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
  try {
    process.dlopen({ exports: {} }, swiftShader.loaderFile, RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
  } catch (error) {
    // It is loaded all the same; it is only no Node addon. Any other failure shows as "no adapter".
    if (!String(error).includes("did not self-register")) return;
  }
}

function noAdapterMessage(wanted: "software" | "hardware" | undefined, userDriver: string | undefined): string {
  const host = `${process.platform} ${process.arch}`;
  if (userDriver) {
    return `No WebGPU adapter on ${host} with the driver files set in the environment (${userDriver}). Correct VK_ICD_FILENAMES / VK_DRIVER_FILES, or unset them.`;
  }
  const hardware = "install the graphics driver of the GPU (on Linux its Vulkan driver and libvulkan1)";
  if (wanted === "hardware") return `No hardware WebGPU adapter on ${host} (CORTRAIN_ADAPTER=hardware): ${hardware}.`;
  const software =
    process.platform !== "linux"
      ? "no software adapter is known for this platform"
      : process.arch === "x64"
        ? "for a slow software adapter run: npm install @sparticuz/chromium (or install Chromium, or set CHROME_PATH)"
        : "for a slow software adapter install Chromium, or set CHROME_PATH";
  const worker =
    process.platform === "linux" && !isMainThread
      ? " In a worker thread the software driver cannot be announced: start the Worker with env: SHARE_ENV."
      : "";
  return `No WebGPU adapter on ${host}: ${wanted === "software" ? "" : `${hardware}; `}${software}.${worker}`;
}
