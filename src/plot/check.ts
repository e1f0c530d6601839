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

/** @throws ValueError unless `value` is finite and above 0; `unit` says of what it is a number. */
export function checkPositive(name: string, value: number, unit: string): void {
  if (value > 0 && Number.isFinite(value)) return;
  throw new ValueError(`${name}: expected ${unit} above 0, got ${value}.`);
}

/** @throws ValueError unless `range` is two finite numbers, the smaller one first. */
export function checkRange(name: string, range: readonly [low: number, high: number]): void {
  const [low, high] = range;
  if (range.length === 2 && Number.isFinite(low) && Number.isFinite(high) && low < high) return;
  throw new ValueError(
    `${name}: expected two finite numbers, the smaller one first, got ${Array.from(range).join(", ")}.`,
  );
}

/** @throws ShapeError unless there are 1 … `most` of them. */
export function checkNumberOf(name: string, list: ArrayLike<unknown>, most: number): void {
  if (list.length >= 1 && list.length <= most) return;
  throw new ShapeError(`${name}: expected 1 … ${most}, got ${list.length}. Choose some to draw.`);
}

/**
 * As {@link checkFinite} for values that may be NaN where nothing was measured.
 * @throws ValueError if an element is infinite.
 */
export function checkFiniteOrNaN(name: string, values: ArrayLike<number>, columns: number): void {
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (Math.abs(value) !== Number.POSITIVE_INFINITY) continue;
    throw new ValueError(
      `${name}[${Math.floor(index / columns)}, ${index % columns}]: expected a finite number, or NaN, got ${value}.`,
    );
  }
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
