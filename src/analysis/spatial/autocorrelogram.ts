import { ValueError } from "../../errors.ts";
import { readMap, type SpatialMap } from "./map.ts";

export interface AutocorrelogramOptions {
  /** Fewest pairs of visited bins for a lag to have a value; 2 unless given. Twenty is usual for recordings. */
  readonly leastPairs?: number;
  /** `"nsi"`: unvisited bins count as 0, and so do lags without a correlation, as in DeepMind's scorer. */
  readonly compat?: "nsi";
}

/**
 * Spatial autocorrelogram: for each lag Pearson's correlation of the map with itself so shifted, over the bins that are
 * visited in both, (n Σab - Σa Σb) / √((n Σa² - (Σa)²)(n Σb² - (Σb)²)) (Hafting et al. 2005).
 * @returns [2 rows - 1, 2 columns - 1], lag (0, 0) in the middle; NaN where there are too few pairs, or these do not vary.
 * @throws ShapeError, ValueError
 */
export function autocorrelogram(
  map: SpatialMap,
  { leastPairs = 2, compat }: AutocorrelogramOptions = {},
): SpatialMap & { readonly values: Float64Array } {
  const [rows, columns] = readMap(map, "autocorrelogram");
  if (!Number.isInteger(leastPairs) || leastPairs < 2)
    throw new ValueError(`autocorrelogram: leastPairs: expected an integer of at least 2, got ${leastPairs}.`);
  const centred = centre(map.values, compat === "nsi");
  const shape = [2 * rows - 1, 2 * columns - 1] as const;
  const values = new Float64Array(shape[0] * shape[1]);
  const none = compat === "nsi" ? 0 : Number.NaN;
  // The lag (-r, -c) has the same pairs as (r, c).
  for (let rowLag = 0; rowLag < rows; rowLag += 1)
    for (let columnLag = rowLag === 0 ? 0 : 1 - columns; columnLag < columns; columnLag += 1) {
      const value = correlationAt(centred, rows, columns, rowLag, columnLag, leastPairs) ?? none;
      values[(rows - 1 + rowLag) * shape[1] + columns - 1 + columnLag] = value;
      values[(rows - 1 - rowLag) * shape[1] + columns - 1 - columnLag] = value;
    }
  return { values, shape };
}

/** The values less their mean, which the correlation does not see, and which costs precision. */
function centre(values: ArrayLike<number>, unvisitedAre0: boolean): Float64Array {
  const own = Float64Array.from(values, (value) => (unvisitedAre0 && Number.isNaN(value) ? 0 : value));
  const known = own.filter((value) => !Number.isNaN(value));
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return own.map((value) => value - mean);
}

function correlationAt(
  values: Float64Array,
  rows: number,
  columns: number,
  rowLag: number,
  columnLag: number,
  leastPairs: number,
): number | undefined {
  let [n, a, b, aa, bb, ab] = [0, 0, 0, 0, 0, 0];
  const firstColumn = Math.max(0, -columnLag);
  const lastColumn = Math.min(columns, columns - columnLag);
  for (let row = 0; row < rows - rowLag; row += 1)
    for (let column = firstColumn; column < lastColumn; column += 1) {
      const one = values[row * columns + column] as number;
      const other = values[(row + rowLag) * columns + column + columnLag] as number;
      if (Number.isNaN(one) || Number.isNaN(other)) continue;
      n += 1;
      a += one;
      b += other;
      aa += one * one;
      bb += other * other;
      ab += one * other;
    }
  if (n < leastPairs) return undefined;
  const [first, second] = [n * aa - a * a, n * bb - b * b];
  // What rounding leaves of values that do not vary is no variance.
  if (!(first > 1e-12 * n * aa) || !(second > 1e-12 * n * bb)) return undefined;
  return (n * ab - a * b) / Math.sqrt(first * second);
}
