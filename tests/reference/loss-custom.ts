import type { Denominator, LossValue } from "./loss.ts";
import { add, at, type Numbers, sum } from "./numbers.ts";

/** Huber's loss of e = y - target with its corner at 1: e² / 2 up to there, then |e| - 1/2; each element times its mask. */
export function huber(
  outputs: Numbers,
  targets: Numbers,
  mask?: Numbers,
  denominator: Denominator = "elements",
): LossValue {
  const divisor = denominator === "elements" || !mask ? outputs.length : sum(mask);
  const gradient = new Float64Array(outputs.length);
  let value = 0;
  for (let index = 0; index < outputs.length; index += 1) {
    const error = at(outputs, index) - at(targets, index);
    const factor = (mask ? at(mask, index) : 1) / divisor;
    const isSmall = Math.abs(error) <= 1;
    value += factor * (isSmall ? error ** 2 / 2 : Math.abs(error) - 1 / 2);
    gradient[index] = factor * (isSmall ? error : Math.sign(error));
  }
  return { value, gradient };
}

/** Mean over rows (time × trial) and units [first, end) of max(r - threshold, 0)². */
export function quadraticAbove(
  rates: Numbers,
  shape: { readonly rows: number; readonly hidden: number; readonly units: readonly [number, number] },
  threshold: number,
): LossValue {
  const { rows, hidden, units } = shape;
  const [first, end] = units;
  const count = rows * (end - first);
  const gradient = new Float64Array(rows * hidden);
  let value = 0;
  for (let row = 0; row < rows; row += 1) {
    for (let unit = first; unit < end; unit += 1) {
      const excess = at(rates, row * hidden + unit) - threshold;
      if (excess <= 0) continue;
      value += excess ** 2 / count;
      add(gradient, row * hidden + unit, (2 * excess) / count);
    }
  }
  return { value, gradient };
}
