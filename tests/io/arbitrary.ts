import fc from "fast-check";
import type { ArrayData } from "../../src/io/array.ts";

/** Arrays of 0 to 4 axes, some of length 0, with any float32 but NaN. */
export const arrays: fc.Arbitrary<ArrayData> = fc
  .array(fc.integer({ min: 0, max: 4 }), { maxLength: 4 })
  .chain((shape) => {
    const length = shape.reduce((product, axis) => product * axis, 1);
    return fc
      .float32Array({ minLength: length, maxLength: length, noNaN: true })
      .map((data) => ({ shape, data: Float32Array.from(data) }));
  });

/** Names as people and other packages give them, less those that no zip entry may have. */
export const names: fc.Arbitrary<string> = fc.oneof(
  fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/),
  fc.constantFrom("W_in/Adam", "0", "12", "poids réseau", "重み", "__proto__", "constructor", "a.b"),
);

/** An array of numbers 0, 1, 2, ... of a shape. */
export function ramp(...shape: number[]): ArrayData {
  const length = shape.reduce((product, axis) => product * axis, 1);
  return { shape, data: Float32Array.from({ length }, (_, i) => i) };
}
