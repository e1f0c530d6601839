import { type SornParameters, targetRate } from "../plasticity/parameters.ts";
import { matrixOf, type SornState } from "../plasticity/state.ts";
import {
  connectionFraction,
  correlationMatrix,
  degreeHistogram,
  intervalHistogram,
  networkGraph,
  rasterFigure,
  rateHistogram,
  weightDistribution,
} from "../plot/index.ts";
import {
  intervalsOf,
  type PhaseRecords,
  ratesOf,
  type Spikes,
  seriesOf,
  spikesOf,
  variationOf,
} from "./sorn-numbers.ts";

const rasterSteps = 500;
/** Units that a matrix or a circle can show. */
const mostUnits = 400;
const mostCurves = 8;

/** A run's figures as SVG documents by name, of replica 0, as far as its records go. Add figures here. */
export function sornFigures(
  name: string,
  phases: readonly PhaseRecords[],
  state: SornState,
  parameters: SornParameters,
): Map<string, string> {
  const figures = new Map<string, string>();
  const target = targetRate(parameters);
  for (const phase of phases) {
    const spikes = spikesOf(phase, "ExcitatoryActivation", 0);
    if (spikes === undefined) continue;
    const title = (what: string): string => `${name}, ${phase.name}: ${what}`;
    const aim = Number.isNaN(target) ? {} : { target };
    figures.set(
      `raster-${phase.name}`,
      raster(spikes, spikesOf(phase, "InhibitoryActivation", 0), title("spikes"), aim),
    );
    const rates = ratesOf(spikes);
    figures.set(
      `rates-${phase.name}`,
      rateHistogram({ rates, steps: spikes.steps, title: title("firing rates"), ...aim }),
    );
    const intervals = intervalsOf(spikes);
    const variation = variationOf(intervals);
    const all = intervals.flat();
    if (all.length > 0)
      figures.set(
        `intervals-${phase.name}`,
        intervalHistogram({ intervals: all, variation, title: title("intervals between spikes") }),
      );
    if (spikes.units > 1 && spikes.units <= mostUnits && spikes.steps > 1)
      figures.set(
        `correlations-${phase.name}`,
        correlationMatrix({ activity: spikes.values, units: spikes.units, title: title("correlations") }),
      );
  }
  const fraction = fractionFigure(name, phases);
  if (fraction !== undefined) figures.set("connection-fraction", fraction);
  const { EE } = state.synapses;
  const { excitatory } = parameters;
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
function fractionFigure(name: string, phases: readonly PhaseRecords[]): string | undefined {
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
