import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { answerSchema } from "../answer-time.ts";
import { decisionCounts, fixateThenChoose } from "../choice-outputs.ts";
import { type DefinedConditions, defineTask } from "../define-task.ts";
import { withDerived } from "../derived.ts";
import { cosineRing } from "../ring.ts";
import type { Task } from "../task.ts";
import { directionNames, durationSchema, fixationTaskOptions, sensoryNoise } from "../task-options.ts";

export const antiResponseSchema = z.strictObject({
  ...fixationTaskOptions,
  fixationMs: durationSchema.default(500),
  stimulusMs: durationSchema.default(500),
  delayMs: durationSchema.default(0),
  decisionMs: answerSchema.default(500),
  /** Directions evenly around a circle, each with an input and an output; an even number. */
  directions: z.int().min(2).multipleOf(2).default(32),
  /** Away from the stimulus, towards it, or as an input says that is 1 for away. */
  rule: z.enum(["anti", "pro", "cued"]).default("anti"),
});
export type AntiResponseOptions = z.input<typeof antiResponseSchema>;

type Periods = "fixation" | "stimulus" | "delay" | "decision";
type Conditions = Omit<DefinedConditions<"rule" | "stimulus" | "response", never, Periods>, "response">;

/**
 * Anti-response (Munoz & Everling 2004; neurogym's AntiReach): respond in the direction opposite to the stimulus, once fixation
 * goes off. With `rule: "cued"`, an input says for each trial whether to respond away from it or towards it.
 *
 * Inputs: `fixation`, 1 until the decision; one for each direction, cos d in the stimulus, with noise; with cues `anti`, 1
 * until the decision where the response is to go away. Outputs: `fixate` and one for each direction. Conditions: `rule` (pro,
 * anti), `stimulus` (number of its direction); `response` follows.
 *
 * neurogym (`compat`) has no noise, and one rule for all trials.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function antiResponse(options: AntiResponseOptions = {}): Task<Conditions> {
  const label = "antiResponse";
  const given = parseWith(antiResponseSchema, options, label);
  const { dtMs = 20, directions, rule } = given;
  const original = given.compat === "neurogym";
  const ring = cosineRing({ size: directions });
  const numbers = Array.from({ length: directions }, (_, direction) => direction);
  const probabilities = { pro: [1, 0], anti: [0, 1], cued: [1, 1] }[rule];
  const inputs = {
    fixation: { during: { decision: 0, otherwise: 1 } },
    stimulus: {
      names: numbers.map((direction) => `stimulus${direction}`),
      during: {
        stimulus: (trial: { readonly stimulus: number }) => ring((2 * Math.PI * trial.stimulus) / directions),
      },
      noise: original ? 0 : sensoryNoise(given.noise, "stimulus"),
    },
  };
  const cue = { anti: { during: { decision: 0, otherwise: (trial: { readonly rule: number }) => trial.rule } } };
  const task = defineTask({
    name: label,
    source: "Munoz & Everling 2004; neurogym",
    dtMs,
    rounding: original ? "down" : "nearest",
    conditions: {
      rule: { choice: ["pro", "anti"], probabilities },
      stimulus: { choice: numbers, only: true },
      response: (trial) => (trial.stimulus + trial.rule * (directions / 2)) % directions,
    },
    periods: {
      fixation: given.fixationMs,
      stimulus: given.stimulusMs,
      delay: given.delayMs,
      decision: given.decisionMs,
    },
    inputs: rule === "cued" ? { ...inputs, ...cue } : inputs,
    outputs: fixateThenChoose(directionNames(directions), "response"),
    ...decisionCounts(original),
    accuracy: { type: "choice", during: "decision", correct: "response", outputs: ["choice"] },
  });
  return withDerived(task, ["response"]);
}
