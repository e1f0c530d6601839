import { describe, expect, it } from "vitest";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { taskFromFunction } from "../../src/tasks/task-from-function.ts";

const at = (values: ArrayLike<number> | undefined, index: number): number => values?.[index] ?? Number.NaN;

const base = {
  name: "follow",
  inputs: ["light"],
  outputs: 2,
  durationMs: 300,
  dtMs: 30,
  conditions: (random: {
    uniform: (low: number, high: number) => number;
    choice: <Item>(items: readonly Item[]) => Item;
  }) => ({
    onsetMs: random.uniform(0, 200),
    side: random.choice([0, 1]),
  }),
  trial: (timeMs: number, { onsetMs, side }: { onsetMs: number; side: number }, random: { normal: () => number }) => ({
    input: [(timeMs >= onsetMs ? 1 : 0) + 0.01 * random.normal()],
    target: side === 0 ? [1, 0] : [0, 1],
    mask: timeMs >= onsetMs ? 1 : 0,
  }),
};

describe("taskFromFunction", () => {
  it("calls the function at every step of every trial, as PsychRNN does", () => {
    const task = taskFromFunction(base);
    const batch = task.batch({ trials: 5, seed: 1 });
    expect([batch.steps, task.inputNames, task.outputNames]).toEqual([10, ["light"], ["output0", "output1"]]);
    for (let trial = 0; trial < 5; trial += 1) {
      for (let step = 0; step < 10; step += 1) {
        const on = step * 30 >= at(batch.conditions.onsetMs, trial);
        expect(at(batch.inputs, step * 5 + trial)).toBeCloseTo(on ? 1 : 0, 0);
        expect(at(batch.mask, (step * 5 + trial) * 2)).toBe(on ? 1 : 0);
        expect(at(batch.targets, (step * 5 + trial) * 2)).toBe(1 - at(batch.conditions.side, trial));
      }
    }
    expect(task.accuracy(batch.targets, batch)).toBe(1);
    expect(task.chance).toBe(0.5);
    expect(task.batch({ trials: 1, seed: 1, dtMs: 10 }).steps).toBe(30);
  });

  it("gives the same trials for the same keys, and fixes conditions", () => {
    const task = taskFromFunction(base);
    const large = task.batch({ trials: 6, seed: 2, index: 3 });
    const small = task.batch({ trials: 2, seed: 2, index: 3 });
    for (let step = 0; step < 10; step += 1)
      expect(small.inputs.slice(2 * step, 2 * step + 2)).toEqual(large.inputs.slice(6 * step, 6 * step + 2));
    const fixed = task.batch({ trials: 6, seed: 2, index: 3, side: [0, 1, 0, 1, 0, 1] });
    expect([...(fixed.conditions.side ?? [])]).toEqual([0, 1, 0, 1, 0, 1]);
    expect(fixed.inputs).toEqual(large.inputs);
  });

  it("scores what counts in no step as not scored", () => {
    const task = taskFromFunction(base);
    const batch = task.batch({ trials: 2, seed: 1, onsetMs: [0, 1000] });
    expect([...task.correct(batch.targets, batch)]).toEqual([1, Number.NaN]);
  });

  it("names what is wrong", () => {
    const task = taskFromFunction(base);
    expect(() => task.batch({ trials: 1, seed: 1, onset: 3 } as never)).toThrow(/did you mean "onsetMs"/);
    const run = (trial: object) => () =>
      taskFromFunction({ ...base, trial: () => trial } as never).batch({ trials: 1, seed: 1 });
    expect(run({ input: [1, 2], target: [0, 1] })).toThrow(ShapeError);
    expect(run({ input: [Number.NaN], target: [0, 1] })).toThrow(/follow: input: expected finite numbers, got NaN/);
    expect(run({ input: [1], target: [0] })).toThrow(/follow: target: expected 2 values/);
    expect(() => taskFromFunction({ ...base, trials: 1 } as never)).toThrow(/did you mean "trial"/);
    expect(() => taskFromFunction({ ...base, trial: 3 } as never)).toThrow(ConfigError);
    expect(() => taskFromFunction({ ...base, durationMs: 0 })).toThrow(ValueError);
  });
});
