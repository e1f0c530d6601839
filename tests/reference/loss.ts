import { at, type Numbers, sum } from "./numbers.ts";

/** A loss and its derivative by the list it was computed from. */
export interface LossValue {
  readonly value: number;
  readonly gradient: Float64Array;
}

/** `elements`: mean over all T·B·O of (mask (y - target))² (PsychRNN). `mask`: Σ mask (y - target)² / Σ mask (pycog). */
export type Denominator = "elements" | "mask";

/**
 * Masked mean squared error and dL/dy.
 * @param outputs, targets, mask [time, batch, outputs]; an absent mask is all 1. A mask that is all 0 gives 0.
 */
export function meanSquaredError(
  outputs: Numbers,
  targets: Numbers,
  mask?: Numbers,
  denominator: Denominator = "elements",
): LossValue {
  const gradient = new Float64Array(outputs.length);
  const divisor = denominator === "elements" || !mask ? outputs.length : sum(mask);
  if (divisor === 0) return { value: 0, gradient };
  let total = 0;
  for (let index = 0; index < outputs.length; index += 1) {
    const error = at(outputs, index) - at(targets, index);
    const m = mask ? at(mask, index) : 1;
    const weight = denominator === "elements" ? m * m : m;
    total += weight * error * error;
    gradient[index] = (2 * weight * error) / divisor;
  }
  return { value: total / divisor, gradient };
}

/** Mean of r² over time, batch and units, and dL/dr; rates [time, batch, hidden]. */
export function rateL2(rates: Numbers): LossValue {
  const gradient = new Float64Array(rates.length);
  let total = 0;
  for (let index = 0; index < rates.length; index += 1) {
    total += at(rates, index) ** 2;
    gradient[index] = (2 * at(rates, index)) / rates.length;
  }
  return { value: total / rates.length, gradient };
}
