import { describe, expect, test } from "vitest";
import { ConfigError, ValueError } from "../../src/errors.ts";
import { losses as lossTerms } from "../../src/index.ts";
import { constraints } from "../../src/io/model-schema.ts";
import { checkLosses, type LossInput } from "../../src/loss/losses.ts";
import type { Model, WeightName } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { gradients } from "../../src/train/gradients.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, holdTask, randomTrials } from "../support/trials.ts";
import { expectWeightAgreement, spatialModel, weightGradients } from "../support/weight-loss-run.ts";

const gpu = testDevice();
const small = { inputs: 3, hidden: 9, outputs: 2 };

const parts: readonly {
  readonly matrix: WeightName;
  readonly post: [number, number];
  readonly pre: [number, number];
}[] = [
  { matrix: "weightHH", post: [2, 7], pre: [5, 9] },
  { matrix: "weightIH", post: [0, 4], pre: [1, 3] },
  { matrix: "weightHO", post: [1, 2], pre: [0, 5] },
];

describe("terms on a part of a matrix, back-propagated beside others", () => {
  for (const type of ["weightL1", "weightL2", "weightNorm", "spectralNorm"] as const) {
    for (const constraint of constraints) {
      test(`${type} under ${constraint}: each matrix, only rows, only columns`, async () => {
        const models = [1, 2].map((seed) => spatialModel(small, seed, constraint));
        for (const part of parts) await expectWeightAgreement(gpu.device, models, [{ type, weight: 0.7, ...part }]);
        await expectWeightAgreement(gpu.device, models, [
          { type, post: [2, 7] },
          { type, pre: [8, 9], weight: 0.3 },
          { type, weight: 0.2 },
        ]);
      });
    }
  }

  test("of a large matrix, whose sums have several chunks, and of a matrix of one entry", async () => {
    const type = "weightL2";
    await expectWeightAgreement(
      gpu.device,
      [spatialModel({ inputs: 2, hidden: 150, outputs: 3 }, 3, "abs")],
      [
        { type: "weightL1", post: [1, 149], pre: [3, 150] },
        { type, reduction: "sum", post: [20, 101] },
        { type: "wiringCost", reduction: "sum", pre: [20, 141] },
      ],
    );
    const one = [spatialModel({ inputs: 1, hidden: 1, outputs: 1 }, 5, "abs")];
    await expectWeightAgreement(gpu.device, one, [
      { type, post: [0, 1], pre: [0, 1] },
      { type: "wiringCost" },
      { type: "spectralNorm" },
    ]);
  });

  test("naming all of it is the whole matrix, to the bit", async () => {
    const models = [spatialModel(small, 4, "rectify")];
    for (const type of ["weightL1", "weightL2", "weightNorm", "spectralNorm"] as const) {
      const whole = await weightGradients(gpu.device, models, [{ type }]);
      const named = await weightGradients(gpu.device, models, [{ type, post: [0, 9], pre: [0, 9] }]);
      expect(named.loss).toBe(whole.loss);
      expect(bitsOf(named.parameters.weightHH)).toEqual(bitsOf(whole.parameters.weightHH));
    }
  });

  test("a part of zeros has norm 0 and gradient 0", async () => {
    const model = spatialModel(small, 6, "project");
    for (const row of [3, 4]) model.parameters.weightHH.fill(0, 9 * row, 9 * row + 9);
    const { loss, parameters } = await weightGradients(gpu.device, [model], [{ type: "weightNorm", post: [3, 5] }]);
    expect(loss).toBe(0);
    expect(parameters.weightHH.every((slope) => slope === 0)).toBe(true);
  });
});

describe("wiring cost", () => {
  for (const constraint of constraints) {
    test(`under ${constraint}: both metrics, a mean, a sum and a part; replicas with distances of their own`, async () => {
      const models = [1, 2, 3].map((seed) => spatialModel(small, seed, constraint));
      await expectWeightAgreement(gpu.device, models, [{ type: "wiringCost", weight: 0.7 }]);
      await expectWeightAgreement(gpu.device, models, [
        { type: "wiringCost", metric: "l2" },
        { type: "weightL2" },
        { type: "wiringCost", reduction: "sum", weight: 0.01, post: [2, 7], pre: [5, 9] },
      ]);
    });
  }

  test("replicas with the same distances share one copy, and give the same", async () => {
    const [first, second] = [1, 2].map((seed) => spatialModel(small, seed, "project")) as [Model, Model];
    const models = [first, { ...second, distances: (first.distances as Float32Array).slice() }];
    const network = new Network(gpu.device, models);
    expect(network.distances?.shape).toEqual([1, 9, 9]);
    network.dispose();
    const own = new Network(gpu.device, [first, second]);
    expect(own.distances?.shape).toEqual([2, 9, 9]);
    own.dispose();
    await expectWeightAgreement(gpu.device, models, [{ type: "wiringCost" }]);
  });

  test("of units that all lie one apart it is the mean absolute weight", async () => {
    const model = { ...spatialModel(small, 7, "project"), distances: new Float32Array(81).fill(1) };
    const [cost, l1] = [
      await weightGradients(gpu.device, [model], [{ type: "wiringCost" }]),
      await weightGradients(gpu.device, [model], [{ type: "weightL1" }]),
    ];
    expect(cost.loss).toBe(l1.loss);
    expect(bitsOf(cost.parameters.weightHH)).toEqual(bitsOf(l1.parameters.weightHH));
  });
});

describe("what a term may not be", () => {
  const bare = () => {
    const { distances: _distances, ...model } = spatialModel(small, 1, "project");
    return model;
  };

  /** Neither a gradient nor training gets as far as the GPU. */
  async function expectRefused(losses: readonly LossInput[], error: Error): Promise<void> {
    const network = new Network(gpu.device, [bare()]);
    const { buffers, dispatches } = gpu.device.counters;
    const trials = randomTrials({ ...small, time: 3, batch: 2, seed: 1 });
    await expect(gradients(network, trials, losses)).rejects.toThrow(error);
    const task = holdTask({ inputs: 3, outputs: 2, steps: 3 });
    const optimizer = { type: "sgd", lr: 0.1 } as const;
    await expect(Trainer.create(network, task, { steps: 1, loss: [...losses], optimizer })).rejects.toThrow(error);
    expect(gpu.device.counters).toMatchObject({ buffers, dispatches });
    network.dispose();
  }

  test("about rows or columns that are not there", async () => {
    await expectRefused(
      [{ type: "weightL1", post: [2, 10] }],
      new ValueError("weightL1: post [2, 10] reaches past the last of the 9 rows of weightHH."),
    );
    await expectRefused(
      [{ type: "weightNorm", matrix: "weightIH", pre: [2, 4] }],
      new ValueError("weightNorm: pre [2, 4] reaches past the last of the 3 columns of weightIH."),
    );
    await expectRefused(
      [{ type: "spectralNorm", matrix: "weightHO", post: [0, 3] }],
      new ValueError("spectralNorm: post [0, 3] reaches past the last of the 2 rows of weightHO."),
    );
    expect(() => lossTerms.weightL2({ pre: [3, 3] })).toThrow(
      "weightL2: pre: must be [first, one past the last], got an array of 2",
    );
  });

  test("a wiring cost without distances", async () => {
    await expectRefused(
      [{ type: "wiringCost" }],
      new ConfigError(
        "wiringCost: the network has no distances between its units. Give createModel distances [hidden, hidden], or a structure that has them, such as distanceDependent; in a model file they are the tensor distance_hh.",
      ),
    );
  });

  test("about replicas of which one has no distances", () => {
    const models = [bare(), spatialModel(small, 1, "project")];
    expect(() => new Network(gpu.device, models)).toThrow(
      new ConfigError("Replica 1 has distances and replica 0 has none; give all of them or none."),
    );
  });

  test("misspelt, or out of range", () => {
    expect(() => checkLosses([{ type: "wiringcost" } as unknown as LossInput])).toThrow('did you mean "wiringCost"?');
    expect(() => lossTerms.wiringCost({ metrik: "l1" } as object)).toThrow('did you mean "metric"?');
    expect(() => lossTerms.spectralNorm({ iterations: 0 })).toThrow("spectralNorm: iterations: must be > 0, got 0");
    expect(lossTerms.spectralNorm({ weight: 2 })).toEqual({
      ...{ type: "spectralNorm", weight: 2, matrix: "weightHH", iterations: 100, squared: false },
    });
    expect(lossTerms.wiringCost()).toEqual({ type: "wiringCost", weight: 1, metric: "l1", reduction: "mean" });
  });
});
