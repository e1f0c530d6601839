/** What every batch needs; a task adds its conditions, each of which can be fixed. */
export interface BatchOptions {
  readonly trials: number;
  /** Unsigned 32-bit integer. */
  readonly seed: number;
  /** Number of the batch within the stream; 0 unless given. */
  readonly index?: number;
  /** Random stream; `streams.task` unless given. */
  readonly stream?: number;
  /** Milliseconds per time step; the task's own unless given. */
  readonly dtMs?: number;
}

/** A named part of the trials, in steps: from … to - 1. */
export interface Period {
  /** Where trials differ: of the trial in which it begins first. */
  readonly from: number;
  /** Where trials differ: of the trial in which it ends last. */
  readonly to: number;
  /** Of each trial [B]; absent where all trials have the same times. */
  readonly starts?: Int32Array;
  readonly ends?: Int32Array;
}

/** Trials as arrays [time, batch, unit], row-major. */
export interface TrialBatch {
  /** T */
  readonly steps: number;
  /** B */
  readonly trials: number;
  readonly dtMs: number;
  /** [T, B, I] */
  readonly inputs: Float32Array;
  /** [T, B, O] */
  readonly targets: Float32Array;
  /** [T, B, O]: how much the error counts, 0 where it does not and after the end of a trial. */
  readonly mask: Float32Array;
  /** Steps of each trial [B], where they differ from T. */
  readonly lengths?: Int32Array;
  /** What was shown in each trial, each [B]; a condition that is a choice of names is the name's number. */
  readonly conditions: Readonly<Record<string, Float32Array | Float64Array | Int32Array>>;
  /** Lists of numbers that belong to each trial, each [B, n]. */
  readonly vectors?: Readonly<Record<string, Float64Array>>;
  /** The index of the correct choice in each trial [B], where the task has one. */
  readonly correct?: Int32Array;
  readonly periods: Readonly<Record<string, Period>>;
}

/** An experiment as formulas: makes batches of trials, and says how well outputs solve them. */
export interface Task<Conditions extends object = Record<never, never>> {
  readonly name: string;
  /** The paper or package that it is from. */
  readonly source: string;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputs: number;
  readonly outputs: number;
  /** Milliseconds per time step where a batch does not ask for another. */
  readonly dtMs: number;
  /** The accuracy of a guess. */
  readonly chance: number;
  /** The conditions that a batch may fix. */
  readonly conditionNames: readonly string[];
  /** Names of the values 0, 1, … of conditions that are choices of names. */
  readonly labels: Readonly<Record<string, readonly string[]>>;
  /**
   * The same (seed, stream, index, dtMs) gives the same trials, and trial b is the same in a batch of any size.
   * @throws {@link ConfigError} for an unknown condition, {@link ValueError} for trials = 0 or a value out of range.
   */
  batch(options: BatchOptions & Conditions): TrialBatch;
  /**
   * Fraction of trials solved, in [0, 1]; NaN where no trial is scored.
   * @param outputs [T, B, O] of a network that saw the batch.
   * @throws {@link ShapeError} where the outputs are not of the batch's size.
   */
  accuracy(outputs: Float32Array, batch: TrialBatch): number;
  /**
   * How far each trial is solved [B], 0 … 1 (a tie of two is 0.5); NaN for a trial that is not scored. Its mean over
   * scored trials is the accuracy. @throws as {@link Task.accuracy}
   */
  correct(outputs: Float32Array, batch: TrialBatch): Float64Array;
  /** What was chosen in each trial [B], where the task is a choice; -1 where an output is NaN. */
  choices?(outputs: Float32Array, batch: TrialBatch): Int32Array;
}

/** The number of time steps of a period: rounded to the nearest, and at least one unless its duration is 0. */
export function stepsOf(durationMs: number, dtMs: number): number {
  return durationMs === 0 ? 0 : Math.max(1, Math.round(durationMs / dtMs));
}

/** The steps from … to - 1 of a period of one trial; undefined where the batch has no such period. */
export function periodOf(
  batch: Pick<TrialBatch, "periods">,
  name: string,
  trial: number,
): { readonly from: number; readonly to: number } | undefined {
  const period = batch.periods[name];
  if (period === undefined) return undefined;
  const { from, to, starts, ends } = period;
  return { from: starts?.[trial] ?? from, to: ends?.[trial] ?? to };
}

/** The mean of what is not NaN: the accuracy of trials by how far each is solved. */
export function meanOfScored(correct: Float64Array): number {
  let sum = 0;
  let scored = 0;
  for (const value of correct) {
    if (Number.isNaN(value)) continue;
    sum += value;
    scored += 1;
  }
  return scored === 0 ? Number.NaN : sum / scored;
}
