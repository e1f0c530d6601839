import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { answerSchema } from "../answer-time.ts";
import { type DefinedConditions, defineTask } from "../define-task.ts";
import { withDerived } from "../derived.ts";
import { cosineRing, oneHot } from "../ring.ts";
import type { Task } from "../task.ts";
import { durationSchema, fixationTaskOptions, sensoryNoise } from "../task-options.ts";
import { numberedDirections } from "./directions.ts";

export const delayedMatchToCategorySchema = z.strictObject({
  ...fixationTaskOptions,
  fixationMs: durationSchema.default(500),
  sampleMs: durationSchema.default(650),
  delayMs: durationSchema.default(1000),
  testMs: answerSchema.default(650),
  /** Directions of motion, half of them on either side of the boundary, none on it; an even number. */
  directions: z.int().min(2).multipleOf(2).default(12),
  /** Inputs, at preferred directions evenly around the circle from the boundary on. */
  units: z.int().min(3).default(8),
});
export type DelayedMatchToCategoryOptions = z.input<typeof delayedMatchToCategorySchema>;

type Periods = "fixation" | "sample" | "delay" | "test";
type Conditions = Omit<DefinedConditions<"sample" | "relation" | "test" | "choice", never, Periods>, "choice">;

/**
 * Delayed match to category (Freedman & Assad 2006; neurogym's DelayMatchCategory): do sample and test lie on the same side of
 * a boundary through the circle of directions? Answer while the test is there.
 *
 * Inputs: `fixation`, 1 until the test; `units` of them (1 + cos d) / 2 in sample and test, with noise. Outputs: `fixate`,
 * `match`, `nonMatch`; the error does not count in the first 100 ms of the test, and then five times. Conditions: `sample`
 * (number of its direction; direction k is 2π (k + ½) / n, the first half are one category), `relation` (match, nonMatch),
 * `test` (any of the category that follows, unless fixed); `choice` follows from sample and test.
 *
 * neurogym has two inputs unless told otherwise: cos θ and -cos θ are the same for the directions θ and -θ, one in each
 * category, so that its default task cannot be solved. Here there are at least three. Its directions are any; here 12 as in
 * the paper. `compat` has neurogym's steps and mask.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function delayedMatchToCategory(options: DelayedMatchToCategoryOptions = {}): Task<Conditions> {
  const label = "delayedMatchToCategory";
  const given = parseWith(delayedMatchToCategorySchema, options, label);
  const { dtMs = 20, directions, units } = given;
  const original = given.compat === "neurogym";
  const half = directions / 2;
  const ring = cosineRing({ size: units, height: 0.5 });
  const shown = (direction: number): Float64Array =>
    ring((2 * Math.PI * (direction + 0.5)) / directions).map((value) => value + 0.5);
  const categoryOf = (direction: number): number => Number(direction >= half);
  const task = defineTask({
    name: label,
    source: "Freedman & Assad 2006; neurogym",
    dtMs,
    rounding: original ? "down" : "nearest",
    conditions: {
      sample: numberedDirections(directions),
      relation: { choice: ["match", "nonMatch"] },
      test: ({ sample, relation }, random) => half * (categoryOf(sample) ^ relation) + random.integer(half),
      choice: ({ sample, test }) => Number(categoryOf(sample) !== categoryOf(test)),
    },
    periods: {
      fixation: given.fixationMs,
      sample: given.sampleMs,
      delay: given.delayMs,
      test: given.testMs,
    },
    inputs: {
      fixation: { during: { test: 0, otherwise: 1 } },
      stimulus: {
        size: units,
        during: { sample: ({ sample }) => shown(sample), test: ({ test }) => shown(test) },
        noise: sensoryNoise(given.noise, "sample", "test"),
      },
    },
    outputs: {
      fixate: { during: { test: 0, otherwise: 1 } },
      choice: { names: ["match", "nonMatch"], during: { test: ({ choice }) => oneHot(choice, 2) } },
    },
    mask: { test: original ? 1 : 5, otherwise: 1 },
    graceMs: { test: original ? 0 : 100 },
    accuracy: { type: "choice", during: "test", correct: "choice", outputs: ["choice"] },
  });
  return withDerived(task, ["choice"]);
}
