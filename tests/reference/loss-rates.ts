import type { LossValue } from "./loss.ts";
import { add, at, type Numbers } from "./numbers.ts";

/** Sizes of a list of rates [time, batch, hidden], and the units [first, end) that a term is about. */
export interface RateShape {
  readonly time: number;
  readonly batch: number;
  readonly hidden: number;
  readonly units: readonly [first: number, end: number];
}

/** Visits every rate of the chosen units. */
function forEachRate(shape: RateShape, visit: (index: number, time: number) => void): void {
  const [first, end] = shape.units;
  for (let row = 0; row < shape.time * shape.batch; row += 1) {
    for (let n = first; n < end; n += 1) visit(row * shape.hidden + n, Math.floor(row / shape.batch));
  }
}

/** Mean of |r|^power (1 or 2) over time, trials and units. */
export function rateMagnitude(rates: Numbers, shape: RateShape, power: 1 | 2): LossValue {
  const gradient = new Float64Array(rates.length);
  const count = shape.time * shape.batch * (shape.units[1] - shape.units[0]);
  let value = 0;
  forEachRate(shape, (index) => {
    const r = at(rates, index);
    value += Math.abs(r) ** power / count;
    gradient[index] = (power === 1 ? Math.sign(r) : 2 * r) / count;
  });
  return { value, gradient };
}

/** Mean of (r[t] - r[t + lag])² over the steps that have a partner, trials and units. */
export function rateDifference(rates: Numbers, shape: RateShape, lag: number): LossValue {
  const gradient = new Float64Array(rates.length);
  const count = (shape.time - lag) * shape.batch * (shape.units[1] - shape.units[0]);
  let value = 0;
  forEachRate(shape, (index, time) => {
    if (time + lag >= shape.time) return;
    const later = index + lag * shape.batch * shape.hidden;
    const difference = at(rates, index) - at(rates, later);
    value += difference ** 2 / count;
    add(gradient, index, (2 * difference) / count);
    add(gradient, later, (-2 * difference) / count);
  });
  return { value, gradient };
}

/** Mean over rows of -Σ p log(p + 1e-8) + squareWeight Σ r², p = max(r, 0) / (Σ max(r, 0) + 1e-8). */
export function rateEntropy(rates: Numbers, shape: RateShape, squareWeight: number): LossValue {
  const gradient = new Float64Array(rates.length);
  const [first, end] = shape.units;
  const rows = shape.time * shape.batch;
  let value = 0;
  for (let row = 0; row < rows; row += 1) {
    const r = Array.from({ length: end - first }, (_, n) => at(rates, row * shape.hidden + first + n));
    const total = r.reduce((all, rate) => all + Math.max(rate, 0), 1e-8);
    const p = r.map((rate) => Math.max(rate, 0) / total);
    for (const share of p) value -= (share * Math.log(share + 1e-8)) / rows;
    for (const rate of r) value += (squareWeight * rate ** 2) / rows;
    for (const [m, rate] of r.entries()) {
      let slope = 2 * squareWeight * rate;
      for (const [n, share] of p.entries()) {
        const byShare = -Math.log(share + 1e-8) - share / (share + 1e-8);
        if (rate > 0) slope += (byShare * ((n === m ? 1 : 0) - share)) / total;
      }
      gradient[row * shape.hidden + first + m] = slope / rows;
    }
  }
  return { value, gradient };
}
