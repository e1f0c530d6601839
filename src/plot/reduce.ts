import { extent } from "./check.ts";

/** A point of a curve in data units. */
export type Point = readonly [x: number, y: number];

/**
 * At most about `limit` points that look like all of them: of each of limit/2 stretches its lowest and its highest
 * point, in their order, so that no spike is lost; the first and the last point always stay.
 */
export function decimate(points: readonly Point[], limit: number): readonly Point[] {
  if (points.length <= limit) return points;
  const stretches = Math.max(1, Math.floor((limit - 2) / 2));
  const kept = new Set<number>([0, points.length - 1]);
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    const start = Math.floor((stretch * points.length) / stretches);
    const end = Math.floor(((stretch + 1) * points.length) / stretches);
    let lowest = start;
    let highest = start;
    for (let index = start; index < end; index += 1) {
      const y = points[index]?.[1] ?? 0;
      if (y < (points[lowest]?.[1] ?? 0)) lowest = index;
      if (y > (points[highest]?.[1] ?? 0)) highest = index;
    }
    kept.add(lowest).add(highest);
  }
  return points.filter((_, index) => kept.has(index));
}

/**
 * The means of at most `limit` stretches of a curve, for values such as 0 and 1 whose extremes say nothing; all points
 * if there are no more than that.
 */
export function averageBlocks(points: readonly Point[], limit: number): readonly Point[] {
  const size = Math.ceil(points.length / limit);
  if (size <= 1) return points;
  return Array.from({ length: Math.ceil(points.length / size) }, (_, block): Point => {
    const part = points.slice(block * size, (block + 1) * size);
    return [mean(part.map((point) => point[0])), mean(part.map((point) => point[1]))];
  });
}

/**
 * The running mean or median of a curve, at no more than `limit` of its points. The window is centred and holds 1/25 of
 * the points. At the start it shrinks from both sides, to about a quarter, so that a steep beginning is not flattened;
 * at the end it is cut off.
 */
export function smooth(points: readonly Point[], limit: number, statistic: "mean" | "median"): readonly Point[] {
  const last = points.length - 1;
  const half = Math.max(2, Math.floor(points.length / 50));
  const ys = Float64Array.from(points, (point) => point[1]);
  const count = Math.min(points.length, limit);
  return Array.from({ length: count }, (_, place): Point => {
    const centre = count === 1 ? 0 : Math.round((place * last) / (count - 1));
    const ahead = Math.min(half, Math.max(centre, 2, Math.floor(half / 4)));
    const window = ys.slice(Math.max(0, centre - half), centre + ahead + 1);
    return [points[centre]?.[0] ?? 0, statistic === "mean" ? mean(window) : quantile(window, 0.5)];
  });
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index] ?? 0;
  return sum / values.length;
}

/**
 * The value below which the fraction `share` (0…1) of the numbers lies, interpolated between neighbours.
 * @returns 0 for no numbers.
 */
export function quantile(values: ArrayLike<number>, share: number): number {
  const sorted = Float64Array.from(values).sort();
  if (sorted.length === 0) return 0;
  const place = share * (sorted.length - 1);
  const below = sorted[Math.floor(place)] ?? 0;
  const above = sorted[Math.ceil(place)] ?? below;
  return below + (above - below) * (place - Math.floor(place));
}

/** The extent of the values with a margin at both ends, never empty, for the domain of an axis. */
export function paddedExtent(values: ArrayLike<number>, margin = 0.06): readonly [low: number, high: number] {
  const [low, high] = extent(values);
  const padding = high > low ? (high - low) * margin : Math.max(Math.abs(high) * 0.1, 0.5);
  return [low - padding, high + padding];
}

/**
 * Averages blocks of a row-major matrix, so that neither side has more than `limit` cells.
 * @returns the smaller matrix, its sizes, and the block that became one cell (the last block of a side may be cut off).
 */
export function poolMatrix(
  values: Float32Array,
  rows: number,
  columns: number,
  limit: number,
): { values: Float32Array; rows: number; columns: number; blockRows: number; blockColumns: number } {
  const blockRows = Math.ceil(rows / limit);
  const blockColumns = Math.ceil(columns / limit);
  if (blockRows === 1 && blockColumns === 1) return { values, rows, columns, blockRows, blockColumns };
  const pooledRows = Math.ceil(rows / blockRows);
  const pooledColumns = Math.ceil(columns / blockColumns);
  const sums = new Float64Array(pooledRows * pooledColumns);
  const counts = new Float64Array(sums.length);
  for (let index = 0; index < values.length; index += 1) {
    const row = Math.floor(index / columns / blockRows);
    const cell = row * pooledColumns + Math.floor((index % columns) / blockColumns);
    sums[cell] = (sums[cell] ?? 0) + (values[index] ?? 0);
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  const pooled = Float32Array.from(sums, (sum, cell) => sum / (counts[cell] ?? 1));
  return { values: pooled, rows: pooledRows, columns: pooledColumns, blockRows, blockColumns };
}
