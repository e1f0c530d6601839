import { ShapeError, ValueError } from "../errors.ts";

/**
 * @throws ShapeError unless `values` has the product of `shape` as its length.
 */
export function checkShape(
  name: string,
  values: ArrayLike<number | string | undefined>,
  shape: readonly number[],
  axes: string,
): void {
  const expected = shape.reduce((product, size) => product * size, 1);
  if (values.length === expected) return;
  throw new ShapeError(
    `${name}: expected [${shape.join(", ")}] (${axes}), that is ${expected} elements, got ${values.length}.`,
  );
}

/**
 * Splits a flat row-major array into rows.
 * @returns the number of columns.
 * @throws ShapeError if the rows do not come out even, or are empty.
 */
export function countColumns(name: string, values: ArrayLike<number>, rows: number, axes: string): number {
  const columns = values.length / rows;
  if (Number.isInteger(columns) && columns > 0) return columns;
  throw new ShapeError(
    `${name}: expected [${rows}, n] (${axes}) with n at least 1, got ${values.length} elements, ` +
      `which is not a positive multiple of ${rows}.`,
  );
}

/** @throws ValueError unless `value` is an integer of at least 1. */
export function checkCount(name: string, value: number): void {
  if (Number.isInteger(value) && value >= 1) return;
  throw new ValueError(`${name}: expected a positive integer, got ${value}.`);
}

/**
 * @param columns elements per row, to name the offender by row and column; absent = by its index.
 * @throws ValueError if an element is NaN or infinite.
 */
export function checkFinite(name: string, values: ArrayLike<number>, columns?: number): void {
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (Number.isFinite(value)) continue;
    const place = columns === undefined ? `${index}` : `${Math.floor(index / columns)}, ${index % columns}`;
    throw new ValueError(`${name}[${place}]: expected a finite number, got ${value}. Did training diverge?`);
  }
}

/** The smallest and the largest element of a non-empty finite array. */
export function extent(values: ArrayLike<number>): readonly [low: number, high: number] {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? 0;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  return [low, high];
}
