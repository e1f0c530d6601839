import { activate } from "./activation.ts";
import { at, type Numbers } from "./numbers.ts";

/** A fitted network in float64: W [N, N], W_in [N, D] or V [D, N, N] (post, pre), b and alpha [N]. */
export interface FittedReference {
  readonly units: number;
  readonly weights: Numbers;
  readonly inputWeights?: Numbers | undefined;
  readonly velocityWeights?: Numbers | undefined;
  readonly bias: Numbers;
  readonly alpha: Numbers;
  readonly activation: string;
}

/** Stretches that start from recorded rates [B, K] of the first K units and are driven by velocities [T, B, D]. */
export interface FittedDrive {
  readonly steps: number;
  readonly trials: number;
  readonly start: Numbers;
  readonly velocities: Numbers;
  readonly leak: "rate" | "state";
  /** f⁻¹, for the leak on the preactivations. */
  readonly inverse?: (rate: number) => number;
}

/**
 * Leak on the rates: r = f(W u + v V u + W_in v + b), u ← (1 - α) u + α r, from u = the recorded rates. On the preactivations:
 * x ← (1 - α) x + α (W r + W_in v + b), r = f(x), from r = the recorded rates. @returns r [T, B, N]
 */
export function fittedForward(network: FittedReference, drive: FittedDrive): Float64Array {
  const { units, weights, inputWeights, velocityWeights, bias, alpha, activation } = network;
  const { steps, trials, start, velocities, leak, inverse = (rate) => rate } = drive;
  const [recorded, dimensions] = [start.length / trials, velocities.length / (steps * trials)];
  const rates = new Float64Array(steps * trials * units);
  for (let trial = 0; trial < trials; trial += 1) {
    const sent = new Float64Array(units);
    const state = new Float64Array(units);
    for (let unit = 0; unit < recorded; unit += 1) {
      sent[unit] = at(start, trial * recorded + unit);
      state[unit] = inverse(at(start, trial * recorded + unit));
    }
    for (let step = 0; step < steps; step += 1) {
      const row = step * trials + trial;
      const before = sent.slice();
      for (let post = 0; post < units; post += 1) {
        let sum = at(bias, post);
        for (let pre = 0; pre < units; pre += 1) sum += at(weights, post * units + pre) * at(before, pre);
        for (let d = 0; d < dimensions; d += 1) {
          const velocity = at(velocities, row * dimensions + d);
          if (inputWeights) sum += velocity * at(inputWeights, post * dimensions + d);
          if (velocityWeights)
            for (let pre = 0; pre < units; pre += 1)
              sum += velocity * at(velocityWeights, (d * units + post) * units + pre) * at(before, pre);
        }
        const own = at(alpha, post);
        state[post] = leak === "rate" ? sum : (1 - own) * at(state, post) + own * sum;
        const rate = activate(activation, at(state, post));
        rates[row * units + post] = rate;
        sent[post] = leak === "rate" ? (1 - own) * at(before, post) + own * rate : rate;
      }
    }
  }
  return rates;
}

/** Mean squared difference of the first K units of rates [rows, N] and what was recorded [rows, K]. */
export function fittedError(rates: Numbers, recorded: Numbers, units: number, observed: number): number {
  let sum = 0;
  for (let row = 0; row < rates.length / units; row += 1)
    for (let unit = 0; unit < observed; unit += 1)
      sum += (at(rates, row * units + unit) - at(recorded, row * observed + unit)) ** 2;
  return sum / recorded.length;
}
