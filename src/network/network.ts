import { ConfigError, DisposedError, ShapeError, ValueError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import { Readback } from "../gpu/readback.ts";
import { Recent } from "../gpu/recent.ts";
import { sizeOf, Tensor } from "../gpu/tensor.ts";
import { suggestName } from "../io/nearest.ts";
import { type LayerSpan, layerSpans } from "../ops/layers.ts";
import { parameterOffsets } from "../ops/layout.ts";
import {
  concatenate,
  flatParameters,
  flatPlasticity,
  markLearned,
  parameterRules,
  splitParameters,
} from "../ops/rules.ts";
import {
  type Activity,
  activityOf,
  checkFirstStep,
  checkRunOptions,
  checkState,
  type RunOptions,
  uploadState,
} from "./activity.ts";
import { checkHasParameter, learnedTensors } from "./cells.ts";
import { Connections } from "./connections.ts";
import type { ModelOptions } from "./create.ts";
import { distancesTensor } from "./distances.ts";
import { type Model, type ModelSpec, type ParameterName, parameterNames, parameterShape } from "./model.ts";
import { type RunInput, stimuliOf } from "./run-input.ts";
import { runSettings, silence } from "./run-settings.ts";
import { type ActivitySelection, type SelectedActivity, selectActivity } from "./select.ts";
import { type InitialState, Sequence, startOf } from "./sequence.ts";
import { checkLength, checkStimuli, type Stimuli } from "./trials.ts";
import { validateModel } from "./validate.ts";

const plansKept = 4;

/**
 * A recurrent network on the GPU: one model, or R replicas of the same architecture with their own weights.
 * Its weights never break their masks or signs, at any moment at which they can be read.
 */
export class Network {
  readonly device: Device;
  readonly spec: ModelSpec;
  /** Seed of each replica's weights and noise. */
  readonly seeds: readonly number[];
  /** Flat raw parameters [R, P]. */
  readonly parameters: Tensor;
  readonly rules: Tensor;
  readonly plasticity: Tensor;
  /** Which units are updated together, and what they reach. */
  readonly layers: readonly LayerSpan[];
  /** Which recurrent synapses may exist. */
  readonly connections: Connections;
  /** Distances between hidden units, where the models have them: [1, H, H] if all replicas agree, else [R, H, H]. */
  readonly distances: Tensor | undefined;
  readonly readback: Readback;
  /** What `ctrnn`, `lstm` or `gru` made the first replica from; absent for a network of given models. */
  readonly options: ModelOptions | undefined;
  readonly #models: readonly Model[];
  /** What `rules` holds. */
  readonly #rules: Uint32Array;
  readonly #plans = new Recent<Sequence>(plansKept);
  #running: Promise<void> = Promise.resolve();
  #disposed = false;

  /** @throws ConfigError where the replicas differ in anything but their numbers and seeds, or only some have distances. */
  constructor(device: Device, models: readonly Model[], options?: ModelOptions) {
    const [first, ...others] = models;
    if (first === undefined) throw new ConfigError("A network needs at least one model.");
    const architecture = ({ spec }: Model): string =>
      JSON.stringify({ ...spec, seed: 0, noise: { ...spec.noise, pre: 0, post: 0 } });
    const odd = others.findIndex((model) => architecture(model) !== architecture(first));
    if (odd >= 0) {
      throw new ConfigError(
        `Replica ${odd + 1} has another architecture than replica 0; only weights, masks, seeds and the amount of noise may differ.`,
      );
    }
    const checked = models.map((model) => validateModel(model));
    this.device = device;
    this.spec = first.spec;
    this.options = options;
    this.seeds = models.map(({ spec }) => spec.seed);
    this.#models = checked;
    this.layers = layerSpans(checked);
    this.connections = new Connections(checked, this.layers);
    const shape = [models.length, parameterOffsets(first.spec).end];
    this.distances = distancesTensor(device, checked);
    this.parameters = new Tensor(device, "parameters", shape);
    this.rules = new Tensor(device, "rules", shape);
    this.plasticity = new Tensor(device, "plasticity", shape);
    this.readback = new Readback(device);
    this.parameters.write(concatenate(checked.map(flatParameters)));
    this.#rules = concatenateRules(checked, learnedTensors(first.spec));
    this.rules.write(this.#rules);
    this.plasticity.write(concatenate(checked.map(flatPlasticity)));
  }

  get replicas(): number {
    return this.#models.length;
  }

  /** The models that the network was made from: masks, signs and initial values; not its present weights. */
  get initialModels(): readonly Model[] {
    return this.#models;
  }

  /** The model that a replica was made from. @throws ShapeError where there is no such replica. */
  modelOf(replica: number): Model {
    const model = this.#models[replica];
    if (model === undefined) {
      throw new ShapeError(`replica: expected 0 … ${this.replicas - 1}, got ${replica}.`);
    }
    return model;
  }

  /**
   * Training no longer changes a tensor, in any replica: its gradient is 0 and does not count in a norm. Works in the
   * middle of training.
   * @param where as long as the tensor, 1 for the entries meant and 0 for the others; absent = all of it.
   * @throws ShapeError where `where` has another length, ValueError where an entry is neither 0 nor 1; ConfigError where
   * the cell has no such tensor.
   */
  freeze(name: ParameterName, where?: ArrayLike<number>): void {
    this.#checkTensor("freeze", name);
    this.#setLearned(name, where, false);
  }

  /**
   * Training changes a tensor again, or for the first time.
   * @throws ConfigError for alpha, v0 and r0 where `learn` did not name them: their gradients are then not computed; and
   * where the cell has no such tensor.
   */
  unfreeze(name: ParameterName, where?: ArrayLike<number>): void {
    this.#checkTensor("unfreeze", name);
    if ((name === "alpha" || name === "v0" || name === "r0") && !learnedTensors(this.spec)[name]) {
      throw new ConfigError(
        `unfreeze: make the network with learn: { ${name}: true }; then it can be frozen and unfrozen.`,
      );
    }
    this.#setLearned(name, where, true);
  }

  #checkTensor(label: string, name: ParameterName): void {
    if (!parameterNames.includes(name)) {
      throw new ConfigError(`${label}: there is no tensor "${name}"; ${suggestName(String(name), parameterNames)}`);
    }
    checkHasParameter(label, this.spec.cell, name);
  }

  #setLearned(name: ParameterName, where: ArrayLike<number> | undefined, learned: boolean): void {
    this.#check();
    const { [name]: start, end } = parameterOffsets(this.spec);
    const shape = parameterShape(this.spec, name);
    const count = sizeOf(shape);
    if (where !== undefined) {
      checkLength(`where of ${name}`, where, shape, "as the tensor");
      for (let index = 0; index < count; index += 1) {
        if (where[index] === 0 || where[index] === 1) continue;
        throw new ValueError(
          `where of ${name}: value ${index} is ${where[index]}; expected 1 (this entry) or 0 (not this one).`,
        );
      }
    }
    for (let replica = 0; replica < this.replicas; replica += 1) {
      for (let index = 0; index < count; index += 1) {
        if (where === undefined || where[index] === 1) markLearned(this.#rules, replica * end + start + index, learned);
      }
    }
    this.rules.write(this.#rules);
  }

  /** Rules under which the given tensors have gradients, [R, P]; the network's own follow `spec.learn`. */
  rulesFor(learned: Readonly<Record<ParameterName, boolean>>): Uint32Array {
    return concatenateRules(this.#models, learned);
  }

  /** Reads a replica's present weights back as plain data. */
  async read(replica = 0): Promise<Model> {
    this.#check();
    const model = this.modelOf(replica);
    const { end } = parameterOffsets(this.spec);
    const [flat] = await this.readback.read([{ tensor: this.parameters, offset: replica * end, count: end }]);
    return this.unflatten(model, flat as Float32Array);
  }

  /** A model with other parameters, given as a flat vector [P]. */
  unflatten(model: Model, flat: Float32Array): Model {
    return { ...model, parameters: splitParameters(flat, this.spec) };
  }

  /** Replaces a replica's weights. @throws what `validateModel` throws; nothing is written then. */
  write(model: Model, replica = 0): void {
    this.#check();
    const own = this.modelOf(replica);
    const checked = validateModel({ ...own, parameters: model.parameters });
    this.parameters.write(flatParameters(checked), replica * parameterOffsets(this.spec).end);
  }

  /**
   * Runs the network over inputs [T, B, I], the same for all replicas; or over inputs by the names of their groups, such as
   * `run({ vision, cue })` with arrays `{ shape: [T, B, C], data }`. Groups that are not given are silent.
   * @throws ShapeError, ValueError, LimitError before any GPU work; ConfigError naming the nearest group of inputs or option.
   */
  async run(given: RunInput, options: RunOptions = {}): Promise<Activity> {
    this.#check();
    checkRunOptions(options);
    const stimuli = stimuliOf(given, this.spec);
    checkStimuli(stimuli, this.spec);
    const { state } = options;
    const { steps, trials } = stimuli;
    if (state !== undefined) checkState(state, this.replicas, trials, this.spec);
    checkFirstStep(options.firstStep ?? 0, steps, trials * this.spec.hidden);
    const initial = state === undefined ? startOf(stimuli) : state.x === undefined ? "v0 and r0" : "state";
    // One run at a time: they share the buffers of a plan, and a plan may be dropped to make room for another.
    const before = this.#running;
    let finished = (): void => {};
    this.#running = new Promise((resolve) => {
      finished = resolve;
    });
    await before;
    try {
      this.#check();
      const plan = await this.#sequence(steps, trials, initial);
      return await this.#runPlan(plan, stimuli, options);
    } finally {
      finished();
    }
  }

  /**
   * Rates and preactivations of chosen units, times and trials of a run of this network.
   * @throws as {@link selectActivity}.
   */
  select(activity: Activity, selection: ActivitySelection = {}): SelectedActivity {
    return selectActivity(this.spec, activity, selection);
  }

  async #runPlan(plan: Sequence, stimuli: Stimuli, options: RunOptions): Promise<Activity> {
    plan.upload([stimuli]);
    if (options.state !== undefined) uploadState(plan, options.state);
    for (const [replica, seed] of this.seeds.entries()) {
      const noise = options.noise === false ? silence : this.modelOf(replica).spec.noise;
      plan.settings.set(replica, runSettings(options.seed ?? seed, noise, options.firstStep));
    }
    plan.settings.upload();
    const { rates, states, outputs, synapses } = plan.tensors;
    const changes = this.spec.shortTermPlasticity !== undefined;
    const count = 4 * plan.slotOffset(0, 1);
    const ends = this.seeds.map((_, replica) => 4 * plan.slotOffset(replica, plan.layout.steps));
    const [r, v, y, ...last] = await this.readback.read(
      [
        ...[{ tensor: rates }, { tensor: states }, { tensor: outputs }],
        ...(changes ? ends.map((offset) => ({ tensor: synapses, offset, count })) : []),
      ],
      plan.dispatches,
    );
    return activityOf(plan, [r, v, y] as [Float32Array, Float32Array, Float32Array], last);
  }

  /** The compiled forward pass for these sizes; the last few are kept. */
  async #sequence(steps: number, batch: number, initial: InitialState): Promise<Sequence> {
    const key = `${steps} ${batch} ${initial}`;
    const { replicas } = this;
    return this.#plans.get(key, () =>
      Sequence.compile(this.device, this.spec, this, {
        ...{ steps, batch, replicas, initial },
        storeSlopes: false,
      }),
    );
  }

  /** Frees everything the network holds on the GPU; a second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#plans.dispose();
    this.parameters.dispose();
    this.rules.dispose();
    this.plasticity.dispose();
    this.distances?.dispose();
    this.readback.dispose();
  }

  #check(): void {
    if (this.#disposed) throw new DisposedError("The network was used after its dispose().");
    this.device.check();
  }
}

function concatenateRules(models: readonly Model[], learned: Readonly<Record<ParameterName, boolean>>): Uint32Array {
  const parts = models.map((model) => parameterRules(model, learned));
  const length = parts[0]?.length ?? 0;
  const all = new Uint32Array(parts.length * length);
  for (const [index, part] of parts.entries()) all.set(part, index * length);
  return all;
}
