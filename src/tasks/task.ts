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

/** A named part of every trial, in steps: from … to - 1. */
export interface Period {
  readonly from: number;
  readonly to: number;
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
  /** [T, B, O], 1 where the error counts, else 0. */
  readonly mask: Float32Array;
  /** What was shown in each trial, each [B]. */
  readonly conditions: Readonly<Record<string, Float32Array | Int32Array>>;
  /** The index of the correct choice in each trial [B], where the task has one. */
  readonly correct?: Int32Array;
  readonly periods: Readonly<Record<string, Period>>;
}

/** An experiment as formulas: makes batches of trials, and says how well outputs solve them. */
export interface Task<Conditions extends object = Record<never, never>> {
  readonly name: string;
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputs: number;
  readonly outputs: number;
  /** Milliseconds per time step where a batch does not ask for another. */
  readonly dtMs: number;
  /** The accuracy of a guess. */
  readonly chance: number;
  /**
   * The same (seed, stream, index, dtMs) gives the same trials, and trial b is the same in a batch of any size.
   * @throws {@link ConfigError} for an unknown condition, {@link ValueError} for trials = 0 or a value out of range.
   */
  batch(options: BatchOptions & Conditions): TrialBatch;
  /**
   * Fraction of trials solved, in [0, 1].
   * @param outputs [T, B, O] of a network that saw the batch.
   * @throws {@link ShapeError} where the outputs are not of the batch's size.
   */
  accuracy(outputs: Float32Array, batch: TrialBatch): number;
}

/** The number of time steps of a period: rounded to the nearest, and at least one unless its duration is 0. */
export function stepsOf(durationMs: number, dtMs: number): number {
  return durationMs === 0 ? 0 : Math.max(1, Math.round(durationMs / dtMs));
}
