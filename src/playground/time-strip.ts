import { ShapeError, ValueError } from "../errors.ts";

/** The last rows of numbers that came, the oldest of which make room for new ones. */
export class TimeStrip {
  readonly capacity: number;
  readonly width: number;
  readonly #values: Float32Array;
  #count = 0;

  /** @param capacity rows that are kept; @param width numbers of a row. @throws ValueError */
  constructor(capacity: number, width: number) {
    for (const [name, value] of Object.entries({ capacity, width }))
      if (!Number.isInteger(value) || value < 1)
        throw new ValueError(`time strip: ${name}: expected a positive integer, got ${value}.`);
    this.capacity = capacity;
    this.width = width;
    this.#values = new Float32Array(capacity * width);
  }

  /** Rows that are kept now. */
  get length(): number {
    return Math.min(this.#count, this.capacity);
  }

  /** Adds a row. @throws ShapeError for another number of values. */
  push(row: ArrayLike<number>): void {
    if (row.length !== this.width)
      throw new ShapeError(`time strip: expected rows of ${this.width} numbers, got ${row.length}.`);
    this.#values.set(row, (this.#count % this.capacity) * this.width);
    this.#count += 1;
  }

  /** A number of a row, the oldest row 0; NaN where there is none. */
  at(row: number, column: number): number {
    if (row < 0 || row >= this.length || column < 0 || column >= this.width) return Number.NaN;
    const place = (this.#count - this.length + row) % this.capacity;
    return this.#values[place * this.width + column] as number;
  }

  clear(): void {
    this.#count = 0;
  }
}
