import { z } from "zod";
import { ValueError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import { answerSchema } from "../answer-time.ts";
import { decisionCounts, fixateThenChoose } from "../choice-outputs.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import { withDerived } from "../derived.ts";
import type { Task } from "../task.ts";
import { durationSchema, sensoryNoise } from "../task-options.ts";
import { binomialTable, drawFirst, drawSecond } from "./counts.ts";

export const pulseAccumulationSchema = z.strictObject({
  ...commonTaskOptions,
  fixationMs: durationSchema.default(500),
  /** Moments at which each side may have a pulse. */
  bins: z.int().positive().default(6),
  /** From the start of one pulse to the start of the next. */
  binMs: z.number().positive().default(250),
  decisionMs: answerSchema.default(500),
  /** Probability of a pulse in a bin on the poor side and on the rich side. */
  probabilities: z
    .tuple([z.number().min(0).max(1), z.number().min(0).max(1)])
    .refine(([poor, rich]) => poor !== rich || (poor > 0 && poor < 1), { message: "expected counts that can differ" })
    .default([0.3, 0.7]),
  /** Milliseconds that a pulse of 1 would last; it is one step long, and its height is this over dt. */
  pulseMs: z.number().positive().default(20),
  /** σ of the noise of both pulse inputs in the cues: its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0),
});
export type PulseAccumulationOptions = z.input<typeof pulseAccumulationSchema>;

type Conditions = Omit<
  DefinedConditions<"richSide" | "leftPulses" | "rightPulses" | "choice", never, "fixation" | "cues" | "decision">,
  "choice"
>;

/**
 * Accumulation of pulses (Scott, Constantinople, Erlich, Tank & Brody 2015; neurogym's PulseDecisionMaking): flashes on the left and on
 * the right, six chances for each; on which side were more, once fixation goes off?
 *
 * Inputs: `fixation`, 1 until the decision; `pulsesLeft`, `pulsesRight`: one step at the start of each bin that has a pulse.
 * Outputs: `fixate`, `left`, `right`. Conditions: `richSide`, `leftPulses`, `rightPulses` (how many; which bins is random);
 * `choice` follows.
 *
 * neurogym breaks ties at random, so that 8 % of its trials have no right answer; here the two counts differ (a batch that
 * fixes both may make a tie: random). Its pulses last 10 ms, which is nothing at a time step of more.
 * @throws {@link ConfigError} for an unknown option or a value out of range; a batch throws {@link ValueError} for more pulses
 * than bins.
 */
export function pulseAccumulation(options: PulseAccumulationOptions = {}): Task<Conditions> {
  const label = "pulseAccumulation";
  const given = parseWith(pulseAccumulationSchema, options, label);
  const { dtMs = 20, bins, binMs, pulseMs, noise } = given;
  const [poor, rich] = given.probabilities.map((p) => binomialTable(bins, p)) as [Float64Array, Float64Array];
  const task = defineTask({
    name: label,
    source: "Scott, Constantinople, Erlich, Tank & Brody 2015; neurogym",
    dtMs,
    conditions: {
      richSide: { choice: ["left", "right"] },
      leftPulses: ({ richSide }, random) =>
        drawFirst(richSide === 0 ? rich : poor, richSide === 0 ? poor : rich, random),
      rightPulses: ({ richSide, leftPulses }, random) => drawSecond(richSide === 1 ? rich : poor, leftPulses, random),
      choice: ({ leftPulses, rightPulses }, random) =>
        leftPulses === rightPulses ? random.integer(2) : Number(rightPulses > leftPulses),
    },
    periods: { fixation: given.fixationMs, cues: bins * binMs, decision: given.decisionMs },
    inputs: {
      fixation: { during: { decision: 0, otherwise: 1 } },
      pulses: {
        names: ["pulsesLeft", "pulsesRight"],
        noise: sensoryNoise(noise, "cues"),
        fill: (values, { leftPulses, rightPulses, dtMs: dt }, timeline) => {
          const { from, to } = timeline.period("cues");
          [leftPulses, rightPulses].forEach((count, side) => {
            if (!Number.isInteger(count) || count < 0 || count > bins || (count > 0 && to === from))
              throw new ValueError(
                `${label} batch: ${["leftPulses", "rightPulses"][side]}: expected 0 … ${bins}, got ${count}.`,
              );
            for (const bin of timeline.random.permutation(bins).subarray(0, count)) {
              const at = 2 * (from + Math.floor((bin * (to - from)) / bins)) + side;
              values[at] = (values[at] as number) + pulseMs / dt;
            }
          });
        },
      },
    },
    outputs: fixateThenChoose(["left", "right"], "choice"),
    ...decisionCounts(false),
    accuracy: { type: "choice", during: "decision", correct: "choice", outputs: ["choice"] },
  });
  return withDerived(task, ["choice"]);
}
