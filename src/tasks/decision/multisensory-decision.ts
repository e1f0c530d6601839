import { z } from "zod";
import { ValueError } from "../../errors.ts";
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

export const multisensoryDecisionSchema = z.strictObject({
  ...fixationTaskOptions,
  fixationMs: durationSchema.default(300),
  stimulusMs: durationSchema.default(750),
  /** 300 ms unless given; 100 with `compat`. */
  decisionMs: answerSchema.optional(),
  directions: z.int().min(2).default(2),
  /** Of both senses together. */
  coherences: coherencesSchema.default([0.05, 0.15, 0.5]),
});
export type MultisensoryDecisionOptions = z.input<typeof multisensoryDecisionSchema>;

type Conditions = DefinedConditions<
  "direction" | "coherence" | "visualShare",
  never,
  "fixation" | "stimulus" | "decision"
>;

function checkShare(label: string, share: number): number {
  if (share >= 0 && share <= 1) return share;
  throw new ValueError(`${label}: visualShare: expected a number in [0, 1], got ${share}.`);
}

/**
 * Decision on what two senses show together (neurogym's MultiSensoryIntegration): both point in the same direction, and a
 * random share of the evidence is visual, the rest auditory, so that both have to be used.
 *
 * Inputs: `fixation`, 1 until the decision; in the stimulus, for each direction of the visual and then of the auditory
 * stimulus, 0.5 + c/2 · cos d of its share of the coherence, with noise. Outputs: `fixate` and one for each direction.
 * Conditions: `direction`, `coherence` of both together, `visualShare` in [0, 1] (1: visual only).
 *
 * neurogym (`compat`) puts noise on fixation, too, has a decision of 100 ms, and says of itself that it is not finished.
 * Rates, in one sense or both: {@link multisensoryIntegration}.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function multisensoryDecision(options: MultisensoryDecisionOptions = {}): Task<Conditions> {
  const label = "multisensoryDecision";
  const given = parseWith(multisensoryDecisionSchema, options, label);
  const { dtMs = 20, directions, coherences } = given;
  const original = given.compat === "neurogym";
  const evidence = ringEvidence(label, directions);
  const noise = sensoryNoise(given.noise, "stimulus");
  return defineTask({
    name: label,
    source: "Raposo, Kaufman & Churchland 2014; neurogym",
    dtMs,
    rounding: original ? "down" : "nearest",
    conditions: {
      direction: directionRule(directions),
      coherence: { choice: coherences },
      visualShare: { uniform: [0, 1] },
    },
    periods: {
      fixation: given.fixationMs,
      stimulus: given.stimulusMs,
      decision: given.decisionMs ?? (original ? 100 : 300),
    },
    inputs: {
      fixation: {
        during: { decision: 0, otherwise: 1 },
        noise: original ? sensoryNoise(given.noise, "stimulus") : 0,
      },
      visual: {
        names: directionNames(directions, "visual"),
        during: {
          stimulus: ({ direction, coherence, visualShare }) =>
            evidence(direction, coherence * checkShare(label, visualShare)),
        },
        noise,
      },
      auditory: {
        names: directionNames(directions, "auditory"),
        during: {
          stimulus: ({ direction, coherence, visualShare }) => evidence(direction, coherence * (1 - visualShare)),
        },
        noise,
      },
    },
    outputs: fixateThenChoose(directionNames(directions), "direction"),
    ...decisionCounts(original),
    accuracy: { type: "choice", during: "decision", correct: "direction", outputs: ["choice"] },
  });
}
