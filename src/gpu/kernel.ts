import { GpuError, LimitError } from "../errors.ts";
import type { Device } from "./device.ts";
import { computeStage } from "./flags.ts";
import type { Binding, Shader, StorageBinding, UniformBinding } from "./shader.ts";
import type { Tensor } from "./tensor.ts";
import type { Uniform } from "./uniforms.ts";

/** A tensor with the access a kernel has to it, so that reads and writes can be seen where the kernel is bound. */
export interface TensorAccess<Access extends "read" | "readWrite"> {
  readonly access: Access;
  readonly tensor: Tensor;
}

/** The kernel only reads this tensor. */
export function read(tensor: Tensor): TensorAccess<"read"> {
  return { access: "read", tensor };
}

/** The kernel writes this tensor, and may read it. */
export function readWrite(tensor: Tensor): TensorAccess<"readWrite"> {
  return { access: "readWrite", tensor };
}

/** A value for every `override` of a shader. */
export type Overrides<S extends Shader> = {
  readonly [Name in keyof S["overrides"]]: S["overrides"][Name] extends "bool" ? boolean : number;
};

type ResourceFor<B extends Binding> = B extends UniformBinding
  ? Uniform
  : B extends StorageBinding
    ? TensorAccess<B["access"]>
    : never;

/** A buffer for every binding of a shader, each with the access that the shader declares. */
export type Resources<S extends Shader> = { readonly [Name in keyof S["bindings"]]: ResourceFor<S["bindings"][Name]> };

/** Numbers of workgroups along x, y and z. */
export type Workgroups = readonly [x: number, y: number, z: number];

/** One entry of a plan: a pipeline with its buffers and its grid, ready to be encoded. */
export interface Dispatch {
  readonly label: string;
  readonly pipeline: GPUComputePipeline;
  readonly bindGroups: readonly GPUBindGroup[];
  /** Byte offset of the uniform in group 1, where there is one. */
  readonly dynamicOffset: number | undefined;
  readonly workgroups: Workgroups;
  /** Bytes of storage bound to it, each counted once; of a sequence of dispatches each has its share. */
  readonly bytes: number;
}

interface CompiledShader {
  readonly pipeline: GPUComputePipeline;
  readonly layouts: readonly GPUBindGroupLayout[];
}

function groupsOf(shader: Shader): number {
  return 1 + Math.max(...Object.values(shader.bindings).map(({ group }) => group));
}

function layoutEntry(binding: Binding): GPUBindGroupLayoutEntry {
  const buffer: GPUBufferBindingLayout =
    binding.kind === "uniform"
      ? { type: "uniform", hasDynamicOffset: binding.dynamic, minBindingSize: binding.size }
      : { type: binding.access === "read" ? "read-only-storage" : "storage" };
  return { binding: binding.binding, visibility: computeStage, buffer };
}

async function compile(device: Device, shader: Shader, constants: Record<string, number>): Promise<CompiledShader> {
  const { handle } = device;
  // The pipeline's own error tells all; the module's must not come back as an uncaptured one.
  handle.pushErrorScope("validation");
  const module = handle.createShaderModule({ label: shader.name, code: shader.code });
  const faults = handle.popErrorScope();
  const layouts = Array.from({ length: groupsOf(shader) }, (_, group) =>
    handle.createBindGroupLayout({
      label: `${shader.name} group ${group}`,
      entries: Object.values(shader.bindings)
        .filter((binding) => binding.group === group)
        .map(layoutEntry),
    }),
  );
  try {
    const pipeline = await device.wait(
      handle.createComputePipelineAsync({
        label: shader.name,
        layout: handle.createPipelineLayout({ label: shader.name, bindGroupLayouts: layouts }),
        compute: { module, entryPoint: shader.entryPoint, constants },
      }),
    );
    device.counters.pipelines += 1;
    return { pipeline, layouts };
  } catch (cause) {
    await faults;
    const { messages } = await module.getCompilationInfo();
    const lines = messages.map(({ lineNum, linePos, message }) => `${lineNum}:${linePos} ${message}`);
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new GpuError(`Kernel ${shader.name} does not compile: ${[reason, ...lines].join("\n")}`, { cause });
  }
}

function storageBytes(resources: object): number {
  const bound = Object.values(resources) as (Uniform | TensorAccess<"read" | "readWrite">)[];
  return bound.reduce((sum, resource) => sum + ("tensor" in resource ? 4 * resource.tensor.size : 0), 0);
}

/**
 * A compute shader specialised by its overrides. The pipeline is made once per device, code and override values, also
 * when several callers ask at the same time.
 */
export class Kernel<S extends Shader> {
  readonly shader: S;
  readonly #device: Device;
  readonly #compiled: CompiledShader;

  private constructor(device: Device, shader: S, compiled: CompiledShader) {
    this.#device = device;
    this.shader = shader;
    this.#compiled = compiled;
  }

  /** @throws GpuError with the compiler's messages where the shader does not compile. */
  static async create<S extends Shader>(device: Device, shader: S, overrides: Overrides<S>): Promise<Kernel<S>> {
    device.check();
    const constants = Object.fromEntries(Object.entries(overrides).map(([name, value]) => [name, Number(value)]));
    const key = JSON.stringify(Object.entries(constants).sort());
    const cache = (device.pipelines.get(shader.code) as Map<string, Promise<CompiledShader>> | undefined) ?? new Map();
    device.pipelines.set(shader.code, cache);
    let compiled = cache.get(key);
    if (compiled === undefined) {
      compiled = compile(device, shader, constants);
      cache.set(key, compiled);
      compiled.catch(() => cache.delete(key));
    }
    return new Kernel(device, shader, await compiled);
  }

  /**
   * The kernel bound to its buffers, with its grid: one entry of a plan.
   * @throws LimitError for a grid larger than the adapter allows.
   */
  dispatch(resources: Resources<S>, workgroups: Workgroups, dynamicOffset?: number): Dispatch {
    this.#checkGrid(workgroups);
    return {
      label: this.shader.name,
      pipeline: this.#compiled.pipeline,
      bindGroups: this.#bind(resources),
      dynamicOffset,
      workgroups,
      bytes: storageBytes(resources),
    };
  }

  /** One dispatch per element of the uniform in group 1, in the given order; all share their bind groups. */
  dispatchSequence(resources: Resources<S>, workgroups: Workgroups, offsets: readonly number[]): Dispatch[] {
    this.#checkGrid(workgroups);
    const bindGroups = this.#bind(resources);
    const bytes = storageBytes(resources) / offsets.length;
    return offsets.map((dynamicOffset) => ({
      label: this.shader.name,
      pipeline: this.#compiled.pipeline,
      bindGroups,
      dynamicOffset,
      workgroups,
      bytes,
    }));
  }

  #checkGrid(workgroups: Workgroups): void {
    const most = this.#device.limits.maxComputeWorkgroupsPerDimension;
    if (workgroups.every((count) => count <= most)) return;
    throw new LimitError(
      `Kernel ${this.shader.name} needs [${workgroups.join(", ")}] workgroups; maxComputeWorkgroupsPerDimension of this adapter is ${most}. Use fewer trials, replicas or units.`,
    );
  }

  #bind(resources: Resources<S>): GPUBindGroup[] {
    const device = this.#device;
    device.check();
    const bindings = Object.entries(this.shader.bindings);
    return this.#compiled.layouts.map((layout, group) => {
      const entries = bindings
        .filter(([, binding]) => binding.group === group)
        .map(([name, { binding }]): GPUBindGroupEntry => {
          const resource = resources[name as keyof Resources<S>] as Uniform | TensorAccess<"read" | "readWrite">;
          return "tensor" in resource
            ? { binding, resource: { buffer: resource.tensor.buffer } }
            : { binding, resource: { buffer: resource.buffer, size: resource.size } };
        });
      device.counters.bindGroups += 1;
      return device.handle.createBindGroup({ label: `${this.shader.name} group ${group}`, layout, entries });
    });
  }
}
