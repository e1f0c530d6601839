import { beforeEach, describe, expect, test } from "vitest";
import { ShapeError, ValueError } from "../../src/errors.ts";
import { losses } from "../../src/index.ts";
import type { LossInput } from "../../src/loss/losses.ts";
import { Network } from "../../src/network/network.ts";
import type { Trials } from "../../src/network/trials.ts";
import { Random, streams } from "../../src/random.ts";
import { gradients } from "../../src/train/gradients.ts";
import { adam, sgd } from "../../src/train/optimizer.ts";
import { fixedTrials, type TrialSource } from "../../src/train/source.ts";
import { StepPlan } from "../../src/train/step-plan.ts";
import { type TrainOptions, train } from "../../src/train/train.ts";
import { generateModel } from "../reference/generate.ts";
import { testDevice } from "../support/device.ts";
import { randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const sizes = { inputs: 2, hidden: 7, outputs: 1 };
const [steps, batch, columns] = [5, 8, 3];
const units = [6, 0, 3];
const random = new Random(2, 9);
const rateMask = Float32Array.from({ length: steps * batch * columns }, () => random.choice([0, 1, 1, 2]));
const rateTargets = rateMask.map((m) => (m === 0 ? Number.NaN : random.uniform(-0.5, 0.5)));
const plain = randomTrials({ ...sizes, time: steps, batch, seed: 3, withMask: false });
const trials: Trials = { ...plain, rateTargets, rateMask };
const joint: LossInput[] = [{ type: "meanSquaredError" }, { type: "targetRates", units, denominator: "mask" }];

const networks: Network[] = [];
function networkOf(replicas = 1): Network {
  const models = Array.from({ length: replicas }, (_, replica) =>
    generateModel({ ...sizes, seed: 4 + replica, activation: "tanh" }),
  );
  networks.push(new Network(gpu.device, models));
  return networks.at(-1) as Network;
}
beforeEach(() => () => {
  for (const network of networks.splice(0)) network.dispose();
});

async function collect(network: Network, source: TrialSource, options: Partial<TrainOptions> = {}) {
  const reports = [];
  const base: TrainOptions = { steps: 4, optimizer: sgd({ lr: 0 }), loss: joint, seed: 1 };
  for await (const report of train(network, source, { ...base, ...options })) reports.push(report);
  return reports;
}

/** The trials of a fixed set with these numbers, by hand. */
function only(chosen: readonly number[]): Trials {
  const pick = (values: Float32Array): Float32Array => {
    const width = values.length / (steps * batch);
    const rows = Array.from({ length: steps }, (_, t) => chosen.map((b) => (t * batch + b) * width)).flat();
    return Float32Array.from(rows.flatMap((start) => [...values.subarray(start, start + width)]));
  };
  const { inputs, targets } = plain;
  return {
    ...{ steps, trials: chosen.length, inputs: pick(inputs), targets: pick(targets) },
    ...{ rateTargets: pick(rateTargets), rateMask: pick(rateMask) },
  };
}

describe("recordings of a fixed set of trials", () => {
  test("go with their trials: in batches, and among those held out", () => {
    const source = fixedTrials(trials, { heldOut: 3, seed: 5 });
    const order = [...new Random(5, streams.validation).permutation(batch)];
    expect(source.batch({ trials: 3, seed: 0, stream: streams.validation })).toEqual(only(order.slice(0, 3)));
    expect(source.batch({ trials: 5, seed: 0 })).toEqual(only(order.slice(3).sort()));
    const small = source.batch({ trials: 2, seed: 7, index: 1 });
    const own = order.slice(3).sort();
    const shuffled = [...new Random(7, streams.shuffle, 0).permutation(5)].slice(2, 4);
    expect(small).toEqual(only(shuffled.map((place) => own[place] as number)));
  });

  test("that do not fit their trials are refused at once", () => {
    expect(() => fixedTrials({ ...trials, rateTargets: new Float32Array(7) })).toThrow(ShapeError);
    expect(() => fixedTrials({ ...plain, rateMask })).toThrow(/rateMask: there are no rateTargets/);
  });
});

describe("training on recordings", () => {
  test("lowers their term; held-out trials are measured with it", async () => {
    const network = networkOf();
    const source = fixedTrials(trials, { heldOut: 3, seed: 5 });
    const held = source.batch({ trials: 3, seed: 0, stream: streams.validation });
    const before = await gradients(network, held, joint);
    const [measured] = await collect(network, source, { steps: 1, validation: { trials: 3, every: 1 } });
    expect(measured?.validation?.loss).toBeCloseTo(before.loss, 5);
    const [first] = measured?.records ?? [];
    expect(first?.terms["targetRates"]).toBeCloseTo(
      (await gradients(network, source.batch({ trials: 5, seed: 0 }), joint)).terms["targetRates"] as number,
      5,
    );
    const [report] = (await collect(network, source, { steps: 150, optimizer: adam({ lr: 0.02 }) })).slice(-1);
    expect(report?.terms["targetRates"]).toBeLessThan(0.3 * (first?.terms["targetRates"] as number));
  });

  test("of other batches at every step, without a buffer or pipeline made for them", async () => {
    const network = networkOf();
    const counts: number[] = [];
    const inner = fixedTrials(trials);
    const source: TrialSource = {
      ...inner,
      batch(request) {
        if ((request.index ?? 0) > 0) {
          const { buffers, pipelines, bindGroups } = gpu.device.counters;
          counts.push(buffers + pipelines + bindGroups);
        }
        return inner.batch(request);
      },
    };
    const terms = [...joint, losses.populationKL({ weight: 0.1 })];
    const reports = await collect(network, source, { batch: 4, reportEvery: 1, loss: terms });
    const values = reports.map(({ terms: { targetRates } }) => targetRates);
    expect(new Set(values).size).toBeGreaterThan(2);
    expect(new Set(counts.slice(1)).size).toBe(1);
  });

  test("replicas fit their own batches: each as it would alone", async () => {
    const options = { batch: 3, optimizer: adam({ lr: 0.01 }), reportEvery: 4 };
    const together = networkOf(2);
    await collect(together, fixedTrials(trials), options);
    for (const replica of [0, 1]) {
      const models = [generateModel({ ...sizes, seed: 4 + replica, activation: "tanh" })];
      const alone = new Network(gpu.device, models);
      await collect(alone, fixedTrials(trials), { ...options, seed: 1 + replica });
      expect((await together.read(replica)).parameters).toEqual((await alone.read()).parameters);
      alone.dispose();
    }
  });

  test("takes memory only where the term is there", async () => {
    const network = networkOf();
    const { device, spec, parameters, rules, layers } = network;
    const bytes = async (loss: Parameters<typeof StepPlan.compile>[3]["losses"]): Promise<number> => {
      const options = { replicas: 1, steps, batch, initial: "parameter" as const, losses: loss, historySlots: 1 };
      const plan = await StepPlan.compile(device, spec, { parameters, rules, layers, verdicts: rules }, options);
      const { rateTargets: z, rateMask: m, populationFactors: f } = plan.tensors;
      plan.dispose();
      return z.size + m.size + f.size;
    };
    expect(await bytes([losses.meanSquaredError()])).toBe(12);
    expect(await bytes([losses.targetRates()])).toBe(2 * steps * batch * 8 + 4);
  });
});

test("trials may hold recordings that no term asks for, of more units than the network has", async () => {
  const source = fixedTrials({ ...plain, rateTargets: new Float32Array(steps * batch * 8) });
  const [report] = await collect(networkOf(), source, { steps: 1, loss: [losses.meanSquaredError()] });
  expect(report?.terms).toEqual({ meanSquaredError: report?.loss });
});

describe("is refused before anything is allocated or sent:", () => {
  const refused = async (
    source: () => TrialSource,
    options: Partial<TrainOptions>,
    type: new (...args: never[]) => Error,
    message: RegExp,
  ): Promise<void> => {
    const network = networkOf();
    const { buffers, submits } = gpu.device.counters;
    const made = async (): Promise<unknown> => collect(network, source(), options);
    await expect(made()).rejects.toThrow(type);
    await expect(made()).rejects.toThrow(message);
    expect(gpu.device.counters).toMatchObject({ buffers, submits });
  };

  test("a term without recordings, in training and in gradients", async () => {
    await refused(() => fixedTrials(plain), {}, ValueError, /targetRates needs recorded rates/);
    const network = networkOf();
    const { buffers } = gpu.device.counters;
    await expect(gradients(network, plain, joint)).rejects.toThrow(/targetRates needs recorded rates/);
    expect(gpu.device.counters.buffers).toBe(buffers);
  });

  test("a term about more units than were recorded, or recordings of more units than there are", async () => {
    const loss = [losses.targetRates({ units: [0, 1] })];
    await refused(() => fixedTrials(trials), { loss }, ShapeError, /names 2 hidden units, but rateTargets have 3/);
    const many = new Float32Array(steps * batch * 8);
    const source = () => fixedTrials({ ...plain, rateTargets: many });
    const first = [losses.targetRates()];
    await refused(
      source,
      { loss: first },
      ShapeError,
      /rateTargets have 8 columns, but the network has only 7 hidden units/,
    );
  });

  test("NaN where something was recorded, infinity anywhere, a negative mask", async () => {
    const recorded = rateMask.findIndex((m) => m > 0);
    const missing = rateMask.indexOf(0);
    const changed = (values: Float32Array, index: number, value: number): Float32Array => values.with(index, value);
    const bad: [Partial<Trials>, RegExp][] = [
      [
        { rateTargets: changed(rateTargets, recorded, Number.NaN) },
        new RegExp(`rateTargets: value ${recorded} is NaN`),
      ],
      [{ rateTargets: changed(rateTargets, missing, Number.POSITIVE_INFINITY) }, /is Infinity; every value must be/],
      [{ rateMask: changed(rateMask, 4, -1) }, /rateMask: value 4 is -1; a trial mask must not be negative/],
      [{ rateMask: changed(rateMask, 4, Number.NaN) }, /rateMask: value 4 is NaN/],
    ];
    for (const [part, message] of bad)
      await refused(() => fixedTrials({ ...trials, ...part }), {}, ValueError, message);
    const { rateMask: _rateMask, ...unmasked } = trials;
    await refused(() => fixedTrials(unmasked), {}, ValueError, new RegExp(`rateTargets: value ${missing} is NaN`));
  });

  test("halves of an odd batch, of training and of held-out trials; sets past the held-out trials", async () => {
    const loss = [losses.populationKL()];
    await refused(() => fixedTrials(trials), { loss, batch: 5 }, ValueError, /even number of trials, got 5/);
    const source = () => fixedTrials(trials, { heldOut: 3 });
    const validation = { trials: 3, every: 1 };
    await refused(source, { loss, batch: 4, validation }, ValueError, /even number of trials, got 3/);
    const sets = [
      losses.populationKL({
        sets: [
          [0, 2],
          [2, 4],
        ],
      }),
    ];
    await refused(source, { loss: sets, batch: 4, validation }, ValueError, /reach to trial 4, but a batch has 3/);
  });
});
