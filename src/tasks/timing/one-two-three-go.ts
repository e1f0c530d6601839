import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import { type DefinedConditions, defineTask } from "../define-task.ts";
import type { Distribution, JudgedTrial } from "../definition.ts";
import { withDerived } from "../derived.ts";
import type { Task } from "../task.ts";
import { durationSchema, sensoryNoise } from "../task-options.ts";
import {
  afterGo,
  chanceOf,
  fillGo,
  fillGoMask,
  type Produced,
  producedInTime,
  produceOptions,
  rangeOf,
} from "./produce.ts";

export const oneTwoThreeGoSchema = z.strictObject({
  ...produceOptions,
  /** 100 to 300 ms unless given; with `compat`, an exponential of mean 400 cut off at 100 and 800. */
  fixationMs: durationSchema.optional(),
  /** From the onset of the target to the first flash: 200 to 500 ms unless given; with `compat`, 1000, 500 and 1500. */
  targetMs: durationSchema.optional(),
  /** Of the three flashes. */
  flashMs: z.number().positive().default(100),
  /** From the onset of a flash to that of the next: 600, 700, … 1000 unless given; with `compat`, 700 to 1100. */
  intervalMs: durationSchema.optional(),
  compat: z.literal("neurogym").optional(),
});
export type OneTwoThreeGoOptions = z.input<typeof oneTwoThreeGoSchema>;

type Period = "fixation" | "target" | "flash1" | "gap1" | "flash2" | "gap2" | "flash3" | "gap3" | "response";
type Conditions = Pick<
  DefinedConditions<"intervalMs", never, Period>,
  "intervalMs" | "fixationMs" | "targetMs" | "balanced" | "trim"
>;

const oursMs: readonly Distribution[] = [
  { uniform: [100, 300] },
  { uniform: [200, 500] },
  { choice: [600, 700, 800, 900, 1000] },
];
const neurogymMs: readonly Distribution[] = [
  { truncatedExponential: { mean: 400, min: 100, max: 800 } },
  { truncatedExponential: { mean: 1000, min: 500, max: 1500 } },
  { choice: [700, 800, 900, 1000, 1100] },
];

/**
 * One-two-three-go (Egger, Remington, Chang & Jazayeri 2019): three flashes, equally long apart; go when the fourth
 * would come.
 *
 * Inputs: `fixation`, 1 all trial long; `flash`; `target`, 1 from its onset to the end. Output: `go`, 0 until the onset
 * of the third flash, then as `response` says; a trial goes on for a quarter of the interval after the time to go.
 * Condition: `intervalMs`, from the onset of a flash to that of the next. A trial is solved if `go` first reaches 1
 * (ramp) or 0.5 within `tolerance` of the interval from onset to onset; `chance` is what one and the same response to
 * every interval solves. No input says when to go: that is what is asked for.
 *
 * Where neurogym differs (`compat`): its intervals of 600 to 1000 ms leave out the flash of 100 ms before them; it
 * waits longer for the first flash; go is a step, and the trial goes on for 1000 ms after it; durations are cut down to
 * whole steps; there is no noise.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function oneTwoThreeGo(options: OneTwoThreeGoOptions = {}): Task<Conditions> {
  const label = "oneTwoThreeGo";
  const given = parseWith(oneTwoThreeGoSchema, options, label);
  const original = given.compat === "neurogym";
  const { dtMs = 20, flashMs, pulseMs, noise, tolerance = 0.1, response = original ? "step" : "ramp" } = given;
  const defaults = original ? neurogymMs : oursMs;
  const [fixationMs = 0, targetMs = 0, intervalMs = 0] = [given.fixationMs, given.targetMs, given.intervalMs].map(
    (ms, index) => ms ?? defaults[index],
  );
  const range = rangeOf(label, intervalMs);
  if (!(range.min > flashMs))
    throw new ConfigError(`${label}: intervalMs: expected more than flashMs ${flashMs}, got ${range.min}.`);
  const gap = {
    of: (trial: { readonly intervalMs: number }) => trial.intervalMs - flashMs,
    max: range.max - flashMs,
  };
  const produced = (timeline: Pick<JudgedTrial, "period">): Produced => ({
    from: timeline.period("flash3").from,
    to: timeline.period("response").from,
  });
  const task = defineTask<"intervalMs", never, Period, "fixation" | "flash" | "target", "go">({
    name: label,
    source: "Egger, Remington, Chang & Jazayeri 2019; neurogym",
    dtMs,
    rounding: original ? "down" : "nearest",
    conditions: { intervalMs },
    periods: {
      fixation: fixationMs,
      target: targetMs,
      flash1: flashMs,
      gap1: gap,
      flash2: flashMs,
      gap2: gap,
      flash3: flashMs,
      gap3: gap,
      response: original ? 1000 : { of: (trial) => afterGo * trial.intervalMs, max: afterGo * range.max },
    },
    inputs: {
      fixation: { during: { otherwise: 1 } },
      flash: { during: { flash1: 1, flash2: 1, flash3: 1 } },
      target: { during: { fixation: 0, otherwise: 1 } },
    },
    noise: original ? 0 : sensoryNoise(noise),
    outputs: {
      go: {
        fill: (values, { dtMs: dt }, timeline) => fillGo(values, response, produced(timeline), { dtMs: dt, pulseMs }),
        fillMask: (mask, _trial, timeline) => fillGoMask(mask, response, timeline.target("go")),
      },
    },
    accuracy: (judged) => {
      const interval = produced(judged);
      return producedInTime(judged, response, interval, tolerance * (interval.to - interval.from) * judged.dtMs);
    },
    chance: chanceOf(label, intervalMs, tolerance),
  });
  return withDerived(task, ["flash1Ms", "gap1Ms", "flash2Ms", "gap2Ms", "flash3Ms", "gap3Ms", "responseMs"]);
}
