import { ValueError } from "../../errors.ts";
import { readMap, type SpatialMap } from "./map.ts";

export interface SmoothOptions {
  /** Standard deviation of the Gaussian, in bins; 1 unless given. */
  readonly sigma?: number;
  /** Bins beyond which the Gaussian is cut off; 4 σ unless given. */
  readonly radius?: number;
  /** Whether rows, and columns, go around a circle. Default neither. */
  readonly periodic?: readonly [rows: boolean, columns: boolean];
  /** Whether unvisited bins get the mean of the visited ones around them. Default false: they stay NaN. */
  readonly fill?: boolean;
}

/**
 * A map smoothed by a Gaussian over the visited bins only: Σ g m / Σ g. Where nobody was, and at the edges, nothing is
 * taken for 0.
 * @throws ShapeError, ValueError
 */
export function smoothMap(
  map: SpatialMap,
  options: SmoothOptions = {},
): SpatialMap & { readonly values: Float64Array } {
  const label = "smoothMap";
  const [rows, columns] = readMap(map, label);
  const { sigma = 1, periodic = [false, false], fill = false } = options;
  const radius = options.radius ?? Math.ceil(4 * sigma);
  if (!(sigma > 0 && Number.isFinite(sigma)))
    throw new ValueError(`${label}: sigma: expected a positive number, got ${sigma}.`);
  if (!Number.isInteger(radius) || radius < 0)
    throw new ValueError(`${label}: radius: expected an integer of at least 0, got ${radius}.`);
  const across = weights(rows, sigma, radius, periodic[0]);
  const along = weights(columns, sigma, radius, periodic[1]);
  const values = new Float64Array(rows * columns).fill(Number.NaN);
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1) {
      const bin = row * columns + column;
      if (!fill && Number.isNaN(map.values[bin])) continue;
      let [sum, total] = [0, 0];
      for (const [otherRow, first] of across[row] as Weights)
        for (const [otherColumn, second] of along[column] as Weights) {
          const value = map.values[otherRow * columns + otherColumn] as number;
          if (Number.isNaN(value)) continue;
          sum += first * second * value;
          total += first * second;
        }
      if (total > 0) values[bin] = sum / total;
    }
  return { values, shape: [rows, columns] };
}

type Weights = readonly (readonly [place: number, weight: number])[];

/** For each place of an axis, those within the radius and their weights. */
function weights(size: number, sigma: number, radius: number, periodic: boolean): readonly Weights[] {
  return Array.from({ length: size }, (_, place) => {
    const near: [number, number][] = [];
    for (let offset = -radius; offset <= radius; offset += 1) {
      const other = periodic ? (((place + offset) % size) + size) % size : place + offset;
      if (other >= 0 && other < size) near.push([other, Math.exp(-((offset / sigma) ** 2) / 2)]);
    }
    return near;
  });
}
