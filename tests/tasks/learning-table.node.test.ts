import { describe, expect, test } from "vitest";
import { buildTask, taskSchema } from "../../src/cli/task-config.ts";
import { parseWith } from "../../src/io/config.ts";
import { tasks } from "../../src/tasks/tasks.ts";
import { taskSettings } from "../long/task-settings.mjs";

const fields = ["atLeast", "options", "stages", "enough", "updates", "dtMs", "identity", "lr", "batch"];

test("every built-in task, and no other, has an entry in the table of what is learned (tests/long/tasks.mjs)", () => {
  expect(Object.keys(taskSettings).sort()).toEqual(Object.keys(tasks).sort());
});

describe.each(Object.entries(taskSettings))("%s", (name, settings) => {
  const { options = {}, stages = [], atLeast, enough = 1 } = settings;
  const make = (given: object) => buildTask(parseWith(taskSchema, { name, ...given }, name));

  test("is to be learned halfway from chance to perfect at least, by options that it has, on one network", () => {
    expect(fields).toEqual(expect.arrayContaining(Object.keys(settings)));
    const task = make(options);
    expect(atLeast).toBeGreaterThan((1 + task.chance) / 2);
    expect(enough).toBeGreaterThan(atLeast);
    for (const stage of stages) {
      const { inputs, outputs } = make(stage);
      expect([inputs, outputs]).toEqual([task.inputs, task.outputs]);
    }
  });
});
