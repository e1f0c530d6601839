import { momentsOf } from "../analysis/series.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { correlate, meanOf } from "./correlate.ts";
import { observedUnits, otherUnits } from "./learned-network.ts";
import { meanVector } from "./population-vector.ts";
import { checkLength } from "./recording.ts";
import { type VelocityTuning, velocityTuning } from "./velocity-tuning.ts";

/** Activity of all units of a network with what drove it. */
export interface NetworkActivity {
  /** N */
  readonly units: number;
  /** [steps, trials, N] of all units, such as those of a free run. */
  readonly rates: ArrayLike<number>;
  /** [steps, trials, D] */
  readonly velocities: ArrayLike<number>;
  /** [steps, trials], rad; absent for networks that are not of headings. */
  readonly headings?: ArrayLike<number> | undefined;
  /** K for units 0 … K-1, or a list; the others are hidden. Default all. */
  readonly observed?: number | ArrayLike<number> | undefined;
  /** [N, D] of the network. */
  readonly inputWeights?: ArrayLike<number> | undefined;
}

/** Tuning of one unit; lists have an entry for each velocity component. */
export interface UnitTuning {
  /**
   * Correlation of the unit's velocity tuning curve (mean over headings) with velocity, in [-1, 1]: near ±1 for a
   * shifter, whose rate rises with velocity to one side; `undefined` for a unit whose rate does not depend on it.
   */
  readonly shifterIndex: readonly (number | undefined)[];
  /** Correlation of the rate itself with velocity, over all samples: small where heading moves the rate more. */
  readonly rateCorrelation: readonly (number | undefined)[];
  /** Standard deviation of the velocity tuning curve over its mean; `undefined` for a mean of 0. */
  readonly velocityVariation: readonly (number | undefined)[];
  /** Length of the mean vector of the heading tuning curve (mean over velocities), in [0, 1]. */
  readonly headingModulation: number | undefined;
  /** Where that vector points, rad. */
  readonly preferredHeading: number | undefined;
}

/** Means over a group of units. */
export interface GroupTuning {
  /** Means of absolute values. */
  readonly shifterIndex: readonly (number | undefined)[];
  readonly rateCorrelation: readonly (number | undefined)[];
  readonly velocityVariation: readonly (number | undefined)[];
  readonly headingModulation: number | undefined;
  /** Share of the units with input weight and shifter index whose signs agree; `undefined` where there is none. */
  readonly signAgreement: readonly (number | undefined)[];
  /** Units that are never active. */
  readonly silent: number;
}

export interface ShifterScores {
  readonly response: GroupTuning;
  /** `undefined` for a network without hidden units. */
  readonly hidden: GroupTuning | undefined;
  /** Of all N units. */
  readonly units: readonly UnitTuning[];
  /** Velocity × heading maps, one for each velocity component; the tuning curves for figures and `alignUnits`. */
  readonly tuning: readonly VelocityTuning[];
}

/**
 * Which units are shifters: active at a heading and more so, the faster the turn to one side (in the fly P-EN; Turner-Evans
 * et al. 2017, Green et al. 2017). In a network that identifies a ring attractor, hidden units should become shifters whose
 * side is the sign of their input weight.
 * @param options.velocityBins default 20, of equally many samples; @param options.headingBins default 36.
 * @throws ShapeError, ValueError naming the array.
 */
export function shifterScores(
  activity: NetworkActivity,
  { velocityBins = 20, headingBins = 36 }: { readonly velocityBins?: number; readonly headingBins?: number } = {},
): ShifterScores {
  const { units, rates, velocities, headings, inputWeights } = activity;
  const observed = observedUnits("activity", units, activity.observed ?? units);
  const { rows, dimensions } = checkActivity(activity);
  const columns = Array.from({ length: dimensions }, (_, d) =>
    Float64Array.from({ length: rows }, (_, row) => velocities[row * dimensions + d] as number),
  );
  const tuning = columns.map((velocity) =>
    velocityTuning({ units, rates, velocities: velocity, headings }, { velocity: velocityBins, heading: headingBins }),
  );
  const rate = new Float64Array(rows);
  const all = Array.from({ length: units }, (_, unit): UnitTuning => {
    for (let row = 0; row < rows; row += 1) rate[row] = rates[row * units + unit] as number;
    const curves = tuning.map((maps) => velocityCurve(maps, unit));
    const first = tuning[0] as VelocityTuning;
    const heading = headings === undefined ? undefined : meanVector(headingCurve(first, unit));
    return {
      shifterIndex: curves.map((curve, d) => correlate(curve, (tuning[d] as VelocityTuning).velocities)),
      rateCorrelation: columns.map((velocity) => correlate(rate, velocity)),
      velocityVariation: curves.map((curve) => {
        const { mean, variance } = momentsOf(curve);
        return mean === 0 ? undefined : Math.sqrt(variance) / Math.abs(mean);
      }),
      headingModulation: heading?.length,
      preferredHeading: heading && (heading.length > 0 ? heading.angle : undefined),
    };
  });
  const silent = Array.from({ length: units }, () => 1);
  for (let index = 0; index < rates.length; index += 1) if (rates[index] !== 0) silent[index % units] = 0;
  const groupOf = (list: Uint32Array): GroupTuning => {
    const members = Array.from(list, (unit) => all[unit] as UnitTuning);
    const over = (key: "shifterIndex" | "rateCorrelation" | "velocityVariation"): (number | undefined)[] =>
      columns.map((_, d) => meanOf(members.map((unit) => unit[key][d]).map((value) => value && Math.abs(value))));
    return {
      shifterIndex: over("shifterIndex"),
      rateCorrelation: over("rateCorrelation"),
      velocityVariation: over("velocityVariation"),
      headingModulation: meanOf(members.map(({ headingModulation }) => headingModulation)),
      signAgreement: columns.map((_, d) =>
        meanOf(
          members.map(({ shifterIndex }, k) => {
            const product = (shifterIndex[d] ?? 0) * (inputWeights?.[(list[k] as number) * dimensions + d] ?? 0);
            return product === 0 ? undefined : product > 0 ? 1 : 0;
          }),
        ),
      ),
      silent: list.reduce((sum, unit) => sum + (silent[unit] as number), 0),
    };
  };
  const hidden = otherUnits(units, observed);
  return { response: groupOf(observed), hidden: hidden.length > 0 ? groupOf(hidden) : undefined, units: all, tuning };
}

function checkActivity({ units, rates, velocities, headings, inputWeights }: NetworkActivity): {
  readonly rows: number;
  readonly dimensions: number;
} {
  const rows = rates.length / units;
  if (!Number.isInteger(rows) || rows < 2)
    throw new ShapeError(`activity: rates: expected [steps, trials, ${units}], got ${rates.length} values.`);
  checkLength("activity: rates", rates, `[${rows}, ${units}]`, rates.length);
  const dimensions = velocities.length / rows;
  if (!Number.isInteger(dimensions) || dimensions < 1)
    throw new ShapeError(
      `activity: velocities: expected [steps, trials, D], ${rows} rows as rates have, got ${velocities.length} values.`,
    );
  checkLength("activity: velocities", velocities, `[${rows}, ${dimensions}]`, velocities.length);
  if (headings !== undefined) checkLength("activity: headings", headings, `[${rows}] (step, trial)`, rows);
  if (inputWeights !== undefined)
    checkLength("activity: inputWeights", inputWeights, `[${units}, ${dimensions}]`, units * dimensions);
  for (let d = 0; d < dimensions; d += 1) {
    const first = velocities[d];
    let row = 0;
    while (row < rows && velocities[row * dimensions + d] === first) row += 1;
    if (row === rows)
      throw new ValueError(`activity: velocities: component ${d} is always ${first}, so nothing is tuned to it.`);
  }
  return { rows, dimensions };
}

/** [velocityBins]: the mean over headings of a unit's map. */
export function velocityCurve({ velocities, headingBins, rates }: VelocityTuning, unit: number): Float64Array {
  const curve = new Float64Array(velocities.length);
  for (let cell = 0; cell < curve.length * headingBins; cell += 1) {
    const bin = Math.floor(cell / headingBins);
    curve[bin] = (curve[bin] as number) + (rates[unit * curve.length * headingBins + cell] as number) / headingBins;
  }
  return curve;
}

/** [headingBins]: the mean over velocities of a unit's map. */
export function headingCurve({ velocities, headingBins, rates }: VelocityTuning, unit: number): number[] {
  const curve = new Array<number>(headingBins).fill(0);
  const cells = velocities.length * headingBins;
  for (let cell = 0; cell < cells; cell += 1)
    curve[cell % headingBins] =
      (curve[cell % headingBins] as number) + (rates[unit * cells + cell] as number) / velocities.length;
  return curve;
}
