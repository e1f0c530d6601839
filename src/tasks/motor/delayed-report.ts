import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import { meanOutput } from "../scores.ts";
import type { Task } from "../task.ts";
import { durationSchema, sensoryNoise } from "../task-options.ts";

export const delayedReportSchema = z.strictObject({
  ...commonTaskOptions,
  stimulusMs: durationSchema.default(500),
  delayMs: durationSchema.default({ choice: [0, 1000, 2000] }),
  responseMs: durationSchema.default(500),
  /** Positions are drawn from [low, high). */
  positions: z.tuple([z.number(), z.number()]).default([0, 1]),
  /** What the position's input and target are while there is none. */
  absent: z.number().default(-0.5),
  /** σ of the noise of both inputs: its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0.01),
  /** How far the reported position may be from the one shown. */
  tolerance: z.number().positive().default(0.1),
  compat: z.literal("neurogym").optional(),
});
export type DelayedReportOptions = z.input<typeof delayedReportSchema>;

type Conditions = DefinedConditions<"position", never, "stimulus" | "delay" | "response">;

/**
 * Delayed report of a position on a line (neurogym's ReachingDelayResponse; after Funahashi, Bruce & Goldman-Rakic
 * 1989): a number is shown, and is to be given back after a delay, once the go cue comes on.
 *
 * Inputs: `goCue`, 1 in the response; `position`, -0.5 unless shown. Outputs: `go`, -1 until the response and 1 in it;
 * `position`, -0.5 until then. The error counts 5 in the response, but for its first 100 ms, and 1 until then.
 * Condition: `position`. A trial is solved if the mean of `go` is below 0 before the response and above 0 in it, and
 * the mean position of the response is within `tolerance`.
 *
 * Where neurogym differs (`compat`): the error counts 1 in all steps; there is no noise; durations are
 * cut down to whole steps.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function delayedReport(options: DelayedReportOptions = {}): Task<Conditions> {
  const label = "delayedReport";
  const given = parseWith(delayedReportSchema, options, label);
  const { dtMs = 20, positions, absent, tolerance, noise } = given;
  const [low, high] = positions;
  if (!(low < high)) throw new ConfigError(`${label}: positions: expected [low, high], got [${low}, ${high}].`);
  const original = given.compat === "neurogym";
  return defineTask({
    name: label,
    source: "neurogym (ReachingDelayResponse); Funahashi, Bruce & Goldman-Rakic 1989",
    dtMs,
    rounding: original ? "down" : "nearest",
    conditions: { position: { uniform: positions } },
    periods: { stimulus: given.stimulusMs, delay: given.delayMs, response: given.responseMs },
    inputs: {
      goCue: { during: { response: 1 } },
      position: { during: { stimulus: ({ position }) => position, otherwise: absent } },
    },
    noise: original ? 0 : sensoryNoise(noise),
    outputs: {
      go: { during: { response: 1, otherwise: -1 } },
      position: { during: { response: ({ position }) => position, otherwise: absent } },
    },
    mask: { response: original ? 1 : 5, otherwise: 1 },
    graceMs: { response: original ? 0 : 100 },
    accuracy: (judged) => {
      const response = judged.period("response");
      const waited = meanOutput(judged, 0, { from: 0, to: response.from }) < 0;
      const near = Math.abs(meanOutput(judged, 1, response) - judged.condition("position")) < tolerance;
      return Number(waited && meanOutput(judged, 0, response) > 0 && near);
    },
    chance: Math.min(1, (2 * tolerance) / (high - low)),
  });
}
