import { ValueError } from "../errors.ts";
import type { TorusParameters } from "./torus.ts";

/** Rate maps of some units: the box goes from 0 to `size` metres along x and y, in `bins` x `bins` squares. */
export interface TorusMapOptions {
  readonly size: number;
  readonly bins: number;
  /** row · side + column on the sheet. */
  readonly units: ArrayLike<number>;
}

/** Rate maps, added up frame by frame. */
export interface TorusMaps {
  readonly size: number;
  readonly bins: number;
  readonly units: Uint32Array;
  /** [units, bins, bins] (y, x): mean rates; NaN where the animals never were. */
  readonly rates: Float64Array;
  /** [bins, bins] seconds that the animals were there. */
  readonly seconds: Float64Array;
}

/** Adds up the rate maps of some units of a sheet. */
export class MapStore {
  readonly #size: number;
  readonly #bins: number;
  readonly #units: Uint32Array;
  readonly #area: number;
  readonly #frameSeconds: number;
  readonly #sums: Float64Array;
  readonly #frames: Float64Array;

  /** @throws ValueError for a box or units that cannot be. */
  constructor({ side }: TorusParameters, { size, bins, units }: TorusMapOptions, frameSeconds: number) {
    if (!(size > 0 && Number.isFinite(size)))
      throw new ValueError(`torus maps: size: expected a positive number of metres, got ${size}.`);
    if (!Number.isInteger(bins) || bins < 1 || bins > 1024)
      throw new ValueError(`torus maps: bins: expected an integer from 1 to 1024, got ${bins}.`);
    this.#area = side * side;
    const wrong = Array.from(units).find((unit) => !Number.isInteger(unit) || unit < 0 || unit >= this.#area);
    if (wrong !== undefined)
      throw new ValueError(`torus maps: units: expected numbers from 0 to ${this.#area - 1}, got ${wrong}.`);
    this.#size = size;
    this.#bins = bins;
    this.#units = Uint32Array.from(units);
    this.#frameSeconds = frameSeconds;
    this.#sums = new Float64Array(this.#units.length * bins * bins);
    this.#frames = new Float64Array(bins * bins);
  }

  /**
   * @param rates [trials, side, side]; travelled, origin [trials, 2] metres, whose sum is the place in the box.
   * @throws ValueError for a place outside of the box.
   */
  add(rates: Float32Array, travelled: Float64Array, origin: Float64Array): void {
    const bins = this.#bins;
    for (let trial = 0; 2 * trial < travelled.length; trial += 1) {
      const [column, row] = [0, 1].map((axis) =>
        this.#binOf((travelled[2 * trial + axis] as number) + (origin[2 * trial + axis] as number), trial),
      ) as [number, number];
      const bin = row * bins + column;
      this.#frames[bin] = (this.#frames[bin] as number) + 1;
      for (const [index, unit] of this.#units.entries()) {
        const at = index * bins * bins + bin;
        this.#sums[at] = (this.#sums[at] as number) + (rates[trial * this.#area + unit] as number);
      }
    }
  }

  result(): TorusMaps {
    const area = this.#bins * this.#bins;
    return {
      ...{ size: this.#size, bins: this.#bins, units: this.#units },
      rates: this.#sums.map((sum, at) => sum / (this.#frames[at % area] as number)),
      seconds: this.#frames.map((frames) => frames * this.#frameSeconds),
    };
  }

  #binOf(place: number, trial: number): number {
    // Rounding of the sum of many steps may put an animal at the wall a hair's breadth outside.
    const slack = 1e-6 * this.#size;
    if (!(place >= -slack && place <= this.#size + slack))
      throw new ValueError(
        `torus maps: trial ${trial} is at ${place} m, outside of the box from 0 to ${this.#size} m. Does start fit the walk?`,
      );
    return Math.max(0, Math.min(this.#bins - 1, Math.floor((place / this.#size) * this.#bins)));
  }
}
