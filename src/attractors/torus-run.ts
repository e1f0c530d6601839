import { ShapeError, ValueError } from "../errors.ts";
import type { TorusParameters } from "./torus.ts";

/** How a two-dimensional attractor sheet is run; every field but `steps` may be left out. */
export interface TorusRunOptions {
  readonly steps: number;
  /** Trials side by side; default: those of the velocities, of the initial states, or 1. */
  readonly trials?: number;
  /**
   * [rows, trials, 2] m/s, along x and y; a row lasts `hold` steps. Default: none. They are read when their steps are
   * computed: who drives a sheet writes into them meanwhile.
   */
  readonly velocities?: ArrayLike<number>;
  readonly hold?: number;
  /** [side, side] rates that all trials begin with, or [trials, side, side]. Default: drawn from the seed, then settled. */
  readonly initial?: ArrayLike<number>;
  /** Time without velocity before the first step; default 1000 ms (or 100 steps) unless `initial` is given, then 0. */
  readonly settleMs?: number;
  /** Of the initial state and of the noise. */
  readonly seed?: number;
  /** Steps from one recorded frame to the next; default 1. Frames are after steps `every`, 2 `every` and so on. */
  readonly every?: number;
  /** Units that are recorded, as row · side + column; default: all. */
  readonly units?: ArrayLike<number>;
  /** Steps of a block at most, for who must not wait for many; default: what suits the adapter. */
  readonly stepsAtOnce?: number;
  readonly signal?: AbortSignal;
}

/** A checked run with its defaults. */
export interface TorusRunPlan {
  readonly steps: number;
  readonly trials: number;
  readonly hold: number;
  readonly every: number;
  readonly settle: number;
  readonly seed: number;
  readonly velocities: ArrayLike<number> | undefined;
  readonly initial: ArrayLike<number> | undefined;
  readonly units: Uint32Array;
  readonly stepsAtOnce: number;
  readonly signal: AbortSignal | undefined;
}

const mostSteps = 2 ** 31;
const mostTrials = 4096;

/**
 * @throws ValueError for a number out of its range or a value that is not finite; ShapeError for arrays that do not fit.
 */
export function planTorusRun(torus: TorusParameters, options: TorusRunOptions): TorusRunPlan {
  const area = torus.side ** 2;
  const { steps, hold = 1, every = 1, seed = 1, velocities, initial, signal, stepsAtOnce = mostSteps } = options;
  const positive = { steps, hold, every, stepsAtOnce, ...(options.trials !== undefined && { trials: options.trials }) };
  for (const [name, value] of Object.entries(positive))
    if (!Number.isInteger(value) || value < 1 || value > (name === "trials" ? mostTrials : mostSteps))
      throw new ValueError(
        `torus run: ${name}: expected an integer from 1 to ${name === "trials" ? mostTrials : mostSteps}, got ${value}.`,
      );
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffffffff)
    throw new ValueError(`torus run: seed: expected an integer from 0 to ${0xffffffff}, got ${seed}.`);
  const rows = Math.ceil(steps / hold);
  const fromInitial = initial !== undefined && initial.length > area ? initial.length / area : undefined;
  const trials = options.trials ?? (velocities ? velocities.length / (2 * rows) : (fromInitial ?? 1));
  if (
    velocities !== undefined &&
    (!Number.isInteger(trials) || velocities.length !== 2 * rows * trials || trials === 0)
  )
    throw new ShapeError(
      `torus run: velocities: expected [${rows}, ${options.trials ?? "trials"}, 2] (row of ${hold} steps, trial, component), got ${velocities.length} values.`,
    );
  if (initial !== undefined && initial.length !== area && initial.length !== trials * area)
    throw new ShapeError(
      `torus run: initial: expected [${torus.side}, ${torus.side}] or [${trials}, ${torus.side}, ${torus.side}], got ${initial.length} values.`,
    );
  if (trials > mostTrials) throw new ValueError(`torus run: at most ${mostTrials} trials, got ${trials}.`);
  checkFinite("velocities", velocities);
  checkFinite("initial", initial);
  const settleMs = options.settleMs ?? (initial === undefined ? Math.max(1000, 100 * torus.dtMs) : 0);
  if (!(settleMs >= 0 && settleMs < mostSteps * torus.dtMs))
    throw new ValueError(`torus run: settleMs: expected a time of at least 0, got ${settleMs}.`);
  const units = Uint32Array.from(options.units ?? Array.from({ length: area }, (_, unit) => unit));
  const wrong = Array.from(options.units ?? []).find((unit) => !Number.isInteger(unit) || unit < 0 || unit >= area);
  if (wrong !== undefined || units.length === 0)
    throw new ValueError(`torus run: units: expected numbers from 0 to ${area - 1}, got ${wrong ?? "none"}.`);
  const settle = Math.round(settleMs / torus.dtMs);
  return { steps, trials, hold, every, settle, seed, velocities, initial, units, stepsAtOnce, signal };
}

function checkFinite(name: string, values: ArrayLike<number> | undefined): void {
  for (let index = 0; index < (values?.length ?? 0); index += 1)
    if (!Number.isFinite(values?.[index]))
      throw new ValueError(`torus run: ${name}: value ${index} is ${values?.[index]}.`);
}
