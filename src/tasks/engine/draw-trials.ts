import { ValueError } from "../../errors.ts";
import type { BatchRequest } from "./batch-request.ts";
import type { CompiledTask } from "./compiled-task.ts";
import { batchKey, drawCondition, drawVector, type MutableValues, type TrialKey, trialKey } from "./conditions.ts";
import { Clock, mostSteps, passPeriod } from "./periods.ts";

/** All trials of a batch before they are laid out over time. */
export interface DrawnTrials {
  readonly keys: readonly TrialKey[];
  /** Conditions and durations by name, each [B]. */
  readonly columns: ReadonlyMap<string, Float64Array>;
  /** Vectors by name, each [B, n]. */
  readonly vectors: ReadonlyMap<string, Float64Array>;
  /** By period, each [B]. */
  readonly starts: readonly Int32Array[];
  readonly ends: readonly Int32Array[];
  readonly lengths: Int32Array;
}

/** An object with all names of a task, so that it has the same shape for every trial. */
export function emptyValues(task: CompiledTask, dtMs: number): MutableValues {
  const values: MutableValues = { dtMs };
  for (const { name } of task.conditions) values[name] = Number.NaN;
  for (const { name, count } of task.vectors) values[name] = new Float64Array(count).fill(Number.NaN);
  for (const { conditionName } of task.periods) values[conditionName] = Number.NaN;
  return values;
}

/** Conditions, vectors and durations of every trial. @throws {@link ValueError} */
export function drawTrials(task: CompiledTask, request: BatchRequest): DrawnTrials {
  const { trials, dtMs, fixed, fixedVectors, combinations } = request;
  const shared = batchKey(request.key);
  const keys = Array.from({ length: trials }, (_, trial) => trialKey(request.key, trial));
  const column = (): Float64Array => new Float64Array(trials);
  const columns = new Map<string, Float64Array>();
  for (const { name } of task.conditions) columns.set(name, column());
  for (const { conditionName } of task.periods) columns.set(conditionName, column());
  const vectors = new Map(task.vectors.map(({ name, count }) => [name, new Float64Array(trials * count)]));
  const starts = task.periods.map(() => new Int32Array(trials));
  const ends = task.periods.map(() => new Int32Array(trials));
  const lengths = new Int32Array(trials);
  const clock = new Clock(task.rounding, dtMs);

  keys.forEach((key, trial) => {
    // Fresh, so that a condition which uses one that comes after it sees NaN, not the trial before.
    const values = emptyValues(task, dtMs);
    const put = (name: string, value: number): void => {
      values[name] = value;
      (columns.get(name) as Float64Array)[trial] = value;
    };
    for (const condition of task.conditions) {
      const { name } = condition;
      const given = fixed.get(name)?.[trial] ?? combinations?.value(name, trial);
      put(name, given ?? drawCondition(task.name, condition, key, shared, values));
    }
    for (const vector of task.vectors) {
      const { name, count } = vector;
      const given = fixedVectors.get(name)?.subarray(trial * count, (trial + 1) * count);
      (values[name] as Float64Array).set(given ?? drawVector(task.name, vector, key, shared, values));
      vectors.get(name)?.set(values[name] as Float64Array, trial * count);
    }
    clock.reset();
    task.periods.forEach((period, index) => {
      const fixedMs = fixed.get(period.conditionName)?.[trial];
      (starts[index] as Int32Array)[trial] = clock.step;
      const draw = { key, shared, trial: values, ...(fixedMs !== undefined && { fixedMs }) };
      put(period.conditionName, passPeriod(task.name, period, clock, dtMs, draw));
      (ends[index] as Int32Array)[trial] = clock.step;
    });
    lengths[trial] = clock.step;
  });
  return { keys, columns, vectors, starts, ends, lengths };
}

/** Steps of the batch: of its longest trial, or of the longest that there can be. */
export function stepsOfBatch(
  task: CompiledTask,
  { fixed, dtMs, trim }: BatchRequest,
  { lengths }: DrawnTrials,
): number {
  const longest = new Map<string, number>();
  for (const { name, conditionName, condition } of task.periods) {
    const given = fixed.get(conditionName) ?? (condition === undefined ? undefined : fixed.get(condition));
    if (given !== undefined) longest.set(name, Math.max(...given));
  }
  const most = trim ? 0 : mostSteps(task, dtMs, longest);
  const steps = Math.max(...lengths, most);
  if (task.longestMs !== undefined && !trim && longest.size === 0 && steps > most)
    throw new ValueError(
      `${task.name} batch: a trial has ${steps} steps, but longestMs ${task.longestMs} is ${most} steps of ${dtMs} ms.`,
    );
  if (steps > 0) return steps;
  throw new ValueError(`${task.name} batch: every trial has 0 steps of ${dtMs} ms; give some period a duration.`);
}
