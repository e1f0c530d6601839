import { multistepBranching } from "../analysis/branching.ts";
import { meanCorrelation } from "../analysis/correlations.ts";
import { type AvalancheFits, fitAvalanches, fitPooledAvalanches, type PooledFits } from "../analysis/criticality.ts";
import { seriesEntropy, spikeSourceEntropy } from "../analysis/entropy.ts";
import { fitLogNormal } from "../analysis/log-normal.ts";
import type { PowerLawFit } from "../analysis/power-law.ts";
import { powerLawGoodness } from "../analysis/power-law-bootstrap.ts";
import { firingRates, spikeTrain } from "../analysis/raster.ts";
import { momentsOf, susceptibility } from "../analysis/series.ts";
import { coefficientOfVariation, fanoFactor } from "../analysis/spike-trains.ts";
import type { SornParameters } from "../plasticity/parameters.ts";
import type { SornState } from "../plasticity/state.ts";
import { Random, streams } from "../random.ts";
import type { CompleteSornConfig } from "./sorn-config.ts";
import { activityOf, type PhaseResult, type Spikes, seriesOf, spikesOf } from "./sorn-records.ts";

/** Numbers by name; undefined where there is none. */
type Numbers = Readonly<Record<string, number | undefined>>;
export type AvalancheConfig = CompleteSornConfig["avalanches"];

const fanoWindow = 100;
const mostLags = 100;
const mostSampled = 8;
/** As sorn's linear_lognormal_fit and Zheng et al. 2013. */
const leastWeight = 0.01;

/** What is measured of a phase of one replica, where it was recorded. Add statistics of activity here. */
export function measurePhase(
  phase: PhaseResult,
  parameters: SornParameters,
  replica: number,
  avalanches: AvalancheConfig,
): Numbers {
  const activity = activityOf(phase, parameters.excitatory, replica);
  const spikes = spikesOf(phase, "ExcitatoryActivation", replica);
  const fraction = seriesOf(phase, "connectionFraction", replica);
  const inhibition = seriesOf(phase, "EIConnectionCounts", replica);
  return {
    "excitatory rate": meanOf(seriesOf(phase, "excitatoryRate", replica)),
    "inhibitory rate": meanOf(seriesOf(phase, "inhibitoryRate", replica)),
    ...(spikes && measureSpikes(spikes)),
    "connection fraction at its start": fraction?.at(0),
    "connection fraction, smallest": fraction && least(fraction),
    "connection fraction at its end": fraction?.at(-1),
    "I-E synapses at its start": inhibition?.at(0),
    "I-E synapses, fewest": inhibition && least(inhibition),
    "I-E synapses at its end": inhibition?.at(-1),
    ...(activity && measureActivity(activity, parameters.excitatory)),
    ...(activity &&
      avalanches &&
      measureAvalanches(
        avalanchesOf(activity, parameters.excitatory, avalanches),
        parameters.seed,
        sampled(avalanches, replica),
      )),
    ...measureDamage(phase, replica),
    ...measureReading(phase, replica),
  };
}

function measureSpikes(spikes: Spikes): Numbers {
  const rates = firingRates(spikes);
  const trains = Array.from({ length: spikes.units }, (_, unit) => spikeTrain(spikes, unit));
  const known = (values: readonly (number | undefined)[]): number[] => values.filter((value) => value !== undefined);
  const varying = rates.reduce((count, rate) => count + Number(rate > 0 && rate < 1), 0);
  return {
    "SD of units' rates": Math.sqrt(momentsOf(rates).variance),
    "CV of intervals": variationOf(spikes),
    [`Fano factor, ${fanoWindow} steps`]:
      spikes.steps < 2 * fanoWindow
        ? undefined
        : meanOf(known(trains.map((train) => fanoFactor(train, { window: fanoWindow }).fano))),
    "correlation of pairs": varying > 1 && spikes.steps > 1 ? meanCorrelation(spikes) : undefined,
    "entropy of spikes' sources":
      spikes.units > 1 && rates.some((rate) => rate > 0) ? spikeSourceEntropy(spikes) : undefined,
  };
}

/** Mean over units of the coefficient of variation of their intervals; undefined where none has two intervals. */
export function variationOf(spikes: Spikes): number | undefined {
  const variations = Array.from({ length: spikes.units }, (_, unit) =>
    coefficientOfVariation(spikeTrain(spikes, unit)),
  );
  return meanOf(variations.filter((value) => value !== undefined));
}

function measureActivity(activity: Float64Array, units: number): Numbers {
  const { variance } = momentsOf(activity);
  const maxLag = Math.min(mostLags, Math.floor(activity.length / 4));
  const branching = variance > 0 && maxLag >= 3 ? branchingOf(activity, maxLag) : undefined;
  return {
    "SD of active units": Math.sqrt(variance),
    "entropy of active units (bits)": seriesEntropy(activity),
    susceptibility: susceptibility(activity, units),
    "branching ratio (multistep)": branching?.ratio,
    "branching ratio: explained": branching?.explained,
  };
}

/** Undefined where the activity does not vary over the first or the last steps, so that a slope is missing. */
function branchingOf(activity: Float64Array, maxLag: number): ReturnType<typeof multistepBranching> | undefined {
  const still = activity.subarray(0, activity.length - maxLag).every((value) => value === activity[0]);
  return still ? undefined : multistepBranching(activity, { maxLag });
}

/** The avalanches of a phase with their fits. */
export function avalanchesOf(
  activity: Float64Array,
  units: number,
  { ranges, threshold }: Exclude<AvalancheConfig, false>,
): AvalancheFits {
  return fitAvalanches(activity, { units, ranges, threshold });
}

/** The avalanches of a phase of all replicas together with their fits; undefined where there is no activity of all. */
export function pooledAvalanchesOf(
  phase: PhaseResult,
  units: number,
  replicas: number,
  { ranges, threshold }: Exclude<AvalancheConfig, false>,
): PooledFits | undefined {
  const activities = Array.from({ length: replicas }, (_, replica) => activityOf(phase, units, replica));
  const known = activities.filter((activity) => activity !== undefined);
  return known.length < replicas ? undefined : fitPooledAvalanches(known, { units, ranges, threshold });
}

/** What is measured of a phase of all replicas together. */
export function measurePool(
  phase: PhaseResult,
  parameters: readonly [SornParameters, ...SornParameters[]],
  config: AvalancheConfig,
): Numbers {
  const [{ excitatory, seed }] = parameters;
  const fits = config && pooledAvalanchesOf(phase, excitatory, parameters.length, config);
  if (!fits) return {};
  const { durations, sizes, sizeDuration } = fits.overNetworks;
  return {
    ...measureAvalanches(fits, seed, config),
    "alpha of durations: standard error over replicas": durations,
    "tau of sizes: standard error over replicas": sizes,
    "gamma: standard error over replicas": sizeDuration,
  };
}

/** The bootstrap takes seconds: it is made of the first replicas only. */
function sampled(config: Exclude<AvalancheConfig, false>, replica: number): Exclude<AvalancheConfig, false> {
  return replica < mostSampled ? config : { ...config, samples: 0 };
}

function measureAvalanches(
  { avalanches, durations, sizes, sizeDuration, predicted }: AvalancheFits,
  seed: number,
  config: Exclude<AvalancheConfig, false>,
): Numbers {
  const random = new Random(seed, streams.validation);
  const law = (name: string, values: ArrayLike<number>, fit: PowerLawFit | undefined): Numbers => {
    // A likelihood that rises to the end of the possible exponents is of no power law.
    if (fit === undefined || fit.edge !== undefined) return {};
    return {
      [name]: fit.exponent,
      [`${name}: standard error`]: fit.standardError,
      [`${name}: fitted from`]: fit.xMin,
      [`${name}: fitted to`]: finite(fit.xMax),
      [`${name}: avalanches`]: fit.count,
      [`${name}: KS distance`]: fit.distance,
      [`${name}: goodness p`]: config.samples === 0 ? undefined : goodness(values, fit, config, random),
    };
  };
  return {
    "avalanche threshold": avalanches.threshold,
    avalanches: avalanches.durations.length,
    "longest avalanche":
      avalanches.durations.length > 0 ? avalanches.durations.reduce((one, other) => Math.max(one, other)) : undefined,
    ...law("alpha of durations", avalanches.durations, durations),
    ...law("tau of sizes", avalanches.sizes, sizes),
    "gamma of sizes over durations": sizeDuration?.exponent,
    "gamma: standard error": sizeDuration?.standardError,
    "gamma predicted by alpha and tau": predicted,
  };
}

function goodness(
  values: ArrayLike<number>,
  { xMin, xMax }: PowerLawFit,
  { ranges, samples }: Exclude<AvalancheConfig, false>,
  random: Random,
): number {
  // Where the fit chose xMin, so does that of each sample.
  return powerLawGoodness(values, random, ranges === "auto" ? { samples } : { samples, xMin, xMax }).p;
}

function measureDamage({ damage }: PhaseResult, replica: number): Numbers {
  const own = damage?.[replica];
  if (own === undefined) return {};
  return {
    "damage: ln d(1) / d(0)": finite(own.exponent),
    "damage: distance after 1 step": own.distance[1],
    "damage: distance at its end": own.distance.at(-1),
    "damage: healed share": own.healed,
  };
}

function measureReading({ read }: PhaseResult, replica: number): Numbers {
  const numbers: Record<string, number | undefined> = {};
  for (const { ahead, accuracy, predictable, readout } of read?.scores.filter((score) => score.replica === replica) ??
    []) {
    const when = ahead === 0 ? "present symbol" : ahead > 0 ? `symbol ${ahead} ahead` : `symbol ${-ahead} before`;
    numbers[`${when}: accuracy`] = accuracy;
    numbers[`${when}: accuracy where it follows`] = finite(predictable);
    numbers[`${when}: lambda`] = readout.lambda;
  }
  return numbers;
}

/** What is measured of the last state. Add statistics of synapses here. */
export function measureState({ synapses, thresholdE }: SornState, { excitatory }: SornParameters): Numbers {
  const { EE, EI } = synapses;
  const fitted = EE.weights.filter((weight) => weight >= leastWeight);
  const law = fitted.some((weight) => weight !== fitted[0]) ? fitLogNormal(fitted) : undefined;
  return {
    "E-E synapses": EE.weights.length,
    "I-E synapses": EI.weights.length,
    "E-E in-degree": EE.weights.length / excitatory,
    "E-E weight": meanOf(EE.weights),
    [`mean of ln w, w ≥ ${leastWeight}`]: law?.mu,
    [`SD of ln w, w ≥ ${leastWeight}`]: law?.sigma,
    "E threshold": meanOf(thresholdE),
  };
}

function meanOf(values: ArrayLike<number> | undefined): number | undefined {
  return values === undefined || values.length === 0 ? undefined : momentsOf(values).mean;
}

function least(values: Float64Array): number {
  return values.reduce((one, other) => Math.min(one, other));
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
