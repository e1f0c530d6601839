import { z } from "zod";
import { parseWith } from "../io/config.ts";
import { Random, streams } from "../random.ts";
import { agentSchema } from "./agents.ts";
import { dimensionsOf, type Environment, environmentSchema, startState } from "./environments.ts";
import { intentions } from "./moves.ts";
import { wrap } from "./periodic.ts";
import { stepAgent } from "./step.ts";

/** An agent in an environment, as it may stand in a configuration. */
export const worldSchema = z.strictObject({
  agent: agentSchema,
  environment: environmentSchema,
  /** T */
  steps: z.int().positive(),
  /** B */
  trials: z.int().positive().default(1),
  /** nsi's 0.025 s unless given. */
  dtMs: z.number().positive().default(25),
  seed: z.int().nonnegative().max(0xffffffff),
});
export type WorldOptions = z.input<typeof worldSchema>;

/** What agents did: the part of a recording that is not activity. */
export interface Trajectories {
  /** T */
  readonly steps: number;
  /** B */
  readonly trials: number;
  /** D */
  readonly dimensions: number;
  readonly dtMs: number;
  /** [T, B, D], in the step: what the agent did, radians or metres per second. */
  readonly velocities: Float32Array;
  /** [T, B, D], after the move of the step, the true one; around a circle in [0, length). */
  readonly positions: Float32Array;
  /**
   * [T, B], in [0, 2π), after the move of the step: on a circle of one dimension the position as an angle, in two
   * dimensions where the agent looks. Absent on a line, and in three dimensions.
   */
  readonly headings?: Float32Array;
  /** In which they did it. */
  readonly environment: Environment;
}

/**
 * Runs an agent in an environment for `steps` steps of `trials` trials. Trial b is the same in a batch of any size: its
 * numbers are those of the seed in the stream `world`, at step 2b for the start and 2b + 1 for the moves.
 *
 * Positions and headings are those after the move of the step (nsi logs them one step ahead).
 * @throws ConfigError for an unknown option, or an agent that does not fit the environment; ValueError for a start
 * outside; ShapeError for a script of the wrong size.
 */
export function runAgent(options: WorldOptions): Trajectories {
  const { agent, environment, steps, trials, dtMs, seed } = parseWith(worldSchema, options, "runAgent");
  const dimensions = dimensionsOf(environment);
  const velocities = new Float32Array(steps * trials * dimensions);
  const positions = new Float32Array(steps * trials * dimensions);
  const angleOf = angleIn(environment);
  const around = environment.type === "circle" ? environment.length : undefined;
  const headings = angleOf && new Float32Array(steps * trials);
  for (let trial = 0; trial < trials; trial += 1) {
    let state = startState(environment, new Random(seed, streams.world, 2 * trial));
    const random = new Random(seed, streams.world, 2 * trial + 1);
    const next = intentions(agent, { dimensions, dtMs, steps, trials, trial, random });
    for (let step = 0; step < steps; step += 1) {
      const stepped = stepAgent(environment, state, next(), dtMs);
      state = stepped.state;
      const row = step * trials + trial;
      velocities.set(stepped.velocity, row * dimensions);
      positions.set(around === undefined ? state.place : state.place.map(below(around)), row * dimensions);
      if (headings && angleOf) headings[row] = below(2 * Math.PI)(angleOf(state.place, state.heading));
    }
  }
  return { steps, trials, dimensions, dtMs, velocities, positions, ...(headings && { headings }), environment };
}

/** A value of a periodic axis as one that float32 does not round up to the end of the axis, which is 0. */
function below(length: number): (value: number) => number {
  return (value) => (Math.fround(value) < length ? value : 0);
}

/** How the heading of an environment follows from an agent's state; `undefined` where there is none. */
function angleIn(environment: Environment): ((place: readonly number[], heading: number) => number) | undefined {
  const turn = 2 * Math.PI;
  if (dimensionsOf(environment) === 2) return (_place, heading) => wrap(heading, turn);
  if (environment.type !== "circle" || environment.dimensions !== 1) return undefined;
  const { length } = environment;
  return (place) => wrap(((place[0] as number) * turn) / length, turn);
}
