import type { Model, ParameterName, WeightName } from "../../src/network/model.ts";
import enforceFile from "../fixtures/golden/nn4n/constraints-signed-mask.json" with { type: "json" };
import sgdFile from "../fixtures/golden/nn4n/train-ei-sgd.json" with { type: "json" };
import adamFile from "../fixtures/golden/psychrnn/train-steps.json" with { type: "json" };
import {
  activationNamed,
  flatten,
  float32,
  goldenModel,
  type Nested,
  timeFirst,
  withoutDiagonal,
} from "./golden-model.ts";
import type { Nn4nLambdas } from "./nn4n-losses.ts";
import { at, plus } from "./numbers.ts";

/** A weight before and after nn4n 1.0.3 enforces its masks; constraint `project`. */
export interface ProjectionCase {
  readonly name: string;
  readonly shape: readonly [number, number];
  readonly weight: Float32Array;
  readonly mask: Float32Array | undefined;
  readonly sign: Float32Array | undefined;
  readonly expected: Float64Array;
}

/**
 * nn4n's one signed mask split into mask and sign. Its hidden layer leaves entries of 0 free when only the signs are
 * enforced, its linear layers count them as +1; without self-connections the diagonal is absent whatever the mask.
 */
export function projectionCases(): ProjectionCase[] {
  const layers = [
    { prefix: "hidden", weight: enforceFile.W, signed: enforceFile.mask_hid, zeroMeans: 0 },
    { prefix: "linear_in", weight: enforceFile.W_in, signed: enforceFile.mask_in, zeroMeans: 1 },
    { prefix: "linear_out", weight: enforceFile.W_out, signed: enforceFile.mask_out, zeroMeans: 1 },
  ];
  const entries = Object.entries(enforceFile).filter(([name]) => name.includes("_enforce_"));
  return entries.map(([name, entry]): ProjectionCase => {
    const layer = layers.find(({ prefix }) => name.startsWith(prefix));
    const value = (entry as unknown as { readonly value?: Nested }).value;
    if (!layer || value === undefined) throw new RangeError(`${name}: unknown layer or no value`);
    const signed = flatten(layer.signed);
    const diagonal = name.endsWith("self0") ? withoutDiagonal(layer.signed.length) : undefined;
    const sparse = name.includes("spa1");
    const mask = Float32Array.from(signed, (s, index) =>
      (sparse && s === 0) || (diagonal && at(diagonal, index) === 0) ? 0 : 1,
    );
    return {
      name: `nn4n ${name}`,
      shape: [layer.weight.length, layer.weight[0]?.length ?? 0],
      weight: float32(layer.weight),
      mask: sparse || diagonal ? mask : undefined,
      sign: name.includes("pos1") ? Float32Array.from(signed, (s) => (s === 0 ? layer.zeroMeans : s)) : undefined,
      expected: flatten(value),
    };
  });
}

/** One recorded step: what went in, what came out. */
export interface Nn4nTrainingStep {
  readonly loss: number;
  /** Effective weights of the forward pass, masks and signs enforced. */
  readonly weights: Readonly<Record<WeightName, Float64Array>>;
  /** Of the whole loss, recorded at the first step only; set to 0 on absent synapses, where nn4n leaves them. */
  readonly weightGradients: Readonly<Record<WeightName, Float64Array>> | undefined;
  /** [batch, hidden] and [batch, outputs] of the last time step. */
  readonly lastRates: Float64Array;
  readonly lastOutputs: Float64Array;
  /** b_in + b_hid, after the step. */
  readonly biasHAfter: Float64Array;
  readonly biasOAfter: Float64Array;
}

export interface Nn4nTraining {
  readonly model: Model;
  readonly time: number;
  readonly batch: number;
  readonly inputs: Float32Array;
  readonly targets: Float32Array;
  readonly lambdas: Nn4nLambdas;
  readonly lr: number;
  readonly steps: readonly Nn4nTrainingStep[];
}

/**
 * nn4n 1.0.3: four steps of SGD on an excitatory-inhibitory network (constraint `project`). nn4n moves b_in and b_hid
 * by lr times the same gradient: their sum, our one bias, follows only if its gradient is doubled before the step.
 */
export function nn4nTraining(): Nn4nTraining {
  const file = sgdFile;
  const hidden = file.init.W_hid.length;
  const diagonal = withoutDiagonal(hidden);
  const signs: Record<WeightName, Float32Array> = {
    weightIH: float32(file.masks.input),
    weightHH: float32(file.masks.hidden),
    weightHO: float32(file.masks.readout),
  };
  const presence = (sign: Float32Array): Float32Array => sign.map((s) => (s === 0 ? 0 : 1));
  const masks: Record<WeightName, Float32Array> = {
    weightIH: presence(signs.weightIH),
    weightHH: presence(signs.weightHH).map((m, index) => m * at(diagonal, index)),
    weightHO: presence(signs.weightHO),
  };
  const raw = goldenModel(
    { inputs: 2, hidden, outputs: 2, activation: activationNamed(file.model.activation) },
    {
      weightIH: file.init.W_in,
      weightHH: file.init.W_hid,
      biasH: plus(flatten(file.init.b_in), flatten(file.init.b_hid)),
      weightHO: file.init.W_out,
      biasO: file.init.b_out,
      alpha: file.model.alpha,
    },
    masks,
    signs,
  );
  const clipped = (name: WeightName): Float32Array =>
    raw.parameters[name].map((w, index) => (w * at(signs[name], index) > 0 ? w : 0));
  const model: Model = {
    ...raw,
    spec: { ...raw.spec, learn: { ...raw.spec.learn, alpha: false, v0: false } },
    parameters: {
      ...raw.parameters,
      weightIH: clipped("weightIH"),
      weightHH: clipped("weightHH"),
      weightHO: clipped("weightHO"),
    },
  };
  const named = (weights: readonly Nested[]): Record<WeightName, Float64Array> => ({
    weightIH: flatten(weights[0] ?? []),
    weightHH: flatten(weights[1] ?? []),
    weightHO: flatten(weights[2] ?? []),
  });
  const masked = (name: WeightName, values: Float64Array): Float64Array =>
    values.map((value, index) => value * at(masks[name], index));
  return {
    model,
    time: file.x_TBI.length,
    batch: file.x_TBI[0]?.length ?? 0,
    inputs: float32(file.x_TBI),
    targets: float32(file.y_TBO),
    lambdas: file.loss,
    lr: 0.1,
    steps: file.runs["sgd_lr0.1"].map((step): Nn4nTrainingStep => {
      const gradients = step.weight_grads === null ? undefined : named(step.weight_grads);
      const [biasIn = [], biasHidden = [], biasOut = []] = step.bias_after_step;
      return {
        loss: step.loss,
        weights: named(step.weights_used_in_forward),
        weightGradients: gradients && {
          weightIH: masked("weightIH", gradients.weightIH),
          weightHH: masked("weightHH", gradients.weightHH),
          weightHO: masked("weightHO", gradients.weightHO),
        },
        lastRates: flatten(step.states_last_t),
        lastOutputs: flatten(step.outputs_last_t),
        biasHAfter: plus(flatten(biasIn), flatten(biasHidden)),
        biasOAfter: flatten(biasOut),
      };
    }),
  };
}

/** Coefficients of PsychRNN's penalties: means of |W_eff|, of W_eff², and of f(state)². */
export type PsychrnnPenalties = typeof adamFile.reg;

export interface PsychrnnTraining {
  readonly name: string;
  readonly model: Model;
  readonly time: number;
  readonly batch: number;
  readonly inputs: Float32Array;
  readonly targets: Float32Array;
  readonly mask: Float32Array;
  readonly penalties: PsychrnnPenalties;
  readonly lr: number;
  /** Every tensor is clipped to this L2 norm by itself. */
  readonly clipNorm: number;
  /** Masked mean squared error, penalties and their sum, before the first step. */
  readonly loss: number;
  readonly penalty: number;
  /** Of the sum, by raw parameters; α is not learned. */
  readonly gradients: Readonly<Partial<Record<ParameterName, Float64Array>>>;
  readonly states: Float64Array;
  readonly outputs: Float64Array;
  /** dL/dv [time, batch, hidden] of the masked mean squared error without penalties. */
  readonly stateGradients: Float64Array;
  /** The sum on the same batch after each of three Adam steps (TensorFlow 1's form of ε = 1e-8). */
  readonly lossAfterEachStep: readonly number[];
  /** Raw parameters after each step; PsychRNN keeps the raw value of a masked weight, which has no effect. */
  readonly parametersAfterEachStep: readonly Readonly<Partial<Record<ParameterName, Float64Array>>>[];
}

interface PsychrnnTensors {
  readonly W_in: Nested;
  readonly W_rec: Nested;
  readonly W_out: Nested;
  readonly b_rec: Nested;
  readonly b_out: Nested;
  readonly x0: Nested;
}

function psychrnnTensors(file: PsychrnnTensors): Partial<Record<ParameterName, Float64Array>> {
  return {
    weightIH: flatten(file.W_in),
    weightHH: flatten(file.W_rec),
    biasH: flatten(file.b_rec),
    weightHO: flatten(file.W_out),
    biasO: flatten(file.b_out),
    v0: flatten(file.x0),
  };
}

/** PsychRNN 1.0.0 `Basic`: gradients and three Adam steps, with masks, Dale's law (constraint `abs`) and clipping. */
export function psychrnnTrainings(): PsychrnnTraining[] {
  const file = adamFile;
  const { raw } = file;
  const hidden = raw.b_rec.length;
  return file.cases.map((entry): PsychrnnTraining => {
    const ratio = entry.dale_ratio;
    const excitatory = ratio === null ? hidden : Math.trunc(ratio * hidden);
    const isExcitatory = (index: number): boolean => index % hidden < excitatory;
    const mask = {
      weightIH: float32(file.M_in),
      weightHH: float32(entry.M_rec_effective),
      weightHO: float32(file.M_out),
    };
    const signs: Partial<Record<WeightName, Float32Array>> =
      ratio === null
        ? {}
        : {
            weightIH: mask.weightIH.map(() => 1),
            weightHH: mask.weightHH.map((_, index) => (isExcitatory(index) ? 1 : -1)),
            weightHO: mask.weightHO.map(() => 1),
          };
    const model = goldenModel(
      {
        inputs: 2,
        hidden,
        outputs: 2,
        activation: activationNamed(entry.transfer),
        constraint: ratio === null ? "project" : "abs",
      },
      {
        weightIH: raw.W_in,
        weightHH: raw.W_rec,
        biasH: raw.b_rec,
        weightHO: raw.W_out,
        biasO: raw.b_out,
        alpha: file.alpha,
        v0: raw.init_state,
      },
      { ...mask, weightHO: mask.weightHO.map((m, index) => (isExcitatory(index) ? m : 0)) },
      signs,
    );
    return {
      name: `PsychRNN ${entry.name}`,
      model: { ...model, spec: { ...model.spec, learn: { ...model.spec.learn, alpha: false } } },
      time: 8,
      batch: 3,
      inputs: float32(timeFirst(file.u)),
      targets: float32(timeFirst(file.y).map((y) => y + entry.y_offset)),
      mask: float32(timeFirst(file.mask)),
      penalties: file.reg,
      lr: entry.learning_rate,
      clipNorm: 1,
      loss: entry.loss,
      penalty: entry.reg,
      gradients: psychrnnTensors(entry.grads),
      states: timeFirst(entry.states),
      outputs: timeFirst(entry.outputs),
      stateGradients: timeFirst(entry.dE_dx_of_loss),
      lossAfterEachStep: entry.losses_after_each_step,
      parametersAfterEachStep: entry.params_after_each_step.map(psychrnnTensors),
    };
  });
}
