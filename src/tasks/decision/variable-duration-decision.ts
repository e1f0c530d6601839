import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { holdThenChoose } from "../choice-outputs.ts";
import { type DefinedConditions, defineTask } from "../define-task.ts";
import type { Task } from "../task.ts";
import { directionRule, durationSchema, sensoryNoise } from "../task-options.ts";
import { motionChannels, motionOptions } from "./opponent-motion.ts";

export const variableDurationDecisionSchema = z.strictObject({
  ...motionOptions,
  fixationMs: durationSchema.default(100),
  stimulusMs: durationSchema.default({ truncatedExponential: { mean: 330, min: 80, max: 1500 } }),
  decisionMs: durationSchema.default(300),
  /** Share of trials without a stimulus, in which the outputs are to stay low; one of as many as conditions unless given. */
  catchProbability: z
    .number()
    .min(0)
    .max(1)
    .default(1 / 11),
});
export type VariableDurationDecisionOptions = z.input<typeof variableDurationDecisionSchema>;

type Conditions = DefinedConditions<"direction" | "coherence", never, "fixation" | "stimulus" | "decision">;

/**
 * Random dot motion of a duration that the experimenter draws (Kiani, Hanks & Shadlen 2008; pycog's rdm_varstim): left or
 * right, once the dots are gone? The longer the dots were seen, the more often the answer is right.
 *
 * Inputs: `left`, `right`: (1 ± 3.2 c) / 2 in the stimulus, with noise in all of the trial; `start`, 1 in the stimulus.
 * Outputs: `left`, `right`. The error counts in fixation and decision. Conditions: `direction`, `coherence` c in
 * [0, 0.3125], `catch`.
 *
 * Difficulty: an ideal observer is right with probability Φ(3.2 c √(T / τ) / (2 σ)), τ = 100 ms: at c = 0.01 in 76 % of trials of
 * 80 ms, in 93 % of trials of 330 ms.
 *
 * pycog adds 0.2 to all inputs and rectifies them (its networks are excitatory and inhibitory; a bias does the same here),
 * has less input noise (σ 0.01) beside its recurrent noise, and shows nothing for 2000 ms in catch trials, all of which count.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function variableDurationDecision(options: VariableDurationDecisionOptions = {}): Task<Conditions> {
  const label = "variableDurationDecision";
  const given = parseWith(variableDurationDecisionSchema, options, label);
  const { dtMs = 20, coherences, noise, targets, catchProbability } = given;
  return defineTask({
    name: label,
    source: "Kiani, Hanks & Shadlen 2008; Song, Yang & Wang 2016 (pycog)",
    dtMs,
    conditions: { direction: directionRule(2), coherence: { choice: coherences } },
    periods: { fixation: given.fixationMs, stimulus: given.stimulusMs, decision: given.decisionMs },
    inputs: {
      motion: {
        names: ["left", "right"],
        during: { stimulus: (trial) => motionChannels(label, trial) },
        noise: sensoryNoise(noise),
      },
      start: { during: { stimulus: 1 } },
    },
    outputs: holdThenChoose(["left", "right"], "direction", targets),
    mask: { fixation: 1, decision: 1 },
    catchTrials: { probability: catchProbability, without: ["motion", "start"] },
    accuracy: { type: "choice", during: "decision", correct: "direction" },
  });
}
