import type { LayerSpan } from "../ops/layers.ts";
import { type SparseLists, sparseLists } from "../ops/sparse-lists.ts";
import { isGated } from "./cells.ts";
import type { Model } from "./model.ts";

/** Which recurrent synapses the masks of a network's replicas let exist. Masks never change, so neither does this. */
export class Connections {
  /** The share of the recurrent synapses that may exist, 0…1, in the replica that has most. */
  readonly density: number;
  /** The models of the replicas, of which masks and plasticity count. */
  readonly models: readonly Model[];
  readonly #layers: readonly LayerSpan[];
  #lists: SparseLists | undefined;

  constructor(models: readonly Model[], layers: readonly LayerSpan[]) {
    this.models = models;
    this.#layers = layers;
    this.density = Math.max(...models.map(densityOf));
  }

  /** The synapses as the sparse kernels read them, made when first asked for. @throws LimitError where there are too many. */
  get lists(): SparseLists {
    const [first] = this.models;
    if (first === undefined) throw new RangeError("Connections of no model.");
    const masks = this.models.map(({ masks: { weightHH } }) => weightHH);
    this.#lists ??= sparseLists(masks, first.spec, this.#layers);
    return this.#lists;
  }
}

/** An LSTM or a GRU counts as full: its products are always dense. */
function densityOf({ spec: { cell }, masks: { weightHH } }: Model): number {
  if (weightHH === undefined || isGated(cell)) return 1;
  let count = 0;
  for (const entry of weightHH) if (entry !== 0) count += 1;
  return count / weightHH.length;
}
