import { describe, expect, test } from "vitest";
import { ctrnn } from "../../src/network/ctrnn.ts";
import type { Trials } from "../../src/network/trials.ts";
import { Random, streams } from "../../src/random.ts";
import { dense } from "../../src/structure/structure.ts";
import { tasks } from "../../src/tasks/tasks.ts";
import { adam } from "../../src/train/optimizer.ts";
import type { RuleInput } from "../../src/train/rule.ts";
import type { TrialSource } from "../../src/train/source.ts";
import { train } from "../../src/train/train.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const random = { type: "eprop", feedback: "random" } as const;

test("e-prop learns a context-dependent decision as well as BPTT in as many updates", async () => {
  const learned = async (rule: RuleInput): Promise<number> => {
    const structure = dense({ inputs: 6, hidden: 48, outputs: 2 });
    const shape = { structure, dtMs: 50, tauMs: 100, activation: "tanh", seed: 1, replicas: 2 } as const;
    const network = ctrnn(gpu.device, shape);
    let accuracy = 0;
    for await (const { validation } of train(network, tasks.contextDecision({ dtMs: 50 }), {
      ...{ steps: 200, batch: 24, reportEvery: 200, optimizer: adam({ lr: 3e-3 }), clip: 1, rule },
      validation: { trials: 256, every: 200 },
    })) {
      accuracy = validation?.accuracy ?? accuracy;
    }
    network.dispose();
    return accuracy;
  };
  const [bptt, eprop] = [await learned({ type: "bptt" }), await learned({ type: "eprop" })];
  expect(bptt).toBeGreaterThan(0.85);
  expect(eprop).toBeGreaterThan(bptt - 0.1);
});

/** Two cues of either sign, one after the other; their product is to be told in the four steps that follow. */
const delayedProduct: TrialSource = {
  inputs: 2,
  outputs: 1,
  batch({ trials, seed, index = 0 }): Trials {
    const steps = 12;
    const draw = new Random(seed, streams.task, index);
    const cues = Array.from({ length: trials }, () => [draw.choice([-1, 1]), draw.choice([-1, 1])] as const);
    const inputs = new Float32Array(steps * trials * 2);
    const targets = new Float32Array(steps * trials);
    const mask = new Float32Array(steps * trials);
    for (let row = 0; row < steps * trials; row += 1) {
      const [first, second] = cues[row % trials] ?? [0, 0];
      const third = Math.floor(row / trials / 4);
      if (third === 0) inputs[2 * row] = first;
      if (third === 1) inputs[2 * row + 1] = second;
      targets[row] = first * second;
      mask[row] = third === 2 ? 1 : 0;
    }
    return { steps, trials, inputs, targets, mask };
  },
};

describe("the product of two cues, which no readout of the untrained network tells", () => {
  /** Errors of the last batch of two replicas after 150 updates; 1 is that of a guess. */
  async function errors(rule: RuleInput, learn = {}): Promise<readonly number[]> {
    const structure = dense({ inputs: 2, hidden: 40, outputs: 1 });
    const network = ctrnn(gpu.device, { structure, alpha: 0.2, activation: "tanh", seed: 1, replicas: 2, learn });
    let last: readonly number[] = [];
    for await (const { losses } of train(network, delayedProduct, {
      ...{ steps: 150, batch: 16, reportEvery: 150, optimizer: adam({ lr: 6e-3 }), clip: 1, rule },
      loss: [{ type: "meanSquaredError", denominator: "mask" }],
    })) {
      last = losses ?? last;
    }
    network.dispose();
    return last;
  }

  for (const rule of [{ type: "eprop" }, random, { type: "rflo" }] as const) {
    test(`is learned under ${JSON.stringify(rule)}`, async () => {
      for (const error of await errors(rule)) expect(error).toBeLessThan(0.1);
    });
  }

  test("and is not where only the readout learns", async () => {
    const only = { weightIH: false, weightHH: false, biasH: false };
    for (const error of await errors({ type: "eprop" }, only)) expect(error).toBeGreaterThan(0.7);
  });
});
