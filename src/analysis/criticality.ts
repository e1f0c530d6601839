import { ValueError } from "../errors.ts";
import { cracklingRelation, meanSizes, sizeDurationExponent } from "./avalanche-scaling.ts";
import {
  type AvalancheOptions,
  type Avalanches,
  avalanches,
  avalanchesOfEach,
  joinedAvalanches,
} from "./avalanches.ts";
import { findPowerLaw, type PowerLawFit } from "./power-law.ts";

/** Smallest and largest duration and size of a fit. */
export interface FitRanges {
  readonly durations: readonly [number, number];
  readonly sizes: readonly [number, number];
}

/** Del Papa, Priesemann & Triesch 2017 (PLoS ONE 12:e0178683), by number of excitatory units. */
const published: readonly (FitRanges & { readonly units: number })[] = [
  { units: 50, durations: [2, 10], sizes: [3, 100] },
  { units: 100, durations: [4, 30], sizes: [4, 200] },
  { units: 200, durations: [6, 60], sizes: [10, 1500] },
  { units: 400, durations: [8, 100], sizes: [30, 3000] },
  { units: 800, durations: [10, 150], sizes: [70, 7000] },
];

/**
 * The ranges in which Del Papa, Priesemann & Triesch 2017 fitted power laws: those of the network whose size is nearest in
 * ratio, of 50, 100, 200, 400 and 800 excitatory units. @throws ValueError
 */
export function publishedRanges(units: number): FitRanges {
  if (!Number.isInteger(units) || units < 1)
    throw new ValueError(`publishedRanges: units: expected a positive integer, got ${units}.`);
  const distance = (row: { readonly units: number }): number => Math.abs(Math.log(units / row.units));
  const { durations, sizes } = published.reduce((best, row) => (distance(row) < distance(best) ? row : best));
  return { durations, sizes };
}

export interface AvalancheFitOptions extends Pick<AvalancheOptions, "threshold"> {
  /** Number of units that the activity is counted of. */
  readonly units: number;
  /**
   * Where power laws are looked for: `"published"` (default, {@link publishedRanges}), `"auto"`, from the value that makes
   * the Kolmogorov–Smirnov distance smallest on, or the ranges themselves.
   */
  readonly ranges?: "published" | "auto" | FitRanges;
}

/** Avalanches, and the exponents of their durations T and sizes S; `undefined` where there are too few for a fit. */
export interface AvalancheFits {
  readonly avalanches: Avalanches;
  /** α of P(T) ∝ T^-α. */
  readonly durations: PowerLawFit | undefined;
  /** τ of P(S) ∝ S^-τ. */
  readonly sizes: PowerLawFit | undefined;
  /** γ of ⟨S⟩(T) ∝ T^γ over the range of the durations' fit. */
  readonly sizeDuration: { readonly exponent: number; readonly standardError: number } | undefined;
  /** (α - 1) / (τ - 1), which is γ at a critical point; `undefined` where α or τ is not above 1 or is no power law's. */
  readonly predicted: number | undefined;
}

/** Fewer avalanches in the range have no fit; as where `fitPowerLaw` chooses xMin. */
const leastTail = 50;

/**
 * Avalanches of a population and their exponents, as Del Papa, Priesemann & Triesch 2017 measure them: θ is half of the mean
 * activity, rounded down so that sizes are whole (in their scripts, too), and the fits are discrete maximum likelihood. Where
 * half of the mean is about a whole number, the exponents jump with the side it is on: give a threshold to compare runs.
 *
 * ```ts
 * import { openDevice, sorn, statistics } from "cortrain";
 *
 * const device = await openDevice();
 * const network = sorn(device, { preset: "zheng2013", seed: 1 });
 * const activity = [];
 * for await (const { records } of network.run({ steps: 3000, record: ["excitatoryRate"] }))
 *   for (const rate of records.excitatoryRate?.values ?? []) activity.push(Math.round(200 * rate));
 * const { avalanches, durations, sizes, sizeDuration } = statistics.fitAvalanches(activity, { units: 200 });
 * console.log(avalanches.durations.length, durations?.exponent, sizes?.exponent, sizeDuration?.exponent);
 * console.log(statistics.multistepBranching(activity, { maxLag: 50 }).ratio, statistics.susceptibility(activity, 200));
 * ```
 * @param activity active units of each step, whole numbers, [steps].
 * @throws ShapeError, ValueError
 */
export function fitAvalanches(activity: ArrayLike<number>, options: AvalancheFitOptions): AvalancheFits {
  checkActivity("fitAvalanches", activity, options.units);
  return fitsOf(avalanches(activity, foundBy(options)), options);
}

/** Exponents of several networks together. */
export interface PooledFits extends AvalancheFits {
  /**
   * Standard errors of α, τ and γ as estimates for another sample of networks: the jackknife over networks (Efron & Stein
   * 1981). Those of the fits take all avalanches for independent, and know nothing of how networks differ. `undefined` where
   * a fit is missing without one of the networks, or there is one network only.
   */
  readonly overNetworks: Readonly<Record<"durations" | "sizes" | "sizeDuration", number | undefined>>;
}

/**
 * The exponents of the avalanches of several networks together, as Del Papa, Priesemann & Triesch 2017 pool 50 of them: one
 * network's exponents vary much more than the errors of their fits say. Otherwise as {@link fitAvalanches}.
 * @param activities active units of each step, whole numbers, [networks][steps].
 * @throws ShapeError, ValueError
 */
export function fitPooledAvalanches(
  activities: readonly ArrayLike<number>[],
  options: AvalancheFitOptions,
): PooledFits {
  for (const [network, activity] of activities.entries())
    checkActivity(`fitPooledAvalanches: network ${network}`, activity, options.units);
  const each = avalanchesOfEach(activities, foundBy(options));
  // Without a network the threshold stays: it is part of what is estimated, and not of the estimate.
  const without =
    each.length < 2
      ? []
      : each.map((left) => fitsOf(joinedAvalanches(each.filter((network) => network !== left)), options));
  const error = (of: (fits: AvalancheFits) => number | undefined): number | undefined =>
    jackknifeError(without.map(of));
  return {
    ...fitsOf(joinedAvalanches(each), options),
    overNetworks: {
      durations: error(({ durations }) => durations?.exponent),
      sizes: error(({ sizes }) => sizes?.exponent),
      sizeDuration: error(({ sizeDuration }) => sizeDuration?.exponent),
    },
  };
}

function jackknifeError(without: readonly (number | undefined)[]): number | undefined {
  const known = without.filter((value) => value !== undefined);
  if (known.length < without.length || known.length < 2) return undefined;
  const mean = known.reduce((sum, value) => sum + value, 0) / known.length;
  return Math.sqrt((1 - 1 / known.length) * known.reduce((sum, value) => sum + (value - mean) ** 2, 0));
}

function checkActivity(label: string, activity: ArrayLike<number>, units: number): void {
  const wrong = Array.prototype.findIndex.call(
    activity,
    (value: number) => !Number.isInteger(value) || value < 0 || value > units,
  );
  if (wrong >= 0)
    throw new ValueError(
      `${label}: step ${wrong} has ${activity[wrong]} active units; expected a whole number up to ${units}. Is it a rate?`,
    );
}

function foundBy({ threshold }: AvalancheFitOptions): AvalancheOptions {
  return { whole: true, ...(threshold !== undefined && { threshold }) };
}

function fitsOf(found: Avalanches, { units, ranges = "published" }: AvalancheFitOptions): AvalancheFits {
  const given = ranges === "published" ? publishedRanges(units) : ranges;
  const fitOf = (values: ArrayLike<number>, range: readonly [number, number] | undefined): PowerLawFit | undefined =>
    values.length === 0
      ? undefined
      : findPowerLaw(values, range === undefined ? {} : { xMin: range[0], xMax: range[1], leastTail });
  const durations = fitOf(found.durations, given === "auto" ? undefined : given.durations);
  const sizes = fitOf(found.sizes, given === "auto" ? undefined : given.sizes);
  const exponents = [durations, sizes].map((each) => (each?.edge === undefined ? (each?.exponent ?? 0) : 0));
  const [alpha = 0, tau = 0] = exponents;
  return {
    ...{ avalanches: found, durations, sizes },
    sizeDuration: durations && scalingOf(found, [durations.xMin, durations.xMax]),
    predicted:
      alpha > 1 && tau > 1 ? cracklingRelation({ duration: alpha, size: tau, sizeDuration: 1 }).predicted : undefined,
  };
}

function scalingOf(found: Avalanches, range: readonly [number, number]): AvalancheFits["sizeDuration"] {
  const kinds = meanSizes(found).durations.filter((duration) => duration >= range[0] && duration <= range[1]);
  if (kinds.length < 2) return undefined;
  const { exponent, standardError } = sizeDurationExponent(found, { durations: range });
  return { exponent, standardError };
}
