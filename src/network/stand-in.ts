import { gateNames, isGated } from "./cells.ts";
import type { Model, ModelSpec } from "./model.ts";
import { effectiveWeights } from "./validate.ts";

/** A sigmoid of this is 0 in float32. */
const shut = -200;

/**
 * A model that computes with the effective weights of another: recurrent weights are multiplied by factors [H, H], and silent
 * units have the constant rate 0. In a CTRNN by a linear activation of gain 0, without noise after it. In an LSTM i g = 0, and
 * f and o are shut, so that c = 0 c + 0 and h = 0 φ(c); in a GRU n = tanh(0) = 0, and z is shut: h = n + 0 (h - n).
 * @param currents the gates (of a CTRNN: 0) that currents go into: for each there are H more input channels, of weight 1
 * onto their own unit, but for silent gated ones.
 */
export function standIn(
  model: Model,
  silent: readonly number[],
  currents: readonly number[],
  factors: Float32Array | undefined,
): Model {
  const { spec, masks, parameters } = model;
  const { inputs, hidden, cell } = spec;
  const isOff = silentRows(spec, silent);
  const recurrent = effectiveWeights(model, "weightHH").map((weight, index) => {
    if (isOff(Math.floor(index / hidden))) return 0;
    return factors === undefined ? weight : weight * (factors[index % factors.length] ?? 0);
  });
  const width = inputs + currents.length * hidden;
  const widened = (values: Float32Array, own: (row: number) => number): Float32Array => {
    const wide = new Float32Array((values.length / inputs) * width);
    for (let row = 0; row * inputs < values.length; row += 1) {
      wide.set(values.subarray(row * inputs, (row + 1) * inputs), row * width);
      const slot = currents.indexOf(Math.floor(row / hidden));
      if (slot >= 0) wide[row * width + inputs + slot * hidden + (row % hidden)] = own(row);
    }
    return wide;
  };
  const weightIH = effectiveWeights(model, "weightIH").map((weight, index) =>
    isOff(Math.floor(index / inputs)) ? 0 : weight,
  );
  const { inputGroups: _groups, ...plain } = spec;
  const maskIH = masks.weightIH;
  return {
    spec: {
      ...plain,
      inputs: width,
      constraint: "project",
      ...(silent.length > 0 && { units: isGated(cell) ? silencedNoise(spec, silent) : silenced(spec, silent) }),
    },
    parameters: {
      ...parameters,
      weightIH: widened(weightIH, (row) => (isOff(row) ? 0 : 1)),
      weightHH: recurrent,
      weightHO: effectiveWeights(model, "weightHO"),
      biasH: parameters.biasH.map((bias, row) => (isOff(row) ? shutBias(spec, row) : bias)),
      biasN: parameters.biasN.map((bias, unit) => (silent.includes(unit) ? 0 : bias)),
    },
    masks: { ...masks, ...(maskIH && { weightIH: widened(maskIH, () => 1) }) },
    signs: {},
    plasticity: {},
  };
}

/** Whether a row belongs to a gate of a silent unit; a CTRNN has none. */
function silentRows({ cell, hidden }: ModelSpec, silent: readonly number[]): (row: number) => boolean {
  const off = new Set(isGated(cell) ? silent : []);
  return (row) => off.has(row % hidden);
}

function shutBias({ cell, hidden }: ModelSpec, row: number): number {
  const gate = gateNames[cell][Math.floor(row / hidden)];
  return (cell === "lstm" ? ["f", "o"] : ["z"]).some((name) => name === gate) ? shut : 0;
}

function silencedNoise({ hidden, units }: ModelSpec, silent: readonly number[]): NonNullable<ModelSpec["units"]> {
  const off = new Set(silent);
  const each = (own: readonly number[] | undefined): number[] =>
    Array.from({ length: hidden }, (_, unit) => (off.has(unit) ? 0 : (own?.[unit] ?? 1)));
  return { ...units, noisePre: each(units?.noisePre), noisePost: each(units?.noisePost) };
}

function silenced(spec: ModelSpec, silent: readonly number[]): NonNullable<ModelSpec["units"]> {
  const { hidden, units } = spec;
  const off = new Set(silent);
  const each = <Value>(own: readonly Value[] | undefined, usual: Value, whenOff: Value): Value[] =>
    Array.from({ length: hidden }, (_, unit) => (off.has(unit) ? whenOff : (own?.[unit] ?? usual)));
  return {
    ...units,
    activation: each(units?.activation, spec.activation, "linear"),
    gain: each(units?.gain, 1, 0),
    noisePost: each(units?.noisePost, 1, 0),
  };
}
