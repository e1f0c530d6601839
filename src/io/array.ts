import { ShapeError } from "../errors.ts";

/** An n-dimensional float32 array, row-major (the last axis varies fastest). A shape of `[]` holds one number. */
export interface ArrayData {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** Receives one line for everything a reader changed or left out: a rounded value, a skipped entry. */
export type OnNotice = (message: string) => void;

/** The product of the axis lengths, or `undefined` where one is not a non-negative integer or the product overflows. */
export function tryElementCount(shape: readonly number[]): number | undefined {
  if (!shape.every((length) => Number.isSafeInteger(length) && length >= 0)) return undefined;
  if (shape.includes(0)) return 0;
  let count = 1;
  for (const length of shape) {
    count *= length;
    if (!Number.isSafeInteger(count)) return undefined;
  }
  return count;
}

/**
 * How many elements an array of this shape has.
 * @throws {ShapeError} where an axis length is not a non-negative integer, or the product overflows.
 */
export function elementCount(shape: readonly number[]): number {
  const count = tryElementCount(shape);
  if (count === undefined) {
    throw new ShapeError(`shape ${formatShape(shape)}: axis lengths must be integers ≥ 0 with a product below 2^53`);
  }
  return count;
}

/** A shape as it appears in messages: `[128, 64]`. */
export function formatShape(shape: readonly number[]): string {
  return `[${shape.join(", ")}]`;
}

/**
 * Checks that an array holds as many numbers as its shape says.
 * @throws {ShapeError} naming `label`.
 */
export function checkArrayData(array: ArrayData, label: string): void {
  const expected = tryElementCount(array.shape);
  if (expected !== array.data.length) {
    throw new ShapeError(
      `${label}: shape ${formatShape(array.shape)} needs ${expected ?? "too many"} elements, got ${array.data.length}`,
    );
  }
}
