import type { Random } from "../random.ts";

/**
 * What one trial of a task is made of, as its functions see it: every condition and vector by name, the duration of every
 * period as `<period>Ms` (as drawn, before it is rounded to steps), and the time step. One object serves all trials:
 * read from it, do not keep it.
 */
export type TrialValues<C extends string, V extends string, P extends string> = {
  readonly [Name in C | `${P}Ms`]: number;
} & { readonly [Name in V]: Float64Array } & { readonly dtMs: number };

/** How a number is drawn, independently for each trial (with `perBatch`, once for all trials of a batch). */
export type Distribution =
  | {
      /** One of these; of names, the condition is the index of the one that was drawn. */
      readonly choice: readonly number[] | readonly string[];
      /** Relative probabilities, one for each; equal unless given. */
      readonly probabilities?: readonly number[];
      /** A batch may fix the condition to one of these only (always so for names); else to any number. */
      readonly only?: boolean;
      readonly perBatch?: boolean;
    }
  | { readonly uniform: readonly [low: number, high: number]; readonly perBatch?: boolean }
  | { readonly normal: { readonly mean: number; readonly sd: number }; readonly perBatch?: boolean }
  /** An exponential of this mean, of which only what lies in [min, max] is taken (neurogym). */
  | {
      readonly truncatedExponential: { readonly mean: number; readonly min: number; readonly max: number };
      readonly perBatch?: boolean;
    };

/** A condition: a number, a distribution, or what follows from the conditions before it and random numbers of its own. */
export type ConditionRule<Trial> = number | Distribution | ((trial: Trial, random: Random) => number);

/** A list of numbers a trial: `count` independent draws, `count` different items of a list, or a function. */
export type VectorRule<Trial> =
  | { readonly count: number; readonly of: Distribution }
  | { readonly count: number; readonly sample: readonly number[] }
  | { readonly count: number; readonly of: (trial: Trial, random: Random) => ArrayLike<number> };

/** How long a period is, in milliseconds. A function says what it is at most, so that every batch has as many steps. */
export type DurationRule<Trial, C extends string> =
  | number
  | Distribution
  | { readonly steps: number }
  | { readonly condition: C }
  | { readonly of: (trial: Trial, random: Random) => number; readonly max: number }
  /** Until this time after the start of the trial; no steps where that is over. */
  | { readonly until: number }
  | { readonly until: (trial: Trial, random: Random) => number; readonly max: number };

/** A value of all channels of a group, or one for each, for every step of a period. */
export type Level<Trial> = number | readonly number[] | ((trial: Trial) => number | ArrayLike<number>);

/** What holds in each period; `otherwise` in all periods that are not named (0 unless given). */
export type Levels<Trial, P extends string> = { readonly [Period in P | "otherwise"]?: Level<Trial> };

/** One weight for all channels of a group. */
export type Weights<Trial, P extends string> = {
  readonly [Period in P | "otherwise"]?: number | ((trial: Trial) => number);
};

/** Gaussian noise, independent for every step and channel. */
export type NoiseRule<Trial, P extends string> =
  /** Standard deviation of every step, whatever the time step. */
  | number
  | { readonly sd: number | ((trial: Trial) => number); readonly during?: readonly P[] }
  /** Standard deviation σ √(2 τ / dt) of every step: how much a stimulus tells does not depend on dt. */
  | { readonly sigma: number; readonly tauMs: number; readonly during?: readonly P[] };

/** One trial over time, as functions that fill a whole trial see it. */
export interface Timeline<P extends string = string, I extends string = string, O extends string = string> {
  /** Steps of this trial. */
  readonly steps: number;
  readonly dtMs: number;
  /** Random numbers of this trial and of this fill alone. */
  readonly random: Random;
  /** The steps from … to - 1 of a period. */
  period(name: P): { readonly from: number; readonly to: number };
  /** A copy of an input group of this trial, [steps, size], as far as it is made; without noise. */
  input(name: I): Float32Array;
  /** A copy of an output group's targets of this trial, [steps, size], as far as they are made. */
  target(name: O): Float32Array;
}

/**
 * Writes a whole trial of a group at once: `values` [steps, size], row-major, already holding what `during` says. It
 * writes; it returns nothing.
 */
export type Fill<Trial, P extends string, I extends string, O extends string> = (
  values: Float32Array,
  trial: Trial,
  timeline: Timeline<P, I, O>,
) => void;

interface Group<Trial, P extends string, I extends string, O extends string> {
  /** Number of channels; 1 unless given, or as many as `names`. */
  readonly size?: number;
  /** Names of the channels; the group's own name, numbered from 0 where there are several, unless given. */
  readonly names?: readonly string[];
  readonly during?: Levels<Trial, P>;
  readonly fill?: Fill<Trial, P, I, O>;
}

/** A named input channel, or a group of channels. */
export interface InputGroup<Trial, P extends string, I extends string, O extends string> extends Group<Trial, P, I, O> {
  /** In place of the task's. */
  readonly noise?: NoiseRule<Trial, P>;
}

/** A named output channel, or a group of channels: its targets, and how much they count. */
export interface OutputGroup<Trial, P extends string, I extends string, O extends string>
  extends Group<Trial, P, I, O> {
  /** In place of the task's. */
  readonly mask?: Weights<Trial, P>;
  /** Scales the mask of this group; 1 unless given. */
  readonly weight?: number;
  readonly fillMask?: Fill<Trial, P, I, O>;
  /** Targets of catch trials; `during.otherwise` throughout unless given. */
  readonly duringCatch?: Levels<Trial, P>;
}

/** What a user's function of one trial sees when it judges the outputs. */
export interface JudgedTrial {
  /** Of the batch. */
  readonly trial: number;
  readonly steps: number;
  readonly dtMs: number;
  /** Each [steps, O]. */
  readonly outputs: Float32Array;
  readonly targets: Float32Array;
  readonly mask: Float32Array;
  /** Conditions and vectors of this trial. */
  condition(name: string): number;
  vector(name: string): Float64Array;
  period(name: string): { readonly from: number; readonly to: number };
}

/** When a trial counts as solved. */
export type AccuracyRule<C extends string, P extends string, O extends string> =
  /** The output with the largest mean over a period is number `correct`. A tie between k counts 1 / k. */
  | {
      readonly type: "choice";
      readonly during: P;
      readonly correct: C;
      /** Groups whose channels are the choices, in this order; all outputs unless given. */
      readonly outputs?: readonly O[];
    }
  /**
   * The output with the largest mean of output · mask is the one with the largest mean of target · mask. A trial whose
   * mask is all 0 is not scored. `ties: "first"` is PsychRNN's: the first of equals is the choice, and a trial whose mask
   * is all 0 is a choice of the first.
   */
  | { readonly type: "maskedChoice"; readonly ties?: "share" | "first" }
  /** The mean of an output of one channel over a period has the sign of the condition `correct`. */
  | { readonly type: "sign"; readonly output: O; readonly during: P; readonly correct: C }
  /**
   * The direction of the outputs is within `tolerance` (radians) of the condition `correct`, an angle in [0, 2π), or
   * the condition is negative, which means: do not respond. A response is an output `fixation` that is not above
   * `threshold` (0.5 unless given). Judged by the mean over the period `at`, or at the trial's last step (`"last"`, the
   * default). `outputs`: one ring, read by its population vector Σ y_k e^(2πik/n), or two outputs, cos and sin.
   */
  | {
      readonly type: "angle";
      readonly outputs: O | readonly [cos: O, sin: O];
      readonly correct: C;
      readonly tolerance: number;
      readonly fixation?: O;
      readonly threshold?: number;
      readonly at?: P | "last";
    }
  /** The share of what counts (mask above 0) that is within `tolerance` of its target. */
  | { readonly type: "within"; readonly tolerance: number; readonly during?: P }
  /** A number in [0, 1], or NaN for a trial that is not scored. */
  | ((judged: JudgedTrial) => number);

/** Trials with no stimulus: `probability` of all; the inputs named are silent, but for their noise. They are not scored. */
export interface CatchTrials<I extends string> {
  readonly probability: number;
  readonly without: readonly I[];
}

/** From milliseconds to steps: see {@link TaskDefinition.rounding}. */
export type Rounding = "nearest" | "down" | "start";

/** A task as data. C, V, P, I, O: the names of its conditions, vectors, periods, inputs and outputs. */
export interface TaskDefinition<
  C extends string = string,
  V extends string = string,
  P extends string = string,
  I extends string = string,
  O extends string = string,
> {
  readonly name: string;
  /** The paper or package that the task is from. */
  readonly source?: string;
  /** Milliseconds per step where a batch does not ask for another; 20 unless given. */
  readonly dtMs?: number;
  /** Drawn in this order for each trial; a function sees those before it. */
  readonly conditions?: { readonly [Name in C]: ConditionRule<TrialValues<C, V, P>> };
  /** Lists of numbers, drawn after the conditions. */
  readonly vectors?: { readonly [Name in V]: VectorRule<TrialValues<C, V, P>> };
  /** What a trial consists of, in this order. */
  readonly periods: { readonly [Name in P]: DurationRule<TrialValues<C, V, P>, NoInfer<C>> };
  /**
   * How durations become steps. `nearest` (the default): each to the nearest number of steps, and at least one unless it
   * is 0. `down`: each to whole steps that fit in it (neurogym, Yang et al.). `start`: a step belongs to the period in
   * which it starts, boundaries being sums of unrounded durations (PsychRNN).
   */
  readonly rounding?: Rounding;
  /** The longest a trial can be, where not all periods are at their longest together. */
  readonly longestMs?: number;
  /** In the order of the network's input channels. */
  readonly inputs: { readonly [Name in I]: InputGroup<TrialValues<C, V, P>, NoInfer<P>, NoInfer<I>, NoInfer<O>> };
  /** Of all inputs that have none of their own. */
  readonly noise?: NoiseRule<TrialValues<C, V, P>, NoInfer<P>>;
  /** Sets inputs below 0 to 0 after the noise (pycog). */
  readonly rectifyInputs?: boolean;
  /** In the order of the network's outputs. */
  readonly outputs: { readonly [Name in O]: OutputGroup<TrialValues<C, V, P>, NoInfer<P>, NoInfer<I>, NoInfer<O>> };
  /** How much the error counts in each period; 1 throughout unless given. Always 0 after the end of a trial. */
  readonly mask?: Weights<TrialValues<C, V, P>, NoInfer<P>>;
  /** Milliseconds at the start of a period in which the error does not count. */
  readonly graceMs?: { readonly [Name in NoInfer<P>]?: number };
  readonly catchTrials?: CatchTrials<NoInfer<I>>;
  readonly accuracy: AccuracyRule<NoInfer<C>, NoInfer<P>, NoInfer<O>>;
  /** The accuracy of a guess; follows from the rule unless given. */
  readonly chance?: number;
}
