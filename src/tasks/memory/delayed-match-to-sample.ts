import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import { answerSchema } from "../answer-time.ts";
import { decisionCounts, fixateThenChoose } from "../choice-outputs.ts";
import { type DefinedConditions, defineTask } from "../define-task.ts";
import { withDerived } from "../derived.ts";
import type { Task } from "../task.ts";
import { durationSchema, fixationTaskOptions, ringEvidence, sensoryNoise } from "../task-options.ts";
import { numberedDirections, otherThan } from "./directions.ts";

export const delayedMatchToSampleSchema = z.strictObject({
  ...fixationTaskOptions,
  fixationMs: durationSchema.default(300),
  sampleMs: durationSchema.default(500),
  delayMs: durationSchema.default(1000),
  testMs: durationSchema.default(500),
  decisionMs: answerSchema.default(900),
  /** Directions evenly around a circle, each with an input. */
  directions: z.int().min(2).default(8),
  /** A test matches that is rotated by this from the sample (Masse et al. 2019); a multiple of 360 / directions. */
  rotationDegrees: z.number().default(0),
});
export type DelayedMatchToSampleOptions = z.input<typeof delayedMatchToSampleSchema>;

type Periods = "fixation" | "sample" | "delay" | "test" | "decision";
type Conditions = Omit<DefinedConditions<"sample" | "relation" | "test" | "choice", never, Periods>, "choice">;

/**
 * Delayed match to sample (Miller, Erickson & Desimone 1996; neurogym's DelayMatchSample): is the test the same as the sample?
 * Answer once fixation goes off. With `rotationDegrees` 45, 90 or 180 it is the rotated match of Masse, Yang, Song, Wang &
 * Freedman (2019).
 *
 * Inputs: `fixation`, 1 until the decision; one for each direction, (1 + cos d) / 2 in sample and test, with noise. Outputs:
 * `fixate`, `match`, `nonMatch`. Conditions: `sample` (number of its direction), `relation` (match, nonMatch), `test` (that
 * follows from both unless fixed; of a non-match: any other direction); `choice` follows from sample and test.
 *
 * neurogym (`compat`) has two directions unless told otherwise, and its non-match is the opposite direction.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function delayedMatchToSample(options: DelayedMatchToSampleOptions = {}): Task<Conditions> {
  const label = "delayedMatchToSample";
  const given = parseWith(delayedMatchToSampleSchema, options, label);
  const { dtMs = 20, directions, rotationDegrees } = given;
  const original = given.compat === "neurogym";
  const rotation = (rotationDegrees * directions) / 360;
  if (!Number.isInteger(rotation) || (original && directions % 2 !== 0))
    throw new ConfigError(
      original && Number.isInteger(rotation)
        ? `${label}: directions: neurogym's non-match is the opposite direction: expected an even number, got ${directions}.`
        : `${label}: rotationDegrees: expected a multiple of ${360 / directions} (360 / directions), got ${rotationDegrees}.`,
    );
  const rotated = (sample: number): number => (((sample + rotation) % directions) + directions) % directions;
  const ring = ringEvidence(label, directions);
  const task = defineTask({
    name: label,
    source: "Miller, Erickson & Desimone 1996; neurogym",
    dtMs,
    rounding: original ? "down" : "nearest",
    conditions: {
      sample: numberedDirections(directions),
      relation: { choice: ["match", "nonMatch"] },
      test: ({ sample, relation }, random) => {
        if (relation === 0) return rotated(sample);
        if (original) return (rotated(sample) + directions / 2) % directions;
        return otherThan(rotated(sample), directions, random);
      },
      choice: ({ sample, test }) => Number(test !== rotated(sample)),
    },
    periods: {
      fixation: given.fixationMs,
      sample: given.sampleMs,
      delay: given.delayMs,
      test: given.testMs,
      decision: given.decisionMs,
    },
    inputs: {
      fixation: { during: { decision: 0, otherwise: 1 } },
      stimulus: {
        size: directions,
        during: { sample: ({ sample }) => ring(sample, 1), test: ({ test }) => ring(test, 1) },
        noise: sensoryNoise(given.noise, "sample", "test"),
      },
    },
    outputs: fixateThenChoose(["match", "nonMatch"], "choice"),
    ...decisionCounts(original),
    accuracy: { type: "choice", during: "decision", correct: "choice", outputs: ["choice"] },
  });
  return withDerived(task, ["choice"]);
}
