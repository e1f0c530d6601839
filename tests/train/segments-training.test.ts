import { afterEach, describe, expect, test } from "vitest";
import { DivergenceError } from "../../src/errors.ts";
import type { LossInput } from "../../src/loss/losses.ts";
import { ctrnn } from "../../src/network/ctrnn.ts";
import { type ParameterName, parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { dense } from "../../src/structure/structure.ts";
import { ensemble } from "../../src/train/ensemble.ts";
import { adam, sgd } from "../../src/train/optimizer.ts";
import type { TrainingReport } from "../../src/train/report.ts";
import { fixedTrials, type TrialSource } from "../../src/train/source.ts";
import { type TrainOptions, train } from "../../src/train/train.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { type GeneratedModelOptions, generateModel } from "../reference/generate.ts";
import { relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, holdTask, randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const owned: Network[] = [];
const own = <Kind extends Network>(network: Kind): Kind => {
  owned.push(network);
  return network;
};
afterEach(() => {
  for (const network of owned.splice(0)) network.dispose();
});

const sizes = { inputs: 2, hidden: 7, outputs: 3 };
const task = () => holdTask({ inputs: 2, outputs: 3, steps: 13 });
const noise = { pre: 0.1, post: 0.05 };
const loss: LossInput[] = [
  { type: "meanSquaredError" },
  { type: "rateSpread", weight: 0.1 },
  { type: "weightL2", weight: 0.01 },
  { type: "omega", weight: 0.1 },
];
const base: TrainOptions = { steps: 8, batch: 5, reportEvery: 4, optimizer: adam({ lr: 0.01 }), loss, seed: 3 };
const networkOf = (replicas = 1, more: Partial<GeneratedModelOptions> = {}): Network =>
  own(
    new Network(
      gpu.device,
      Array.from({ length: replicas }, (_, replica) => {
        const activation = more.cell === undefined ? { activation: "tanh" } : {};
        const model = generateModel({ ...sizes, ...activation, noise, ...more, seed: 21 + replica });
        return { ...model, spec: { ...model.spec, seed: 21 + replica } };
      }),
    ),
  );

async function collect(network: Network, source: TrialSource, options: TrainOptions): Promise<TrainingReport[]> {
  const reports: TrainingReport[] = [];
  for await (const report of train(network, source, options)) reports.push(report);
  return reports;
}

async function weights(network: Network, replica = 0): Promise<Record<ParameterName, Float32Array>> {
  return (await network.read(replica)).parameters;
}

/** Fails unless training in segments reports and learns what it does in one. */
async function expectSame(
  make: () => Network,
  options: Partial<TrainOptions>,
  { source = task, segments = 3 }: { source?: () => TrialSource; segments?: number } = {},
): Promise<void> {
  const [whole, split] = [make(), make()];
  const [expected, actual] = [
    await collect(whole, source(), { ...base, ...options }),
    await collect(split, source(), { ...base, ...options, segments }),
  ];
  expect(actual).toHaveLength(expected.length);
  for (const [index, report] of expected.entries()) {
    const same = actual[index];
    expect(same?.segments).toBe(segments);
    expect(report.segments).toBeUndefined();
    expect(same?.accuracy).toBe(report.accuracy);
    expect(same?.validation?.accuracy).toBe(report.validation?.accuracy);
    for (const [place, record] of report.records.entries()) {
      const other = same?.records[place];
      // The first update starts from the same weights.
      if (record.step === 1) {
        expect(other?.terms).toEqual(record.terms);
        expect(other?.losses).toEqual(record.losses);
      }
      expect(other?.loss).toBeCloseTo(record.loss, 5);
      expect((other?.gradientNorm ?? 0) / record.gradientNorm).toBeCloseTo(1, 5);
      expect(other?.learningRate).toBe(record.learningRate);
    }
  }
  for (const replica of whole.seeds.keys()) {
    const [a, b] = [await weights(split, replica), await weights(whole, replica)];
    for (const name of parameterNames) expect(relative(a[name], b[name]), `${name}, ${replica}`).toBeLessThan(2e-5);
  }
}

describe("training in segments is training", () => {
  for (const clip of [0.05, { mode: "tensorNorm", limit: 0.02 }, { mode: "value", limit: 0.01 }] as const) {
    test(`clipped by ${JSON.stringify(clip)}`, () =>
      expectSame(() => networkOf(2), { clip, optimizer: sgd({ lr: 0.1, momentum: 0.9 }) }));
  }
  for (const cell of ["lstm", "gru"] as const) {
    test(cell, () => expectSame(() => networkOf(2, { cell }), { loss: [{ type: "meanSquaredError" }] }));
  }
  test("with held-out trials", () =>
    expectSame(() => networkOf(2), { validation: { trials: 6, every: 4 }, clip: 1, loss: loss.slice(0, 3) }));
  test("in windows, the last of them shorter", () =>
    expectSame(() => networkOf(2), { truncate: { steps: 5 }, steps: 6, reportEvery: 3 }, { segments: 2 }));
  test("on a sequence that goes on", () => {
    const source = (): TrialSource => ({ ...holdTask({ inputs: 2, outputs: 3, steps: 9 }), continuous: true });
    const shortTermPlasticity = { release: 0.3, recoveryMs: 200, facilitationMs: 900 };
    const make = () => networkOf(1, { shortTermPlasticity, dtMs: 20, activation: "sigmoid" });
    return expectSame(make, { loss: loss.slice(0, 3) }, { source });
  });
  test("under e-prop and RFLO", async () => {
    for (const rule of [{ type: "eprop" }, { type: "rflo" }] as const) {
      await expectSame(() => networkOf(2), { rule, loss: loss.slice(0, 3) });
    }
  });
});

test("the loss of held-out trials has the same bits", async () => {
  const still = { ...base, steps: 1, reportEvery: 1, optimizer: sgd({ lr: 0 }), validation: { trials: 6, every: 1 } };
  const hebbian: LossInput[] = [{ type: "meanSquaredError" }, { type: "hebbian" }];
  // Terms that need a backward pass, one pass forward, or two.
  for (const terms of [loss, loss.slice(0, 1), loss.slice(0, 3), hebbian]) {
    const [whole] = await collect(networkOf(2), task(), { ...still, loss: terms });
    for (const segments of [2, 5]) {
      const [split] = await collect(networkOf(2), task(), { ...still, loss: terms, segments });
      expect(split?.validation).toEqual(whole?.validation);
      expect(split?.replicas).toEqual(whole?.replicas);
    }
  }
});

test("a member of an ensemble learns, bit for bit, what it learns alone, and one that diverges leaves it so", async () => {
  const structure = dense({ inputs: 2, hidden: 7, outputs: 3 });
  const options = { structure, alpha: 0.5, activation: "relu", noise: { pre: 0.1 }, seed: 5 } as const;
  const settings = [
    { seed: 5, train: { optimizer: sgd({ lr: 0.01 }), clip: 0.5 } },
    { seed: 6, network: { noise: { pre: 0.3 } }, train: { optimizer: sgd({ lr: 0.03 }) } },
    { seed: 7, train: { optimizer: sgd({ lr: 1e30 }) } },
  ];
  const { seed: _seed, ...rest } = base;
  const split = { ...rest, segments: 3, loss: loss.slice(0, 3) };
  const together = own(ensemble(own(ctrnn(gpu.device, options)), { settings }));
  const reports = await collect(together, task(), split);
  expect(reports.at(-1)?.replicas?.map(({ divergedStep }) => divergedStep === undefined)).toEqual([true, true, false]);
  for (const [index, { seed, train: mine, ...member }] of settings.entries()) {
    const single = own(ctrnn(gpu.device, { ...options, ...member.network, seed }));
    const run = collect(single, task(), { ...split, ...mine });
    if (index === 2) await expect(run).rejects.toThrow(DivergenceError);
    else await run;
    const [a, b] = [await weights(together, index), await weights(single)];
    for (const name of parameterNames) expect(bitsOf(a[name]), `${name} of ${index}`).toEqual(bitsOf(b[name]));
  }
});

test("an update makes nothing once the first is done, and a fixed set of trials is sent once", async () => {
  const trials = randomTrials({ ...sizes, time: 13, batch: 5, seed: 1 });
  const trainer = await Trainer.create(networkOf(2), fixedTrials(trials), { ...base, steps: 12, segments: 4 });
  const { counters, queue } = gpu.device;
  let sent = 0;
  const write = queue.writeBuffer.bind(queue);
  queue.writeBuffer = (buffer, offset, data, start, size) => {
    sent += size ?? data.byteLength;
    write(buffer, offset, data as ArrayBuffer, start, size);
  };
  const made = () => [counters.buffers, counters.pipelines, counters.bindGroups];
  const seen: number[][] = [];
  const dispatches: number[] = [];
  const bytes: number[] = [];
  for await (const _report of trainer.run()) {
    seen.push(made());
    dispatches.push(counters.dispatches);
    bytes.push(sent);
  }
  queue.writeBuffer = write;
  const inputBytes = 2 * 4 * 13 * 5 * 4;
  expect(bytes[0]).toBeGreaterThan(inputBytes);
  // Four updates, of which each sends the settings of two replicas.
  expect((bytes[2] ?? 0) - (bytes[1] ?? 0)).toBeLessThan(inputBytes);
  expect(seen[1]).toEqual(seen[0]);
  expect(seen[2]).toEqual(seen[0]);
  const [first = 0, second = 0, third = 0] = dispatches;
  expect(third - second).toBe(second - first);
  trainer.dispose();
});

test("a run goes on from a checkpoint to the same bits", async () => {
  const options = { ...base, segments: 3, truncate: { steps: 8 } };
  const straight = networkOf();
  await collect(straight, task(), options);
  const first = await Trainer.create(networkOf(), task(), { ...options, steps: 3 });
  for await (const _report of first.run());
  const checkpoint = await first.checkpoint();
  first.dispose();
  const resumed = networkOf();
  const second = await Trainer.create(resumed, task(), options);
  second.restore(checkpoint);
  for await (const _report of second.run());
  second.dispose();
  const [a, b] = [await weights(resumed), await weights(straight)];
  for (const name of parameterNames) expect(bitsOf(a[name]), name).toEqual(bitsOf(b[name]));
});
