import { z } from "zod";
import { signedAngle } from "../analysis/angles.ts";
import { bumpPhase } from "../analysis/attractor-phase.ts";
import { ValueError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import type { ModelOptions } from "../network/create.ts";
import { fromMasks } from "../structure/from-masks.ts";
import { circulant } from "./ring-kernel.ts";

const positive = z.number().positive();

/** What {@link doubleRing} is told, as plain data. */
export const doubleRingSchema = z.strictObject({
  /** n, units of each of the three populations. */
  units: z.int().min(8).max(2048).default(60),
  dtMs: positive.default(5),
  tauMs: positive.default(20),
  /** c: the first wave of compass and shifters together, were all alike, is c / n cos. */
  strength: positive.default(12),
  /** Global inhibition among compass units, h / n. */
  inhibition: z.number().max(0).default(-3),
  /** Share of the strength that runs through the shifters. */
  shifterShare: z.number().positive().max(1).default(0.5),
  /** How far ahead a shifter's projection to the compass lies, rad; the fly's is about an eighth of a turn. */
  projectionOffset: z
    .number()
    .positive()
    .max(Math.PI / 2 - 0.05)
    .default(Math.PI / 4),
  /** What a compass unit's rate must exceed to drive its shifters at rest. */
  threshold: z.number().min(0).max(0.8).default(0.2),
  /** Turn of the bump for a turn of the head, to which the velocity weight is set. */
  gain: positive.default(1),
  /** The weight of the velocity (rad/s) onto the shifters, instead of that. */
  velocityWeight: z.number().optional(),
  /** Where the bump stands at the start, rad. */
  heading: z.number().default(0),
});

/** Options of {@link doubleRing}. */
export type DoubleRingOptions = z.input<typeof doubleRingSchema>;

/** A compass with two populations of shifters, as plain data. */
export interface DoubleRing {
  /** What `ctrnn` or `createModel` takes: structure, weights, times. Inputs: the velocity, rad/s; outputs: cos, sin. */
  readonly network: ModelOptions;
  /** [n], rad: the headings of the compass units, 2πi/n. Unit i of each shifter population stands for the same. */
  readonly preferred: Float64Array;
  readonly velocityWeight: number;
  /** rad/s beyond which shifters fire outside of the bump. */
  readonly mostVelocity: number;
}

/**
 * The explicit double ring (Xie, Hahnloser & Seung 2002, Phys Rev E 66:041902; in the fly the compass and its two populations
 * of shifters, Turner-Evans et al. 2017): compass unit i drives unit i of `left` and of `right`; these project back ahead and
 * behind by an offset. The velocity is a plain additive input to the shifters, of opposite signs, so that one population drags
 * the bump more than the other. As all units are threshold units this is, near the bump, the multiplicative input of
 * `ringAttractor`. Units: compass 0 … n-1, left n … 2n-1, right 2n … 3n-1.
 * @throws ConfigError naming the key; ValueError where these numbers hold no bump, or it does not turn.
 */
export function doubleRing(options: DoubleRingOptions = {}): DoubleRing {
  const parsed = parseWith(doubleRingSchema, options, "doubleRing");
  const { units, dtMs, tauMs, threshold, heading, gain } = parsed;
  if (dtMs > tauMs) throw new ValueError(`doubleRing: expected dtMs of at most tauMs, got ${dtMs} and ${tauMs}.`);
  const hidden = 3 * units;
  const preferred = Float64Array.from({ length: units }, (_, unit) => (2 * Math.PI * unit) / units);
  const { weightHH, maskHH } = recurrentWeights(parsed);
  const biasH = Float32Array.from({ length: hidden }, (_, unit) => (unit < units ? 0 : -threshold));
  const walk = new CompassWalk({ units, weightHH, biasH, alpha: dtMs / tauMs, preferred });
  const rest = walk.settle(heading);
  const { velocityWeight = calibrate(walk, rest, gain, dtMs) } = parsed;

  const weightIH = Float32Array.from({ length: hidden }, (_, unit) =>
    unit < units ? 0 : unit < 2 * units ? velocityWeight : -velocityWeight,
  );
  const weightHO = new Float32Array(2 * hidden);
  const length = preferred.reduce(
    (sum, angle, unit) => sum + Math.max(0, Math.tanh(rest[unit] ?? 0)) * Math.cos(angle - heading),
    0,
  );
  for (const [unit, angle] of preferred.entries()) {
    weightHO[unit] = Math.cos(angle) / length;
    weightHO[hidden + unit] = Math.sin(angle) / length;
  }
  const present = (weights: Float32Array): Float32Array => weights.map((weight) => (weight === 0 ? 0 : 1));
  const structure = fromMasks({
    ...{ inputs: 1, hidden, outputs: 2, maskHH },
    maskIH: present(weightIH.map((_, unit) => (unit < units ? 0 : 1))),
    maskHO: Float32Array.from(weightHO, (_, at) => (at % hidden < units ? 1 : 0)),
    areas: ["compass", "left", "right"].map((name, area) => ({ name, from: area * units, to: (area + 1) * units })),
  });
  return {
    network: {
      structure: {
        ...structure,
        inputGroups: [{ name: "velocity", from: 0, to: 1 }],
        outputGroups: [{ name: "heading", from: 0, to: 2 }],
      },
      ...{ dtMs, tauMs, activation: "retanh" },
      initial: { weightIH, weightHH, biasH, weightHO, biasO: new Float32Array(2), v0: Float32Array.from(rest) },
    },
    ...{ preferred, velocityWeight, mostVelocity: threshold / Math.abs(velocityWeight) },
  };
}

function recurrentWeights({
  units,
  strength,
  inhibition,
  shifterShare,
  projectionOffset,
}: z.output<typeof doubleRingSchema>) {
  const hidden = 3 * units;
  const angle = (2 * Math.PI) / units;
  // Both shifters together: 2 cos(offset) cos.
  const shift = (strength * shifterShare) / (2 * Math.cos(projectionOffset) * units);
  const compass = ((1 - shifterShare) * strength) / units;
  const blocks = [
    circulant(units, (d) => compass * Math.cos(angle * d) + inhibition / units),
    circulant(units, (d) => shift * Math.cos(angle * d - projectionOffset)),
    circulant(units, (d) => shift * Math.cos(angle * d + projectionOffset)),
  ];
  const weightHH = new Float32Array(hidden * hidden);
  const maskHH = new Float32Array(hidden * hidden);
  for (let post = 0; post < units; post += 1) {
    for (const [area, block] of blocks.entries())
      for (let pre = 0; pre < units; pre += 1) {
        weightHH[post * hidden + area * units + pre] = block[post * units + pre] as number;
        maskHH[post * hidden + area * units + pre] = 1;
      }
    for (const area of [1, 2]) {
      weightHH[(area * units + post) * hidden + post] = 1;
      maskHH[(area * units + post) * hidden + post] = 1;
    }
  }
  return { weightHH, maskHH };
}

/** A compass unit below it counts as silent: what is left of a bump that dies. */
const smallestRate = 1e-2;

interface CompassNet {
  readonly units: number;
  readonly weightHH: Float32Array;
  readonly biasH: Float32Array;
  readonly alpha: number;
  readonly preferred: Float64Array;
}

/** The same network in float64 on the CPU, to find its bump and how fast it turns. */
class CompassWalk {
  readonly #net: CompassNet;

  constructor(net: CompassNet) {
    this.#net = net;
  }

  /** The bump at rest nearest to a heading: v [3n]. @throws ValueError where there is none. */
  settle(heading: number): Float64Array {
    const { units, preferred, alpha } = this.#net;
    let v: Float64Array = Float64Array.from({ length: 3 * units }, (_, unit) =>
      Math.cos((preferred[unit % units] as number) - heading),
    );
    for (let step = 0; step < 60 / alpha; step += 1) v = this.#step(v, 0);
    const active = v.subarray(0, units).filter((value) => value > smallestRate).length;
    if (active === 0 || active === units)
      throw new ValueError(
        `doubleRing: no bump forms with these numbers: ${active} of ${units} compass units are active. Take another strength or inhibition.`,
      );
    return v;
  }

  /** Turn of the bump, rad a step, with `velocity` times its weight onto the shifters. */
  turn(rest: Float64Array, drive: number): number {
    const { units, preferred, alpha } = this.#net;
    const lead = Math.ceil(10 / alpha);
    let v: Float64Array = rest;
    let [phase, from] = [0, 0];
    for (let step = 0; step < 5 * lead; step += 1) {
      v = this.#step(v, drive);
      const now = bumpPhase(
        v.subarray(0, units).map((value) => Math.max(0, Math.tanh(value))),
        preferred,
      );
      phase += signedAngle(now - phase);
      if (step === lead - 1) from = phase;
    }
    return (phase - from) / (4 * lead);
  }

  #step(v: Float64Array, drive: number): Float64Array {
    const { units, weightHH, biasH, alpha } = this.#net;
    const hidden = 3 * units;
    const rates = v.map((value) => Math.max(0, Math.tanh(value)));
    return v.map((value, post) => {
      let sum = (biasH[post] as number) + (post < units ? 0 : post < 2 * units ? drive : -drive);
      for (let pre = 0; pre < hidden; pre += 1)
        sum += (weightHH[post * hidden + pre] as number) * (rates[pre] as number);
      return (1 - alpha) * value + alpha * sum;
    });
  }
}

/** The velocity weight with which the bump turns `gain` times as fast as the head, at a speed well within the linear range. */
function calibrate(walk: CompassWalk, rest: Float64Array, gain: number, dtMs: number): number {
  const drive = 0.05;
  const perDrive = walk.turn(rest, drive) / drive;
  if (!(perDrive > 0))
    throw new ValueError("doubleRing: the bump does not turn with the velocity. Take another strength.");
  return (gain * dtMs) / 1000 / perDrive;
}
