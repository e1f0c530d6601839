import { type Axis, binOf, checkAxis } from "../analysis/spatial/bins.ts";
import type { SpatialMap } from "../analysis/spatial/map.ts";
import { ShapeError, ValueError } from "../errors.ts";
import type { Vector } from "../world/world.ts";

/** Rate maps of many units, added up step by step; each is made when somebody looks at it. */
export class PlaceMaps {
  readonly #axis: Axis;
  readonly #units: number;
  /** [bins, units]: sums of rates. */
  readonly #sums: Float64Array;
  readonly #counts: Uint32Array;

  /** @param axis of both dimensions of the box. @throws ValueError */
  constructor(axis: Axis, units: number) {
    checkAxis(axis, "place maps");
    if (!Number.isInteger(units) || units < 1)
      throw new ValueError(`place maps: units: expected a positive integer, got ${units}.`);
    this.#axis = axis;
    this.#units = units;
    this.#sums = new Float64Array(axis.bins ** 2 * units);
    this.#counts = new Uint32Array(axis.bins ** 2);
  }

  /** Adds the rates of a step at a place. @throws ShapeError; ValueError for a place outside of the box. */
  add([x, y]: Vector, rates: ArrayLike<number>): void {
    if (rates.length !== this.#units)
      throw new ShapeError(`place maps: expected ${this.#units} rates, got ${rates.length}.`);
    const [column, row] = [binOf(this.#axis, x), binOf(this.#axis, y)];
    if (column < 0 || row < 0) throw new ValueError(`place maps: (${x}, ${y}) lies outside of the box.`);
    const bin = row * this.#axis.bins + column;
    this.#counts[bin] = (this.#counts[bin] as number) + 1;
    const start = bin * this.#units;
    for (let unit = 0; unit < this.#units; unit += 1)
      this.#sums[start + unit] = (this.#sums[start + unit] as number) + (rates[unit] as number);
  }

  /** The mean rate of a unit in [row, column] (y, x); NaN where nobody was. @throws ValueError */
  mapOf(unit: number): SpatialMap & { readonly values: Float64Array } {
    if (!Number.isInteger(unit) || unit < 0 || unit >= this.#units)
      throw new ValueError(`place maps: expected a unit of 0 … ${this.#units - 1}, got ${unit}.`);
    const { bins } = this.#axis;
    const values = Float64Array.from(
      this.#counts,
      (count, bin) => (this.#sums[bin * this.#units + unit] as number) / count,
    );
    return { values, shape: [bins, bins] };
  }

  /** Share of the bins in which somebody was. */
  get visited(): number {
    return this.#counts.filter((count) => count > 0).length / this.#counts.length;
  }
}
