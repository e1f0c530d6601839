import type { Model } from "../network/model.ts";

/** Units from `first` to one before `end`; empty where the two are equal. */
export interface UnitSpan {
  readonly first: number;
  readonly end: number;
}

/** One layer: its units, and the spans of units that hold all its synapses. */
export interface LayerSpan extends UnitSpan {
  /** Presynaptic units of earlier layers, which act within the time step. */
  readonly sourcesWithin: UnitSpan;
  /** Presynaptic units of this layer and of later ones, which act one step later. */
  readonly sourcesBefore: UnitSpan;
  /** Postsynaptic units of this layer and of earlier ones. */
  readonly targetsAfter: UnitSpan;
  /** Postsynaptic units of later layers. */
  readonly targetsWithin: UnitSpan;
}

/** vec4f of one layer in the table of shaders/lib/layer.wgsl. */
export const layerRows = 3;

const nothing: UnitSpan = { first: 0, end: 0 };

/**
 * The layers of a network, with spans that hold every synapse that may exist in any of its replicas, so that the products
 * over units leave out what no mask lets through.
 */
export function layerSpans(models: readonly Model[]): readonly LayerSpan[] {
  const [first] = models;
  if (first === undefined) return [];
  const { hidden, layers } = first.spec;
  if (layers === undefined || layers.length === 1) return [oneLayer(hidden)];
  const masks = models.map(({ masks: { weightHH } }) => weightHH);
  const connects = (post: UnitSpan, pre: UnitSpan): boolean =>
    masks.some((mask) => {
      if (mask === undefined) return true;
      for (let row = post.first; row < post.end; row += 1)
        for (let column = pre.first; column < pre.end; column += 1) if (mask[row * hidden + column] !== 0) return true;
      return false;
    });
  const places = layers.map(({ from, to }) => ({ first: from, end: to }));
  const hull = (chosen: readonly UnitSpan[]): UnitSpan =>
    chosen.length === 0
      ? nothing
      : { first: Math.min(...chosen.map((span) => span.first)), end: Math.max(...chosen.map((span) => span.end)) };
  return places.map((own, index) => {
    const sources = places.map((other) => connects(own, other));
    const targets = places.map((other) => connects(other, own));
    const among = (list: readonly boolean[], wanted: (layer: number) => boolean): UnitSpan =>
      hull(places.filter((_, layer) => list[layer] === true && wanted(layer)));
    return {
      ...own,
      sourcesWithin: among(sources, (layer) => layer < index),
      sourcesBefore: among(sources, (layer) => layer >= index),
      targetsAfter: among(targets, (layer) => layer <= index),
      targetsWithin: among(targets, (layer) => layer > index),
    };
  });
}

/** All units at once. */
export function oneLayer(hidden: number): LayerSpan {
  const all = { first: 0, end: hidden };
  return { ...all, sourcesWithin: nothing, sourcesBefore: all, targetsAfter: all, targetsWithin: nothing };
}

/** The overrides of shaders/lib/layer.wgsl. */
export function layerOverrides(layers: readonly LayerSpan[]): { LAYERS: number; LAYER_STRIDE: number } {
  const reachesBack = layers.some(({ end, sourcesBefore }) => sourcesBefore.end > end);
  return { LAYERS: layers.length, LAYER_STRIDE: reachesBack ? layers.length : 1 };
}

/** The table of layers as the kernels read it, [layers, 3, 4]. */
export function layerTable(layers: readonly LayerSpan[]): Float32Array {
  return Float32Array.from(
    layers.flatMap(({ first, end, sourcesWithin, sourcesBefore, targetsAfter, targetsWithin }) => [
      ...[first, end, sourcesWithin.first, sourcesWithin.end],
      ...[sourcesBefore.first, sourcesBefore.end, targetsAfter.first, targetsAfter.end],
      ...[targetsWithin.first, targetsWithin.end, 0, 0],
    ]),
  );
}

/** Columns of vec4f from the first to the last unit of a span. */
export function spanColumns({ first, end }: UnitSpan): number {
  return Math.ceil(end / 4) - Math.floor(first / 4);
}
