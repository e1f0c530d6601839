import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import type { Random } from "../../random.ts";
import { decisionCounts, fixateThenChoose } from "../choice-outputs.ts";
import { type DefinedConditions, defineTask } from "../define-task.ts";
import { withDerived } from "../derived.ts";
import type { Task } from "../task.ts";
import { durationSchema, fixationTaskOptions, sensoryNoise } from "../task-options.ts";

export const intervalDiscriminationSchema = z.strictObject({
  ...fixationTaskOptions,
  /** σ of the noise of both stimuli: its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0.01),
  fixationMs: durationSchema.default(300),
  /** Both intervals are drawn from [shortest, longest]. */
  intervalsMs: z.tuple([z.number().positive(), z.number().positive()]).default([300, 600]),
  /** By how much they differ at least; 60 unless given, 0 with `compat`. */
  differenceMs: z.number().nonnegative().optional(),
  /** Between them. */
  delay1Ms: durationSchema.default({ choice: [800, 1500] }),
  /** After them. */
  delay2Ms: durationSchema.default(500),
  decisionMs: durationSchema.default(300),
});
export type IntervalDiscriminationOptions = z.input<typeof intervalDiscriminationSchema>;

type Name = "firstMs" | "secondMs" | "longer";
type Period = "fixation" | "stimulus1" | "delay1" | "stimulus2" | "delay2" | "decision";
type Conditions = Omit<DefinedConditions<Name, never, Period>, "longer" | "stimulus1Ms" | "stimulus2Ms">;

/**
 * Interval discrimination (Genovesio, Tsujimoto & Wise 2009; neurogym's IntervalDiscrimination): two stimuli, one after
 * the other; which was on longer?
 *
 * Inputs: `fixation`, 1 until the decision; `stimulus1`, `stimulus2`, 1 while on, with noise. Outputs: `fixate`, then
 * `first` or `second`. Conditions: `firstMs`, `secondMs`; `longer` (0 or 1) follows, at random where they are equal.
 *
 * Where neurogym differs (`compat`): two intervals can be as near to each other as less than a time step, or equal, and
 * then the second one counts as longer; durations are cut down to whole steps; errors count alike in all steps; there
 * is no noise.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function intervalDiscrimination(options: IntervalDiscriminationOptions = {}): Task<Conditions> {
  const label = "intervalDiscrimination";
  const given = parseWith(intervalDiscriminationSchema, options, label);
  const original = given.compat === "neurogym";
  const { dtMs = 20, noise, differenceMs = original ? 0 : 60 } = given;
  const [shortest, longest] = given.intervalsMs;
  if (!(longest - shortest > 2 * differenceMs))
    throw new ConfigError(
      `${label}: intervalsMs: expected [shortest, longest] more than ${2 * differenceMs} ms apart (twice differenceMs), ` +
        `got [${shortest}, ${longest}].`,
    );
  const second = ({ firstMs }: { readonly firstMs: number }, random: Random): number => {
    // Uniform over what lies far enough below or above the first.
    const below = Math.min(Math.max(0, firstMs - differenceMs - shortest), longest - shortest);
    const above = Math.min(Math.max(0, longest - firstMs - differenceMs), longest - shortest);
    const drawn = random.uniform(0, below + above);
    return drawn < below ? shortest + drawn : longest - (drawn - below);
  };
  const on = sensoryNoise(original ? 0 : noise, "stimulus1", "stimulus2");
  const task = defineTask<Name, never, Period, "fixation" | "stimulus1" | "stimulus2", "fixate" | "choice">({
    name: label,
    source: "Genovesio, Tsujimoto & Wise 2009; neurogym",
    dtMs,
    rounding: original ? "down" : "nearest",
    conditions: {
      firstMs: { uniform: [shortest, longest] },
      secondMs: second,
      longer: ({ firstMs, secondMs }, random) =>
        firstMs === secondMs && !original ? random.integer(2) : Number(secondMs >= firstMs),
    },
    periods: {
      fixation: given.fixationMs,
      stimulus1: { condition: "firstMs" },
      delay1: given.delay1Ms,
      stimulus2: { of: ({ secondMs }) => secondMs, max: longest },
      delay2: given.delay2Ms,
      decision: given.decisionMs,
    },
    inputs: {
      fixation: { during: { decision: 0, otherwise: 1 } },
      stimulus1: { during: { stimulus1: 1 }, noise: on },
      stimulus2: { during: { stimulus2: 1 }, noise: on },
    },
    outputs: fixateThenChoose(["first", "second"], "longer"),
    ...decisionCounts(original),
    accuracy: { type: "choice", during: "decision", correct: "longer", outputs: ["choice"] },
  });
  return withDerived(task, ["longer", "stimulus1Ms", "stimulus2Ms"]);
}
