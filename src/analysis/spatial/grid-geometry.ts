import { Matrix, SingularValueDecomposition } from "ml-matrix";
import { ValueError } from "../../errors.ts";
import { autocorrelogram } from "./autocorrelogram.ts";
import { readMap, type SpatialMap } from "./map.ts";

/** A local maximum of an autocorrelogram. */
export interface Peak {
  /** Lags in bins, between bins by a parabola. */
  readonly row: number;
  readonly column: number;
  readonly value: number;
}

/** How a grid lies. */
export interface GridGeometry {
  /** Mean distance of the six nearest peaks from the middle, in bins, or in units of `binSize`. */
  readonly spacing: number;
  /**
   * Radians in [0, π/3): the angle, from the column axis towards the row axis, of the grid's axes; their mean in the
   * sense of six-fold symmetry.
   */
  readonly orientation: number;
  /** Longer over shorter half-axis of the ellipse through the six peaks: 1 for a regular hexagon. */
  readonly ellipticity: number;
  /** Angle of the longer half-axis, radians in [0, π). */
  readonly ellipseAngle: number;
  /** Three of the six peaks; the others are opposite to them. */
  readonly peaks: readonly Peak[];
}

export interface GridGeometryOptions {
  /** Correlation above which a local maximum is a peak; 0.1 unless given. */
  readonly threshold?: number;
  /** Side of a bin, such as metres; 1 unless given. */
  readonly binSize?: number;
  /** Fewest pairs of bins of a lag; 20 unless given, so that the edges of the autocorrelogram have no peaks. */
  readonly leastPairs?: number;
}

/**
 * Spacing, orientation and ellipticity of a grid: the six peaks of its {@link autocorrelogram} around the middle (Hafting
 * et al. 2005; Krupic et al. 2015 for the ellipse).
 * @returns `undefined` where there are fewer than six peaks, or no ellipse goes through them.
 * @throws ShapeError, ValueError
 */
export function gridGeometry(map: SpatialMap, options: GridGeometryOptions = {}): GridGeometry | undefined {
  const { threshold = 0.1, binSize = 1, leastPairs = 20 } = options;
  if (!(binSize > 0)) throw new ValueError(`gridGeometry: binSize: expected a positive number, got ${binSize}.`);
  readMap(map, "gridGeometry");
  const peaks = autocorrelogramPeaks(autocorrelogram(map, { leastPairs }), threshold)
    // One of each pair of opposite ones.
    .filter(({ row, column }) => row > 0 || (row === 0 && column > 0))
    .slice(0, 3);
  const ellipse = peaks.length === 3 ? ellipseThrough(peaks) : undefined;
  if (ellipse === undefined) return undefined;
  const distances = peaks.map(({ row, column }) => Math.hypot(row, column));
  const sixfold = peaks.map(({ row, column }) => 6 * Math.atan2(row, column));
  const mean = Math.atan2(sumOf(sixfold.map(Math.sin)), sumOf(sixfold.map(Math.cos))) / 6;
  return {
    spacing: (binSize * sumOf(distances)) / 3,
    orientation: mean < 0 ? mean + Math.PI / 3 : mean,
    ...ellipse,
    peaks,
  };
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0);
}

/**
 * The local maxima of an autocorrelogram except for the middle, the nearest first.
 * @param sac [2 rows - 1, 2 columns - 1]; NaN is nowhere a peak.
 * @throws ShapeError, ValueError
 */
export function autocorrelogramPeaks(sac: SpatialMap, threshold: number): readonly Peak[] {
  const [rows, columns] = readMap(sac, "autocorrelogramPeaks");
  const at = (row: number, column: number): number => {
    if (row < 0 || row >= rows || column < 0 || column >= columns) return Number.NaN;
    return sac.values[row * columns + column] as number;
  };
  const peaks: Peak[] = [];
  const [middleRow, middleColumn] = [(rows - 1) / 2, (columns - 1) / 2];
  for (let row = 1; row < rows - 1; row += 1)
    for (let column = 1; column < columns - 1; column += 1) {
      const value = at(row, column);
      if (!(value > threshold) || (row === middleRow && column === middleColumn)) continue;
      if (!isPeak(at, row, column)) continue;
      peaks.push({
        row: row - middleRow + vertex(at(row - 1, column), value, at(row + 1, column)),
        column: column - middleColumn + vertex(at(row, column - 1), value, at(row, column + 1)),
        value,
      });
    }
  return peaks.sort((one, other) => Math.hypot(one.row, one.column) - Math.hypot(other.row, other.column));
}

/** Larger than all eight neighbours; of equal ones, as of a symmetric peak between two bins, the first counts. */
function isPeak(at: (row: number, column: number) => number, row: number, column: number): boolean {
  const value = at(row, column);
  for (let down = -1; down <= 1; down += 1)
    for (let right = -1; right <= 1; right += 1) {
      if (down === 0 && right === 0) continue;
      const other = at(row + down, column + right);
      const earlier = down < 0 || (down === 0 && right < 0);
      if (!(earlier ? value > other : value >= other)) return false;
    }
  return true;
}

/** Where the parabola through three neighbours is largest, from the middle one. */
function vertex(before: number, middle: number, after: number): number {
  const curvature = before - 2 * middle + after;
  return curvature < 0 ? (before - after) / (2 * curvature) : 0;
}

/** The ellipse a x² + b xy + c y² = 1 through three points, x the column and y the row. */
function ellipseThrough(
  peaks: readonly Peak[],
): { readonly ellipticity: number; readonly ellipseAngle: number } | undefined {
  const points = new Matrix(peaks.map(({ row, column }) => [column * column, column * row, row * row]));
  const decomposition = new SingularValueDecomposition(points);
  if (decomposition.condition > 1e9) return undefined;
  const [a = 0, b = 0, c = 0] = decomposition.solve(Matrix.columnVector([1, 1, 1])).to1DArray();
  const [middle, half] = [(a + c) / 2, Math.hypot((a - c) / 2, b / 2)];
  if (!(middle - half > 0)) return undefined;
  // The longer half-axis belongs to the smaller eigenvalue.
  const angle = Math.atan2(-b, c - a) / 2;
  return {
    ellipticity: Math.sqrt((middle + half) / (middle - half)),
    ellipseAngle: angle < 0 ? angle + Math.PI : angle,
  };
}
