import { ValueError } from "../errors.ts";
import { collect } from "./collect.ts";
import { type SornRule, sornRules } from "./parameters.ts";
import type { SornRecord, SornRecordName, SornRecordRequest } from "./record.ts";
import type { SornInputSource } from "./run-options.ts";
import type { Sorn, SornBlock } from "./sorn.ts";

/** What both phases are told. */
interface PhaseOptions {
  /** As of `Sorn.run`: [steps, inputs], or what writes them. */
  readonly inputs?: Float32Array | SornInputSource;
  readonly steps?: number;
  readonly noise?: boolean;
  readonly signal?: AbortSignal;
}

export interface PlasticityOptions extends PhaseOptions {
  /** Rules that are off all the same. */
  readonly freeze?: readonly SornRule[];
  readonly record?: readonly (SornRecordName | SornRecordRequest)[];
  /** Called every so many steps. */
  readonly progress?: { readonly every: number; readonly report: (block: SornBlock) => void };
}

/**
 * The plasticity phase: the network organises itself under its input, by all rules it has.
 * @returns what was recorded, joined along time.
 * @throws as `Sorn.run`.
 */
export async function plasticityPhase(
  network: Sorn,
  options: PlasticityOptions,
): Promise<Readonly<Partial<Record<SornRecordName, SornRecord>>>> {
  const { progress, ...rest } = options;
  const blocks = network.run({ ...rest, ...(progress && { block: progress.every }) });
  return collect(progress === undefined ? blocks : reported(blocks, progress.report));
}

async function* reported(
  blocks: AsyncIterable<SornBlock>,
  report: (block: SornBlock) => void,
): AsyncGenerator<SornBlock, void, undefined> {
  for await (const block of blocks) {
    report(block);
    yield block;
  }
}

export interface FrozenOptions extends PhaseOptions {
  /** What is read: spikes, or what the units would have done without input; default `ExcitatoryActivation`. */
  readonly from?: "ExcitatoryActivation" | "InhibitoryActivation" | "RecurrentActivation";
  /** Only of these units; default all. */
  readonly units?: SornRecordRequest["units"];
}

/** Spikes of a frozen network, step by step. */
export interface ReservoirStates {
  readonly steps: number;
  readonly units: number;
  readonly replicas: number;
  /** [steps, units], or [replica, steps, units]; a step's are those after its input. */
  readonly values: Uint8Array;
}

/**
 * The frozen phase: the network runs with every rule off, a reservoir (liquid-state machine) whose states a readout is
 * trained on. Parts of one input may follow one another in several calls: the network goes on from where it is.
 * @throws as `Sorn.run`; ValueError where it was aborted before the first step.
 */
export async function frozenPhase(network: Sorn, options: FrozenOptions): Promise<ReservoirStates> {
  const { from: name = "ExcitatoryActivation", units, ...rest } = options;
  const request: SornRecordRequest = { name, ...(units && { units }) };
  const records = await collect(network.run({ ...rest, freeze: sornRules, record: [request] }));
  const record = records[name];
  if (record === undefined) throw new ValueError("frozenPhase: aborted before the first step; there are no states.");
  const { steps, values, shape, replicas } = record;
  return { steps: steps.length, units: shape.at(-1) ?? 0, replicas, values: values as Uint8Array };
}

/** The states [steps, units] of one replica. @throws ValueError */
export function statesOf({ steps, units, replicas, values }: ReservoirStates, replica = 0): Uint8Array {
  if (!Number.isInteger(replica) || replica < 0 || replica >= replicas)
    throw new ValueError(`statesOf: replica: expected 0 to ${replicas - 1}, got ${replica}.`);
  return values.subarray(replica * steps * units, (replica + 1) * steps * units);
}
