import { ConfigError, ShapeError } from "../errors.ts";
import type { Random } from "../random.ts";
import type { Agent } from "./agents.ts";
import { Drift } from "./drift.ts";
import type { Move } from "./pose.ts";
import { smoothMoves } from "./walk.ts";

/** What an agent wants in a step: a velocity (radians or metres per second), or a speed and a turn. */
export type Intention = { readonly velocity: readonly number[] } | Move;

/** In what an agent decides. */
export interface Circumstances {
  /** D */
  readonly dimensions: number;
  readonly dtMs: number;
  readonly steps: number;
  readonly trials: number;
  readonly trial: number;
  readonly random: Random;
}

/**
 * The intentions of an agent for one trial: each call is the next step.
 * @throws ConfigError for an agent that does not fit the dimensions, ShapeError for a script that is too short.
 */
export function intentions(agent: Agent, given: Circumstances): () => Intention {
  const { dimensions, dtMs, random } = given;
  const each = <Value>(make: () => Value): Value[] => Array.from({ length: dimensions }, make);
  if ((agent.type === "rayleigh" || agent.type === "walk") && dimensions !== 2)
    throw new ConfigError(`world: agent "${agent.type}": expected two dimensions, got ${dimensions}.`);
  switch (agent.type) {
    case "constant": {
      const velocity = perDimension("velocity", agent.velocity, dimensions);
      return () => ({ velocity });
    }
    case "gaussMomentum": {
      let velocity = each(() => 0);
      return () => {
        velocity = velocity.map((value) => agent.sigma * random.normal() + agent.momentum * value);
        return { velocity };
      };
    }
    case "drift": {
      const mean = perDimension("mean", agent.mean, dimensions);
      const drifts = each(() => new Drift(agent.sd, agent.correlationMs, dtMs, random));
      return () => ({ velocity: drifts.map((drift, axis) => (mean[axis] as number) + drift.next()) });
    }
    case "rayleigh":
      return () => ({
        speed: agent.speed * Math.hypot(random.normal(), random.normal()),
        turn: (agent.turning * random.normal() * dtMs) / 1000,
      });
    case "walk":
      return smoothMoves(agent, dtMs, random);
    case "scripted":
      return scripted(agent, given);
  }
}

function perDimension(label: string, value: number | readonly number[], dimensions: number): readonly number[] {
  if (typeof value === "number") return Array.from({ length: dimensions }, () => value);
  if (value.length !== dimensions)
    throw new ConfigError(
      `world: agent: ${label}: expected ${dimensions} numbers, one a dimension, got ${value.length}.`,
    );
  return value;
}

function scripted(
  { velocities, motion }: Extract<Agent, { readonly type: "scripted" }>,
  { dimensions, dtMs, steps, trials, trial }: Circumstances,
): () => Intention {
  const width = motion === "heading" ? 2 : dimensions;
  if (motion === "heading" && dimensions !== 2)
    throw new ConfigError(`world: scripted agent: motion "heading": expected two dimensions, got ${dimensions}.`);
  if (velocities.length < steps)
    throw new ShapeError(`world: scripted agent: expected velocities for ${steps} steps, got ${velocities.length}.`);
  const rowAt = (step: number): readonly number[] => {
    const given = velocities[step] as number | readonly (number | readonly number[])[];
    const own = typeof given === "number" ? [given] : given;
    if (typeof own[0] !== "number" && own.length !== trials)
      throw new ShapeError(`world: scripted agent: step ${step}: expected ${trials} trials, got ${own.length}.`);
    const row = (typeof own[0] === "number" ? own : own[trial]) as readonly number[];
    if (row.length !== width)
      throw new ShapeError(`world: scripted agent: step ${step}: expected ${width} numbers, got ${row.length}.`);
    return row;
  };
  let step = 0;
  return () => {
    const row = rowAt(step);
    step += 1;
    return motion === "velocity"
      ? { velocity: row }
      : { speed: row[0] as number, turn: ((row[1] as number) * dtMs) / 1000 };
  };
}
