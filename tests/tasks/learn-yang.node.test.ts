import { expect, test } from "vitest";
import { tasks } from "../../src/tasks/tasks.ts";
import { testDevice } from "../support/device.ts";
import { learn } from "../support/learn.ts";

const gpu = testDevice();
/** A loaded machine takes its time, and other initial weights may have to be tried. */
const patienceMs = 240_000;
const ringUnits = 16;

test(
  "64 units learn to respond opposite to a stimulus (reactanti)",
  async () => {
    const options = { steps: 80, dtMs: 50, enough: 0.97 };
    expect((await learn(gpu.device, tasks.reactanti({ ringUnits }), options)).accuracy).toBeGreaterThan(0.93);
  },
  patienceMs,
);

test(
  "64 units learn to choose the stronger of two stimuli (dm1, easy)",
  async () => {
    const options = { steps: 200, dtMs: 50, enough: 0.95 };
    expect((await learn(gpu.device, tasks.dm1({ ringUnits, easy: true }), options)).accuracy).toBeGreaterThan(0.9);
  },
  patienceMs,
);

test(
  "64 units learn to respond to a match of categories (dmcgo)",
  async () => {
    const options = { steps: 240, dtMs: 50, enough: 0.96 };
    expect((await learn(gpu.device, tasks.dmcgo({ ringUnits }), options)).accuracy).toBeGreaterThan(0.92);
  },
  patienceMs,
);
