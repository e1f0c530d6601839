import { vec2 } from "gl-matrix";
import type { Arena } from "./arena.ts";
import { edgesOf, type Region } from "./region.ts";
import { directionOf, type Vector } from "./vector.ts";

/** A place that float32 has rounded may lie so far beyond a wall, relative to its size. */
const rounding = 1e-6;

/**
 * Metres from a place to where a ray leaves a region (`leaves`), or to where it enters it; infinite where it does not.
 * Only sides that the ray crosses that way count, so that the wall that an agent touches is not in its way when it looks
 * away from it.
 */
function distanceTo(region: Region, leaves: boolean, place: Vector, direction: Vector): number {
  const slack = rounding * Math.max(1, Math.hypot(...place));
  const counted = (distance: number): number => (distance >= -slack ? Math.max(0, distance) : Number.POSITIVE_INFINITY);
  if (region.type === "circle") {
    // |offset + s direction| = radius
    const offset = vec2.subtract([0, 0], place, region.centre);
    const middle = -vec2.dot(offset, direction);
    const under = region.radius ** 2 - vec2.dot(offset, offset) + middle ** 2;
    if (leaves) return Math.max(0, middle + Math.sqrt(Math.max(0, under)));
    return under < 0 ? Number.POSITIVE_INFINITY : counted(middle - Math.sqrt(under));
  }
  let least = Number.POSITIVE_INFINITY;
  for (const { from, length, along, outward } of edgesOf(region)) {
    const across = vec2.dot(direction, outward);
    if (leaves ? across < 1e-12 : across > -1e-12) continue;
    const offset = vec2.subtract([0, 0], from, place);
    const distance = vec2.dot(offset, outward) / across;
    const onEdge = distance * vec2.dot(direction, along) - vec2.dot(offset, along);
    if (onEdge >= -slack && onEdge <= length + slack) least = Math.min(least, counted(distance));
  }
  return least;
}

/** Metres from a free place to the first wall or obstacle in the direction of an angle (radians). */
export function distanceAhead({ walls, obstacles }: Arena, place: Vector, angle: number): number {
  const direction = directionOf(angle);
  return obstacles.reduce(
    (least, obstacle) => Math.min(least, distanceTo(obstacle, false, place, direction)),
    distanceTo(walls, true, place, direction),
  );
}
