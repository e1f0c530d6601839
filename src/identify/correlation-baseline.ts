import { ValueError } from "../errors.ts";
import type { LearnedNetwork } from "./learned-network.ts";
import { checkRecording, type Recording } from "./recording.ts";

/**
 * The baseline that asks no model: as weights the correlation of rates r_i(t) with r_j(t), and as velocity weights that of
 * v_d(t) (r_i(t) - r_i(t-1)) with r_j(t-1), which is antisymmetric where a bump follows the velocity. Only correlations with
 * true weights mean something for it, not sizes.
 * @param options.rows most samples (step, trial) that are used, evenly spread; default 20,000.
 * @throws ShapeError, ValueError for a recording that does not fit, or of one step.
 */
export function correlationBaseline(
  recording: Recording,
  { rows: most = 20_000 }: { readonly rows?: number | undefined } = {},
): LearnedNetwork & { readonly weights: Float64Array; readonly velocityWeights: Float64Array } {
  const { dimensions } = checkRecording("recording", recording);
  const { steps, trials, units, rates, velocities } = recording;
  const available = (steps - 1) * trials;
  if (available < 2 || !Number.isInteger(most) || most < 2)
    throw new ValueError(
      `correlationBaseline: expected two samples after the first step, got ${Math.min(available, most)}.`,
    );
  const count = Math.min(available, most);
  const [now, before] = [new Float64Array(count * units), new Float64Array(count * units)];
  const moved = Array.from({ length: dimensions }, () => new Float64Array(count * units));
  for (let row = 0; row < count; row += 1) {
    const from = Math.floor((row * available) / count);
    for (let unit = 0; unit < units; unit += 1) {
      const rate = rates[(from + trials) * units + unit] as number;
      now[row * units + unit] = rate;
      before[row * units + unit] = rates[from * units + unit] as number;
      for (let d = 0; d < dimensions; d += 1)
        (moved[d] as Float64Array)[row * units + unit] =
          (rate - (rates[from * units + unit] as number)) * (velocities[(from + trials) * dimensions + d] as number);
    }
  }
  for (const values of [now, before, ...moved]) standardise(values, units);
  const weights = products(now, now, units);
  const velocityWeights = new Float64Array(dimensions * units * units);
  moved.forEach((values, d) => {
    velocityWeights.set(products(values, before, units), d * units * units);
  });
  return { units, weights, velocityWeights, observed: units };
}

/** Columns of [rows, units] with mean 0 and Σ x² = 1, in place; one that does not vary becomes 0. */
function standardise(values: Float64Array, units: number): void {
  const rows = values.length / units;
  for (let unit = 0; unit < units; unit += 1) {
    let [mean, squares, largest] = [0, 0, 0];
    for (let index = unit; index < values.length; index += units) mean += (values[index] as number) / rows;
    for (let index = unit; index < values.length; index += units) {
      squares += ((values[index] as number) - mean) ** 2;
      largest = Math.max(largest, Math.abs(values[index] as number));
    }
    const norm = Math.sqrt(squares);
    for (let index = unit; index < values.length; index += units)
      values[index] = norm > 1e-13 * largest * Math.sqrt(rows) ? ((values[index] as number) - mean) / norm : 0;
  }
}

/** Σ_t a_i(t) b_j(t) [units, units], 0 on the diagonal, which is no synapse. */
function products(a: Float64Array, b: Float64Array, units: number): Float64Array {
  const sums = new Float64Array(units * units);
  for (let base = 0; base < a.length; base += units)
    for (let i = 0; i < units; i += 1) {
      const value = a[base + i] as number;
      if (value === 0) continue;
      for (let j = 0; j < units; j += 1)
        if (i !== j) sums[i * units + j] = (sums[i * units + j] as number) + value * (b[base + j] as number);
    }
  return sums;
}
