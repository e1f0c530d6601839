import type { Model, ParameterName } from "../../src/network/model.ts";
import nn4nFile from "../fixtures/golden/nn4n/ctrnn-forward-and-gradients.json" with { type: "json" };
import alphaFile from "../fixtures/golden/nn4n/ctrnn-learnable-alpha.json" with { type: "json" };
import nnBrainFile from "../fixtures/golden/nn4n/nn-brain-ei.json" with { type: "json" };
import psychrnnFile from "../fixtures/golden/psychrnn/basic-forward.json" with { type: "json" };
import {
  activationNamed,
  flatten,
  float32,
  type GoldenParameters,
  goldenModel,
  type Nested,
  timeFirst,
  withoutDiagonal,
} from "./golden-model.ts";
import type { Nn4nLambdas, Nn4nVersion } from "./nn4n-losses.ts";
import { at, plus } from "./numbers.ts";

/** Suggested by the package that made the numbers: states and outputs absolute, gradients relative. */
export const goldenTolerance = { states: 1e-5, gradients: 1e-4, weights: 1e-6 } as const;

/** Sequences [time, batch, ·], as float32. */
export interface GoldenTrials {
  readonly time: number;
  readonly batch: number;
  readonly inputs: Float32Array;
  readonly targets?: Float32Array;
  /** [batch, hidden]; absent = the model's v0. */
  readonly v0?: Float32Array;
  /** Standard normal [time, batch, hidden]. */
  readonly preNoise?: Float32Array;
  /** One weightHH per step: run one step at a time, handing v and r over. */
  readonly weightHHByStep?: readonly Float32Array[];
}

/** What the other package got; only what its file holds. */
export interface GoldenExpected {
  /** Rates r [time, batch, hidden]. */
  readonly rates?: Float64Array;
  /** Preactivations v [time, batch, hidden]. */
  readonly states?: Float64Array;
  readonly outputs?: Float64Array;
  /** Mean over all elements of (y - target)². */
  readonly meanSquaredError?: number;
  /** Of the mean squared error, by raw parameters. */
  readonly gradients?: Partial<Record<ParameterName, Float64Array>>;
  /** Of nn4n's whole loss, whose terms are in `nn4n-losses.ts`. */
  readonly wholeLoss?: {
    readonly version: Nn4nVersion;
    readonly lambdas: Nn4nLambdas;
    readonly value: number;
    readonly gradients: Partial<Record<ParameterName, Float64Array>>;
  };
}

export interface GoldenCase {
  readonly name: string;
  readonly model: Model;
  readonly trials: GoldenTrials;
  readonly expected: GoldenExpected;
}

/** Gradients as PyTorch names them in nn4n's files; b_in and b_hid have the same gradient, which is ours. */
interface Nn4nGradients {
  readonly "recurrent_layer.input_layer.weight": Nested;
  readonly "recurrent_layer.hidden_layer.weight": Nested;
  readonly "recurrent_layer.hidden_layer.bias": Nested;
  readonly "readout_layer.weight": Nested;
  readonly "readout_layer.bias": Nested;
}

/** nn4n leaves gradients on absent synapses; ours are 0 there, so theirs are masked. */
function nn4nGradients(file: Nn4nGradients, maskHH?: Float32Array): Partial<Record<ParameterName, Float64Array>> {
  const weightHH = flatten(file["recurrent_layer.hidden_layer.weight"]);
  return {
    weightIH: flatten(file["recurrent_layer.input_layer.weight"]),
    weightHH: maskHH ? weightHH.map((g, index) => g * at(maskHH, index)) : weightHH,
    biasH: flatten(file["recurrent_layer.hidden_layer.bias"]),
    weightHO: flatten(file["readout_layer.weight"]),
    biasO: flatten(file["readout_layer.bias"]),
  };
}

interface Nn4nParameters {
  readonly W_in: Nested;
  readonly b_in: Nested;
  readonly W_hid: Nested;
  readonly b_hid: Nested;
  readonly W_out: Nested;
  readonly b_out: Nested;
}

function nn4nParameters(file: Nn4nParameters): Omit<GoldenParameters, "alpha" | "v0"> {
  return {
    weightIH: file.W_in,
    weightHH: file.W_hid,
    biasH: plus(flatten(file.b_in), flatten(file.b_hid)),
    weightHO: file.W_out,
    biasO: file.b_out,
  };
}

/** nn4n 1.0.3 `CTRNN`: relu and tanh, with and without self-connections, and a learned initial state. */
export function nn4nCases(): GoldenCase[] {
  const file = nn4nFile;
  const trials = { time: file.T, batch: file.B, inputs: float32(file.x), targets: float32(file.y) };
  const cases = file.cases.map((entry): GoldenCase => {
    const mask = entry.self_connections ? undefined : withoutDiagonal(4);
    return {
      name: `nn4n ${file.version} ${entry.activation}${entry.self_connections ? "" : ", no self-connections"}`,
      model: goldenModel(
        { inputs: 2, hidden: 4, outputs: 2, activation: activationNamed(entry.activation) },
        { ...nn4nParameters(file.params), alpha: entry.alpha },
        mask ? { weightHH: mask } : {},
      ),
      trials,
      expected: {
        rates: flatten(entry.states),
        outputs: flatten(entry.outputs),
        meanSquaredError: entry.mse,
        gradients: nn4nGradients(entry.grads_mse_only, mask),
        wholeLoss: {
          version: "v1.0.3",
          lambdas: entry.lambdas,
          value: entry.loss_total,
          gradients: nn4nGradients(entry.grads_full_loss, mask),
        },
      },
    };
  });
  const learned = file.init_state_learn;
  cases.push({
    name: `nn4n ${file.version} learned initial state`,
    model: goldenModel(
      { inputs: 2, hidden: 4, outputs: 2, activation: activationNamed(learned.activation) },
      { ...nn4nParameters(file.params), alpha: 0.2, v0: learned.v0 },
    ),
    trials,
    expected: {
      rates: flatten(learned.states),
      outputs: flatten(learned.outputs),
      meanSquaredError: learned.mse,
      gradients: { v0: flatten(learned.grad_v0) },
    },
  });
  return cases;
}

/** nn4n 1.2.0 `CTRNN`: relu and tanh, and per-unit learned α with an initial state per trial. */
export function nn4nAlphaCases(): GoldenCase[] {
  const file = alphaFile;
  const trials = { time: 5, batch: 3, inputs: float32(file.x), targets: float32(file.y) };
  const cases = file.cases.map(
    (entry): GoldenCase => ({
      name: `nn4n ${file.version} ${entry.activation}`,
      model: goldenModel(
        { inputs: 2, hidden: 4, outputs: 2, activation: activationNamed(entry.activation) },
        { ...nn4nParameters(file.params), alpha: entry.alpha },
      ),
      trials,
      expected: {
        rates: flatten(entry.states),
        outputs: flatten(entry.outputs),
        wholeLoss: {
          version: "v1.2.0",
          lambdas: entry.lambdas,
          value: entry.loss_total,
          gradients: nn4nGradients(entry.grads_full_loss),
        },
      },
    }),
  );
  const learned = file.learn_alpha_init_state_tanh;
  cases.push({
    name: `nn4n ${file.version} learned alpha, v0 per trial`,
    model: goldenModel(
      { inputs: 2, hidden: 4, outputs: 2, activation: "tanh" },
      { ...nn4nParameters(file.params), alpha: learned.alpha_vec },
    ),
    trials: { ...trials, v0: float32(learned.v0) },
    expected: {
      rates: flatten(learned.states),
      outputs: flatten(learned.outputs),
      meanSquaredError: learned.mse,
      gradients: { alpha: flatten(learned.grad_alpha) },
    },
  });
  return cases;
}

/** nn-brain: `EIRNN` (constraint `abs`, no self-connections, readout from excitatory units) and `CTRNN` (rate form). */
export function nnBrainCases(): GoldenCase[] {
  const file = nnBrainFile;
  const { params } = file;
  const hidden = params.b_rec.length;
  const sizes = { inputs: 2, hidden, outputs: 2, activation: "relu" } as const;
  const trials = { time: 5, batch: 3, inputs: float32(file.x), targets: float32(file.y) };
  const shared = {
    weightIH: params.W_in,
    weightHH: params.W_rec_free,
    biasH: plus(flatten(params.b_in), flatten(params.b_rec)),
    biasO: params.b_out,
    alpha: file.alpha,
  };
  const isExcitatory = (index: number): boolean => index % hidden < file.e_size;
  const readout = params.W_out_from_E_only.map((row) => [...row, ...new Array<number>(hidden - row.length).fill(0)]);
  const ei = file.EIRNN_relu;
  const rate = file.CTRNN_rate_form;
  return [
    {
      name: "nn-brain EIRNN, constraint abs",
      model: goldenModel(
        { ...sizes, constraint: "abs" },
        { ...shared, weightHO: readout },
        {
          weightHH: withoutDiagonal(hidden),
          weightHO: Float32Array.from({ length: 2 * hidden }, (_, index) => (isExcitatory(index) ? 1 : 0)),
        },
        { weightHH: Float32Array.from({ length: hidden * hidden }, (_, index) => (isExcitatory(index) ? 1 : -1)) },
      ),
      trials,
      expected: {
        rates: flatten(ei.states),
        outputs: flatten(ei.outputs),
        meanSquaredError: ei.mse,
        gradients: { weightHH: flatten(ei.grad_W_rec_free), weightIH: flatten(ei.grad_W_in) },
      },
    },
    {
      name: "nn-brain CTRNN, rate form",
      model: goldenModel({ ...sizes, form: "rate" }, { ...shared, weightHO: rate.W_out }),
      trials,
      expected: { rates: flatten(rate.states), outputs: flatten(rate.outputs) },
    },
  ];
}

/** PsychRNN 1.0.0 `Basic`: relu, tanh, connectivity that changes in time, and given noise. */
export function psychrnnCases(): GoldenCase[] {
  const { weights, u, cases } = psychrnnFile;
  const weightHH = flatten(weights.W_rec);
  return cases.map((entry): GoldenCase => {
    const noise = entry.rec_noise ?? 0;
    return {
      name: `PsychRNN ${entry.name}`,
      model: goldenModel(
        { inputs: 2, hidden: 4, outputs: 2, activation: activationNamed(entry.transfer), noise: { pre: noise } },
        {
          weightIH: weights.W_in,
          weightHH: weights.W_rec,
          biasH: weights.b_rec,
          weightHO: weights.W_out,
          biasO: weights.b_out,
          alpha: entry.alpha,
          v0: weights.init_state,
        },
      ),
      trials: {
        time: 6,
        batch: 3,
        inputs: float32(timeFirst(u)),
        ...(entry.noise_samples ? { preNoise: float32(timeFirst(entry.noise_samples)) } : {}),
        ...(entry.t_connectivity
          ? {
              weightHHByStep: entry.t_connectivity.map((factors) => {
                const factor = flatten(factors);
                return float32(weightHH.map((w, index) => w * at(factor, index)));
              }),
            }
          : {}),
      },
      expected: { states: timeFirst(entry.states), outputs: timeFirst(entry.outputs) },
    };
  });
}

/** Every case of this file. */
export function goldenCases(): GoldenCase[] {
  return [...nn4nCases(), ...nn4nAlphaCases(), ...nnBrainCases(), ...psychrnnCases()];
}
