import { type SornParameters, sornRules } from "../plasticity/parameters.ts";
import type { SornRecord, SornRecordName } from "../plasticity/record.ts";
import type { SornSnapshot, SornState } from "../plasticity/state.ts";
import { meanAndDeviation, shortNumber } from "../plot/histogram.ts";
import { logNormalFit } from "../plot/index.ts";

/** What a phase left. */
export interface PhaseRecords {
  readonly name: string;
  /** Steps that it took. */
  readonly steps: number;
  readonly records: Readonly<Partial<Record<SornRecordName, SornRecord>>>;
}

/** One number of a run, of every replica. */
export interface SornNumber {
  /** A phase's name, or `end` for the last state. */
  readonly phase: string;
  readonly name: string;
  readonly values: readonly number[];
}

type OfPhase = (phase: PhaseRecords, replica: number) => number | undefined;
type OfState = (state: SornState, parameters: SornParameters) => number | undefined;

/** What is measured in each phase, where it was recorded. Add statistics of activity here. */
const phaseMeasures: Readonly<Record<string, OfPhase>> = {
  "excitatory rate": (phase, replica) => meanOf(seriesOf(phase, "excitatoryRate", replica)),
  "inhibitory rate": (phase, replica) => meanOf(seriesOf(phase, "inhibitoryRate", replica)),
  "SD of units' rates": (phase, replica) => {
    const spikes = spikesOf(phase, "ExcitatoryActivation", replica);
    return spikes && meanAndDeviation(ratesOf(spikes))[1];
  },
  "CV of intervals": (phase, replica) => {
    const spikes = spikesOf(phase, "ExcitatoryActivation", replica);
    return spikes && variationOf(intervalsOf(spikes));
  },
  "connection fraction at its start": (phase, replica) => seriesOf(phase, "connectionFraction", replica)?.at(0),
  "connection fraction, smallest": (phase, replica) =>
    seriesOf(phase, "connectionFraction", replica)?.reduce((one, other) => Math.min(one, other)),
  "connection fraction at its end": (phase, replica) => seriesOf(phase, "connectionFraction", replica)?.at(-1),
};

/** What is measured of the last state. Add statistics of synapses here. */
const stateMeasures: Readonly<Record<string, OfState>> = {
  "E-E synapses": ({ synapses }) => synapses.EE.weights.length,
  "I-E synapses": ({ synapses }) => synapses.EI.weights.length,
  "E-E in-degree": ({ synapses }, { excitatory }) => synapses.EE.weights.length / excitatory,
  "E-E weight": ({ synapses }) => meanOf(synapses.EE.weights),
  "mean of ln w": ({ synapses }) => finite(logNormalFit(synapses.EE.weights).logMean),
  "SD of ln w": ({ synapses }) => finite(logNormalFit(synapses.EE.weights).logDeviation),
  "E threshold": ({ thresholdE }) => meanOf(thresholdE),
};

/** All numbers of a run that its records allow. */
export function sornNumbers(
  phases: readonly PhaseRecords[],
  snapshot: SornSnapshot,
  parameters: readonly SornParameters[],
): readonly SornNumber[] {
  const replicas = parameters.map((_, replica) => replica);
  const complete = (phase: string, name: string, values: readonly (number | undefined)[]): SornNumber[] => {
    const known = values.filter((value) => value !== undefined);
    return known.length === values.length ? [{ phase, name, values: known }] : [];
  };
  return [
    ...phases.flatMap((phase) =>
      Object.entries(phaseMeasures).flatMap(([name, measure]) =>
        complete(
          phase.name,
          name,
          replicas.map((replica) => measure(phase, replica)),
        ),
      ),
    ),
    ...Object.entries(stateMeasures).flatMap(([name, measure]) =>
      complete(
        "end",
        name,
        replicas.map((replica) => {
          const [state, own] = [snapshot.replicas[replica], parameters[replica]];
          return state && own && measure(state, own);
        }),
      ),
    ),
    { phase: "end", name: "new synapses refused", values: snapshot.refused },
  ];
}

/** One line a rule: whether it is on, and its numbers. */
export function ruleTable(parameters: SornParameters): string {
  return sornRules
    .map((name) => {
      const rule = parameters[name];
      const numbers = rule === false ? "off" : Object.entries(rule).map(([key, value]) => `${key} ${shown(value)}`);
      return `${name.padEnd(6)} ${typeof numbers === "string" ? numbers : numbers.join(", ")}`;
    })
    .join("\n");
}

function shown(value: unknown): string {
  if (Array.isArray(value) && value.length > 4) return `${value.length} numbers, one a unit`;
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** The numbers as aligned text: of several replicas their mean and standard deviation. */
export function numberTable(numbers: readonly SornNumber[]): string {
  const widest = Math.max(...numbers.map(({ name }) => name.length));
  const phases = [...new Set(numbers.map(({ phase }) => phase))];
  return phases
    .flatMap((phase) => [
      phase === "end" ? "at the end" : `phase ${phase}`,
      ...numbers
        .filter((number) => number.phase === phase)
        .map(({ name, values }) => {
          const [mean, deviation] = meanAndDeviation(values);
          const spread = values.length > 1 ? ` ± ${shortNumber(deviation)}` : "";
          return `  ${name.padEnd(widest)}  ${values.length > 1 || !Number.isInteger(mean) ? shortNumber(mean) : mean}${spread}`;
        }),
    ])
    .join("\n");
}

/** The numbers as CSV, one line a replica. */
export function numberCsv(numbers: readonly SornNumber[]): string {
  const lines = numbers.flatMap(({ phase, name, values }) =>
    values.map((value, replica) => `${phase},"${name.replaceAll('"', '""')}",${replica},${value}`),
  );
  return `${["phase,name,replica,value", ...lines].join("\n")}\n`;
}

/** Values of one replica; undefined where they were not recorded. */
function valuesOf({ records }: PhaseRecords, name: SornRecordName, replica: number): SornRecord["values"] | undefined {
  const record = records[name];
  if (record === undefined || record.values.length === 0) return undefined;
  const length = record.values.length / record.replicas;
  return record.values.subarray(replica * length, (replica + 1) * length);
}

export function seriesOf(phase: PhaseRecords, name: SornRecordName, replica: number): Float64Array | undefined {
  const values = valuesOf(phase, name, replica);
  return values && Float64Array.from(values);
}

/** Spikes of steps that follow each other, [steps, units]. */
export interface Spikes {
  readonly values: Uint8Array;
  readonly steps: number;
  readonly units: number;
  /** Number of the first step in the network's life. */
  readonly first: number;
}

/** Recorded spikes of one replica; undefined where there are none, or steps were left out between them. */
export function spikesOf(phase: PhaseRecords, name: SornRecordName, replica: number): Spikes | undefined {
  const values = valuesOf(phase, name, replica);
  const steps = phase.records[name]?.steps;
  if (!(values instanceof Uint8Array) || steps === undefined) return undefined;
  const [first = 0, last = 0] = [steps[0], steps[steps.length - 1]];
  if (last - first !== steps.length - 1) return undefined;
  return { values, steps: steps.length, units: values.length / steps.length, first };
}

/** Spikes a step of each unit. */
export function ratesOf({ values, steps, units }: Spikes): number[] {
  const sums = new Array<number>(units).fill(0);
  for (let index = 0; index < values.length; index += 1)
    sums[index % units] = (sums[index % units] ?? 0) + (values[index] ?? 0);
  return sums.map((sum) => sum / steps);
}

/** Steps between the spikes of each unit. */
export function intervalsOf({ values, steps, units }: Spikes): number[][] {
  return Array.from({ length: units }, (_, unit) => {
    const intervals: number[] = [];
    let last: number | undefined;
    for (let step = 0; step < steps; step += 1) {
      if (values[step * units + unit] !== 1) continue;
      if (last !== undefined) intervals.push(step - last);
      last = step;
    }
    return intervals;
  });
}

/** Mean over units with at least 3 intervals of their coefficient of variation. */
export function variationOf(intervals: readonly (readonly number[])[]): number | undefined {
  const variations = intervals
    .filter((list) => list.length >= 3)
    .map((list) => {
      const [mean, deviation] = meanAndDeviation(list);
      return deviation / mean;
    });
  return meanOf(variations);
}

function meanOf(values: ArrayLike<number> | undefined): number | undefined {
  if (values === undefined || values.length === 0) return undefined;
  let sum = 0;
  for (let index = 0; index < values.length; index += 1) sum += values[index] ?? 0;
  return sum / values.length;
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
