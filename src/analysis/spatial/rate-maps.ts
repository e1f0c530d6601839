import { ShapeError, ValueError } from "../../errors.ts";
import { type Axis, type BinnedVariable, binCentres, binSamples } from "./bins.ts";
import type { SpatialMap } from "./map.ts";

/** Mean activity of units over 1 or 2 variables of the world. */
export interface RateMaps {
  readonly units: number;
  /** [bins] or [rows, columns]: of the first variable, of the second. */
  readonly shape: readonly number[];
  /** [units, …shape]: the mean over the samples of a bin; NaN (with `compat` 0) where there are none. */
  readonly values: Float64Array;
  /** [...shape]: samples of each bin. */
  readonly counts: Float64Array;
  /** Bins without samples, numbers of `counts`. */
  readonly unvisited: Uint32Array;
  /** Samples whose variables lie outside of the bins, and which count nowhere. */
  readonly outside: number;
  /** The middle of the bins of each variable. */
  readonly centres: readonly Float64Array[];
}

/**
 * Tuning curves (of one variable) or rate maps (of two): the mean activity of each unit over the samples of each bin.
 * @param rates activity, [...samples, units].
 * @param variables one or two, each with the value of every sample and its bins.
 * @param options.compat `"nsi"` bins as calc_ratemap does: one bin less in effect, its first one nearly always empty, and
 * 0 where nobody was.
 * @throws ShapeError, ValueError
 */
export function rateMaps(
  rates: { readonly values: ArrayLike<number>; readonly shape: readonly number[] },
  variables: readonly BinnedVariable[],
  { compat }: { readonly compat?: "nsi" } = {},
): RateMaps {
  const label = "rateMaps";
  const units = rates.shape.at(-1) ?? 0;
  const samples = rates.shape.slice(0, -1).reduce((product, size) => product * size, 1);
  if (rates.shape.length < 2 || !(units >= 1) || !(samples >= 1) || rates.values.length !== units * samples)
    throw new ShapeError(
      `${label}: expected rates of [...samples, units], got ${rates.values.length} of [${rates.shape.join(", ")}].`,
    );
  const places = binSamples(variables, samples, compat, label);
  const shape = variables.map(({ bins }) => bins);
  const bins = shape.reduce((product, size) => product * size, 1);
  const counts = new Float64Array(bins);
  const values = new Float64Array(units * bins);
  let outside = 0;
  for (let sample = 0; sample < samples; sample += 1) {
    const bin = places[sample] as number;
    if (bin < 0) {
      outside += 1;
      continue;
    }
    counts[bin] = (counts[bin] as number) + 1;
    for (let unit = 0; unit < units; unit += 1) {
      const rate = rates.values[sample * units + unit] as number;
      if (!Number.isFinite(rate))
        throw new ValueError(`${label}: sample ${sample}, unit ${unit} is ${rate}; expected a finite number.`);
      values[unit * bins + bin] = (values[unit * bins + bin] as number) + rate;
    }
  }
  const unvisited: number[] = [];
  for (let bin = 0; bin < bins; bin += 1) {
    const count = counts[bin] as number;
    if (count === 0) unvisited.push(bin);
    for (let at = bin; at < units * bins; at += bins)
      values[at] = count > 0 ? (values[at] as number) / count : compat === "nsi" ? 0 : Number.NaN;
  }
  const centres = variables.map((variable) => (compat === "nsi" ? nsiCentres(variable) : binCentres(variable)));
  return { units, shape, values, counts, unvisited: Uint32Array.from(unvisited), outside, centres };
}

/** Of nsi's bins: the first is half a width below low. */
function nsiCentres({ low, high, bins }: Axis): Float64Array {
  const width = (high - low) / Math.max(1, bins - 1);
  return Float64Array.from({ length: bins }, (_, bin) => low + (bin - 0.5) * width);
}

/** The map of one unit; of one variable as one row. @throws ValueError for a unit that there is not. */
export function mapOf(
  { units, shape, values }: RateMaps,
  unit: number,
): SpatialMap & { readonly values: Float64Array } {
  if (!Number.isInteger(unit) || unit < 0 || unit >= units)
    throw new ValueError(`mapOf: expected a unit of 0 … ${units - 1}, got ${unit}.`);
  const bins = values.length / units;
  return {
    values: values.slice(unit * bins, (unit + 1) * bins),
    shape: shape.length === 1 ? [1, bins] : shape,
  };
}
