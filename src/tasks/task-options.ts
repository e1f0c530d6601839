import { z } from "zod";
import { ValueError } from "../errors.ts";
import { commonTaskOptions } from "./define-task.ts";
import type { Distribution, NoiseRule } from "./definition.ts";
import { distributionSchema } from "./engine/distribution.ts";
import { cosineRing } from "./ring.ts";

/** Milliseconds of a period, from 0 up: a number, or how it is drawn for each trial (`{ uniform: [500, 1500] }`). */
export const durationSchema = z.union([z.number().nonnegative(), distributionSchema]) as unknown as z.ZodType<
  number | Distribution,
  number | Distribution
>;

/** A share of evidence in (0, 1]; 0 has no right answer, and is for a batch to ask for. */
export const coherencesSchema = z.array(z.number().positive().max(1)).min(1);

/** Target values [low, high] of outputs. */
export const targetsSchema = z.tuple([z.number(), z.number()]).refine(([low, high]) => low < high, {
  message: "expected [low, high] with low < high",
});

/** Options of tasks with a fixation input whose end is the go cue. */
export const fixationTaskOptions = {
  ...commonTaskOptions,
  /** σ of the noise of the stimulus: its standard deviation per step is σ √(2 · 100 ms / dt). 0.0707 is neurogym's sigma of 1. */
  noise: z.number().nonnegative().default(0.0707),
  /** `"neurogym"`: its trials, faults included; what they are stands at each task. */
  compat: z.literal("neurogym").optional(),
};

/** The time to which σ of a noise refers. */
const noiseTauMs = 100;

/** Gaussian noise of standard deviation σ √(2 · 100 ms / dt) in some periods: how much a stimulus tells is the same at any dt. */
export function sensoryNoise<const P extends string = never>(
  sigma: number,
  ...during: readonly P[]
): NoiseRule<unknown, P> {
  return { sigma, tauMs: noiseTauMs, ...(during.length > 0 && { during }) };
}

/** A condition that is one of `count` directions, 2πk / count; two have the names left and right. */
export function directionRule(count: number): Distribution {
  return count === 2
    ? { choice: ["left", "right"] }
    : { choice: Array.from({ length: count }, (_, direction) => direction), only: true };
}

/** Channel names for as many directions; of two, left and right. */
export function directionNames(count: number, prefix = ""): readonly string[] {
  const name = (word: string): string => (prefix === "" ? word.toLowerCase() : `${prefix}${word}`);
  if (count === 2) return [name("Left"), name("Right")];
  return Array.from({ length: count }, (_, direction) => `${prefix === "" ? "direction" : prefix}${direction}`);
}

/** The evidence 0.5 + c/2 · cos d of a ring of `size` units for a direction and its coherence c, as neurogym has it. */
export function ringEvidence(label: string, size: number): (direction: number, coherence: number) => Float64Array {
  const ring = cosineRing({ size, height: 0.5 });
  return (direction, coherence) =>
    ring((2 * Math.PI * direction) / size, checkCoherence(label, coherence)).map((value) => value + 0.5);
}

/** @returns `coherence`, a number in [0, 1]. @throws {@link ValueError} */
export function checkCoherence(label: string, coherence: number): number {
  if (coherence >= 0 && coherence <= 1) return coherence;
  throw new ValueError(
    `${label}: coherence: expected a number in [0, 1], got ${coherence}. Its side is another condition.`,
  );
}
