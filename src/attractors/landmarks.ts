import { ValueError } from "../errors.ts";
import type { RingAttractor } from "./ring.ts";
import type { CurrentsOf } from "./run-bilinear.ts";

/** A cue seen at a known heading: a current strength · exp(concentration (cos(preferred - heading) - 1)) to every unit. */
export interface Landmark {
  readonly strength: number;
  /** κ of the current's profile; default 2. */
  readonly concentration?: number | undefined;
  /** The heading it tells, rad; default the true one at each step, so that it corrects what has drifted. */
  readonly heading?: number | undefined;
  /** Steps [from, to) of the run in which it is seen; default all. */
  readonly from?: number | undefined;
  readonly to?: number | undefined;
  /** Trials in which it is seen; default all. */
  readonly trials?: readonly number[] | undefined;
}

/** @throws ValueError naming the landmark and what is wrong with it. */
export function checkLandmarks(
  label: string,
  landmarks: readonly Landmark[],
  { trials }: { readonly trials: number },
): void {
  for (const [
    index,
    { strength, concentration = 2, heading = 0, from = 0, to = 0, trials: seen = [] },
  ] of landmarks.entries()) {
    const name = `${label}: landmarks[${index}]`;
    for (const [key, value] of Object.entries({ strength, concentration, heading }))
      if (!Number.isFinite(value)) throw new ValueError(`${name}: ${key}: expected a finite number, got ${value}.`);
    for (const [key, value] of Object.entries({ from, to }))
      if (!Number.isInteger(value) || value < 0)
        throw new ValueError(`${name}: ${key}: expected a step number, got ${value}.`);
    const wrong = seen.find((trial) => !Number.isInteger(trial) || trial < 0 || trial >= trials);
    if (wrong !== undefined)
      throw new ValueError(`${name}: trials: expected integers from 0 to ${trials - 1}, got ${wrong}.`);
  }
}

/** The currents of landmarks. @param headings true headings [T, B]. */
export function landmarkCurrents(
  { preferred, units }: RingAttractor,
  landmarks: readonly Landmark[],
  headings: Float32Array,
  trials: number,
): CurrentsOf {
  const steps = headings.length / trials;
  return (first, count) => {
    const seen = landmarks.filter(({ from = 0, to = steps }) => from < first + count && to > first);
    if (seen.length === 0) return undefined;
    const currents = new Float32Array(count * trials * units);
    for (const { strength, concentration = 2, heading, from = 0, to = steps, trials: some } of seen)
      for (let step = Math.max(from, first); step < Math.min(to, first + count); step += 1)
        for (const trial of some ?? Array.from({ length: trials }, (_, each) => each)) {
          const told = heading ?? (headings[step * trials + trial] as number);
          const row = ((step - first) * trials + trial) * units;
          for (let unit = 0; unit < units; unit += 1) {
            const closeness = Math.cos((preferred[unit] as number) - told) - 1;
            currents[row + unit] = (currents[row + unit] as number) + strength * Math.exp(concentration * closeness);
          }
        }
    return currents;
  };
}
