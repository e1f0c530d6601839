import { expect } from "vitest";
import type { TrialBatch } from "../../src/tasks/task.ts";

/** Equal rows of the steps from … to - 1, as golden files have them. */
export type Runs = readonly (readonly [from: number, to: number, row: readonly number[]])[];

/** As it comes out of a JSON file. */
export type RunsJson = readonly (readonly (number | readonly number[])[])[];

/** Whether two float32 numbers are equal or next to each other. */
function nearly(got: number, expected: number, ulps: number): boolean {
  return got === expected || Math.abs(got - expected) <= ulps * 2 ** -23 * Math.max(Math.abs(expected), 2 ** -100);
}

/** Expects one trial of a batch's array to consist of these runs. @returns how many values were compared. */
export function expectRuns(
  label: string,
  batch: TrialBatch,
  name: "inputs" | "targets" | "mask",
  trial: number,
  given: RunsJson,
  ulps = 0,
): number {
  const runs = given as unknown as Runs;
  const values = batch[name];
  const width = values.length / (batch.steps * batch.trials);
  let compared = 0;
  for (const [from, to, row] of runs) {
    expect(row.length, label).toBe(width);
    for (let step = from; step < to; step += 1) {
      row.forEach((value, channel) => {
        const got = values[(step * batch.trials + trial) * width + channel] ?? Number.NaN;
        if (!nearly(got, Math.fround(value), ulps))
          expect.fail(`${label} ${name}[${step}, ${trial}, ${channel}]: expected ${Math.fround(value)}, got ${got}`);
        compared += 1;
      });
    }
  }
  expect(runs.at(-1)?.[1], label).toBe(batch.steps);
  expect(compared, label).toBe(batch.steps * width);
  return compared;
}
