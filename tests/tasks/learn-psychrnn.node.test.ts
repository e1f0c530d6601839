import { expect, test } from "vitest";
import { tasks } from "../../src/tasks/tasks.ts";
import { testDevice } from "../support/device.ts";
import { learn } from "../support/learn.ts";

const gpu = testDevice();
/** A loaded machine takes its time, and other initial weights may have to be tried. */
const patienceMs = 240_000;

test(
  "64 units learn perceptualDiscrimination, at every coherence",
  async () => {
    const options = { steps: 60, dtMs: 40, enough: 0.98, by: "coherence" };
    expect((await learn(gpu.device, tasks.perceptualDiscrimination(), options)).accuracy).toBeGreaterThan(0.95);
  },
  patienceMs,
);

test(
  "64 units learn delayedDiscrimination",
  async () => {
    const options = { steps: 160, dtMs: 40, enough: 0.97 };
    expect((await learn(gpu.device, tasks.delayedDiscrimination(), options)).accuracy).toBeGreaterThan(0.93);
  },
  patienceMs,
);

test(
  "64 units learn matchToCategory",
  async () => {
    const options = { steps: 100, dtMs: 40, enough: 0.96 };
    expect((await learn(gpu.device, tasks.matchToCategory(), options)).accuracy).toBeGreaterThan(0.93);
  },
  patienceMs,
);
