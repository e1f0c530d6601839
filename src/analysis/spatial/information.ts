import { ShapeError, ValueError } from "../../errors.ts";
import type { SpatialMap } from "./map.ts";

/** @throws ShapeError; ValueError for a negative rate or count, or if no bin was visited. */
function occupied(
  map: SpatialMap,
  counts: ArrayLike<number>,
  label: string,
): readonly { readonly share: number; readonly rate: number }[] {
  if (map.values.length !== counts.length)
    throw new ShapeError(`${label}: expected ${map.values.length} counts, one a bin, got ${counts.length}.`);
  let total = 0;
  const bins: { share: number; rate: number }[] = [];
  for (let bin = 0; bin < counts.length; bin += 1) {
    const count = counts[bin] as number;
    if (!(count >= 0 && Number.isFinite(count)))
      throw new ValueError(`${label}: counts: bin ${bin} is ${count}; expected a number of at least 0.`);
    if (count === 0) continue;
    const rate = map.values[bin] as number;
    if (!(rate >= 0 && Number.isFinite(rate)))
      throw new ValueError(`${label}: bin ${bin} was visited and has a rate of ${rate}; expected one of at least 0.`);
    bins.push({ share: count, rate });
    total += count;
  }
  if (total === 0) throw new ValueError(`${label}: no bin was visited.`);
  return bins.map(({ share, rate }) => ({ share: share / total, rate }));
}

/**
 * Spatial information in bits per spike, Σ p_i (r_i / r̄) log₂(r_i / r̄), r̄ = Σ p_i r_i (Skaggs, McNaughton, Gothard &
 * Markus 1993), with p the share of the time in each bin; times r̄ it is bits per second. 0 for a silent unit.
 * @param map mean rates, of at least 0; of bins with a count of 0 nothing is used.
 * @param counts samples of each bin.
 * @throws ShapeError, ValueError
 */
export function spatialInformation(map: SpatialMap, counts: ArrayLike<number>): number {
  const bins = occupied(map, counts, "spatialInformation");
  const mean = bins.reduce((sum, { share, rate }) => sum + share * rate, 0);
  if (mean === 0) return 0;
  return bins.reduce((sum, { share, rate }) => {
    const ratio = rate / mean;
    return ratio > 0 ? sum + share * ratio * Math.log2(ratio) : sum;
  }, 0);
}

/**
 * Sparsity (Σ p_i r_i)² / Σ p_i r_i² (Treves & Rolls 1991; Skaggs et al. 1996): the share of the arena in which a unit is
 * active, were it so at one rate; 1 for a unit of the same rate everywhere, a silent one too.
 * @throws ShapeError, ValueError
 */
export function sparsity(map: SpatialMap, counts: ArrayLike<number>): number {
  const bins = occupied(map, counts, "sparsity");
  const mean = bins.reduce((sum, { share, rate }) => sum + share * rate, 0);
  const square = bins.reduce((sum, { share, rate }) => sum + share * rate * rate, 0);
  return square === 0 ? 1 : (mean * mean) / square;
}
