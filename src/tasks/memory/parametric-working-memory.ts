import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { holdThenChoose } from "../choice-outputs.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import { withDerived } from "../derived.ts";
import { opponentRates } from "../opponent-rates.ts";
import type { Task } from "../task.ts";
import { durationSchema, sensoryNoise, targetsSchema } from "../task-options.ts";
import { firstOf, higherOf, pairsSchema, rangeOf, secondOf } from "./frequency-pairs.ts";

export const parametricWorkingMemorySchema = z.strictObject({
  ...commonTaskOptions,
  fixationMs: durationSchema.default(100),
  stimulus1Ms: durationSchema.default(500),
  delayMs: durationSchema.default({ uniform: [2500, 3500] }),
  stimulus2Ms: durationSchema.default(500),
  decisionMs: durationSchema.default(300),
  pairs: pairsSchema,
  /** σ of the noise of the inputs: its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0.05),
  targets: targetsSchema.default([0.2, 1]),
  /** Share of trials without stimuli, in which the outputs are to stay low. */
  catchProbability: z
    .number()
    .min(0)
    .max(1)
    .default(1 / 11),
});
export type ParametricWorkingMemoryOptions = z.input<typeof parametricWorkingMemorySchema>;

type Periods = "fixation" | "stimulus1" | "delay" | "stimulus2" | "decision";
type Conditions = Omit<DefinedConditions<"pair" | "order" | "f1" | "f2" | "choice", never, Periods>, "choice">;

/**
 * Parametric working memory (Romo, Brody, Hernández & Lemus 1999; Barak, Tsodyks & Romo 2010; pycog's romo): two vibrations, some
 * seconds apart; was the first or the second one faster?
 *
 * Inputs: `rising`, 0.4 … 1.2 with the frequency, and `falling`, in both stimuli, with noise in all of the trial. Outputs:
 * `first`, `second`. The error counts in fixation and decision; the end of the second stimulus is the go cue. Conditions:
 * `pair` (its number), `order`, from them `f1` and `f2` in Hz unless fixed, `catch`; `choice` follows (of equals: at random).
 *
 * pycog adds 0.2 to all inputs and rectifies them, has less input noise (σ 0.01) beside its recurrent noise, and shows nothing
 * for 2500 ms in catch trials, all of which count. With one input and a fixation cue: {@link delayedComparison}; with
 * PsychRNN's times: {@link delayedDiscrimination}.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function parametricWorkingMemory(options: ParametricWorkingMemoryOptions = {}): Task<Conditions> {
  const label = "parametricWorkingMemory";
  const given = parseWith(parametricWorkingMemorySchema, options, label);
  const { dtMs = 20, pairs, targets, catchProbability } = given;
  const channels = opponentRates(`${label}: frequency`, ...rangeOf(pairs));
  const task = defineTask({
    name: label,
    source: "Romo, Brody, Hernández & Lemus 1999; Song, Yang & Wang 2016 (pycog)",
    dtMs,
    conditions: {
      pair: { choice: pairs.map((_, index) => index), only: true },
      order: { choice: ["descending", "ascending"] },
      f1: (trial) => firstOf(pairs, trial),
      f2: (trial) => secondOf(pairs, trial),
      choice: ({ f1, f2 }, random) => higherOf(f1, f2, random),
    },
    periods: {
      fixation: given.fixationMs,
      stimulus1: given.stimulus1Ms,
      delay: given.delayMs,
      stimulus2: given.stimulus2Ms,
      decision: given.decisionMs,
    },
    inputs: {
      frequency: {
        names: ["rising", "falling"],
        during: { stimulus1: ({ f1 }) => channels(f1), stimulus2: ({ f2 }) => channels(f2) },
        noise: sensoryNoise(given.noise),
      },
    },
    outputs: holdThenChoose(["first", "second"], "choice", targets),
    mask: { fixation: 1, decision: 1 },
    catchTrials: { probability: catchProbability, without: ["frequency"] },
    accuracy: { type: "choice", during: "decision", correct: "choice" },
  });
  return withDerived(task, ["choice"]);
}
