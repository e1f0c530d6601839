import { vec2 } from "gl-matrix";
import { z } from "zod";
import { ValueError } from "../../errors.ts";
import type { Random } from "../../random.ts";

/**
 * Places and directions of the plane are plain arrays of numbers, so that gl-matrix computes in float64; what it makes
 * itself is float32.
 */
export type Vector = readonly [x: number, y: number];

const centre = z.tuple([z.number(), z.number()]).default([0, 0]);

/** A convex region of the plane: a box along the axes, or a disc. All lengths are metres. */
export const regionSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("box"), width: z.number().positive(), height: z.number().positive(), centre }),
  z.strictObject({ type: z.literal("circle"), radius: z.number().positive(), centre }),
]);
export type Region = z.output<typeof regionSchema>;

/** Where an agent can be: inside the walls, and outside every obstacle. */
export const arenaSchema = z.strictObject({ walls: regionSchema, obstacles: z.array(regionSchema).default([]) });
export type Arena = z.output<typeof arenaSchema>;

/** Metres within which two places are the same. */
const touching = 1e-9;

/** The nearest boundary of a region, as seen from a place. */
export interface Boundary {
  /** Signed: negative inside of the region. */
  readonly distance: number;
  /** The unit vector in which the distance grows: out of the region. */
  readonly outward: Vector;
}

const sides: readonly Vector[] = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
];

/** The signed distance of a place from a region, and its gradient. */
export function boundaryOf(region: Region, place: Vector): Boundary {
  const [x, y] = vec2.subtract([0, 0], place, region.centre) as [number, number];
  if (region.type === "circle") {
    const length = Math.hypot(x, y);
    return { distance: length - region.radius, outward: length > 0 ? [x / length, y / length] : [1, 0] };
  }
  const [halfWidth, halfHeight] = [region.width / 2, region.height / 2];
  const beyond: [number, number] = [Math.max(0, Math.abs(x) - halfWidth), Math.max(0, Math.abs(y) - halfHeight)];
  const outside = Math.hypot(...beyond);
  if (outside > 0)
    return { distance: outside, outward: [(Math.sign(x) * beyond[0]) / outside, (Math.sign(y) * beyond[1]) / outside] };
  const within = [halfWidth - x, halfHeight - y, halfWidth + x, halfHeight + y];
  const nearest = Math.min(...within);
  return { distance: -nearest, outward: sides[within.indexOf(nearest)] as Vector };
}

/** The place in a region that is nearest to a place. */
function nearestWithin(region: Region, place: Vector): Vector {
  if (region.type === "box") {
    const half: Vector = [region.width / 2, region.height / 2];
    const least = vec2.subtract([0, 0], region.centre, half);
    const most = vec2.add([0, 0], region.centre, half);
    return vec2.max([0, 0], least, vec2.min([0, 0], most, place)) as [number, number];
  }
  const { distance, outward } = boundaryOf(region, place);
  return distance <= 0 ? place : (vec2.scaleAndAdd([0, 0], region.centre, outward, region.radius) as [number, number]);
}

/** What an agent could walk into. */
export interface Wall {
  /** Of the place from the wall, in metres; negative where an agent cannot be. */
  readonly distance: number;
  /** The unit vector to the wall. */
  readonly towards: Vector;
}

/** The nearest wall or obstacle. */
export function nearestWall({ walls, obstacles }: Arena, place: Vector): Wall {
  const around = boundaryOf(walls, place);
  let nearest: Wall = { distance: -around.distance, towards: around.outward };
  for (const obstacle of obstacles) {
    const { distance, outward } = boundaryOf(obstacle, place);
    if (distance < nearest.distance) nearest = { distance, towards: vec2.negate([0, 0], outward) as [number, number] };
  }
  return nearest;
}

/** Whether an agent can be there; a place on a wall is free. */
export function isFree(arena: Arena, place: Vector): boolean {
  return nearestWall(arena, place).distance >= -touching;
}

/** The box around an arena's walls. */
function boundsOf({ walls }: Arena): { readonly least: Vector; readonly most: Vector } {
  const [x, y] = walls.centre;
  const [right, up] =
    walls.type === "box" ? [walls.width / 2, walls.height / 2] : ([walls.radius, walls.radius] as const);
  return { least: [x - right, y - up], most: [x + right, y + up] };
}

const mostTries = 10_000;

/**
 * A free place of an arena, evenly at random; with `x`, on that vertical line.
 * @throws {@link ValueError} where none of 10,000 places is free.
 */
export function freePlace(arena: Arena, random: Random, x?: number): Vector {
  const { least, most } = boundsOf(arena);
  for (let tries = 0; tries < mostTries; tries += 1) {
    const place: Vector = [x ?? random.uniform(least[0], most[0]), random.uniform(least[1], most[1])];
    if (isFree(arena, place)) return place;
  }
  const where = x === undefined ? "in the arena" : `at x = ${x}`;
  throw new ValueError(`arena: none of ${mostTries} places ${where} was free; are there too many obstacles?`);
}

/**
 * Where the way from a free place to another first meets an obstacle. The signed distance of a convex region is convex
 * along the way, so that a Newton step never goes past the boundary, and what recedes once is not met any more.
 */
function firstContact(
  obstacles: readonly Region[],
  from: Vector,
  to: Vector,
): { readonly place: Vector; readonly outward: Vector } | undefined {
  const length = vec2.distance(from, to);
  if (length === 0) return undefined;
  const direction = vec2.scale([0, 0], vec2.subtract([0, 0], to, from), 1 / length);
  let first: { place: Vector; outward: Vector } | undefined;
  let nearest = length;
  for (const obstacle of obstacles) {
    let along = 0;
    while (along < nearest) {
      const place = vec2.scaleAndAdd([0, 0], from, direction, along) as [number, number];
      const { distance, outward } = boundaryOf(obstacle, place);
      const approach = -vec2.dot(direction, outward);
      // Along the boundary, but for rounding.
      if (approach < 1e-12) break;
      if (distance < touching) {
        nearest = along;
        first = { place, outward };
        break;
      }
      along += distance / approach;
    }
  }
  return first;
}

/**
 * Where a step from a free place ends. At a wall or an obstacle only the part of the step along it is left, so that the
 * agent neither enters it nor goes through it, however long the step is.
 */
export function stepWithin({ walls, obstacles }: Arena, from: Vector, to: Vector): Vector {
  let place = from;
  let goal = nearestWithin(walls, to);
  // In a corner between two obstacles nothing is left after the second.
  for (let contacts = 0; contacts < 2; contacts += 1) {
    const contact = firstContact(obstacles, place, goal);
    if (contact === undefined) return goal;
    place = contact.place;
    const rest = vec2.subtract([0, 0], goal, place);
    const slide = vec2.scaleAndAdd([0, 0], rest, contact.outward, -vec2.dot(rest, contact.outward));
    goal = nearestWithin(walls, vec2.add([0, 0], place, slide) as [number, number]);
  }
  return firstContact(obstacles, place, goal)?.place ?? goal;
}
