import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { answerSchema } from "../answer-time.ts";
import { decisionCounts } from "../choice-outputs.ts";
import { type DefinedConditions, defineTask } from "../define-task.ts";
import { withDerived } from "../derived.ts";
import { oneHot } from "../ring.ts";
import type { Task } from "../task.ts";
import { durationSchema, fixationTaskOptions, sensoryNoise } from "../task-options.ts";

export const probabilisticReasoningSchema = z.strictObject({
  ...fixationTaskOptions,
  noise: z.number().nonnegative().default(0),
  fixationMs: durationSchema.default(500),
  /** Of each shape alone; it stays on to the end of the delay. */
  shapeMs: durationSchema.default(500),
  delayMs: durationSchema.default({ uniform: [450, 550] }),
  decisionMs: answerSchema.default(500),
  /** What each shape adds to the logarithm (to base 10) of the odds that the right target is rewarded. */
  weights: z.array(z.number()).min(2).default([-10, -0.9, -0.7, -0.5, -0.3, 0.3, 0.5, 0.7, 0.9, 10]),
  /**
   * Targets: the side that is more probably rewarded (the default), the one that is rewarded (with `compat`), or the
   * probabilities of both.
   */
  teach: z.enum(["best", "reward", "probability"]).optional(),
});
export type ProbabilisticReasoningOptions = z.input<typeof probabilisticReasoningSchema>;

type Shapes = "shape1" | "shape2" | "shape3" | "shape4";
type Periods = "fixation" | "epoch1" | "epoch2" | "epoch3" | "epoch4" | "delay" | "decision";
type Conditions = Omit<
  DefinedConditions<Shapes | "logOdds" | "rewarded" | "best", "places", Periods>,
  "logOdds" | "best"
>;

const positions = [0, 1, 2, 3];

/** P(right is rewarded) = 1 / (1 + 10^-logOdds). */
function probabilityOf(logOdds: number): number {
  return 1 / (1 + 10 ** -logOdds);
}

/**
 * Probabilistic reasoning (Yang & Shadlen 2007; neurogym's ProbabilisticReasoning): four shapes appear one after another, each
 * with a weight; the sum of the weights is the logarithm of the odds that the right target, not the left, will be rewarded.
 * Choose the better side once fixation goes off. A monkey learns the weights from what is rewarded: `teach: "reward"`.
 *
 * Inputs: `fixation`, 1 until the decision; for each of four places, one for each shape, 1 from its epoch to the end of the
 * delay. Outputs: `fixate`, `left`, `right`. Conditions: `shape1` … `shape4` (numbers of shapes, in order of appearance),
 * `rewarded` (left, right: drawn with the odds), `places` (of each shape); `logOdds` and `best` follow. A trial counts as
 * solved where the choice is the `best` side, whichever was rewarded; odds of 1 have a random best side.
 *
 * neurogym (`compat`) teaches what is rewarded, and leaves the shapes on in the decision. The two strongest weights are infinite in the paper, ±10 here and
 * in neurogym, which is the same: the odds are 10¹⁰.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function probabilisticReasoning(options: ProbabilisticReasoningOptions = {}): Task<Conditions> {
  const label = "probabilisticReasoning";
  const given = parseWith(probabilisticReasoningSchema, options, label);
  const { dtMs = 20, weights, shapeMs } = given;
  const original = given.compat === "neurogym";
  const teach = given.teach ?? (original ? "reward" : "best");
  const anyShape = { choice: weights.map((_, index) => index), only: true };
  const noise = sensoryNoise(given.noise, "epoch1", "epoch2", "epoch3", "epoch4", "delay");

  type Trial = { readonly [Name in Shapes]: number } & { readonly places: Float64Array };
  /** Of one place, from the epoch of its shape on. */
  const place = (number: number) => {
    const shownFrom = (epoch: number) => (trial: Trial) => {
      const order = trial.places.indexOf(number);
      const shown = [trial.shape1, trial.shape2, trial.shape3, trial.shape4][order] as number;
      return order <= epoch ? oneHot(shown, weights.length) : 0;
    };
    return {
      names: weights.map((_, shape) => `place${number + 1}Shape${shape}`),
      noise,
      during: {
        epoch1: shownFrom(0),
        epoch2: shownFrom(1),
        epoch3: shownFrom(2),
        epoch4: shownFrom(3),
        delay: shownFrom(3),
        decision: original ? shownFrom(3) : 0,
      },
    };
  };
  const sides = {
    reward: ({ rewarded }: { readonly rewarded: number }) => oneHot(rewarded, 2),
    best: ({ best }: { readonly best: number }) => oneHot(best, 2),
    probability: ({ logOdds }: { readonly logOdds: number }) => [1 - probabilityOf(logOdds), probabilityOf(logOdds)],
  };
  const task = defineTask({
    name: label,
    source: "Yang & Shadlen 2007; neurogym",
    dtMs,
    rounding: original ? "down" : "nearest",
    conditions: {
      ...{ shape1: anyShape, shape2: anyShape, shape3: anyShape, shape4: anyShape },
      logOdds: ({ shape1, shape2, shape3, shape4 }) =>
        // Rounded, so that 0.3 + 0.7 - 0.9 - 0.1 and the like are 0 where they should be.
        Math.round(1e9 * [shape1, shape2, shape3, shape4].reduce((sum, one) => sum + (weights[one] as number), 0)) /
        1e9,
      best: ({ logOdds }, random) => (logOdds === 0 ? random.integer(2) : Number(logOdds > 0)),
      rewarded: ({ logOdds }, random) => Number(random.uniform() < probabilityOf(logOdds)),
    },
    vectors: { places: { count: 4, sample: positions } },
    periods: {
      fixation: given.fixationMs,
      ...{ epoch1: shapeMs, epoch2: shapeMs, epoch3: shapeMs, epoch4: shapeMs },
      delay: given.delayMs,
      decision: given.decisionMs,
    },
    inputs: {
      fixation: { during: { decision: 0, otherwise: 1 } },
      ...{ place1: place(0), place2: place(1), place3: place(2), place4: place(3) },
    },
    outputs: {
      fixate: { during: { decision: 0, otherwise: 1 } },
      choice: { names: ["left", "right"], during: { decision: sides[teach] } },
    },
    ...decisionCounts(original),
    accuracy: { type: "choice", during: "decision", correct: "best", outputs: ["choice"] },
  });
  return withDerived(task, ["logOdds", "best"]);
}
