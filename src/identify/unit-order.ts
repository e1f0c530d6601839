import { fullTurn } from "../analysis/angles.ts";
import { ShapeError } from "../errors.ts";
import { checkLength } from "./recording.ts";

export interface UnitOrderOptions {
  /** [units]: length of the tuning vector; units of 0, which prefer nothing, come last. */
  readonly strengths?: ArrayLike<number> | undefined;
  /** [units]: units of a smaller number come first, such as the sign of a shifter's input weight. */
  readonly groups?: ArrayLike<number> | undefined;
  /** Default false; nsi's notebook sorts its hidden units so. */
  readonly descending?: boolean | undefined;
}

/**
 * Units in the order of their preferred headings from 0 to 2π, for figures; `order[place]` = unit.
 * @param preferred [units], rad, as `preferredHeadings` has them.
 * @throws ShapeError, ValueError
 */
export function orderByHeading(
  preferred: ArrayLike<number>,
  { strengths, groups, descending = false }: UnitOrderOptions = {},
): Uint32Array {
  const units = preferred.length;
  for (const [name, values] of [
    ["preferred", preferred] as const,
    ["strengths", strengths] as const,
    ["groups", groups] as const,
  ])
    if (values !== undefined) checkLength(`orderByHeading: ${name}`, values, `[${units}]`, units);
  const angle = (unit: number): number => {
    const heading = preferred[unit] as number;
    return (descending ? -1 : 1) * (heading - fullTurn * Math.floor(heading / fullTurn));
  };
  const weak = (unit: number): number => (strengths === undefined || (strengths[unit] as number) > 0 ? 0 : 1);
  const group = (unit: number): number => groups?.[unit] ?? 0;
  return Uint32Array.from({ length: units }, (_, unit) => unit).sort(
    (a, b) => group(a) - group(b) || weak(a) - weak(b) || angle(a) - angle(b) || a - b,
  );
}

/**
 * Units in the order of the peaks of their tuning curves, for figures; of equal peaks, the first. `order[place]` = unit.
 * @param curves [units, points], such as tuning to heading.
 * @throws ShapeError; ValueError for a value that is not finite.
 */
export function orderByPeak(
  curves: ArrayLike<number>,
  { points, descending = false }: { readonly points: number; readonly descending?: boolean },
): Uint32Array {
  const units = curves.length / points;
  if (!Number.isInteger(points) || points < 1 || !Number.isInteger(units))
    throw new ShapeError(`orderByPeak: curves: expected [units, ${points}], got ${curves.length} values.`);
  if (units > 0) checkLength("orderByPeak: curves", curves, `[${units}, ${points}]`, curves.length);
  const peaks = Uint32Array.from({ length: units }, (_, unit) => {
    let peak = 0;
    for (let point = 1; point < points; point += 1)
      if ((curves[unit * points + point] as number) > (curves[unit * points + peak] as number)) peak = point;
    return peak;
  });
  const sign = descending ? -1 : 1;
  return Uint32Array.from({ length: units }, (_, unit) => unit).sort(
    (a, b) => sign * ((peaks[a] as number) - (peaks[b] as number)) || a - b,
  );
}
