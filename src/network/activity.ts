import { padRows, stripRows } from "../ops/layout.ts";
import { concatenate } from "../ops/rules.ts";
import type { Sequence } from "./sequence.ts";
import { checkFinite, checkLength } from "./trials.ts";

/** A point from which a sequence can be continued exactly: preactivations and rates, each [B, H] ([R, B, H]). */
export interface NetworkState {
  readonly v: Float32Array;
  readonly r: Float32Array;
}

/** What a network did. Axes [time, batch, unit]; with R > 1 replicas [replica, time, batch, unit]. */
export interface Activity {
  readonly steps: number;
  readonly trials: number;
  /** r, [T, B, H]; post-noise included. */
  readonly rates: Float32Array;
  /** v, the preactivations, [T, B, H]. */
  readonly states: Float32Array;
  /** y, [T, B, O]. */
  readonly outputs: Float32Array;
  /** The state after the last step, to continue from. */
  readonly final: NetworkState;
}

export interface RunOptions {
  /** Continue from here, instead of from the stimuli's or the model's v0. */
  readonly state?: NetworkState;
  /** `false` silences the model's noise. */
  readonly noise?: boolean;
  /** Key of the noise; default the model's seed. The same seed gives the same noise. */
  readonly seed?: number;
}

/** @throws ShapeError, ValueError naming the array. */
export function checkState({ v, r }: NetworkState, replicas: number, trials: number, hidden: number): void {
  const shape = replicas === 1 ? [trials, hidden] : [replicas, trials, hidden];
  const axes = replicas === 1 ? "batch, hidden" : "replica, batch, hidden";
  for (const [name, values] of Object.entries({ "state.v": v, "state.r": r })) {
    checkLength(name, values, shape, axes);
    checkFinite(name, values);
  }
}

/** Writes slot 0 of a plan's states and rates. */
export function uploadState(plan: Sequence, { v, r }: NetworkState): void {
  const { replicas, batch, hidden, hidden4 } = plan.layout;
  const padded = new Float32Array(batch * hidden4 * 4);
  for (let replica = 0; replica < replicas; replica += 1) {
    const part = (values: Float32Array): Float32Array => {
      padRows(values.subarray(replica * batch * hidden, (replica + 1) * batch * hidden), hidden, padded, 4 * hidden4);
      return padded;
    };
    plan.tensors.states.write(part(v), plan.slotOffset(replica, 0));
    plan.tensors.rates.write(part(r), plan.slotOffset(replica, 0));
  }
}

/** What a plan's buffers say, without padding and without slot 0, the initial state. */
export function activityOf(
  plan: Sequence,
  [rates, states, outputs]: readonly [Float32Array, Float32Array, Float32Array],
): Activity {
  const { replicas, steps, batch, hidden, hidden4, outputs: width, output4 } = plan.layout;
  const slot = batch * hidden4 * 4;
  const times = (values: Float32Array, from: number, count: number): Float32Array =>
    concatenate(
      Array.from({ length: replicas }, (_, replica) => {
        const start = plan.slotOffset(replica, from);
        return stripRows(values.slice(start, start + count * slot), hidden, 4 * hidden4);
      }),
    );
  return {
    steps,
    trials: batch,
    rates: times(rates, 1, steps),
    states: times(states, 1, steps),
    outputs: stripRows(outputs, width, 4 * output4),
    final: { v: times(states, steps, 1), r: times(rates, steps, 1) },
  };
}
