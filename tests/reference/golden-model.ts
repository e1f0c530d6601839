import type { Activation } from "../../src/io/model-schema.ts";
import type { Model } from "../../src/network/model.ts";
import { type ModelSizes, specOf } from "./generate.ts";
import { at } from "./numbers.ts";

/** Numbers nested as deep as the file has them. */
export type Nested = number | readonly Nested[];

/** All numbers of a nested list in C order. */
export function flatten(nested: Nested): Float64Array {
  const flat: number[] = [];
  const visit = (part: Nested): void => {
    if (typeof part === "number") flat.push(part);
    else part.forEach(visit);
  };
  visit(nested);
  return Float64Array.from(flat);
}

/** A file's [batch, time, unit] as our [time, batch, unit]. */
export function timeFirst(nested: readonly (readonly (readonly number[])[])[]): Float64Array {
  const time = nested[0]?.length ?? 0;
  return flatten(Array.from({ length: time }, (_, t) => nested.map((trial) => trial[t] ?? [])));
}

/** The same numbers as float32, which is what a `Model` and its trials hold. */
export function float32(values: Nested | Float64Array): Float32Array {
  return Float32Array.from(values instanceof Float64Array ? values : flatten(values));
}

/** The parameters of a golden model; an absent bias or v0 is 0, one α serves all units. */
export interface GoldenParameters {
  readonly weightIH: Nested;
  readonly weightHH: Nested;
  readonly biasH: Nested | Float64Array;
  readonly weightHO: Nested;
  readonly biasO: Nested;
  readonly alpha: number | readonly number[];
  readonly v0?: Nested;
}

/** A `Model` from nested lists. Under `project`, weights on absent synapses are set to 0. */
export function goldenModel(
  sizes: ModelSizes,
  values: GoldenParameters,
  masks: Model["masks"] = {},
  signs: Model["signs"] = {},
): Model {
  const spec = specOf(sizes);
  const weight = (nested: Nested, mask: Float32Array | undefined): Float32Array => {
    const raw = float32(nested);
    return mask && spec.constraint === "project" ? raw.map((w, index) => (at(mask, index) === 0 ? 0 : w)) : raw;
  };
  const { alpha, v0 } = values;
  return {
    spec,
    parameters: {
      weightIH: weight(values.weightIH, masks.weightIH),
      weightHH: weight(values.weightHH, masks.weightHH),
      biasH: float32(values.biasH),
      weightHO: weight(values.weightHO, masks.weightHO),
      biasO: float32(values.biasO),
      alpha: typeof alpha === "number" ? new Float32Array(sizes.hidden).fill(alpha) : float32(alpha),
      v0: v0 === undefined ? new Float32Array(sizes.hidden) : float32(v0),
      biasN: new Float32Array(0),
      r0: new Float32Array(0),
    },
    masks,
    signs,
    plasticity: {},
  };
}

/** All ones but for a zero diagonal: no unit drives itself. */
export function withoutDiagonal(size: number): Float32Array {
  return Float32Array.from({ length: size * size }, (_, index) => (index % (size + 1) === 0 ? 0 : 1));
}

/** A file's name of an activation as ours. */
export function activationNamed(name: string): Activation {
  if (name === "relu" || name === "tanh" || name === "sigmoid") return name;
  throw new RangeError(`unknown activation ${name}`);
}
