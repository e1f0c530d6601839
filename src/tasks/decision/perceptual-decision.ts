import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { answerSchema } from "../answer-time.ts";
import { decisionCounts, fixateThenChoose } from "../choice-outputs.ts";
import { type DefinedConditions, defineTask } from "../define-task.ts";
import type { Task } from "../task.ts";
import {
  coherencesSchema,
  directionNames,
  directionRule,
  durationSchema,
  fixationTaskOptions,
  ringEvidence,
  sensoryNoise,
} from "../task-options.ts";

export const perceptualDecisionSchema = z.strictObject({
  ...fixationTaskOptions,
  fixationMs: durationSchema.default(100),
  stimulusMs: durationSchema.default(2000),
  delayMs: durationSchema.default(0),
  /** 300 ms unless given; 100 with `compat`. */
  decisionMs: answerSchema.optional(),
  /** Directions of motion, evenly around a circle, each with an input and an output. */
  directions: z.int().min(2).default(2),
  coherences: coherencesSchema.default([0.064, 0.128, 0.256, 0.512]),
});
export type PerceptualDecisionOptions = z.input<typeof perceptualDecisionSchema>;

type Conditions = DefinedConditions<"direction" | "coherence", never, "fixation" | "stimulus" | "delay" | "decision">;

/**
 * Perceptual decision on random dot motion of fixed duration (Britten, Shadlen, Newsome & Movshon 1992; neurogym's
 * PerceptualDecisionMaking): in which direction do the dots move, once fixation goes off?
 *
 * Inputs: `fixation`, 1 until the decision; one for each direction, 0.5 + c/2 · cos d in the stimulus, with noise. Outputs:
 * `fixate` and one for each direction. Conditions: `direction` (its number), `coherence` c in [0, 1].
 *
 * Difficulty for two directions: the sum of their difference has a signal to noise ratio z = c √(T / τ) / (2 σ), τ = 100 ms; an
 * ideal observer is right with probability Φ(z): 98 % at the weakest of the defaults.
 *
 * neurogym (`compat`) turns fixation off when the stimulus comes on, so that nothing says when a delay is over; it includes
 * coherence 0, which has no right answer (here a batch may ask for it); its decision lasts 100 ms.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function perceptualDecision(options: PerceptualDecisionOptions = {}): Task<Conditions> {
  const label = "perceptualDecision";
  const given = parseWith(perceptualDecisionSchema, options, label);
  const { dtMs = 20, directions, coherences, noise } = given;
  const original = given.compat === "neurogym";
  const evidence = ringEvidence(label, directions);
  return defineTask({
    name: label,
    source: "Britten, Shadlen, Newsome & Movshon 1992; neurogym",
    dtMs,
    rounding: original ? "down" : "nearest",
    conditions: { direction: directionRule(directions), coherence: { choice: coherences } },
    periods: {
      fixation: given.fixationMs,
      stimulus: given.stimulusMs,
      delay: given.delayMs,
      decision: given.decisionMs ?? (original ? 100 : 300),
    },
    inputs: {
      fixation: { during: original ? { fixation: 1 } : { decision: 0, otherwise: 1 } },
      stimulus: {
        names: directionNames(directions, "stimulus"),
        during: { stimulus: ({ direction, coherence }) => evidence(direction, coherence) },
        noise: sensoryNoise(noise, "stimulus"),
      },
    },
    outputs: fixateThenChoose(directionNames(directions), "direction"),
    ...decisionCounts(original),
    accuracy: { type: "choice", during: "decision", correct: "direction", outputs: ["choice"] },
  });
}
