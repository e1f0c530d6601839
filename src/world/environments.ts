import { z } from "zod";
import { ConfigError, ValueError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import type { Random } from "../random.ts";
import { type Arena, arenaSchema, freePlace, isFree } from "./arena.ts";
import { boundsOf } from "./region.ts";
import type { Vector } from "./vector.ts";

/** Of the plane: where the agent looks at first, in radians. */
const heading = z.union([z.number(), z.literal("random")]).default("random");
const start = z.union([z.enum(["middle", "random"]), z.array(z.number()).min(1)]);

const axes = {
  /** Of each dimension. */
  length: z
    .number()
    .positive()
    .default(2 * Math.PI),
  dimensions: z.int().min(1).max(3).default(1),
  start: start.default("middle"),
  heading,
};

const lineSchema = z.strictObject({ type: z.literal("line"), ...axes });
const circleSchema = z.strictObject({ type: z.literal("circle"), ...axes });
const arenaEnvironmentSchema = z.strictObject({
  type: z.literal("arena"),
  walls: arenaSchema.shape.walls.default({ type: "box", width: 2.2, height: 2.2, centre: [0, 0] }),
  obstacles: arenaSchema.shape.obstacles,
  /** So near to a wall, in metres, an agent that has a heading turns. */
  border: z.number().nonnegative().default(0.03),
  /**
   * `"slide"`: along a wall, and of a step into one only the part along it is left. `"nsi"`: by π/5 where the wall ahead
   * is near, and of a step that would end outside nothing is left.
   */
  rule: z.enum(["slide", "nsi"]).default("slide"),
  start: start.default("random"),
  heading,
});

/** Every environment, as it may stand in a configuration. */
export const environmentSchema = z.discriminatedUnion("type", [lineSchema, circleSchema, arenaEnvironmentSchema]);
export type Environment = z.output<typeof environmentSchema>;
export type EnvironmentInput = z.input<typeof environmentSchema>;
export type ArenaEnvironment = Extract<Environment, { readonly type: "arena" }>;

type Options<Schema extends z.ZodType> = Omit<z.input<Schema>, "type">;

/** [0, length] in each dimension; whoever comes to an end stays there (nsi's Env). @throws ConfigError */
export function lineEnvironment(options: Options<typeof lineSchema> = {}): z.output<typeof lineSchema> {
  return parseWith(lineSchema, { type: "line", ...options }, "lineEnvironment");
}

/** [0, length) around a circle, or with two dimensions a torus (nsi's Env with periodic boundaries). @throws ConfigError */
export function circleEnvironment(options: Options<typeof circleSchema> = {}): z.output<typeof circleSchema> {
  return parseWith(circleSchema, { type: "circle", ...options }, "circleEnvironment");
}

/** A part of the plane within walls and outside of obstacles; unless given a square of 2.2 m (nsi's ArenaEnv2D). @throws ConfigError */
export function arenaEnvironment(options: Options<typeof arenaEnvironmentSchema> = {}): ArenaEnvironment {
  return parseWith(arenaEnvironmentSchema, { type: "arena", ...options }, "arenaEnvironment");
}

/** D of an environment. */
export function dimensionsOf(environment: Environment): number {
  return environment.type === "arena" ? 2 : environment.dimensions;
}

/** Where an agent is, and, in two dimensions, where it looks (radians, not wrapped; 0 otherwise). */
export interface AgentState {
  /** [D] */
  readonly place: readonly number[];
  readonly heading: number;
}

/** Where an agent begins. @throws ConfigError, ValueError for a start of the wrong dimensions or outside. */
export function startState(environment: Environment, random: Random): AgentState {
  const place = startPlace(environment, random);
  if (dimensionsOf(environment) !== 2) return { place, heading: 0 };
  return {
    place,
    heading: environment.heading === "random" ? random.uniform(0, 2 * Math.PI) : environment.heading,
  };
}

function startPlace(environment: Environment, random: Random): readonly number[] {
  const { start: given } = environment;
  const dimensions = dimensionsOf(environment);
  if (typeof given !== "string" && given.length !== dimensions)
    throw new ConfigError(
      `world: ${environment.type}: start: expected ${dimensions} numbers, one a dimension, got ${given.length}.`,
    );
  if (environment.type === "arena") {
    if (given === "random") return freePlace(environment, random);
    const place = (given === "middle" ? middleOf(environment) : given) as Vector;
    if (isFree(environment, place)) return place;
    throw new ValueError(
      `world: arena: start: expected a place inside the walls and outside the obstacles, got (${place[0]}, ${place[1]}).`,
    );
  }
  const { length } = environment;
  if (given === "random") return Array.from({ length: dimensions }, () => random.uniform(0, length));
  if (given === "middle") return Array.from({ length: dimensions }, () => length / 2);
  if (given.some((value) => value < 0 || value > length))
    throw new ValueError(
      `world: ${environment.type}: start: expected places in [0, ${length}], got [${given.join(", ")}].`,
    );
  return given;
}

function middleOf({ walls }: Arena): Vector {
  const { least, most } = boundsOf(walls);
  return [(least[0] + most[0]) / 2, (least[1] + most[1]) / 2];
}
