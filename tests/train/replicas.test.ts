import { describe, expect, test } from "vitest";
import { ctrnn } from "../../src/network/ctrnn.ts";
import { type Model, parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import type { Family } from "../../src/ops/recurrence.ts";
import { dense } from "../../src/structure/structure.ts";
import { gradients } from "../../src/train/gradients.ts";
import { adam, sgd } from "../../src/train/optimizer.ts";
import type { TrainingReport } from "../../src/train/report.ts";
import type { TrialSource } from "../../src/train/source.ts";
import { type TrainOptions, train } from "../../src/train/train.ts";
import { generateModel } from "../reference/generate.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, holdTask, randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const replicas = 3;
const sizes = { inputs: 2, hidden: 7, outputs: 3 };
const families: readonly Family[] = ["persistent", "stepwise"];
const task = () => holdTask({ inputs: 2, outputs: 3, steps: 5 });

/** The same architecture and masks with seed k; under Dale's law and with noise. */
function modelOf(seed: number): Model {
  const noise = { pre: 0.2, post: 0.1 };
  const options = { ...sizes, activation: "tanh", noise, density: 0.7, signed: true, plastic: true } as const;
  const model = generateModel({ ...options, seed });
  return { ...model, spec: { ...model.spec, seed } };
}
const models = Array.from({ length: replicas }, (_, k) => modelOf(40 + k));

async function withNetwork<T>(given: readonly Model[], use: (network: Network) => Promise<T>): Promise<T> {
  const network = new Network(gpu.device, given);
  try {
    return await use(network);
  } finally {
    network.dispose();
  }
}

/** The part of replica k of values of which each replica has as many. */
function part(values: Float32Array, k: number): Uint32Array {
  const length = values.length / replicas;
  return bitsOf(values.slice(k * length, (k + 1) * length));
}

async function trainAll(network: Network, source: TrialSource, options: TrainOptions): Promise<TrainingReport[]> {
  const reports: TrainingReport[] = [];
  for await (const report of train(network, source, options)) reports.push(report);
  return reports;
}

async function weights(network: Network, replica = 0): Promise<Record<string, Uint32Array>> {
  const { parameters } = await network.read(replica);
  return Object.fromEntries(parameterNames.map((name) => [name, bitsOf(parameters[name])]));
}

describe("replica k is the single network with its weights and seed, to the bit", () => {
  test("run(), with noise, and continued from a state", async () => {
    const trials = randomTrials({ ...sizes, time: 5, batch: 9, seed: 1 });
    await withNetwork(models, async (network) => {
      const all = await network.run(trials);
      const then = await network.run(trials, { state: all.final });
      const seeded = await network.run(trials, { seed: 99 });
      for (const [k, model] of models.entries()) {
        await withNetwork([model], async (single) => {
          const one = await single.run(trials);
          const after = await single.run(trials, { state: one.final });
          const own = await single.run(trials, { seed: 99 });
          for (const name of ["rates", "states", "outputs"] as const) {
            expect(part(all[name], k), `${name} of replica ${k}`).toEqual(bitsOf(one[name]));
            expect(part(then[name], k), `continued ${name} of replica ${k}`).toEqual(bitsOf(after[name]));
            expect(part(seeded[name], k), `seeded ${name} of replica ${k}`).toEqual(bitsOf(own[name]));
          }
          expect(part(all.final.v, k)).toEqual(bitsOf(one.final.v));
          expect(part(all.final.r, k)).toEqual(bitsOf(one.final.r));
        });
      }
      expect(part(all.outputs, 0)).not.toEqual(part(all.outputs, 1));
    });
  });

  for (const family of families) {
    test(`gradients(), ${family} family`, async () => {
      const trials = randomTrials({ ...sizes, time: 5, batch: 9, seed: 1 });
      const losses = [{ type: "meanSquaredError" }, { type: "rateL2", weight: 0.3 }] as const;
      await withNetwork(models, async (network) => {
        for (const [k, model] of models.entries()) {
          const replica = await gradients(network, trials, losses, { family, replica: k });
          const one = await withNetwork([model], (single) => gradients(single, trials, losses, { family }));
          expect(replica).toEqual(one);
        }
      });
    });
  }

  test("train(), with task and noise, validation and keepBest", async () => {
    const options = {
      ...{ steps: 8, batch: 9, reportEvery: 2, optimizer: adam({ lr: 0.05 }), clip: 0.5, seed: 70 },
      ...{ validation: { trials: 8, every: 2 } },
    };
    await withNetwork(models, async (network) => {
      const reports = await trainAll(network, task(), options);
      for (const [k, model] of models.entries()) {
        await withNetwork([model], async (single) => {
          const own = await trainAll(single, task(), { ...options, seed: 70 + k });
          expect(await weights(network, k), `replica ${k}`).toEqual(await weights(single));
          const replica = reports.map((report) => report.replicas?.[k]);
          expect(replica).toEqual(own.map(({ loss, accuracy, validation }) => ({ loss, accuracy, validation })));
          const losses = reports.flatMap(({ records }) => records.map((record) => record.losses?.[k]));
          expect(losses).toEqual(own.flatMap(({ records }) => records.map(({ loss }) => loss)));
        });
      }
      const [last] = reports.slice(-1);
      const mean = (last?.losses ?? []).reduce((sum, loss) => sum + loss, 0) / replicas;
      expect(last?.loss).toBeCloseTo(mean, 12);
    });
  });

  test("train() without a seed: the seed of each model", async () => {
    const options = { steps: 3, batch: 4 };
    await withNetwork(models, async (network) => {
      await trainAll(network, task(), options);
      const [, second] = models as [Model, Model];
      await withNetwork([second], async (single) => {
        await trainAll(single, task(), options);
        expect(await weights(network, 1)).toEqual(await weights(single));
      });
    });
  });
});

describe("replicas", () => {
  test("of ctrnn have different weights, those of their own seeds", async () => {
    const structure = dense(sizes);
    const network = ctrnn(gpu.device, { structure, seed: 5, replicas });
    expect(network.seeds).toEqual([5, 6, 7]);
    const read = await Promise.all([0, 1, 2].map((k) => weights(network, k)));
    for (const [k, own] of read.entries()) {
      const single = ctrnn(gpu.device, { structure, seed: 5 + k });
      expect(own).toEqual(await weights(single));
      expect(own["weightHH"]).not.toEqual(read[(k + 1) % replicas]?.["weightHH"]);
      single.dispose();
    }
    network.dispose();
  });

  test("are written one by one", async () => {
    await withNetwork(models, async (network) => {
      const [first, , third] = models as [Model, Model, Model];
      const before = await Promise.all([0, 1].map((k) => weights(network, k)));
      const changed = { ...third, parameters: { ...third.parameters, biasH: first.parameters.biasH } };
      network.write(changed, 2);
      expect(await Promise.all([0, 1].map((k) => weights(network, k)))).toEqual(before);
      const { parameters } = await network.read(2);
      expect(parameters.biasH).toEqual(first.parameters.biasH);
      expect(parameters.weightHH).not.toEqual((await network.read(0)).parameters.weightHH);
    });
  });
});

describe("a replica that diverges", () => {
  const badSeed = 71;
  /** The task, but the trials of one seed are impossible from the third update on. */
  function poisoned(): TrialSource {
    const source = task();
    return {
      ...source,
      batch(request) {
        const made = source.batch(request);
        const isBad = request.seed === badSeed && request.index === 2;
        return isBad ? { ...made, targets: made.targets.map(() => 3e38) } : made;
      },
    };
  }
  const options = { steps: 6, batch: 4, reportEvery: 6, optimizer: sgd({ lr: 0.05 }), seed: 70 };

  test("does not disturb the others, keeps its last good weights, and is named", async () => {
    await withNetwork(models, async (network) => {
      const [report] = await trainAll(network, poisoned(), options);
      expect(report?.replicas?.map(({ divergedStep }) => divergedStep)).toEqual([undefined, 3, undefined]);
      for (const k of [0, 2]) {
        await withNetwork([models[k] as Model], async (single) => {
          await trainAll(single, task(), { ...options, seed: 70 + k });
          expect(await weights(network, k), `replica ${k}`).toEqual(await weights(single));
        });
      }
      await withNetwork([models[1] as Model], async (single) => {
        await trainAll(single, task(), { ...options, steps: 1, seed: badSeed });
        expect(await weights(network, 1)).toEqual(await weights(single));
      });
    });
  });

  test("is left out of the means, also in the steps after it", async () => {
    await withNetwork(models, async (network) => {
      const reports = await trainAll(network, poisoned(), { ...options, reportEvery: 3 });
      for (const { step, loss, losses = [] } of reports.flatMap(({ records }) => records)) {
        const counted = step < 3 ? [0, 1, 2] : [0, 2];
        const mean = counted.reduce((sum, k) => sum + (losses[k] ?? Number.NaN), 0) / counted.length;
        expect(loss, `step ${step}`).toBeCloseTo(mean, 12);
      }
    });
  });
});
