import { ShapeError, ValueError } from "../../errors.ts";

/** A function of the plane in bins, such as a unit's mean rate: [rows, columns], NaN where it is not known. */
export interface SpatialMap {
  readonly values: ArrayLike<number>;
  /** [rows, columns] */
  readonly shape: readonly number[];
}

/** Rows and columns of a map. @throws ShapeError; ValueError for a value that is infinite, or if none is known. */
export function readMap({ values, shape }: SpatialMap, label: string): readonly [rows: number, columns: number] {
  const [rows = 0, columns = 0] = shape;
  if (shape.length !== 2 || !(rows >= 1) || !(columns >= 1) || values.length !== rows * columns)
    throw new ShapeError(
      `${label}: expected a map of [rows, columns], got ${values.length} values of [${shape.join(", ")}].`,
    );
  let known = 0;
  for (let bin = 0; bin < values.length; bin += 1) {
    const value = values[bin] as number;
    if (value === Number.POSITIVE_INFINITY || value === Number.NEGATIVE_INFINITY)
      throw new ValueError(`${label}: bin [${Math.floor(bin / columns)}, ${bin % columns}] is ${value}.`);
    if (!Number.isNaN(value)) known += 1;
  }
  if (known === 0) throw new ValueError(`${label}: no bin was visited: every value is NaN.`);
  return [rows, columns];
}
