import { ShapeError, ValueError } from "../../errors.ts";
import type { Level } from "../definition.ts";
import type { MutableValues } from "./conditions.ts";

type AnyTrial = Readonly<MutableValues>;

/** Arrays [T, B, width] and one trial of them. */
export interface TrialSlice {
  readonly values: Float32Array;
  /** Channels in all. */
  readonly width: number;
  /** B */
  readonly trials: number;
  readonly trial: number;
}

/** The value of a level for one trial. @throws {@link ValueError}, {@link ShapeError} for what is not finite or too short. */
export function levelOf(
  label: string,
  level: Level<AnyTrial>,
  trial: AnyTrial,
  size: number,
): number | ArrayLike<number> {
  const value = typeof level === "function" ? level(trial) : level;
  if (typeof value === "number") {
    if (Number.isFinite(value)) return value;
  } else if (typeof value === "object" && value !== null) {
    if (value.length !== size)
      throw new ShapeError(`${label}: expected ${size} values, one per channel, got ${value.length}.`);
    for (let channel = 0; channel < size; channel += 1)
      if (!Number.isFinite(value[channel]))
        throw new ValueError(`${label}: expected finite numbers, got ${value[channel]} for channel ${channel}.`);
    return value;
  }
  throw new ValueError(`${label}: expected a finite number${size > 1 ? " or a list" : ""}, got ${String(value)}.`);
}

/** Writes a level to steps from … to - 1 of a group, times a scale. */
export function fillRange(
  { values, width, trials, trial }: TrialSlice,
  { offset, size }: { readonly offset: number; readonly size: number },
  from: number,
  to: number,
  level: number | ArrayLike<number>,
  scale = 1,
): void {
  const stride = trials * width;
  const first = (from * trials + trial) * width + offset;
  const last = first + (to - from) * stride;
  if (typeof level === "number") {
    const value = scale * level;
    for (let at = first; at < last; at += stride)
      for (let channel = at; channel < at + size; channel += 1) values[channel] = value;
    return;
  }
  if (first >= last) return;
  for (let channel = 0; channel < size; channel += 1) values[first + channel] = scale * (level[channel] as number);
  for (let at = first + stride; at < last; at += stride)
    for (let channel = 0; channel < size; channel += 1) values[at + channel] = values[first + channel] as number;
}

/** A group's values of one trial as [steps, size]. */
export function gather(
  { values, width, trials, trial }: TrialSlice,
  { offset, size }: { readonly offset: number; readonly size: number },
  steps: number,
): Float32Array {
  const copy = new Float32Array(steps * size);
  for (let step = 0; step < steps; step += 1) {
    const start = (step * trials + trial) * width + offset;
    copy.set(values.subarray(start, start + size), step * size);
  }
  return copy;
}

/** Puts [steps, size] back where {@link gather} took it from. */
export function scatter(
  { values, width, trials, trial }: TrialSlice,
  { offset, size }: { readonly offset: number; readonly size: number },
  steps: number,
  from: Float32Array,
): void {
  for (let step = 0; step < steps; step += 1)
    values.set(from.subarray(step * size, (step + 1) * size), (step * trials + trial) * width + offset);
}
