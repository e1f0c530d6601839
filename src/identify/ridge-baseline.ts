import { LimitError, ShapeError, ValueError } from "../errors.ts";
import { activations } from "../io/activation-schema.ts";
import { type DriveRows, DriveSums, driveOf } from "./drive-regression.ts";
import { type Inverse, inverses } from "./inverse-activation.ts";
import type { LearnedNetwork } from "./learned-network.ts";
import { checkRecording, type Recording } from "./recording.ts";

/** What a rate of 0 says of the drive of a unit that is silent below threshold. */
export type InactiveSamples = "zero" | "drop" | "hinge";

export interface RidgeBaselineOptions {
  /** f of r = f(drive), which is inverted; default "retanh", max(tanh, 0). */
  readonly activation?: string | undefined;
  /** Leak of the state u ← (1 - α) u + α r that units send; default 1, u = r. */
  readonly alpha?: number | undefined;
  /**
   * Samples with rate 0 of an activation with a threshold: `drop` leaves them out, `hinge` asks for a drive of at most 0
   * (the limit of a censored regression, Tobin 1958, for little noise), `zero` takes the drive for 0, which it is not.
   * Default "drop".
   */
  readonly inactive?: InactiveSamples | undefined;
  /** λ ≥ 0 as a share of the mean of Σ x²; default 1e-4. */
  readonly lambda?: number | undefined;
  /** Whether units have a bias, and one that is proportional to each velocity component; default true. */
  readonly bias?: boolean | undefined;
  /** Most samples (step, trial) that are used, evenly spread; default 20,000. */
  readonly rows?: number | undefined;
}

/** A network without hidden units that was fitted in closed form. */
export interface RidgeBaseline extends LearnedNetwork {
  readonly weights: Float64Array;
  readonly velocityWeights: Float64Array;
  /** λ itself, of each unit's regression. */
  readonly lambda: Float64Array;
  /** How often a unit's regression was solved at most, until no inactive sample changed sides; 1 unless `hinge`. */
  readonly rounds: number;
  /** False where some still did after the 20th: λ is too small for the noise. */
  readonly converged: boolean;
}

const mostFeatures = 4096;
const mostRounds = 20;

/**
 * The baseline of identification: ridge regression of inverted rates, f⁻¹(r(t)) = W u(t-1) + Σ_d v_d(t) V_d u(t-1) + b, the
 * very model of a multiplicative ring (Zhang 1996) where α and f are right and the recording has every step. `hinge`
 * minimises Σ_active (f⁻¹(r) - h)² + Σ_inactive max(h, 0)² + λ |W, V|², which is convex, by solving least squares with the
 * inactive samples whose h > 0 until they are the same.
 * @returns W and V of all units, which `connectivityScores` takes.
 * @throws ShapeError, ValueError for a recording that does not fit or a rate without inverse; LimitError for more than
 * 4,096 unknowns a unit.
 */
export function ridgeBaseline(recording: Recording, options: RidgeBaselineOptions = {}): RidgeBaseline {
  const { dimensions } = checkRecording("recording", recording);
  const { units } = recording;
  const { activation = "retanh", alpha = 1, inactive = "drop", lambda = 1e-4, bias = true } = options;
  const known = activations.find((name) => name === activation);
  const inverse = known && inverses[known];
  if (inverse === undefined)
    throw new ValueError(
      `ridgeBaseline: activation: expected one of ${activations.join(", ")}, which have an inverse, got "${activation}".`,
    );
  if (!(alpha > 0 && alpha <= 1))
    throw new ValueError(`ridgeBaseline: alpha: expected a number in (0, 1], got ${alpha}.`);
  if (!(lambda >= 0 && Number.isFinite(lambda)))
    throw new ValueError(`ridgeBaseline: lambda: expected a finite number of at least 0, got ${lambda}.`);
  if (!["zero", "drop", "hinge"].includes(inactive))
    throw new ValueError(`ridgeBaseline: inactive: expected "zero", "drop" or "hinge", got "${inactive}".`);
  const sources = units + (bias ? 1 : 0);
  if ((1 + dimensions) * sources > mostFeatures)
    throw new LimitError(
      `ridgeBaseline: ${(1 + dimensions) * sources} unknowns a unit; at most ${mostFeatures} are solved for. Record fewer units.`,
    );
  const { rows, answers } = regressionRows(recording, { alpha, bias, dimensions, most: options.rows ?? 20_000 });
  const drives = invert(answers, activation, inverse);
  const isActive = (row: number, unit: number): boolean =>
    !inverse.threshold || (answers[row * units + unit] as number) > 0;
  const found =
    inactive === "zero" || !inverse.threshold
      ? fitTogether(rows, drives, units, lambda)
      : fitEach(rows, drives, { units, lambda, hinge: inactive === "hinge", isActive });
  const velocityWeights = new Float64Array(dimensions * units * units);
  const inputWeights = new Float64Array(units * dimensions);
  const weights = new Float64Array(units * units);
  const constant = new Float64Array(units);
  for (let unit = 0; unit < units; unit += 1)
    for (let c = 0; c <= dimensions; c += 1) {
      const from = (unit * (1 + dimensions) + c) * sources;
      const row = found.solution.subarray(from, from + units);
      if (c === 0) weights.set(row, unit * units);
      else velocityWeights.set(row, ((c - 1) * units + unit) * units);
      if (!bias) continue;
      const value = found.solution[from + units] as number;
      if (c === 0) constant[unit] = value;
      else inputWeights[unit * dimensions + c - 1] = value;
    }
  return {
    ...{ units, weights, velocityWeights, inputWeights, bias: constant, activation, alpha, observed: units },
    ...{ lambda: found.lambda, rounds: found.rounds, converged: found.converged },
  };
}

/** Rows (t, trial) with t ≥ 1: the states units sent, and the rates that answered. */
function regressionRows(
  { steps, trials, units, rates, velocities }: Recording,
  { alpha, bias, dimensions, most }: { alpha: number; bias: boolean; dimensions: number; most: number },
): { readonly rows: DriveRows; readonly answers: Float64Array } {
  if (steps < 2) throw new ShapeError(`ridgeBaseline: expected a recording of at least two steps, got ${steps}.`);
  if (!Number.isInteger(most) || most < 2)
    throw new ValueError(`ridgeBaseline: rows: expected an integer of at least 2, got ${most}.`);
  const states = Float64Array.from(rates);
  if (alpha < 1)
    for (let index = trials * units; index < states.length; index += 1)
      states[index] = (1 - alpha) * (states[index - trials * units] as number) + alpha * (states[index] as number);
  const available = (steps - 1) * trials;
  const count = Math.min(available, most);
  const components = 1 + dimensions;
  const [starts, factors] = [new Uint32Array(count + 1), new Float64Array(count * components)];
  const answers = new Float64Array(count * units);
  const [places, values]: [number[], number[]] = [[], []];
  for (let row = 0; row < count; row += 1) {
    const before = Math.floor((row * available) / count);
    const after = before + trials;
    for (let unit = 0; unit < units; unit += 1) {
      const state = states[before * units + unit] as number;
      answers[row * units + unit] = rates[after * units + unit] as number;
      if (state === 0) continue;
      places.push(unit);
      values.push(state);
    }
    if (bias) {
      places.push(units);
      values.push(1);
    }
    starts[row + 1] = places.length;
    factors[row * components] = 1;
    for (let d = 0; d < dimensions; d += 1)
      factors[row * components + 1 + d] = velocities[after * dimensions + d] as number;
  }
  return {
    rows: {
      ...{ rows: count, sources: units + (bias ? 1 : 0), components, starts, factors },
      ...{ places: Uint16Array.from(places), values: Float64Array.from(values) },
    },
    answers,
  };
}

/** f⁻¹ of all rates; 0 for a unit that is silent. */
function invert(answers: Float64Array, activation: string, { of, low, high, threshold }: Inverse): Float64Array {
  return answers.map((rate) => {
    if (threshold && rate <= 0) return 0;
    if (rate > low && rate < high) return of(rate);
    throw new ValueError(
      `ridgeBaseline: a rate of ${rate} has no inverse under "${activation}"; expected ${low} < r < ${high}. Scale the rates.`,
    );
  });
}

interface Fit {
  /** [units, components, sources] */
  readonly solution: Float64Array;
  readonly lambda: Float64Array;
  readonly rounds: number;
  readonly converged: boolean;
}

/** One matrix for all units, as every sample counts for each. */
function fitTogether(rows: DriveRows, drives: Float64Array, units: number, share: number): Fit {
  const sums = new DriveSums(rows, units);
  for (let row = 0; row < rows.rows; row += 1) {
    sums.addRow(row);
    for (let unit = 0; unit < units; unit += 1) {
      const drive = drives[row * units + unit] as number;
      if (drive !== 0) sums.addTarget(row, drive, unit);
    }
  }
  const lambda = share * sums.meanSquare(units);
  return {
    ...{ solution: sums.solve(lambda, units), lambda: new Float64Array(units).fill(lambda) },
    ...{ rounds: 1, converged: true },
  };
}

/** A matrix for each unit, of the samples that count for it. */
function fitEach(
  rows: DriveRows,
  drives: Float64Array,
  parts: {
    readonly units: number;
    readonly lambda: number;
    readonly hinge: boolean;
    readonly isActive: (row: number, unit: number) => boolean;
  },
): Fit {
  const { units, hinge, isActive } = parts;
  const size = rows.components * rows.sources;
  const solution = new Float64Array(units * size);
  const lambdas = new Float64Array(units);
  let [rounds, converged] = [1, true];
  for (let unit = 0; unit < units; unit += 1) {
    const sums = new DriveSums(rows);
    const counted = new Uint8Array(rows.rows);
    for (let row = 0; row < rows.rows; row += 1) {
      if (!isActive(row, unit)) continue;
      sums.addRow(row);
      sums.addTarget(row, drives[row * units + unit] as number);
      counted[row] = 1;
    }
    const lambda = parts.lambda * sums.meanSquare(units);
    // A unit that is never active has no drive to explain.
    if (lambda === 0 && !counted.includes(1)) continue;
    lambdas[unit] = lambda;
    let found = sums.solve(lambda, units);
    for (let round = 1; hinge && round < mostRounds; round += 1) {
      let changed = 0;
      for (let row = 0; row < rows.rows; row += 1) {
        if (isActive(row, unit)) continue;
        const above = driveOf(rows, row, found) > 0 ? 1 : 0;
        if (above === counted[row]) continue;
        counted[row] = above;
        sums.addRow(row, above === 1 ? 1 : -1);
        changed += 1;
      }
      if (changed === 0) break;
      if (round === mostRounds - 1) converged = false;
      found = sums.solve(lambda, units);
      rounds = Math.max(rounds, round + 1);
    }
    solution.set(found, unit * size);
  }
  return { solution, lambda: lambdas, rounds, converged };
}
