import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { answerSchema } from "../answer-time.ts";
import { decisionCounts, fixateThenChoose } from "../choice-outputs.ts";
import { type DefinedConditions, defineTask } from "../define-task.ts";
import { withDerived } from "../derived.ts";
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

export const delayedContextDecisionSchema = z.strictObject({
  ...fixationTaskOptions,
  fixationMs: durationSchema.default(300),
  stimulusMs: durationSchema.default(750),
  /** An exponential of mean 600 ms from 300 to 1500 ms unless given (to 3000 with `compat`). */
  delayMs: durationSchema.optional(),
  /** 300 ms unless given; 100 with `compat`. */
  decisionMs: answerSchema.optional(),
  /** Directions of motion, and as many colours, each with an input and together an output. */
  directions: z.int().min(2).default(2),
  coherences: coherencesSchema.default([0.05, 0.15, 0.5]),
});
export type DelayedContextDecisionOptions = z.input<typeof delayedContextDecisionSchema>;

type Generative = "context" | "motionDirection" | "colourDirection" | "motionCoherence" | "colourCoherence";
type Periods = "fixation" | "stimulus" | "delay" | "decision";
type Conditions = Omit<DefinedConditions<Generative | "choice", never, Periods>, "choice">;

/**
 * Context-dependent decision after a delay of random length (Mante, Sussillo, Shenoy & Newsome 2013; neurogym's
 * ContextDecisionMaking with explicit context): judge the motion or the colour of the dots, as the context says, and answer
 * once fixation goes off.
 *
 * Inputs: `fixation`, 1 until the decision; in the stimulus, for each direction of motion and then for each of colour,
 * 0.5 + c/2 · cos d, with noise; `contextMotion`, `contextColour`, 1 for the one to judge, all trial long. Outputs: `fixate`
 * and one for each direction. Conditions: `context`, `motionDirection`, `colourDirection`, `motionCoherence`,
 * `colourCoherence`; `choice`, the direction of the one to judge, follows.
 *
 * neurogym (`compat`) turns fixation off when the stimulus comes on, so that nothing says when the delay is over
 * (neurogym#279); its delay may last 3000 ms and its decision 100 ms.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function delayedContextDecision(options: DelayedContextDecisionOptions = {}): Task<Conditions> {
  const label = "delayedContextDecision";
  const given = parseWith(delayedContextDecisionSchema, options, label);
  const { dtMs = 20, directions, coherences } = given;
  const original = given.compat === "neurogym";
  const evidence = ringEvidence(label, directions);
  const noise = sensoryNoise(given.noise, "stimulus");
  const longestDelay = original ? 3000 : 1500;
  const task = defineTask({
    name: label,
    source: "Mante, Sussillo, Shenoy & Newsome 2013; neurogym",
    dtMs,
    rounding: original ? "down" : "nearest",
    conditions: {
      context: { choice: ["motion", "colour"] },
      motionDirection: directionRule(directions),
      colourDirection: directionRule(directions),
      motionCoherence: { choice: coherences },
      colourCoherence: { choice: coherences },
      choice: ({ context, motionDirection, colourDirection }) => (context === 0 ? motionDirection : colourDirection),
    },
    periods: {
      fixation: given.fixationMs,
      stimulus: given.stimulusMs,
      delay: given.delayMs ?? { truncatedExponential: { mean: 600, min: 300, max: longestDelay } },
      decision: given.decisionMs ?? (original ? 100 : 300),
    },
    inputs: {
      fixation: { during: original ? { fixation: 1 } : { decision: 0, otherwise: 1 } },
      motion: {
        names: directionNames(directions, "motion"),
        during: { stimulus: ({ motionDirection, motionCoherence }) => evidence(motionDirection, motionCoherence) },
        noise,
      },
      colour: {
        names: directionNames(directions, "colour"),
        during: { stimulus: ({ colourDirection, colourCoherence }) => evidence(colourDirection, colourCoherence) },
        noise,
      },
      context: {
        names: ["contextMotion", "contextColour"],
        during: { otherwise: ({ context }) => [1 - context, context] },
      },
    },
    outputs: fixateThenChoose(directionNames(directions), "choice"),
    ...decisionCounts(original),
    accuracy: { type: "choice", during: "decision", correct: "choice", outputs: ["choice"] },
  });
  return withDerived(task, ["choice"]);
}
