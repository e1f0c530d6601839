import { signedAngle } from "../analysis/angles.ts";
import { regress } from "../analysis/series.ts";
import { ShapeError, ValueError } from "../errors.ts";
import { bumpPhases, preferredHeadings } from "./population-vector.ts";
import { checkLength, checkRecording, type Recording } from "./recording.ts";

export interface FreeRunOptions {
  /** θ [K] of the observed units, rad; default estimated from the recording's own tuning to its headings. */
  readonly preferred?: ArrayLike<number> | undefined;
  /** Steps, counted from 1, at which errors are given; default 50, 1000 and the last, as far as the recording goes. */
  readonly at?: readonly number[] | undefined;
  /** Steps of a stretch over which the gain compares how far bump and velocity went; default 50, or all there are. */
  readonly gainSteps?: number | undefined;
  /** Which velocity component is the turning; default 0. */
  readonly component?: number | undefined;
}

/** Errors at one step, over trials. */
export interface FreeRunError {
  readonly step: number;
  /** √⟨e²⟩, e the wrapped difference of the network's phase and the recording's, rad; chance is π / √3 = 1.81. */
  readonly phaseError: number;
  /** The same, with every turn counted that one of the two has made and the other has not. */
  readonly unwrappedPhaseError: number;
  /** √⟨e²⟩ of the network's phase and the true heading, less where they began; `undefined` without headings. */
  readonly headingError: number | undefined;
  /** Mean square difference of rates of all steps up to this one. */
  readonly meanSquaredError: number;
}

/** How a network that is left to itself follows a recording. */
export interface FreeRunScores {
  readonly errors: readonly FreeRunError[];
  /** Slope of how far the bump went on how far the velocity did, ∫ v dt: 1 integrates exactly; `undefined` at rest. */
  readonly gain: number | undefined;
  /** The same of the recording. */
  readonly recordedGain: number | undefined;
  /** Share of steps at which the network had no bump; its phase then stays where it was. */
  readonly silentShare: number;
}

/**
 * Compares a free run with the recording whose first state and velocities it was given.
 * @param rates [steps, trials, K] of the network's observed units, in the recording's order.
 * @throws ShapeError; ValueError where neither headings nor preferred headings are known, or for a step outside.
 */
export function freeRunScores(
  rates: ArrayLike<number>,
  recording: Recording,
  options: FreeRunOptions = {},
): FreeRunScores {
  const { rows, dimensions } = checkRecording("recording", recording);
  const { steps, trials, units, velocities, headings } = recording;
  checkLength("free run", rates, `[${steps}, ${trials}, ${units}], as the recording has`, rows * units);
  const { component = 0 } = options;
  if (!Number.isInteger(component) || component < 0 || component >= dimensions)
    throw new ValueError(`freeRunScores: component: expected 0 to ${dimensions - 1}, got ${component}.`);
  const preferred = preferredOf(recording, options);
  const recorded = bumpPhases(recording.rates, preferred, { trials });
  const free = bumpPhases(rates, preferred, { trials, start: recorded.phases.subarray(0, trials) });
  const squares = squaredErrors(rates, recording.rates, trials * units);
  const rms = (step: number, error: (row: number, trial: number) => number): number => {
    let sum = 0;
    for (let trial = 0; trial < trials; trial += 1) sum += error((step - 1) * trials + trial, trial) ** 2;
    return Math.sqrt(sum / trials);
  };
  const between = (row: number): number => (free.phases[row] as number) - (recorded.phases[row] as number);
  const fromHeading = (row: number): number => (free.phases[row] as number) - (headings?.[row] as number);
  const errors = stepsOf(options.at, steps).map((step) => ({
    step,
    phaseError: rms(step, (row) => signedAngle(between(row))),
    // Both start in [-π, π): a turn between them there is none that was made.
    unwrappedPhaseError: rms(step, (row, trial) => between(row) - between(trial) + signedAngle(between(trial))),
    headingError: headings && rms(step, (row, trial) => signedAngle(fromHeading(row) - fromHeading(trial))),
    meanSquaredError: squares(step),
  }));
  const travelled = new Float64Array(rows);
  const seconds = recording.dtMs / 1000;
  for (let row = trials; row < rows; row += 1)
    travelled[row] =
      (travelled[row - trials] as number) + seconds * (velocities[row * dimensions + component] as number);
  const gainOf = (phases: Float64Array): number | undefined =>
    gain(phases, travelled, { steps, trials, stretch: options.gainSteps ?? Math.min(50, Math.max(1, steps - 1)) });
  return {
    errors,
    gain: gainOf(free.phases),
    recordedGain: gainOf(recorded.phases),
    silentShare: free.lengths.reduce((sum, length) => sum + (length === 0 ? 1 : 0), 0) / rows,
  };
}

function preferredOf({ rates, headings, units }: Recording, { preferred }: FreeRunOptions): ArrayLike<number> {
  if (preferred !== undefined) {
    checkLength("freeRunScores: preferred", preferred, `[${units}], one for each observed unit`, units);
    return preferred;
  }
  if (headings === undefined)
    throw new ValueError(
      "freeRunScores: preferred: the recording has no headings to estimate them from; pass them, such as 2π k / K on a ring.",
    );
  return preferredHeadings(rates, headings, { units }).headings;
}

function stepsOf(given: readonly number[] | undefined, steps: number): readonly number[] {
  if (given === undefined) return [...new Set([50, 1000, steps])].filter((step) => step <= steps).sort((a, b) => a - b);
  const wrong = given.find((step) => !Number.isInteger(step) || step < 1 || step > steps);
  if (wrong !== undefined || given.length === 0)
    throw new ValueError(`freeRunScores: at: expected steps of 1 to ${steps}, got ${wrong ?? "none"}.`);
  return given;
}

/** Mean square difference of the first `step` steps. */
function squaredErrors(a: ArrayLike<number>, b: ArrayLike<number>, width: number): (step: number) => number {
  const sums = new Float64Array(a.length / width);
  for (let index = 0; index < a.length; index += 1) {
    const step = Math.floor(index / width);
    sums[step] = (sums[step] as number) + ((a[index] as number) - (b[index] as number)) ** 2;
  }
  return (step) => sums.subarray(0, step).reduce((sum, square) => sum + square, 0) / (step * width);
}

/** Slope of the bump's moves on the velocity's, over stretches that follow each other. */
function gain(
  phases: Float64Array,
  travelled: Float64Array,
  { steps, trials, stretch }: { readonly steps: number; readonly trials: number; readonly stretch: number },
): number | undefined {
  if (!Number.isInteger(stretch) || stretch < 1)
    throw new ValueError(`freeRunScores: gainSteps: expected a positive integer, got ${stretch}.`);
  if (stretch >= steps && steps > 1)
    throw new ShapeError(`freeRunScores: gainSteps: expected fewer than the ${steps} steps there are, got ${stretch}.`);
  const [moves, turns]: [number[], number[]] = [[], []];
  for (let step = stretch; step < steps; step += stretch)
    for (let trial = 0; trial < trials; trial += 1) {
      const [from, to] = [(step - stretch) * trials + trial, step * trials + trial];
      moves.push((phases[to] as number) - (phases[from] as number));
      turns.push((travelled[to] as number) - (travelled[from] as number));
    }
  return moves.length < 2 ? undefined : regress(turns, moves)?.slope;
}
