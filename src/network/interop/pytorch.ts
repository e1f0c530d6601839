import { ConfigError, FileFormatError } from "../../errors.ts";
import type { ArrayData } from "../../io/array.ts";
import type { Model } from "../model.ts";
import { assembleModel, checkInteropOptions, type InteropOptions } from "./assemble.ts";
import { assembleGated, type GatedParts } from "./assemble-gated.ts";
import { type ArraySource, ForeignArrays } from "./foreign-arrays.ts";
import { type Gate, type GatedCell, splitGates } from "./gates.ts";
import { type Readout, type StackedLayer, stackLayers } from "./stack.ts";

/** {@link InteropOptions}; the time only says how long a step is: no cell of PyTorch has a leak, so that alpha is 1. */
export interface PyTorchFileOptions extends Omit<InteropOptions, "tauMs" | "alpha" | "activation"> {
  /** nn.RNN's `nonlinearity`, which a state_dict does not hold; `tanh` unless given. */
  readonly activation?: "tanh" | "relu";
  /** What the names of the recurrent layers begin with, such as `rnn.`; found unless several do. */
  readonly prefix?: string;
  /** The name of the linear layer that reads the hidden units out, such as `fc`; found unless several could be. */
  readonly readout?: string;
}

const firstLayer = /^(.*)weight_ih_l0$/;

function findPrefix(file: ForeignArrays, given: string | undefined): string {
  const prefixes = file.names.flatMap((name) => firstLayer.exec(name)?.[1] ?? []);
  if (given !== undefined) {
    if (prefixes.includes(given)) return given;
    throw new FileFormatError(`${file.label}: there is no ${given}weight_ih_l0; found ${quoted(prefixes)}.`);
  }
  const [only, ...others] = prefixes;
  if (only !== undefined && others.length === 0) return only;
  if (only !== undefined)
    throw new ConfigError(
      `${file.label}: holds several recurrent layers: give one of the prefixes ${quoted(prefixes)}.`,
    );
  throw new FileFormatError(
    `${file.label}: no weight_ih_l0, so no state_dict of nn.RNN; it holds ${file.names.slice(0, 12).join(", ")}.`,
  );
}

function quoted(names: readonly string[]): string {
  return names.map((name) => JSON.stringify(name)).join(", ") || "none";
}

/** Which of nn.RNN, nn.GRU and nn.LSTM the recurrent weights are of. @throws ConfigError for a network that is not offered. */
function cellOf(file: ForeignArrays, prefix: string): "rnn" | GatedCell {
  const [rows = 0, hidden = 0] = file.shapeOf(`${prefix}weight_hh_l0`);
  const reverse = file.names.find((name) => name.startsWith(prefix) && name.endsWith("_reverse"));
  if (reverse !== undefined)
    throw new ConfigError(`${file.label}: ${reverse}: a bidirectional network runs against time and is not offered.`);
  if (file.has(`${prefix}weight_hr_l0`))
    throw new ConfigError(`${file.label}: ${prefix}weight_hr_l0: an LSTM with projections (proj_size) is not offered.`);
  return rows === 4 * hidden ? "lstm" : rows === 3 * hidden ? "gru" : "rnn";
}

/** The layer of an nn.LSTM or nn.GRU. @throws ConfigError where there are several. */
function readGated(file: ForeignArrays, prefix: string, cell: GatedCell): Omit<GatedParts, "outputs"> {
  if (file.has(`${prefix}weight_ih_l1`))
    throw new ConfigError(
      `${file.label}: ${prefix}weight_ih_l1: gated layers on top of each other are not offered, one is.`,
    );
  const [rows = 0, hidden = 0] = file.shapeOf(`${prefix}weight_hh_l0`);
  const [, inputs = 0] = file.shapeOf(`${prefix}weight_ih_l0`);
  const axes = `${rows / hidden} gates of hidden`;
  const matrix = (name: string, columns: number): ArrayData => ({
    shape: [rows, columns],
    data: file.read(`${prefix}${name}_l0`, [rows, columns], `${axes}, ${columns === hidden ? "hidden" : "inputs"}`),
  });
  const bias = (name: string): ArrayData | undefined => {
    const data = file.readIfThere(`${prefix}${name}_l0`, [rows], axes);
    return data && { shape: [rows], data };
  };
  const weightIH = matrix("weight_ih", inputs);
  const weightHH = matrix("weight_hh", hidden);
  const gates: Readonly<Record<string, Gate>> = splitGates(cell, {
    ...{ weightIH, weightHH },
    ...{ biasIH: bias("bias_ih"), biasHH: bias("bias_hh") },
  });
  if (file.has(`${prefix}bias_hh_l0`))
    file.notice(
      `bias_ih and bias_hh act on the same gates: their sum is one bias${cell === "gru" ? ", but for the candidate's, which stay apart" : ""}`,
    );
  const { n } = gates;
  const parameters = {
    weightIH: weightIH.data,
    weightHH: weightHH.data,
    biasH: Float32Array.from(Object.values(gates).flatMap((gate) => Array.from(gate.bias))),
    r0: new Float32Array(hidden),
    ...(cell === "lstm" ? { v0: new Float32Array(hidden) } : { biasN: n?.biasHH ?? new Float32Array(hidden) }),
  };
  return { cell, inputs, hidden, parameters };
}

function readLayers(file: ForeignArrays, prefix: string): { inputs: number; layers: StackedLayer[] } {
  const [, hidden = 0] = file.shapeOf(`${prefix}weight_hh_l0`);
  const [, inputs = 0] = file.shapeOf(`${prefix}weight_ih_l0`);
  const layers: StackedLayer[] = [];
  while (file.has(`${prefix}weight_ih_l${layers.length}`)) {
    const layer = `l${layers.length}`;
    const before = layers.length === 0 ? inputs : hidden;
    const bias = new Float32Array(hidden);
    for (const name of ["bias_ih", "bias_hh"]) {
      const values = file.readIfThere(`${prefix}${name}_${layer}`, [hidden], "hidden");
      if (values !== undefined) for (const unit of bias.keys()) bias[unit] = (bias[unit] ?? 0) + (values[unit] ?? 0);
    }
    layers.push({
      name: layer,
      units: hidden,
      weightIn: file.read(`${prefix}weight_ih_${layer}`, [hidden, before], "hidden, inputs of the layer"),
      weightOwn: file.read(`${prefix}weight_hh_${layer}`, [hidden, hidden], "hidden, hidden"),
      bias,
    });
  }
  if (file.has(`${prefix}bias_ih_l0`) && file.has(`${prefix}bias_hh_l0`))
    file.notice("bias_ih and bias_hh act on the same units: their sum is one bias");
  return { inputs, layers };
}

/** The linear layer onto the outputs; where there is none, the hidden units themselves. */
function readReadout(
  file: ForeignArrays,
  prefix: string,
  hidden: number,
  given: string | undefined,
): Readout | undefined {
  const candidates = file.names.flatMap((name) => {
    const layer = /^(.+)\.weight$/.exec(name)?.[1];
    if (layer === undefined || /weight_(ih|hh)_l\d/.test(name)) return [];
    const shape = file.shapeOf(name);
    return shape.length === 2 && shape[1] === hidden && name !== `${prefix}weight` ? [layer] : [];
  });
  if (given !== undefined && !candidates.includes(given))
    throw new FileFormatError(
      `${file.label}: readout: expected ${given}.weight [outputs, ${hidden}]; linear layers that fit: ${quoted(candidates)}.`,
    );
  if (given === undefined && candidates.length > 1)
    throw new ConfigError(`${file.label}: readout: several linear layers fit: give one of ${quoted(candidates)}.`);
  const name = given ?? candidates[0];
  if (name === undefined) return undefined;
  const [outputs = 0] = file.shapeOf(`${name}.weight`);
  return {
    outputs,
    weight: file.read(`${name}.weight`, [outputs, hidden], "outputs, hidden"),
    bias: file.readIfThere(`${name}.bias`, [outputs], "outputs") ?? new Float32Array(outputs),
  };
}

/**
 * A model of the state_dict of a network with nn.RNN, nn.LSTM or nn.GRU (`weight_ih_l0`, `weight_hh_l0`, biases) and a
 * linear readout, saved as `.safetensors` or `.npz`. nn.RNN has no leak: alpha is 1; its further layers become `layers`. The
 * two biases of a unit or gate become one, their sum, but for the GRU's candidate. Without a linear layer the outputs are
 * the hidden units: a readout of ones, not learned. All start at rates (and cell states) of 0, as PyTorch does.
 * @param source bytes of the file, or its arrays.
 * @throws ConfigError for bidirectional networks, projections and several gated layers; FileFormatError, ShapeError,
 * ValueError naming the array.
 */
export function modelFromPyTorch(source: ArraySource, options: PyTorchFileOptions = {}): Model {
  checkInteropOptions("modelFromPyTorch", options, ["prefix", "readout"]);
  const { label = "PyTorch state_dict", onNotice, prefix: givenPrefix, readout: givenReadout, ...rest } = options;
  if ("tauMs" in rest || "alpha" in rest)
    throw new ConfigError(`${label}: nn.RNN has no leak: alpha is 1, so tauMs = dtMs; give dtMs alone.`);
  const file = new ForeignArrays(source, label, onNotice);
  const prefix = findPrefix(file, givenPrefix);
  const cell = cellOf(file, prefix);
  const [, hidden = 0] = file.shapeOf(`${prefix}weight_hh_l0`);
  const read = readReadout(file, prefix, hidden, givenReadout);
  if (read === undefined) file.notice("no linear layer reads the hidden units out: the outputs are the hidden units");
  const readout = read ?? identity(hidden);
  const learn = read === undefined ? { weightHO: false, biasO: false } : {};
  if (cell !== "rnn") {
    const { parameters, ...sizes } = readGated(file, prefix, cell);
    file.noticeUnread();
    const all = { ...parameters, weightHO: readout.weight, biasO: readout.bias };
    return assembleGated(label, { ...sizes, outputs: readout.outputs, parameters: all }, rest, learn);
  }
  const { inputs, layers } = readLayers(file, prefix);
  if (options.activation === undefined)
    file.notice("nonlinearity is not in a state_dict: tanh, unless activation is given");
  file.noticeUnread();
  const { dtMs } = rest;
  const time = dtMs === undefined ? { alpha: 1 } : { dtMs, tauMs: dtMs };
  return assembleModel(
    label,
    stackLayers(inputs, layers, readout),
    { ...rest, ...time },
    { activation: "tanh", learn },
  );
}

function identity(hidden: number): Readout {
  const weight = Float32Array.from({ length: hidden * hidden }, (_, index) => (index % (hidden + 1) === 0 ? 1 : 0));
  return { outputs: hidden, weight, bias: new Float32Array(hidden) };
}
