import type { Device } from "../../src/gpu/device.ts";
import type { Dispatch } from "../../src/gpu/kernel.ts";
import { submit } from "../../src/gpu/recorder.ts";
import { Tensor } from "../../src/gpu/tensor.ts";
import type { Uniform } from "../../src/gpu/uniforms.ts";
import { type Model, type ParameterName, parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { layoutOf } from "../../src/ops/layout.ts";
import { shapeUniform } from "../../src/ops/sequence.ts";
import { quietSettings, Settings, type SettingsValues } from "../../src/ops/settings.ts";
import { type OptimizerKind, updateOp } from "../../src/ops/update.ts";
import { verdictFloats } from "../../src/train/step-plan.ts";
import type { Numbers } from "../reference/numbers.ts";

/** The update kernel alone, fed with given gradients: what other packages' optimiser steps are compared with. */
export class UpdateReplay {
  readonly network: Network;
  readonly #settings: Settings;
  readonly #gradients: Tensor;
  readonly #shape: Uniform;
  readonly #dispatch: Dispatch;
  readonly #tensors: readonly Tensor[];

  private constructor(parts: {
    network: Network;
    settings: Settings;
    gradients: Tensor;
    shape: Uniform;
    dispatch: Dispatch;
    tensors: readonly Tensor[];
  }) {
    this.network = parts.network;
    this.#settings = parts.settings;
    this.#gradients = parts.gradients;
    this.#shape = parts.shape;
    this.#dispatch = parts.dispatch;
    this.#tensors = parts.tensors;
  }

  static async create(device: Device, model: Model, optimizer: OptimizerKind): Promise<UpdateReplay> {
    const network = new Network(device, [model]);
    const layout = layoutOf({ ...network.spec, replicas: network.replicas, steps: 1, batch: 1 });
    const flat = network.parameters.shape;
    const shape = shapeUniform(device, layout);
    const settings = new Settings(device, layout);
    const gradients = new Tensor(device, "replayed gradients", flat);
    const previous = new Tensor(device, "previous", flat);
    const moments = new Tensor(device, "moments", [...flat, 2]);
    const verdicts = new Tensor(device, "verdicts", [1, verdictFloats]);
    // healthy = 1 (a u32, whose bits are those of 2^-149), no divergence, and a factor of 1 on every tensor.
    verdicts.write(Float32Array.from({ length: verdictFloats }, (_, place) => [2 ** -149, 0, 0, 0][place] ?? 1));
    const { constraint } = model.spec;
    const dispatch = await updateOp(
      device,
      layout,
      { constraint, optimizer, nesterov: false },
      {
        ...{ shape, settings: settings.tensor, verdicts, gradients, previous, moments },
        ...{ rules: network.rules, plasticity: network.plasticity, parameters: network.parameters },
      },
    );
    const tensors = [gradients, previous, moments, verdicts];
    return new UpdateReplay({ network, settings, gradients, shape, dispatch, tensors });
  }

  /** One update; returns the model after it. */
  async step(gradients: Readonly<Record<ParameterName, Numbers>>, values: Partial<SettingsValues>): Promise<Model> {
    this.#gradients.write(Float32Array.from(parameterNames.flatMap((name) => Array.from(gradients[name]))));
    this.#settings.set(0, { ...quietSettings, ...values });
    this.#settings.upload();
    submit(this.network.device, "replayed update", [this.#dispatch]);
    return this.network.read();
  }

  dispose(): void {
    for (const tensor of this.#tensors) tensor.dispose();
    this.#settings.dispose();
    this.#shape.dispose();
    this.network.dispose();
  }
}
