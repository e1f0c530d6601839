import { ShapeError, ValueError } from "../errors.ts";
import { checkLength } from "./recording.ts";

/** A network that was fitted to a recording of K units: N ≥ K units of which K stand for the recorded ones. */
export interface LearnedNetwork {
  /** N */
  readonly units: number;
  /** [N, N] (post, pre) */
  readonly weights: ArrayLike<number>;
  /** [N, D]: what each unit receives of each velocity component. */
  readonly inputWeights?: ArrayLike<number> | undefined;
  /** [D, N, N] (post, pre) of a multiplicative network, whose weights are W + Σ_d v_d V_d (Zhang 1996). */
  readonly velocityWeights?: ArrayLike<number> | undefined;
  /** [N] */
  readonly bias?: ArrayLike<number> | undefined;
  readonly activation?: string | undefined;
  readonly alpha?: number | ArrayLike<number> | undefined;
  /** K for units 0 … K-1, or the unit of each recorded one. */
  readonly observed: number | ArrayLike<number>;
}

/** The connectivity that made a recording of K units. */
export interface TrueConnectivity {
  /** [K, K] (post, pre) */
  readonly weights: ArrayLike<number>;
  /** [D, K, K]: the shift kernels, what velocity component d adds to the weights. */
  readonly velocityWeights?: ArrayLike<number> | undefined;
}

/** Which units are which. */
export interface LearnedUnits {
  /** [K] */
  readonly observed: Uint32Array;
  /** [N - K], ascending. */
  readonly hidden: Uint32Array;
  /** Velocity components D; 0 where the network has neither input nor velocity weights. */
  readonly dimensions: number;
}

/** The units a network of `units` units shows. @throws ValueError for an index twice or outside, ShapeError for none. */
export function observedUnits(label: string, units: number, observed: number | ArrayLike<number>): Uint32Array {
  if (!Number.isInteger(units) || units < 1)
    throw new ValueError(`${label}: units: expected a positive integer, got ${units}.`);
  const list = typeof observed === "number" ? Array.from({ length: observed }, (_, unit) => unit) : observed;
  if (list.length < 1 || list.length > units)
    throw new ShapeError(`${label}: observed: expected 1 to ${units} units, got ${list.length}.`);
  const seen = new Set<number>();
  for (let index = 0; index < list.length; index += 1) {
    const unit = list[index] as number;
    if (!Number.isInteger(unit) || unit < 0 || unit >= units || seen.has(unit))
      throw new ValueError(
        `${label}: observed[${index}]: expected a unit of 0 to ${units - 1} that is not yet in the list, got ${unit}.`,
      );
    seen.add(unit);
  }
  return Uint32Array.from(list);
}

/** Units 0 … units-1 that are not in the list, ascending. */
export function otherUnits(units: number, list: ArrayLike<number>): Uint32Array {
  const known = new Set(Array.from(list));
  return Uint32Array.from(Array.from({ length: units }, (_, unit) => unit).filter((unit) => !known.has(unit)));
}

/** Checks a learned network. @throws ShapeError, ValueError naming the array. */
export function checkLearned(label: string, learned: LearnedNetwork): LearnedUnits {
  const { units, weights, inputWeights, velocityWeights, bias } = learned;
  const observed = observedUnits(label, units, learned.observed);
  checkLength(`${label}: weights`, weights, `[${units}, ${units}] (post, pre)`, units ** 2);
  if (bias !== undefined) checkLength(`${label}: bias`, bias, `[${units}]`, units);
  const ofInput = componentsOf(`${label}: inputWeights`, inputWeights, units, `[${units}, D] (unit, component)`);
  const ofVelocity = componentsOf(
    `${label}: velocityWeights`,
    velocityWeights,
    units ** 2,
    `[D, ${units}, ${units}] (component, post, pre)`,
  );
  if (ofInput > 0 && ofVelocity > 0 && ofInput !== ofVelocity)
    throw new ShapeError(
      `${label}: inputWeights are of ${ofInput} velocity components, velocityWeights of ${ofVelocity}; expected as many.`,
    );
  return { observed, hidden: otherUnits(units, observed), dimensions: Math.max(ofInput, ofVelocity) };
}

/** Checks the true connectivity of K units. @returns its number of velocity components, 0 without shift kernels. */
export function checkTruth(label: string, { weights, velocityWeights }: TrueConnectivity, units: number): number {
  checkLength(`${label}: weights`, weights, `[${units}, ${units}] (post, pre)`, units ** 2);
  return componentsOf(
    `${label}: velocityWeights`,
    velocityWeights,
    units ** 2,
    `[D, ${units}, ${units}] (component, post, pre)`,
  );
}

function componentsOf(label: string, values: ArrayLike<number> | undefined, each: number, shape: string): number {
  if (values === undefined) return 0;
  const components = values.length / each;
  if (!Number.isInteger(components) || components < 1)
    throw new ShapeError(`${label}: expected ${shape}, got ${values.length} values.`);
  checkLength(label, values, shape, values.length);
  return components;
}

/** Part [rows, columns] of a matrix [units, units]; `component` of several that follow each other. */
export function blockOf(
  matrix: ArrayLike<number>,
  units: number,
  rows: ArrayLike<number>,
  columns: ArrayLike<number>,
  component = 0,
): Float64Array {
  const block = new Float64Array(rows.length * columns.length);
  for (let row = 0, at = 0; row < rows.length; row += 1)
    for (let column = 0; column < columns.length; column += 1, at += 1)
      block[at] = matrix[(component * units + (rows[row] as number)) * units + (columns[column] as number)] as number;
  return block;
}
