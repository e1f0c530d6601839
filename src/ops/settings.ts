import type { Device } from "../gpu/device.ts";
import { Tensor } from "../gpu/tensor.ts";
import { type StructValues, writeStruct } from "../gpu/uniforms.ts";
import { verdict } from "../wgsl/generated.ts";
import type { Layout } from "./layout.ts";

const element = verdict.bindings.settings.element;

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
    this.tensor = new Tensor(device, "settings", [layout.replicas, element.size / 4]);
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
