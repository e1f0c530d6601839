import { signedAngle } from "../analysis/angles.ts";
import { bumpShape } from "../analysis/attractor-bump.ts";
import { type FixedPoints, fixedPoints } from "../analysis/attractor-fixed-points.ts";
import { bumpPath } from "../analysis/attractor-phase.ts";
import { ValueError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { RingAttractor } from "./ring.ts";
import { simulateRing } from "./simulate-ring.ts";

/** What a ring does at one velocity. */
export interface GainPoint {
  /** rad/s. */
  readonly velocity: number;
  /** How far the bump turns in a step, rad, by the angles used. */
  readonly perStep: number;
  /** perStep over velocity times the duration of a step; `undefined` at 0. */
  readonly gain: number | undefined;
  readonly height: number;
  readonly active: number;
}

export interface GainCurve {
  readonly points: readonly GainPoint[];
  /** Mean gain of the smallest velocities either way. */
  readonly smallGain: number;
  /** Largest velocity up to which the gain stays within `tolerance` of the curve's reference; 0 where none does. */
  readonly linearRange: number;
}

/**
 * The velocity gain of a ring: all velocities at once, a trial each, without noise, from the same bump.
 * @param options.angles [N] that the phase is measured by; default the ring's preferred headings, by which the gain is positive.
 * @param options.steps measured, default 500, after `lead` with the velocity, default 100.
 * @param options.reference gain that counts as linear; default that of the smallest velocities. @param options.tolerance share
 * of it that the gain may differ, default 0.05.
 * @throws ValueError for no velocity other than 0; as {@link simulateRing}.
 */
export async function gainCurve(
  device: Device,
  ring: RingAttractor,
  options: {
    readonly velocities: readonly number[];
    readonly angles?: ArrayLike<number>;
    readonly steps?: number;
    readonly lead?: number;
    readonly settleSteps?: number;
    readonly seed?: number;
    readonly reference?: number;
    readonly tolerance?: number;
  },
): Promise<GainCurve> {
  const { velocities, angles = ring.preferred, steps = 500, lead = 100, settleSteps, seed, tolerance = 0.05 } = options;
  const trials = velocities.length;
  const sizes = velocities.filter((velocity) => velocity !== 0).map(Math.abs);
  if (sizes.length === 0) throw new ValueError("gainCurve: velocities: expected at least one other than 0, got none.");
  const { rates } = await simulateRing(device, ring, {
    ...{ trials, velocities, steps: lead + steps, seed, settleSteps },
  });
  const phases = bumpPath(rates, angles, { trials });
  const points = velocities.map((velocity, trial): GainPoint => {
    const [from, to] = [Math.max(0, lead - 1) * trials + trial, (lead + steps - 1) * trials + trial];
    const perStep = ((phases[to] as number) - (phases[from] as number)) / (steps - (lead === 0 ? 1 : 0));
    const turned = (velocity * ring.dtMs) / 1000;
    const { height, active } = bumpShape(rates.subarray(to * ring.units, (to + 1) * ring.units));
    return { velocity, perStep, gain: velocity === 0 ? undefined : perStep / turned, height, active };
  });
  const gainsAt = (size: number): readonly number[] =>
    points.filter(({ velocity }) => Math.abs(velocity) === size).flatMap(({ gain }) => gain ?? []);
  const smallest = gainsAt(Math.min(...sizes));
  const smallGain = smallest.reduce((sum, gain) => sum + gain, 0) / smallest.length;
  const { reference = smallGain } = options;
  let linearRange = 0;
  for (const size of [...new Set(sizes)].sort((a, b) => a - b)) {
    if (gainsAt(size).some((gain) => Math.abs(gain - reference) > tolerance * Math.abs(reference))) break;
    linearRange = size;
  }
  return { points, smallGain, linearRange };
}

/** How a bump without velocity or noise drifts, by where it starts. */
export interface DriftMap extends FixedPoints {
  /** Headings at which bumps were set up, [K], rad. */
  readonly phases: Float64Array;
  /** How far each was from there after all steps, [K], rad, by the preferred headings. */
  readonly drifts: Float64Array;
}

/**
 * The drift of a ring at rest: bumps are set up at headings all round the ring and left alone, without noise. What is at rest
 * at a unit or between two makes n fixed points; a bump then drifts by at most half a unit.
 * @param options.points default 4 for each unit; @param options.steps default 2,000; @param options.tolerance drift, rad, up
 * to which a bump counts as at rest everywhere: a continuous attractor. Default 1e-4.
 * @throws ValueError, LimitError
 */
export async function driftMap(
  device: Device,
  ring: RingAttractor,
  options: { readonly points?: number; readonly steps?: number; readonly tolerance?: number } = {},
): Promise<DriftMap> {
  const { points = 4 * ring.units, steps = 2000, tolerance = 1e-4 } = options;
  if (!Number.isInteger(points) || points < 3)
    throw new ValueError(`driftMap: points: expected an integer of at least 3, got ${points}.`);
  const phases = Float64Array.from({ length: points }, (_, point) => (2 * Math.PI * (point + 0.5)) / points);
  const { rates } = await simulateRing(device, ring, {
    ...{ trials: points, velocities: new Float64Array(points), steps, stride: steps },
    ...{ initial: { heading: phases }, settleSteps: 0 },
  });
  const drifts = bumpPath(rates, ring.preferred, { trials: points }).map((phase, point) =>
    signedAngle(phase - (phases[point] as number)),
  );
  return { phases, drifts, ...fixedPoints(phases, drifts, { tolerance }) };
}
