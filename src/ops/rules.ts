import { sizeOf } from "../gpu/tensor.ts";
import {
  type Model,
  type ParameterName,
  parameterNames,
  parameterShape,
  type ShapeSizes,
  type WeightName,
} from "../network/model.ts";
import { parameterOffsets } from "./layout.ts";

const learnedBit = 8;
const tensorShift = 4;

function signCode(sign: number): number {
  if (sign > 0) return 1;
  return sign < 0 ? 2 : 0;
}

/** Sets or clears the bit that says a parameter is learned, in place. */
export function markLearned(rules: Uint32Array, index: number, learned: boolean): void {
  const rule = rules[index] ?? 0;
  rules[index] = learned ? rule | learnedBit : rule & ~learnedBit;
}

/** Lays a model's tensors end to end, in the order of `parameterNames`. */
export function flatParameters(model: Model): Float32Array {
  return concatenate(parameterNames.map((name) => model.parameters[name]));
}

/** The inverse of {@link flatParameters}: copies of each tensor's part of a flat vector [P]. */
export function splitParameters(flat: Float32Array, sizes: ShapeSizes): Record<ParameterName, Float32Array> {
  const offsets = parameterOffsets(sizes);
  return Object.fromEntries(
    parameterNames.map((name) => {
      const start = offsets[name];
      return [name, flat.slice(start, start + sizeOf(parameterShape(sizes, name)))];
    }),
  ) as Record<ParameterName, Float32Array>;
}

/**
 * One u32 per parameter: bit 0 present, bits 1–2 sign (0 free, 1 excitatory, 2 inhibitory), bit 3 learned, bits 4–7
 * which tensor. The twin of shaders/lib/constraint.wgsl.
 * @param learned which tensors get a gradient and are updated.
 */
export function parameterRules(model: Model, learned: Readonly<Record<ParameterName, boolean>>): Uint32Array {
  const parts = parameterNames.map((name, tensor) => {
    const mask = model.masks[name as WeightName];
    const sign = model.signs[name as WeightName];
    const fixed = (tensor << tensorShift) | (learned[name] ? learnedBit : 0);
    return Uint32Array.from(model.parameters[name], (_, index) => {
      const present = mask === undefined || mask[index] === 1 ? 1 : 0;
      return fixed | (signCode(sign?.[index] ?? 0) << 1) | present;
    });
  });
  const all = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** The factor on every parameter's update, 1 where the model says nothing. */
export function flatPlasticity(model: Model): Float32Array {
  return concatenate(
    parameterNames.map(
      (name) => model.plasticity[name as WeightName] ?? new Float32Array(model.parameters[name].length).fill(1),
    ),
  );
}

/** Joins arrays end to end. */
export function concatenate(parts: readonly Float32Array[]): Float32Array {
  const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
