import type { Cell, Constraint, DynamicsForm, LstmOutput, NoiseScale } from "../../src/io/model-schema.ts";
import { gateCount } from "../../src/network/cells.ts";
import type { Model, WeightName } from "../../src/network/model.ts";
import { Random, streams } from "../../src/random.ts";
import { layerOf } from "./ctrnn.ts";
import { at } from "./numbers.ts";

/** The rule the golden files were made with: s (((37k + 17 seed + 11) mod 101)/50 - 1), k in C order, as float32. */
export function gen(shape: readonly number[], seed: number, s: number): Float32Array {
  const length = shape.reduce((product, size) => product * size, 1);
  return Float32Array.from({ length }, (_, k) => s * (((37 * k + 17 * seed + 11) % 101) / 50 - 1));
}

/** A model with everything given but the numbers; used by the generator and by the golden cases. */
export interface ModelSizes {
  readonly cell?: Cell;
  readonly lstmOutput?: LstmOutput;
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  readonly activation?: string;
  readonly customActivations?: Model["spec"]["customActivations"];
  readonly form?: DynamicsForm;
  readonly constraint?: Constraint;
  readonly noise?: { readonly pre?: number; readonly post?: number; readonly scale?: NoiseScale };
  /** Properties of single units. */
  readonly units?: Model["spec"]["units"];
  readonly layers?: Model["spec"]["layers"];
  readonly shortTermPlasticity?: Model["spec"]["shortTermPlasticity"];
  readonly dtMs?: number;
}

/** A complete `spec`, in which every parameter learns unless `learn` says otherwise. */
export function specOf(sizes: ModelSizes, learn: Partial<Model["spec"]["learn"]> = {}): Model["spec"] {
  const { inputs, hidden, outputs, activation = "relu", form = "state", constraint = "project", noise = {} } = sizes;
  const { cell = "ctrnn" } = sizes;
  return {
    cell,
    ...(sizes.lstmOutput && { lstmOutput: sizes.lstmOutput }),
    inputs,
    hidden,
    outputs,
    activation,
    form,
    noise: {
      pre: noise.pre ?? 0,
      post: noise.post ?? 0,
      scale: noise.scale ?? (cell === "ctrnn" ? "sqrt2alpha" : "unit"),
    },
    constraint,
    ...(sizes.customActivations && { customActivations: sizes.customActivations }),
    ...(sizes.units && { units: sizes.units }),
    ...(sizes.layers && { layers: sizes.layers }),
    ...(sizes.shortTermPlasticity && { shortTermPlasticity: sizes.shortTermPlasticity }),
    ...(sizes.dtMs !== undefined && { dtMs: sizes.dtMs }),
    areas: [],
    learn: {
      weightIH: true,
      weightHH: true,
      biasH: true,
      weightHO: true,
      biasO: true,
      alpha: cell === "ctrnn",
      v0: cell !== "gru",
      ...(cell !== "ctrnn" && { r0: true }),
      ...(cell === "gru" && { biasN: true }),
      ...learn,
    },
    seed: 0,
  };
}

export interface GeneratedModelOptions extends ModelSizes {
  readonly seed: number;
  /** Probability that a synapse may exist; absent = no mask tensors at all. */
  readonly density?: number;
  /** Sign tensors that obey Dale's law (columns of weightHH and weightHO agree), with some free columns. */
  readonly signed?: boolean;
  /** One α for every unit; absent = one per unit, in [0.1, 0.9). */
  readonly alpha?: number;
  /** No synapse from a later layer onto an earlier one. */
  readonly feedForward?: boolean;
  /** Plasticity tensors of random factors in [0, 1). */
  readonly plastic?: boolean;
}

/**
 * A random model, the same for the same options on every host. No raw weight is closer to 0 than a tenth of the
 * largest, so that differences never step over the kink of `abs` and `rectify`; under `project` it obeys mask and sign.
 */
export function generateModel(options: GeneratedModelOptions): Model {
  const { inputs, hidden, outputs, seed } = options;
  const spec = specOf(options);
  const random = new Random(seed, streams.weights);
  const structure = new Random(seed, streams.structure);
  const { cell } = spec;
  const rows = gateCount(cell) * hidden;
  const shapes: Record<WeightName, readonly [number, number]> = {
    weightIH: [rows, inputs],
    weightHH: [rows, hidden],
    weightHO: [outputs, hidden],
  };
  const names: readonly WeightName[] = ["weightIH", "weightHH", "weightHO"];
  const unitSigns = Float32Array.from({ length: hidden }, () => structure.choice([1, 1, -1, 0]));
  const inputSigns = Float32Array.from({ length: inputs }, () => structure.choice([1, 0]));
  const masks: Partial<Record<WeightName, Float32Array>> = {};
  const signs: Partial<Record<WeightName, Float32Array>> = {};
  const plasticity: Partial<Record<WeightName, Float32Array>> = {};
  const weight = (name: WeightName): Float32Array => {
    const [rows, columns] = shapes[name];
    const length = rows * columns;
    const columnSigns = name === "weightIH" ? inputSigns : unitSigns;
    const { density } = options;
    if (density !== undefined) {
      masks[name] = Float32Array.from({ length }, () => (structure.uniform() < density ? 1 : 0));
    }
    if (options.signed) signs[name] = Float32Array.from({ length }, (_, index) => at(columnSigns, index % columns));
    if (options.plastic) plasticity[name] = Float32Array.from({ length }, () => structure.uniform());
    if (options.feedForward && name === "weightHH") {
      const before = masks.weightHH;
      masks.weightHH = Float32Array.from({ length }, (_, index) =>
        layerOf(spec, index % hidden) > layerOf(spec, Math.floor(index / hidden)) ? 0 : (before?.[index] ?? 1),
      );
    }
    const mask = masks[name];
    const sign = signs[name];
    const scale = 1.5 / Math.sqrt(columns);
    return Float32Array.from({ length }, (_, index) => {
      const size = scale * random.uniform(0.1, 1);
      const free = random.choice([size, -size]);
      if (spec.constraint !== "project") return free;
      if (mask && at(mask, index) === 0) return 0;
      const s = sign ? at(sign, index) : 0;
      return s === 0 ? free : s * size;
    });
  };
  const uniform = (length: number, low: number, high: number): Float32Array =>
    Float32Array.from({ length }, () => random.uniform(low, high));
  const alphas = (): Float32Array => {
    if (cell !== "ctrnn") return new Float32Array(0);
    return options.alpha === undefined ? uniform(hidden, 0.1, 0.9) : new Float32Array(hidden).fill(options.alpha);
  };
  const [weightIH, weightHH, weightHO] = names.map(weight) as [Float32Array, Float32Array, Float32Array];
  return {
    spec,
    parameters: {
      weightIH,
      weightHH,
      biasH: uniform(rows, -0.3, 0.5),
      weightHO,
      biasO: uniform(outputs, -0.5, 0.5),
      alpha: alphas(),
      v0: uniform(cell === "gru" ? 0 : hidden, -0.8, 0.8),
      biasN: uniform(cell === "gru" ? hidden : 0, -0.5, 0.5),
      r0: uniform(cell === "ctrnn" ? 0 : hidden, -0.8, 0.8),
    },
    masks,
    signs,
    plasticity,
  };
}

/** Sequences [time, batch, ·]; `v0` and `r0` [batch, hidden]; the noises are standard normal. */
export interface GeneratedTrials {
  readonly time: number;
  readonly batch: number;
  readonly inputs: Float32Array;
  readonly targets: Float32Array;
  /** About one entry in four is 0, the others 0.5, 1 or 2. */
  readonly mask: Float32Array;
  readonly v0: Float32Array;
  readonly r0: Float32Array;
  readonly preNoise: Float32Array;
  readonly postNoise: Float32Array;
}

export interface GeneratedTrialsOptions {
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  readonly time: number;
  readonly batch: number;
  readonly seed: number;
}

/** Random trials that fit a model of these sizes, the same for the same options on every host. */
export function generateTrials(options: GeneratedTrialsOptions): GeneratedTrials {
  const { inputs, hidden, outputs, time, batch, seed } = options;
  const task = new Random(seed, streams.task);
  const noise = new Random(seed, streams.noise);
  const normal = (random: Random, length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
  return {
    time,
    batch,
    inputs: normal(task, time * batch * inputs),
    targets: normal(task, time * batch * outputs),
    mask: Float32Array.from({ length: time * batch * outputs }, () => task.choice([0, 0.5, 1, 2])),
    v0: Float32Array.from({ length: batch * hidden }, () => task.uniform(-0.8, 0.8)),
    r0: Float32Array.from({ length: batch * hidden }, () => task.uniform(0, 0.8)),
    preNoise: normal(noise, time * batch * hidden),
    postNoise: normal(noise, time * batch * hidden),
  };
}
