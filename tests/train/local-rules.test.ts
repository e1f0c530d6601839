import { describe, expect, test } from "vitest";
import { constraints } from "../../src/io/model-schema.ts";
import { ctrnn } from "../../src/network/ctrnn.ts";
import { type Model, parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { validateModel } from "../../src/network/validate.ts";
import { dense } from "../../src/structure/structure.ts";
import { tasks } from "../../src/tasks/tasks.ts";
import { gradients } from "../../src/train/gradients.ts";
import { adam, sgd } from "../../src/train/optimizer.ts";
import type { Measurement } from "../../src/train/report.ts";
import type { RuleInput } from "../../src/train/rule.ts";
import { fixedTrials } from "../../src/train/source.ts";
import { train } from "../../src/train/train.ts";
import { generateModel } from "../reference/generate.ts";
import { at } from "../reference/numbers.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, holdTask, randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const sizes = { inputs: 2, hidden: 7, outputs: 1 };
const random: RuleInput = { type: "eprop", feedback: "random" };

/** Held-out loss and accuracy after 200 updates of two replicas; `"readout"` trains nothing but the readout. */
async function learned(rule: RuleInput | "readout"): Promise<Measurement> {
  const only = rule === "readout" ? { learn: { weightIH: false, weightHH: false, biasH: false } } : {};
  const structure = dense({ inputs: 6, hidden: 48, outputs: 2 });
  const shape = { structure, dtMs: 50, tauMs: 100, activation: "tanh", seed: 1, replicas: 2 } as const;
  const network = ctrnn(gpu.device, { ...shape, ...only });
  let last: Measurement = { loss: Number.NaN };
  for await (const { validation } of train(network, tasks.contextDecision({ dtMs: 50 }), {
    ...{ steps: 200, batch: 24, reportEvery: 200, optimizer: adam({ lr: 3e-3 }), clip: 1 },
    ...{ rule: rule === "readout" ? { type: "bptt" } : rule, validation: { trials: 256, every: 200 } },
  })) {
    last = validation ?? last;
  }
  network.dispose();
  return last;
}

test("e-prop and RFLO learn a context-dependent decision, in as many updates as BPTT", async () => {
  const [bptt, eprop, rflo, readout] = [
    await learned({ type: "bptt" }),
    await learned({ type: "eprop" }),
    await learned({ type: "rflo" }),
    await learned("readout"),
  ];
  expect(bptt.accuracy).toBeGreaterThan(0.85);
  expect(eprop.accuracy).toBeGreaterThan(0.8);
  expect(rflo.accuracy).toBeGreaterThan(0.7);
  // It is the hidden weights that do it.
  expect(bptt.loss).toBeLessThan(0.6 * readout.loss);
  expect(eprop.loss).toBeLessThan(0.7 * readout.loss);
  expect(rflo.loss).toBeLessThan(0.9 * readout.loss);
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
    for (const name of parameterNames.filter((each) => each !== "alpha")) {
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
      for (const name of parameterNames) {
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
