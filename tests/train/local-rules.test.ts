import { describe, expect, test } from "vitest";
import { constraints } from "../../src/io/model-schema.ts";
import { hasParameter } from "../../src/network/cells.ts";
import { ctrnn } from "../../src/network/ctrnn.ts";
import { type Model, parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import type { Trials } from "../../src/network/trials.ts";
import { validateModel } from "../../src/network/validate.ts";
import { Random, streams } from "../../src/random.ts";
import { dense } from "../../src/structure/structure.ts";
import { tasks } from "../../src/tasks/tasks.ts";
import { gradients } from "../../src/train/gradients.ts";
import { adam, sgd } from "../../src/train/optimizer.ts";
import type { RuleInput } from "../../src/train/rule.ts";
import { fixedTrials, type TrialSource } from "../../src/train/source.ts";
import { train } from "../../src/train/train.ts";
import { generateModel } from "../reference/generate.ts";
import { at } from "../reference/numbers.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, holdTask, randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const sizes = { inputs: 2, hidden: 7, outputs: 1 };
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
  /** Errors of the last batch of two replicas after 250 updates; 1 is that of a guess. */
  async function errors(rule: RuleInput, learn = {}): Promise<readonly number[]> {
    const structure = dense({ inputs: 2, hidden: 40, outputs: 1 });
    const network = ctrnn(gpu.device, { structure, alpha: 0.2, activation: "tanh", seed: 1, replicas: 2, learn });
    let last: readonly number[] = [];
    for await (const { losses } of train(network, delayedProduct, {
      ...{ steps: 250, batch: 16, reportEvery: 250, optimizer: adam({ lr: 3e-3 }), clip: 1, rule },
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

describe("what follows the gradient is the same as for BPTT", () => {
  test("an update of plain descent is the gradient that `gradients` gives", async () => {
    const model = generateModel({ ...sizes, seed: 2, activation: "tanh" });
    const [before, after] = [model, model].map((each) => new Network(gpu.device, [each])) as [Network, Network];
    const trials = randomTrials({ ...sizes, time: 5, batch: 4, seed: 2 });
    const { parameters } = await gradients(before, trials, [{ type: "meanSquaredError" }], { rule: random });
    const settings = { steps: 1, optimizer: sgd({ lr: 0.25 }), rule: random };
    for await (const { loss } of train(after, fixedTrials(trials), settings)) expect(loss).toBeGreaterThan(0);
    const moved = await after.read();
    for (const name of parameterNames.filter((each) => each !== "alpha" && hasParameter("ctrnn", each))) {
      for (const [index, value] of moved.parameters[name].entries()) {
        expect(value).toBeCloseTo(at(model.parameters[name], index) - 0.25 * at(parameters[name], index), 6);
      }
    }
    before.dispose();
    after.dispose();
  });

  for (const constraint of constraints) {
    test(`masks, signs and plasticity hold, and a replica learns what it learns alone: ${constraint}`, async () => {
      const make = (seed: number): Model => {
        const given = { ...sizes, seed, activation: "tanh", constraint, noise: { pre: 0.1 } } as const;
        const model = generateModel({ ...given, density: 0.6, signed: true, plastic: true });
        return { ...model, spec: { ...model.spec, seed } };
      };
      const [together, alone] = [new Network(gpu.device, [make(1), make(2)]), new Network(gpu.device, [make(2)])];
      const task = holdTask({ inputs: 2, outputs: 1, steps: 6 });
      const settings = { steps: 4, batch: 8, optimizer: adam({ lr: 0.1 }), rule: random, clip: 0.5 };
      for (const network of [together, alone]) {
        for await (const { step } of train(network, task, settings)) expect(step).toBe(4);
      }
      const [one, other] = [await together.read(1), await alone.read()];
      for (const name of parameterNames.filter((each) => hasParameter("ctrnn", each))) {
        expect(bitsOf(one.parameters[name]), name).toEqual(bitsOf(other.parameters[name]));
        expect(one.parameters[name], name).not.toEqual(make(2).parameters[name]);
      }
      // Throws for a weight that breaks its mask or sign.
      validateModel(one);
      together.dispose();
      alone.dispose();
    });
  }
});
