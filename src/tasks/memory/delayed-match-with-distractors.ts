import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import type { Random } from "../../random.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import type { JudgedTrial } from "../definition.ts";
import { withDerived } from "../derived.ts";
import type { Task } from "../task.ts";
import { durationSchema, ringEvidence, sensoryNoise } from "../task-options.ts";
import { numberedDirections, otherThan } from "./directions.ts";

export const delayedMatchWithDistractorsSchema = z.strictObject({
  ...commonTaskOptions,
  fixationMs: durationSchema.default(300),
  sampleMs: durationSchema.default(500),
  /** Before each test. */
  delayMs: z.number().nonnegative().default(1000),
  /** Of each test; at least 200, because the first 100 do not count. */
  testMs: z.number().min(200).default(500),
  /** Directions evenly around a circle, each with an input. */
  directions: z.int().min(2).default(8),
  /** σ of the noise of the stimuli: its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0.0707),
});
export type DelayedMatchWithDistractorsOptions = z.input<typeof delayedMatchWithDistractorsSchema>;

type Tests = "test1" | "test2" | "test3";
type Periods = "fixation" | "sample" | "delay1" | "test1" | "delay2" | "test2" | "delay3" | "test3";
type Conditions = Omit<DefinedConditions<"sample" | "matchAt" | Tests | "respondAt", never, Periods>, "respondAt">;

/** What a batch asks for: a sample, and which test is to match it. */
interface Asked {
  readonly sample: number;
  readonly matchAt: number;
}

const tests = ["test1", "test2", "test3"] as const;

/** Whether `match` exceeds `fixate` on the mean of a test that was shown. */
function responded({ outputs, period }: JudgedTrial, test: Tests): boolean {
  const { from, to } = period(test);
  let sum = 0;
  for (let step = from; step < to; step += 1) sum += (outputs[2 * step + 1] as number) - (outputs[2 * step] as number);
  return sum > 0;
}

/** 1 where the network responds to the first test that matches, and to none before it. */
function score(judged: JudgedTrial): number {
  if (judged.outputs.some(Number.isNaN)) return 0;
  const answer = tests.findIndex((test) => responded(judged, test)) + 1;
  return Number(answer === judged.condition("respondAt"));
}

/**
 * Delayed match to sample with distractors (Miller, Erickson & Desimone 1996; neurogym's DelayMatchSampleDistractor1D): up to three
 * tests follow a sample, one after another; respond to the first one that is the same, while it is there.
 *
 * Inputs: `fixation`, 1 all trial long; one for each direction, (1 + cos d) / 2 in sample and tests, with noise. Outputs:
 * `fixate` and `match`; the trial ends with the test that matches. The tests themselves are the cue to answer; the error does
 * not count in their first 100 ms, and then five times. Conditions: `sample`, `matchAt` (1, 2 or 3), and from them `test1` …
 * `test3` unless fixed (distractors: any other directions, which may repeat each other); `respondAt` follows (0: never, where
 * no test was fixed to match). A guess answers at a random test: chance is 1/3.
 *
 * neurogym draws distractors from the whole circle, so that some cannot be told from the sample; its fixation goes off with
 * the sample, and its trials go on after the match.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function delayedMatchWithDistractors(options: DelayedMatchWithDistractorsOptions = {}): Task<Conditions> {
  const label = "delayedMatchWithDistractors";
  const given = parseWith(delayedMatchWithDistractorsSchema, options, label);
  const { dtMs = 20, directions, delayMs, testMs } = given;
  const ring = ringEvidence(label, directions);
  const draw = (test: number, { sample, matchAt }: Asked, random: Random): number =>
    matchAt === test ? sample : otherThan(sample, directions, random);
  /** How long a period before or of a test is: nothing once an earlier test has matched. */
  const unlessOver = (test: number, ms: number, respondAt: number): number =>
    respondAt > 0 && respondAt < test ? 0 : ms;
  const task = defineTask({
    name: label,
    source: "Miller, Erickson & Desimone 1996; neurogym",
    dtMs,
    conditions: {
      sample: numberedDirections(directions),
      matchAt: { choice: [1, 2, 3], only: true },
      test1: (trial, random) => draw(1, trial, random),
      test2: (trial, random) => draw(2, trial, random),
      test3: (trial, random) => draw(3, trial, random),
      respondAt: (trial) => tests.findIndex((test) => trial[test] === trial.sample) + 1,
    },
    periods: {
      fixation: given.fixationMs,
      sample: given.sampleMs,
      delay1: delayMs,
      test1: testMs,
      delay2: { of: ({ respondAt }) => unlessOver(2, delayMs, respondAt), max: delayMs },
      test2: { of: ({ respondAt }) => unlessOver(2, testMs, respondAt), max: testMs },
      delay3: { of: ({ respondAt }) => unlessOver(3, delayMs, respondAt), max: delayMs },
      test3: { of: ({ respondAt }) => unlessOver(3, testMs, respondAt), max: testMs },
    },
    inputs: {
      fixation: { during: { otherwise: 1 } },
      stimulus: {
        size: directions,
        during: {
          sample: ({ sample }) => ring(sample, 1),
          test1: ({ test1 }) => ring(test1, 1),
          test2: ({ test2 }) => ring(test2, 1),
          test3: ({ test3 }) => ring(test3, 1),
        },
        noise: sensoryNoise(given.noise, "sample", "test1", "test2", "test3"),
      },
    },
    outputs: {
      fixate: {
        during: {
          test1: ({ respondAt }) => Number(respondAt !== 1),
          test2: ({ respondAt }) => Number(respondAt !== 2),
          test3: ({ respondAt }) => Number(respondAt !== 3),
          otherwise: 1,
        },
      },
      match: {
        during: {
          test1: ({ respondAt }) => Number(respondAt === 1),
          test2: ({ respondAt }) => Number(respondAt === 2),
          test3: ({ respondAt }) => Number(respondAt === 3),
        },
      },
    },
    mask: { test1: 5, test2: 5, test3: 5, otherwise: 1 },
    graceMs: { test1: 100, test2: 100, test3: 100 },
    accuracy: score,
    chance: 1 / 3,
  });
  return withDerived(task, ["respondAt"]);
}
