import { DisposedError, DivergenceError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import { Readback } from "../gpu/readback.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { Uniform } from "../gpu/uniforms.ts";
import {
  type BilinearLayout,
  bilinearForwardOps,
  bilinearNoiseOps,
  bilinearPackOp,
  bilinearShapes,
  bilinearUniform,
  stretchesOf,
  stretchUniform,
} from "../ops/bilinear.ts";
import {
  bilinearBackwardOps,
  bilinearErrorOp,
  bilinearGradientShapes,
  bilinearShapeUniform,
} from "../ops/bilinear-gradients.ts";
import { allocate } from "../ops/buffers.ts";
import { padRows, stripRows } from "../ops/layout.ts";
import { quietSettings, Settings } from "../ops/settings.ts";
import { updateOp, verdictOp } from "../ops/update.ts";
import { streams } from "../random.ts";
import { optimizerKind, updateSettings } from "../train/optimizer.ts";
import { type BilinearNetwork, checkArray, flatParameters } from "./bilinear-network.ts";
import { type BilinearTrainerOptions, planOf, rulesOf, updateLayout } from "./train-bilinear-plan.ts";

/** A batch, the same for all replicas, or with a leading axis R for each its own. */
export interface BilinearBatch {
  /** u before the first step, [B, N]. */
  readonly state: Float32Array;
  /** x [T, B, D]. */
  readonly inputs: Float32Array;
  /** What the observed units should do, [T, B, observed]. */
  readonly targets: Float32Array;
}

export interface BilinearGradientsResult {
  readonly loss: number;
  readonly weights: Float32Array;
  readonly velocityWeights: Float32Array;
  readonly bias: Float32Array;
  /** dL/du before the first step, [B, N]. */
  readonly state: Float32Array;
  /** r, [T, B, N]. */
  readonly rates: Float32Array;
}

const shapesOfUpdate = (replicas: number, parameters: number) => ({
  verdicts: [replicas, 16],
  history: [1, replicas, 16],
  squares: [4],
  plasticity: [replicas, parameters],
  previous: [replicas, parameters],
  moments: [replicas, parameters, 2],
});

type Tensors = Record<
  | keyof ReturnType<typeof bilinearShapes>
  | keyof ReturnType<typeof bilinearGradientShapes>
  | keyof ReturnType<typeof shapesOfUpdate>,
  Tensor
>;

/**
 * Trains networks with multiplicative input to reproduce recorded rates: mean squared error of the observed units over a
 * window, back-propagated through all of it. Several networks (seeds) run side by side. A step is one fixed list of dispatches.
 * Made by {@link bilinearTrainer}; dispose of it.
 */
export class BilinearTrainer {
  readonly #device: Device;
  readonly #networks: readonly BilinearNetwork[];
  readonly #options: BilinearTrainerOptions;
  readonly #layout: BilinearLayout;
  readonly #tensors: Tensors;
  readonly #settings: Settings;
  readonly #readback: Readback;
  readonly #uniforms: Uniform[] = [];
  #gradientOps: readonly Dispatch[] = [];
  #updateOps: readonly Dispatch[] = [];
  #noiseUniform: Uniform | undefined;
  #step = 0;
  #disposed = false;

  private constructor(
    device: Device,
    networks: readonly BilinearNetwork[],
    options: BilinearTrainerOptions,
    layout: BilinearLayout,
    tensors: Tensors,
  ) {
    this.#device = device;
    this.#networks = networks;
    this.#options = options;
    this.#layout = layout;
    this.#tensors = tensors;
    this.#settings = new Settings(device, updateLayout(layout));
    this.#readback = new Readback(device);
  }

  /** @throws ShapeError, ValueError, ConfigError; LimitError before anything is allocated. */
  static async create(
    device: Device,
    networks: readonly BilinearNetwork[],
    options: BilinearTrainerOptions,
  ): Promise<BilinearTrainer> {
    const { layout, features, observed } = planOf(networks, options);
    const tensors = allocate(device, {
      ...bilinearShapes(layout, features),
      ...bilinearGradientShapes(layout, observed),
      ...shapesOfUpdate(layout.replicas, layout.parameters),
    });
    const trainer = new BilinearTrainer(device, networks, options, layout, tensors);
    await trainer.#compile(features, observed);
    for (const [replica, network] of networks.entries()) trainer.#write(replica, flatParameters(network));
    return trainer;
  }

  /** Updates done. */
  get step(): number {
    return this.#step;
  }

  /** What an update dispatches, in order: for who times it. */
  get dispatches(): readonly Dispatch[] {
    return [...this.#gradientOps, ...this.#updateOps];
  }

  /**
   * One update of all replicas. @returns the mean squared error of each before it.
   * @throws DivergenceError where a loss is not finite; the weights are then those before.
   */
  async update(batch: BilinearBatch): Promise<readonly number[]> {
    this.#load(batch);
    const { replicas } = this.#layout;
    const settings = { ...quietSettings, ...updateSettings(this.#options.optimizer, this.#step), clip: 3e38 };
    for (let replica = 0; replica < replicas; replica += 1)
      this.#settings.set(replica, { ...settings, update: this.#step });
    this.#settings.upload();
    const [history] = await this.#readback.read(
      [{ tensor: this.#tensors.history }],
      [...this.#gradientOps, ...this.#updateOps],
    );
    this.#step += 1;
    const losses = Array.from({ length: replicas }, (_, replica) => history?.[16 * replica] ?? Number.NaN);
    const bad = losses.findIndex((loss) => !Number.isFinite(loss));
    if (bad >= 0)
      throw new DivergenceError(
        `BilinearTrainer: the loss of replica ${bad} is ${losses[bad]} at update ${this.#step}. Use a smaller learning rate.`,
        this.#step,
      );
    return losses;
  }

  /** Loss and gradients of one replica for a batch; nothing is updated, and noise is that of the next update. */
  async gradients(batch: BilinearBatch, replica = 0): Promise<BilinearGradientsResult> {
    this.#load(batch);
    const { steps, batch: trials, units, units4, parameters, inputs } = this.#layout;
    const row = trials * 4 * units4;
    const { gradients, stateGradients, rates, lossRows } = this.#tensors;
    const part = (tensor: Tensor, count: number, size = count) => ({ tensor, offset: replica * size, count });
    const [flat, state, path, rows] = await this.#readback.read(
      [
        part(gradients, parameters),
        part(stateGradients, row, steps * row),
        part(rates, steps * row),
        part(lossRows, steps * trials),
      ],
      this.#gradientOps,
    );
    const n2 = units ** 2;
    const all = flat as Float32Array;
    return {
      loss: (rows as Float32Array).reduce((sum, value) => sum + value, 0),
      weights: all.slice(0, n2),
      velocityWeights: all.slice(n2, (1 + inputs) * n2),
      bias: all.slice((1 + inputs) * n2, (1 + inputs) * n2 + units),
      state: stripRows(state as Float32Array, units, 4 * units4).slice(),
      rates: stripRows(path as Float32Array, units, 4 * units4).slice(),
    };
  }

  /** The networks as they are now. */
  async read(): Promise<readonly BilinearNetwork[]> {
    this.#check();
    const { parameters, units, inputs } = this.#layout;
    const [flat] = await this.#readback.read([{ tensor: this.#tensors.parameters }]);
    return this.#networks.map((network, replica) => {
      const own = (flat as Float32Array).slice(replica * parameters, (replica + 1) * parameters);
      const n2 = units ** 2;
      return {
        ...network,
        weights: own.slice(0, n2),
        velocityWeights: own.slice(n2, (1 + inputs) * n2),
        bias: own.slice((1 + inputs) * n2, (1 + inputs) * n2 + units),
      };
    });
  }

  /** Frees all buffers; a second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    for (const tensor of Object.values(this.#tensors)) tensor.dispose();
    for (const uniform of this.#uniforms) uniform.dispose();
    this.#settings.dispose();
    this.#readback.dispose();
  }

  #check(): void {
    if (this.#disposed) throw new DisposedError("The trainer was used after its dispose().");
    this.#device.check();
  }

  #write(replica: number, flat: Float32Array): void {
    const { parameters } = this.#layout;
    this.#tensors.parameters.write(flat, replica * parameters);
    this.#tensors.previous.write(flat, replica * parameters);
    this.#tensors.rules.write(rulesOf(this.#layout, this.#options), replica * parameters);
    this.#tensors.plasticity.write(new Float32Array(parameters).fill(1), replica * parameters);
  }

  #load({ state, inputs, targets }: BilinearBatch): void {
    this.#check();
    const { replicas, steps, batch, units, units4, inputs: dimensions } = this.#layout;
    const { observed = units } = this.#options;
    const given = { state, inputs, targets };
    const shapes = { state: [batch, units], inputs: [steps, batch, dimensions], targets: [steps, batch, observed] };
    const each = (name: keyof typeof given, replica: number): Float32Array => {
      const size = shapes[name].reduce((product, length) => product * length, 1);
      const own = given[name].length === replicas * size && replicas > 1;
      const part = own ? given[name].subarray(replica * size, (replica + 1) * size) : given[name];
      checkArray(`BilinearTrainer: ${name}`, part, shapes[name], "as options say, for all replicas or for each");
      return part;
    };
    const parts = Array.from({ length: replicas }, (_, replica) => ({
      state: each("state", replica),
      inputs: each("inputs", replica),
      targets: each("targets", replica),
    }));
    for (const [replica, part] of parts.entries()) {
      const padded = new Float32Array(batch * 4 * units4);
      padRows(part.state, units, padded, 4 * units4);
      this.#tensors.states.write(padded, replica * (steps + 1) * padded.length);
      if (dimensions > 0) this.#tensors.inputs.write(part.inputs, replica * part.inputs.length);
      this.#tensors.targets.write(part.targets, replica * part.targets.length);
    }
    // Every update draws its own noise.
    if (this.#noiseUniform)
      this.#device.queue.writeBuffer(this.#noiseUniform.buffer, 8, Uint32Array.of(this.#step * steps));
  }

  async #compile(features: ReturnType<typeof planOf>["features"], observed: number): Promise<void> {
    const device = this.#device;
    const layout = this.#layout;
    const stretches = stretchesOf(layout);
    const bilinear = bilinearUniform(device, layout, 0);
    const stretch = stretchUniform(device, stretches);
    const shape = bilinearShapeUniform(device, layout);
    const buffers = { ...this.#tensors, bilinear, stretch, shape, settings: this.#settings.tensor };
    this.#uniforms.push(bilinear, stretch, shape);
    buffers.ones.write(Float32Array.of(1, 0, 0, 0));
    const { seed = 0, noise = 0, optimizer } = this.#options;
    buffers.seeds.write(Uint32Array.from({ length: layout.replicas }, (_, replica) => seed + replica));
    const source = { scale: noise, stream: streams.noise, firstStep: 0, given: false };
    const drawn =
      features.noise === "none" ? undefined : await bilinearNoiseOps(device, layout, stretches, source, buffers);
    if (drawn) this.#uniforms.push(drawn.uniform);
    this.#noiseUniform = drawn?.uniform;
    // Of weightL2 Σ w² / N².
    const decay = (2 * (this.#options.weightL2 ?? 0)) / layout.units ** 2;
    const backward = await bilinearBackwardOps(device, layout, { ...features, decay }, buffers);
    this.#uniforms.push(...backward.uniforms);
    this.#gradientOps = [
      await bilinearPackOp(device, layout, buffers),
      ...(drawn?.dispatches ?? []),
      ...(await bilinearForwardOps(device, layout, stretches, features, buffers)),
      await bilinearErrorOp(device, layout, observed, buffers),
      ...backward.dispatches,
    ];
    const plain = updateLayout(layout);
    const nesterov = optimizer.type === "sgd" && optimizer.nesterov;
    this.#updateOps = [
      await verdictOp(device, plain, { terms: 1, clip: "none", hasGradients: false }, buffers),
      await updateOp(device, plain, { constraint: "project", optimizer: optimizerKind(optimizer), nesterov }, buffers),
    ];
  }
}

/** A trainer for networks of one shape. @throws as {@link BilinearTrainer.create}. */
export function bilinearTrainer(
  device: Device,
  networks: readonly BilinearNetwork[],
  options: BilinearTrainerOptions,
): Promise<BilinearTrainer> {
  return BilinearTrainer.create(device, networks, options);
}
