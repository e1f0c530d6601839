import { z } from "zod";
import { threefry2x32 } from "../../random.ts";
import { commonTaskOptions } from "../define-task.ts";
import type { Distribution, JudgedTrial } from "../definition.ts";
import { compileDistribution } from "../engine/distribution.ts";
import { stepsOf } from "../task.ts";

/** Options of tasks in which an interval is produced. */
export const produceOptions = {
  ...commonTaskOptions,
  /**
   * How the output `go` shows when (`ramp` unless given): a ramp from 0 to 1 at the time to go, which goes on at the
   * same pace to the end; a pulse of 1 from that time on; or 1 from that time to the end.
   */
  response: z.enum(["ramp", "pulse", "step"]).optional(),
  /** Of `response: "pulse"`. */
  pulseMs: z.number().positive().default(100),
  /** How far the produced interval may be from the right one, as a share of it; 0.1 unless given. A step always may. */
  tolerance: z.number().positive().max(1).optional(),
  /** σ of the noise of all inputs: its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0.01),
};

export type Response = "ramp" | "pulse" | "step";

/** When an interval starts and ends, in steps of the trial. */
export interface Produced {
  readonly from: number;
  readonly to: number;
}

/** By how much the trial goes on after the time to go, as a share of the interval. */
export const afterGo = 0.25;

/** Writes the targets of `go`. */
export function fillGo(
  values: Float32Array,
  response: Response,
  { from, to }: Produced,
  timing: { readonly dtMs: number; readonly pulseMs: number },
): void {
  const end = response === "pulse" ? to + stepsOf(timing.pulseMs, timing.dtMs) : values.length;
  for (let step = response === "ramp" ? from : to; step < Math.min(end, values.length); step += 1)
    values[step] = response === "ramp" ? (step - from) / (to - from) : 1;
}

/** How much a step of `go` counts: 5 in a pulse, which is short, else 1. */
export function fillGoMask(mask: Float32Array, response: Response, go: Float32Array): void {
  if (response === "pulse") for (let step = 0; step < mask.length; step += 1) if (go[step] === 1) mask[step] = 5;
}

/** The level of `go` at which the interval ends. */
export function thresholdOf(response: Response): number {
  return response === "ramp" ? 1 : 0.5;
}

/**
 * Whether `go` (output 0) first reaches the threshold within `windowMs`, or a step, of the time to go.
 */
export function producedInTime(
  { outputs, steps, dtMs }: JudgedTrial,
  response: Response,
  { to }: Produced,
  windowMs: number,
): number {
  const width = outputs.length / steps;
  const threshold = thresholdOf(response);
  for (let step = 0; step < steps; step += 1)
    if ((outputs[step * width] as number) >= threshold - 1e-6)
      return Number(Math.abs(step - to) * dtMs <= Math.max(windowMs, dtMs) + 1e-6);
  return 0;
}

/** The shortest and the longest that a duration can be. */
export function rangeOf(label: string, rule: Distribution | number): { readonly min: number; readonly max: number } {
  return typeof rule === "number" ? { min: rule, max: rule } : compileDistribution(label, rule);
}

/** The share of intervals that are produced in time by the best response which is always the same. */
export function chanceOf(label: string, intervals: Distribution | number, tolerance: number): number {
  if (typeof intervals === "number") return 1;
  const sampler = compileDistribution(label, intervals);
  const drawn = Array.from({ length: 256 }, (_, index) => {
    // Quantiles of what is drawn from one number; what takes two gets a second one at random.
    const [, bits1] = threefry2x32(0, 0, 0, index);
    return sampler.draw((index + 0.5) * 2 ** 24, bits1);
  });
  const share = (always: number): number =>
    drawn.filter((interval) => Math.abs(always - interval) <= tolerance * interval * (1 + 1e-9)).length / drawn.length;
  // The best one just reaches the longest of the intervals that it serves.
  return Math.max(...drawn.map((interval) => share(interval * (1 - tolerance))));
}
