import { LimitError } from "../errors.ts";
import {
  type ProjectionName,
  type ProjectionPlace,
  type ProjectionStorage,
  projectionNames,
  type SornLayout,
} from "../ops/sorn/layout.ts";
import type { SornParameters } from "./parameters.ts";
import { largestInDegree, projectionSizes, type SornState, type SornSynapses } from "./state.ts";

const mostDenseUnits = 1000;
/** A sum of weights is exact for as many terms: shaders/lib/exact_sum.wgsl. */
const mostSlots = 65535;
/** Free slots at the start, so that structural plasticity has somewhere to grow. */
const growth = 1.25;

/**
 * Which projections are kept as lists, and how wide: chosen from the parameters and from what all replicas hold.
 * @throws LimitError where a unit has more synapses than slots were asked for, or than can be summed.
 */
export function chooseStorage(
  parameters: SornParameters,
  states: readonly SornState[],
): Record<ProjectionName, ProjectionStorage> {
  const { storage, slots, excitatory, sp } = parameters;
  const sizes = projectionSizes(parameters);
  const asLists = storage === "lists" || (storage === "auto" && excitatory > mostDenseUnits);
  return Object.fromEntries(
    projectionNames.map((name): [ProjectionName, ProjectionStorage] => {
      const [, sources] = sizes[name];
      const degree = Math.max(...states.map(({ synapses }) => largestInDegree(synapses[name])));
      const roomy = name === "EE" && sp !== false ? Math.ceil(growth * degree) + 1 : degree;
      const width = Math.min(sources, name === "EE" ? (slots ?? roomy) : degree);
      if (name === "EE" && asLists && degree > width)
        throw new LimitError(
          `sorn: a unit has ${degree} excitatory synapses, and slots is ${width}. Give at least ${degree} slots, or fewer synapses.`,
        );
      // Inputs are never many to a unit, and are lists unless they are dense.
      const dense = name === "EU" ? degree === sources : !asLists || width >= sources;
      const chosen = dense ? sources : width;
      if (chosen > mostSlots)
        throw new LimitError(
          `sorn: ${name} has ${chosen} slots for each unit; at most ${mostSlots} can be summed. Use storage "lists" and a sparse projection.`,
        );
      return [name, { width: chosen, lists: !dense }];
    }),
  ) as Record<ProjectionName, ProjectionStorage>;
}

/** The weights and sources of one replica as they lie on the GPU, and number and sum of weights of each row. */
export interface PackedSynapses {
  readonly weights: Float32Array;
  readonly sources: Uint32Array;
  /** [E, 2, 4]: of EE and of EI, the exact sum of weights in two parts and the number of synapses. */
  readonly rows: Uint32Array;
}

/** @throws LimitError naming the unit that has more synapses than slots. */
export function packSynapses(layout: SornLayout, state: SornState): PackedSynapses {
  const weights = new Float32Array(layout.weights);
  const sources = new Uint32Array(layout.sources);
  const rows = new Uint32Array(8 * layout.excitatory);
  for (const name of projectionNames) {
    const place = layout.places[name];
    const synapses = state.synapses[name];
    for (let row = 0; row < place.rows; row += 1) {
      const [from, to] = [synapses.starts[row] ?? 0, synapses.starts[row + 1] ?? 0];
      if (place.lists && to - from > place.width)
        throw new LimitError(
          `${name}: unit ${row} has ${to - from} synapses, and this network's lists hold ${place.width}. Make it with more slots.`,
        );
      let [upper, lower] = [0, 0];
      for (let at = from; at < to; at += 1) {
        const [source, weight] = [synapses.sources[at] ?? 0, synapses.weights[at] ?? 0];
        const slot = place.lists ? at - from : source;
        weights[place.weightsAt + row * place.stride + slot] = weight;
        if (place.lists) sources[place.sourcesAt + row * place.width + slot] = source;
        const parts = Math.floor(weight * 2 ** 31);
        upper += parts >>> 16;
        lower += parts & 0xffff;
      }
      if (name === "EE" || name === "EI") rows.set([upper, lower, to - from], 8 * row + (name === "EE" ? 0 : 4));
    }
  }
  return { weights, sources, rows };
}

/** The inverse of {@link packSynapses} for one projection. */
export function unpackSynapses(place: ProjectionPlace, weights: Float32Array, sources: Uint32Array): SornSynapses {
  const starts = new Uint32Array(place.rows + 1);
  const end = place.weightsAt + place.rows * place.stride;
  let total = 0;
  for (let at = place.weightsAt; at < end; at += 1) if (weights[at] !== 0) total += 1;
  const found = { sources: new Uint32Array(total), weights: new Float32Array(total) };
  let next = 0;
  for (let row = 0; row < place.rows; row += 1) {
    const first = next;
    let rising = true;
    for (let slot = 0; slot < place.width; slot += 1) {
      const weight = weights[place.weightsAt + row * place.stride + slot] ?? 0;
      if (weight === 0) continue;
      const source = place.lists ? (sources[place.sourcesAt + row * place.width + slot] ?? 0) : slot;
      rising &&= next === first || source > (found.sources[next - 1] ?? 0);
      found.sources[next] = source;
      found.weights[next] = weight;
      next += 1;
    }
    starts[row + 1] = next;
    if (!rising) sortRow(found, first, next);
  }
  return { starts, ...found };
}

function sortRow(found: { sources: Uint32Array; weights: Float32Array }, from: number, to: number): void {
  const order = Array.from({ length: to - from }, (_, index) => from + index).sort(
    (a, b) => (found.sources[a] ?? 0) - (found.sources[b] ?? 0),
  );
  const sources = order.map((at) => found.sources[at] ?? 0);
  const weights = order.map((at) => found.weights[at] ?? 0);
  found.sources.set(sources, from);
  found.weights.set(weights, from);
}
