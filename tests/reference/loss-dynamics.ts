import type { HebbianValue } from "./loss-hebbian.ts";
import { add, at, type Numbers } from "./numbers.ts";

interface Shape {
  readonly time: number;
  readonly batch: number;
  readonly hidden: number;
}

/**
 * Mean over time, trials and the units [first, end) of (Σ_j W_ij r_j)².
 * @param rates [time, batch, hidden]; `weights` [hidden, hidden].
 */
export function drivePenalty(
  rates: Numbers,
  weights: Numbers,
  { time, batch, hidden }: Shape,
  [first, end]: readonly [number, number] = [0, hidden],
): HebbianValue {
  const gradient = new Float64Array(rates.length);
  const byWeights = new Float64Array(weights.length);
  const count = time * batch * (end - first);
  let value = 0;
  for (let row = 0; row < time * batch; row += 1) {
    for (let i = first; i < end; i += 1) {
      let drive = 0;
      for (let j = 0; j < hidden; j += 1) drive += at(weights, i * hidden + j) * at(rates, row * hidden + j);
      value += (drive * drive) / count;
      for (let j = 0; j < hidden; j += 1) {
        add(gradient, row * hidden + j, (2 * drive * at(weights, i * hidden + j)) / count);
        add(byWeights, i * hidden + j, (2 * drive * at(rates, row * hidden + j)) / count);
      }
    }
  }
  return { value, gradient, byWeights };
}

/** What Ω is a function of, besides the weights. */
export interface OmegaData extends Shape {
  /** dE/dv[t] [time, batch, hidden]. */
  readonly gradients: Numbers;
  /** f'(v[t]) from the initial state on, [time + 1, batch, hidden]. */
  readonly slopes: Numbers;
  /** [hidden] */
  readonly alpha: Numbers;
  readonly form: "state" | "rate";
  readonly slopeAt: "before" | "after";
  readonly bound: number;
}

/** J_ij = dv_i[t+1]/dv_j[t] = (1-α_i) δ_ij + α_i W_ij f'_j, or in the rate form ((1-α_i) δ_ij + α_i W_ij) f'_j. */
export function stateJacobian(weights: Numbers, alpha: Numbers, slopes: Numbers, form: "state" | "rate"): Float64Array {
  const hidden = alpha.length;
  return Float64Array.from({ length: hidden * hidden }, (_, index) => {
    const [i, j] = [Math.floor(index / hidden), index % hidden];
    const leak = i === j ? 1 - at(alpha, i) : 0;
    return leak * (form === "rate" ? at(slopes, j) : 1) + at(alpha, i) * at(weights, index) * at(slopes, j);
  });
}

/**
 * Ω = Σ_t mean_b ( |g J|² / |g|² - 1 )² / Σ_t (fraction of trials that count), g = dE/dv[t+1], J = dv[t+1]/dv[t]; a trial
 * with |g|² < bound does not count at t. With its derivative by the weights, g and f' held constant.
 */
export function omega(weights: Numbers, data: OmegaData): { readonly value: number; readonly byWeights: Float64Array } {
  const { time, batch, hidden, gradients, slopes, alpha, form, slopeAt, bound } = data;
  const byWeights = new Float64Array(weights.length);
  let [numerator, denominator] = [0, 0];
  for (let t = 0; t < time; t += 1) {
    for (let b = 0; b < batch; b += 1) {
      const row = (values: Numbers, step: number): number[] =>
        Array.from({ length: hidden }, (_, i) => at(values, (step * batch + b) * hidden + i));
      const g = row(gradients, t);
      // Slot t of the slopes is that before step t.
      const slope = row(slopes, slopeAt === "before" ? t : t + 1);
      const size = g.reduce((sum, value) => sum + value * value, 0);
      if (size < bound) continue;
      denominator += 1 / batch;
      const jacobian = stateJacobian(weights, alpha, slope, form);
      const h = g.map((_, j) => g.reduce((sum, gi, i) => sum + gi * at(jacobian, i * hidden + j), 0));
      const change = h.reduce((sum, value) => sum + value * value, 0) / size - 1;
      numerator += (change * change) / batch;
      for (let i = 0; i < hidden; i += 1) {
        for (let j = 0; j < hidden; j += 1) {
          // dh_j/dW_ij = g_i α_i f'_j
          const byH = (2 * change * 2 * at(h, j)) / size / batch;
          add(byWeights, i * hidden + j, byH * at(g, i) * at(alpha, i) * at(slope, j));
        }
      }
    }
  }
  if (denominator === 0) return { value: 0, byWeights };
  return { value: numerator / denominator, byWeights: byWeights.map((slope) => slope / denominator) };
}
