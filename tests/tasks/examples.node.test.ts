import { readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, test } from "vitest";
import { defineTask } from "../../src/tasks/define-task.ts";
import type { Task, TrialBatch } from "../../src/tasks/task.ts";
import { taskFromFunction } from "../../src/tasks/task-from-function.ts";

/** Runs the example of a file's docs, and returns the constants it makes. */
function runExample(file: string): Record<string, unknown> {
  const text = readFileSync(`src/tasks/${file}`, "utf8");
  const [, block = ""] = /<!-- example -->\n \* ```ts\n([\s\S]*?)\n \* ```\n \* <!-- \/example -->/.exec(text) ?? [];
  const lines = block.split("\n").map((line) => line.replace(/^ \* ?/, ""));
  expect(lines.length, file).toBeGreaterThan(10);
  expect(lines.length, file).toBeLessThanOrEqual(40);
  const names = lines.flatMap((line) => /^const (\w+)/.exec(line)?.[1] ?? []);
  const { outputText } = ts.transpileModule(lines.join("\n"), { compilerOptions: { target: ts.ScriptTarget.ES2022 } });
  const run = new Function("defineTask", "taskFromFunction", `${outputText}; return { ${names.join(", ")} };`);
  return run(defineTask, taskFromFunction) as Record<string, unknown>;
}

describe("the examples in the docs run", () => {
  test("defineTask", () => {
    const { twoLights, hard, everyCondition } = runExample("define-task.ts") as {
      twoLights: Task;
      hard: TrialBatch;
      everyCondition: TrialBatch;
    };
    expect(twoLights.accuracy(hard.targets, hard)).toBe(1);
    expect(new Set(hard.conditions.coherence)).toEqual(new Set([0.032]));
    for (const value of [0.032, 0.128, 0.512])
      expect(Array.from(everyCondition.conditions.coherence ?? []).filter((own) => own === value)).toHaveLength(20);
  });

  test("taskFromFunction", () => {
    const { lateLight, dim } = runExample("task-from-function.ts") as { lateLight: Task; dim: TrialBatch };
    expect(lateLight.accuracy(dim.targets, dim)).toBe(1);
    expect(dim.steps).toBe(50);
    expect(Math.max(...dim.inputs)).toBeLessThan(0.8);
  });
});
