import type { Model, ModelSpec } from "./model.ts";
import { effectiveWeights } from "./validate.ts";

/**
 * A model that computes with the effective weights of another: silent units have the constant rate 0 (a linear activation
 * of gain 0, without noise), recurrent weights are multiplied by factors, and each unit has one more input channel, of
 * weight 1, for its current.
 */
export function standIn(
  model: Model,
  silent: readonly number[],
  hasCurrents: boolean,
  factors: Float32Array | undefined,
): Model {
  const { spec, masks } = model;
  const { inputs, hidden } = spec;
  const weightHH = effectiveWeights(model, "weightHH");
  const width = hasCurrents ? inputs + hidden : inputs;
  const widened = (values: Float32Array, own: number): Float32Array =>
    Float32Array.from({ length: hidden * width }, (_, index) => {
      const [unit, column] = [Math.floor(index / width), index % width];
      return column < inputs ? (values[unit * inputs + column] ?? 0) : column - inputs === unit ? 1 : own;
    });
  const { inputGroups: _groups, ...plain } = spec;
  const maskIH = masks.weightIH;
  return {
    spec: {
      ...plain,
      inputs: width,
      constraint: "project",
      ...(silent.length > 0 && { units: silenced(spec, silent) }),
    },
    parameters: {
      ...model.parameters,
      weightIH: widened(effectiveWeights(model, "weightIH"), 0),
      weightHH: factors === undefined ? weightHH : weightHH.map((weight, index) => weight * (factors[index] ?? 0)),
      weightHO: effectiveWeights(model, "weightHO"),
    },
    masks: { ...masks, ...(maskIH && { weightIH: widened(maskIH, 0) }) },
    signs: {},
    plasticity: {},
  };
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
