import { AdapterError, DeviceLostError, GpuError, LimitError } from "../errors.ts";
import { type FoundAdapter, findAdapter, inNode, isSoftwareAdapter } from "./dawn.ts";

/** The name of a WebGPU limit, such as `maxBufferSize`. */
export type LimitName = Exclude<keyof GPUSupportedLimits, "__brand">;

/** How {@link openDevice} finds and opens a device; every field may be left out. */
export interface DeviceOptions {
  /** A `GPU` object to ask for the adapter, instead of the host's own. */
  readonly gpu?: GPU;
  /** A device that the caller owns: it is used as it is, and `dispose()` does not destroy it. */
  readonly adopt?: GPUDevice;
  readonly powerPreference?: GPUPowerPreference;
  /** Features without which opening fails. */
  readonly requiredFeatures?: readonly GPUFeatureName[];
  /** Limits without which opening fails, in WebGPU's units (bytes, invocations, bindings). */
  readonly requiredLimits?: Partial<Record<LimitName, number>>;
  /** `true`: say nothing when the adapter is a slow software one. */
  readonly quiet?: boolean;
  /** The device's name in messages; default "cortrain". */
  readonly label?: string;
  /** `"null"`: compile and validate only, compute nothing (Node). */
  readonly backend?: "null";
}

/** What the adapter says of itself. Browsers may leave any of the words empty. */
export interface DeviceInfo {
  readonly vendor: string;
  readonly architecture: string;
  readonly device: string;
  readonly description: string;
  /** Vulkan, Metal, D3D12 and so on, where the host tells; `"null"` for the null backend. */
  readonly backend?: string;
  /** Whether the adapter computes on the CPU. */
  readonly isSoftware: boolean;
}

/**
 * How many objects and commands `gpu/` code has made on a device since it was opened. That code adds to these numbers
 * where it creates or submits; tests and the profile read them.
 */
export interface DeviceCounters {
  buffers: number;
  pipelines: number;
  bindGroups: number;
  submits: number;
  dispatches: number;
}

/** A device as plain data, for `cortrain doctor` and for the records of a run. */
export interface DeviceDescription extends DeviceInfo {
  readonly label: string;
  readonly host: "browser" | "node";
  readonly features: readonly string[];
  readonly limits: Readonly<Record<string, number>>;
}

/** Requested as large as the adapter has them. */
const wantedLimits: readonly LimitName[] = [
  "maxBufferSize",
  "maxStorageBufferBindingSize",
  "maxStorageBuffersPerShaderStage",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
];

/** Requested where the adapter has them. */
const wantedFeatures: readonly GPUFeatureName[] = ["timestamp-query", "subgroups", "shader-f16"];

const warnedAlready = Symbol.for("cortrain.softwareAdapterWarning");

/**
 * Opens a WebGPU device: the browser's, or Dawn's in Node; on a Linux machine without a GPU a software one.
 *
 * @throws AdapterError where there is no WebGPU, no adapter, or a required feature is missing.
 * @throws LimitError where a required limit is above what the adapter has.
 */
export async function openDevice(options: DeviceOptions = {}): Promise<Device> {
  const label = options.label ?? "cortrain";
  if (options.adopt) {
    const handle = options.adopt;
    checkRequirements(`The adopted device`, handle.features, handle.limits, options);
    return new Device(handle, { label, info: readInfo(handle.adapterInfo, options.backend), owned: false });
  }
  const found = await findAdapter(options);
  const { adapter } = found;
  const info = readInfo(adapter.info, options.backend);
  checkRequirements(`The adapter (${nameOf(info)})`, adapter.features, adapter.limits, options);
  const features = [
    ...wantedFeatures.filter((name) => adapter.features.has(name)),
    ...(options.requiredFeatures ?? []),
  ];
  const limits = Object.fromEntries(wantedLimits.map((name) => [name, adapter.limits[name]]));
  const handle = await adapter.requestDevice({
    label,
    requiredFeatures: [...new Set(features)],
    requiredLimits: { ...limits, ...options.requiredLimits },
  });
  // Dawn's Node binding crashes at exit when a device is destroyed in the very turn in which it was made.
  if (inNode()) await new Promise<void>((resolve) => setImmediate(resolve));
  const device = new Device(handle, { label, info, owned: true, found });
  if (info.isSoftware && options.backend === undefined && !options.quiet) warnOnce(info);
  return device;
}

/** Describes a device as plain data. */
export function describeDevice(device: Device): DeviceDescription {
  const limits: Record<string, number> = {};
  // The limits are accessors of the prototype, in every implementation.
  for (const name in device.limits) {
    const value = device.limits[name as LimitName];
    if (typeof value === "number") limits[name] = value;
  }
  return {
    label: device.label,
    host: inNode() ? "node" : "browser",
    ...device.info,
    features: [...device.features].sort(),
    limits,
  };
}

/**
 * An open WebGPU device. {@link openDevice} makes one.
 *
 * Errors that WebGPU reports late (a lost device, an error that no scope caught) are kept and thrown by the next
 * {@link Device.check}, which all other `gpu/` code calls before it does anything.
 */
export class Device {
  readonly label: string;
  readonly handle: GPUDevice;
  readonly queue: GPUQueue;
  readonly limits: GPUSupportedLimits;
  readonly features: GPUSupportedFeatures;
  readonly info: DeviceInfo;
  /** Compiled pipelines, and those being compiled, by the shader's code, then its overrides; of `gpu/kernel.ts`. */
  readonly pipelines: Map<string, Map<string, Promise<unknown>>> = new Map();
  /** What was timed or checked on this device once and need not be again, by name. */
  readonly measurements: Map<string, Promise<unknown>> = new Map();
  readonly counters: DeviceCounters = { buffers: 0, pipelines: 0, bindGroups: 0, submits: 0, dispatches: 0 };

  readonly #owned: boolean;
  // Dawn's GPU object must outlive its device, and Node does not exit while anything else holds it.
  #found: FoundAdapter | undefined;
  #lost: string | undefined;
  #disposed = false;
  #uncaptured: GPUError[] = [];
  #waiting = 0;
  #sleeping = false;

  constructor(
    handle: GPUDevice,
    about: { label: string; info: DeviceInfo; owned: boolean; found?: FoundAdapter | undefined },
  ) {
    this.label = about.label;
    this.handle = handle;
    this.queue = handle.queue;
    this.limits = handle.limits;
    this.features = handle.features;
    this.info = about.info;
    this.#owned = about.owned;
    this.#found = about.found;
    handle.addEventListener("uncapturederror", this.#remember);
    handle.lost.then(({ reason, message }) => {
      this.#lost ??= `${reason}: ${message}`;
    });
  }

  readonly #remember = (event: GPUUncapturedErrorEvent): void => {
    event.preventDefault?.();
    this.#uncaptured.push(event.error);
  };

  /** Whether {@link Device.dispose} has been called. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /**
   * Throws what has gone wrong since the last call.
   *
   * @throws DeviceLostError once the device is lost or disposed, every time.
   * @throws GpuError for errors that no error scope caught, once.
   */
  check(): void {
    if (this.#disposed) throw new DeviceLostError(`Device "${this.label}" was used after its dispose().`);
    if (this.#lost !== undefined) {
      throw new DeviceLostError(
        `Device "${this.label}" (${nameOf(this.info)}) was lost: ${this.#lost}. Open a new one with openDevice(); a run continues from its last checkpoint.`,
      );
    }
    const [first, ...others] = this.#uncaptured;
    if (first) {
      this.#uncaptured = [];
      const more = others.length > 0 ? ` (and ${others.length} more)` : "";
      throw new GpuError(`Device "${this.label}": ${first.constructor.name}: ${first.message.trim()}${more}`, {
        cause: first,
      });
    }
  }

  /**
   * Awaits something that the GPU will finish (`mapAsync`, `onSubmittedWorkDone`).
   *
   * While such a promise is pending, Dawn polls on Node's thread and so takes a core away from a software adapter;
   * sleeping a millisecond a turn makes that one 1.6 times faster on two cores. On hardware it would only add latency.
   *
   * @throws DeviceLostError, GpuError if the promise was rejected because of them; else what the promise throws.
   */
  async wait<T>(promise: Promise<T>): Promise<T> {
    this.#waiting += 1;
    if (this.info.isSoftware && inNode() && !this.#sleeping) this.#sleepWhileWaiting();
    try {
      return await promise;
    } catch (error) {
      this.check();
      throw error;
    } finally {
      this.#waiting -= 1;
    }
  }

  #sleepWhileWaiting(): void {
    const cell = new Int32Array(new SharedArrayBuffer(4));
    const turn = (): void => {
      this.#sleeping = this.#waiting > 0;
      if (!this.#sleeping) return;
      Atomics.wait(cell, 0, 0, 1);
      setImmediate(turn);
    };
    this.#sleeping = true;
    setImmediate(turn);
  }

  /** Destroys the device unless it was adopted, and lets Node exit. Every later {@link Device.check} throws. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.handle.removeEventListener("uncapturederror", this.#remember);
    if (this.#owned) this.handle.destroy();
    this.#found = undefined;
  }
}

function readInfo(info: GPUAdapterInfo | undefined, backend: "null" | undefined): DeviceInfo {
  const { vendor = "", architecture = "", device = "", description = "" } = info ?? {};
  // Chrome adds the backend's name to the information where its developer features are on.
  const told = backend ?? (info as { backend?: unknown } | undefined)?.backend;
  return {
    vendor,
    architecture,
    device,
    description,
    ...(typeof told === "string" && told !== "" ? { backend: told } : {}),
    isSoftware: backend === "null" || (info !== undefined && isSoftwareAdapter(info)),
  };
}

function nameOf(info: DeviceInfo): string {
  const words = [info.vendor, info.architecture, info.description || info.device].filter((word) => word !== "");
  return words.join(" ") || info.backend || "unnamed";
}

function checkRequirements(
  subject: string,
  features: GPUSupportedFeatures,
  limits: GPUSupportedLimits,
  { requiredFeatures = [], requiredLimits = {} }: DeviceOptions,
): void {
  const missing = requiredFeatures.filter((name) => !features.has(name));
  if (missing.length > 0) {
    throw new AdapterError(
      `${subject} lacks the feature ${missing.join(", ")}. It has: ${[...features].sort().join(", ") || "none"}.`,
    );
  }
  for (const [name, asked] of Object.entries(requiredLimits) as [LimitName, number][]) {
    const has = limits[name];
    if (typeof has !== "number") throw new LimitError(`${name}: WebGPU here knows no limit of this name.`);
    // Alignments, whose names begin with "min", are the better the smaller.
    const fits = name.startsWith("min") ? asked >= has : asked <= has;
    if (!fits) throw new LimitError(`${name}: asked for ${asked}. ${subject} allows ${has}.`);
  }
}

function warnOnce(info: DeviceInfo): void {
  const shared = globalThis as { [warnedAlready]?: boolean };
  if (shared[warnedAlready]) return;
  shared[warnedAlready] = true;
  console.warn(
    `cortrain: running on a software adapter (${nameOf(info)}): correct, but slow; good for tests and first steps.`,
  );
}
