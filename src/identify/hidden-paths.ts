import { ShapeError, ValueError } from "../errors.ts";
import { activations } from "../io/activation-schema.ts";
import { product } from "./correlate.ts";
import { blockOf, checkLearned, type LearnedNetwork } from "./learned-network.ts";
import { checkLength } from "./recording.ts";

/** What the observed units send to each other through the hidden ones: matrices [K, K] (post, pre) one after another. */
export interface HiddenPaths {
  /** W_rh diag(g) W_hr [K, K]; with g = 1 the product that nsi's notebook shows. */
  readonly plain: Float64Array;
  /** W_rh diag(g w_in) W_hr [D, K, K], one for each velocity component; absent without input weights. */
  readonly weighted?: Float64Array | undefined;
}

/**
 * Paths over the hidden units. Hidden units h = f(W_hr r + w_in v + b) that are read back by W_rh add to first order
 * v W_rh diag(f' w_in) W_hr to the recurrent weights: shifter rings of opposite w_in make the shift kernel, to which the
 * weighted product compares. The plain product leaves w_in out, so that opposite rings cancel.
 * @param gains g = mean f' of each hidden unit [N - K], as {@link meanGains} has them; default 1.
 * @returns `undefined` for a network without hidden units.
 * @throws ShapeError, ValueError
 */
export function hiddenPaths(learned: LearnedNetwork, gains?: ArrayLike<number>): HiddenPaths | undefined {
  const { observed, hidden } = checkLearned("learned", learned);
  const { units, weights, inputWeights } = learned;
  const count = hidden.length;
  if (gains !== undefined) checkLength("gains", gains, `[${count}], one for each hidden unit`, count);
  if (count === 0) return undefined;
  const [out, back] = [blockOf(weights, units, observed, hidden), blockOf(weights, units, hidden, observed)];
  const plain = product(out, back, count, gains);
  if (inputWeights === undefined) return { plain };
  const components = inputWeights.length / units;
  const weighted = new Float64Array(components * plain.length);
  for (let component = 0; component < components; component += 1) {
    const diagonal = Float64Array.from(
      hidden,
      (unit, k) =>
        (gains === undefined ? 1 : (gains[k] as number)) * (inputWeights[unit * components + component] as number),
    );
    weighted.set(product(out, back, count, diagonal), component * plain.length);
  }
  return { plain, weighted };
}

const slopes: Readonly<Record<string, (rate: number) => number>> = {
  relu: (rate) => (rate > 0 ? 1 : 0),
  retanh: (rate) => (rate > 0 ? 1 - rate * rate : 0),
  tanh: (rate) => 1 - rate * rate,
  sigmoid: (rate) => rate * (1 - rate),
  softplus: (rate) => -Math.expm1(-rate),
  power: (rate) => 2 * Math.sqrt(Math.max(0, rate)),
  linear: () => 1,
};

/**
 * Mean slope f'(v) of units over their activity, from the rates r = f(v) alone: the gain with which a unit passes on a
 * small change.
 * @param rates [rows, units]; @param options.activation a built-in one.
 * @returns [units]
 * @throws ShapeError; ValueError for an activation whose slope its rate does not tell.
 */
export function meanGains(
  rates: ArrayLike<number>,
  { units, activation }: { readonly units: number; readonly activation: string },
): Float64Array {
  const slope = Object.hasOwn(slopes, activation) ? slopes[activation] : undefined;
  if (slope === undefined)
    throw new ValueError(
      `meanGains: activation: expected one of ${activations.join(", ")}, got "${activation}". Pass gains of your own.`,
    );
  const rows = rates.length / units;
  if (!Number.isInteger(units) || !Number.isInteger(rows) || rows < 1)
    throw new ShapeError(`meanGains: rates: expected [rows, ${units}], got ${rates.length} values.`);
  checkLength("meanGains: rates", rates, `[${rows}, ${units}]`, rates.length);
  const gains = new Float64Array(units);
  for (let index = 0; index < rates.length; index += 1)
    gains[index % units] = (gains[index % units] as number) + slope(rates[index] as number) / rows;
  return gains;
}
