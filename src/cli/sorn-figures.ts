import type { AvalancheFits } from "../analysis/criticality.ts";
import type { PowerLawFit } from "../analysis/power-law.ts";
import { firingRates, spikeTrain } from "../analysis/raster.ts";
import { interspikeIntervals } from "../analysis/spike-trains.ts";
import { type SornParameters, targetRate } from "../plasticity/parameters.ts";
import { matrixOf, type SornState } from "../plasticity/state.ts";
import {
  avalancheFigure,
  connectionFraction,
  correlationMatrix,
  degreeHistogram,
  hammingDistance,
  intervalHistogram,
  networkGraph,
  type PowerLaw,
  rasterFigure,
  rateHistogram,
  weightDistribution,
} from "../plot/index.ts";
import { type AvalancheConfig, avalanchesOf, pooledAvalanchesOf, variationOf } from "./sorn-measures.ts";
import { activityOf, type PhaseResult, type Spikes, seriesOf, spikesOf } from "./sorn-records.ts";

const rasterSteps = 500;
/** Units that a matrix or a circle can show. */
const mostUnits = 400;
const mostCurves = 8;

/**
 * A run's figures as SVG documents by name, of replica 0 but for the avalanches of all together, as far as its records go.
 * Add figures here.
 */
export function sornFigures(
  name: string,
  phases: readonly PhaseResult[],
  state: SornState,
  replicas: readonly [SornParameters, ...SornParameters[]],
  avalanches: AvalancheConfig,
): Map<string, string> {
  const figures = new Map<string, string>();
  const [parameters] = replicas;
  const { excitatory } = parameters;
  for (const phase of phases) {
    const title = (what: string): string => `${name}, ${phase.name}: ${what}`;
    const drawn = {
      ...spikeFigures(phase, targetRate(parameters), title),
      ...(avalanches && avalancheFigures(phase, excitatory, replicas.length, avalanches, title)),
      damage: damageFigure(phase, excitatory, title("copies with one unit flipped")),
    };
    for (const [key, figure] of Object.entries(drawn)) if (figure) figures.set(`${key}-${phase.name}`, figure);
  }
  const fraction = fractionFigure(name, phases);
  if (fraction !== undefined) figures.set("connection-fraction", fraction);
  const { EE } = state.synapses;
  if (EE.weights.length > 0)
    figures.set("weights", weightDistribution({ weights: EE.weights, title: `${name}: excitatory weights` }));
  const inward = Array.from({ length: excitatory }, (_, unit) => (EE.starts[unit + 1] ?? 0) - (EE.starts[unit] ?? 0));
  const outward = new Array<number>(excitatory).fill(0);
  for (const source of EE.sources) outward[source] = (outward[source] ?? 0) + 1;
  const title = `${name}: excitatory synapses`;
  figures.set("degrees", degreeHistogram({ degrees: { inward, outward }, units: excitatory, title }));
  if (excitatory <= mostUnits)
    figures.set("graph", networkGraph({ weights: matrixOf(EE, excitatory), units: excitatory, title }));
  return figures;
}

/** Figures of the spikes that were recorded of a phase, none where there are none. */
function spikeFigures(
  phase: PhaseResult,
  target: number,
  title: (what: string) => string,
): Readonly<Record<string, string | undefined>> {
  const spikes = spikesOf(phase, "ExcitatoryActivation", 0);
  if (spikes === undefined) return {};
  const { steps, units, values } = spikes;
  const aim = Number.isNaN(target) ? {} : { target };
  const intervals = Array.from({ length: units }, (_, unit) => [
    ...interspikeIntervals(spikeTrain(spikes, unit)),
  ]).flat();
  return {
    raster: raster(spikes, spikesOf(phase, "InhibitoryActivation", 0), title("spikes"), aim),
    rates: rateHistogram({ rates: firingRates(spikes), steps, title: title("firing rates"), ...aim }),
    intervals:
      intervals.length === 0
        ? undefined
        : intervalHistogram({
            ...{ intervals, variation: variationOf(spikes), title: title("intervals between spikes") },
          }),
    correlations:
      units < 2 || units > mostUnits || steps < 2
        ? undefined
        : correlationMatrix({ activity: values, units, title: title("correlations") }),
  };
}

function avalancheFigures(
  phase: PhaseResult,
  excitatory: number,
  replicas: number,
  config: Exclude<AvalancheConfig, false>,
  title: (what: string) => string,
): Readonly<Record<string, string | undefined>> {
  const activity = activityOf(phase, excitatory, 0);
  const pooled = replicas > 1 ? pooledAvalanchesOf(phase, excitatory, replicas, config) : undefined;
  return {
    avalanches: activity && fittedAvalanches(avalanchesOf(activity, excitatory, config), title("avalanches")),
    "avalanches-together": pooled && fittedAvalanches(pooled, title(`avalanches of ${replicas} replicas together`)),
  };
}

/** Sizes and durations with the laws that fit them; none where no avalanche was seen. */
function fittedAvalanches(
  { avalanches, durations, sizes, sizeDuration }: AvalancheFits,
  title: string,
): string | undefined {
  if (avalanches.durations.length === 0) return undefined;
  const law = (fit: PowerLawFit | undefined, values: Uint32Array | Float64Array): PowerLaw | undefined =>
    fit && fit.edge === undefined ? { exponent: fit.exponent, ...rangeOf(fit, values) } : undefined;
  return avalancheFigure({
    ...{ sizes: avalanches.sizes, durations: avalanches.durations, title },
    ...{ sizeFit: law(sizes, avalanches.sizes), durationFit: law(durations, avalanches.durations) },
    scalingFit: sizeDuration &&
      durations && { exponent: sizeDuration.exponent, ...rangeOf(durations, avalanches.durations) },
  });
}

/** Where a law is drawn: to its largest value that was seen. */
function rangeOf(
  { xMin, xMax }: PowerLawFit,
  values: Uint32Array | Float64Array,
): { readonly from: number; readonly to: number } {
  let largest = 0;
  for (const value of values) if (value <= xMax) largest = Math.max(largest, value);
  return { from: xMin, to: largest };
}

/** Mean distance from the flip on, of as many replicas as can be told apart; of one, also that of unrelated networks. */
function damageFigure(phase: PhaseResult, units: number, title: string): string | undefined {
  const { damage } = phase;
  if (damage === undefined) return undefined;
  const values = damage.slice(0, mostCurves).map(({ distance }) => distance);
  const rate = meanOfSeries(seriesOf(phase, "excitatoryRate", 0));
  return hammingDistance({
    ...{ step: Array.from(values[0]?.keys() ?? []), values, units, title },
    names: values.length > 1 ? values.map((_, replica) => `replica ${replica}`) : undefined,
    chance: rate === undefined || values.length > 1 ? undefined : 2 * rate * (1 - rate) * units,
  });
}

function meanOfSeries(series: Float64Array | undefined): number | undefined {
  return series && series.reduce((sum, value) => sum + value, 0) / series.length;
}

/** The last steps of which there are spikes of both populations. */
function raster(
  excitatory: Spikes,
  inhibitory: Spikes | undefined,
  title: string,
  aim: { readonly target?: number },
): string {
  const both = inhibitory?.first === excitatory.first && inhibitory.steps === excitatory.steps ? inhibitory : undefined;
  const steps = Math.min(rasterSteps, excitatory.steps);
  const last = ({ values, units }: Spikes): Uint8Array => values.subarray(values.length - steps * units);
  return rasterFigure({
    excitatory: last(excitatory),
    inhibitory: both && last(both),
    ...{ steps, firstStep: excitatory.first + excitatory.steps - steps, title, ...aim },
  });
}

/** Over all phases in which it was recorded, of as many replicas as can be told apart. */
function fractionFigure(name: string, phases: readonly PhaseResult[]): string | undefined {
  const recorded = phases.filter((phase) => seriesOf(phase, "connectionFraction", 0) !== undefined);
  const first = recorded[0]?.records.connectionFraction;
  if (first === undefined) return undefined;
  const replicas = Math.min(mostCurves, first.replicas);
  const values = Array.from({ length: replicas }, (_, replica) =>
    recorded.flatMap((phase) => [...(seriesOf(phase, "connectionFraction", replica) ?? [])]),
  );
  const step = recorded.flatMap(({ records }) => [...(records.connectionFraction?.steps ?? [])]);
  const names = replicas > 1 ? values.map((_, replica) => `replica ${replica}`) : undefined;
  return connectionFraction({ step, values, names, title: `${name}: excitatory synapses` });
}
