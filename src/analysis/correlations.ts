import { ValueError } from "../errors.ts";
import { type Raster, readRaster } from "./raster.ts";

/** Pearson's correlations of units. */
export interface Correlations {
  readonly units: number;
  /** [units, units], 1 on the diagonal; all 0 in row and column of a unit that does not vary. */
  readonly values: Float64Array;
  /** [units]: 1 for a unit that varies, 0 for one that is silent or always active and so has no correlation. */
  readonly varies: Uint8Array;
}

/**
 * Correlation of every pair of units over time, from coincidences: r_ij = (⟨c_i c_j⟩ - ⟨c_i⟩⟨c_j⟩) / (σ_i σ_j).
 * Exact counts in integers; only active units cost time.
 * @param options.bin steps that are counted together, default 1; steps after the last whole bin are left out.
 * @throws ShapeError, ValueError
 */
export function correlationMatrix(raster: Raster, { bin = 1 }: { readonly bin?: number } = {}): Correlations {
  const { steps, units } = readRaster(raster, "correlationMatrix");
  const bins = countBins(steps, bin, "correlationMatrix");
  const sums = new Float64Array(units);
  const products = new Float64Array(units * units);
  forEachBin(raster, bins, bin, (counts, active) => {
    for (const first of active) {
      const count = counts[first] as number;
      sums[first] = (sums[first] as number) + count;
      for (const second of active)
        products[first * units + second] =
          (products[first * units + second] as number) + count * (counts[second] as number);
    }
  });
  // n² times the covariance, in whole numbers.
  const covariance = (first: number, second: number): number =>
    bins * (products[first * units + second] as number) - (sums[first] as number) * (sums[second] as number);
  const deviations = Float64Array.from({ length: units }, (_, unit) => Math.sqrt(covariance(unit, unit)));
  const varies = Uint8Array.from(deviations, (deviation) => (deviation > 0 ? 1 : 0));
  const values = new Float64Array(units * units);
  for (let first = 0; first < units; first += 1)
    for (let second = 0; second < units; second += 1) {
      const scale = (deviations[first] as number) * (deviations[second] as number);
      if (scale > 0) values[first * units + second] = first === second ? 1 : covariance(first, second) / scale;
    }
  return { units, values, varies };
}

/**
 * Mean correlation of all pairs of two different units that both vary, in a time that grows with units and not with pairs:
 * Σ_ij r_ij = ⟨(Σ_i (c_i - ⟨c_i⟩) / σ_i)²⟩.
 * @param options.compat sorn's avg_corr_coeff: the sum with the diagonal over 200², whatever the number of units.
 * @throws ShapeError; ValueError with fewer than two units that vary; with `compat` where one does not vary, for which the
 * package gives NaN.
 */
export function meanCorrelation(
  raster: Raster,
  { bin = 1, compat = false }: { readonly bin?: number; readonly compat?: boolean } = {},
): number {
  const { steps, units } = readRaster(raster, "meanCorrelation");
  const bins = countBins(steps, bin, "meanCorrelation");
  const sums = new Float64Array(units);
  const squares = new Float64Array(units);
  forEachBin(raster, bins, bin, (counts, active) => {
    for (const unit of active) {
      const count = counts[unit] as number;
      sums[unit] = (sums[unit] as number) + count;
      squares[unit] = (squares[unit] as number) + count * count;
    }
  });
  // Of whole numbers, and so exact: 0 only for a unit that does not vary.
  const scales = sums.map((sum, unit) => {
    const variance = bins * (squares[unit] as number) - sum * sum;
    return variance > 0 ? bins / Math.sqrt(variance) : 0;
  });
  const varying = scales.reduce((count, scale) => count + Number(scale > 0), 0);
  if (compat && varying < units)
    throw new ValueError(
      `meanCorrelation: compat: unit ${scales.indexOf(0)} does not vary, for which the package gives NaN.`,
    );
  if (!compat && varying < 2)
    throw new ValueError(`meanCorrelation: expected at least two units that vary, got ${varying}.`);
  const rest = scales.reduce((total, scale, unit) => total + (scale * (sums[unit] as number)) / bins, 0);
  let total = 0;
  forEachBin(raster, bins, bin, (counts, active) => {
    let sum = -rest;
    for (const unit of active) sum += (scales[unit] as number) * (counts[unit] as number);
    total += sum * sum;
  });
  total /= bins;
  return compat ? total / 200 ** 2 : (total - varying) / (varying * (varying - 1));
}

function countBins(steps: number, bin: number, label: string): number {
  const bins = Math.floor(steps / bin);
  if (!Number.isInteger(bin) || bin < 1 || bins < 2)
    throw new ValueError(`${label}: bin: expected 1 to ${Math.floor(steps / 2)} of ${steps} steps, got ${bin}.`);
  return bins;
}

/** Gives the spikes of each unit in each bin, and the units that have any. */
function forEachBin(
  { values, shape: [, units = 1] }: Raster,
  bins: number,
  bin: number,
  use: (counts: Float64Array, active: readonly number[]) => void,
): void {
  const counts = new Float64Array(units);
  for (let place = 0; place < bins; place += 1) {
    counts.fill(0);
    for (let step = place * bin; step < (place + 1) * bin; step += 1)
      for (let unit = 0; unit < units; unit += 1)
        counts[unit] = (counts[unit] as number) + (values[step * units + unit] as number);
    const active: number[] = [];
    for (let unit = 0; unit < units; unit += 1) if ((counts[unit] as number) > 0) active.push(unit);
    use(counts, active);
  }
}
