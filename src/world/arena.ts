import { vec2 } from "gl-matrix";
import { z } from "zod";
import { ValueError } from "../errors.ts";
import type { Random } from "../random.ts";
import type { Edge } from "./polygon.ts";
import { boundaryOf, boundsOf, edgesOf, nearestWithin, type Region, regionSchema } from "./region.ts";
import { touching, type Vector } from "./vector.ts";

export { type Boundary, boundaryOf, type Region, regionSchema } from "./region.ts";
export type { Vector } from "./vector.ts";

/** Where an agent can be: inside the walls, and outside every obstacle. */
export const arenaSchema = z.strictObject({ walls: regionSchema, obstacles: z.array(regionSchema).default([]) });
export type Arena = z.output<typeof arenaSchema>;

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

const mostTries = 10_000;

/**
 * A free place of an arena, evenly at random; with `x`, on that vertical line.
 * @throws {@link ValueError} where none of 10,000 places is free.
 */
export function freePlace(arena: Arena, random: Random, x?: number): Vector {
  const { least, most } = boundsOf(arena.walls);
  for (let tries = 0; tries < mostTries; tries += 1) {
    const place: Vector = [x ?? random.uniform(least[0], most[0]), random.uniform(least[1], most[1])];
    if (isFree(arena, place)) return place;
  }
  const where = x === undefined ? "in the arena" : `at x = ${x}`;
  throw new ValueError(`arena: none of ${mostTries} places ${where} was free; are there too many obstacles?`);
}

/** Where a way meets a boundary. */
interface Contact {
  readonly place: Vector;
  /** Unit vector from the boundary to where an agent can be. */
  readonly free: Vector;
  /** Metres from where the way begins. */
  readonly along: number;
}

/**
 * Where a way first meets a box or a disc from outside. The signed distance of a convex region is convex along the way,
 * so that a Newton step never goes past the boundary, and what recedes once is not met any more.
 */
function contactWithConvex(region: Region, from: Vector, direction: Vector, length: number): Contact | undefined {
  let along = 0;
  while (along < length) {
    const place = vec2.scaleAndAdd([0, 0], from, direction, along) as [number, number];
    const { distance, outward } = boundaryOf(region, place);
    const approach = -vec2.dot(direction, outward);
    // Along the boundary, but for rounding.
    if (approach < 1e-12) return undefined;
    if (distance < touching) return { place, free: outward, along };
    along += distance / approach;
  }
  return undefined;
}

/** Where a way first meets one of some sides from the side on which an agent can be: outside, or inside of walls. */
function contactWithEdges(
  edges: readonly Edge[],
  inside: boolean,
  from: Vector,
  direction: Vector,
  length: number,
): Contact | undefined {
  let first: Contact | undefined;
  for (const edge of edges) {
    const free: Vector = inside ? [-edge.outward[0], -edge.outward[1]] : edge.outward;
    const approach = -vec2.dot(direction, free);
    if (approach < 1e-12) continue;
    const offset = vec2.subtract([0, 0], from, edge.from);
    const height = vec2.dot(offset, free);
    if (height < -touching) continue;
    const along = Math.max(0, height / approach);
    if (!(along < (first?.along ?? length))) continue;
    const place = vec2.scaleAndAdd([0, 0], from, direction, along) as [number, number];
    const onEdge = vec2.dot(vec2.subtract([0, 0], place, edge.from), edge.along);
    if (onEdge >= -touching && onEdge <= edge.length + touching) first = { place, free, along };
  }
  return first;
}

/** Where the way from a free place to another first meets an obstacle, or walls that are a polygon. */
function firstContact({ walls, obstacles }: Arena, from: Vector, to: Vector): Contact | undefined {
  const length = vec2.distance(from, to);
  if (length === 0) return undefined;
  const direction = vec2.scale([0, 0], vec2.subtract([0, 0], to, from), 1 / length) as [number, number];
  let first = walls.type === "polygon" ? contactWithEdges(edgesOf(walls), true, from, direction, length) : undefined;
  for (const obstacle of obstacles) {
    const until = first?.along ?? length;
    const contact =
      obstacle.type === "polygon"
        ? contactWithEdges(edgesOf(obstacle), false, from, direction, until)
        : contactWithConvex(obstacle, from, direction, until);
    first = contact ?? first;
  }
  return first;
}

/**
 * Where a step from a free place ends. At a wall or an obstacle only the part of the step along it is left, so that the
 * agent neither enters it nor goes through it, however long the step is.
 */
export function stepWithin(arena: Arena, from: Vector, to: Vector): Vector {
  const { walls } = arena;
  // Nothing lies between a place in a convex region and the nearest one to a goal outside; of a polygon, its sides stop.
  const insideWalls = (goal: Vector): Vector => (walls.type === "polygon" ? goal : nearestWithin(walls, goal));
  let place = from;
  let goal = insideWalls(to);
  // In a corner between two obstacles nothing is left after the second.
  for (let contacts = 0; contacts < 2; contacts += 1) {
    const contact = firstContact(arena, place, goal);
    if (contact === undefined) return goal;
    place = contact.place;
    const rest = vec2.subtract([0, 0], goal, place);
    const slide = vec2.scaleAndAdd([0, 0], rest, contact.free, -vec2.dot(rest, contact.free));
    goal = insideWalls(vec2.add([0, 0], place, slide) as [number, number]);
  }
  return firstContact(arena, place, goal)?.place ?? goal;
}
