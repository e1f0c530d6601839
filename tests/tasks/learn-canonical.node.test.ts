import { expect, test } from "vitest";
import type { Task } from "../../src/tasks/task.ts";
import { tasks } from "../../src/tasks/tasks.ts";
import { testDevice } from "../support/device.ts";
import { learn } from "../support/learn.ts";

// Three of the fastest; all of them: tests/long/tasks.mjs.
const gpu = testDevice();

test("64 units learn to count poissonClicks, at every ratio", async () => {
  const task = tasks.poissonClicks({ logRatios: [1.5, 3] }) as Task;
  const options = { steps: 100, dtMs: 40, enough: 0.98, by: "logRatio" };
  expect((await learn(gpu.device, task, options)).accuracy).toBeGreaterThan(0.92);
});

test("64 units learn antiResponse with a cue, by either rule", async () => {
  const task = tasks.antiResponse({ directions: 8, rule: "cued" }) as Task;
  const options = { steps: 120, dtMs: 50, enough: 0.98, by: "rule" };
  expect((await learn(gpu.device, task, options)).accuracy).toBeGreaterThan(0.92);
});

test("64 units learn delayedMatchToCategory, matches and non-matches", async () => {
  const task = tasks.delayedMatchToCategory({ fixationMs: 100, sampleMs: 300, delayMs: 200, testMs: 400 }) as Task;
  const options = { steps: 120, dtMs: 40, enough: 0.97, by: "relation" };
  expect((await learn(gpu.device, task, options)).accuracy).toBeGreaterThan(0.92);
});
