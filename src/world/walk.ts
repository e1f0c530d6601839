import { vec2 } from "gl-matrix";
import type { Random } from "../random.ts";
import type { Arena } from "./arena.ts";
import { Drift } from "./drift.ts";
import { type Move, moveAvoiding, type Pose } from "./pose.ts";

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
export interface ArenaWalk {
  /** [steps, 2], metres per second, in the step. */
  readonly velocities: Float64Array;
  /** [steps, 2], metres, after the step. */
  readonly positions: Float64Array;
}

/** The moves of a walk whose speed and heading drift: each call is the next step. */
export function smoothMoves(motion: Omit<Motion, "border">, dtMs: number, random: Random): () => Move {
  const spread = motion.turning * Math.sqrt(dtMs / 1000);
  const [across, along] = [0, 1].map(() => new Drift(motion.speed, motion.speedMs, dtMs, random)) as [Drift, Drift];
  return () => {
    // The length of a vector of two independent Gaussian numbers is Rayleigh distributed.
    const speed = Math.hypot(across.next(), along.next());
    return { speed, turn: spread * random.normal() };
  };
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
  start: Pose,
  steps: number,
  dtMs: number,
  random: Random,
): ArenaWalk {
  const seconds = dtMs / 1000;
  const velocities = new Float64Array(2 * steps);
  const positions = new Float64Array(2 * steps);
  const nextMove = smoothMoves(motion, dtMs, random);
  let pose = start;
  for (let step = 0; step < steps; step += 1) {
    const next = moveAvoiding(arena, motion.border, pose, nextMove(), seconds);
    velocities.set(vec2.divide([0, 0], vec2.subtract([0, 0], next.place, pose.place), [seconds, seconds]), 2 * step);
    positions.set(next.place, 2 * step);
    pose = next;
  }
  return { velocities, positions };
}
