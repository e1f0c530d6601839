import { sizeOf } from "../gpu/tensor.ts";
import type { Cell } from "../io/model-schema.ts";
import { gateCount } from "../network/cells.ts";
import { type ParameterName, parameterNames, parameterShape } from "../network/model.ts";
import { layerRows } from "./layers.ts";

/** What a plan is compiled for. */
export interface Sizes {
  /** What the hidden units are; absent = a CTRNN. */
  readonly cell?: Cell | undefined;
  /** Independent networks trained side by side, R. */
  readonly replicas: number;
  /** Time steps, T. */
  readonly steps: number;
  /** Trials, B. */
  readonly batch: number;
  /** Input channels, I. */
  readonly inputs: number;
  /** Hidden units, H. */
  readonly hidden: number;
  /** Output channels, O. */
  readonly outputs: number;
  /** Ranges of units that are updated one after the other; absent = one. */
  readonly layers?: readonly unknown[] | undefined;
  /** Given where synapses change from step to step. */
  readonly shortTermPlasticity?: object | undefined;
  /** vec4f of the lists of synapses in the packed weights of one replica (sparse-lists.ts); absent = 0, dense products. */
  readonly lists4?: number | undefined;
}

/** The sizes with all that follows from them; the fields of `Shape` in shaders/lib/shape.wgsl. */
export interface Layout extends Sizes {
  readonly lists4: number;
  /** Blocks of hidden rows, G: 1 of a CTRNN, 3 of a GRU, 4 of an LSTM. */
  readonly gates: number;
  /** vec4f in a row of inputs, one more column (always 1) than inputs. */
  readonly input4: number;
  readonly hidden4: number;
  readonly output4: number;
  /** Floats in the flat parameter vector of one replica, P. */
  readonly parameters: number;
  /** vec4f in the packed weights of one replica. */
  readonly packed4: number;
  /** Slices of time × batch over which the weight gradients are summed apart. */
  readonly splits: number;
}

const rowsPerSplit = 512;
const mostSplits = 16;
const mostPartialBytes = 64 * 2 ** 20;

/** Number of vec4f that hold `width` floats. */
export function vectors(width: number): number {
  return Math.ceil(width / 4);
}

/** Where each tensor starts in the flat parameter vector, in floats; the twin of the offsets in shaders/lib/shape.wgsl. */
export function parameterOffsets(
  sizes: Pick<Sizes, "cell" | "inputs" | "hidden" | "outputs">,
): Readonly<Record<ParameterName, number>> & { readonly end: number } {
  let end = 0;
  const entries = parameterNames.map((name) => {
    const start = end;
    end += sizeOf(parameterShape(sizes, name));
    return [name, start] as const;
  });
  return { ...(Object.fromEntries(entries) as Record<ParameterName, number>), end };
}

/** How many tensors the kernels walk through: up to the last one that the cell has. */
export function tensorCount(sizes: Pick<Sizes, "cell" | "inputs" | "hidden" | "outputs">): number {
  return parameterNames.findLastIndex((name) => sizeOf(parameterShape(sizes, name)) > 0) + 1;
}

/**
 * Blocks of unit properties behind the packed weights: gain, threshold, noise before, noise after, activation; release,
 * recovery, facilitation and seconds of short-term plasticity.
 */
export const unitProperties = 9;

/** Where the unit properties start in one replica's packed weights, in vec4f; `packed_units` of shaders/lib/shape.wgsl. */
export function packedUnits(sizes: Pick<Layout, "gates" | "input4" | "hidden4" | "output4">): number {
  const { gates, input4, hidden4, output4 } = sizes;
  return 4 * hidden4 * (gates * input4 + 2 * gates * hidden4 + 2 * output4) + output4 + 4 * hidden4;
}

/** Works out the layout. The number of slices depends on the shape alone, so that replicas never change a result. */
export function layoutOf(sizes: Sizes): Layout {
  const gates = gateCount(sizes.cell ?? "ctrnn");
  const input4 = vectors(sizes.inputs + 1);
  const hidden4 = vectors(sizes.hidden);
  const output4 = vectors(sizes.outputs);
  const parameters = parameterOffsets(sizes).end;
  const table = layerRows * (sizes.layers?.length ?? 1);
  const { lists4 = 0 } = sizes;
  const packed4 = packedUnits({ gates, input4, hidden4, output4 }) + unitProperties * hidden4 + table + lists4;
  const wanted = Math.ceil((sizes.steps * sizes.batch) / rowsPerSplit);
  const affordable = Math.floor(mostPartialBytes / (4 * parameters));
  const splits = Math.max(1, Math.min(wanted, mostSplits, affordable));
  const { cell, replicas, steps, batch, inputs, hidden, outputs, layers, shortTermPlasticity } = sizes;
  const given = { cell, replicas, steps, batch, inputs, hidden, outputs, layers, shortTermPlasticity, lists4 };
  return { ...given, gates, input4, hidden4, output4, parameters, packed4, splits };
}

/**
 * Copies rows of `width` floats into rows padded to whole vec4f.
 * @param last value of the first padding column (the column of ones of the inputs), if any.
 */
export function padRows(
  source: Float32Array,
  width: number,
  target: Float32Array,
  paddedWidth: number,
  last?: number,
): void {
  const rows = source.length / width;
  if (paddedWidth === width) {
    target.set(source);
    return;
  }
  for (let row = 0, from = 0, to = 0; row < rows; row += 1, from += width, to += paddedWidth) {
    for (let column = 0; column < width; column += 1) target[to + column] = source[from + column] as number;
    if (last !== undefined) target[to + width] = last;
  }
}

/** The inverse of {@link padRows}. */
export function stripRows(source: Float32Array, width: number, paddedWidth: number): Float32Array {
  if (paddedWidth === width) return source;
  const rows = source.length / paddedWidth;
  const target = new Float32Array(rows * width);
  for (let row = 0, from = 0, to = 0; row < rows; row += 1, from += paddedWidth, to += width) {
    for (let column = 0; column < width; column += 1) target[to + column] = source[from + column] as number;
  }
  return target;
}
