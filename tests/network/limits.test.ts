import { expect, test } from "vitest";
import { LimitError } from "../../src/errors.ts";
import type { Model } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { specOf } from "../reference/generate.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

test("a network of more than 65535 × 64 parameters runs, or is refused with the limit's name", async () => {
  // One invocation a parameter, 64 to a workgroup: beyond maxComputeWorkgroupsPerDimension from 2043 units on.
  const hidden = 2056;
  const zeros = (length: number): Float32Array => new Float32Array(length);
  const model: Model = {
    spec: specOf({ inputs: 1, hidden, outputs: 1, activation: "linear" }),
    parameters: {
      weightIH: zeros(hidden).fill(1),
      weightHH: zeros(hidden * hidden),
      biasH: zeros(hidden),
      weightHO: zeros(hidden).fill(1, hidden - 1),
      biasO: Float32Array.of(0.25),
      alpha: zeros(hidden).fill(1),
      v0: zeros(hidden),
      biasN: zeros(0),
      r0: zeros(0),
    },
    ...{ masks: {}, signs: {}, plasticity: {} },
  };
  const network = new Network(gpu.device, [model]);
  const run = network.run({ steps: 1, trials: 1, inputs: Float32Array.of(0.5) });
  const outcome = await run.then(
    ({ outputs }) => Array.from(outputs),
    (error: unknown) => (error instanceof LimitError ? [0.75] : [String(error)]),
  );
  network.dispose();
  expect(outcome).toEqual([0.75]);
});
