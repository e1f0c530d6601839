import { ValueError } from "../errors.ts";
import { firingRates, type Raster } from "./raster.ts";
import { checkSeries } from "./series.ts";

/**
 * Entropy in bits of a distribution given by how often each outcome was seen, -Σ p log₂ p with 0 log 0 = 0.
 * @param options.correction `"millerMadow"` adds (K - 1) / (2 n ln 2) for K outcomes seen in n, against the bias of few
 * samples (Miller 1955).
 * @throws ShapeError; ValueError for a negative count, or none at all.
 */
export function entropy(
  counts: ArrayLike<number>,
  { correction = "none" }: { readonly correction?: "none" | "millerMadow" } = {},
): number {
  checkSeries(counts, "entropy");
  let [total, seen] = [0, 0];
  for (let index = 0; index < counts.length; index += 1) {
    const count = counts[index] as number;
    if (count < 0) throw new ValueError(`entropy: count ${index} is ${count}; expected 0 or more.`);
    total += count;
    if (count > 0) seen += 1;
  }
  if (total === 0) throw new ValueError("entropy: all counts are 0; expected at least one outcome.");
  let bits = 0;
  for (let index = 0; index < counts.length; index += 1) {
    const share = (counts[index] as number) / total;
    if (share > 0) bits -= share * Math.log2(share);
  }
  return correction === "millerMadow" ? bits + (seen - 1) / (2 * total * Math.LN2) : bits;
}

/**
 * How evenly spikes come from all units, -Σ p ln p / ln N of each unit's share p of all spikes: 1 all alike, 0 one unit
 * alone. As sorn's spike_source_entropy, but a silent unit adds 0 in place of NaN.
 * @throws ShapeError; ValueError with one unit only, or without a spike.
 */
export function spikeSourceEntropy(raster: Raster): number {
  const rates = firingRates(raster);
  if (rates.length < 2) throw new ValueError("spikeSourceEntropy: expected at least two units, got 1.");
  if (rates.every((rate) => rate === 0)) throw new ValueError("spikeSourceEntropy: no unit spikes.");
  return entropy(rates) / Math.log2(rates.length);
}

/**
 * Entropy in bits of a series of whole numbers, such as the population activity a(t): how many states it uses.
 * @throws ShapeError, ValueError; options as {@link entropy}.
 */
export function seriesEntropy(
  series: ArrayLike<number>,
  options: { readonly correction?: "none" | "millerMadow" } = {},
): number {
  checkSeries(series, "seriesEntropy");
  const counts = new Map<number, number>();
  for (let index = 0; index < series.length; index += 1) {
    const value = series[index] as number;
    if (!Number.isInteger(value))
      throw new ValueError(
        `seriesEntropy: value ${index} is ${value}; expected a whole number. Count or bin it first.`,
      );
    counts.set(value, (counts.get(value) ?? 0) + 1);
  }
  return entropy([...counts.values()], options);
}
