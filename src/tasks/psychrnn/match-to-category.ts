import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { angleBetween, wrapAngle } from "../angles.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import { oneHot } from "../ring.ts";
import type { Task } from "../task.ts";
import { categoryNoise, compatSchema, psychrnn } from "./compat.ts";

export const matchToCategorySchema = z.strictObject({
  ...commonTaskOptions,
  /** Input units around the circle. */
  units: z.int().min(2).default(16),
  /** Categories, which are outputs. */
  categories: z.int().min(2).default(2),
  onsetMs: z.number().nonnegative().default(200),
  stimulusMs: z.number().positive().default(1000),
  decisionMs: z.number().positive().default(800),
  /** Scale s of the input noise; its standard deviation is s / 20 at dt = 10 ms. */
  noise: z.number().nonnegative().default(0.1),
  /** With `compat`: the length of a trial, whatever its periods; 2000 ms unless given. */
  durationMs: z.number().positive().optional(),
  compat: compatSchema,
});
export type MatchToCategoryOptions = z.input<typeof matchToCategorySchema>;

type Conditions = DefinedConditions<"angle" | "category", never, "fixation" | "stimulus" | "decision" | "rest">;

/**
 * Match to category (Freedman & Assad 2006; PsychRNN's MatchToCategory): a direction is shown on a ring of units with
 * Gaussian tuning of width 1 rad; say in which part of the circle it lies. Category k is [2πk/n, 2π(k + 1)/n).
 * Conditions: `angle` (radians), `category`.
 *
 * Where PsychRNN differs (`compat: "psychrnn"`): the preferred angles go from 0 to 2π with both ends, so that the first and
 * the last unit are the same; noise is s / (2 dt); trials go on to `durationMs`; the first of equals wins.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function matchToCategory(options: MatchToCategoryOptions = {}): Task<Conditions> {
  const label = "matchToCategory";
  const given = parseWith(matchToCategorySchema, options, label);
  const { dtMs = 10, units, categories, noise, durationMs = 2000 } = given;
  const compat = given.compat === "psychrnn";
  const between = compat ? units - 1 : units;
  const preferred = Array.from({ length: units }, (_, unit) => (2 * Math.PI * unit) / between);
  return defineTask({
    name: label,
    source: `${psychrnn}; Freedman & Assad 2006`,
    dtMs,
    conditions: {
      angle: { uniform: [0, 2 * Math.PI] },
      category: ({ angle }) => Math.floor(wrapAngle(angle) / ((2 * Math.PI) / categories)),
    },
    rounding: compat ? "start" : "nearest",
    periods: {
      fixation: given.onsetMs,
      stimulus: given.stimulusMs,
      decision: given.decisionMs,
      rest: compat ? { until: durationMs } : 0,
    },
    inputs: {
      ring: {
        size: units,
        during: {
          stimulus: ({ angle }) =>
            preferred.map((own) => Math.exp(-(angleBetween(angle, own) ** 2) / 2) / Math.sqrt(2 * Math.PI)),
        },
      },
    },
    noise: { sd: ({ dtMs: dt }) => categoryNoise(noise, dt, compat) },
    outputs: { category: { size: categories, during: { decision: ({ category }) => oneHot(category, categories) } } },
    mask: { decision: 1 },
    accuracy: compat
      ? { type: "maskedChoice", ties: "first" }
      : { type: "choice", during: "decision", correct: "category" },
  });
}
