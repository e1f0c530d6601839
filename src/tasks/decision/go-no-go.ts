import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { answerSchema } from "../answer-time.ts";
import { decisionCounts, fixateOrGo } from "../choice-outputs.ts";
import { type DefinedConditions, defineTask } from "../define-task.ts";
import { oneHot } from "../ring.ts";
import type { Task } from "../task.ts";
import { durationSchema, fixationTaskOptions, sensoryNoise } from "../task-options.ts";

export const goNoGoSchema = z.strictObject({
  ...fixationTaskOptions,
  fixationMs: durationSchema.default(0),
  stimulusMs: durationSchema.default(500),
  delayMs: durationSchema.default(500),
  decisionMs: answerSchema.default(500),
  /** Share of trials in which to go. */
  goProbability: z.number().min(0).max(1).default(0.5),
});
export type GoNoGoOptions = z.input<typeof goNoGoSchema>;

type Conditions = DefinedConditions<"cue", never, "fixation" | "stimulus" | "delay" | "decision">;

/**
 * Go / no-go (Zhang, Yan et al. 2019; neurogym's GoNogo): one stimulus means go, the other means stay, once fixation goes off.
 *
 * Inputs: `fixation`, 1 until the decision; `noGo`, `go`, one of them 1 in the stimulus, with noise. Outputs: `fixate`, `go`.
 * Condition: `cue` (noGo, go). Trials begin with the stimulus, as in neurogym, unless `fixationMs` is given. neurogym
 * (`compat`) has no noise.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function goNoGo(options: GoNoGoOptions = {}): Task<Conditions> {
  const label = "goNoGo";
  const given = parseWith(goNoGoSchema, options, label);
  const { dtMs = 20, goProbability } = given;
  const original = given.compat === "neurogym";
  return defineTask({
    name: label,
    source: "Zhang, Yan et al. 2019; neurogym",
    dtMs,
    rounding: original ? "down" : "nearest",
    conditions: { cue: { choice: ["noGo", "go"], probabilities: [1 - goProbability, goProbability] } },
    periods: {
      fixation: given.fixationMs,
      stimulus: given.stimulusMs,
      delay: given.delayMs,
      decision: given.decisionMs,
    },
    inputs: {
      fixation: { during: { decision: 0, otherwise: 1 } },
      cue: {
        names: ["noGo", "go"],
        during: { stimulus: ({ cue }) => oneHot(cue, 2) },
        noise: original ? 0 : sensoryNoise(given.noise, "stimulus"),
      },
    },
    outputs: fixateOrGo("cue"),
    ...decisionCounts(original),
    accuracy: { type: "choice", during: "decision", correct: "cue" },
    chance: Math.max(goProbability, 1 - goProbability),
  });
}
