import { ConfigError, LimitError, ValueError } from "../errors.ts";
import { suggestName } from "../io/nearest.ts";
import type { SornParameters } from "./parameters.ts";

/**
 * What can be recorded. The names of the Python package sorn are its callbacks; `WIE` and `IEConnectionCounts`, which it
 * promises and refuses, are here, too. Weights are [post, pre], as everywhere here. Of a step, spikes and rates are those it
 * made, weights and thresholds (also their mean) those after its plasticity; as in the package, what is counted or averaged
 * of synapses (`…ConnectionCounts`, `connectionFraction`, `meanWeight…`) is what there was before its plasticity.
 * `RecurrentActivation` is what the excitatory units would have done in the step without input, with the same noise.
 */
export const sornRecordNames = [
  "ExcitatoryActivation",
  "InhibitoryActivation",
  "RecurrentActivation",
  "WEE",
  "WEI",
  "WIE",
  "TE",
  "TI",
  "EEConnectionCounts",
  "EIConnectionCounts",
  "IEConnectionCounts",
  "excitatoryRate",
  "inhibitoryRate",
  "recurrentRate",
  "connectionFraction",
  "meanWeightEE",
  "meanWeightEI",
  "meanThreshold",
  "refusedSynapses",
] as const;
export type SornRecordName = (typeof sornRecordNames)[number];

/** One thing to record. */
export interface SornRecordRequest {
  readonly name: SornRecordName;
  /** A frame every so many steps of the run, the first after as many; default 1. */
  readonly stride?: number;
  /** Only these units (rows of weights); default all. Not of reductions. */
  readonly units?: readonly number[] | { readonly from: number; readonly to: number };
  /** Keep only the last so many frames, and give them with the last block. */
  readonly last?: number;
}

/** Frames of one record, in order. */
export interface SornRecord {
  readonly name: SornRecordName;
  /** Steps that the network had taken after each frame's, [frames]. */
  readonly steps: Float64Array;
  readonly replicas: number;
  /** [frames, …]; with more than one replica [replica, frames, …]. */
  readonly shape: readonly number[];
  /** 0 or 1 of spikes, float32 of weights and thresholds, float64 of reductions. */
  readonly values: Uint8Array | Float32Array | Float64Array;
}

export type RecordKind = "spikes" | "series" | "thresholds" | "weights";

/** A request with everything filled in. */
export interface RecordPlan {
  readonly name: SornRecordName;
  readonly kind: RecordKind;
  readonly stride: number;
  /** Undefined for reductions. */
  readonly units: Uint32Array | undefined;
  readonly last: number | undefined;
  /** Shape and number of values of one frame of one replica. */
  readonly frame: readonly number[];
  readonly frameSize: number;
}

const kinds: Readonly<Partial<Record<SornRecordName, RecordKind>>> = {
  ExcitatoryActivation: "spikes",
  InhibitoryActivation: "spikes",
  RecurrentActivation: "spikes",
  WEE: "weights",
  WEI: "weights",
  WIE: "weights",
  TE: "thresholds",
  TI: "thresholds",
};
const mostFrameValues = 2 ** 28;
const mostValues = 2 ** 31;

/** Checks what is to be recorded. @throws ConfigError naming the nearest name, ValueError for units or strides. */
export function planRecords(
  requests: readonly (SornRecordName | SornRecordRequest)[],
  parameters: SornParameters,
): readonly RecordPlan[] {
  const plans = requests.map((request) =>
    planRecord(typeof request === "string" ? { name: request } : request, parameters),
  );
  const twice = plans.find(({ name }, index) => plans.findIndex((other) => other.name === name) < index);
  if (twice !== undefined)
    throw new ConfigError(`record: ${twice.name} is asked for twice; give one stride and one choice of units.`);
  return plans;
}

function planRecord(request: SornRecordRequest, parameters: SornParameters): RecordPlan {
  const { name, stride = 1, units, last } = request;
  if (!sornRecordNames.includes(name))
    throw new ConfigError(
      `record: unknown name ${JSON.stringify(name)}; ${suggestName(String(name), sornRecordNames)}`,
    );
  const extra = Object.keys(request).find((key) => !["name", "stride", "units", "last"].includes(key));
  if (extra !== undefined)
    throw new ConfigError(
      `record: ${name}: unknown key ${extra}; ${suggestName(extra, ["name", "stride", "units", "last"])}`,
    );
  for (const [key, value] of Object.entries({ stride, last: last ?? 1 }))
    if (!Number.isInteger(value) || value < 1)
      throw new ValueError(`record: ${name}: ${key}: expected a positive integer, got ${value}.`);
  const kind = kinds[name] ?? "series";
  if (kind === "series") {
    if (units !== undefined) throw new ConfigError(`record: ${name} is one number a step; leave out units.`);
    return { name, kind, stride, units: undefined, last, frame: [], frameSize: 1 };
  }
  const { excitatory, inhibitory } = parameters;
  const size = ["InhibitoryActivation", "WIE", "TI"].includes(name) ? inhibitory : excitatory;
  const chosen = chooseUnits(name, units, size);
  const frame = kind === "weights" ? [chosen.length, name === "WEI" ? inhibitory : excitatory] : [chosen.length];
  const frameSize = frame.reduce((product, length) => product * length, 1);
  if (frameSize > mostFrameValues)
    throw new ValueError(`record: ${name} [${frame.join(", ")}] is too large for one array; choose some units.`);
  return { name, kind, stride, units: chosen, last, frame, frameSize };
}

function chooseUnits(name: string, units: SornRecordRequest["units"], size: number): Uint32Array {
  if (units === undefined) return Uint32Array.from({ length: size }, (_, unit) => unit);
  const list =
    "from" in units ? Array.from({ length: units.to - units.from }, (_, index) => units.from + index) : units;
  const wrong = list.find((unit) => !Number.isInteger(unit) || unit < 0 || unit >= size);
  if (wrong !== undefined || list.length === 0)
    throw new ValueError(`record: ${name}: units: expected some of 0 to ${size - 1}, got ${wrong ?? "none"}.`);
  return Uint32Array.from(list);
}

/** Whether a record is read from the buffers of the present, so that its frame must be the last step that is computed at once. */
function isWhole({ kind }: RecordPlan): boolean {
  return kind === "weights" || kind === "thresholds";
}

/**
 * How many frames are held at once: of a ring its own, of weights and thresholds one, after which a block ends, and else as
 * many as there may be in a block of `stepsAtOnce`.
 */
export function framesHeld(plan: RecordPlan, steps: number, stepsAtOnce: number): number {
  const most = plan.last ?? (isWhole(plan) ? 1 : Math.ceil(stepsAtOnce / plan.stride));
  return Math.max(1, Math.min(Math.floor(steps / plan.stride), most));
}

/** @throws LimitError for a ring that no array can hold. */
export function checkRings(plans: readonly RecordPlan[], steps: number, replicas: number): void {
  for (const plan of plans) {
    const values = replicas * plan.frameSize * (plan.last === undefined ? 1 : framesHeld(plan, steps, steps));
    if (values > mostValues)
      throw new LimitError(
        `record: ${plan.name}: ${values} values would be held at once; at most ${mostValues} can be. ${plan.last === undefined ? "Choose some units." : 'Give a smaller "last", or some units.'}`,
      );
  }
}

/** Gathers the frames of one record: all of a block, or the last few of a run in a ring. */
export class FrameStore {
  readonly plan: RecordPlan;
  readonly #replicas: number;
  readonly #capacity: number;
  readonly #values: Uint8Array | Float32Array | Float64Array;
  readonly #steps: Float64Array;
  #count = 0;

  constructor(plan: RecordPlan, replicas: number, capacity: number) {
    this.plan = plan;
    this.#replicas = replicas;
    this.#capacity = capacity;
    const length = replicas * capacity * plan.frameSize;
    this.#steps = new Float64Array(capacity);
    this.#values =
      plan.kind === "spikes"
        ? new Uint8Array(length)
        : plan.kind === "series"
          ? new Float64Array(length)
          : new Float32Array(length);
  }

  get count(): number {
    return this.#count;
  }

  get isWhole(): boolean {
    return isWhole(this.plan);
  }

  /** Which of the steps `done` … `done + count - 1` of a run are frames, as indices from 0. */
  dueOf(
    run: { readonly steps: number; readonly signal: AbortSignal | undefined },
    done: number,
    count: number,
  ): number[] {
    const { stride, last } = this.plan;
    // Frames that a ring would drop are not made, unless the run may end before.
    const kept = last === undefined || run.signal !== undefined ? 0 : Math.floor(run.steps / stride) - last;
    return Array.from({ length: count }, (_, index) => index).filter(
      (index) => (done + index + 1) % stride === 0 && (done + index + 1) / stride > kept,
    );
  }

  /** Adds a frame; `fill` writes the values of a replica from `at` on. */
  add(
    step: number,
    fill: (replica: number, target: Uint8Array | Float32Array | Float64Array, at: number) => void,
  ): void {
    const place = this.#count % this.#capacity;
    this.#steps[place] = step;
    for (let replica = 0; replica < this.#replicas; replica += 1)
      fill(replica, this.#values, (replica * this.#capacity + place) * this.plan.frameSize);
    this.#count += 1;
  }

  /** The frames in order, and an empty store again. */
  take(): SornRecord {
    const frames = Math.min(this.#count, this.#capacity);
    const first = this.#count > this.#capacity ? this.#count % this.#capacity : 0;
    const { frameSize, frame, name } = this.plan;
    const steps = new Float64Array(frames);
    const values = this.#values.slice(0, this.#replicas * frames * frameSize);
    for (let index = 0; index < frames; index += 1) {
      const place = (first + index) % this.#capacity;
      steps[index] = this.#steps[place] ?? 0;
      for (let replica = 0; replica < this.#replicas; replica += 1) {
        const from = (replica * this.#capacity + place) * frameSize;
        values.set(this.#values.subarray(from, from + frameSize), (replica * frames + index) * frameSize);
      }
    }
    this.#count = 0;
    const replicas = this.#replicas;
    return { name, steps, values, replicas, shape: [...(replicas > 1 ? [replicas] : []), frames, ...frame] };
  }
}

/** Joins the records of several blocks along time. */
export function joinRecords(records: readonly SornRecord[]): SornRecord {
  const [first, ...others] = records;
  if (first === undefined) throw new ConfigError("joinRecords: expected at least one record.");
  if (others.length === 0) return first;
  const frames = records.reduce((sum, { steps }) => sum + steps.length, 0);
  const { replicas } = first;
  const frame = first.shape.slice(replicas > 1 ? 2 : 1);
  const frameSize = frame.reduce((product, length) => product * length, 1);
  const length = replicas * frames * frameSize;
  const values =
    first.values instanceof Uint8Array
      ? new Uint8Array(length)
      : first.values instanceof Float32Array
        ? new Float32Array(length)
        : new Float64Array(length);
  const steps = new Float64Array(frames);
  let at = 0;
  for (const record of records) {
    const own = record.steps.length;
    steps.set(record.steps, at);
    for (let replica = 0; replica < replicas; replica += 1) {
      const part = record.values.subarray(replica * own * frameSize, (replica + 1) * own * frameSize);
      values.set(part, (replica * frames + at) * frameSize);
    }
    at += own;
  }
  return { name: first.name, steps, values, replicas, shape: [...(replicas > 1 ? [replicas] : []), frames, ...frame] };
}
