import { ShapeError, ValueError } from "../errors.ts";
import { type ProjectionName, projectionNames } from "../ops/sorn/layout.ts";
import type { SornParameters } from "./parameters.ts";

/** The synapses of one projection: those onto unit i are numbers `starts[i]` … `starts[i + 1] - 1`, by rising source. */
export interface SornSynapses {
  /** [units + 1] */
  readonly starts: Uint32Array;
  readonly sources: Uint32Array;
  /** In (0, 1]; of inputs any number but 0. */
  readonly weights: Float32Array;
}

/** All that changes in one network, and what it is made of. */
export interface SornState {
  /** Which units are active, [E] and [I], 0 or 1. */
  readonly x: Uint8Array;
  readonly y: Uint8Array;
  readonly thresholdE: Float32Array;
  readonly thresholdI: Float32Array;
  /** Target rate of intrinsic plasticity of each unit, [E]. */
  readonly target: Float32Array;
  readonly synapses: Readonly<Record<ProjectionName, SornSynapses>>;
}

/** Everything needed to go on exactly: see `Sorn.snapshot`. Plain data. */
export interface SornSnapshot {
  readonly format: "cortrain/sorn@1";
  /** Steps taken so far, which is the counter of all random numbers; with the seeds it is all their state. */
  readonly step: number;
  readonly seeds: readonly number[];
  /** Whether all sums of weights were scaled at the last step, so that silent units need none at the next. */
  readonly settled: boolean;
  /** New synapses so far that found no free slot, of each replica. */
  readonly refused: readonly number[];
  readonly replicas: readonly SornState[];
}

/** Rows and sources of every projection. */
export function projectionSizes({
  excitatory,
  inhibitory,
  inputs,
}: Pick<SornParameters, "excitatory" | "inhibitory" | "inputs">): Record<ProjectionName, readonly [number, number]> {
  return {
    EE: [excitatory, excitatory],
    EI: [excitatory, inhibitory],
    IE: [inhibitory, excitatory],
    EU: [excitatory, inputs],
  };
}

/** Synapses of a dense matrix [rows, columns], of which 0 is none. */
export function synapsesOf(matrix: ArrayLike<number>, rows: number, columns: number): SornSynapses {
  const starts = new Uint32Array(rows + 1);
  const sources: number[] = [];
  const weights: number[] = [];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const weight = matrix[row * columns + column] ?? 0;
      if (weight === 0) continue;
      sources.push(column);
      weights.push(weight);
    }
    starts[row + 1] = sources.length;
  }
  return { starts, sources: Uint32Array.from(sources), weights: Float32Array.from(weights) };
}

/** The dense matrix [rows, columns] of some synapses; with `units`, only the rows of those. */
export function matrixOf(
  { starts, sources, weights }: SornSynapses,
  columns: number,
  units: ArrayLike<number> = Array.from({ length: starts.length - 1 }, (_, row) => row),
): Float32Array {
  const matrix = new Float32Array(units.length * columns);
  for (let index = 0; index < units.length; index += 1) {
    const row = units[index] ?? 0;
    for (let at = starts[row] ?? 0; at < (starts[row + 1] ?? 0); at += 1)
      matrix[index * columns + (sources[at] ?? 0)] = weights[at] ?? 0;
  }
  return matrix;
}

/** The largest number of synapses onto one unit. */
export function largestInDegree({ starts }: SornSynapses): number {
  let largest = 0;
  for (let row = 1; row < starts.length; row += 1)
    largest = Math.max(largest, (starts[row] ?? 0) - (starts[row - 1] ?? 0));
  return largest;
}

/** @throws ShapeError, ValueError naming the array and its first wrong element. */
export function checkState(state: SornState, parameters: SornParameters, label: string): void {
  const { excitatory, inhibitory } = parameters;
  const lengths = {
    x: [state.x, excitatory],
    y: [state.y, inhibitory],
    thresholdE: [state.thresholdE, excitatory],
    thresholdI: [state.thresholdI, inhibitory],
    target: [state.target, excitatory],
  } as const;
  for (const [name, [values, length]] of Object.entries(lengths)) {
    if (values?.length !== length)
      throw new ShapeError(
        `${label}: ${name}: expected ${length} values (${length === excitatory ? "excitatory" : "inhibitory"} units), got ${values?.length ?? "none"}. Is it the state of another network?`,
      );
    const wrong = values.findIndex((value: number) => !Number.isFinite(value));
    if (wrong >= 0) throw new ValueError(`${label}: ${name}[${wrong}] is ${values[wrong]}; expected a finite number.`);
  }
  for (const name of ["x", "y"] as const) {
    const wrong = state[name].findIndex((value) => value > 1);
    if (wrong >= 0) throw new ValueError(`${label}: ${name}[${wrong}] is ${state[name][wrong]}; expected 0 or 1.`);
  }
  const sizes = projectionSizes(parameters);
  for (const name of projectionNames)
    checkSynapses(state.synapses[name], sizes[name], `${label}: ${name}`, name === "EU");
}

function checkSynapses(
  synapses: SornSynapses | undefined,
  [rows, columns]: readonly [number, number],
  label: string,
  free: boolean,
): void {
  if (synapses === undefined) throw new ShapeError(`${label}: missing; expected its synapses.`);
  const { starts, sources, weights } = synapses;
  if (starts.length !== rows + 1)
    throw new ShapeError(
      `${label}: expected starts of ${rows} units, got ${starts.length - 1}. Is it of another network?`,
    );
  if (sources.length !== weights.length || starts[rows] !== sources.length || starts[0] !== 0)
    throw new ShapeError(
      `${label}: starts end at ${starts[rows]}, with ${sources.length} sources and ${weights.length} weights; expected all to agree.`,
    );
  for (let row = 0; row < rows; row += 1) {
    const [from, to] = [starts[row] ?? 0, starts[row + 1] ?? 0];
    if (from > to) throw new ShapeError(`${label}: starts[${row + 1}] is below the one before.`);
    for (let at = from; at < to; at += 1) {
      const [source, weight] = [sources[at] ?? 0, weights[at] ?? Number.NaN];
      if (source >= columns || (at > from && source <= (sources[at - 1] ?? 0)))
        throw new ValueError(
          `${label}: unit ${row}: expected sources below ${columns} in rising order, got ${source} at synapse ${at}.`,
        );
      // The first product may exceed 1 by a rounding.
      if (!(free ? Number.isFinite(weight) && weight !== 0 : weight > 0 && weight < 1.001))
        throw new ValueError(
          `${label}: the weight from ${source} to ${row} is ${weight}; expected ${free ? "a finite number that is not 0" : "one in (0, 1]"}.`,
        );
    }
  }
}
