import { LimitError } from "../errors.ts";
import type { LayerSpan } from "./layers.ts";
import { parameterOffsets, type Sizes, vectors } from "./layout.ts";

/** The recurrent synapses that the masks of all replicas let exist, as the kernels read them. */
export interface SparseLists {
  /** vec4f behind the table of layers in one replica's packed weights. */
  readonly packed4: number;
  /** What they hold before the weights are packed, one array a replica, [packed4, 4]: shaders/lib/sparse_lists.wgsl. */
  readonly packed: readonly Float32Array[];
  /** Where each entry's weight lies in the flat parameters, [R, entries]: shaders/sparse_pack.wgsl. */
  readonly places: Uint32Array;
  readonly entries: number;
  /** Up to four pairs of one unit's incoming list each, [R, chunks, 4]: shaders/sparse_weight_gradient.wgsl. */
  readonly chunks: Uint32Array;
  readonly chunkCount: number;
}

/** A synapse: the unit on its other side, and where its weight lies in the flat parameters. */
interface Entry {
  readonly unit: number;
  readonly place: number;
}

/** A unit's synapses that act one step later, and those that act within the time step. */
type List = readonly [later: readonly Entry[], within: readonly Entry[]];

const nowhere = 0xffffffff;
const outgoingBit = 0x80000000;
const pairsPerChunk = 4;
/** The largest number up to which float32 holds all integers. */
const mostPairs = 2 ** 24;

/** The lists of one replica, incoming or outgoing. @param mask [H, H]; absent = every synapse. */
function listsOf(
  mask: Float32Array | undefined,
  hidden: number,
  layerOf: readonly number[],
  start: number,
  direction: "incoming" | "outgoing",
): List[] {
  const lists = Array.from({ length: hidden }, (): [Entry[], Entry[]] => [[], []]);
  for (let post = 0; post < hidden; post += 1) {
    for (let pre = 0; pre < hidden; pre += 1) {
      const index = post * hidden + pre;
      if (mask !== undefined && mask[index] === 0) continue;
      const part = (layerOf[pre] ?? 0) < (layerOf[post] ?? 0) ? 1 : 0;
      const [own, other] = direction === "incoming" ? [post, pre] : [pre, post];
      lists[own]?.[part].push({ unit: other, place: start + index });
    }
  }
  return lists;
}

function pairsOf(list: readonly Entry[]): number {
  return Math.ceil(list.length / 2);
}

function allPairs(lists: readonly List[]): number {
  return lists.reduce((sum, [later, within]) => sum + pairsOf(later) + pairsOf(within), 0);
}

/** Writes the lists of one direction from pair `first` on, and their bounds; calls back for every part of a list. */
function writeLists(
  lists: readonly List[],
  first: number,
  bounds: Float32Array,
  pairs: Float32Array,
  places: Uint32Array,
  flag: number,
  each: (unit: number, part: number, first: number, count: number) => void,
): void {
  const width = bounds.length / 3;
  let at = first;
  // Padding units have empty lists.
  for (let unit = 0; unit < width; unit += 1) {
    for (const part of [0, 1] as const) {
      const list = lists[unit]?.[part] ?? [];
      bounds[part * width + unit] = at;
      const count = pairsOf(list);
      for (let entry = 0; entry < 2 * count; entry += 1) {
        const { unit: other = 0, place = 0 } = list[Math.min(entry, list.length - 1)] ?? {};
        const item = 2 * at + entry;
        pairs[2 * item] = other;
        places[item] = entry < list.length ? (place | flag) >>> 0 : nowhere;
      }
      if (count > 0) each(unit, part, at, count);
      at += count;
    }
    bounds[2 * width + unit] = at;
  }
}

/**
 * Makes the lists from the masks [H, H] of all replicas; those of a replica with fewer synapses are padded at the end.
 * @throws LimitError for more synapses than float32 can number.
 */
export function sparseLists(
  masks: readonly (Float32Array | undefined)[],
  sizes: Pick<Sizes, "cell" | "inputs" | "hidden" | "outputs">,
  layers: readonly LayerSpan[],
): SparseLists {
  const { hidden } = sizes;
  const width = 4 * vectors(hidden);
  const start = parameterOffsets(sizes).weightHH;
  const layerOf = Array.from({ length: hidden }, (_, unit) => layers.findIndex(({ end }) => unit < end));
  // Replicas with the same mask share their lists.
  const known = new Map<Float32Array | undefined, { incoming: List[]; outgoing: List[] }>();
  const all = masks.map((mask) => {
    const lists = known.get(mask) ?? {
      incoming: listsOf(mask, hidden, layerOf, start, "incoming"),
      outgoing: listsOf(mask, hidden, layerOf, start, "outgoing"),
    };
    known.set(mask, lists);
    return lists;
  });
  const incoming = Math.max(1, ...all.map((lists) => allPairs(lists.incoming)));
  const pairs = incoming + Math.max(1, ...all.map((lists) => allPairs(lists.outgoing)));
  if (pairs > mostPairs) {
    throw new LimitError(
      `The recurrent synapses make ${pairs} pairs; sparse products take at most ${mostPairs}. Use products: "dense".`,
    );
  }
  const entries = 2 * pairs;
  const places = new Uint32Array(masks.length * entries).fill(nowhere);
  const chunks: number[][] = [];
  const packed = all.map((lists, replica) => {
    const own = new Float32Array(6 * width + 4 * pairs);
    const bounds = (direction: number): Float32Array => own.subarray(3 * direction * width, 3 * (direction + 1) * width);
    const rest = own.subarray(6 * width);
    const place = places.subarray(replica * entries, (replica + 1) * entries);
    const chunk: number[] = [];
    writeLists(lists.incoming, 0, bounds(0), rest, place, 0, (unit, part, first, count) => {
      for (let done = 0; done < count; done += pairsPerChunk)
        chunk.push(unit, first + done, Math.min(pairsPerChunk, count - done), part);
    });
    writeLists(lists.outgoing, incoming, bounds(1), rest, place, outgoingBit, () => {});
    chunks.push(chunk);
    return own;
  });
  const chunkCount = Math.max(1, ...chunks.map((chunk) => chunk.length / 4));
  const flat = new Uint32Array(masks.length * chunkCount * 4);
  for (const [replica, chunk] of chunks.entries()) flat.set(chunk, replica * chunkCount * 4);
  return { packed4: (6 * width) / 4 + pairs, packed, places, entries, chunks: flat, chunkCount };
}
