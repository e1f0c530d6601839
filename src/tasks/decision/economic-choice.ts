import { z } from "zod";
import { ValueError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import { answerSchema } from "../answer-time.ts";
import { decisionCounts, fixateThenChoose } from "../choice-outputs.ts";
import { type DefinedConditions, defineTask } from "../define-task.ts";
import { withDerived } from "../derived.ts";
import type { Task } from "../task.ts";
import { durationSchema, fixationTaskOptions, sensoryNoise } from "../task-options.ts";

const amount = z.number().nonnegative();

export const economicChoiceSchema = z.strictObject({
  ...fixationTaskOptions,
  fixationMs: durationSchema.default(1500),
  offerMs: durationSchema.default({ uniform: [1000, 2000] }),
  decisionMs: answerSchema.default(750),
  /** How many drops of juice B one drop of juice A is worth. */
  juiceRatio: z.number().positive().default(2.2),
  /** Drops of juice [B, A]. */
  offers: z
    .array(z.tuple([amount, amount]))
    .min(1)
    .default([
      [0, 1],
      [1, 3],
      [1, 2],
      [1, 1],
      [2, 1],
      [3, 1],
      [4, 1],
      [6, 1],
      [2, 0],
    ]),
  /** σ of the noise of the two amounts (drops / 5): its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0.02),
});
export type EconomicChoiceOptions = z.input<typeof economicChoiceSchema>;

type Conditions = Omit<
  DefinedConditions<"offer" | "sideOfA" | "dropsOfA" | "dropsOfB" | "choice", never, "fixation" | "offer" | "decision">,
  "choice"
>;

function checkDrops(label: string, name: string, drops: number): number {
  if (drops >= 0) return drops;
  throw new ValueError(`${label}: ${name}: expected a number from 0 up, got ${drops}.`);
}

/**
 * Economic choice (Padoa-Schioppa & Assad 2006; neurogym's EconomicDecisionMaking): some drops of juice A on one side, some of
 * juice B on the other; choose the side of more value once fixation goes off. A drop of A is worth 2.2 of B.
 *
 * Inputs: `fixation`, 1 until the decision; in the offer `leftA`, `leftB`, `rightA`, `rightB` (1 where that juice is on that
 * side), `leftDrops`, `rightDrops` (drops / 5, with noise). Outputs: `fixate`, `left`, `right`. Conditions: `offer` (number of
 * the offer), `sideOfA` (left, right), `dropsOfA`, `dropsOfB` (as offered, unless fixed); `choice` follows (of equal values:
 * at random).
 *
 * neurogym has no targets for this task (rewards only) and no noise: `compat` has those of a monkey that is always right.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function economicChoice(options: EconomicChoiceOptions = {}): Task<Conditions> {
  const label = "economicChoice";
  const given = parseWith(economicChoiceSchema, options, label);
  const { dtMs = 20, juiceRatio, offers } = given;
  const original = given.compat === "neurogym";
  const task = defineTask({
    name: label,
    source: "Padoa-Schioppa & Assad 2006; neurogym",
    dtMs,
    rounding: original ? "down" : "nearest",
    conditions: {
      offer: { choice: offers.map((_, index) => index), only: true },
      sideOfA: { choice: ["left", "right"] },
      dropsOfB: ({ offer }) => offers[offer]?.[0] ?? Number.NaN,
      dropsOfA: ({ offer }) => offers[offer]?.[1] ?? Number.NaN,
      choice: ({ sideOfA, dropsOfA, dropsOfB }, random) => {
        const gain = checkDrops(label, "dropsOfA", dropsOfA) * juiceRatio - checkDrops(label, "dropsOfB", dropsOfB);
        if (gain === 0) return random.integer(2);
        return gain > 0 ? sideOfA : 1 - sideOfA;
      },
    },
    periods: { fixation: given.fixationMs, offer: given.offerMs, decision: given.decisionMs },
    inputs: {
      fixation: { during: { decision: 0, otherwise: 1 } },
      juice: {
        names: ["leftA", "leftB", "rightA", "rightB"],
        during: { offer: ({ sideOfA }) => (sideOfA === 0 ? [1, 0, 0, 1] : [0, 1, 1, 0]) },
      },
      drops: {
        names: ["leftDrops", "rightDrops"],
        during: {
          offer: ({ sideOfA, dropsOfA, dropsOfB }) =>
            (sideOfA === 0 ? [dropsOfA, dropsOfB] : [dropsOfB, dropsOfA]).map((drops) => drops / 5),
        },
        noise: original ? 0 : sensoryNoise(given.noise, "offer"),
      },
    },
    outputs: fixateThenChoose(["left", "right"], "choice"),
    ...decisionCounts(original),
    accuracy: { type: "choice", during: "decision", correct: "choice", outputs: ["choice"] },
  });
  return withDerived(task, ["choice"]);
}
