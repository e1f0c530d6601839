import { ValueError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { TorusParameters } from "./torus.ts";
import { PatternTracker, patternOf, type TorusPattern } from "./torus-pattern.ts";
import { runTorus, simulateTorus } from "./torus-simulate.ts";

/** Constant velocities that a sheet is measured with. */
export interface TorusGainOptions {
  /** m/s; default 0.1, 0.25, 0.5 and 1. */
  readonly speeds?: readonly number[];
  /** How many directions around the circle, each at all speeds; default 4. */
  readonly directions?: number;
  /** Time that is measured, and that comes before it; default 400 ms (or 40 steps) and a quarter of that. */
  readonly measureMs?: number;
  readonly leadMs?: number;
  readonly seed?: number;
  /** As of `simulateTorus`. */
  readonly settleMs?: number;
  /** [side, side] settled rates, in place of settling. */
  readonly initial?: ArrayLike<number>;
}

/** How far a pattern moves with the velocity. */
export interface TorusGain {
  readonly pattern: TorusPattern;
  readonly speeds: readonly number[];
  /** [speeds] units of the sheet for one metre, along the velocity, mean over directions. */
  readonly gains: Float64Array;
  /** [speeds] the largest angle between velocity and movement, radians. */
  readonly angles: Float64Array;
  /** Least squares over all velocities, and the period of the grid of a unit's fields that follows, in metres. */
  readonly unitsPerMetre: number;
  readonly periodM: number;
  /** Largest speed up to which all gains are within a tenth of `unitsPerMetre`; 0 if none is. */
  readonly linearTo: number;
  /** Units a second that the pattern moves without velocity. */
  readonly drift: number;
  /** [side, side] the settled state. */
  readonly state: Float32Array;
}

/**
 * The velocity gain of a sheet: all speeds and directions are trials of one run, which begin with the same settled pattern.
 * @throws ValueError for no positive speed, or where no pattern forms.
 */
export async function torusVelocityGain(
  device: Device,
  torus: TorusParameters,
  options: TorusGainOptions = {},
): Promise<TorusGain> {
  const { speeds = [0.1, 0.25, 0.5, 1], directions = 4, seed = 1 } = options;
  const measureMs = options.measureMs ?? Math.max(400, 40 * torus.dtMs);
  const leadMs = options.leadMs ?? measureMs / 4;
  if (speeds.length === 0 || !speeds.every((speed) => speed > 0 && Number.isFinite(speed)))
    throw new ValueError(`torus gain: speeds: expected positive numbers of m/s, got [${speeds.join(", ")}].`);
  if (!Number.isInteger(directions) || directions < 1)
    throw new ValueError(`torus gain: directions: expected a positive integer, got ${directions}.`);
  const settle = options.settleMs === undefined ? {} : { settleMs: options.settleMs };
  const state =
    options.initial === undefined
      ? (await simulateTorus(device, torus, { steps: 1, seed, ...settle })).state
      : Float32Array.from(options.initial);
  const pattern = patternOf(torus, state);
  // The last trial stands still.
  const velocities = Float32Array.from([
    ...speeds.flatMap((speed) =>
      Array.from({ length: directions }, (_, index) => {
        const angle = (2 * Math.PI * (index + 0.25)) / directions;
        return [speed * Math.cos(angle), speed * Math.sin(angle)];
      }).flat(),
    ),
    ...[0, 0],
  ]);
  const trials = velocities.length / 2;
  const every = Math.max(1, Math.round(5 / torus.dtMs));
  const lead = Math.round(leadMs / torus.dtMs / every);
  const frames = lead + Math.max(1, Math.round(measureMs / torus.dtMs / every));
  const steps = frames * every;
  const tracker = new PatternTracker(torus, pattern, trials);
  const moved: Float64Array[] = [];
  const length = trials * torus.side ** 2;
  for await (const block of runTorus(device, torus, { steps, hold: steps, velocities, initial: state, every, seed }))
    for (let frame = 0; frame < block.frames; frame += 1)
      moved.push(tracker.next(block.rates.subarray(frame * length, (frame + 1) * length)));
  const [from, to] = [moved[Math.max(0, lead - 1)] as Float64Array, moved.at(-1) as Float64Array];
  const time = ((frames - Math.max(1, lead)) * every * torus.dtMs) / 1000;
  const movement = to.map((value, index) => (value - (from[index] as number)) / time);
  return { pattern, speeds, state, ...summary({ velocities, movement, speeds, directions, spacing: pattern.spacing }) };
}

function summary(measured: {
  readonly velocities: Float32Array;
  readonly movement: Float64Array;
  readonly speeds: readonly number[];
  readonly directions: number;
  readonly spacing: number;
}): Omit<TorusGain, "pattern" | "speeds" | "state"> {
  const { velocities, movement, speeds, directions, spacing } = measured;
  const part = (values: ArrayLike<number>, index: number): number => values[index] as number;
  const gains = new Float64Array(speeds.length);
  const angles = new Float64Array(speeds.length);
  let [products, squares] = [0, 0];
  for (const [index, speed] of speeds.entries())
    for (let trial = index * directions; trial < (index + 1) * directions; trial += 1) {
      const [vx, vy] = [part(velocities, 2 * trial), part(velocities, 2 * trial + 1)];
      const [mx, my] = [part(movement, 2 * trial), part(movement, 2 * trial + 1)];
      const along = vx * mx + vy * my;
      gains[index] = part(gains, index) + along / speed ** 2 / directions;
      angles[index] = Math.max(part(angles, index), Math.abs(Math.atan2(vx * my - vy * mx, along)));
      products += along;
      squares += speed ** 2;
    }
  const unitsPerMetre = products / squares;
  const wrong = gains.findIndex((gain) => Math.abs(gain - unitsPerMetre) > 0.1 * Math.abs(unitsPerMetre));
  return {
    ...{ gains, angles, unitsPerMetre, periodM: spacing / Math.abs(unitsPerMetre) },
    linearTo: wrong < 0 ? Math.max(...speeds) : wrong === 0 ? 0 : (speeds[wrong - 1] as number),
    drift: Math.hypot(...movement.subarray(2 * speeds.length * directions)),
  };
}
