import { vec2 } from "gl-matrix";
import type { Arena } from "./arena.ts";
import { edgesOf, type Region } from "./region.ts";
import { directionOf, touching, type Vector } from "./vector.ts";

/** Metres from a place to the boundary of a region in a direction; infinite where the ray misses it. */
function distanceTo(region: Region, place: Vector, direction: Vector): number {
  if (region.type === "circle") {
    // |offset + s direction| = radius
    const offset = vec2.subtract([0, 0], place, region.centre);
    const middle = -vec2.dot(offset, direction);
    const under = region.radius ** 2 - vec2.dot(offset, offset) + middle ** 2;
    if (under < 0) return Number.POSITIVE_INFINITY;
    const [near, far] = [middle - Math.sqrt(under), middle + Math.sqrt(under)];
    if (near >= -touching) return Math.max(0, near);
    return far >= -touching ? Math.max(0, far) : Number.POSITIVE_INFINITY;
  }
  let least = Number.POSITIVE_INFINITY;
  for (const { from, length, along, outward } of edgesOf(region)) {
    const across = vec2.dot(direction, outward);
    if (Math.abs(across) < 1e-12) continue;
    const offset = vec2.subtract([0, 0], from, place);
    const distance = vec2.dot(offset, outward) / across;
    const onEdge = distance * vec2.dot(direction, along) - vec2.dot(offset, along);
    if (distance >= -touching && onEdge >= -touching && onEdge <= length + touching)
      least = Math.min(least, Math.max(0, distance));
  }
  return least;
}

/** Metres from a free place to the first wall or obstacle in the direction of an angle (radians). */
export function distanceAhead({ walls, obstacles }: Arena, place: Vector, angle: number): number {
  const direction = directionOf(angle);
  return [walls, ...obstacles].reduce(
    (least, region) => Math.min(least, distanceTo(region, place, direction)),
    Number.POSITIVE_INFINITY,
  );
}
