import { type Loss, lossNames } from "../loss/losses.ts";
import type { Optimizer } from "./optimizer.ts";
import { finiteMean, type StepRecord } from "./report.ts";
import { learningRateAt } from "./schedule.ts";
import { recordFloats } from "./step-plan.ts";

/** Which updates a history covers. */
export interface HistoryRange {
  /** Updates done before the first of them. */
  readonly first: number;
  readonly count: number;
  readonly replicas: number;
  readonly losses: readonly Loss[];
}

/** The records that the GPU kept of some updates, [count, R, 16]: loss terms, and the gradient's norm in the last place. */
export class StepHistory {
  readonly #values: Float32Array;
  readonly #range: HistoryRange;

  constructor(values: Float32Array, range: HistoryRange) {
    this.#values = values;
    this.#range = range;
  }

  /**
   * One record for every update in which some replica was finite; the mean over those that had not diverged by then.
   * @param diverged the update at which each replica diverged, counted from 1.
   */
  records(optimizer: Optimizer, diverged: readonly (number | undefined)[]): StepRecord[] {
    const { first, count, replicas, losses } = this.#range;
    const names = lossNames(losses);
    return Array.from({ length: count }, (_, slot) => slot).flatMap((slot) => {
      const step = first + slot + 1;
      const healthy = diverged.flatMap((at, replica) => (at === undefined || step < at ? [replica] : []));
      if (healthy.length === 0) return [];
      const mean = (read: (replica: number) => number): number => finiteMean(healthy.map(read));
      const record: StepRecord = {
        step,
        loss: mean((replica) => this.#loss(slot, replica)),
        terms: Object.fromEntries(names.map((name, term) => [name, mean((replica) => this.#at(slot, replica, term))])),
        gradientNorm: mean((replica) => this.#at(slot, replica, recordFloats - 1)),
        learningRate: learningRateAt(optimizer.schedule, optimizer.lr, first + slot),
        ...(replicas > 1 && {
          losses: Array.from({ length: replicas }, (_, replica) => this.#loss(slot, replica)),
        }),
      };
      return [record];
    });
  }

  /** For each replica, the first update (counted from 1) whose loss or gradient was not finite. */
  divergedSteps(): (number | undefined)[] {
    const { first, count, replicas } = this.#range;
    return Array.from({ length: replicas }, (_, replica) => {
      for (let slot = 0; slot < count; slot += 1) {
        const finite = Number.isFinite(this.#loss(slot, replica) + this.#at(slot, replica, recordFloats - 1));
        if (!finite) return first + slot + 1;
      }
      return undefined;
    });
  }

  #at(slot: number, replica: number, place: number): number {
    return this.#values[(slot * this.#range.replicas + replica) * recordFloats + place] ?? Number.NaN;
  }

  #loss(slot: number, replica: number): number {
    return this.#range.losses.reduce((sum, _, term) => sum + this.#at(slot, replica, term), 0);
  }
}
