import { ShapeError } from "../errors.ts";
import { drawState } from "./connect.ts";
import type { SornParameters } from "./parameters.ts";
import { checkState, matrixOf, type SornState, synapsesOf } from "./state.ts";

/** A column as the Python package sorn keeps it: numbers, or rows of which the last number is the present one. */
export type PackageColumn = readonly number[] | readonly (readonly number[])[];

/** The state that the Python package sorn 0.7 returns and takes. Its matrices are [pre][post]. */
export interface PackageState {
  readonly Wee: readonly (readonly number[])[];
  readonly Wei: readonly (readonly number[])[];
  readonly Wie: readonly (readonly number[])[];
  readonly Te: PackageColumn;
  readonly Ti: PackageColumn;
  readonly X: PackageColumn;
  readonly Y: PackageColumn;
}

function column(values: PackageColumn): number[] {
  return values.map((value) => (typeof value === "number" ? value : (value.at(-1) ?? Number.NaN)));
}

function transposed(label: string, matrix: readonly (readonly number[])[], pre: number, post: number): Float32Array {
  if (matrix.length !== pre || matrix.some((row) => row.length !== post))
    throw new ShapeError(
      `${label}: expected [${pre}][${post}] (pre, post), got [${matrix.length}][${matrix[0]?.length ?? 0}].`,
    );
  const flat = new Float32Array(pre * post);
  for (const [from, row] of matrix.entries()) for (const [to, weight] of row.entries()) flat[to * pre + from] = weight;
  return flat;
}

/**
 * The package's state as ours: input connections and target rates are those of the parameters.
 * @throws ShapeError, ValueError naming the array.
 */
export function sornStateFromPackage(state: PackageState, parameters: SornParameters): SornState {
  const { excitatory: e, inhibitory: i } = parameters;
  const drawn = drawState(parameters);
  const ours: SornState = {
    x: Uint8Array.from(column(state.X)),
    y: Uint8Array.from(column(state.Y)),
    thresholdE: Float32Array.from(column(state.Te)),
    thresholdI: Float32Array.from(column(state.Ti)),
    target: drawn.target,
    synapses: {
      EE: synapsesOf(transposed("Wee", state.Wee, e, e), e, e),
      EI: synapsesOf(transposed("Wei", state.Wei, i, e), e, i),
      IE: synapsesOf(transposed("Wie", state.Wie, e, i), i, e),
      EU: drawn.synapses.EU,
    },
  };
  checkState(ours, parameters, "sorn state");
  return ours;
}

/** Our state as the package's, which does without the spikes of the step before: they take no part in what follows. */
export function sornStateToPackage(state: SornState): PackageState {
  const { x, y, thresholdE, thresholdI, synapses } = state;
  const back = (matrix: Float32Array, post: number, pre: number): number[][] =>
    Array.from({ length: pre }, (_, from) => Array.from({ length: post }, (_, to) => matrix[to * pre + from] ?? 0));
  const [e, i] = [x.length, y.length];
  return {
    Wee: back(matrixOf(synapses.EE, e), e, e),
    Wei: back(matrixOf(synapses.EI, i), e, i),
    Wie: back(matrixOf(synapses.IE, e), i, e),
    Te: [...thresholdE].map((value) => [value]),
    Ti: [...thresholdI].map((value) => [value]),
    X: [...x].map((value) => [0, value]),
    Y: [...y].map((value) => [0, value]),
  };
}
