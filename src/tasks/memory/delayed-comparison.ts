import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { answerSchema } from "../answer-time.ts";
import { decisionCounts, fixateThenChoose } from "../choice-outputs.ts";
import { type DefinedConditions, defineTask } from "../define-task.ts";
import { withDerived } from "../derived.ts";
import { opponentRates } from "../opponent-rates.ts";
import type { Task } from "../task.ts";
import { durationSchema, fixationTaskOptions, sensoryNoise } from "../task-options.ts";
import { firstOf, higherOf, pairsSchema, rangeOf, secondOf } from "./frequency-pairs.ts";

export const delayedComparisonSchema = z.strictObject({
  ...fixationTaskOptions,
  fixationMs: durationSchema.default(500),
  stimulus1Ms: durationSchema.default(500),
  delayMs: durationSchema.default(1000),
  stimulus2Ms: durationSchema.default(500),
  /** 300 ms unless given; 100 with `compat`. */
  decisionMs: answerSchema.optional(),
  pairs: pairsSchema,
});
export type DelayedComparisonOptions = z.input<typeof delayedComparisonSchema>;

type Periods = "fixation" | "stimulus1" | "delay" | "stimulus2" | "decision";
type Conditions = Omit<DefinedConditions<"pair" | "order" | "f1" | "f2" | "choice", never, Periods>, "choice">;

/**
 * Delayed comparison, parametric working memory with one input (Barak, Tsodyks & Romo 2010; neurogym's DelayComparison): two
 * magnitudes, one after the other; which was larger? Answer once fixation goes off.
 *
 * Inputs: `fixation`, 1 until the decision; `frequency`, 0.5 … 1 in both stimuli, with noise. Outputs: `fixate`, `first`,
 * `second`. Conditions: `pair` (its number), `order`, from them `f1` and `f2` in Hz unless fixed; `choice` follows (of
 * equals: at random).
 *
 * neurogym (`compat`) puts noise on fixation, too, and has a decision of 100 ms.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function delayedComparison(options: DelayedComparisonOptions = {}): Task<Conditions> {
  const label = "delayedComparison";
  const given = parseWith(delayedComparisonSchema, options, label);
  const { dtMs = 20, pairs } = given;
  const original = given.compat === "neurogym";
  const noise = sensoryNoise(given.noise, "stimulus1", "stimulus2");
  const channels = opponentRates(`${label}: frequency`, ...rangeOf(pairs));
  // From 0.4 … 1.2 to 0.5 … 1.
  const input = (hz: number): number => 0.5 + (channels(hz)[0] - 0.4) / 1.6;
  const task = defineTask({
    name: label,
    source: "Barak, Tsodyks & Romo 2010; neurogym",
    dtMs,
    rounding: original ? "down" : "nearest",
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
      decision: given.decisionMs ?? (original ? 100 : 300),
    },
    inputs: {
      fixation: { during: { decision: 0, otherwise: 1 }, noise: original ? noise : 0 },
      frequency: { during: { stimulus1: ({ f1 }) => input(f1), stimulus2: ({ f2 }) => input(f2) }, noise },
    },
    outputs: fixateThenChoose(["first", "second"], "choice"),
    ...decisionCounts(original),
    accuracy: { type: "choice", during: "decision", correct: "choice", outputs: ["choice"] },
  });
  return withDerived(task, ["choice"]);
}
