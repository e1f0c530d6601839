import { vec2 } from "gl-matrix";
import { ConfigError } from "../errors.ts";
import { stepWithin } from "./arena.ts";
import type { AgentState, ArenaEnvironment, Environment } from "./environments.ts";
import type { Intention } from "./moves.ts";
import { wrap } from "./periodic.ts";
import { moveAsNsi, moveAvoiding } from "./pose.ts";
import { directionOf, type Vector } from "./vector.ts";

/** What a step was. */
export interface Stepped {
  readonly state: AgentState;
  /** [D]: what the agent did, not what it wanted, so that positions are the sum of the velocities (around a circle). */
  readonly velocity: readonly number[];
}

/**
 * One step of an agent: what it wanted, as far as the environment allows. A page that the keys drive calls this once a
 * frame.
 * @throws ConfigError for a turn that the environment does not know.
 */
export function stepAgent(environment: Environment, state: AgentState, intention: Intention, dtMs: number): Stepped {
  const seconds = dtMs / 1000;
  if (environment.type === "arena") return stepInArena(environment, state, intention, seconds);
  if ("velocity" in intention) return along(environment, state, intention.velocity, seconds, "towards");
  if (environment.dimensions !== 2)
    throw new ConfigError(
      `world: ${environment.type}: an agent that turns needs two dimensions, got ${environment.dimensions}.`,
    );
  const { speed, turn } = intention;
  const velocity = vec2.scale([0, 0], directionOf(state.heading), speed) as [number, number];
  return along(environment, state, velocity, seconds, turn);
}

/** A step of given velocity on a line or a circle; the heading turns by `turn`, or to where the agent went. */
function along(
  { type, length }: Exclude<Environment, ArenaEnvironment>,
  { place, heading }: AgentState,
  wanted: readonly number[],
  seconds: number,
  turn: number | "towards",
): Stepped {
  const velocity = [...wanted];
  const next = place.map((from, axis) => {
    const to = from + (wanted[axis] as number) * seconds;
    if (type === "circle") return wrap(to, length);
    const kept = Math.min(length, Math.max(0, to));
    if (kept !== to) velocity[axis] = (kept - from) / seconds;
    return kept;
  });
  return {
    state: { place: next, heading: turn === "towards" ? headingOf(velocity, heading) : heading + turn },
    velocity,
  };
}

/** Where a velocity of the plane points; `otherwise` where the agent stands still, or is not in the plane. */
function headingOf(velocity: readonly number[], otherwise: number): number {
  const [x = 0, y = 0] = velocity;
  return velocity.length !== 2 || (x === 0 && y === 0) ? otherwise : Math.atan2(y, x);
}

function stepInArena(
  environment: ArenaEnvironment,
  { place, heading }: AgentState,
  intention: Intention,
  seconds: number,
): Stepped {
  const from = place as Vector;
  const { rule, border } = environment;
  if ("velocity" in intention) {
    if (rule === "nsi")
      throw new ConfigError('world: arena: rule "nsi": expected an agent that turns, got one of velocities alone.');
    const to = vec2.scaleAndAdd([0, 0], from, intention.velocity as Vector, seconds) as [number, number];
    const reached = stepWithin(environment, from, to);
    const velocity = velocityOf(from, reached, seconds);
    return { state: { place: reached, heading: headingOf(velocity, heading) }, velocity };
  }
  const move = rule === "nsi" ? moveAsNsi : moveAvoiding;
  const pose = move(environment, border, { place: from, heading }, intention, seconds);
  return { state: pose, velocity: velocityOf(from, pose.place, seconds) };
}

function velocityOf(from: Vector, to: Vector, seconds: number): Vector {
  return vec2.divide([0, 0], vec2.subtract([0, 0], to, from), [seconds, seconds]) as [number, number];
}
