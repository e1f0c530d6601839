import { periodOf, type Task, type TrialBatch } from "../../src/tasks/task.ts";

/** One channel of one trial over time. */
export function seriesOf(
  task: Task,
  batch: TrialBatch,
  array: "inputs" | "targets" | "mask",
  name: string,
  trial: number,
): number[] {
  const names = array === "inputs" ? task.inputNames : task.outputNames;
  const channel = names.indexOf(name);
  if (channel < 0) throw new Error(`${task.name} has no channel "${name}": ${names.join(", ")}`);
  return Array.from(
    { length: batch.steps },
    (_, step) => batch[array][(step * batch.trials + trial) * names.length + channel] ?? Number.NaN,
  );
}

/** A period of one trial. */
export function periodIn(
  batch: TrialBatch,
  name: string,
  trial: number,
): { readonly from: number; readonly to: number } {
  const period = periodOf(batch, name, trial);
  if (period === undefined) throw new Error(`no period "${name}"`);
  return period;
}

/** A condition of one trial. */
export function conditionIn(batch: TrialBatch, name: string, trial: number): number {
  return batch.conditions[name]?.[trial] ?? Number.NaN;
}

/** A vector of one trial. */
export function vectorIn(batch: TrialBatch, name: string, trial: number): number[] {
  const values = batch.vectors?.[name] ?? new Float64Array();
  const count = values.length / batch.trials;
  return [...values.subarray(trial * count, (trial + 1) * count)];
}

/** The targets, changed at will: outputs to be judged. */
export function changed(
  batch: TrialBatch,
  change: (value: number, at: { readonly step: number; readonly trial: number; readonly channel: number }) => number,
): Float32Array {
  const width = batch.targets.length / (batch.steps * batch.trials);
  return batch.targets.map((value, index) => {
    const row = Math.floor(index / width);
    return change(value, { step: Math.floor(row / batch.trials), trial: row % batch.trials, channel: index % width });
  });
}

/** 0 … count - 1. */
export function range(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index);
}
