import { ConfigError } from "../../errors.ts";
import { suggestName } from "../../io/nearest.ts";
import type { JudgedTrial } from "../definition.ts";
import { periodOf, type TrialBatch } from "../task.ts";
import { checkOutputs } from "./choice.ts";

/** A rule as functions of a network's outputs [T, B, O]. */
export interface Judge {
  /** [B] */
  readonly correct: (outputs: Float32Array, batch: TrialBatch) => Float64Array;
  /** [B] */
  readonly choices?: (outputs: Float32Array, batch: TrialBatch) => Int32Array;
  /** The accuracy of a guess, where it is known. */
  readonly chance: number;
}

/** A score of every trial [B]. */
export function scoreTrials(batch: TrialBatch, score: (trial: number) => number): Float64Array {
  return Float64Array.from({ length: batch.trials }, (_, trial) => score(trial));
}

/** Steps of one trial. */
export function lengthOf(batch: TrialBatch, trial: number): number {
  return batch.lengths?.[trial] ?? batch.steps;
}

/** The steps of a period of one trial; of the whole trial where no period is named. */
export function windowOf(batch: TrialBatch, name: string | undefined, trial: number): { from: number; to: number } {
  return { from: 0, to: lengthOf(batch, trial), ...(name !== undefined && periodOf(batch, name, trial)) };
}

/** @throws {@link ConfigError} naming the nearest known name. */
export function checkName(label: string, name: string, known: readonly string[]): void {
  if (!known.includes(name)) throw new ConfigError(`${label}: "${name}" is not known; ${suggestName(name, known)}`);
}

/** A user's function of one trial as a rule; its chance is not known, so it counts as 0. */
export function judgeByFunction(rule: (judged: JudgedTrial) => number): Judge {
  const correct = (outputs: Float32Array, batch: TrialBatch): Float64Array => {
    const width = checkOutputs(outputs, batch);
    return scoreTrials(batch, (trial) => {
      const steps = lengthOf(batch, trial);
      const of = (values: Float32Array): Float32Array => {
        const own = new Float32Array(steps * width);
        for (let step = 0; step < steps; step += 1) {
          const start = (step * batch.trials + trial) * width;
          own.set(values.subarray(start, start + width), step * width);
        }
        return own;
      };
      return rule({
        ...{ trial, steps, dtMs: batch.dtMs },
        ...{ outputs: of(outputs), targets: of(batch.targets), mask: of(batch.mask) },
        condition: (name) => {
          checkName("accuracy: condition", name, Object.keys(batch.conditions));
          return batch.conditions[name]?.[trial] ?? Number.NaN;
        },
        vector: (name) => {
          checkName("accuracy: vector", name, Object.keys(batch.vectors ?? {}));
          const values = batch.vectors?.[name] ?? new Float64Array();
          const count = values.length / batch.trials;
          return values.subarray(trial * count, (trial + 1) * count);
        },
        period: (name) => {
          checkName("accuracy: period", name, Object.keys(batch.periods));
          return windowOf(batch, name, trial);
        },
      });
    });
  };
  return { correct, chance: 0 };
}
