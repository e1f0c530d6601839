import type { Area } from "../../io/model-schema.ts";
import type { WeightName } from "../model.ts";
import type { ModelParts } from "./assemble.ts";

/** One layer of a stack: its own weights, and those from the inputs (or the layer before). */
export interface StackedLayer {
  readonly name: string;
  readonly units: number;
  /** [units, inputs of the network] in the first layer, [units, units of the layer before] in the others. */
  readonly weightIn: Float32Array;
  /** [units, units] */
  readonly weightOwn: Float32Array;
  /** [units] */
  readonly bias: Float32Array;
  /** [units, units]: 1 where a synapse within the layer may exist; absent = all 1. */
  readonly maskOwn?: Float32Array | undefined;
}

/** Readout of the last layer: weight [outputs, units of the last layer], bias [outputs]. */
export interface Readout {
  readonly outputs: number;
  readonly weight: Float32Array;
  readonly bias: Float32Array;
}

/** Copies a block [rows, columns] into a matrix of `width` columns. */
function place(
  matrix: Float32Array,
  width: number,
  block: Float32Array,
  columns: number,
  row: number,
  column: number,
): void {
  for (let index = 0; index < block.length; index += 1)
    matrix[(row + Math.floor(index / columns)) * width + column + (index % columns)] = block[index] ?? 0;
}

/**
 * Layers that feed each other within the time step as one network with `layers`: the weights of layer l onto l + 1 are a
 * block of weightHH; inputs reach the first layer only, and the last one is read out. All else is masked.
 */
export function stackLayers(inputs: number, layers: readonly StackedLayer[], readout: Readout): ModelParts {
  const ends = layers.map((_, index) => layers.slice(0, index + 1).reduce((sum, { units }) => sum + units, 0));
  const hidden = ends.at(-1) ?? 0;
  const { outputs } = readout;
  const empty = (): Record<WeightName, Float32Array> => ({
    weightIH: new Float32Array(hidden * inputs),
    weightHH: new Float32Array(hidden * hidden),
    weightHO: new Float32Array(outputs * hidden),
  });
  const weights = empty();
  const masks = empty();
  const biasH = new Float32Array(hidden);
  const areas: Area[] = [];
  for (const [index, { name, units, weightIn, weightOwn, bias, maskOwn }] of layers.entries()) {
    const from = (ends[index] ?? 0) - units;
    areas.push({ name, from, to: from + units });
    biasH.set(bias, from);
    place(weights.weightHH, hidden, weightOwn, units, from, from);
    place(masks.weightHH, hidden, maskOwn ?? weightOwn.map(() => 1), units, from, from);
    const ones = weightIn.map(() => 1);
    if (index === 0) {
      place(weights.weightIH, inputs, weightIn, inputs, 0, 0);
      place(masks.weightIH, inputs, ones, inputs, 0, 0);
      continue;
    }
    const before = layers[index - 1]?.units ?? 0;
    place(weights.weightHH, hidden, weightIn, before, from, from - before);
    place(masks.weightHH, hidden, ones, before, from, from - before);
  }
  const last = layers.at(-1)?.units ?? 0;
  place(weights.weightHO, hidden, readout.weight, last, 0, hidden - last);
  place(
    masks.weightHO,
    hidden,
    readout.weight.map(() => 1),
    last,
    0,
    hidden - last,
  );
  const isMasked = (name: WeightName): boolean => masks[name].includes(0);
  return {
    ...{ inputs, hidden, outputs },
    parameters: { ...weights, biasH, biasO: readout.bias, v0: new Float32Array(hidden) },
    masks: {
      ...(isMasked("weightIH") && { weightIH: masks.weightIH }),
      ...(isMasked("weightHH") && { weightHH: masks.weightHH }),
      ...(isMasked("weightHO") && { weightHO: masks.weightHO }),
    },
    ...(layers.length > 1 && { layers: areas }),
  };
}
