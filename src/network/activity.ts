import { ConfigError, LimitError, ShapeError, ValueError } from "../errors.ts";
import { padRows, stripRows } from "../ops/layout.ts";
import { concatenate } from "../ops/rules.ts";
import { checkFlags, checkKeys, checkSeed } from "../structure/options.ts";
import type { ModelSpec } from "./model.ts";
import type { Sequence } from "./sequence.ts";
import { checkFinite, checkLength, checkSameState } from "./trials.ts";

/** A point from which a sequence can be continued exactly, each [B, H] ([R, B, H]). */
export interface NetworkState {
  /** Preactivations; of an LSTM the cell states c, of a GRU the same as r. */
  readonly v: Float32Array;
  /** Rates; of an LSTM or a GRU h. */
  readonly r: Float32Array;
  /** Resources of short-term plasticity, as r has left them; absent = at rest before r. */
  readonly x?: Float32Array;
  /** Release probabilities of short-term plasticity; given together with x. */
  readonly u?: Float32Array;
}

/** What a network did. Axes [time, batch, unit]; with R > 1 replicas [replica, time, batch, unit]. */
export interface Activity {
  readonly steps: number;
  readonly trials: number;
  /** r, [T, B, H]; post-noise included. Of an LSTM or a GRU h. */
  readonly rates: Float32Array;
  /** v, the preactivations, [T, B, H]; of an LSTM the cell states c, of a GRU the same as the rates. */
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
  /** Key of the noise; default the model's seed. The same seed gives the same noise: it is frozen across conditions. */
  readonly seed?: number;
  /**
   * Time steps that were run before `state`; default 0. The noise of step t of a run depends on t alone, so that a run cut
   * in two, the second part continued from `final` with `firstStep` the length of the first, is the whole run to the bit.
   */
  readonly firstStep?: number;
}

/** @throws ConfigError naming the nearest option; ValueError for a seed that is none. */
export function checkRunOptions(options: RunOptions): void {
  checkKeys("run", options, ["state", "noise", "seed", "firstStep"]);
  checkFlags("run", options, ["noise"]);
  if (options.seed !== undefined) checkSeed("run: seed", options.seed);
}

/** @throws ShapeError, ValueError naming the array; ConfigError for x without u, or where synapses do not change. */
export function checkState(
  state: NetworkState,
  replicas: number,
  trials: number,
  { cell, hidden, shortTermPlasticity }: Pick<ModelSpec, "cell" | "hidden" | "shortTermPlasticity">,
): void {
  const shape = replicas === 1 ? [trials, hidden] : [replicas, trials, hidden];
  const axes = replicas === 1 ? "batch, hidden" : "replica, batch, hidden";
  const { x, u } = state;
  if ((x === undefined) !== (u === undefined)) throw new ConfigError("state: x and u are given together, or neither.");
  if (x !== undefined && shortTermPlasticity === undefined) {
    throw new ConfigError("state.x: the network has no short-term plasticity; leave x and u out.");
  }
  for (const name of ["v", "r", "x", "u"] as const) {
    const values = state[name];
    if (values === undefined) {
      if (name === "x" || name === "u") continue;
      throw new ShapeError(`state.${name} is missing: v and r are given together (see Activity.final).`);
    }
    checkLength(`state.${name}`, values, shape, axes);
    checkFinite(`state.${name}`, values);
  }
  if (cell === "gru") checkSameState("state.v", state.v, "state.r", state.r);
}

/**
 * @param units trials times hidden units: the counters of the noise that a time step takes.
 * @throws ValueError where it is no number of steps, LimitError where the noise would repeat.
 */
export function checkFirstStep(firstStep: number, steps: number, units: number): void {
  if (!Number.isInteger(firstStep) || firstStep < 0) {
    throw new ValueError(`firstStep: expected a whole number of steps that were run before, got ${firstStep}.`);
  }
  if ((firstStep + steps) * units >= 2 ** 32) {
    throw new LimitError(
      `firstStep: ${firstStep} + ${steps} steps × ${units} trials × units exceed 2³² noise counters.`,
    );
  }
}

/** Writes slot 0 of a plan's states and rates, and of its synapses where they are given. */
export function uploadState(plan: Sequence, { v, r, x, u }: NetworkState): void {
  const { replicas, batch, hidden, hidden4 } = plan.layout;
  const width = 4 * hidden4;
  const padded = new Float32Array(batch * width);
  for (let replica = 0; replica < replicas; replica += 1) {
    const part = (values: Float32Array): Float32Array => {
      padRows(values.subarray(replica * batch * hidden, (replica + 1) * batch * hidden), hidden, padded, width);
      return padded;
    };
    const start = plan.slotOffset(replica, 0);
    plan.tensors.states.write(part(v), start);
    plan.tensors.rates.write(part(r), start);
    if (x === undefined || u === undefined) continue;
    const seen = u.map((value, index) => Math.fround(value * at(x, index)) * at(r, index));
    const blocks = [x, u, seen, r].map((values) => part(values).slice());
    const rows = new Float32Array(4 * padded.length);
    for (const [block, values] of blocks.entries())
      for (let trial = 0; trial < batch; trial += 1)
        rows.set(values.subarray(trial * width, (trial + 1) * width), (4 * trial + block) * width);
    plan.tensors.synapses.write(rows, 4 * start);
  }
}

function at(values: Float32Array, index: number): number {
  return values[index] ?? Number.NaN;
}

/** x or u (block 0 or 1) after the last step, [R, B, H], from the last slot of every replica's synapses [R, B, 4, hidden4]. */
function lastSynapses(plan: Sequence, last: Float32Array, block: number): Float32Array {
  const { replicas, batch, hidden, hidden4 } = plan.layout;
  const values = new Float32Array(replicas * batch * hidden);
  for (let row = 0; row < replicas * batch; row += 1) {
    const start = (4 * row + block) * 4 * hidden4;
    values.set(last.subarray(start, start + hidden), row * hidden);
  }
  return values;
}

/**
 * What a plan's buffers say, without padding and without slot 0, the initial state.
 * @param synapses the last slot of every replica, where there is short-term plasticity.
 */
export function activityOf(
  plan: Sequence,
  [rates, states, outputs]: readonly [Float32Array, Float32Array, Float32Array],
  synapses: readonly Float32Array[],
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
    final: {
      v: times(states, steps, 1),
      r: times(rates, steps, 1),
      ...(synapses.length > 0 && {
        x: lastSynapses(plan, concatenate(synapses), 0),
        u: lastSynapses(plan, concatenate(synapses), 1),
      }),
    },
  };
}
