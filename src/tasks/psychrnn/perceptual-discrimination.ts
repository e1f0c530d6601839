import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import { oneHot } from "../ring.ts";
import type { Task } from "../task.ts";
import { compatSchema, discriminationNoise, psychrnn } from "./compat.ts";

export const perceptualDiscriminationSchema = z.strictObject({
  ...commonTaskOptions,
  /** Of a trial; 2000 ms unless given. */
  durationMs: z.number().positive().default(2000),
  /** By how much the stronger input exceeds the other, which is 1. */
  coherences: z.array(z.number().positive()).min(1).default([0.1, 0.3, 0.5, 0.7]),
  /** Scale s of the input noise; its standard deviation is 0.447 s at dt = 10 ms. */
  noise: z.number().nonnegative().default(0.1),
  /** Targets [low, high] of the outputs. */
  targets: z.tuple([z.number(), z.number()]).default([0.2, 1]),
  compat: compatSchema,
});
export type PerceptualDiscriminationOptions = z.input<typeof perceptualDiscriminationSchema>;

type Conditions = DefinedConditions<
  "coherence" | "direction" | "onsetMs" | "shownMs",
  never,
  "fixation" | "stimulus" | "pause" | "response"
>;

/** PsychRNN leaves 20 ms between the end of the stimulus and the first target. */
const pauseMs = 20;

/**
 * Perceptual discrimination (PsychRNN's PerceptualDiscrimination; the two-channel form of Britten et al. 1992): two noisy
 * inputs are on together, 1 and 1 + coherence; say which is stronger once they are off.
 *
 * With T = `durationMs`: the inputs come on at `onsetMs` ~ U(0, T/2) for `shownMs` ~ U(T/8, 3T/8); 20 ms after they are off
 * the targets are high for the stronger one and low for the other, until T. Conditions: `coherence`, `direction` (0 or 1),
 * `onsetMs`, `shownMs`.
 *
 * Where PsychRNN differs (`compat: "psychrnn"`): its error counts in the 20 ms in which the targets are still 0; a stimulus
 * that comes on exactly at a step begins one later; noise grows with dt (see {@link discriminationNoise}); its accuracy is by
 * the mean under the mask, and the first of equals wins. Its constructor ignores `direction`; here it can be fixed.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function perceptualDiscrimination(options: PerceptualDiscriminationOptions = {}): Task<Conditions> {
  const label = "perceptualDiscrimination";
  const given = parseWith(perceptualDiscriminationSchema, options, label);
  const { dtMs = 10, durationMs, coherences, noise, targets: levels, compat: original } = given;
  const compat = original === "psychrnn";
  const [low, high] = levels;
  const longest = (7 / 8) * durationMs;
  return defineTask({
    name: label,
    source: psychrnn,
    dtMs,
    conditions: {
      coherence: { choice: coherences },
      direction: { choice: [0, 1], only: true },
      onsetMs: { uniform: [0, durationMs / 2] },
      shownMs: { uniform: [durationMs / 8, (3 / 8) * durationMs] },
    },
    // A step belongs to the period in which it starts; PsychRNN's comparisons are strict at two of the three boundaries.
    rounding: "start",
    periods: compat
      ? {
          fixation: { until: ({ onsetMs, dtMs: dt }) => stepAfter(onsetMs, dt, durationMs), max: durationMs },
          stimulus: { until: ({ onsetMs, shownMs }) => Math.min(durationMs, onsetMs + shownMs), max: durationMs },
          pause: {
            until: ({ onsetMs, shownMs, dtMs: dt }) => stepAfter(onsetMs + shownMs + pauseMs, dt, durationMs),
            max: durationMs,
          },
          response: { until: durationMs },
        }
      : {
          fixation: { condition: "onsetMs" },
          stimulus: { condition: "shownMs" },
          pause: pauseMs,
          response: { until: Math.max(durationMs, longest + 2 * pauseMs) },
        },
    inputs: {
      first: { during: { stimulus: ({ direction, coherence }) => (direction === 0 ? 1 + coherence : 1) } },
      second: { during: { stimulus: ({ direction, coherence }) => (direction === 1 ? 1 + coherence : 1) } },
    },
    noise: { sd: ({ dtMs: dt }) => discriminationNoise(noise, dt, compat) },
    outputs: {
      choice: {
        names: ["first", "second"],
        during: { response: ({ direction }) => oneHot(direction, 2, high, low) },
      },
    },
    mask: compat ? { pause: 1, response: 1 } : { response: 1 },
    accuracy: compat
      ? { type: "maskedChoice", ties: "first" }
      : { type: "choice", during: "response", correct: "direction" },
  });
}

/** The start of the first step after a time, at most the end of the trial. */
function stepAfter(ms: number, dtMs: number, endMs: number): number {
  return Math.min(endMs, (Math.floor(ms / dtMs) + 1) * dtMs);
}
