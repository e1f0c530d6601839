import { LimitError } from "../errors.ts";
import type { LayerSpan } from "./layers.ts";
import { parameterOffsets, type Sizes, vectors } from "./layout.ts";

/** The recurrent synapses that the masks of all replicas let exist, as the kernels read them. */
export interface SparseLists {
  /** vec4f behind the table of layers in one replica's packed weights. */
  readonly packed4: number;
  /** What they hold before the weights are packed, one array a replica, [packed4, 4]: shaders/lib/sparse_lists.wgsl. */
  readonly packed: readonly Float32Array[];
  /** Of each entry of the incoming lists the place of its weight and its outgoing entry, [R, entries, 2]: shaders/sparse_pack.wgsl. */
  readonly places: Uint32Array;
  readonly entries: number;
  /** Up to four pairs of one unit's incoming list each, [R, chunks, 4]: shaders/sparse_weight_gradient.wgsl. */
  readonly chunks: Uint32Array;
  readonly chunkCount: number;
}

/** A synapse: where its weight lies in the flat parameters, and which entry of the outgoing lists it is. */
interface Synapse {
  readonly post: number;
  readonly pre: number;
  readonly place: number;
  outgoing: number;
}

/** A unit's synapses that act one step later, and those that act within the time step. */
type List = readonly [later: Synapse[], within: Synapse[]];

/** Of every unit the synapses onto it and from it, the other side's units ascending. */
interface UnitLists {
  readonly incoming: readonly List[];
  readonly outgoing: readonly List[];
}

/** Some pairs of a unit's incoming list, of part 0 or 1; `pre` is the first presynaptic unit. */
interface Chunk {
  readonly post: number;
  readonly first: number;
  readonly pairs: number;
  readonly part: number;
  readonly pre: number;
}

const nowhere = 0xffffffff;
const pairsPerChunk = 4;
const unitsPerBlock = 32;
/** The largest number up to which float32 holds all integers. */
const mostPairs = 2 ** 24;

/** @param mask [H, H]; absent = every synapse. @param start where weightHH lies in the flat parameters. */
function listsOf(mask: Float32Array | undefined, hidden: number, layerOf: readonly number[], start: number): UnitLists {
  const empty = (): List[] => Array.from({ length: hidden }, () => [[], []]);
  const [incoming, outgoing] = [empty(), empty()];
  for (let post = 0; post < hidden; post += 1) {
    for (let pre = 0; pre < hidden; pre += 1) {
      const index = post * hidden + pre;
      if (mask !== undefined && mask[index] === 0) continue;
      const part = (layerOf[pre] ?? 0) < (layerOf[post] ?? 0) ? 1 : 0;
      const synapse = { post, pre, place: start + index, outgoing: nowhere };
      incoming[post]?.[part].push(synapse);
      outgoing[pre]?.[part].push(synapse);
    }
  }
  return { incoming, outgoing };
}

function pairsOf(list: readonly Synapse[]): number {
  return Math.ceil(list.length / 2);
}

function allPairs(lists: readonly List[]): number {
  return lists.reduce((sum, [later, within]) => sum + pairsOf(later) + pairsOf(within), 0);
}

/** Writes the lists of one direction from pair `first` on, and their bounds; calls back for every part of a list. */
function writeLists(
  lists: readonly List[],
  side: "pre" | "post",
  first: number,
  bounds: Float32Array,
  pairs: Float32Array,
  each: (list: readonly Synapse[], unit: number, part: number, first: number) => void,
): void {
  const width = bounds.length / 3;
  let at = first;
  // Padding units have empty lists.
  for (let unit = 0; unit < width; unit += 1) {
    for (const part of [0, 1] as const) {
      const list = lists[unit]?.[part] ?? [];
      bounds[part * width + unit] = at;
      const count = pairsOf(list);
      for (let entry = 0; entry < 2 * count; entry += 1)
        pairs[2 * (2 * at + entry)] = list[Math.min(entry, list.length - 1)]?.[side] ?? 0;
      if (count > 0) each(list, unit, part, at);
      at += count;
    }
    bounds[2 * width + unit] = at;
  }
}

/** Chunks of neighbouring presynaptic units one after the other, so that what they read stays in the cache. */
function inBlocks(chunks: readonly Chunk[]): readonly Chunk[] {
  const block = ({ pre }: Chunk): number => Math.floor(pre / unitsPerBlock);
  return [...chunks].sort((a, b) => block(a) - block(b) || a.post - b.post);
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
  const all = masks.map((mask) => listsOf(mask, hidden, layerOf, start));
  const incoming = Math.max(1, ...all.map((lists) => allPairs(lists.incoming)));
  const pairs = incoming + Math.max(1, ...all.map((lists) => allPairs(lists.outgoing)));
  if (pairs > mostPairs) {
    throw new LimitError(
      `The recurrent synapses make ${pairs} pairs; sparse products take at most ${mostPairs}. Use products: "dense".`,
    );
  }
  const entries = 2 * incoming;
  const places = new Uint32Array(masks.length * entries * 2).fill(nowhere);
  const chunks: (readonly Chunk[])[] = [];
  const packed = all.map((lists, replica) => {
    const floats = new Float32Array(6 * width + 4 * pairs);
    const bounds = (direction: number): Float32Array =>
      floats.subarray(3 * direction * width, 3 * (direction + 1) * width);
    const rest = floats.subarray(6 * width);
    writeLists(lists.outgoing, "post", incoming, bounds(1), rest, (list, _unit, _part, first) => {
      for (const [entry, synapse] of list.entries()) synapse.outgoing = 2 * first + entry;
    });
    const own: Chunk[] = [];
    writeLists(lists.incoming, "pre", 0, bounds(0), rest, (list, post, part, first) => {
      for (const [entry, { place, outgoing }] of list.entries())
        places.set([place, outgoing], 2 * (replica * entries + 2 * first + entry));
      const count = pairsOf(list);
      for (let done = 0; done < count; done += pairsPerChunk) {
        const pre = list[2 * done]?.pre ?? 0;
        own.push({ post, first: first + done, pairs: Math.min(pairsPerChunk, count - done), part, pre });
      }
    });
    chunks.push(inBlocks(own));
    return floats;
  });
  const chunkCount = Math.max(1, ...chunks.map(({ length }) => length));
  const flat = new Uint32Array(masks.length * chunkCount * 4);
  for (const [replica, own] of chunks.entries())
    for (const [index, { post, first, pairs: count, part }] of own.entries())
      flat.set([post, first, count, part], (replica * chunkCount + index) * 4);
  return { packed4: (6 * width) / 4 + pairs, packed, places, entries, chunks: flat, chunkCount };
}
