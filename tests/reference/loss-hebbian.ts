import type { LossValue } from "./loss.ts";
import { add, at, type Numbers } from "./numbers.ts";

/** The Hebbian term with its derivative by the rates (`gradient`) and by the effective weights. */
export interface HebbianValue extends LossValue {
  readonly byWeights: Float64Array;
}

/**
 * Mean over trials of |mean over time of q| (`time`), or mean over both of |q| (`step`), q = Σ_ij W_ij r_i r_j.
 * @param rates [time, batch, hidden]; `weights` [hidden, hidden].
 */
export function hebbian(
  rates: Numbers,
  weights: Numbers,
  { time, batch, hidden }: { readonly time: number; readonly batch: number; readonly hidden: number },
  over: "time" | "step",
): HebbianValue {
  const gradient = new Float64Array(rates.length);
  const byWeights = new Float64Array(weights.length);
  let value = 0;
  for (let trial = 0; trial < batch; trial += 1) {
    const rows = Array.from({ length: time }, (_, t) => (t * batch + trial) * hidden);
    const agreement = (start: number): number => {
      let q = 0;
      for (let i = 0; i < hidden; i += 1) {
        for (let j = 0; j < hidden; j += 1) {
          q += at(weights, i * hidden + j) * at(rates, start + i) * at(rates, start + j);
        }
      }
      return q;
    };
    const total = rows.reduce((sum, start) => sum + agreement(start), 0);
    for (const start of rows) {
      const factor = Math.sign(over === "time" ? total : agreement(start)) / (time * batch);
      value += factor * agreement(start);
      for (let i = 0; i < hidden; i += 1) {
        for (let j = 0; j < hidden; j += 1) {
          const [w, ri, rj] = [at(weights, i * hidden + j), at(rates, start + i), at(rates, start + j)];
          add(gradient, start + i, factor * w * rj);
          add(gradient, start + j, factor * w * ri);
          add(byWeights, i * hidden + j, factor * ri * rj);
        }
      }
    }
  }
  return { value, gradient, byWeights };
}
