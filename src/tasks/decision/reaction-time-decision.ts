import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { holdThenChoose } from "../choice-outputs.ts";
import { type DefinedConditions, defineTask } from "../define-task.ts";
import type { Task } from "../task.ts";
import { directionRule, durationSchema, sensoryNoise, targetsSchema } from "../task-options.ts";
import { motionChannels, motionOptions } from "./opponent-motion.ts";

export const reactionTimeDecisionSchema = z.strictObject({
  ...motionOptions,
  fixationMs: durationSchema.default(100),
  /** Start of the stimulus in which the network may do what it likes. */
  freeMs: durationSchema.default(300),
  /** The rest of the stimulus, in which the choice is to be shown. */
  decisionMs: durationSchema.default(500),
  targets: targetsSchema.default([0.2, 1.2]),
  /** Share of trials without a stimulus, in which the outputs are to stay low. */
  catchProbability: z
    .number()
    .min(0)
    .max(1)
    .default(5 / 11),
});
export type ReactionTimeDecisionOptions = z.input<typeof reactionTimeDecisionSchema>;

type Conditions = DefinedConditions<"direction" | "coherence", never, "fixation" | "free" | "decision">;

/**
 * Random dot motion with an answer at any time (Roitman & Shadlen 2002; pycog's rdm_rt): the dots stay on, and the outputs
 * are to come apart while they do. The reaction time is read off a trained network as the time at which an output crosses
 * a threshold, such as 1: {@link reactionTimes}. For that, show the dots longer: `batch({ decisionMs: 1200, … })`.
 *
 * Inputs: `left`, `right`: (1 ± 3.2 c) / 2 in the stimulus (the periods `free` and `decision`), with noise in all of the trial;
 * `start`, 1 in the stimulus. Outputs: `left`, `right`. The error does not count in the first 300 ms of the stimulus.
 * Conditions: `direction`, `coherence` c in [0, 0.3125], `catch`. The onset of the stimulus is the go cue; because almost half
 * of all trials are catch trials, a network cannot answer by the time alone.
 *
 * pycog differs as at {@link variableDurationDecision}.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function reactionTimeDecision(options: ReactionTimeDecisionOptions = {}): Task<Conditions> {
  const label = "reactionTimeDecision";
  const given = parseWith(reactionTimeDecisionSchema, options, label);
  const { dtMs = 20, coherences, noise, targets, catchProbability } = given;
  const stimulus = (trial: { readonly direction: number; readonly coherence: number }) => motionChannels(label, trial);
  return defineTask({
    name: label,
    source: "Roitman & Shadlen 2002; Song, Yang & Wang 2016 (pycog)",
    dtMs,
    conditions: { direction: directionRule(2), coherence: { choice: coherences } },
    periods: { fixation: given.fixationMs, free: given.freeMs, decision: given.decisionMs },
    inputs: {
      motion: {
        names: ["left", "right"],
        during: { free: stimulus, decision: stimulus },
        noise: sensoryNoise(noise),
      },
      start: { during: { free: 1, decision: 1 } },
    },
    outputs: holdThenChoose(["left", "right"], "direction", targets),
    mask: { fixation: 1, decision: 1 },
    catchTrials: { probability: catchProbability, without: ["motion", "start"] },
    accuracy: { type: "choice", during: "decision", correct: "direction" },
  });
}
