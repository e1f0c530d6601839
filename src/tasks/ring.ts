import { ValueError } from "../errors.ts";
import { checkCount, checkPositive } from "../structure/options.ts";
import { angleBetween } from "./angles.ts";

/** The activity [size] of a ring of units for an angle in radians, times a strength (1 unless given). */
export type Ring = (angle: number, strength?: number) => Float64Array;

/** The preferred angles of `size` units evenly around a circle: 2πk / size. */
export function ringAngles(size: number): Float64Array {
  checkCount("ring: size", size);
  return Float64Array.from({ length: size }, (_, unit) => (2 * Math.PI * unit) / size);
}

function tuned(size: number, tuning: (distance: number) => number): Ring {
  const preferred = ringAngles(size);
  return (angle, strength = 1) => {
    if (!Number.isFinite(angle)) throw new ValueError(`ring: expected a finite angle, got ${angle}.`);
    if (strength === 0) return new Float64Array(size);
    return preferred.map((own) => strength * tuning(angleBetween(angle, own)));
  };
}

/** Units of a Gaussian tuning: height · exp(-d² / (2 width²)), with d the distance of the angles. */
export function gaussianRing(options: {
  readonly size: number;
  readonly height?: number;
  readonly width: number;
}): Ring {
  const { size, height = 1 } = options;
  const width = checkPositive("gaussianRing: width", options.width);
  return tuned(size, (distance) => height * Math.exp(-((distance / width) ** 2) / 2));
}

/** Units of a von Mises tuning: height · exp(κ (cos d - 1)), with d the distance of the angles; its top is `height`. */
export function vonMisesRing(options: {
  readonly size: number;
  readonly height?: number;
  readonly kappa: number;
}): Ring {
  const { size, height = 1 } = options;
  const kappa = checkPositive("vonMisesRing: kappa", options.kappa);
  return tuned(size, (distance) => height * Math.exp(kappa * (Math.cos(distance) - 1)));
}

/** Units of a cosine tuning: height · cos d, with d the distance of the angles (neurogym, with a base of its own). */
export function cosineRing(options: { readonly size: number; readonly height?: number }): Ring {
  const { size, height = 1 } = options;
  return tuned(size, (distance) => height * Math.cos(distance));
}

/** `high` for number `index` of `size` values, `low` for the others. @throws {@link ValueError} for an index out of range. */
export function oneHot(index: number, size: number, high = 1, low = 0): Float64Array {
  if (!Number.isInteger(index) || index < 0 || index >= size)
    throw new ValueError(`oneHot: expected an index of 0 … ${size - 1}, got ${index}.`);
  const values = new Float64Array(size).fill(low);
  values[index] = high;
  return values;
}

/** The sum of lists of the same length, such as two bumps on one ring. */
export function sumOf(...lists: readonly ArrayLike<number>[]): Float64Array {
  const [first = []] = lists;
  const sum = new Float64Array(first.length);
  for (const list of lists) {
    if (list.length !== sum.length) throw new ValueError(`sumOf: lists of ${sum.length} and ${list.length} values.`);
    for (let index = 0; index < sum.length; index += 1) sum[index] = (sum[index] as number) + (list[index] as number);
  }
  return sum;
}
