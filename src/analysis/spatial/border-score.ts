import { ValueError } from "../../errors.ts";
import { readMap, type SpatialMap } from "./map.ts";

export interface BorderScoreOptions {
  /** A field is where the rate is above this share of its largest value; 0.3 unless given. */
  readonly threshold?: number;
  /** Fewest bins of a field; 4 unless given. */
  readonly leastBins?: number;
}

/** How much a unit is active along a wall. */
export interface BorderScore {
  /** (cM - dM) / (cM + dM), in [-1, 1]. */
  readonly score: number;
  /** cM: the largest share of a wall that is along one field. */
  readonly coverage: number;
  /** dM: mean distance of the fields from the nearest wall, weighted by their rates, as a share of the largest. */
  readonly distance: number;
  /** Bins of each field, row-major numbers. */
  readonly fields: readonly Uint32Array[];
}

/**
 * The border score of a rate map of a rectangular arena (Solstad, Boccara, Kropff, Moser & Moser 2008): 1 for a field of
 * no width along the whole of a wall, below 0 for one in the middle. Distances are those of bins from the outermost
 * bins, over half of the shorter side.
 * @param map rates, of at least 0; NaN is in no field.
 * @returns `undefined` for a map without fields.
 * @throws ShapeError; ValueError for a negative rate or fewer than 3 bins on a side.
 */
export function borderScore(map: SpatialMap, options: BorderScoreOptions = {}): BorderScore | undefined {
  const label = "borderScore";
  const [rows, columns] = readMap(map, label);
  const { threshold = 0.3, leastBins = 4 } = options;
  if (!(threshold >= 0 && threshold < 1))
    throw new ValueError(`${label}: threshold: expected a number in [0, 1), got ${threshold}.`);
  if (rows < 3 || columns < 3)
    throw new ValueError(`${label}: expected at least 3 by 3 bins, got ${rows} by ${columns}.`);
  const rates = Float64Array.from(map.values);
  const negative = rates.findIndex((rate) => rate < 0);
  if (negative >= 0) throw new ValueError(`${label}: bin ${negative} is ${rates[negative]}; expected at least 0.`);
  const largest = Math.max(0, ...rates.filter((rate) => !Number.isNaN(rate)));
  const fields = fieldsOf(rates, rows, columns, threshold * largest).filter((field) => field.length >= leastBins);
  if (largest === 0 || fields.length === 0) return undefined;
  const coverage = Math.max(...fields.map((field) => wallShare(field, rows, columns)));
  let [sum, total] = [0, 0];
  const farthest = (Math.min(rows, columns) - 1) / 2;
  for (const bin of fields.flatMap((field) => [...field])) {
    const [row, column] = [Math.floor(bin / columns), bin % columns];
    const distance = Math.min(row, column, rows - 1 - row, columns - 1 - column) / farthest;
    sum += (rates[bin] as number) * distance;
    total += rates[bin] as number;
  }
  const distance = sum / total;
  return { score: (coverage - distance) / (coverage + distance), coverage, distance, fields };
}

/** Bins above a rate that share sides. */
function fieldsOf(rates: Float64Array, rows: number, columns: number, least: number): readonly Uint32Array[] {
  const seen = Uint8Array.from(rates, (rate) => (rate > least ? 0 : 1));
  const fields: Uint32Array[] = [];
  for (let first = 0; first < rates.length; first += 1) {
    if (seen[first] === 1) continue;
    const field = [first];
    seen[first] = 1;
    for (const bin of field) {
      const [row, column] = [Math.floor(bin / columns), bin % columns];
      const near = [
        row > 0 ? bin - columns : bin,
        row < rows - 1 ? bin + columns : bin,
        column > 0 ? bin - 1 : bin,
        column < columns - 1 ? bin + 1 : bin,
      ];
      for (const other of near) {
        if (seen[other] === 1) continue;
        seen[other] = 1;
        field.push(other);
      }
    }
    fields.push(Uint32Array.from(field).sort());
  }
  return fields;
}

/** The largest share of one of the four walls whose bins are in a field. */
function wallShare(field: Uint32Array, rows: number, columns: number): number {
  const along = [0, 0, 0, 0] as [number, number, number, number];
  for (const bin of field) {
    const [row, column] = [Math.floor(bin / columns), bin % columns];
    if (row === 0) along[0] += 1;
    if (row === rows - 1) along[1] += 1;
    if (column === 0) along[2] += 1;
    if (column === columns - 1) along[3] += 1;
  }
  return Math.max(along[0] / columns, along[1] / columns, along[2] / rows, along[3] / rows);
}
