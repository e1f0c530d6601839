import { fullTurn, signedAngle } from "../analysis/angles.ts";
import { populationVectors } from "../analysis/attractor-phase.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { checkLength } from "./recording.ts";

/** At which heading each unit is most active. */
export interface PreferredHeadings {
  /** [units], rad in [-π, π); 0 where the strength is 0. */
  readonly headings: Float64Array;
  /** [units]: length of the mean vector |Σ r e^{iθ}| / Σ r, 0 for a unit that is silent or has no preference. */
  readonly strengths: Float64Array;
}

/**
 * The preferred heading of units, the angle of Σ_θ r(θ) e^{iθ} over their mean rate r(θ) in bins of heading, so that it
 * matters little how long each heading was held. Where a unit has negative rates, r is taken above its least.
 * @param rates [rows, units]; @param headings [rows], rad, wrapped or not; @param options.bins default 36, at their middles.
 * @throws ShapeError, ValueError
 */
export function preferredHeadings(
  rates: ArrayLike<number>,
  headings: ArrayLike<number>,
  { units, bins = 36 }: { readonly units: number; readonly bins?: number },
): PreferredHeadings {
  checkLength("preferredHeadings: rates", rates, `[${headings.length}, ${units}]`, headings.length * units);
  checkLength("preferredHeadings: headings", headings, "[rows]", headings.length);
  if (!Number.isInteger(bins) || bins < 3)
    throw new ValueError(`preferredHeadings: bins: expected an integer of at least 3, got ${bins}.`);
  const counts = new Float64Array(bins);
  const sums = new Float64Array(bins * units);
  for (let row = 0; row < headings.length; row += 1) {
    const bin = headingBin(headings[row] as number, bins);
    counts[bin] = (counts[bin] as number) + 1;
    for (let unit = 0; unit < units; unit += 1)
      sums[bin * units + unit] = (sums[bin * units + unit] as number) + (rates[row * units + unit] as number);
  }
  const vectors = Array.from({ length: units }, (_, unit) =>
    meanVector(
      Array.from(counts, (count, bin) => (count > 0 ? (sums[bin * units + unit] as number) / count : undefined)),
    ),
  );
  return {
    headings: Float64Array.from(vectors, ({ angle }) => angle),
    strengths: Float64Array.from(vectors, ({ length }) => length),
  };
}

/** The bin of an angle; bin k has its middle at 2π (k + 1/2) / bins. */
export function headingBin(heading: number, bins: number): number {
  const share = heading / fullTurn - Math.floor(heading / fullTurn);
  return Math.min(bins - 1, Math.floor(share * bins));
}

/** The mean vector of a tuning curve over bins of heading, of which some may not have been visited. */
export function meanVector(curve: readonly (number | undefined)[]): {
  readonly angle: number;
  readonly length: number;
} {
  const known = curve.filter((rate) => rate !== undefined);
  const floor = Math.min(0, ...known);
  let [x, y, total] = [0, 0, 0];
  for (const [bin, rate] of curve.entries()) {
    if (rate === undefined) continue;
    const angle = (fullTurn * (bin + 0.5)) / curve.length;
    x += (rate - floor) * Math.cos(angle);
    y += (rate - floor) * Math.sin(angle);
    total += rate - floor;
  }
  const length = total > 0 ? Math.hypot(x, y) / total : 0;
  // What is left of a flat curve is rounding and has no direction.
  return length > 1e-12 ? { angle: signedAngle(Math.atan2(y, x)), length } : { angle: 0, length: 0 };
}

/** Where the bump of activity is, as time goes on. */
export interface BumpPhases {
  /** [steps, trials]: angle of the population vector, unwrapped over time from the first step, which is in [-π, π). */
  readonly phases: Float64Array;
  /** [steps, trials]: length of Σ r e^{iθ} / Σ |r|; 0 = no bump, and the phase stays where it was. */
  readonly lengths: Float64Array;
}

/**
 * The phase of a bump by its population vector, atan2(Σ r sin θ, Σ r cos θ), unwrapped over time.
 * @param rates [steps, trials, units]; @param preferred θ [units].
 * @param options.start [trials]: the phase of a trial before its first bump; default that of its first bump.
 * @throws ShapeError; ValueError for a trial without any bump where no start is given.
 */
export function bumpPhases(
  rates: ArrayLike<number>,
  preferred: ArrayLike<number>,
  { trials, start }: { readonly trials: number; readonly start?: ArrayLike<number> | undefined },
): BumpPhases {
  const units = preferred.length;
  const steps = rates.length / (trials * units);
  if (!Number.isInteger(steps) || steps < 1)
    throw new ShapeError(`bumpPhases: rates: expected [steps, ${trials}, ${units}], got ${rates.length} values.`);
  checkLength("bumpPhases: rates", rates, `[${steps}, ${trials}, ${units}]`, rates.length);
  checkLength("bumpPhases: preferred", preferred, "[units]", units);
  const { phases, lengths: all } = populationVectors(rates, preferred);
  // What is left of activity without a direction is rounding.
  const lengths = all.map((length) => (length > 1e-9 ? length : 0));
  for (let trial = 0; trial < trials; trial += 1) {
    let last = start?.[trial];
    if (last === undefined) {
      let step = 0;
      while (step < steps && lengths[step * trials + trial] === 0) step += 1;
      if (step === steps)
        throw new ValueError(`bumpPhases: trial ${trial} has no bump at any step, so it has no phase. Leave it out.`);
      last = phases[step * trials + trial] as number;
    }
    last = signedAngle(last);
    for (let row = trial; row < steps * trials; row += trials) {
      if (lengths[row] !== 0) last += signedAngle((phases[row] as number) - last);
      phases[row] = last;
    }
  }
  return { phases, lengths };
}
