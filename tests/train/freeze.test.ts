import { expect, test } from "vitest";
import { ConfigError, ShapeError } from "../../src/errors.ts";
import { hasParameter } from "../../src/network/cells.ts";
import { type Model, type ParameterName, parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { adam } from "../../src/train/optimizer.ts";
import { fixedTrials } from "../../src/train/source.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { generateModel } from "../reference/generate.ts";
import { testDevice } from "../support/device.ts";
import { randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const sizes = { inputs: 2, hidden: 5, outputs: 2, seed: 3 };
const source = fixedTrials(randomTrials({ ...sizes, time: 4, batch: 3 }));

/** Which tensors differ between two models in any entry. */
function changed(before: Model, after: Model): ParameterName[] {
  return parameterNames.filter((name) =>
    before.parameters[name].some((value, index) => value !== after.parameters[name][index]),
  );
}

async function step(trainer: Trainer): Promise<void> {
  for await (const report of trainer.run()) if (report.step > 0) return;
}

test("a frozen tensor stays, bit for bit, and moves again when unfrozen, in the middle of training", async () => {
  const network = new Network(gpu.device, [generateModel({ ...sizes, activation: "tanh" })]);
  const trainer = await Trainer.create(network, source, { steps: 4, reportEvery: 1, optimizer: adam({ lr: 0.01 }) });
  const states = [await network.read()];
  const read = async (): Promise<ParameterName[]> => {
    await step(trainer);
    states.push(await network.read());
    return changed(states.at(-2) as Model, states.at(-1) as Model);
  };
  const own = parameterNames.filter((name) => hasParameter("ctrnn", name));
  expect(await read()).toEqual(own);
  network.freeze("weightHH");
  network.freeze("alpha");
  expect(await read()).toEqual(own.filter((name) => name !== "weightHH" && name !== "alpha"));
  network.unfreeze("weightHH");
  expect(await read()).toContain("weightHH");
  trainer.dispose();
  network.dispose();
});

test("part of a tensor can be frozen, in every replica", async () => {
  const models = [1, 2].map((seed) => generateModel({ ...sizes, seed, activation: "tanh" }));
  const network = new Network(gpu.device, models);
  const trainer = await Trainer.create(network, source, { steps: 1, reportEvery: 1, optimizer: adam({ lr: 0.01 }) });
  const where = Float32Array.from({ length: 25 }, (_, index) => index % 2);
  network.freeze("weightHH", where);
  await step(trainer);
  for (const [replica, model] of models.entries()) {
    const { weightHH } = (await network.read(replica)).parameters;
    const moved = Array.from(weightHH, (value, index) => Number(value !== model.parameters.weightHH[index]));
    expect(moved).toEqual(Array.from(where, (frozen) => 1 - frozen));
  }
  trainer.dispose();
  network.dispose();
});

test("errors name what is wrong", () => {
  const model = generateModel(sizes);
  const spec = { ...model.spec, learn: { ...model.spec.learn, alpha: false } };
  const network = new Network(gpu.device, [{ ...model, spec }]);
  expect(() => network.freeze("weightHH", [1, 0])).toThrow(ShapeError);
  expect(() => network.unfreeze("alpha")).toThrow(ConfigError);
  network.dispose();
});
