import { z } from "zod";
import { ConfigError, ValueError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import { Random, streams } from "../../random.ts";
import { type Arena, arenaSchema, freePlace, isFree } from "../../world/arena.ts";
import { decodePlace, placeActivity, placeCellsIn } from "../../world/place-cells.ts";
import { boundsOf } from "../../world/region.ts";
import { type Motion, walkInArena } from "../../world/walk.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import type { ConditionRule, JudgedTrial, TrialValues } from "../definition.ts";
import type { Task } from "../task.ts";
import { durationSchema, sensoryNoise } from "../task-options.ts";

export const pathIntegrationSchema = z.strictObject({
  ...commonTaskOptions,
  /** Side of the square arena, in metres; 2.2 unless given. */
  side: z.number().positive().optional(),
  /** Another arena than a square around (0, 0): walls and obstacles, each a box, a circle or a polygon. */
  arena: arenaSchema.optional(),
  /** The start is shown for so long; the agent stands still. */
  cueMs: z.number().positive().default(200),
  walkMs: durationSchema.default(2000),
  /** The position as (x, y) in metres, or the activity of place cells. */
  code: z.enum(["position", "placeCells"]).default("position"),
  placeCells: z.int().min(3).default(128),
  /** σ of their fields, in metres. */
  placeWidth: z.number().positive().default(0.2),
  /** Of the places of their centres. */
  placeSeed: z.int().nonnegative().max(0xffffffff).default(0),
  /** Scale of the Rayleigh distribution of the speed, in metres per second. */
  speed: z
    .number()
    .nonnegative()
    .default(0.13 * 2 * Math.PI),
  /** How fast the speed changes. */
  speedMs: z.number().positive().default(500),
  /** Standard deviation of the heading after one second of turning at random, in radians. */
  turning: z.number().nonnegative().default(1.63),
  /** So near to a wall, in metres, the agent turns along it. */
  border: z.number().nonnegative().default(0.03),
  /** σ of the noise of the velocity: its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0),
  /** How far, in metres, the place of the outputs may be from the right one. */
  tolerance: z.number().positive().default(0.25),
});
export type PathIntegrationOptions = z.input<typeof pathIntegrationSchema>;

type ConditionName = "startX" | "startY" | "heading" | "speed";
type Conditions = DefinedConditions<ConditionName, never, "cue" | "walk">;
type StartRule = ConditionRule<TrialValues<ConditionName, never, "cue" | "walk">>;

/**
 * Path integration in the plane (Banino et al. 2018; Sorscher, Mel, Ganguli & Ocko 2019; Cueva & Wei 2018): an agent
 * walks at random in an arena with walls ({@link walkInArena}); from where it starts, which is shown at first, and its
 * velocity, say where it is. The arena is a square, or with `arena` a box, a disc or a polygon with obstacles, such as
 * `{ walls: { type: "circle", radius: 1 }, obstacles: [{ type: "box", width: 0.4, height: 0.1, centre: [0.3, 0] }] }`.
 *
 * Inputs: `velocityX`, `velocityY` (v cos, v sin of the heading, in metres per second) and, in the cue, the `start`.
 * Outputs: where the agent is after each step. Start and outputs are x and y in metres (`startX`,
 * `startY`, `x`, `y`) or, with `code: "placeCells"`, the activity of place cells (`start0`, …, `place0`, …), which sums
 * to 1: to be learnt by cross-entropy. The error does not count in the cue. Conditions: `startX`, `startY`, `heading`
 * at the start (radians), `speed`. Accuracy: the share of counted steps in which the place of the outputs is within
 * `tolerance`; that of place cells is the mean of the centres of the three most active ones. `chance` is that of always
 * saying the middle of the walls, for a place that is anywhere.
 *
 * Where the papers differ: they set the first state from the place cells and show no start; sequences are of 20 steps
 * (Sorscher) or 100 (Banino), with turning of 11.52 rad/s anew at every 20 ms, which is 1.63 rad after a second, as
 * here; Banino's inputs are v, sin and cos of the angular velocity; Sorscher's velocity is per step.
 * @throws {@link ConfigError} for an unknown option or a value out of range; from `batch`, {@link ValueError} for a
 * start outside.
 */
export function pathIntegration(options: PathIntegrationOptions = {}): Task<Conditions> {
  const label = "pathIntegration";
  const given = parseWith(pathIntegrationSchema, options, label);
  const { dtMs = 20, code, speed, noise, tolerance, border } = given;
  if (given.side !== undefined && given.arena !== undefined)
    throw new ConfigError(`${label}: expected a side or an arena, got both.`);
  const { side = 2.2 } = given;
  const arena: Arena = given.arena ?? {
    walls: { type: "box", width: side, height: side, centre: [0, 0] },
    obstacles: [],
  };
  const half = Math.min(...sizeOf(arena)) / 2;
  if (!(border < half))
    throw new ConfigError(`${label}: border: expected less than half the width of the arena, ${half}, got ${border}.`);
  const motion: Motion = { speed, speedMs: given.speedMs, turning: given.turning, border };
  const random = new Random(given.placeSeed, streams.structure);
  const cells = code === "placeCells" ? placeCellsIn(arena, given.placeCells, given.placeWidth, random) : undefined;
  const encode = (x: number, y: number): ArrayLike<number> => (cells ? placeActivity(cells, x, y) : [x, y]);
  const size = cells ? given.placeCells : 2;
  const numbered = (word: string): string[] => Array.from({ length: size }, (_, cell) => `${word}${cell}`);
  return defineTask({
    name: label,
    source: "Banino et al. 2018; Sorscher et al. 2019; Cueva & Wei 2018",
    dtMs,
    conditions: { ...startsIn(arena), heading: { uniform: [0, 2 * Math.PI] }, speed },
    periods: { cue: given.cueMs, walk: given.walkMs },
    inputs: {
      velocity: {
        names: ["velocityX", "velocityY"],
        fill: (values, trial, timeline) => {
          const { startX, startY, heading } = trial;
          if (!isFree(arena, [startX, startY]))
            throw new ValueError(
              `${label} batch: expected a start inside the walls and outside the obstacles, got (${startX}, ${startY}).`,
            );
          const { from, to } = timeline.period("walk");
          const own = { ...motion, speed: trial.speed };
          const start = { place: [startX, startY], heading } as const;
          const { velocities } = walkInArena(arena, own, start, to - from, trial.dtMs, timeline.random);
          values.set(velocities, 2 * from);
        },
        noise: sensoryNoise(noise, "walk"),
      },
      start: {
        names: cells ? numbered("start") : ["startX", "startY"],
        during: { cue: ({ startX, startY }) => encode(startX, startY) },
      },
    },
    outputs: {
      place: {
        names: cells ? numbered("place") : ["x", "y"],
        fill: (values, { startX, startY, dtMs: dt }, timeline) => {
          const velocity = timeline.input("velocity");
          let [x, y] = [startX, startY];
          for (let step = 0; step < timeline.steps; step += 1) {
            x += ((velocity[2 * step] as number) * dt) / 1000;
            y += ((velocity[2 * step + 1] as number) * dt) / 1000;
            values.set(encode(x, y), size * step);
          }
        },
      },
    },
    mask: { walk: 1 },
    accuracy: (judged) => {
      const placeOf = (values: ArrayLike<number>): readonly [number, number] =>
        cells ? decodePlace(cells, values) : [values[0] as number, values[1] as number];
      return shareOfPlaces(judged, size, tolerance, placeOf);
    },
    chance: chanceOfMiddle(arena, tolerance),
  });
}

/** Where the agent starts: anywhere that is free, evenly. */
function startsIn(arena: Arena): { readonly startX: StartRule; readonly startY: StartRule } {
  const { walls, obstacles } = arena;
  if (walls.type === "box" && obstacles.length === 0) {
    const { centre, width, height } = walls;
    return {
      startX: { uniform: [centre[0] - width / 2, centre[0] + width / 2] },
      startY: { uniform: [centre[1] - height / 2, centre[1] + height / 2] },
    };
  }
  // x as it is distributed over the free places, then y as it is for that x: a batch may fix x alone.
  return {
    startX: (_trial, random) => freePlace(arena, random)[0],
    startY: ({ startX }, random) => freePlace(arena, random, startX)[1],
  };
}

/** Width and height of the walls. */
function sizeOf({ walls }: Arena): readonly [width: number, height: number] {
  if (walls.type === "box") return [walls.width, walls.height];
  const { least, most } = boundsOf(walls);
  return [most[0] - least[0], most[1] - least[1]];
}

/** The share of the free places that are within `tolerance` of the middle of the walls. */
function chanceOfMiddle(arena: Arena, tolerance: number): number {
  const { walls, obstacles } = arena;
  const { least, most } = boundsOf(walls);
  const [x, y] = [(least[0] + most[0]) / 2, (least[1] + most[1]) / 2];
  const [width, height] = sizeOf(arena);
  const disc = Math.PI * tolerance ** 2;
  if (obstacles.length === 0 && walls.type !== "polygon")
    return Math.min(1, disc / (walls.type === "box" ? width * height : Math.PI * (width / 2) ** 2));
  const rows = 200;
  let [free, near] = [0, 0];
  for (let place = 0; place < rows * rows; place += 1) {
    const right = ((place % rows) + 0.5) / rows - 0.5;
    const up = (Math.floor(place / rows) + 0.5) / rows - 0.5;
    if (!isFree(arena, [x + right * width, y + up * height])) continue;
    free += 1;
    if (Math.hypot(right * width, up * height) < tolerance) near += 1;
  }
  return near / free;
}

/** The share of the steps of the walk in which the place of the outputs is near that of the targets. */
function shareOfPlaces(
  { outputs, targets, period }: JudgedTrial,
  size: number,
  tolerance: number,
  placeOf: (values: Float32Array) => readonly [number, number],
): number {
  const { from, to } = period("walk");
  let near = 0;
  for (let step = from; step < to; step += 1) {
    const [x, y] = placeOf(outputs.subarray(step * size, (step + 1) * size));
    const [rightX, rightY] = placeOf(targets.subarray(step * size, (step + 1) * size));
    if (Math.hypot(x - rightX, y - rightY) < tolerance) near += 1;
  }
  return near / (to - from);
}
