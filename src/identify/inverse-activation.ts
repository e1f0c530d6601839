import type { Activation } from "../io/activation-schema.ts";

/** f⁻¹ of an activation f. */
export interface Inverse {
  readonly of: (rate: number) => number;
  /** Rates that have an inverse lie between these. */
  readonly low: number;
  readonly high: number;
  /** Whether a rate of 0 means no more than that the drive is not above 0. */
  readonly threshold: boolean;
}

/** Inverses of the built-in activations. */
export const inverses: Readonly<Record<Activation, Inverse>> = {
  retanh: { of: Math.atanh, low: -1, high: 1, threshold: true },
  relu: { of: (rate) => rate, low: -Infinity, high: Infinity, threshold: true },
  power: { of: Math.sqrt, low: -Number.MIN_VALUE, high: Infinity, threshold: true },
  tanh: { of: Math.atanh, low: -1, high: 1, threshold: false },
  sigmoid: { of: (rate) => Math.log(rate / (1 - rate)), low: 0, high: 1, threshold: false },
  softplus: { of: (rate) => rate + Math.log(-Math.expm1(-rate)), low: 0, high: Infinity, threshold: false },
  linear: { of: (rate) => rate, low: -Infinity, high: Infinity, threshold: false },
};

const margin = 1e-6;

/**
 * A preactivation that a recorded rate can come from: f⁻¹ of the rate, or of the nearest one that has an inverse, as noise of a
 * measurement takes rates out of the range of f; 0 below a threshold.
 */
export function preactivationOf(activation: Activation, rate: number): number {
  const { of, low, high, threshold } = inverses[activation];
  if (threshold && rate <= 0) return 0;
  return of(Math.min(Math.max(rate, low + margin), high - margin));
}
