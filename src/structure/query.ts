import { ShapeError } from "../errors.ts";
import type { ArrayData } from "../io/array.ts";
import { findPlace, inputPlaces, outputPlaces } from "./channels-by-name.ts";
import { range } from "./draw.ts";
import { type Structure, weightShape } from "./structure.ts";

/** The units of an area: from `from` up to, not including, `to`. @throws {@link ConfigError} naming the nearest area. */
export function unitsOf(structure: Structure, name: string): { readonly from: number; readonly to: number } {
  const { from, to } = findPlace("unitsOf: areas", name, structure.areas);
  return { from, to };
}

/**
 * The part of a recurrent matrix that goes from one area to another, as a copy [to, from].
 * @param matrix [H, H] (postsynaptic, presynaptic): weights, a mask, signs, distances.
 * @throws {@link ConfigError} naming the nearest area, {@link ShapeError} a matrix of another size.
 */
export function submatrix(structure: Structure, matrix: Float32Array, toName: string, fromName: string): ArrayData {
  const { hidden } = structure;
  if (matrix.length !== hidden * hidden)
    throw new ShapeError(`submatrix: expected [${hidden}, ${hidden}] (hidden, hidden), got ${matrix.length} values.`);
  const rows = findPlace("submatrix: areas", toName, structure.areas);
  const columns = findPlace("submatrix: areas", fromName, structure.areas);
  const shape = [rows.to - rows.from, columns.to - columns.from] as const;
  const data = new Float32Array(shape[0] * shape[1]);
  for (let row = 0; row < shape[0]; row += 1) {
    const start = (rows.from + row) * hidden;
    data.set(matrix.subarray(start + columns.from, start + columns.to), row * shape[1]);
  }
  return { shape, data };
}

/**
 * The rates of one area, as a copy [T, B, units of the area].
 * @param rates [T, B, H], as `Network.run` gives them; preactivations too.
 * @throws {@link ConfigError} naming the nearest area, {@link ShapeError} where H does not divide the length.
 */
export function ratesOf(structure: Structure, rates: Float32Array, name: string): Float32Array {
  const { hidden } = structure;
  const { from, to } = findPlace("ratesOf: areas", name, structure.areas);
  if (rates.length % hidden !== 0)
    throw new ShapeError(
      `ratesOf: expected [time, batch, ${hidden}], got ${rates.length} values, which ${hidden} does not divide.`,
    );
  const size = to - from;
  const trials = rates.length / hidden;
  const own = new Float32Array(trials * size);
  for (let trial = 0; trial < trials; trial += 1)
    own.set(rates.subarray(trial * hidden + from, trial * hidden + to), trial * size);
  return own;
}

/** The input channels of a group: from `from` up to `to`. @throws {@link ConfigError} naming the nearest group. */
export function inputChannelsOf(structure: Structure, name: string): { readonly from: number; readonly to: number } {
  const { from, to } = findPlace("inputChannelsOf: inputs", name, inputPlaces(structure));
  return { from, to };
}

/** The output channels of a group: from `from` up to `to`. @throws {@link ConfigError} naming the nearest group. */
export function outputChannelsOf(structure: Structure, name: string): { readonly from: number; readonly to: number } {
  const { from, to } = findPlace("outputChannelsOf: outputs", name, outputPlaces(structure));
  return { from, to };
}

/** Hidden units that at least one input channel may reach, of all inputs or of one group, in order. */
export function inputUnits(structure: Structure, group?: string): Uint32Array {
  const { hidden, inputs, masks } = structure;
  const { from, to } = group === undefined ? { from: 0, to: inputs } : inputChannelsOf(structure, group);
  const mask = masks.weightIH;
  return Uint32Array.from(
    range(0, hidden).filter(
      (unit) => mask?.subarray(unit * inputs + from, unit * inputs + to).some((value) => value !== 0) ?? true,
    ),
  );
}

/** Hidden units that at least one output channel may see, of all outputs or of one group, in order. */
export function readoutUnits(structure: Structure, group?: string): Uint32Array {
  const [outputs, hidden] = weightShape(structure, "weightHO");
  const { from, to } = group === undefined ? { from: 0, to: outputs } : outputChannelsOf(structure, group);
  const mask = structure.masks.weightHO;
  return Uint32Array.from(
    range(0, hidden).filter((unit) => range(from, to).some((output) => mask?.[output * hidden + unit] !== 0)),
  );
}
