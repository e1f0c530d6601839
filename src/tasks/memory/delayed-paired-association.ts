import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { answerSchema } from "../answer-time.ts";
import { decisionCounts, fixateOrGo } from "../choice-outputs.ts";
import { type DefinedConditions, defineTask } from "../define-task.ts";
import { withDerived } from "../derived.ts";
import { oneHot } from "../ring.ts";
import type { Task } from "../task.ts";
import { durationSchema, fixationTaskOptions, sensoryNoise } from "../task-options.ts";

export const delayedPairedAssociationSchema = z.strictObject({
  ...fixationTaskOptions,
  fixationMs: durationSchema.default(0),
  stimulus1Ms: durationSchema.default(1000),
  delay1Ms: durationSchema.default(1000),
  stimulus2Ms: durationSchema.default(1000),
  delay2Ms: durationSchema.default(1000),
  decisionMs: answerSchema.default(500),
});
export type DelayedPairedAssociationOptions = z.input<typeof delayedPairedAssociationSchema>;

type Periods = "fixation" | "stimulus1" | "delay1" | "stimulus2" | "delay2" | "decision";
type Conditions = Omit<DefinedConditions<"first" | "second" | "go", never, Periods>, "go">;

/**
 * Delayed paired association (Zhang, Yan et al. 2019; neurogym's DelayPairedAssociation): one of items 1 and 2, after a delay one
 * of items 3 and 4; go for the pairs 1-3 and 2-4, stay for 1-4 and 2-3, once fixation goes off.
 *
 * Inputs: `fixation`, 1 until the decision; `item1` … `item4`, 1 while shown, with noise. Outputs: `fixate`, `go`. Conditions:
 * `first` (item1, item2), `second` (item3, item4); `go` (0, 1) follows. neurogym (`compat`) has no noise.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function delayedPairedAssociation(options: DelayedPairedAssociationOptions = {}): Task<Conditions> {
  const label = "delayedPairedAssociation";
  const given = parseWith(delayedPairedAssociationSchema, options, label);
  const { dtMs = 20 } = given;
  const original = given.compat === "neurogym";
  const task = defineTask({
    name: label,
    source: "Zhang, Yan et al. 2019; neurogym",
    dtMs,
    rounding: original ? "down" : "nearest",
    conditions: {
      first: { choice: ["item1", "item2"] },
      second: { choice: ["item3", "item4"] },
      go: ({ first, second }) => Number(first === second),
    },
    periods: {
      fixation: given.fixationMs,
      stimulus1: given.stimulus1Ms,
      delay1: given.delay1Ms,
      stimulus2: given.stimulus2Ms,
      delay2: given.delay2Ms,
      decision: given.decisionMs,
    },
    inputs: {
      fixation: { during: { decision: 0, otherwise: 1 } },
      items: {
        names: ["item1", "item2", "item3", "item4"],
        during: { stimulus1: ({ first }) => oneHot(first, 4), stimulus2: ({ second }) => oneHot(2 + second, 4) },
        noise: original ? 0 : sensoryNoise(given.noise, "stimulus1", "stimulus2"),
      },
    },
    outputs: fixateOrGo("go"),
    ...decisionCounts(original),
    accuracy: { type: "choice", during: "decision", correct: "go" },
  });
  return withDerived(task, ["go"]);
}
