import { ConfigError } from "../errors.ts";
import { suggestName } from "../io/nearest.ts";
import type { Task, TrialBatch } from "./task.ts";

/** The trials of a batch in which a condition has one value. */
export interface PsychometricPoint {
  readonly value: number;
  /** The name of the value, where the condition is a choice of names. */
  readonly label?: string;
  /** Trials that are scored. */
  readonly trials: number;
  /** Fraction of them that is solved. */
  readonly accuracy: number;
  /** √(p (1 - p) / n) of the accuracy. */
  readonly standardError: number;
  /** Fraction of the scored trials in which choice 0, 1, … was made, where the task is a choice. */
  readonly choices?: readonly number[];
}

/**
 * Accuracy, and what was chosen, by the value of a condition, in ascending order: a psychometric curve. Trials that are
 * not scored (catch trials) are left out.
 * @param outputs [T, B, O] of a network that saw the batch.
 * @throws {@link ConfigError} for a condition that the batch does not have, {@link ShapeError} as `task.accuracy`.
 */
export function psychometric(
  task: Pick<Task, "correct" | "choices" | "labels" | "outputs" | "name">,
  outputs: Float32Array,
  batch: TrialBatch,
  condition: string,
): PsychometricPoint[] {
  const values = batch.conditions[condition];
  if (values === undefined)
    throw new ConfigError(
      `psychometric: "${condition}" is not a condition of ${task.name}; ${suggestName(condition, Object.keys(batch.conditions))}`,
    );
  const correct = task.correct(outputs, batch);
  const made = task.choices?.(outputs, batch);
  const labels = task.labels[condition];
  const distinct = [...new Set<number>(values)].sort((one, other) => one - other);
  return distinct.map((value) => {
    const scored = Array.from(correct.keys()).filter(
      (trial) => values[trial] === value && !Number.isNaN(correct[trial]),
    );
    const trials = scored.length;
    const accuracy = scored.reduce((sum, trial) => sum + (correct[trial] as number), 0) / trials;
    const label = labels?.[value];
    return {
      value,
      ...(label !== undefined && { label }),
      ...{ trials, accuracy, standardError: Math.sqrt((accuracy * (1 - accuracy)) / trials) },
      ...(made && {
        choices: Array.from(
          { length: task.outputs },
          (_, choice) => scored.filter((trial) => made[trial] === choice).length / trials,
        ),
      }),
    };
  });
}
