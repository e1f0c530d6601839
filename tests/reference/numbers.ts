/** Any flat list of numbers: `number[]`, `Float32Array` or `Float64Array`. */
export type Numbers = ArrayLike<number>;

/** One element; a read outside the list throws, so that a wrong index in a loop cannot pass unseen. */
export function at(values: Numbers, index: number): number {
  const value = values[index];
  if (value === undefined) throw new RangeError(`index ${index} lies outside a list of ${values.length}`);
  return value;
}

/** Adds to one element in place. */
export function add(values: Float64Array, index: number, amount: number): void {
  values[index] = at(values, index) + amount;
}

export function sum(values: Numbers): number {
  let total = 0;
  for (let index = 0; index < values.length; index += 1) total += at(values, index);
  return total;
}

/** √Σ x² over one or more lists. */
export function euclideanNorm(...lists: readonly Numbers[]): number {
  let squares = 0;
  for (const values of lists) {
    for (let index = 0; index < values.length; index += 1) squares += at(values, index) ** 2;
  }
  return Math.sqrt(squares);
}

/** The sum of two lists of the same length. */
export function plus(left: Numbers, right: Numbers): Float64Array {
  if (left.length !== right.length) throw new RangeError(`lengths differ: ${left.length} and ${right.length}`);
  return Float64Array.from({ length: left.length }, (_, index) => at(left, index) + at(right, index));
}

/** The largest |actual - expected|; NaN anywhere gives NaN, and a length that differs throws. */
export function largestDifference(actual: Numbers, expected: Numbers): number {
  if (actual.length !== expected.length) {
    throw new RangeError(`expected ${expected.length} numbers, got ${actual.length}`);
  }
  let largest = 0;
  for (let index = 0; index < expected.length; index += 1) {
    largest = Math.max(largest, Math.abs(at(actual, index) - at(expected, index)));
  }
  return largest;
}

/**
 * The largest |actual - expected| as a fraction of the tensor's own largest |expected|: what "1e-4 relative" means for
 * a whole gradient, where single entries may be close to zero by cancellation.
 */
export function relativeDifference(actual: Numbers, expected: Numbers): number {
  let scale = 0;
  for (let index = 0; index < expected.length; index += 1) scale = Math.max(scale, Math.abs(at(expected, index)));
  const difference = largestDifference(actual, expected);
  return difference === 0 ? 0 : difference / scale;
}
