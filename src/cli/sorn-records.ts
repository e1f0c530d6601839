import type { DamageSpreading } from "../analysis/damage.ts";
import { populationActivity, type Raster } from "../analysis/raster.ts";
import type { SornRecord, SornRecordName } from "../plasticity/record.ts";
import type { SymbolScore } from "../plasticity/symbols/read-symbols.ts";
import type { SymbolTask } from "../plasticity/symbols/symbol-task.ts";

/** What a phase left. */
export interface PhaseResult {
  readonly name: string;
  /** Steps that it took, without those of its readout. */
  readonly steps: number;
  readonly records: Readonly<Partial<Record<SornRecordName, SornRecord>>>;
  /** Of each replica; absent where it was not asked for. */
  readonly damage?: readonly DamageSpreading[];
  readonly read?: { readonly task: SymbolTask; readonly scores: readonly SymbolScore[] };
}

/** Values of one replica; undefined where they were not recorded. */
function valuesOf({ records }: PhaseResult, name: SornRecordName, replica: number): SornRecord["values"] | undefined {
  const record = records[name];
  if (record === undefined || record.values.length === 0) return undefined;
  const length = record.values.length / record.replicas;
  return record.values.subarray(replica * length, (replica + 1) * length);
}

export function seriesOf(phase: PhaseResult, name: SornRecordName, replica: number): Float64Array | undefined {
  const values = valuesOf(phase, name, replica);
  return values && Float64Array.from(values);
}

/** Spikes of steps that follow each other, [steps, units]. */
export interface Spikes extends Raster {
  readonly values: Uint8Array;
  readonly steps: number;
  readonly units: number;
  /** Number of the first step in the network's life. */
  readonly first: number;
}

/** Recorded spikes of one replica; undefined where there are none, or steps were left out between them. */
export function spikesOf(phase: PhaseResult, name: SornRecordName, replica: number): Spikes | undefined {
  const values = valuesOf(phase, name, replica);
  const steps = phase.records[name]?.steps;
  if (!(values instanceof Uint8Array) || steps === undefined || !followEachOther(steps)) return undefined;
  const units = values.length / steps.length;
  return { values, shape: [steps.length, units], steps: steps.length, units, first: steps[0] ?? 0 };
}

/**
 * Active excitatory units in each of the steps that follow each other, from their rate or else from spikes of all of them;
 * undefined where neither was recorded. A rate of 8 bytes a step is all that a long run has to keep.
 */
export function activityOf(phase: PhaseResult, excitatory: number, replica: number): Float64Array | undefined {
  const rates = seriesOf(phase, "excitatoryRate", replica);
  const steps = phase.records.excitatoryRate?.steps;
  if (rates !== undefined && steps !== undefined && followEachOther(steps))
    return rates.map((rate) => Math.round(rate * excitatory));
  const spikes = spikesOf(phase, "ExcitatoryActivation", replica);
  return spikes?.units === excitatory ? populationActivity(spikes) : undefined;
}

function followEachOther(steps: Float64Array): boolean {
  return (steps[steps.length - 1] ?? 0) - (steps[0] ?? 0) === steps.length - 1;
}
