import { z } from "zod";
import { parseWith } from "../io/config.ts";

const velocity = z.union([z.number(), z.array(z.number()).min(1)]);

const constantSchema = z.strictObject({
  type: z.literal("constant"),
  /** The same number for every dimension, or one for each: radians or metres per second. */
  velocity: velocity.default(1),
});

const gaussMomentumSchema = z.strictObject({
  type: z.literal("gaussMomentum"),
  sigma: z.number().nonnegative().default(1.2),
  momentum: z.number().min(0).lt(1).default(0.8),
});

const driftSchema = z.strictObject({
  type: z.literal("drift"),
  /** Mean and standard deviation of the velocity of each dimension. */
  mean: velocity.default(0),
  sd: z.number().nonnegative().default(2),
  /** Time constant of its autocorrelation. */
  correlationMs: z.number().positive().default(100),
});

const rayleighSchema = z.strictObject({
  type: z.literal("rayleigh"),
  /** Scale of the Rayleigh distribution of the speed, in metres per second; its mean is 1.25 times this. */
  speed: z
    .number()
    .nonnegative()
    .default(0.13 * 2 * Math.PI),
  /** Standard deviation of the angular velocity, in radians per second. */
  turning: z
    .number()
    .nonnegative()
    .default(5.76 * 2),
});

const walkSchema = z.strictObject({
  type: z.literal("walk"),
  /** Scale of the Rayleigh distribution of the speed, in metres per second. */
  speed: z
    .number()
    .nonnegative()
    .default(0.13 * 2 * Math.PI),
  /** How fast the speed changes. */
  speedMs: z.number().positive().default(500),
  /** Standard deviation of the heading after one second, in radians. */
  turning: z.number().nonnegative().default(1.63),
});

const row = z.array(z.number()).min(1);

const scriptedSchema = z.strictObject({
  type: z.literal("scripted"),
  /** A velocity a step, [T], [T][D], or, for each trial its own, [T][B][D]. */
  velocities: z.union([z.array(z.number()).min(1), z.array(row).min(1), z.array(z.array(row).min(1)).min(1)]),
  /** What a row is: the velocity of each dimension, or, in the plane, [speed, angular velocity]. */
  motion: z.enum(["velocity", "heading"]).default("velocity"),
});

/** Every agent that decides by itself where to go, as it may stand in a configuration. */
export const agentSchema = z.discriminatedUnion("type", [
  constantSchema,
  gaussMomentumSchema,
  driftSchema,
  rayleighSchema,
  walkSchema,
  scriptedSchema,
]);
export type Agent = z.output<typeof agentSchema>;
export type AgentInput = z.input<typeof agentSchema>;

type Options<Schema extends z.ZodType> = Omit<z.input<Schema>, "type">;

/** An agent whose velocity never changes. @throws ConfigError */
export function constantAgent(options: Options<typeof constantSchema> = {}): z.output<typeof constantSchema> {
  return parseWith(constantSchema, { type: "constant", ...options }, "constantAgent");
}

/**
 * An agent at rest at first whose velocity is v ← σ N(0, 1) + momentum v in each dimension: standard deviation
 * σ / √(1 - momentum²), in the end, and autocorrelation `momentum` a step, whatever the time step (nsi's GaussMomentumAgent
 * as its simulator uses it: σ 1.2, momentum 0.8).
 * @throws ConfigError
 */
export function gaussMomentumAgent(
  options: Options<typeof gaussMomentumSchema> = {},
): z.output<typeof gaussMomentumSchema> {
  return parseWith(gaussMomentumSchema, { type: "gaussMomentum", ...options }, "gaussMomentumAgent");
}

/** An agent whose velocity is an Ornstein–Uhlenbeck process in each dimension, the same at any time step. @throws ConfigError */
export function driftAgent(options: Options<typeof driftSchema> = {}): z.output<typeof driftSchema> {
  return parseWith(driftSchema, { type: "drift", ...options }, "driftAgent");
}

/**
 * An agent of the plane whose speed is Rayleigh distributed and whose heading turns by Gaussian numbers, both drawn anew
 * at every step (nsi's RayleighAgent2D, whose defaults these are; {@link nsiRayleigh} is what its simulator uses).
 * @throws ConfigError
 */
export function rayleighAgent(options: Options<typeof rayleighSchema> = {}): z.output<typeof rayleighSchema> {
  return parseWith(rayleighSchema, { type: "rayleigh", ...options }, "rayleighAgent");
}

/** The speed (m/s) and turning (rad/s) of a {@link rayleighAgent} in nsi's simulation of two dimensions. */
export const nsiRayleigh = { speed: 0.2, turning: 3 } as const;

/** An agent of the plane whose speed and heading drift, the same at any time step (the walk of `pathIntegration`). @throws ConfigError */
export function walkAgent(options: Options<typeof walkSchema> = {}): z.output<typeof walkSchema> {
  return parseWith(walkSchema, { type: "walk", ...options }, "walkAgent");
}

/** An agent that does what it is told, step by step. @throws ConfigError */
export function scriptedAgent(options: Options<typeof scriptedSchema>): z.output<typeof scriptedSchema> {
  return parseWith(scriptedSchema, { type: "scripted", ...options }, "scriptedAgent");
}
