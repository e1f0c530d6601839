import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import { type DefinedConditions, defineTask } from "../define-task.ts";
import type { JudgedTrial, TrialValues } from "../definition.ts";
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

export const readySetGoSchema = z.strictObject({
  ...produceOptions,
  fixationMs: durationSchema.default(100),
  /** Of the two flashes. */
  flashMs: z.number().positive().default(83),
  /** From the onset of ready to the onset of set. */
  intervalMs: durationSchema.default({ uniform: [800, 1500] }),
  /** The interval to produce is the one that was shown times this; several are told apart by an input. */
  gains: z.array(z.number().positive()).min(1).default([1]),
  compat: z.literal("neurogym").optional(),
});
export type ReadySetGoOptions = z.input<typeof readySetGoSchema>;

type Name = "intervalMs" | "gain";
type Period = "fixation" | "ready" | "wait" | "set" | "production";
type Conditions = Omit<DefinedConditions<Name, never, Period>, "readyMs" | "waitMs" | "setMs" | "productionMs">;

/**
 * Ready-set-go (Jazayeri & Shadlen 2010; with several gains, Remington, Narain, Hosseini & Jazayeri 2018): two flashes,
 * ready and set, show an interval from onset to onset; go when the same interval, times the gain, has passed since the
 * onset of set.
 *
 * Inputs: `fixation`, 1 until set is off; `ready` and `set`, 1 in their flashes; with several gains `gain`, their value
 * all trial long. Output: `go`, 0 until the onset of set, then as `response` says; a trial goes on for a quarter of the
 * interval after the time to go. The interval to produce is counted from the steps that were shown. Conditions:
 * `intervalMs`, `gain`. A trial is solved if `go` first reaches 1 (ramp) or 0.5 within `tolerance` of the interval;
 * `chance` is what one and the same response to every interval solves.
 *
 * Where neurogym differs (`compat`): it asks for go an interval after the *end* of set, 83 ms late (and rewards one
 * after its onset); go is a pulse of one step; the trial goes on for the whole interval again; durations are cut down
 * to whole steps; the window is 20 % + 25 ms; there is no noise.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function readySetGo(options: ReadySetGoOptions = {}): Task<Conditions> {
  const label = "readySetGo";
  const given = parseWith(readySetGoSchema, options, label);
  const original = given.compat === "neurogym";
  const { dtMs = 20, intervalMs, gains, flashMs, noise } = given;
  const { response = original ? "pulse" : "ramp", tolerance = original ? 0.2 : 0.1 } = given;
  const range = rangeOf(label, intervalMs);
  if (!(range.min > flashMs))
    throw new ConfigError(`${label}: intervalMs: expected more than flashMs ${flashMs}, got ${range.min}.`);
  const pulse = (dt: number) => ({ dtMs: dt, pulseMs: original ? dt : given.pulseMs });
  const whole = (ms: number, dt: number): number => (original ? Math.floor(ms / dt + 1e-9) * dt : ms);
  const most = Math.max(...gains) * range.max;
  const produced = (timeline: Pick<JudgedTrial, "period">, gain: number): Produced => {
    const set = timeline.period("set");
    const shown = set.from - timeline.period("ready").from;
    const from = original ? set.to : set.from;
    return { from, to: from + Math.round(gain * shown) };
  };
  const inputs = {
    fixation: { during: { production: 0, otherwise: 1 } },
    ready: { during: { ready: 1 } },
    set: { during: { set: 1 } },
  };
  const cue = { gain: { during: { otherwise: ({ gain }: { readonly gain: number }) => gain } } };

  const task = defineTask<Name, never, Period, keyof typeof inputs, "go">({
    name: label,
    source: "Jazayeri & Shadlen 2010; Remington et al. 2018; neurogym",
    dtMs,
    rounding: original ? "down" : "nearest",
    conditions: { intervalMs, gain: { choice: gains } },
    periods: {
      fixation: given.fixationMs,
      ready: flashMs,
      wait: original
        ? { of: ({ intervalMs: ms, dtMs: dt }) => whole(ms, dt) - whole(flashMs, dt), max: range.max }
        : {
            until: ({ fixationMs, intervalMs: ms }) => fixationMs + ms,
            max: rangeOf(label, given.fixationMs).max + range.max,
          },
      set: flashMs,
      production: {
        of: (values) => productionMs(values, original, flashMs),
        max: original ? 2 * most : (1 + afterGo) * most,
      },
    },
    inputs: gains.length > 1 ? { ...inputs, ...cue } : inputs,
    noise: original ? 0 : sensoryNoise(noise),
    outputs: {
      go: {
        fill: (values, { gain, dtMs: dt }, timeline) => fillGo(values, response, produced(timeline, gain), pulse(dt)),
        fillMask: (mask, _trial, timeline) => {
          if (!original) fillGoMask(mask, response, timeline.target("go"));
        },
      },
    },
    accuracy: (judged) => {
      const interval = produced(judged, judged.condition("gain"));
      const window = tolerance * (interval.to - interval.from) * judged.dtMs + (original ? 25 : 0);
      return producedInTime(judged, response, interval, window);
    },
    chance: chanceOf(label, intervalMs, tolerance),
  });
  return withDerived(task, ["readyMs", "waitMs", "setMs", "productionMs"]);
}

/** From the end of set to the end of the trial. */
function productionMs(
  { intervalMs, gain }: TrialValues<Name, never, Period>,
  original: boolean,
  flashMs: number,
): number {
  return original ? 2 * gain * intervalMs : Math.max(0, (1 + afterGo) * gain * intervalMs - flashMs);
}
