import { z } from "zod";
import { fullTurn } from "../analysis/angles.ts";
import { parseWith } from "../io/config.ts";
import { activations } from "../io/model-schema.ts";
import type { BilinearNetwork } from "./bilinear-network.ts";
import {
  circulant,
  cosineKernel,
  gaussianKernel,
  type RingKernel,
  ringEigenvalue,
  vonMisesKernel,
} from "./ring-kernel.ts";

const positive = z.number().positive();

const kernelSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("cosine"),
    /** k, radians per unit, or `"ring"`: 2π / n. Default nsi's, 6 / n: not quite once round, with a kink at the antipode. */
    waveNumber: z.union([positive, z.literal("ring")]).optional(),
    /** `exact`: of c cos(k |d|). `nsi`: the package's, d in place of sign(d), whose bump moves as fast as its agents turn. */
    derivative: z.enum(["exact", "nsi"]).default("nsi"),
  }),
  z.strictObject({
    type: z.literal("vonMises"),
    /** κ; default 2. */
    concentration: positive.default(2),
  }),
  z.strictObject({
    type: z.literal("gaussian"),
    /** σ, rad; default 1. */
    width: positive.default(1),
  }),
]);

/** What {@link ringAttractor} is told, as plain data. */
export const ringSchema = z.strictObject({
  units: z.int().min(3).max(8192).default(100),
  /** Duration of a step. */
  dtMs: positive.default(25),
  kernel: kernelSchema.prefault({ type: "cosine" }),
  /** c; default 10 / n of a cosine, of other kernels what makes the eigenvalue of the first wave 5. */
  strength: z.number().optional(),
  /** h; default -3 / n of a cosine, of other kernels what makes the eigenvalue of the mean -3. */
  offset: z.number().optional(),
  /**
   * a, units a step for 1 rad/s. Default: 0.02 with nsi's derivative; else n dt / (2π alpha), with which the bump turns as fast
   * as the head. Of the opposite sign, the bump moves the other way round.
   */
  velocityGain: z.number().optional(),
  /** Leak of a step. */
  alpha: z.number().positive().max(1).default(1),
  bias: z.number().default(0),
  activation: z.enum(activations).default("retanh"),
  /** Strength of divisive inhibition; 0 = none. */
  inhibition: z.number().min(0).default(0),
});

/** Options of {@link ringAttractor}. */
export type RingOptions = z.input<typeof ringSchema>;

/** A ring attractor as plain data: a {@link BilinearNetwork} with the heading that each unit stands for. */
export interface RingAttractor extends BilinearNetwork {
  readonly dtMs: number;
  /** [n], rad in [0, 2π): see {@link ringAttractor}. */
  readonly preferred: Float64Array;
  readonly bias: Float32Array;
  readonly alpha: number;
  readonly activation: (typeof activations)[number];
  readonly inhibition: number;
}

/**
 * A one-dimensional ring of n units whose bump of activity is turned by multiplicative velocity input (Zhang 1996; the
 * simulator of nsi): W_ij = w(d_ij), W_v = a w'(d_ij), d the distance post - pre. All defaults are nsi's constants: n 100,
 * 0.1 cos(0.06 d) - 0.03, a 0.02, alpha 1, r = max(tanh, 0), steps of 25 ms; other sizes have the same profile.
 *
 * W_v takes up activity from ahead, so with a > 0 the bump moves to lower unit numbers as v > 0. Unit i therefore stands for the
 * heading -2πi/n, with a < 0 for 2πi/n, and the phase of the bump by {@link RingAttractor.preferred} turns with the head. By
 * the angles 2πi/n, as nsi plots it, it turns against it.
 * @throws ConfigError naming the key that is wrong, and the nearest known one.
 */
export function ringAttractor(options: RingOptions = {}): RingAttractor {
  const parsed = parseWith(ringSchema, options, "ringAttractor");
  const { units, dtMs, alpha, bias, activation, inhibition } = parsed;
  const { value, derivative } = kernelOf(parsed);
  const usual =
    parsed.kernel.type === "cosine" && parsed.kernel.derivative === "nsi"
      ? 0.02
      : (units * dtMs) / 1000 / (2 * Math.PI * alpha);
  const { velocityGain = usual } = parsed;
  return {
    units,
    dtMs,
    weights: circulant(units, value),
    velocityWeights: circulant(units, (d) => velocityGain * derivative(d)),
    preferred: Float64Array.from({ length: units }, (_, unit) =>
      unit === 0 ? 0 : (fullTurn * (velocityGain < 0 ? unit : units - unit)) / units,
    ),
    bias: new Float32Array(units).fill(bias),
    ...{ alpha, activation, inhibition },
  };
}

function kernelOf({ units, kernel, strength, offset }: z.output<typeof ringSchema>): RingKernel {
  if (kernel.type === "cosine") {
    const { waveNumber = 6 / units, derivative } = kernel;
    const k = waveNumber === "ring" ? (2 * Math.PI) / units : waveNumber;
    return cosineKernel(strength ?? 10 / units, k, offset ?? -3 / units, derivative);
  }
  const make = (c: number, h: number): RingKernel =>
    kernel.type === "vonMises"
      ? vonMisesKernel(units, c, kernel.concentration, h)
      : gaussianKernel(units, c, kernel.width, h);
  const plain = make(1, 0).value;
  const c = strength ?? firstWave / ringEigenvalue(units, plain, 1);
  return make(c, offset ?? (mean - c * ringEigenvalue(units, plain, 0)) / units);
}

/** Eigenvalues of nsi's cosine, were it once round: c n / 2 and h n. */
const firstWave = 5;
const mean = -3;
