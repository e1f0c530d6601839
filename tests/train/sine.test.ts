import { expect, test } from "vitest";
import { ctrnn } from "../../src/network/ctrnn.ts";
import { dense } from "../../src/structure/structure.ts";
import { fixedTrials } from "../../src/train/source.ts";
import { train } from "../../src/train/train.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

/**
 * nn4n's first example: a network of 10 units says the next value of a sine wave. nn4n reaches 0.0023, 0.0005, 0.0008 and
 * 0.0026 with its four seeds by step 300 (shared/golden/nn4n/train-sine.json); here four seeds train as replicas, at once.
 */
test("a network of ten units learns to continue a sine wave, from four seeds", async () => {
  const steps = 199;
  const wave = Float32Array.from({ length: steps + 1 }, (_, t) => Math.sin((t * 2 * Math.PI) / 50));
  const source = fixedTrials({ steps, trials: 1, inputs: wave.subarray(0, steps), targets: wave.subarray(1) });
  const structure = dense({ inputs: 1, hidden: 10, outputs: 1 });
  const network = ctrnn(gpu.device, { structure, dtMs: 10, tauMs: 100, activation: "relu", seed: 1, replicas: 4 });
  let last: readonly number[] = [];
  for await (const { losses } of train(network, source, {
    ...{ steps: 300, reportEvery: 50, optimizer: { type: "adam", lr: 1e-2 }, clip: 1 },
  })) {
    last = losses ?? [];
  }
  expect(last.length).toBe(4);
  for (const loss of last) expect(loss).toBeLessThan(0.01);
  network.dispose();
});
