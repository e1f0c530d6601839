import { z } from "zod";
import { ValueError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import { answerSchema } from "../answer-time.ts";
import { decisionCounts, fixateThenChoose } from "../choice-outputs.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import { withDerived } from "../derived.ts";
import type { Task } from "../task.ts";
import { durationSchema, sensoryNoise } from "../task-options.ts";
import { drawFirst, drawSecond, poissonTable } from "./counts.ts";

export const poissonClicksSchema = z.strictObject({
  ...commonTaskOptions,
  fixationMs: durationSchema.default(200),
  stimulusMs: durationSchema.default({ uniform: [200, 1000] }),
  decisionMs: answerSchema.default(300),
  /** Clicks per second of both sides together. */
  rateHz: z.number().positive().default(40),
  /** How uneven the sides are: the logarithm of the ratio of their rates; each to either side. */
  logRatios: z.array(z.number().positive()).min(1).default([0.5, 1.5, 2.5, 3.5]),
  /** Milliseconds that a click of 1 would last; it is one step long, and its height is this over dt. */
  clickMs: z.number().positive().default(10),
  /** σ of the noise of both click inputs in the stimulus: its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0),
});
export type PoissonClicksOptions = z.input<typeof poissonClicksSchema>;

type Conditions = Omit<
  DefinedConditions<
    "logRatio" | "shownMs" | "leftClicks" | "rightClicks" | "choice",
    never,
    "fixation" | "stimulus" | "decision"
  >,
  "choice" | "stimulusMs"
>;

/** Rates per millisecond [left, right] for the logarithm of right over left. */
function ratesOf(rateHz: number, logRatio: number): readonly [left: number, right: number] {
  const right = rateHz / (1 + Math.exp(-logRatio)) / 1000;
  return [rateHz / 1000 - right, right];
}

/**
 * Poisson clicks (Brunton, Botvinick & Brody 2013): two trains of clicks, one to each ear; from which side came more, once
 * fixation goes off? Whether the network counts every click, forgets, or weighs early ones more can be read off its choices.
 *
 * Inputs: `fixation`, 1 until the decision; `clicksLeft`, `clicksRight`. Outputs: `fixate`, `left`, `right`. Conditions:
 * `logRatio` (right over left), `shownMs`, `leftClicks`, `rightClicks` (how many; when is random); `choice` follows. The answer
 * is the side of more clicks, not of the higher rate; counts differ (a batch that fixes both may make a tie: random).
 *
 * The paper's trials begin with a click on both sides at once, which says nothing of the answer and is left out here.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function poissonClicks(options: PoissonClicksOptions = {}): Task<Conditions> {
  const label = "poissonClicks";
  const given = parseWith(poissonClicksSchema, options, label);
  const { dtMs = 20, rateHz, logRatios, clickMs, noise } = given;
  const table = (side: 0 | 1, logRatio: number, ms: number): Float64Array =>
    poissonTable(ratesOf(rateHz, logRatio)[side] * ms);
  const task = defineTask({
    name: label,
    source: "Brunton, Botvinick & Brody 2013",
    dtMs,
    conditions: {
      logRatio: { choice: [...logRatios.map((value) => -value), ...logRatios] },
      shownMs: given.stimulusMs,
      leftClicks: ({ logRatio, shownMs }, random) =>
        drawFirst(table(0, logRatio, shownMs), table(1, logRatio, shownMs), random),
      rightClicks: ({ logRatio, shownMs, leftClicks }, random) =>
        drawSecond(table(1, logRatio, shownMs), leftClicks, random),
      choice: ({ leftClicks, rightClicks }, random) =>
        leftClicks === rightClicks ? random.integer(2) : Number(rightClicks > leftClicks),
    },
    periods: { fixation: given.fixationMs, stimulus: { condition: "shownMs" }, decision: given.decisionMs },
    inputs: {
      fixation: { during: { decision: 0, otherwise: 1 } },
      clicks: {
        names: ["clicksLeft", "clicksRight"],
        noise: sensoryNoise(noise, "stimulus"),
        fill: (values, { leftClicks, rightClicks, dtMs: dt }, timeline) => {
          const { from, to } = timeline.period("stimulus");
          [leftClicks, rightClicks].forEach((count, side) => {
            if (!Number.isInteger(count) || count < 0 || (count > 0 && to === from))
              throw new ValueError(
                `${label} batch: ${["leftClicks", "rightClicks"][side]}: expected a count from 0 up, got ${count}.`,
              );
            for (let click = 0; click < count; click += 1) {
              const at = 2 * (from + timeline.random.integer(to - from)) + side;
              values[at] = (values[at] as number) + clickMs / dt;
            }
          });
        },
      },
    },
    outputs: fixateThenChoose(["left", "right"], "choice"),
    ...decisionCounts(false),
    accuracy: { type: "choice", during: "decision", correct: "choice", outputs: ["choice"] },
  });
  return withDerived(task, ["choice", "stimulusMs"]);
}
