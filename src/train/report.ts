import type { Family, Products } from "../ops/recurrence.ts";

/** One update. Values of several replicas are averaged over those that have not diverged. */
export interface StepRecord {
  /** Counted from 1. */
  readonly step: number;
  readonly loss: number;
  /** Each loss term with its weight. */
  readonly terms: Readonly<Record<string, number>>;
  /** Norm of the gradient of everything learned, before clipping by norm. */
  readonly gradientNorm: number;
  /** That of the first replica, where each has its own. */
  readonly learningRate: number;
  /** The loss of each replica, where there are several. */
  readonly losses?: readonly number[];
}

/** What held-out trials say. */
export interface Measurement {
  readonly loss: number;
  /** Fraction of trials solved, where the source defines it. */
  readonly accuracy?: number;
}

/** How a replica did on fresh trials of its stage of a curriculum (PsychRNN's metric_values), and the stage that follows. */
export interface StageMeasurement {
  /** Updates done. */
  readonly step: number;
  readonly replica: number;
  /** The stage that was measured, counted from 0. */
  readonly stage: number;
  readonly value: number;
  /** The stage of the updates after it; the number of stages where all have been passed. */
  readonly next: number;
}

/** Why training ended: all updates done, the accuracy reached, no progress, all stages passed, or the signal. */
export type StopReason = "steps" | "accuracy" | "patience" | "curriculum" | "aborted";

/** Why the training of one replica ended before that of the others, and after which update. */
export interface ReplicaEnd {
  readonly reason: "accuracy" | "patience" | "curriculum";
  readonly step: number;
}

/** Which kernels an update runs; all choices compute the same bits. */
export interface TrainingProfile {
  readonly family: Family;
  readonly products: Products;
  /** The register tile of dense products, such as "16 x 8 quads" (trials by units an invocation). */
  readonly tile: string;
  readonly dispatches: number;
}

/** The state of training at a report: the last update, and all since the report before. */
export interface TrainingReport extends StepRecord {
  readonly records: readonly StepRecord[];
  /** Accuracy on the last training batch, where the source defines it; the mean over replicas. */
  readonly accuracy?: number;
  /** Present at the reports that end with a measurement; the mean over replicas. */
  readonly validation?: Measurement;
  /** With a curriculum: the stage that the updates of this report were in, counted from 0; the earliest of all replicas. */
  readonly stage?: number;
  /** With a curriculum: what was measured of its stages since the report before. A report ends where a stage does. */
  readonly stageMeasurements?: readonly StageMeasurement[];
  /** Each replica's own numbers, where there are several. */
  readonly replicas?: readonly ReplicaReport[];
  /** Present where the time of trials is split: the number of segments of the last update. */
  readonly segments?: number;
  /** The kernels of the last update. */
  readonly profile: TrainingProfile;
  /** Seconds since this run of the loop began. */
  readonly seconds: number;
  /** Present in the last report. */
  readonly stopped?: StopReason;
}

export interface ReplicaReport {
  readonly loss: number;
  readonly accuracy?: number;
  readonly validation?: Measurement;
  readonly stage?: number;
  /** The first update whose loss or gradient was not finite; its weights stay as they were before. */
  readonly divergedStep?: number;
  /** Its training is over; its weights stay as they are. */
  readonly ended?: ReplicaEnd;
}

/** The mean of the finite values; NaN where there is none. */
export function finiteMean(values: readonly number[]): number {
  const finite = values.filter(Number.isFinite);
  return finite.reduce((sum, value) => sum + value, 0) / finite.length;
}
