import { expect } from "vitest";
import { periodOf, type Task, type TrialBatch } from "../../src/tasks/task.ts";

/** The means of all inputs over a period of one trial. */
export function meansOf(batch: TrialBatch, trial: number, period: string): number[] {
  const width = batch.inputs.length / (batch.steps * batch.trials);
  const { from, to } = periodOf(batch, period, trial) ?? { from: 0, to: 0 };
  const sums = Array.from({ length: width }, () => 0);
  for (let step = from; step < to; step += 1)
    for (let channel = 0; channel < width; channel += 1)
      sums[channel] =
        (sums[channel] as number) + (batch.inputs[(step * batch.trials + trial) * width + channel] as number);
  return sums.map((sum) => sum / (to - from));
}

/** The means of the named inputs over a period. */
export function named(task: Task, batch: TrialBatch, trial: number, period: string, ...names: string[]): number[] {
  const means = meansOf(batch, trial, period);
  return names.map((name) => {
    const channel = task.inputNames.indexOf(name);
    if (channel < 0) throw new Error(`${task.name} has no input "${name}": ${task.inputNames.join(", ")}`);
    return means[channel] as number;
  });
}

/** The number of the largest. */
export function largest(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

/** Outputs that show one choice in each trial, all the time; `fixate`, where a task has it, is 0. */
export function answers(task: Task, batch: TrialBatch, choose: (trial: number) => number): Float32Array {
  const first = task.outputNames.indexOf("fixate") + 1;
  const outputs = new Float32Array(batch.targets.length);
  for (let trial = 0; trial < batch.trials; trial += 1) {
    const choice = choose(trial);
    for (let step = 0; step < batch.steps; step += 1)
      outputs[(step * batch.trials + trial) * task.outputs + first + choice] = 1;
  }
  return outputs;
}

/** The standard normal distribution function, to 1e-7 (Abramowitz & Stegun 26.2.17). */
export function normalBelow(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const series = t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const above = (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI)) * series;
  return z > 0 ? 1 - above : above;
}

/** A number of a list, NaN where there is none. */
export function at(values: ArrayLike<number> | undefined, index: number): number {
  return values?.[index] ?? Number.NaN;
}

/** Accuracy of an observer. */
export function accuracyOf(task: Task, batch: TrialBatch, choose: (trial: number) => number): number {
  return task.accuracy(answers(task, batch, choose), batch);
}

/** Expects a fraction of n trials to be a probability, to 4 standard errors. */
export function expectProbability(got: number, p: number, n: number, label = "fraction"): void {
  const tolerance = 4 * Math.sqrt((p * (1 - p)) / n) + 1 / n;
  expect(Math.abs(got - p), `${label} ${got}, expected ${p}`).toBeLessThan(tolerance);
}
