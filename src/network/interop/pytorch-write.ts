import { ConfigError } from "../../errors.ts";
import type { ArrayData, OnNotice } from "../../io/array.ts";
import type { Area } from "../../io/model-schema.ts";
import { unitLabel } from "../../structure/check.ts";
import { checkKeys } from "../../structure/options.ts";
import { gateCount, isGated } from "../cells.ts";
import type { Model } from "../model.ts";
import { rateFunction } from "../rate.ts";
import { effectiveWeights } from "../validate.ts";

export interface PyTorchNames {
  /** What the names of the recurrent layers begin with; `rnn.` unless given. */
  readonly prefix?: string;
  /** The name of the linear readout; `fc` unless given. */
  readonly readout?: string;
  /** Hears of noise, which PyTorch does not have. */
  readonly onNotice?: OnNotice;
}

/** A state_dict, and the state to call PyTorch's module with where the network does not start at 0. */
export interface PyTorchWeights {
  /** By name, each as PyTorch has it; for {@link encodeSafetensors} or {@link encodeNpz}. */
  readonly stateDict: ReadonlyMap<string, ArrayData>;
  /** f(v0), [layers, hidden]: nn.RNN's argument `h_0` is this, repeated for every trial. */
  readonly h0?: ArrayData;
  /** The first cell states of an LSTM, [1, hidden], likewise: its argument `c_0`. */
  readonly c0?: ArrayData;
}

function refuse(reason: string): never {
  throw new ConfigError(`modelToPyTorch: ${reason}`);
}

/** Everything that nn.RNN cannot do. */
function checkFits({ spec, parameters }: Model): void {
  const leaky = parameters.alpha.findIndex((alpha) => alpha !== 1);
  if (leaky >= 0)
    refuse(
      `alpha of ${unitLabel(leaky, spec.areas)} is ${parameters.alpha[leaky]}: nn.RNN has no leak, it is this network only where alpha is 1 (dtMs = tauMs). Write the model with writeModel instead.`,
    );
  if (spec.activation !== "tanh" && spec.activation !== "relu")
    refuse(`the activation is ${spec.activation}: nn.RNN knows tanh and relu.`);
  const { activation, gain, threshold } = spec.units ?? {};
  if (
    activation?.some((own) => own !== spec.activation) ||
    gain?.some((g) => g !== 1) ||
    threshold?.some((t) => t !== 0)
  )
    refuse("units have an activation, gain or threshold of their own: those of nn.RNN are all alike.");
  if (spec.shortTermPlasticity !== undefined) refuse("synapses change over time: those of nn.RNN do not.");
}

/** The layers as nn.RNN stacks them: of one size, each fed by the one before within the time step, and by itself. */
function layersOf(
  { spec }: Model,
  weights: Readonly<Record<"weightIH" | "weightHH" | "weightHO", Float32Array>>,
): Area[] {
  const { hidden, inputs } = spec;
  const layers = spec.layers ?? [{ name: "all", from: 0, to: hidden }];
  const [first, last] = [layers[0], layers.at(-1)];
  if (layers.some(({ from, to }) => to - from !== (first?.to ?? 0)))
    refuse("the layers have different sizes: those of nn.RNN are all alike.");
  const layerOf = (unit: number): number => layers.findIndex(({ from, to }) => unit >= from && unit < to);
  const wrong = weights.weightHH.findIndex((weight, index) => {
    const step = layerOf(Math.floor(index / hidden)) - layerOf(index % hidden);
    return weight !== 0 && step !== 0 && step !== 1;
  });
  if (wrong >= 0)
    refuse(`unit ${wrong % hidden} reaches unit ${Math.floor(wrong / hidden)}, past the layers that nn.RNN connects.`);
  const stray = weights.weightIH.findIndex(
    (weight, index) => weight !== 0 && layerOf(Math.floor(index / inputs)) !== 0,
  );
  if (stray >= 0) refuse(`inputs reach unit ${Math.floor(stray / inputs)}: nn.RNN has them on its first layer only.`);
  const early = weights.weightHO.findIndex((weight, index) => weight !== 0 && (last?.from ?? 0) > index % hidden);
  if (early >= 0) refuse(`unit ${early % hidden} is read out: the outputs of nn.RNN are those of its last layer.`);
  return [...layers];
}

/** Rows and columns of a matrix of `width` columns. */
function block(matrix: Float32Array, width: number, rows: Area, columns: Area): ArrayData {
  const shape = [rows.to - rows.from, columns.to - columns.from];
  const data = Float32Array.from({ length: (shape[0] ?? 0) * (shape[1] ?? 0) }, (_, index) => {
    const [row, column] = [Math.floor(index / (shape[1] ?? 1)), index % (shape[1] ?? 1)];
    return matrix[(rows.from + row) * width + columns.from + column] ?? 0;
  });
  return { shape, data };
}

/** An LSTM or a GRU, whose gates are stacked as PyTorch's. */
function gatedToPyTorch(model: Model, prefix: string, readout: string): PyTorchWeights {
  const { spec, parameters } = model;
  const { cell, inputs, hidden, outputs } = spec;
  if (spec.lstmOutput === "sigmoid") refuse("the LSTM's output is o sigmoid(c): that of nn.LSTM is o tanh(c).");
  const rows = gateCount(cell) * hidden;
  const recurrentBias = new Float32Array(rows);
  if (cell === "gru") recurrentBias.set(parameters.biasN, rows - hidden);
  const stateDict = new Map<string, ArrayData>([
    [`${prefix}weight_ih_l0`, { shape: [rows, inputs], data: effectiveWeights(model, "weightIH") }],
    [`${prefix}weight_hh_l0`, { shape: [rows, hidden], data: effectiveWeights(model, "weightHH") }],
    [`${prefix}bias_ih_l0`, { shape: [rows], data: parameters.biasH.slice() }],
    [`${prefix}bias_hh_l0`, { shape: [rows], data: recurrentBias }],
    [`${readout}.weight`, { shape: [outputs, hidden], data: effectiveWeights(model, "weightHO") }],
    [`${readout}.bias`, { shape: [outputs], data: parameters.biasO.slice() }],
  ]);
  const start = (values: Float32Array): ArrayData | undefined =>
    values.some((value) => value !== 0) ? { shape: [1, hidden], data: values.slice() } : undefined;
  const [h0, c0] = [start(parameters.r0), start(parameters.v0)];
  return { stateDict, ...(h0 && { h0 }), ...(c0 && { c0 }) };
}

/**
 * A model's effective weights as a state_dict of `nn.RNN(inputs, hidden, nonlinearity=…)`, `nn.LSTM` or `nn.GRU` with a
 * linear readout: `rnn.weight_ih_l0`, `rnn.weight_hh_l0`, `rnn.bias_ih_l0` (all of the bias), `rnn.bias_hh_l0` (zeros, but
 * for the GRU's candidate), `fc.weight`, `fc.bias`, and `_l1` … for further layers. Masks and signs are in the weights;
 * PyTorch does not keep them in training.
 * @throws ConfigError, saying why, where PyTorch's module is not this network: above all where alpha is not 1.
 */
export function modelToPyTorch(model: Model, options: PyTorchNames = {}): PyTorchWeights {
  checkKeys("modelToPyTorch", options, ["prefix", "readout", "onNotice"]);
  const { prefix = "rnn.", readout = "fc", onNotice } = options;
  const { spec, parameters } = model;
  if (spec.noise.pre > 0 || spec.noise.post > 0)
    onNotice?.("modelToPyTorch: PyTorch's modules have no noise; the model's is left out.");
  if (isGated(spec.cell)) return gatedToPyTorch(model, prefix, readout);
  checkFits(model);
  const weights = {
    weightIH: effectiveWeights(model, "weightIH"),
    weightHH: effectiveWeights(model, "weightHH"),
    weightHO: effectiveWeights(model, "weightHO"),
  };
  const layers = layersOf(model, weights);
  const stateDict = new Map<string, ArrayData>();
  const all = (count: number): Area => ({ name: "all", from: 0, to: count });
  for (const [index, layer] of layers.entries()) {
    const before = layers[index - 1];
    const units = layer.to - layer.from;
    const input =
      before === undefined
        ? block(weights.weightIH, spec.inputs, layer, all(spec.inputs))
        : block(weights.weightHH, spec.hidden, layer, before);
    stateDict.set(`${prefix}weight_ih_l${index}`, input);
    stateDict.set(`${prefix}weight_hh_l${index}`, block(weights.weightHH, spec.hidden, layer, layer));
    stateDict.set(`${prefix}bias_ih_l${index}`, { shape: [units], data: parameters.biasH.slice(layer.from, layer.to) });
    stateDict.set(`${prefix}bias_hh_l${index}`, { shape: [units], data: new Float32Array(units) });
  }
  const last = layers.at(-1) ?? all(spec.hidden);
  stateDict.set(`${readout}.weight`, block(weights.weightHO, spec.hidden, all(spec.outputs), last));
  stateDict.set(`${readout}.bias`, { shape: [spec.outputs], data: parameters.biasO.slice() });
  const h0 = parameters.v0.map((v, unit) => rateFunction(spec)(unit, v));
  const starts = h0.some((rate) => rate !== 0);
  return { stateDict, ...(starts && { h0: { shape: [layers.length, spec.hidden / layers.length], data: h0 } }) };
}
