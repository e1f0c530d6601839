import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import { oneHot } from "../ring.ts";
import type { Task } from "../task.ts";
import { compatSchema, discriminationNoise, psychrnn } from "./compat.ts";

const duration = z.number().nonnegative().optional();

export const delayedDiscriminationSchema = z.strictObject({
  ...commonTaskOptions,
  /** The longest a trial can be; 2000 ms unless given. */
  durationMs: z.number().positive().default(2000),
  /** Fixed durations; drawn for each trial unless given. */
  fixationMs: duration,
  stimulus1Ms: duration,
  delayMs: duration,
  stimulus2Ms: duration,
  decisionMs: duration,
  /** Pairs of frequencies in Hz, the higher one first. */
  pairs: z
    .array(z.tuple([z.number(), z.number()]))
    .min(1)
    .default([
      [18, 10],
      [22, 14],
      [26, 18],
      [30, 22],
      [34, 26],
    ]),
  /** Scale s of the input noise; its standard deviation is 0.447 s at dt = 10 ms. */
  noise: z.number().nonnegative().default(0.1),
  /** Targets [low, high] of the outputs. */
  targets: z.tuple([z.number(), z.number()]).default([0.2, 1]),
  compat: compatSchema,
});
export type DelayedDiscriminationOptions = z.input<typeof delayedDiscriminationSchema>;

type Conditions = DefinedConditions<
  "pair" | "order" | "f1" | "f2" | "difference" | "choice",
  never,
  "fixation" | "stimulus1" | "delay" | "stimulus2" | "decision" | "rest"
>;

/** A frequency of 10 … 34 Hz as an input of 0.4 … 1.2. */
const rising = (hz: number): number => 0.4 + (0.8 * (hz - 10)) / 24;
const falling = (hz: number): number => 0.4 + (0.8 * (34 - hz)) / 24;

/**
 * Delayed discrimination (Romo, Brody, Hernández & Lemus 1999; PsychRNN's DelayedDiscrimination): two vibrations with a
 * delay between them; was the first higher (choice 0) or the second (choice 1)? One input rises with the frequency, the
 * other falls.
 *
 * With T = `durationMs`: fixation U(0, T/8), stimulus1 U(T/20, T/4), delay U(0, T/4), stimulus2 U(T/20, T/4), decision
 * U(T/20, T/8); the error counts in the decision. Conditions: `pair` (its number), `order` (descending or ascending), from
 * them `f1` and `f2` in Hz, `difference` f1 - f2 and `choice`; equal frequencies have a random one.
 *
 * Where PsychRNN differs (`compat: "psychrnn"`): stimuli and decision can be as short as 0, so that some trials cannot be
 * solved or are never judged; trials go on to T; a step belongs to the period in which it starts; noise grows with dt; a
 * trial that is not judged counts as choice 0.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function delayedDiscrimination(options: DelayedDiscriminationOptions = {}): Task<Conditions> {
  const label = "delayedDiscrimination";
  const given = parseWith(delayedDiscriminationSchema, options, label);
  const { dtMs = 10, durationMs, pairs, noise, targets: levels } = given;
  const compat = given.compat === "psychrnn";
  const [low, high] = levels;
  const shortest = compat ? 0 : durationMs / 20;
  const from = (least: number, most: number) => ({ uniform: [least, most] as const });
  return defineTask({
    name: label,
    source: `${psychrnn}; Romo et al. 1999`,
    dtMs,
    conditions: {
      pair: { choice: pairs.map((_, index) => index), only: true },
      order: { choice: ["descending", "ascending"] },
      f1: ({ pair, order }) => pairs[pair]?.[order === 0 ? 0 : 1] ?? Number.NaN,
      f2: ({ pair, order }) => pairs[pair]?.[order === 0 ? 1 : 0] ?? Number.NaN,
      difference: ({ f1, f2 }) => f1 - f2,
      choice: ({ f1, f2 }, random) => (f1 === f2 ? random.integer(2) : f1 > f2 ? 0 : 1),
    },
    rounding: compat ? "start" : "nearest",
    periods: {
      fixation: given.fixationMs ?? from(0, durationMs / 8),
      stimulus1: given.stimulus1Ms ?? from(shortest, durationMs / 4),
      delay: given.delayMs ?? from(0, durationMs / 4),
      stimulus2: given.stimulus2Ms ?? from(shortest, durationMs / 4),
      decision: given.decisionMs ?? from(shortest, durationMs / 8),
      rest: compat ? { until: durationMs } : 0,
    },
    inputs: {
      rising: { during: { stimulus1: ({ f1 }) => rising(f1), stimulus2: ({ f2 }) => rising(f2) } },
      falling: { during: { stimulus1: ({ f1 }) => falling(f1), stimulus2: ({ f2 }) => falling(f2) } },
    },
    noise: { sd: ({ dtMs: dt }) => discriminationNoise(noise, dt, compat) },
    outputs: {
      choice: {
        names: ["first", "second"],
        during: { decision: ({ choice }) => oneHot(choice, 2, high, low) },
      },
    },
    mask: { decision: 1 },
    accuracy: compat
      ? { type: "maskedChoice", ties: "first" }
      : { type: "choice", during: "decision", correct: "choice" },
  });
}
