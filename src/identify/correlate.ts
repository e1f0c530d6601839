/** Below this share of its values' size, a deviation is rounding. */
const rounding = 1e-13;

/**
 * Pearson's correlation of two lists of the same length; `undefined` where one of them does not vary, by more than
 * rounding.
 */
export function correlate(x: ArrayLike<number>, y: ArrayLike<number>): number | undefined {
  const [left, right] = [deviations(x), deviations(y)];
  if (left === undefined || right === undefined) return undefined;
  let product = 0;
  for (let index = 0; index < left.length; index += 1) product += (left[index] as number) * (right[index] as number);
  // Rounding may leave ±1 behind.
  return Math.max(-1, Math.min(1, product));
}

/** (x - x̄) / √Σ (x - x̄)². */
function deviations(values: ArrayLike<number>): Float64Array | undefined {
  let [mean, largest] = [0, 0];
  for (let index = 0; index < values.length; index += 1) {
    mean += (values[index] as number) / values.length;
    largest = Math.max(largest, Math.abs(values[index] as number));
  }
  const result = Float64Array.from(values, (value) => value - mean);
  const norm = Math.sqrt(result.reduce((sum, value) => sum + value * value, 0));
  if (!(norm > rounding * largest * Math.sqrt(values.length))) return undefined;
  for (let index = 0; index < result.length; index += 1) result[index] = (result[index] as number) / norm;
  return result;
}

/** Mean of those that are defined; `undefined` where none is. */
export function meanOf(values: Iterable<number | undefined>): number | undefined {
  let [sum, count] = [0, 0];
  for (const value of values) {
    if (value === undefined) continue;
    sum += value;
    count += 1;
  }
  return count > 0 ? sum / count : undefined;
}

/** The entries of a square matrix [units, units] off its diagonal. */
export function offDiagonal(matrix: ArrayLike<number>, units: number): Float64Array {
  const entries = new Float64Array(units * (units - 1));
  let at = 0;
  for (let row = 0; row < units; row += 1)
    for (let column = 0; column < units; column += 1) {
      if (row === column) continue;
      entries[at] = matrix[row * units + column] as number;
      at += 1;
    }
  return entries;
}

/** C = A diag(g) B, of A [rows, inner], B [inner, columns]; g all 1 where it is absent. */
export function product(
  a: ArrayLike<number>,
  b: ArrayLike<number>,
  inner: number,
  diagonal?: ArrayLike<number>,
): Float64Array {
  const [rows, columns] = [a.length / inner, b.length / inner];
  const result = new Float64Array(rows * columns);
  for (let row = 0; row < rows; row += 1)
    for (let k = 0; k < inner; k += 1) {
      const factor = (a[row * inner + k] as number) * (diagonal === undefined ? 1 : (diagonal[k] as number));
      if (factor === 0) continue;
      for (let column = 0; column < columns; column += 1)
        result[row * columns + column] =
          (result[row * columns + column] as number) + factor * (b[k * columns + column] as number);
    }
  return result;
}
