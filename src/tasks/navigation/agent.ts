import { vec2 } from "gl-matrix";
import type { Random } from "../../random.ts";
import { type Arena, nearestWall, stepWithin, type Vector } from "./arena.ts";
import { Drift } from "./drift.ts";

/** Where an agent is and where it looks. */
export interface Agent {
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
export function moveAgent(arena: Arena, { place, heading }: Agent, { speed, turn }: Move, seconds: number): Agent {
  const ahead: Vector = [Math.cos(heading), Math.sin(heading)];
  const to = vec2.scaleAndAdd([0, 0], place, ahead, speed * seconds) as [number, number];
  return { place: stepWithin(arena, place, to), heading: heading + turn };
}

/**
 * The turn along the wall or obstacle that an agent faces, where that is nearer than `border` metres; 0 where nothing is
 * in its way. The agent turns to the side to which it looks already.
 */
export function turnAlongWall(arena: Arena, { place, heading }: Agent, border: number): number {
  const { distance, towards } = nearestWall(arena, place);
  if (!(distance < border)) return 0;
  const ahead: Vector = [Math.cos(heading), Math.sin(heading)];
  const facing = Math.atan2(vec2.dot(ahead, [-towards[1], towards[0]]), vec2.dot(ahead, towards));
  if (!(Math.abs(facing) < Math.PI / 2)) return 0;
  return (facing < 0 ? -1 : 1) * (Math.PI / 2 - Math.abs(facing));
}

/** How an agent walks at random. */
export interface Motion {
  /** Scale of the Rayleigh distribution of the speed, in metres per second; its mean is 1.25 times this. */
  readonly speed: number;
  /** Time constant of the autocorrelation of the speed's two Gaussian parts. */
  readonly speedMs: number;
  /** Random turning: the standard deviation of the heading after one second, in radians. */
  readonly turning: number;
  /** So near to a wall that it faces, in metres, the agent slows down and turns along it. */
  readonly border: number;
}

/** A walk of some steps, each row [x, y]. */
export interface Walk {
  /** [steps, 2], metres per second, in the step. */
  readonly velocities: Float64Array;
  /** [steps, 2], metres, after the step. */
  readonly positions: Float64Array;
}

/**
 * A random walk in an arena (Erdem & Hasselmo 2012; Banino et al. 2018; Sorscher et al. 2019): the speed is Rayleigh
 * distributed; the heading turns at random; near a wall that it faces the agent goes at a quarter of its speed and turns
 * along the wall. It never leaves the arena: a step that would end outside ends at the wall, and its velocity is what the
 * step was, so that positions are always the sum of the velocities.
 *
 * Where theirs differ: speed and turning are drawn anew at every step of 20 ms, so that how far an agent gets depends
 * on the time step, and a fast step can end outside. Here both have a scale in time.
 */
export function walkInArena(
  arena: Arena,
  motion: Motion,
  start: Agent,
  steps: number,
  dtMs: number,
  random: Random,
): Walk {
  const seconds = dtMs / 1000;
  const velocities = new Float64Array(2 * steps);
  const positions = new Float64Array(2 * steps);
  const [across, along] = [0, 1].map(() => new Drift(motion.speed, motion.speedMs, dtMs, random)) as [Drift, Drift];
  let agent = start;
  for (let step = 0; step < steps; step += 1) {
    const avoidance = turnAlongWall(arena, agent, motion.border);
    // The length of a vector of two independent Gaussian numbers is Rayleigh distributed.
    const speed = (avoidance === 0 ? 1 : 0.25) * Math.hypot(across.next(), along.next());
    const turn = avoidance + motion.turning * Math.sqrt(seconds) * random.normal();
    const next = moveAgent(arena, agent, { speed, turn }, seconds);
    velocities.set(vec2.divide([0, 0], vec2.subtract([0, 0], next.place, agent.place), [seconds, seconds]), 2 * step);
    positions.set(next.place, 2 * step);
    agent = next;
  }
  return { velocities, positions };
}
