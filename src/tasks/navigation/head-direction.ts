import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import { Drift } from "../../world/drift.ts";
import { angleBetween } from "../angles.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import type { JudgedTrial } from "../definition.ts";
import { stepsOf, type Task } from "../task.ts";
import { durationSchema, sensoryNoise } from "../task-options.ts";

export const headDirectionSchema = z.strictObject({
  ...commonTaskOptions,
  /** The start angle is shown for so long; the head is still. */
  cueMs: z.number().positive().default(200),
  turnMs: durationSchema.default(2000),
  /** Standard deviation of the angular velocity, in radians per second. */
  speed: z.number().nonnegative().default(2.5),
  /** Time constant of the angular velocity's autocorrelation. */
  correlationMs: z.number().positive().default(90),
  /** Share of the trials in which the head stops for a while. */
  pauses: z.number().min(0).max(1).default(0.5),
  /** How long it stops: from the least to the most. */
  pauseMs: z.tuple([z.number().nonnegative(), z.number().nonnegative()]).default([200, 800]),
  /** σ of the noise of the angular velocity: its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0),
  /** How far (radians) the angle of the outputs may be from the right one. */
  tolerance: z
    .number()
    .positive()
    .max(Math.PI)
    .default(Math.PI / 8),
});
export type HeadDirectionOptions = z.input<typeof headDirectionSchema>;

type Conditions = DefinedConditions<
  "startAngle" | "meanVelocity" | "speed" | "pause" | "pauseForMs" | "pauseAt",
  never,
  "cue" | "turn"
>;

/**
 * Head-direction integration (Cueva, Wang, Chin & Wei 2020): from a start angle that is shown at first, and the angular
 * velocity, keep track of the angle.
 *
 * Inputs: `angularVelocity` (radians per second), a Gaussian random walk that is drawn back to its mean; `startCos`,
 * `startSin`, in the cue. Outputs: `cos`, `sin` of the angle after each step. The error does not count in the cue.
 * Conditions: `startAngle`; `meanVelocity` (0) and `speed`, the mean and standard deviation of the velocity (with
 * `speed: 0` the head turns evenly); `pause` (no, yes), `pauseForMs`, `pauseAt` (0 … 1: how far into the time that the
 * pause leaves). Accuracy: the share of counted steps with an angle within `tolerance`.
 *
 * Where the paper differs: w_t = 0.8 w_{t-1} + 0.03 N(0, 1) radians a step, which is the same at dt = 20 ms (standard
 * deviation 0.05 a step), is in radians a step and depends on dt; its head turns in the 10 steps of the cue already.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function headDirection(options: HeadDirectionOptions = {}): Task<Conditions> {
  const label = "headDirection";
  const given = parseWith(headDirectionSchema, options, label);
  const { dtMs = 20, cueMs, turnMs, speed, correlationMs, pauses, noise, tolerance } = given;
  const [least, most] = given.pauseMs;
  if (!(least <= most)) throw new ConfigError(`${label}: pauseMs: expected [least, most], got [${least}, ${most}].`);
  return defineTask({
    name: label,
    source: "Cueva, Wang, Chin & Wei 2020",
    dtMs,
    conditions: {
      startAngle: { uniform: [0, 2 * Math.PI] },
      meanVelocity: 0,
      speed,
      pause: { choice: ["no", "yes"], probabilities: [1 - pauses, pauses] },
      pauseForMs: { uniform: [least, most] },
      pauseAt: { uniform: [0, 1] },
    },
    periods: { cue: cueMs, turn: turnMs },
    inputs: {
      angularVelocity: {
        fill: (values, trial, timeline) => {
          const { from, to } = timeline.period("turn");
          const drift = new Drift(trial.speed, correlationMs, trial.dtMs, timeline.random);
          const stopped = trial.pause === 1 ? Math.min(to - from, stepsOf(trial.pauseForMs, trial.dtMs)) : 0;
          const stop = from + Math.round(trial.pauseAt * (to - from - stopped));
          for (let step = from; step < to; step += 1) {
            const velocity = trial.meanVelocity + drift.next();
            values[step] = step >= stop && step < stop + stopped ? 0 : velocity;
          }
        },
        noise: sensoryNoise(noise, "turn"),
      },
      start: {
        names: ["startCos", "startSin"],
        during: { cue: ({ startAngle }) => [Math.cos(startAngle), Math.sin(startAngle)] },
      },
    },
    outputs: {
      direction: {
        names: ["cos", "sin"],
        fill: (values, { startAngle, dtMs: dt }, timeline) => {
          const velocity = timeline.input("angularVelocity");
          let angle = startAngle;
          for (let step = 0; step < timeline.steps; step += 1) {
            angle += ((velocity[step] as number) * dt) / 1000;
            values[2 * step] = Math.cos(angle);
            values[2 * step + 1] = Math.sin(angle);
          }
        },
      },
    },
    mask: { turn: 1 },
    accuracy: (judged) => shareOfAngles(judged, tolerance),
    chance: tolerance / Math.PI,
  });
}

/** The share of the steps of the turn in which the angle of the outputs is near that of the targets. */
function shareOfAngles({ outputs, targets, period }: JudgedTrial, tolerance: number): number {
  const { from, to } = period("turn");
  const angleAt = (values: Float32Array, step: number): number =>
    Math.atan2(values[2 * step + 1] as number, values[2 * step] as number);
  let near = 0;
  for (let step = from; step < to; step += 1)
    if (angleBetween(angleAt(outputs, step), angleAt(targets, step)) < tolerance) near += 1;
  return near / (to - from);
}
