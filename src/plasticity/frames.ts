import type { TensorRange } from "../gpu/readback.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { SornLayout } from "../ops/sorn/layout.ts";
import type { SornTensors } from "../ops/sorn/plan.ts";
import type { FrameStore, RecordPlan, SornRecordName } from "./record.ts";

/** A few steps of the ring as they came back: `at` is where a step of a replica begins in `words`. */
interface RingPart {
  readonly words: Uint32Array;
  at(replica: number, step: number): number;
}

/** The ranges of a ring tensor [R, slots, width] that hold `count` slots from `first` on, and how to read them. */
export function ringRanges(
  { replicas, slots }: SornLayout,
  tensor: Tensor,
  width: number,
  first: number,
  count: number,
): { readonly ranges: readonly TensorRange[]; readonly read: (parts: readonly Float32Array[]) => RingPart } {
  const wraps = first + count > slots;
  if (replicas > 1 || wraps) {
    return {
      ranges: [{ tensor }],
      read: ([part]) => ({
        words: wordsOf(part as Float32Array),
        at: (replica, step) => (replica * slots + ((first + step) % slots)) * width,
      }),
    };
  }
  return {
    ranges: [{ tensor, offset: first * width, count: count * width }],
    read: ([part]) => ({ words: wordsOf(part as Float32Array), at: (_replica, step) => step * width }),
  };
}

function wordsOf(values: Float32Array): Uint32Array {
  return new Uint32Array(values.buffer, values.byteOffset, values.length);
}

/** Adds the spikes of one step to a store. */
export function addSpikes(
  store: FrameStore,
  layout: SornLayout,
  part: RingPart,
  step: number,
  stepNumber: number,
): void {
  const { wordsE, wordsI } = layout;
  const first: Partial<Record<SornRecordName, number>> = {
    ExcitatoryActivation: 0,
    InhibitoryActivation: wordsE,
    RecurrentActivation: wordsE + wordsI,
  };
  const from = first[store.plan.name] ?? 0;
  const units = store.plan.units ?? new Uint32Array();
  store.add(stepNumber, (replica, target, at) => {
    const base = part.at(replica, step) + from;
    for (let index = 0; index < units.length; index += 1) {
      const unit = units[index] ?? 0;
      target[at + index] = ((part.words[base + (unit >>> 5)] ?? 0) >>> (unit & 31)) & 1;
    }
  });
}

/** Numbers of a step as shaders/sorn_measure.wgsl writes them, each made into what is reported. */
const reductions: Readonly<
  Partial<Record<SornRecordName, (words: Uint32Array, floats: Float32Array, at: number, layout: SornLayout) => number>>
> = {
  excitatoryRate: (words, _floats, at, { excitatory }) => (words[at] ?? 0) / excitatory,
  inhibitoryRate: (words, _floats, at, { inhibitory }) => (words[at + 1] ?? 0) / inhibitory,
  recurrentRate: (words, _floats, at, { excitatory }) => (words[at + 2] ?? 0) / excitatory,
  EEConnectionCounts: (words, _floats, at) => words[at + 3] ?? 0,
  EIConnectionCounts: (words, _floats, at) => words[at + 4] ?? 0,
  connectionFraction: (words, _floats, at, { excitatory }) =>
    (words[at + 3] ?? 0) / Math.max(1, excitatory * (excitatory - 1)),
  refusedSynapses: (words, _floats, at) => words[at + 5] ?? 0,
  meanWeightEE: (words, floats, at) => (floats[at + 6] ?? 0) / Math.max(1, words[at + 3] ?? 0),
  meanWeightEI: (words, floats, at) => (floats[at + 7] ?? 0) / Math.max(1, words[at + 4] ?? 0),
  meanThreshold: (_words, floats, at, { excitatory }) => (floats[at + 8] ?? 0) / excitatory,
};

/** Adds the reductions of one step to a store. @param constants number of I-E synapses of each replica. */
export function addSeries(
  store: FrameStore,
  layout: SornLayout,
  part: RingPart,
  step: number,
  stepNumber: number,
  constants: readonly number[],
): void {
  const floats = new Float32Array(part.words.buffer, part.words.byteOffset, part.words.length);
  const reduce = reductions[store.plan.name];
  store.add(stepNumber, (replica, target, at) => {
    target[at] =
      reduce === undefined ? (constants[replica] ?? 0) : reduce(part.words, floats, part.at(replica, step), layout);
  });
}

/** What of the GPU's tensors a record of weights or thresholds needs: the rows from its first unit to its last. */
export function matrixRanges(plan: RecordPlan, layout: SornLayout, tensors: SornTensors): readonly TensorRange[] {
  const { first, count } = rowsOf(plan);
  const replicas = Array.from({ length: layout.replicas }, (_, replica) => replica);
  if (plan.kind === "thresholds") {
    const all = layout.excitatory + layout.inhibitory;
    const offset = plan.name === "TI" ? layout.excitatory : 0;
    return replicas.map((replica) => ({
      tensor: tensors.units,
      offset: 2 * (replica * all + offset + first),
      count: 2 * count,
    }));
  }
  const place = placeOf(plan.name, layout);
  return replicas.flatMap((replica) => [
    {
      tensor: tensors.weights,
      offset: replica * layout.weights + place.weightsAt + first * place.stride,
      count: count * place.stride,
    },
    ...(place.lists
      ? [
          {
            tensor: tensors.sources,
            offset: replica * layout.sources + place.sourcesAt + first * place.width,
            count: count * place.width,
          },
        ]
      : []),
  ]);
}

/** Adds the weights or thresholds that {@link matrixRanges} brought to a store. */
export function addMatrix(
  store: FrameStore,
  layout: SornLayout,
  parts: readonly Float32Array[],
  stepNumber: number,
): void {
  const { plan } = store;
  const { first } = rowsOf(plan);
  const units = plan.units ?? new Uint32Array();
  if (plan.kind === "thresholds") {
    store.add(stepNumber, (replica, target, at) => {
      const values = parts[replica] as Float32Array;
      for (let index = 0; index < units.length; index += 1)
        target[at + index] = values[2 * ((units[index] ?? 0) - first)] ?? 0;
    });
    return;
  }
  const { width, stride, lists } = placeOf(plan.name, layout);
  const columns = plan.frame[1] ?? 0;
  store.add(stepNumber, (replica, target, at) => {
    const weights = parts[lists ? 2 * replica : replica] as Float32Array;
    const sources = lists ? wordsOf(parts[2 * replica + 1] as Float32Array) : undefined;
    target.fill(0, at, at + plan.frameSize);
    for (let index = 0; index < units.length; index += 1) {
      const row = (units[index] ?? 0) - first;
      for (let slot = 0; slot < width; slot += 1) {
        const weight = weights[row * stride + slot] ?? 0;
        if (weight !== 0) target[at + index * columns + (sources?.[row * width + slot] ?? slot)] = weight;
      }
    }
  });
}

function rowsOf({ units = new Uint32Array() }: RecordPlan): { first: number; count: number } {
  let [first, last] = [Number.POSITIVE_INFINITY, 0];
  for (const unit of units) {
    first = Math.min(first, unit);
    last = Math.max(last, unit);
  }
  return { first, count: last - first + 1 };
}

function placeOf(name: SornRecordName, layout: SornLayout): SornLayout["places"]["EE"] {
  return layout.places[name === "WEE" ? "EE" : name === "WEI" ? "EI" : "IE"];
}
