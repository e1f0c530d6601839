import type { Readback } from "../gpu/readback.ts";
import { projectionNames, type SornLayout } from "../ops/sorn/layout.ts";
import type { SornPlan, SornTensors } from "../ops/sorn/plan.ts";
import { checkStep, type RunPlan } from "./run-options.ts";
import type { SornState } from "./state.ts";
import { packSynapses, unpackSynapses } from "./storage.ts";

/** Sends states to the GPU; their spikes become slot 0. @throws LimitError before anything is sent. */
export function writeStates(layout: SornLayout, tensors: SornTensors, states: readonly SornState[]): void {
  const { excitatory, inhibitory, slots, words, wordsE } = layout;
  const packed = states.map((state) => packSynapses(layout, state));
  for (const [replica, own] of packed.entries()) {
    const state = states[replica] as SornState;
    tensors.weights.write(own.weights, replica * layout.weights);
    if (layout.sources > 0) tensors.sources.write(own.sources, replica * layout.sources);
    tensors.rows.write(own.rows, replica * own.rows.length);
    const units = new Float32Array(2 * (excitatory + inhibitory));
    for (let unit = 0; unit < excitatory; unit += 1) {
      units[2 * unit] = state.thresholdE[unit] ?? 0;
      units[2 * unit + 1] = state.target[unit] ?? 0;
    }
    for (let unit = 0; unit < inhibitory; unit += 1) units[2 * (excitatory + unit)] = state.thresholdI[unit] ?? 0;
    tensors.units.write(units, replica * units.length);
    const bits = new Uint32Array(words);
    const set = (active: Uint8Array, first: number): void => {
      for (const [unit, fires] of active.entries()) {
        const word = first + (unit >>> 5);
        if (fires === 1) bits[word] = (bits[word] ?? 0) | (1 << (unit & 31));
      }
    };
    set(state.x, 0);
    set(state.y, wordsE);
    tensors.spikes.write(bits, replica * slots * words);
  }
}

/** Brings all states from the GPU, whose spikes are in `slot`, and the numbers of refused synapses. */
export async function readStates(
  layout: SornLayout,
  tensors: SornTensors,
  readback: Readback,
  slot: number,
): Promise<{ readonly states: readonly SornState[]; readonly refused: readonly number[] }> {
  const { replicas, slots, words, wordsE, excitatory, inhibitory, places } = layout;
  const [allWeights, sourceBits, allUnits, refused, ...spikes] = (await readback.read([
    ...[tensors.weights, tensors.sources, tensors.units, tensors.refused].map((tensor) => ({ tensor })),
    ...Array.from({ length: replicas }, (_, replica) => ({
      ...{ tensor: tensors.spikes, offset: (replica * slots + slot) * words, count: words },
    })),
  ])) as [Float32Array, Float32Array, Float32Array, Float32Array, ...Float32Array[]];
  const allSources = new Uint32Array(sourceBits.buffer);
  const states = spikes.map((own, replica): SornState => {
    const weights = allWeights.subarray(replica * layout.weights, (replica + 1) * layout.weights);
    const sources = allSources.subarray(replica * layout.sources, (replica + 1) * layout.sources);
    const units = allUnits.subarray(2 * replica * (excitatory + inhibitory));
    const bits = new Uint32Array(own.buffer);
    const active = (word: number, count: number): Uint8Array =>
      Uint8Array.from({ length: count }, (_, unit) => ((bits[word + (unit >>> 5)] ?? 0) >>> (unit & 31)) & 1);
    const column = (first: number, count: number, part: number): Float32Array =>
      Float32Array.from({ length: count }, (_, unit) => units[2 * (first + unit) + part] ?? 0);
    return {
      x: active(0, excitatory),
      y: active(wordsE, inhibitory),
      thresholdE: column(0, excitatory, 0),
      thresholdI: column(excitatory, inhibitory, 0),
      target: column(0, excitatory, 1),
      synapses: Object.fromEntries(
        projectionNames.map((name) => [name, unpackSynapses(places[name], weights, sources)]),
      ) as SornState["synapses"],
    };
  });
  return { states, refused: [...new Uint32Array(refused.buffer)] };
}

/** A stretch of a run: steps `done` … `done + count - 1`, of which the first goes to slot `first` of the ring. */
export interface Stretch {
  readonly done: number;
  readonly count: number;
  readonly first: number;
}

/** Sends the inputs and given noise of a stretch. @throws ValueError where the caller's function writes no number. */
export function writeSignals({ signals, layout }: SornPlan, plan: RunPlan, { done, count, first }: Stretch): void {
  const { slots, inputs, excitatory, inhibitory, replicas, ownInputs } = layout;
  const width = layout.signals;
  if (width === 0) return;
  for (let replica = 0; replica < (ownInputs ? replicas : 1); replica += 1) {
    const values = new Float32Array(count * width);
    const copy = (source: Float32Array | undefined, size: number, offset: number): void => {
      if (source === undefined) return;
      const from = (source.length > plan.steps * size ? replica * plan.steps : 0) + done;
      for (let index = 0; index < count; index += 1)
        values.set(source.subarray((from + index) * size, (from + index + 1) * size), index * width + offset);
    };
    if (typeof plan.inputs === "function") {
      for (let index = 0; index < count; index += 1) {
        const row = values.subarray(index * width, index * width + inputs);
        plan.inputs(done + index, row, replica);
        checkStep(row, done + index);
      }
    } else copy(plan.inputs, inputs, 0);
    copy(plan.givenNoise?.excitatory, excitatory, inputs);
    copy(plan.givenNoise?.inhibitory, inhibitory, inputs + excitatory);
    const before = Math.min(count, slots - first);
    signals.write(values.subarray(0, before * width), (replica * slots + first) * width);
    if (before < count) signals.write(values.subarray(before * width), replica * slots * width);
  }
}

/** Sends the caller's new synapses of a stretch. */
export function writeChoices(
  { slots, replicas }: SornLayout,
  tensors: SornTensors,
  synapses: NonNullable<RunPlan["newSynapses"]>,
  { done, count, first }: Stretch,
): void {
  const choices = new Uint32Array(2 * slots * replicas).fill(0xffffffff);
  for (const { step, post, pre, replica = 0 } of synapses)
    if (step >= done && step < done + count)
      choices.set([post, pre], 2 * (replica * slots + ((first + step - done) % slots)));
  tensors.choices.write(choices);
}
