import type { BilinearNetwork } from "../attractors/bilinear-network.ts";
import type { Model } from "../network/model.ts";
import type { FittedConnectivity } from "./fitted-network.ts";
import type { Recording } from "./recording.ts";
import type { Split, Stretch } from "./windows.ts";

/** Stretches of a recording through which networks run on their own, each from a recorded state on. */
export interface StretchRun {
  readonly recording: Recording;
  readonly stretches: readonly Stretch[];
  /** Of each stretch, after its first state. */
  readonly steps: number;
}

/** What an engine is made for, beside its settings. */
export interface FitSetup {
  readonly split: Split;
  readonly seeds: readonly number[];
  /** Components of the velocity. */
  readonly dimensions: number;
}

/** Networks that can run, one for each seed. */
export interface FitRunner {
  /** Rates of recorded and hidden units of every network, each [steps, stretches, N]. */
  rates(run: StretchRun): Promise<readonly Float32Array[]>;
  /** Frees what it owns on the GPU. */
  dispose(): void;
}

/** A network at one moment: what it computes, and as its engine runs it. */
export interface FittedState {
  readonly learned: FittedConnectivity;
  readonly model: Model | BilinearNetwork;
}

/** How far an engine is; numbers of networks in the order of their seeds. */
export interface EngineReport {
  /** Updates done. */
  readonly step: number;
  /** Of the last update. */
  readonly losses: readonly number[];
  /** In the last report. */
  readonly stopped?: "updates" | "aborted";
}

/** What trains networks of one kind on windows of a recording; `identify` knows no more of them. */
export interface FitEngine extends FitRunner {
  /** Trains on, with a report every `every` updates. An abort before the first update gives none. */
  train(signal: AbortSignal | undefined): AsyncGenerator<EngineReport, void, void>;
  /** The networks as they are now. */
  read(): Promise<readonly FittedState[]>;
}
