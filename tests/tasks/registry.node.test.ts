import { describe, expect, test } from "vitest";
import { buildTask, taskSchema } from "../../src/cli/task-config.ts";
import { parseWith } from "../../src/io/config.ts";
import { checkTrials } from "../../src/network/trials.ts";
import type { Task } from "../../src/tasks/task.ts";
import { taskSchemas, tasks } from "../../src/tasks/tasks.ts";

const names = Object.keys(tasks) as (keyof typeof tasks)[];

test("every task has a schema of its options", () => {
  expect(Object.keys(taskSchemas)).toEqual(names);
});

/** What holds for every built-in task, those of the future included. */
describe.each(names)("%s", (name) => {
  const config = parseWith(taskSchema, { name }, "config");
  const task: Task = buildTask(config);

  test("is named, has a source, and a chance level between 0 and 1", () => {
    expect(task.name).toBe(name);
    expect(task.source).toMatch(/\d{4}|neurogym|pycog/);
    expect(task.chance).toBeGreaterThanOrEqual(0);
    expect(task.chance).toBeLessThan(1);
    expect([task.inputNames.length, task.outputNames.length]).toEqual([task.inputs, task.outputs]);
    expect(new Set(task.inputNames).size).toBe(task.inputs);
  });

  test("makes trials that a network can take, that count somewhere, and that their own targets solve", () => {
    const batch = task.batch({ trials: 24, seed: 1 });
    checkTrials(batch, { inputs: task.inputs, outputs: task.outputs, hidden: 1 });
    const { steps, mask } = batch;
    for (let trial = 0; trial < 24; trial += 1) {
      const length = batch.lengths?.[trial] ?? steps;
      expect(length).toBeGreaterThan(0);
      let counted = 0;
      for (let step = 0; step < steps; step += 1) {
        for (let output = 0; output < task.outputs; output += 1) {
          const weight = mask[(step * 24 + trial) * task.outputs + output] ?? Number.NaN;
          counted += weight;
          if (step >= length && weight !== 0) expect.fail(`trial ${trial} counts at step ${step}, after its end`);
        }
      }
      expect(counted).toBeGreaterThan(0);
    }
    expect(task.accuracy(batch.targets, batch)).toBe(1);
  });

  test("has as many steps in every batch, so that it can be trained on", () => {
    const lengths = [1, 2, 3, 4].map((seed) => task.batch({ trials: 6, seed, dtMs: 25 }).steps);
    expect(new Set(lengths).size).toBe(1);
  });

  test("returns what it drew, and takes it back", () => {
    const batch = task.batch({ trials: 6, seed: 5 });
    const fixed: Record<string, ArrayLike<number>> = {};
    for (const condition of task.conditionNames) {
      const values = batch.conditions[condition];
      if (values !== undefined) fixed[condition] = values;
    }
    const again = task.batch({ trials: 6, seed: 5, ...fixed });
    expect(again.conditions).toEqual(batch.conditions);
    expect(again.targets.slice(0, Math.min(again.targets.length, batch.targets.length))).toEqual(
      batch.targets.slice(0, Math.min(again.targets.length, batch.targets.length)),
    );
  });

  test("names the nearest condition", () => {
    const [condition = ""] = task.conditionNames;
    const misspelt = `${condition}x`;
    expect(() => task.batch({ trials: 1, seed: 1, [misspelt]: 1 } as never)).toThrow(`did you mean "${condition}"?`);
  });
});

test("a configuration names the nearest task and option", () => {
  const parse = (task: object) => () => parseWith(taskSchema, task, "config");
  expect(parse({ name: "perceptualDiscriminaton" })).toThrow(/did you mean "perceptualDiscrimination"/);
  expect(parse({ name: "dm1", noize: 0 })).toThrow(/noize: unknown key; did you mean "noise"/);
  expect(parse({ name: "yang2019", rules: ["dmsgoo"] })).toThrow(/rules\[0\].*did you mean "dmsgo"/);
  expect(parse({ name: "delayedDiscrimination", delayMs: -1 })).toThrow(/delayMs/);
  expect(buildTask(parseWith(taskSchema, { name: "yang2019", rules: ["dm1", "dm2"] }, "config")).inputs).toBe(67);
});
