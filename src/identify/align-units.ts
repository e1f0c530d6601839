import { munkres } from "munkres";
import { ShapeError, ValueError } from "../errors.ts";
import { correlate, meanOf } from "./correlate.ts";
import { checkLength } from "./recording.ts";

/** Which unit of one network does the work of which of another. */
export interface UnitAlignment {
  /** [units of the reference]: the unit that matches, -1 where the other network has too few. */
  readonly match: Int32Array;
  /** [units of the reference]: correlation of the two tuning curves; `undefined` without a match or of a flat curve. */
  readonly correlations: readonly (number | undefined)[];
  /** Mean of those. */
  readonly correlation: number | undefined;
}

const mostUnits = 2048;

/**
 * Matches units by their tuning curves: the one-to-one assignment with the largest sum of correlations, by the Hungarian
 * algorithm (Kuhn 1955; package munkres). A flat curve counts as correlation 0.
 * @param reference, other tuning curves [units, points], at the same points, such as a unit's velocity × heading map.
 * @throws ShapeError; ValueError for values that are not finite or more than 2,048 units.
 */
export function alignUnits(
  reference: ArrayLike<number>,
  other: ArrayLike<number>,
  { points }: { readonly points: number },
): UnitAlignment {
  const [rows, columns] = [reference, other].map((curves, index) => {
    const label = `alignUnits: ${index === 0 ? "reference" : "other"}`;
    const units = curves.length / points;
    if (!Number.isInteger(points) || points < 2 || !Number.isInteger(units) || units < 1)
      throw new ShapeError(`${label}: expected [units, ${points}], two points or more, got ${curves.length} values.`);
    if (units > mostUnits)
      throw new ValueError(`${label}: ${units} units; at most ${mostUnits} are matched. Match some of them.`);
    checkLength(label, curves, `[${units}, ${points}]`, curves.length);
    const values = Float64Array.from(curves);
    return Array.from({ length: units }, (_, unit) => values.subarray(unit * points, (unit + 1) * points));
  }) as [Float64Array[], Float64Array[]];
  const correlations = rows.map((a) => columns.map((b) => correlate(a, b)));
  const match = new Int32Array(rows.length).fill(-1);
  for (const [unit, found] of munkres(correlations.map((row) => row.map((value) => 1 - (value ?? 0)))))
    match[unit] = found;
  const found = correlations.map((row, unit) => row[match[unit] as number]);
  return { match, correlations: found, correlation: meanOf(found) };
}
