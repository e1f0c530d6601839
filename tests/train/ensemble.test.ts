import { afterEach, describe, expect, test } from "vitest";
import { ConfigError, ValueError } from "../../src/errors.ts";
import { ctrnn } from "../../src/network/ctrnn.ts";
import { gru } from "../../src/network/gated.ts";
import { parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { sparse } from "../../src/structure/sparse.ts";
import { dense } from "../../src/structure/structure.ts";
import { type EnsembleMember, ensemble } from "../../src/train/ensemble.ts";
import { adam, sgd } from "../../src/train/optimizer.ts";
import type { TrainingReport } from "../../src/train/report.ts";
import { type TrainOptions, train } from "../../src/train/train.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, holdTask } from "../support/trials.ts";

const gpu = testDevice();
const owned: Network[] = [];
const own = <Kind extends Network>(network: Kind): Kind => {
  owned.push(network);
  return network;
};
afterEach(() => {
  for (const network of owned.splice(0)) network.dispose();
});

const task = () => holdTask({ inputs: 2, outputs: 3, steps: 5 });
const structure = dense({ inputs: 2, hidden: 7, outputs: 3 });
const options = { structure, alpha: 0.5, activation: "tanh", noise: { pre: 0.1 }, seed: 5 } as const;
const loss = [{ type: "meanSquaredError" }, { type: "rateL2", weight: 0.1 }] as const;
const base: TrainOptions = { steps: 12, batch: 6, reportEvery: 2, optimizer: adam({ lr: 0.05 }), loss: [...loss] };

async function collect(network: Network, settings: TrainOptions): Promise<TrainingReport[]> {
  const reports: TrainingReport[] = [];
  for await (const report of train(network, task(), settings)) reports.push(report);
  return reports;
}

async function weights(network: Network, replica = 0): Promise<Record<string, Uint32Array>> {
  const { parameters } = await network.read(replica);
  return Object.fromEntries(parameterNames.map((name) => [name, bitsOf(parameters[name])]));
}

/** A member by itself: a network and settings of its own. */
async function alone({ seed = 5, network, train: mine }: EnsembleMember, settings: TrainOptions) {
  const single = own(ctrnn(gpu.device, { ...options, ...network, seed }));
  const reports = await collect(single, { ...settings, ...mine });
  return { reports, weights: await weights(single) };
}

/** Trains members together and each alone, and compares weights to the bit, losses, measurements and ends. */
async function expectEqual(members: readonly EnsembleMember[], settings: TrainOptions): Promise<TrainingReport[]> {
  const together = own(ensemble(own(ctrnn(gpu.device, options)), { settings: members }));
  const reports = await collect(together, settings);
  for (const [index, member] of members.entries()) {
    const single = await alone(member, settings);
    expect(await weights(together, index), `weights of member ${index}`).toEqual(single.weights);
    const last = single.reports.at(-1);
    const same = reports[single.reports.length - 1]?.replicas?.[index];
    expect(same?.loss).toBe(last?.loss);
    expect(same?.accuracy).toBe(last?.accuracy);
    expect(same?.validation).toEqual(last?.validation);
    const { stopped } = last ?? {};
    const end = stopped === undefined || stopped === "steps" ? undefined : { reason: stopped, step: last?.step };
    expect(reports.at(-1)?.replicas?.[index]?.ended).toEqual(end);
  }
  return reports;
}

describe("a member has the weights, to the bit, that it has alone", () => {
  test("with its own seed", async () => {
    const members = own(ensemble(own(ctrnn(gpu.device, options)), { seeds: [11, 3, 42] }));
    await collect(members, base);
    for (const [index, seed] of [11, 3, 42].entries())
      expect(await weights(members, index)).toEqual((await alone({ seed }, base)).weights);
    expect(members.seeds).toEqual([11, 3, 42]);
  });

  test("with its own learning rate, schedule, decay, penalty, clipping, noise, masks and seed of trials", async () => {
    const members: EnsembleMember[] = [
      { seed: 1, train: { optimizer: adam({ lr: 0.01 }) } },
      { seed: 1, train: { optimizer: adam({ lr: 0.1, weightDecay: 0.1, schedule: { type: "cosine", steps: 12 } }) } },
      { seed: 2, train: { loss: [{ type: "meanSquaredError" }, { type: "rateL2", weight: 0 }], clip: 0.01 } },
      { seed: 3, network: { noise: { pre: 0, post: 0.2 } }, train: { seed: 77 } },
      {
        seed: 4,
        network: { structure: sparse({ inputs: 2, hidden: 7, outputs: 3, weightHH: { density: 0.4 }, seed: 9 }) },
      },
    ];
    await expectEqual(members, { ...base, validation: { trials: 8, every: 4 } });
  });

  test("when each stops by an aim of its own, with its best weights", async () => {
    const members: EnsembleMember[] = [
      { seed: 1, train: { stop: { patience: 1 }, optimizer: sgd({ lr: 1 }) } },
      { seed: 2, train: { stop: { accuracy: 0.01 }, optimizer: sgd({ lr: 0.1 }) } },
      { seed: 3, train: { keepBest: false, optimizer: sgd({ lr: 1 }) } },
      { seed: 3, train: { stop: { patience: 2 }, keepBest: false, optimizer: sgd({ lr: 2, momentum: 0.9 }) } },
    ];
    const reports = await expectEqual(members, { ...base, steps: 30, validation: { trials: 8, every: 2 } });
    const ends = reports.at(-1)?.replicas?.map(({ ended }) => ended?.reason);
    expect(ends?.slice(0, 3)).toEqual(["patience", "accuracy", undefined]);
  });

  test("also of gated cells", async () => {
    const shape = { structure, seed: 1 } as const;
    const members = own(ensemble(own(gru(gpu.device, shape)), { seeds: [4, 9] }));
    await collect(members, base);
    const single = own(gru(gpu.device, { ...shape, seed: 9 }));
    await collect(single, base);
    expect(await weights(members, 1)).toEqual(await weights(single));
  });
});

test("all have stopped: training ends, and says why", async () => {
  const members = own(ensemble(own(ctrnn(gpu.device, options)), { seeds: [1, 2] }));
  const reports = await collect(members, { ...base, stop: { accuracy: 0 } });
  expect(reports).toHaveLength(1);
  expect(reports[0]?.stopped).toBe("accuracy");
});

test("one that diverges is reported, and the others go on untouched", async () => {
  const members: EnsembleMember[] = [
    { seed: 1, train: { optimizer: sgd({ lr: 0.1 }) } },
    { seed: 2, network: { activation: "relu" }, train: { optimizer: sgd({ lr: 1e30 }) } },
  ];
  const settings = { ...base, steps: 8 };
  const network = own(ctrnn(gpu.device, { ...options, activation: "relu" }));
  const together = own(ensemble(network, { settings: members }));
  const reports = await collect(together, settings);
  expect(reports.at(-1)?.replicas?.[1]?.divergedStep).toBeGreaterThan(0);
  expect(reports.at(-1)?.stopped).toBe("steps");
  const single = await alone({ seed: 1, network: { activation: "relu" }, train: members[0]?.train ?? {} }, settings);
  expect(await weights(together)).toEqual(single.weights);
});

test("a checkpoint knows which members have stopped", async () => {
  const settings: EnsembleMember[] = [{ seed: 1, train: { stop: { accuracy: 0 } } }, { seed: 2 }];
  const make = () => own(ensemble(own(ctrnn(gpu.device, options)), { settings }));
  const whole = make();
  await collect(whole, base);
  const cut = make();
  const first = await Trainer.create(cut, task(), base);
  for await (const { step } of first.run()) if (step === 6) break;
  const checkpoint = await first.checkpoint();
  first.dispose();
  expect(checkpoint.ended).toEqual([{ reason: "accuracy", step: 2 }, undefined]);
  const rest = make();
  const second = await Trainer.create(rest, task(), base);
  second.restore(checkpoint);
  for await (const { replicas } of second.run()) expect(replicas?.[0]?.ended?.step).toBe(2);
  second.dispose();
  for (const replica of [0, 1]) expect(await weights(rest, replica)).toEqual(await weights(whole, replica));
});

describe("is refused, by name", () => {
  test("members that cannot be", () => {
    const network = own(ctrnn(gpu.device, options));
    const make = (given: object) => () => ensemble(network, given as never);
    expect(make({})).toThrow("expected either seeds, one for each member, or settings");
    expect(make({ seeds: [1], settings: [{}] })).toThrow(ConfigError);
    expect(make({ seeds: [] })).toThrow("expected at least one member");
    expect(make({ seeds: [1.5] })).toThrow(ValueError);
    expect(make({ sets: [1] })).toThrow("sets");
    expect(make({ settings: [{ lr: 1 }] })).toThrow("ensemble: settings[0]");
    expect(make({ settings: [{}, { train: { batch: 3 } }] })).toThrow("ensemble: settings[1].train");
    expect(make({ settings: [{}, { network: { activation: "relu" } }] })).toThrow("Replica 1 has another architecture");
    const wide = { structure: dense({ inputs: 2, hidden: 8, outputs: 3 }) };
    expect(make({ settings: [{}, { network: wide }] })).toThrow("Replica 1 has another architecture");
    const given = own(new Network(gpu.device, network.initialModels));
    expect(() => ensemble(given, { seeds: [1] })).toThrow("the network was made of given models");
  });

  test("settings that one plan cannot hold", async () => {
    const network = own(ctrnn(gpu.device, options));
    const start = (...trains: NonNullable<EnsembleMember["train"]>[]) =>
      collect(own(ensemble(network, { settings: trains.map((each) => ({ train: each })) })), base);
    await expect(start({}, { optimizer: sgd({ lr: 1 }) })).rejects.toThrow(
      "ensemble: settings[1].train: optimizer: expected adam, as the first member, got sgd",
    );
    await expect(start({}, { loss: [{ type: "meanSquaredError" }] })).rejects.toThrow("only their weights may differ");
    await expect(start({ clip: 1 }, { clip: { mode: "value", limit: 1 } })).rejects.toThrow(
      "clip by globalNorm and value",
    );
    await expect(start({}, { stop: { patience: 2 } })).rejects.toThrow("stop.patience");
    await expect(start({}, { optimizer: { type: "adam", lr: -1 } })).rejects.toThrow("ensemble: settings[1].train");
    await expect(collect(network, { ...base, batch: 0 })).rejects.toThrow(ConfigError);
  });
});
