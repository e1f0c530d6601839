import { describe, expect, test } from "vitest";
import { constraints } from "../../src/io/model-schema.ts";
import { hasParameter } from "../../src/network/cells.ts";
import { type Model, parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { validateModel } from "../../src/network/validate.ts";
import { gradients } from "../../src/train/gradients.ts";
import { adam, sgd } from "../../src/train/optimizer.ts";
import { fixedTrials } from "../../src/train/source.ts";
import { train } from "../../src/train/train.ts";
import { generateModel } from "../reference/generate.ts";
import { at } from "../reference/numbers.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, holdTask, randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const sizes = { inputs: 2, hidden: 7, outputs: 1 };
const random = { type: "eprop", feedback: "random" } as const;

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
