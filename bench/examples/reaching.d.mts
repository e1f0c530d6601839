import type { Trials } from "../../src/network/trials.ts";

/** A part of a session between two moments of rest. */
export interface Reach {
  /** Its first bin. */
  readonly first: number;
  readonly bins: number;
  /** 0 … 7, clockwise from "up". */
  readonly target: number;
}

/** Trials with recordings and a mask of the outputs. */
export type ReachTrials = Trials & Required<Pick<Trials, "mask" | "rateTargets" | "rateMask">>;

export const binMs: number;

export function findReaches(
  session: { readonly velocity: ArrayLike<number>; readonly target: ArrayLike<number> },
  fewestBins?: number,
): Reach[];

export function reachTrials(
  session: { readonly rates: ArrayLike<number>; readonly velocity: ArrayLike<number> },
  reaches: readonly Reach[],
  options: {
    readonly dtMs: number;
    readonly delays: readonly number[];
    readonly hz: number;
    readonly cmPerSecond: number;
  },
): ReachTrials;

export function byActivity(data: Trials): number[];
export function withUnits(data: ReachTrials, units: readonly number[]): ReachTrials;
export function recordedMask(data: Trials, channels: number): Float32Array;
export function targetMeans(training: Trials, data: Trials, key: "targets" | "rateTargets"): Float32Array;
