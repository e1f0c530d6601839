import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { holdThenChoose } from "../choice-outputs.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import { withDerived } from "../derived.ts";
import { opponentRates } from "../opponent-rates.ts";
import type { Task } from "../task.ts";
import { durationSchema, sensoryNoise, targetsSchema } from "../task-options.ts";

export const multisensoryIntegrationSchema = z.strictObject({
  ...commonTaskOptions,
  fixationMs: durationSchema.default(100),
  stimulusMs: durationSchema.default(1000),
  decisionMs: durationSchema.default(300),
  /** Events per second. */
  rates: z.array(z.number().positive()).min(2).default([9, 10, 11, 12, 13, 14, 15, 16]),
  /** Above it the rate is high. */
  boundary: z.number().positive().default(12.5),
  /** σ of the noise of the visual and auditory inputs: its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0.1),
  targets: targetsSchema.default([0.2, 1]),
  /** Share of trials without a stimulus, in which the outputs are to stay low. */
  catchProbability: z
    .number()
    .min(0)
    .max(1)
    .default(1 / 5),
});
export type MultisensoryIntegrationOptions = z.input<typeof multisensoryIntegrationSchema>;

type Conditions = Omit<
  DefinedConditions<"modality" | "rate" | "choice", never, "fixation" | "stimulus" | "decision">,
  "choice"
>;

const modalities = ["visual", "auditory", "both"];

/**
 * Multisensory integration (Raposo, Kaufman & Churchland 2014; pycog's multisensory): are the events fast or slow? They are
 * seen, heard, or both, and both together allow a better judgement than either.
 *
 * Inputs: `visualHigh`, `auditoryHigh` rise with the rate from 0.4 to 1.2, `visualLow`, `auditoryLow` fall, in the stimulus, with
 * noise in all of the trial; `start`, 1 in stimulus and decision. Outputs: `high`, `low`. The error counts in fixation and
 * decision; the end of the stimulus is the go cue. Conditions: `modality` (visual, auditory, both), `rate` in events per
 * second, `catch`; `choice` follows (0: above the boundary; on it: at random).
 *
 * Difficulty: next to the boundary an ideal observer is right in 96 % of trials of one sense, in 99.5 % with both.
 *
 * pycog adds 0.2 to all inputs and rectifies them, has less input noise (σ 0.01) beside its recurrent noise, and shows nothing
 * for 2500 ms in catch trials, 5 of 25, all of which count.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function multisensoryIntegration(options: MultisensoryIntegrationOptions = {}): Task<Conditions> {
  const label = "multisensoryIntegration";
  const given = parseWith(multisensoryIntegrationSchema, options, label);
  const { dtMs = 20, rates, boundary, targets, catchProbability } = given;
  const channels = opponentRates(`${label}: rate`, Math.min(...rates), Math.max(...rates));
  const seen = [1, 0, 1];
  const heard = [0, 1, 1];
  const task = defineTask({
    name: label,
    source: "Raposo, Kaufman & Churchland 2014; Song, Yang & Wang 2016 (pycog)",
    dtMs,
    conditions: {
      modality: { choice: modalities },
      rate: { choice: rates },
      choice: ({ rate }, random) => (rate === boundary ? random.integer(2) : Number(rate < boundary)),
    },
    periods: { fixation: given.fixationMs, stimulus: given.stimulusMs, decision: given.decisionMs },
    inputs: {
      senses: {
        names: ["visualHigh", "auditoryHigh", "visualLow", "auditoryLow"],
        during: {
          stimulus: ({ modality, rate }) => {
            const [high, low] = channels(rate);
            const shown = [seen[modality] ?? 0, heard[modality] ?? 0];
            return [...shown.map((on) => on * high), ...shown.map((on) => on * low)];
          },
        },
        noise: sensoryNoise(given.noise),
      },
      start: { during: { stimulus: 1, decision: 1 } },
    },
    outputs: holdThenChoose(["high", "low"], "choice", targets),
    mask: { fixation: 1, decision: 1 },
    catchTrials: { probability: catchProbability, without: ["senses", "start"] },
    accuracy: { type: "choice", during: "decision", correct: "choice" },
  });
  return withDerived(task, ["choice"]);
}
