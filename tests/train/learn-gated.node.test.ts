import { describe, expect, test } from "vitest";
import { gru, lstm } from "../../src/network/gated.ts";
import { dense } from "../../src/structure/structure.ts";
import { tasks } from "../../src/tasks/tasks.ts";
import { adam } from "../../src/train/optimizer.ts";
import { train } from "../../src/train/train.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

describe("a network of 32 units learns a decision that depends on the context", () => {
  const task = tasks.contextDecision();
  const structure = dense({ inputs: task.inputs, hidden: 32, outputs: task.outputs });
  for (const [name, make, lr] of [["an LSTM", lstm, 0.01] as const, ["a GRU", gru, 0.02] as const]) {
    test(name, async () => {
      const network = make(gpu.device, { structure, dtMs: 60, seed: 1 });
      let accuracy = 0;
      const options = { steps: 400, batch: 32, clip: 1, seed: 2, optimizer: adam({ lr }), reportEvery: 25 };
      const stop = { stop: { accuracy: 0.92 }, validation: { trials: 256, every: 25 } };
      for await (const report of train(network, task, { ...options, ...stop }))
        accuracy = report.validation?.accuracy ?? accuracy;
      expect(accuracy).toBeGreaterThan(0.9);
      network.dispose();
    });
  }
});
