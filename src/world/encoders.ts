import { z } from "zod";
import { parseWith } from "../io/config.ts";
import { encodeCosineSine, encodeVelocity } from "./encoders/direct.ts";
import { encodeDistances } from "./encoders/distances.ts";
import { encodePlaceCells } from "./encoders/place-code.ts";
import { encodePopulation } from "./encoders/population.ts";
import type { Channels } from "./encoders/source.ts";
import type { Trajectories } from "./run.ts";

const cosineSineSchema = z.strictObject({
  type: z.literal("cosineSine"),
  /** The heading, or each dimension of the position. */
  of: z.enum(["heading", "position"]).default("heading"),
  /** What is a turn; unless given 2π of a heading, and the length of the environment of a position. */
  period: z.number().positive().optional(),
});

const populationCodeSchema = z.strictObject({
  type: z.literal("populationCode"),
  of: z.enum(["heading", "position", "velocity"]).default("heading"),
  /** Units on each dimension. */
  units: z.int().min(1).default(20),
  /** σ of their receptive fields, in units of what is encoded. */
  width: z.number().positive().default(0.1),
  height: z.number().positive().default(1),
  /** [low, high] of each dimension; unless given a turn of a heading, the environment of a position. */
  range: z
    .tuple([z.number(), z.number()])
    .refine(([low, high]) => low < high, { message: "expected [low, high] with low < high" })
    .optional(),
  /** Whether high is low again: unless given of a heading and of a position on a circle. */
  periodic: z.boolean().optional(),
});

const placeCellsSchema = z.strictObject({
  type: z.literal("placeCells"),
  cells: z.int().min(3).default(128),
  /** σ of their fields, in metres. */
  width: z.number().positive().default(0.2),
  /** Of the places of their centres. */
  seed: z.int().nonnegative().max(0xffffffff).default(0),
  /** A softmax over the cells, which sums to 1, or exp(-d² / 2σ²) of each. */
  activity: z.enum(["softmax", "gaussian"]).default("softmax"),
});

const wallDistancesSchema = z.strictObject({
  type: z.literal("wallDistances"),
  /** Evenly around the agent, the first straight ahead, then counter-clockwise. */
  rays: z.int().min(1).default(1),
  /** Metres beyond which nothing is seen; unless given there is no such limit. */
  range: z.number().positive().optional(),
  /** Directions of the arena, not of the agent. */
  allocentric: z.boolean().default(false),
});

const velocitySchema = z.strictObject({
  type: z.literal("velocity"),
  /**
   * `"vector"`: each dimension. In two dimensions also `"speedHeading"`: speed, heading (nsi's other observation), and
   * `"speedTurn"`: speed, cosine and sine of the angular velocity (Banino et al. 2018).
   */
  form: z.enum(["vector", "speedHeading", "speedTurn"]).default("vector"),
});

/** What an agent, or a network, sees of the world: plain data. */
export const encoderSchema = z.discriminatedUnion("type", [
  cosineSineSchema,
  populationCodeSchema,
  placeCellsSchema,
  wallDistancesSchema,
  velocitySchema,
]);
export type Encoder = z.output<typeof encoderSchema>;
export type EncoderInput = z.input<typeof encoderSchema>;

type Options<Schema extends z.ZodType> = Omit<z.input<Schema>, "type">;

/** Cosine and sine of the heading or of each dimension of the position: K = 2, or 2D with all cosines first (nsi's CosSinWrapper). @throws ConfigError */
export function cosineSine(options: Options<typeof cosineSineSchema> = {}): z.output<typeof cosineSineSchema> {
  return parseWith(cosineSineSchema, { type: "cosineSine", ...options }, "cosineSine");
}

/**
 * Units with Gaussian receptive fields, height · exp(-d² / 2σ²), evenly on a line (both ends have one), around a ring, or
 * on a grid or a torus of D dimensions: K = unitsᴰ, the first dimension the fastest (nsi's PopulationCodingWrapper; on a
 * ring its first and its last unit are the same).
 * @throws ConfigError
 */
export function populationCode(
  options: Options<typeof populationCodeSchema> = {},
): z.output<typeof populationCodeSchema> {
  return parseWith(populationCodeSchema, { type: "populationCode", ...options }, "populationCode");
}

/** Place cells whose centres lie evenly at random in the arena: K = cells (Banino et al. 2018). @throws ConfigError */
export function placeCells(options: Options<typeof placeCellsSchema> = {}): z.output<typeof placeCellsSchema> {
  return parseWith(placeCellsSchema, { type: "placeCells", ...options }, "placeCells");
}

/** Metres to the nearest wall or obstacle along rays: K = rays; one is the distance ahead (nsi's cue `dist`). @throws ConfigError */
export function wallDistances(options: Options<typeof wallDistancesSchema> = {}): z.output<typeof wallDistancesSchema> {
  return parseWith(wallDistancesSchema, { type: "wallDistances", ...options }, "wallDistances");
}

/** The velocity: K = D of each dimension, 2 for speed and heading, 3 for speed and turning, which is 0 in the first step. @throws ConfigError */
export function velocityCode(options: Options<typeof velocitySchema> = {}): z.output<typeof velocitySchema> {
  return parseWith(velocitySchema, { type: "velocity", ...options }, "velocityCode");
}

function channelsOf(walk: Trajectories, encoder: Encoder): Channels {
  switch (encoder.type) {
    case "cosineSine":
      return encodeCosineSine(walk, encoder);
    case "populationCode":
      return encodePopulation(walk, encoder);
    case "placeCells":
      return encodePlaceCells(walk, encoder);
    case "wallDistances":
      return encodeDistances(walk, encoder);
    case "velocity":
      return encodeVelocity(walk, encoder);
  }
}

/** Observations of several encoders beside each other. */
export interface Observations {
  /** [T, B, K] */
  readonly values: Float32Array;
  /** [K] */
  readonly names: readonly string[];
}

/**
 * What encoders make of trajectories, one after the other along K, after the move of each step.
 * @throws ConfigError for an unknown option, or an encoder that does not fit the environment.
 */
export function observe(walk: Trajectories, encoders: readonly EncoderInput[]): Observations {
  const parsed = parseWith(z.array(encoderSchema).min(1), encoders, "observe");
  const parts = parsed.map((encoder) => channelsOf(walk, encoder));
  const names = parts.flatMap((part) => part.names);
  const width = names.length;
  const values = new Float32Array(walk.steps * walk.trials * width);
  let offset = 0;
  for (const part of parts) {
    const own = part.names.length;
    for (let row = 0; row < walk.steps * walk.trials; row += 1)
      values.set(part.values.subarray(row * own, (row + 1) * own), row * width + offset);
    offset += own;
  }
  return { values, names };
}

/** What one encoder makes of trajectories, [T, B, K]. @throws ConfigError as {@link observe}. */
export function encode(walk: Trajectories, encoder: EncoderInput): Float32Array {
  return channelsOf(walk, parseWith(encoderSchema, encoder, "encode")).values;
}
