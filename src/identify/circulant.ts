import { momentsOf } from "../analysis/series.ts";
import { ShapeError, ValueError } from "../errors.ts";

/** Where units stand on a ring, or on a torus of several axes. */
export interface Lattice {
  /** Units along each axis; [K] is a ring, [rows, columns] a torus. Their product is the number of units. */
  readonly axes: readonly number[];
  /** [K]: the unit at each place, row-major; default unit k at place k. */
  readonly order?: ArrayLike<number> | undefined;
}

/** How a matrix looks once it is averaged over all turns of the ring. */
export interface CirculantPart {
  /**
   * [K]: mean weight at each displacement, from the postsynaptic to the presynaptic place (mod each axis), row-major:
   * p_k = mean over i of W[i, i + k].
   */
  readonly profile: Float64Array;
  /** Share of the variance of entries off the diagonal that the profile explains; `undefined` if they do not vary. */
  readonly share: number | undefined;
}

/**
 * The circulant part of a matrix [K, K] (post, pre) and its share: 1 where a weight depends on the displacement alone,
 * about 1 / K for independent weights.
 * @throws ShapeError, ValueError for a lattice that does not hold the K units once each.
 */
export function circulantPart(matrix: ArrayLike<number>, lattice: Lattice): CirculantPart {
  const { axes } = lattice;
  const units = axes.reduce((size, length) => size * length, 1);
  if (matrix.length !== units ** 2)
    throw new ShapeError(`circulantPart: expected [${units}, ${units}] (post, pre), got ${matrix.length} values.`);
  const order = placesOf(lattice, units);
  const profile = new Float64Array(units);
  const shifts = displacements(axes, units);
  for (let post = 0; post < units; post += 1)
    for (let pre = 0; pre < units; pre += 1) {
      const shift = shifts(post, pre);
      profile[shift] =
        (profile[shift] as number) +
        (matrix[(order[post] as number) * units + (order[pre] as number)] as number) / units;
    }
  // Displacement 0 is the diagonal; every other one has as many entries, so means of means are means.
  const rest = profile.subarray(1);
  const { mean, variance } = momentsOf(rest.length > 0 ? rest : [0]);
  let squares = 0;
  for (let post = 0; post < units; post += 1)
    for (let pre = 0; pre < units; pre += 1)
      if (post !== pre) squares += ((matrix[post * units + pre] as number) - mean) ** 2;
  const total = squares / (units * (units - 1));
  return { profile, share: total > 1e-26 * mean ** 2 && total > 0 ? Math.min(1, variance / total) : undefined };
}

/** Which displacement leads from place `post` to place `pre`. */
function displacements(axes: readonly number[], units: number): (post: number, pre: number) => number {
  const coordinates = Array.from({ length: units }, (_, place) => {
    let rest = place;
    return axes
      .toReversed()
      .map((length) => {
        const coordinate = rest % length;
        rest = (rest - coordinate) / length;
        return coordinate;
      })
      .toReversed();
  });
  return (post, pre) => {
    const [from, to] = [coordinates[post] as number[], coordinates[pre] as number[]];
    return axes.reduce(
      (index, length, axis) => index * length + (((to[axis] as number) - (from[axis] as number) + length) % length),
      0,
    );
  };
}

/** The unit at each place. */
function placesOf({ axes, order }: Lattice, units: number): ArrayLike<number> {
  if (axes.length === 0 || axes.some((length) => !Number.isInteger(length) || length < 1))
    throw new ValueError(`lattice: axes: expected positive integers, got [${axes.join(", ")}].`);
  if (order === undefined) return Uint32Array.from({ length: units }, (_, place) => place);
  const places = Array.from(order);
  if (places.length !== units)
    throw new ShapeError(`lattice: order: expected the ${units} units of the lattice, got ${places.length}.`);
  const once = new Set(places);
  const wrong = places.findIndex((unit) => !Number.isInteger(unit) || unit < 0 || unit >= units);
  if (wrong >= 0 || once.size !== units)
    throw new ValueError(
      `lattice: order: expected every unit of 0 to ${units - 1} once; look at place ${Math.max(wrong, 0)}.`,
    );
  return places;
}
