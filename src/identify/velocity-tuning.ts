import { ValueError } from "../errors.ts";
import { headingBin } from "./population-vector.ts";

/** Mean rates over bins of velocity and heading. */
export interface VelocityTuning {
  readonly units: number;
  /** [velocityBins]: mean velocity of the samples of a bin, ascending. */
  readonly velocities: Float64Array;
  /** Bins of heading, from 0 to 2π; 1 where no headings are known. */
  readonly headingBins: number;
  /** [velocityBins, headingBins]: samples. */
  readonly counts: Float64Array;
  /** [units, velocityBins, headingBins]: mean rate; where there is no sample, that of the same heading at other velocities. */
  readonly rates: Float64Array;
}

/** Rates with the variables they may be tuned to. */
export interface TunedSamples {
  readonly units: number;
  /** [rows, units] */
  readonly rates: ArrayLike<number>;
  /** [rows]: one component. */
  readonly velocities: ArrayLike<number>;
  /** [rows], rad. */
  readonly headings?: ArrayLike<number> | undefined;
}

/** Tuning to velocity and heading, in bins of velocity that hold equally many samples. */
export function velocityTuning(
  { units, rates, velocities, headings }: TunedSamples,
  bins: { readonly velocity: number; readonly heading: number },
): VelocityTuning {
  const rows = velocities.length;
  const [across, around] = [bins.velocity, headings === undefined ? 1 : bins.heading];
  for (const [name, count, least] of [["velocityBins", across, 2] as const, ["headingBins", around, 1] as const])
    if (!Number.isInteger(count) || count < least || count > rows)
      throw new ValueError(`${name}: expected an integer from ${least} to the ${rows} samples, got ${count}.`);
  const order = Uint32Array.from({ length: rows }, (_, row) => row).sort(
    (a, b) => (velocities[a] as number) - (velocities[b] as number) || a - b,
  );
  const [means, counts] = [new Float64Array(across), new Float64Array(across * around)];
  const sums = new Float64Array(units * across * around);
  for (let bin = 0; bin < across; bin += 1) {
    const [from, to] = [Math.floor((bin * rows) / across), Math.floor(((bin + 1) * rows) / across)];
    for (let place = from; place < to; place += 1) {
      const row = order[place] as number;
      means[bin] = (means[bin] as number) + (velocities[row] as number) / (to - from);
      const cell = bin * around + (headings === undefined ? 0 : headingBin(headings[row] as number, around));
      counts[cell] = (counts[cell] as number) + 1;
      for (let unit = 0; unit < units; unit += 1) {
        const index = unit * across * around + cell;
        sums[index] = (sums[index] as number) + (rates[row * units + unit] as number);
      }
    }
  }
  for (let index = 0; index < sums.length; index += 1) {
    const count = counts[index % counts.length] as number;
    if (count > 0) sums[index] = (sums[index] as number) / count;
  }
  const tuning = { units, velocities: means, headingBins: around, counts, rates: sums };
  fillGaps(tuning);
  return tuning;
}

/**
 * The velocity × heading maps of some units as curves [units, velocityBins × headingBins], as `alignUnits` and
 * `alignNetworks` take them: the same points for all networks that were run on one recording.
 * @throws ValueError for a unit outside.
 */
export function tuningOfUnits(tuning: VelocityTuning, units: ArrayLike<number>): Float64Array {
  const points = tuning.counts.length;
  const curves = new Float64Array(units.length * points);
  for (let index = 0; index < units.length; index += 1) {
    const unit = units[index] as number;
    if (!Number.isInteger(unit) || unit < 0 || unit >= tuning.units)
      throw new ValueError(`tuningOfUnits: expected units of 0 to ${tuning.units - 1}, got ${unit}.`);
    curves.set(tuning.rates.subarray(unit * points, (unit + 1) * points), index * points);
  }
  return curves;
}

/** A cell without a sample gets the mean of its heading (or, if that was never held, its velocity): gaps are no tuning. */
function fillGaps({ units, velocities, headingBins, counts, rates }: VelocityTuning): void {
  const across = velocities.length;
  if (counts.every((count) => count > 0)) return;
  for (let unit = 0; unit < units; unit += 1) {
    const base = unit * across * headingBins;
    const mean = (cells: readonly number[]): number | undefined => {
      const known = cells.filter((cell) => (counts[cell] as number) > 0);
      return known.length === 0
        ? undefined
        : known.reduce((sum, cell) => sum + (rates[base + cell] as number), 0) / known.length;
    };
    const rowOf = (bin: number): number[] => Array.from({ length: headingBins }, (_, k) => bin * headingBins + k);
    const columnOf = (k: number): number[] => Array.from({ length: across }, (_, bin) => bin * headingBins + k);
    const byVelocity = Array.from(velocities, (_, bin) => mean(rowOf(bin)) ?? 0);
    const byHeading = Array.from({ length: headingBins }, (_, k) => mean(columnOf(k)));
    for (let cell = 0; cell < counts.length; cell += 1)
      if (counts[cell] === 0)
        rates[base + cell] = byHeading[cell % headingBins] ?? (byVelocity[Math.floor(cell / headingBins)] as number);
  }
}
