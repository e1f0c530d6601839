import { type Denominator, type LossValue, meanSquaredError } from "./loss.ts";
import type { RateShape } from "./loss-rates.ts";
import { add, at, type Numbers } from "./numbers.ts";

/**
 * Mean of m (r - z)² over recorded elements, or over the sum of m.
 * @param rates [T, B, H]; targets z, mask m [T, B, K], column c standing for hidden unit `units[c]`; z is not read where
 * m is 0.
 */
export function targetRates(
  rates: Numbers,
  hidden: number,
  units: readonly number[],
  targets: Numbers,
  mask: Numbers | undefined,
  denominator: Denominator,
): LossValue {
  const rows = rates.length / hidden;
  const chosen = new Float64Array(rows * units.length);
  const root = new Float64Array(chosen.length);
  const wanted = new Float64Array(chosen.length);
  for (let row = 0; row < rows; row += 1) {
    for (const [column, unit] of units.entries()) {
      const index = row * units.length + column;
      const m = mask === undefined ? 1 : at(mask, index);
      chosen[index] = at(rates, row * hidden + unit);
      wanted[index] = m === 0 ? 0 : at(targets, index);
      // Over elements the mask of a squared error enters squared.
      root[index] = denominator === "elements" ? Math.sqrt(m) : m;
    }
  }
  const { value, gradient } = meanSquaredError(chosen, wanted, root, mask === undefined ? "elements" : denominator);
  const byRates = new Float64Array(rates.length);
  for (let index = 0; index < chosen.length; index += 1) {
    const row = Math.floor(index / units.length);
    add(byRates, row * hidden + (units[index % units.length] ?? 0), at(gradient, index));
  }
  return { value, gradient: byRates };
}

export interface PopulationOptions {
  /** The trials of each set, [first, one past the last]. */
  readonly sets: readonly [readonly [number, number], readonly [number, number]];
  readonly symmetric: boolean;
  readonly squareWeight: number;
  readonly reduction: "mean" | "sum";
  readonly floor: number;
}

/** KL between the Gaussians N(m, v) and N(other m, other v), and its derivatives by all four. */
function divergence(m0: number, v0: number, m1: number, v1: number) {
  const d = m0 - m1;
  return {
    value: 0.5 * (Math.log(v1 / v0) + (v0 + d * d) / v1 - 1),
    by: { m0: d / v1, v0: 0.5 * (1 / v1 - 1 / v0), m1: -d / v1, v1: 0.5 * (1 / v1 - (v0 + d * d) / v1 ** 2) },
  };
}

/** nn4n's PopulationKL between two sets of trials, with a floor under the variances; rates [T, B, H]. */
export function populationKL(rates: Numbers, shape: RateShape, options: PopulationOptions): LossValue {
  const { time, batch, hidden, units } = shape;
  const { sets, symmetric, squareWeight, reduction, floor } = options;
  const gradient = new Float64Array(rates.length);
  const share = reduction === "mean" ? 1 / (units[1] - units[0]) : 1;
  let value = 0;
  for (let n = units[0]; n < units[1]; n += 1) {
    const places = sets.map(([first, end]) => {
      const indices: number[] = [];
      for (let t = 0; t < time; t += 1) for (let b = first; b < end; b += 1) indices.push((t * batch + b) * hidden + n);
      return indices;
    }) as [number[], number[]];
    const [m0, m1] = places.map((list) => mean(list.map((index) => at(rates, index)))) as [number, number];
    const spread = (list: number[], m: number): number =>
      mean(list.map((index) => (at(rates, index) - m) ** 2)) + floor;
    const [v0, v1] = [spread(places[0], m0), spread(places[1], m1)];
    const there = divergence(m0, v0, m1, v1);
    const back = divergence(m1, v1, m0, v0);
    const half = symmetric ? 0.5 : 1;
    value += share * half * (there.value + (symmetric ? back.value : 0));
    const byMean = [there.by.m0 + (symmetric ? back.by.m1 : 0), there.by.m1 + (symmetric ? back.by.m0 : 0)];
    const byVariance = [there.by.v0 + (symmetric ? back.by.v1 : 0), there.by.v1 + (symmetric ? back.by.v0 : 0)];
    for (const [s, list] of places.entries()) {
      const m = s === 0 ? m0 : m1;
      for (const index of list) {
        const r = at(rates, index);
        value += (squareWeight * r * r) / list.length;
        const byKL = share * half * ((byMean[s] ?? 0) + 2 * (byVariance[s] ?? 0) * (r - m));
        add(gradient, index, (byKL + 2 * squareWeight * r) / list.length);
      }
    }
  }
  return { value, gradient };
}

function mean(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0) / values.length;
}
