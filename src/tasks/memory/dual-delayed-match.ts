import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { answerSchema } from "../answer-time.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import type { JudgedTrial } from "../definition.ts";
import { withDerived } from "../derived.ts";
import { oneHot } from "../ring.ts";
import type { Task } from "../task.ts";
import { durationSchema, sensoryNoise } from "../task-options.ts";

export const dualDelayedMatchSchema = z.strictObject({
  ...commonTaskOptions,
  fixationMs: durationSchema.default(500),
  sampleMs: durationSchema.default(500),
  delay1Ms: durationSchema.default(500),
  cue1Ms: durationSchema.default(500),
  test1Ms: answerSchema.default(500),
  delay2Ms: durationSchema.default(500),
  cue2Ms: durationSchema.default(500),
  test2Ms: answerSchema.default(500),
  /** Share of trials in which the same item is cued again the second time; 0.5 in the paper, 0 in neurogym. */
  repeatProbability: z.number().min(0).max(1).default(0.5),
  /** σ of the noise of samples and tests: its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0.0707),
});
export type DualDelayedMatchOptions = z.input<typeof dualDelayedMatchSchema>;

type Generative = "sampleA" | "sampleB" | "cue1" | "cue2" | "test1" | "test2" | "relation1" | "relation2";
type Periods = "fixation" | "sample" | "delay1" | "cue1" | "test1" | "delay2" | "cue2" | "test2";
type Conditions = Omit<DefinedConditions<Generative, never, Periods>, "relation1" | "relation2">;

const items = ["A", "B"];
const features = { choice: [0, 1], only: true };

/** Half a point for each of the two tests in which the larger of `match` and `nonMatch` is right, a quarter for a tie. */
function score({ outputs, period, condition }: JudgedTrial): number {
  let points = 0;
  for (const number of [1, 2]) {
    const { from, to } = period(`test${number}`);
    let sum = 0;
    for (let step = from; step < to; step += 1)
      sum += (outputs[3 * step + 1] as number) - (outputs[3 * step + 2] as number);
    if (sum === 0) points += 0.25;
    else if (condition(`relation${number}`) === Number(sum < 0) && !Number.isNaN(sum)) points += 0.5;
  }
  return points;
}

/**
 * Dual delayed match to sample with retro-cues (Rose et al. 2016; neurogym's DualDelayMatchSample): two items, A and B, are shown
 * together; a cue says which of them the next test is about; then a second cue, and a second test. The item that is not cued
 * must not be lost, because it may be asked for.
 *
 * Inputs: `fixation`, 1 but in the tests; `itemA0`, `itemA1`, `itemB0`, `itemB1`: which of two features each item has, in the
 * sample and in the tests about it, with noise; `cueA`, `cueB`. Outputs: `fixate`, `match`, `nonMatch`; the error does not
 * count in the first 100 ms of a test, and then five times. Conditions: `sampleA`, `sampleB` (features 0 and 1), `cue1`, `cue2`
 * (A, B), `test1`, `test2` (features); `relation1`, `relation2` (0: match) follow. The accuracy is the share of tests.
 *
 * neurogym never cues the same item twice, so that the first cue tells the second; its fixation stays on in the tests, and
 * its noise is on fixation and cues, too.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function dualDelayedMatch(options: DualDelayedMatchOptions = {}): Task<Conditions> {
  const label = "dualDelayedMatch";
  const given = parseWith(dualDelayedMatchSchema, options, label);
  const { dtMs = 20, repeatProbability } = given;
  type Samples = { readonly sampleA: number; readonly sampleB: number };
  const relation = (cued: number, test: number, { sampleA, sampleB }: Samples): number =>
    Number(test !== (cued === 0 ? sampleA : sampleB));
  /** The four item channels for a feature of A, of B, or of neither. */
  const shown = (a: number | undefined, b: number | undefined): number[] =>
    [a, b].flatMap((feature) => [Number(feature === 0), Number(feature === 1)]);
  const tested = (cued: number, test: number): number[] =>
    cued === 0 ? shown(test, undefined) : shown(undefined, test);
  const task = defineTask({
    name: label,
    source: "Rose et al. 2016; neurogym",
    dtMs,
    conditions: {
      sampleA: features,
      sampleB: features,
      cue1: { choice: items },
      cue2: ({ cue1 }, random) => (random.uniform() < repeatProbability ? cue1 : 1 - cue1),
      test1: features,
      test2: features,
      relation1: (trial) => relation(trial.cue1, trial.test1, trial),
      relation2: (trial) => relation(trial.cue2, trial.test2, trial),
    },
    periods: {
      fixation: given.fixationMs,
      sample: given.sampleMs,
      delay1: given.delay1Ms,
      cue1: given.cue1Ms,
      test1: given.test1Ms,
      delay2: given.delay2Ms,
      cue2: given.cue2Ms,
      test2: given.test2Ms,
    },
    inputs: {
      fixation: { during: { test1: 0, test2: 0, otherwise: 1 } },
      items: {
        names: ["itemA0", "itemA1", "itemB0", "itemB1"],
        during: {
          sample: ({ sampleA, sampleB }) => shown(sampleA, sampleB),
          test1: ({ cue1, test1 }) => tested(cue1, test1),
          test2: ({ cue2, test2 }) => tested(cue2, test2),
        },
        noise: sensoryNoise(given.noise, "sample", "test1", "test2"),
      },
      cue: {
        names: ["cueA", "cueB"],
        during: { cue1: ({ cue1 }) => oneHot(cue1, 2), cue2: ({ cue2 }) => oneHot(cue2, 2) },
      },
    },
    outputs: {
      fixate: { during: { test1: 0, test2: 0, otherwise: 1 } },
      choice: {
        names: ["match", "nonMatch"],
        during: { test1: ({ relation1 }) => oneHot(relation1, 2), test2: ({ relation2 }) => oneHot(relation2, 2) },
      },
    },
    mask: { test1: 5, test2: 5, otherwise: 1 },
    graceMs: { test1: 100, test2: 100 },
    accuracy: score,
    chance: 0.5,
  });
  return withDerived(task, ["relation1", "relation2"]);
}
