import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import { Tensor } from "../gpu/tensor.ts";
import { type StructValues, Uniform, writeStruct } from "../gpu/uniforms.ts";
import { segmentSettings, verdict } from "../wgsl/generated.ts";
import { elementwiseSize, groupsFor } from "./grid.ts";
import type { Layout } from "./layout.ts";

const element = verdict.bindings.settings.element;

/** Floats of one struct `Settings`. */
export const settingsFloats = element.size / 4;

/** What may differ between replicas and between steps: the struct `Settings` of shaders/lib/settings.wgsl. */
export type SettingsValues = StructValues<typeof element.fields>;

/** Values under which nothing is noisy and nothing is learned. */
export const quietSettings: SettingsValues = {
  seed: 0,
  step: 0,
  update: 0,
  first_step: 0,
  noise_stream: 0,
  slot: 0,
  noise_pre: 0,
  noise_post: 0,
  step_size: 0,
  epsilon: 0,
  decay_first: 0,
  decay_second: 0,
  gain_first: 0,
  gain_second: 0,
  weight_decay: 0,
  decoupled_decay: 0,
  clip: 0,
  alpha_min: 0,
  ended: 0,
  loss_scale: [],
};

/** The settings of all replicas on the GPU, [R] structs, uploaded in one write. */
export class Settings {
  readonly tensor: Tensor;
  readonly #bytes: DataView;
  readonly #words: Float32Array;

  constructor(device: Device, layout: Layout) {
    this.tensor = new Tensor(device, "settings", [layout.replicas, settingsFloats]);
    this.#words = new Float32Array(this.tensor.size);
    this.#bytes = new DataView(this.#words.buffer);
  }

  /** Sets the values of one replica; they reach the GPU with the next {@link upload}. */
  set(replica: number, values: SettingsValues): void {
    writeStruct(this.#bytes, replica * element.size, element.fields, values);
  }

  upload(): void {
    this.tensor.write(this.#words);
  }

  dispose(): void {
    this.tensor.dispose();
  }
}

/**
 * The settings of each segment of a trial, one dispatch a segment, from those of the whole: shaders/segment_settings.wgsl. The
 * caller disposes of the uniform.
 * @param starts steps of the trial that lie before each segment.
 */
export async function segmentSettingsOps(
  device: Device,
  tensors: { readonly settings: Tensor; readonly own: Tensor },
  starts: readonly number[],
): Promise<{ readonly dispatches: readonly Dispatch[]; readonly uniform: Uniform }> {
  const kernel = await Kernel.create(device, segmentSettings, { WORKGROUP_SIZE: elementwiseSize });
  const binding = segmentSettings.bindings.start;
  const uniform = new Uniform(
    device,
    "starts of segments",
    binding,
    starts.map((first) => ({ first })),
  );
  const { settings, own } = tensors;
  const dispatches = kernel.dispatchSequence(
    { settings: read(settings), own_settings: readWrite(own), start: uniform },
    [groupsFor(settings.size / settingsFloats, elementwiseSize), 1, 1],
    starts.map((_, index) => index * uniform.stride),
  );
  return { dispatches, uniform };
}
