import { describe, expect, test } from "vitest";
import type { BilinearNetwork } from "../../src/attractors/bilinear-network.ts";
import { bilinearTrainer } from "../../src/attractors/train-bilinear.ts";
import { activations } from "../../src/io/model-schema.ts";
import { adam, sgd } from "../../src/train/optimizer.ts";
import { bilinearBackward, bilinearForward } from "../reference/bilinear.ts";
import { bilinearCase } from "../support/bilinear.ts";
import { relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

function referenceOf(
  one: ReturnType<typeof bilinearCase>,
  network: ReturnType<typeof bilinearCase>["network"],
  observed: number,
) {
  const { units } = network;
  const drive = { steps: one.steps, trials: one.trials, state: one.state, inputs: one.inputs };
  const path = bilinearForward(network, drive);
  const count = one.steps * one.trials * observed;
  const difference = path.rates.map((rate, at) => (at % units < observed ? rate - (one.target[at] ?? 0) : 0));
  const loss = difference.reduce((sum, value) => sum + value ** 2, 0) / count;
  return {
    path,
    loss,
    gradients: bilinearBackward(
      network,
      drive,
      path,
      difference.map((value) => (2 * value) / count),
    ),
  };
}

function targetsOf(one: ReturnType<typeof bilinearCase>, observed: number): Float32Array {
  return one.target.filter((_, at) => at % one.network.units < observed);
}

describe("loss and gradients agree with the float64 reference", () => {
  const cases = [
    [1, 1, 1, 1],
    [7, 0, 5, 3],
    [9, 1, 6, 17],
    [21, 2, 4, 5],
    [18, 2, 40, 27],
    [12, 1, 3, 2],
  ] as const;
  for (const [index, [units, dimensions, steps, trials]] of cases.entries()) {
    // A square would blow up over many steps.
    const activation = steps > 20 ? "retanh" : (activations[(index + 1) % activations.length] ?? "tanh");
    test(`N ${units} D ${dimensions} T ${steps} B ${trials}, ${activation}`, async () => {
      const observed = Math.max(1, units - index);
      const one = bilinearCase({ units, dimensions, steps, trials, activation, seed: 20 + index });
      const other = bilinearCase({ units, dimensions, steps, trials, activation, seed: 40 + index });
      const trainer = await bilinearTrainer(gpu.device, [one.network, other.network], {
        ...{ steps, trials, observed, optimizer: adam({ lr: 1e-3 }) },
      });
      for (const [replica, { network }] of [one, other].entries()) {
        const expected = referenceOf(one, network, observed);
        const actual = await trainer.gradients({ ...one, targets: targetsOf(one, observed) }, replica);
        expect(Math.abs(actual.loss - expected.loss) / expected.loss).toBeLessThan(1e-5);
        expect(relative(actual.rates, expected.path.rates, 1)).toBeLessThan(1e-5);
        for (const name of ["weights", "velocityWeights", "bias", "state"] as const)
          expect(relative(actual[name], expected.gradients[name]), name).toBeLessThan(1e-4);
      }
      trainer.dispose();
    });
  }
});

describe("training", () => {
  const [units, trials, steps] = [12, 8, 10];
  const one = bilinearCase({ units, dimensions: 1, steps, trials, activation: "tanh", seed: 5 });
  const truth = bilinearForward(one.network, { ...one, currents: undefined });
  const batch = { state: one.state, inputs: one.inputs, targets: Float32Array.from(truth.rates) };
  const start: BilinearNetwork = {
    ...one.network,
    weights: one.network.weights.map((weight) => 0.5 * weight),
    velocityWeights: new Float32Array(units ** 2),
  };

  test("one step of gradient descent, with masks, signs and what is not learned", async () => {
    const mask = Float32Array.from({ length: units ** 2 }, (_, at) => (at % 3 === 0 ? 0 : 1));
    const masked = { ...start, weights: start.weights.map((weight, at) => Math.abs(weight) * (mask[at] ?? 0)) };
    const trainer = await bilinearTrainer(gpu.device, [masked], {
      ...{ steps, trials, optimizer: sgd({ lr: 2 }), masks: { weights: mask } },
      ...{ signs: new Float32Array(units ** 2).fill(1), learn: { bias: false } },
    });
    const gradients = await trainer.gradients(batch);
    const [loss] = await trainer.update(batch);
    expect(Math.abs((loss ?? 0) - gradients.loss)).toBeLessThan(1e-6);
    const [network] = await trainer.read();
    trainer.dispose();
    const expected = masked.weights.map((weight, at) =>
      mask[at] === 0 ? 0 : Math.max(0, weight - 2 * (gradients.weights[at] ?? 0)),
    );
    expect(expected.some((weight, at) => weight === 0 && mask[at] === 1)).toBe(true);
    expect(relative(network?.weights ?? [], expected, 1)).toBeLessThan(1e-6);
    expect(
      relative(
        network?.velocityWeights ?? [],
        gradients.velocityWeights.map((value) => -2 * value),
        1,
      ),
    ).toBeLessThan(1e-6);
    expect(network?.bias).toEqual(start.bias);
  });

  test("the penalty on the weights is that of W and V, of no bias, and not in the loss", async () => {
    const common = { steps, trials, optimizer: sgd({ lr: 1 }) };
    const [plain, penalised] = [
      await bilinearTrainer(gpu.device, [one.network], common),
      await bilinearTrainer(gpu.device, [one.network], { ...common, weightL2: 3 }),
    ];
    const [expected, actual] = [await plain.gradients(batch), await penalised.gradients(batch)];
    plain.dispose();
    penalised.dispose();
    expect(actual.loss).toBe(expected.loss);
    expect(actual.bias).toEqual(expected.bias);
    for (const name of ["weights", "velocityWeights"] as const) {
      // d/dw of 3 Σ w² / N²
      const slopes = one.network[name].map((weight, at) => (expected[name][at] ?? 0) + (6 * weight) / units ** 2);
      expect(relative(actual[name], slopes), name).toBeLessThan(1e-6);
    }
  });

  test("recovers the loss of the network that made the data, in both replicas alike", async () => {
    const trainer = await bilinearTrainer(gpu.device, [start, start], { steps, trials, optimizer: adam({ lr: 1e-2 }) });
    const [first = 0] = await trainer.update(batch);
    let last: readonly number[] = [];
    for (let step = 1; step < 200; step += 1) last = await trainer.update(batch);
    expect(trainer.step).toBe(200);
    trainer.dispose();
    expect(last[1]).toBe(last[0]);
    expect(last[0]).toBeLessThan(first / 100);
  });

  test("noise is another in every update, and belongs to the replica's seed", async () => {
    const options = { steps, trials, optimizer: sgd({ lr: 0 }), noise: 0.3 };
    const trainer = await bilinearTrainer(gpu.device, [start, start], { ...options, seed: 3 });
    const losses = [await trainer.update(batch), await trainer.update(batch)];
    trainer.dispose();
    expect(new Set(losses.flat()).size).toBe(4);
    const alone = await bilinearTrainer(gpu.device, [start], { ...options, seed: 4 });
    expect(await alone.update(batch)).toEqual([losses[0]?.[1]]);
    alone.dispose();
  });

  test("what is wrong is refused", async () => {
    const options = { steps, trials, optimizer: adam({ lr: 1e-3 }) };
    const refused = (networks: readonly BilinearNetwork[], more: object = {}) =>
      bilinearTrainer(gpu.device, networks, { ...options, ...more });
    await expect(refused([])).rejects.toThrow("networks: expected at least one, got none");
    await expect(refused([start], { observed: 13 })).rejects.toThrow("observed: expected at most 12 units, got 13");
    await expect(refused([{ ...start, inhibition: 1 }])).rejects.toThrow("divisive inhibition is not trained");
    await expect(refused([start], { weightL2: -1 })).rejects.toThrow(
      "weightL2: expected a number of at least 0, got -1",
    );
    await expect(refused([start], { signs: new Float32Array(3) })).rejects.toThrow(
      "signs: expected [12, 12] (post, pre)",
    );
    const trainer = await refused([start]);
    await expect(trainer.update({ ...batch, targets: new Float32Array(4) })).rejects.toThrow(
      "BilinearTrainer: targets: expected [10, 8, 12]",
    );
    trainer.dispose();
    await expect(trainer.read()).rejects.toThrow("used after its dispose()");
  });
});
