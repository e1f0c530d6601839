import { ConfigError } from "../../errors.ts";
import { suggestName } from "../../io/nearest.ts";
import { Random } from "../../random.ts";
import type { Timeline } from "../definition.ts";
import type { ChannelGroup } from "./channels.ts";
import type { TrialKey } from "./conditions.ts";
import { gather, type TrialSlice } from "./trial-slice.ts";

/** Names of what a trial consists of. */
interface Parts {
  readonly name: string;
  readonly periods: readonly { readonly name: string }[];
  readonly inputs: readonly ChannelGroup[];
  readonly outputs: readonly ChannelGroup[];
}

/** One trial of a batch. */
interface Place {
  readonly trial: number;
  readonly dtMs: number;
  readonly key: TrialKey;
  readonly drawn: {
    readonly starts: readonly Int32Array[];
    readonly ends: readonly Int32Array[];
    readonly lengths: Int32Array;
  };
  readonly inputs: TrialSlice;
  readonly targets: TrialSlice;
}

/** A trial as functions that fill it see it. */
export class BatchTimeline implements Timeline {
  readonly steps: number;
  readonly dtMs: number;
  readonly #parts: Parts;
  readonly #place: Place;
  #random: Random | undefined;
  #purpose = 0;

  constructor(parts: Parts, place: Place) {
    this.#parts = parts;
    this.#place = place;
    this.dtMs = place.dtMs;
    this.steps = place.drawn.lengths[place.trial] as number;
  }

  /** The same trial for another function, with random numbers of its own. */
  for(purpose: number): this {
    this.#purpose = purpose;
    this.#random = undefined;
    return this;
  }

  get random(): Random {
    const [key0, key1] = this.#place.key;
    this.#random ??= new Random(key0, key1, this.#purpose);
    return this.#random;
  }

  // Functions of their own, so that a fill can take them out of the timeline.
  readonly period = (name: string): { readonly from: number; readonly to: number } => {
    const { drawn, trial } = this.#place;
    const index = this.#find("period", name, this.#parts.periods);
    return { from: drawn.starts[index]?.[trial] as number, to: drawn.ends[index]?.[trial] as number };
  };

  readonly input = (name: string): Float32Array => {
    const group = this.#parts.inputs[this.#find("input", name, this.#parts.inputs)] as ChannelGroup;
    return gather(this.#place.inputs, group, this.steps);
  };

  readonly target = (name: string): Float32Array => {
    const group = this.#parts.outputs[this.#find("output", name, this.#parts.outputs)] as ChannelGroup;
    return gather(this.#place.targets, group, this.steps);
  };

  #find(what: string, name: string, among: readonly { readonly name: string }[]): number {
    const index = among.findIndex((one) => one.name === name);
    if (index >= 0) return index;
    const names = among.map((one) => one.name);
    throw new ConfigError(`${this.#parts.name}: ${what} "${name}" is not known; ${suggestName(name, names)}`);
  }
}
