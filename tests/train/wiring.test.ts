import { expect, test } from "vitest";
import type { LossInput } from "../../src/loss/losses.ts";
import { ctrnn } from "../../src/network/ctrnn.ts";
import { distanceDependent } from "../../src/structure/distance-dependent.ts";
import { adam } from "../../src/train/optimizer.ts";
import { train } from "../../src/train/train.ts";
import { testDevice } from "../support/device.ts";
import { holdTask } from "../support/trials.ts";

const gpu = testDevice();
const structure = distanceDependent({ inputs: 2, hidden: 32, outputs: 1, layout: "ring", lengthScale: 0.3, seed: 2 });

/** Trains for 80 steps; how far the weight of a recurrent synapse reaches on average, Σ |w| d / Σ |w|, and the error. */
async function trained(terms: readonly LossInput[]): Promise<{ length: number; error: number }> {
  const network = ctrnn(gpu.device, { structure, dtMs: 20, tauMs: 60, activation: "tanh", seed: 4 });
  const task = holdTask({ inputs: 2, outputs: 1, steps: 6 });
  const loss: LossInput[] = [{ type: "meanSquaredError" }, ...terms];
  let error = Number.NaN;
  for await (const report of train(network, task, {
    ...{ steps: 80, batch: 16, seed: 1, reportEvery: 80, optimizer: adam({ lr: 1e-2 }), loss },
  })) {
    error = report.terms["meanSquaredError"] ?? Number.NaN;
  }
  const { weightHH } = (await network.read()).parameters;
  network.dispose();
  const sizes = weightHH.map(Math.abs);
  const sum = (values: Float32Array): number => values.reduce((total, value) => total + value, 0);
  return { length: sum(sizes.map((size, k) => size * (structure.distances[k] ?? 0))) / sum(sizes), error };
}

test("a wiring cost shortens the mean wiring length, and the task is still learned", async () => {
  const free = await trained([]);
  const costly = await trained([{ type: "wiringCost", weight: 10 }]);
  const decayed = await trained([{ type: "weightL1", weight: 2 }]);
  expect(costly.length).toBeLessThan(0.8 * free.length);
  // It is the distance that does it: smaller weights alone reach as far.
  expect(costly.length).toBeLessThan(0.8 * decayed.length);
  for (const { error } of [free, costly]) expect(error).toBeLessThan(0.1);
});
