import { ShapeError, ValueError } from "../../errors.ts";
import { shown } from "../../structure/options.ts";

/** How a variable is divided into bins of one width. */
export interface Axis {
  readonly low: number;
  readonly high: number;
  readonly bins: number;
  /** Whether `high` is `low` again, as of an angle: values are wrapped. Default false: values outside are left out. */
  readonly periodic?: boolean;
}

/** A variable of the world over all samples, and its bins. */
export interface BinnedVariable extends Axis {
  /** [samples] */
  readonly values: ArrayLike<number>;
}

/** @throws ValueError for an axis that has no bins or no length. */
export function checkAxis({ low, high, bins }: Axis, label: string): void {
  if (!Number.isInteger(bins) || bins < 1)
    throw new ValueError(`${label}: bins: expected a positive integer, got ${shown(bins)}.`);
  if (!Number.isFinite(low) || !Number.isFinite(high) || !(low < high))
    throw new ValueError(`${label}: expected low < high, got ${shown(low)} and ${shown(high)}.`);
}

/** The bin [low + k w, low + (k + 1) w) of a value, the last one with `high`; -1 outside. */
export function binOf({ low, high, bins, periodic = false }: Axis, value: number): number {
  const place = (value - low) / (high - low);
  if (periodic) return Math.min(bins - 1, Math.floor((place - Math.floor(place)) * bins));
  if (!(place >= 0 && place <= 1)) return -1;
  return Math.min(bins - 1, Math.floor(place * bins));
}

/**
 * nsi's bin: `digitize` on `bins` edges from low to high, so that bins are (high - low) / (bins - 1) wide, bin 0 is only
 * what is below `low`, and what is above `high` is in the last.
 */
export function nsiBinOf({ low, high, bins }: Axis, value: number): number {
  if (bins === 1) return 0;
  let edges = 0;
  const gap = (high - low) / (bins - 1);
  for (let edge = 0; edge < bins; edge += 1) if ((edge === bins - 1 ? high : low + edge * gap) <= value) edges += 1;
  return Math.min(edges, bins - 1);
}

/** The middle of each bin, [bins]. */
export function binCentres({ low, high, bins }: Axis): Float64Array {
  return Float64Array.from({ length: bins }, (_, bin) => low + ((bin + 0.5) * (high - low)) / bins);
}

/** The bin of every sample in a map of 1 or 2 variables, row-major; -1 outside. @throws ShapeError, ValueError */
export function binSamples(
  variables: readonly BinnedVariable[],
  samples: number,
  compat: "nsi" | undefined,
  label: string,
): Int32Array {
  if (variables.length !== 1 && variables.length !== 2)
    throw new ShapeError(`${label}: expected 1 or 2 variables, got ${variables.length}.`);
  const places = new Int32Array(samples);
  variables.forEach((variable, index) => {
    const name = `${label}: variable ${index}`;
    checkAxis(variable, name);
    if (variable.values.length !== samples)
      throw new ShapeError(`${name}: expected ${samples} samples, got ${variable.values.length}.`);
    for (let sample = 0; sample < samples; sample += 1) {
      const value = variable.values[sample] as number;
      if (!Number.isFinite(value))
        throw new ValueError(`${name}: sample ${sample} is ${value}; expected a finite number.`);
      const bin = compat === "nsi" ? nsiBinOf(variable, value) : binOf(variable, value);
      const before = places[sample] as number;
      places[sample] = bin < 0 || before < 0 ? -1 : before * variable.bins + bin;
    }
  });
  return places;
}
