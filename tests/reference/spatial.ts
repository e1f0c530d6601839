/** Maps of known scores, and measures written from their formulas, in float64. */
import { Matrix, solve } from "ml-matrix";

/** A map [size, size] over (0, 1)²; x is that of the row. */
export function mapFrom(
  size: number,
  value: (x: number, y: number) => number,
): { values: Float64Array; shape: number[] } {
  const values = Float64Array.from({ length: size * size }, (_, bin) =>
    value((Math.floor(bin / size) + 0.5) / size, ((bin % size) + 0.5) / size),
  );
  return { values, shape: [size, size] };
}

/** The maps of grid-score.json. */
export const scoredMaps = {
  "hex_lambda0.35": mapFrom(20, hexagons(0.35)),
  "hex_lambda0.45_shift_rot15": mapFrom(20, hexagons(0.45, Math.PI / 12, [0.1, 0.2])),
  "square_lambda0.35": mapFrom(20, (x, y) =>
    Math.max(0, Math.cos((2 * Math.PI * x) / 0.35) + Math.cos((2 * Math.PI * y) / 0.35)),
  ),
  stripes: mapFrom(20, (x) => Math.max(0, Math.cos((2 * Math.PI * x) / 0.3))),
} as const;

/** max(0, 0.2 + mean_j cos(4π / (√3 λ) k_j · (x - phase))), k_j at `turn` + 60° j. */
export function hexagons(
  lambda: number,
  turn = 0,
  phase: readonly [number, number] = [0, 0],
): (x: number, y: number) => number {
  const wave = (4 * Math.PI) / (Math.sqrt(3) * lambda);
  return (x, y) => {
    const waves = [0, 1, 2].map((index) => {
      const angle = turn + (index * Math.PI) / 3;
      return Math.cos(wave * (Math.cos(angle) * (x - phase[0]) + Math.sin(angle) * (y - phase[1])));
    });
    return Math.max(0, 0.2 + waves.reduce((sum, value) => sum + value, 0) / 3);
  };
}

/** Pearson's correlation in two passes; NaN where one does not vary. */
export function pearson(one: readonly number[], other: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [first, second] = [mean(one), mean(other)];
  const sum = (value: (index: number) => number): number => one.reduce((total, _, index) => total + value(index), 0);
  const a = (index: number): number => (one[index] ?? Number.NaN) - first;
  const b = (index: number): number => (other[index] ?? Number.NaN) - second;
  return sum((index) => a(index) * b(index)) / Math.sqrt(sum((index) => a(index) ** 2) * sum((index) => b(index) ** 2));
}

/** The autocorrelogram at one lag, from lists of the pairs. */
export function lagCorrelation(
  values: ArrayLike<number>,
  [rows, columns]: readonly [number, number],
  [rowLag, columnLag]: readonly [number, number],
): number {
  const [one, other]: [number[], number[]] = [[], []];
  for (let row = 0; row < rows; row += 1)
    for (let column = 0; column < columns; column += 1) {
      const [toRow, toColumn] = [row + rowLag, column + columnLag];
      if (toRow < 0 || toRow >= rows || toColumn < 0 || toColumn >= columns) continue;
      const pair = [values[row * columns + column], values[toRow * columns + toColumn]] as [number, number];
      if (pair.some(Number.isNaN)) continue;
      one.push(pair[0]);
      other.push(pair[1]);
    }
  return pearson(one, other);
}

/** The cubic B-spline at a distance. */
function spline(distance: number): number {
  const d = Math.abs(distance);
  if (d < 1) return 2 / 3 - d * d + d ** 3 / 2;
  return d < 2 ? (2 - d) ** 3 / 6 : 0;
}

/** A place of the mirrored line 0 … size - 1. */
function mirrored(index: number, size: number): number {
  const period = 2 * (size - 1);
  const place = ((index % period) + period) % period;
  return place < size ? place : period - place;
}

/** Σ_k c_k β(x - k) at x over a mirrored line, as weights of its coefficients. */
function splineRow(x: number, size: number): number[] {
  const row = new Array<number>(size).fill(0);
  for (let k = Math.floor(x) - 3; k <= Math.floor(x) + 4; k += 1) {
    const index = mirrored(k, size);
    row[index] = (row[index] ?? 0) + spline(x - k);
  }
  return row;
}

/** The cubic spline through an image at a place, by solving for all coefficients at once. */
export function splineSurface(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
): (row: number, column: number) => number {
  const through = (size: number): Matrix => new Matrix(Array.from({ length: size }, (_, at) => splineRow(at, size)));
  const image = Matrix.from1DArray(rows, columns, Array.from(values));
  const coefficients = solve(through(columns), solve(through(rows), image).transpose()).transpose();
  return (row, column) => {
    const [down, right] = [splineRow(row, rows), splineRow(column, columns)];
    let sum = 0;
    down.forEach((first, r) => {
      right.forEach((second, c) => {
        sum += first * second * coefficients.get(r, c);
      });
    });
    return sum;
  };
}
