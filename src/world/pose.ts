import { vec2 } from "gl-matrix";
import { type Arena, isFree, nearestWall, stepWithin } from "./arena.ts";
import { wrap } from "./periodic.ts";
import { distanceAhead } from "./rays.ts";
import { directionOf, type Vector } from "./vector.ts";

/** Where an agent is in the plane and where it looks. */
export interface Pose {
  /** Metres. */
  readonly place: Vector;
  /** Radians, counter-clockwise from the x axis; it is not wrapped. */
  readonly heading: number;
}

/** What an agent does in one step, whoever decides it: a random walk, a script, or somebody at the keyboard. */
export interface Move {
  /** Metres per second, the way it looks at the start of the step. */
  readonly speed: number;
  /** Radians, after it has moved. */
  readonly turn: number;
}

/** The agent after a step; walls and obstacles stop it ({@link stepWithin}). */
export function moveAgent(arena: Arena, { place, heading }: Pose, { speed, turn }: Move, seconds: number): Pose {
  const to = vec2.scaleAndAdd([0, 0], place, directionOf(heading), speed * seconds) as [number, number];
  return { place: stepWithin(arena, place, to), heading: heading + turn };
}

/**
 * The turn along the wall or obstacle that an agent faces, where that is nearer than `border` metres; 0 where nothing is
 * in its way. The agent turns to the side to which it looks already.
 */
export function turnAlongWall(arena: Arena, { place, heading }: Pose, border: number): number {
  const { distance, towards } = nearestWall(arena, place);
  if (!(distance < border)) return 0;
  const ahead = directionOf(heading);
  const facing = Math.atan2(vec2.dot(ahead, [-towards[1], towards[0]]), vec2.dot(ahead, towards));
  if (!(Math.abs(facing) < Math.PI / 2)) return 0;
  return (facing < 0 ? -1 : 1) * (Math.PI / 2 - Math.abs(facing));
}

/** The agent after a step in which, near a wall that it faces, it goes at a quarter of its speed and turns along it. */
export function moveAvoiding(arena: Arena, border: number, pose: Pose, { speed, turn }: Move, seconds: number): Pose {
  const avoidance = turnAlongWall(arena, pose, border);
  return moveAgent(arena, pose, { speed: (avoidance === 0 ? 1 : 0.25) * speed, turn: avoidance + turn }, seconds);
}

/**
 * The agent after a step by the rules of nsi's ArenaEnv2D: it turns first, by π/5 more where the wall or obstacle ahead is
 * nearer than `border`; then it moves, unless the step would end outside, in which case it stays. A long step can pass
 * through a thin obstacle.
 */
export function moveAsNsi(arena: Arena, border: number, pose: Pose, { speed, turn }: Move, seconds: number): Pose {
  const avoidance = distanceAhead(arena, pose.place, pose.heading) < border ? Math.PI / 5 : 0;
  const heading = wrap(pose.heading + turn + avoidance, 2 * Math.PI);
  const to = vec2.scaleAndAdd([0, 0], pose.place, directionOf(heading), speed * seconds) as [number, number];
  return { place: isFree(arena, to) ? to : pose.place, heading };
}
