import { expect, test } from "vitest";
import { tasks } from "../../src/tasks/tasks.ts";
import { testDevice } from "../support/device.ts";
import { learn } from "../support/learn.ts";

const gpu = testDevice();

test("64 units learn to reach away from a stimulus, after the go cue (delayedReach)", async () => {
  const options = { steps: 120, dtMs: 50, enough: 0.97 };
  expect((await learn(gpu.device, tasks.delayedReach({ rule: "anti" }), options)).accuracy).toBeGreaterThan(0.93);
});

test("64 units learn to produce two intervals (motorTiming)", async () => {
  const options = { steps: 160, dtMs: 50, enough: 0.97, by: "interval" };
  const task = tasks.motorTiming({ intervals: [400, 700], cueMs: { uniform: [200, 400] } });
  expect((await learn(gpu.device, task, options)).accuracy).toBeGreaterThan(0.93);
});
