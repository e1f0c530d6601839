import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { type DefinedConditions, defineTask } from "../define-task.ts";
import type { JudgedTrial } from "../definition.ts";
import { withDerived } from "../derived.ts";
import { oneHot } from "../ring.ts";
import type { Task } from "../task.ts";
import { durationSchema, sensoryNoise } from "../task-options.ts";
import { afterGo, chanceOf, fillGo, fillGoMask, type Produced, producedInTime, produceOptions } from "./produce.ts";

export const motorTimingSchema = z.strictObject({
  ...produceOptions,
  fixationMs: durationSchema.default(200),
  /** From the onset of the cue to the onset of set. */
  cueMs: durationSchema.default({ uniform: [300, 800] }),
  flashMs: z.number().positive().default(60),
  /** Intervals to produce, each with a cue of its own. */
  intervals: z.array(z.number().positive()).min(1).default([800, 1500]),
});
export type MotorTimingOptions = z.input<typeof motorTimingSchema>;

type Period = "fixation" | "cue" | "set" | "production";
type Conditions = Omit<DefinedConditions<"interval", never, Period>, "setMs" | "productionMs">;

/**
 * Motor timing (the cue-set-go task of Wang, Narain, Hosseini & Jazayeri 2018; neurogym's MotorTiming): a cue says
 * which interval to produce; it starts with a flash.
 *
 * Inputs: `fixation`, 1 until the flash is over; `cue0`, …, 1 from the onset of the cue to the end for the interval
 * that is asked for; `set`, the flash. Output: `go`, 0 until the onset of set, then as `response` says; a trial goes on
 * for a quarter of the interval after the time to go. Condition: `interval`, its number. Solved as {@link readySetGo}.
 *
 * Where neurogym differs: it waits 1000 to 3000 ms for set.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function motorTiming(options: MotorTimingOptions = {}): Task<Conditions> {
  const label = "motorTiming";
  const given = parseWith(motorTimingSchema, options, label);
  const { dtMs = 20, intervals, flashMs, pulseMs, response = "ramp", tolerance = 0.1, noise } = given;
  const lengthOf = ({ interval }: { readonly interval: number }): number => intervals[interval] ?? Number.NaN;
  const produced = (timeline: Pick<JudgedTrial, "period" | "dtMs">, interval: number): Produced => {
    const { from } = timeline.period("set");
    return { from, to: from + Math.round(lengthOf({ interval }) / timeline.dtMs) };
  };
  const cued = ({ interval }: { readonly interval: number }) => oneHot(interval, intervals.length);
  const task = defineTask<"interval", never, Period, "fixation" | "cue" | "set", "go">({
    name: label,
    source: "Wang, Narain, Hosseini & Jazayeri 2018; neurogym",
    dtMs,
    conditions: { interval: { choice: intervals.map((_, index) => index), only: true } },
    periods: {
      fixation: given.fixationMs,
      cue: given.cueMs,
      set: flashMs,
      production: {
        of: (values) => Math.max(0, (1 + afterGo) * lengthOf(values) - flashMs),
        max: Math.max(0, (1 + afterGo) * Math.max(...intervals) - flashMs),
      },
    },
    inputs: {
      fixation: { during: { production: 0, otherwise: 1 } },
      cue: {
        names: intervals.map((_, index) => `cue${index}`),
        during: { fixation: 0, otherwise: cued },
      },
      set: { during: { set: 1 } },
    },
    noise: sensoryNoise(noise),
    outputs: {
      go: {
        fill: (values, { interval, dtMs: dt }, timeline) =>
          fillGo(values, response, produced(timeline, interval), { dtMs: dt, pulseMs }),
        fillMask: (mask, _trial, timeline) => fillGoMask(mask, response, timeline.target("go")),
      },
    },
    accuracy: (judged) => {
      const interval = produced(judged, judged.condition("interval"));
      return producedInTime(judged, response, interval, tolerance * (interval.to - interval.from) * judged.dtMs);
    },
    chance: chanceOf(label, { choice: intervals }, tolerance),
  });
  return withDerived(task, ["setMs", "productionMs"]);
}
