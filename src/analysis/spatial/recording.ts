import { ShapeError, ValueError } from "../../errors.ts";
import { momentsOf } from "../series.ts";
import type { BinnedVariable } from "./bins.ts";
import { type RateMaps, rateMaps } from "./rate-maps.ts";

/** Activity and what the animal, or the simulated agent, did meanwhile. */
export interface SpatialRecording {
  /** T */
  readonly steps: number;
  /** B */
  readonly trials: number;
  /** N */
  readonly units: number;
  /** [T, B, N] */
  readonly rates: ArrayLike<number>;
  /** [T, B, D] */
  readonly velocities?: ArrayLike<number>;
  /** [T, B], radians, after the move of the step. */
  readonly headings?: ArrayLike<number>;
  /** [T, B, D], after the move of the step. */
  readonly positions?: ArrayLike<number>;
}

/** A variable of a recording and its bins. */
export interface TuningAxis {
  readonly of: "heading" | "velocity" | "position";
  /** Which dimension of a velocity or a position; 0 unless given. */
  readonly dimension?: number;
  /** Unless given of a heading: 0 and 2π, around a circle. */
  readonly low?: number;
  readonly high?: number;
  readonly bins: number;
  readonly periodic?: boolean;
}

/** nsi's bins of its rate maps over velocity (-5 … 5 rad/s) and heading: 4 per rad/s, 10 per rad. */
export const nsiTuningAxes: readonly TuningAxis[] = [
  { of: "velocity", low: -5, high: 5, bins: 40 },
  { of: "heading", bins: 62 },
];

/**
 * Tuning curves or rate maps of every unit of a recording, over one or two of its variables: heading × velocity shows a
 * shifter cell, the two dimensions of the position a place or grid cell.
 * @throws ShapeError for a variable that the recording lacks; ValueError
 */
export function tuningCurves(
  recording: SpatialRecording,
  axes: readonly TuningAxis[],
  options: { readonly compat?: "nsi" } = {},
): RateMaps {
  const { steps, trials, units, rates } = recording;
  return rateMaps(
    { values: rates, shape: [steps, trials, units] },
    axes.map((axis) => variableOf(recording, axis)),
    options,
  );
}

function variableOf(recording: SpatialRecording, axis: TuningAxis): BinnedVariable {
  const { of, dimension = 0, bins } = axis;
  if (of === "heading") {
    const values = valuesOf(recording, "headings");
    // An interval that is given need not be a whole turn.
    const periodic = axis.periodic ?? (axis.low === undefined && axis.high === undefined);
    return { values, low: axis.low ?? 0, high: axis.high ?? 2 * Math.PI, bins, periodic };
  }
  const name = of === "velocity" ? "velocities" : "positions";
  const { low = Number.NaN, high = Number.NaN, periodic = false } = axis;
  return { values: component(recording, name, dimension), low, high, bins, periodic };
}

function valuesOf(recording: SpatialRecording, name: "headings" | "velocities" | "positions"): ArrayLike<number> {
  const values = recording[name];
  const samples = recording.steps * recording.trials;
  if (values === undefined) throw new ShapeError(`spatial: the recording has no ${name}.`);
  const whole = name === "headings" ? values.length === samples : values.length > 0 && values.length % samples === 0;
  if (whole) return values;
  throw new ShapeError(
    `spatial: ${name}: expected [${recording.steps}, ${recording.trials}${name === "headings" ? "" : ", D"}], got ${values.length} values.`,
  );
}

function component(recording: SpatialRecording, name: "velocities" | "positions", dimension: number): Float64Array {
  const values = valuesOf(recording, name);
  const samples = recording.steps * recording.trials;
  const dimensions = values.length / samples;
  if (!Number.isInteger(dimension) || dimension < 0 || dimension >= dimensions)
    throw new ShapeError(`spatial: ${name}: expected a dimension of 0 … ${dimensions - 1}, got ${dimension}.`);
  return Float64Array.from({ length: samples }, (_, sample) => values[sample * dimensions + dimension] as number);
}

/** How units follow a velocity. */
export interface VelocityCorrelation {
  /** [units]: Pearson's correlation of rate and velocity; 0 of a unit that does not vary. */
  readonly values: Float64Array;
  /** [units]: 1 for a unit that varies. */
  readonly varies: Uint8Array;
}

/**
 * The shifter index: correlation of each unit's rate with the velocity over all steps and trials. Near 0 for a compass
 * unit, near ±1 for one that shifts the bump.
 * @param dimension of the velocity, 0 unless given.
 * @throws ShapeError; ValueError where the velocity does not vary.
 */
export function velocityCorrelation(recording: SpatialRecording, dimension = 0): VelocityCorrelation {
  const { units, rates } = recording;
  const velocity = component(recording, "velocities", dimension);
  const samples = velocity.length;
  if (rates.length !== samples * units)
    throw new ShapeError(`velocityCorrelation: expected rates of [${samples}, ${units}], got ${rates.length} values.`);
  const { mean, variance } = momentsOf(velocity);
  if (!(variance > 0)) throw new ValueError("velocityCorrelation: the velocity does not vary.");
  const values = new Float64Array(units);
  const varies = new Uint8Array(units);
  for (let unit = 0; unit < units; unit += 1) {
    const own = Float64Array.from({ length: samples }, (_, sample) => rates[sample * units + unit] as number);
    const moments = momentsOf(own);
    // Of a constant rate rounding leaves a variance of about (1e-16 mean)².
    if (!(moments.variance > 1e-24 * moments.mean ** 2)) continue;
    let product = 0;
    for (let sample = 0; sample < samples; sample += 1)
      product += ((own[sample] as number) - moments.mean) * ((velocity[sample] as number) - mean);
    values[unit] = product / samples / Math.sqrt(moments.variance * variance);
    varies[unit] = 1;
  }
  return { values, varies };
}
