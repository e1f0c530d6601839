import { beforeEach, describe, expect, test, vi } from "vitest";
import { ConfigError, DivergenceError, ShapeError } from "../../src/errors.ts";
import type { DeviceCounters } from "../../src/gpu/device.ts";
import { type Model, parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import type { Trials } from "../../src/network/trials.ts";
import { streams } from "../../src/random.ts";
import { gradients } from "../../src/train/gradients.ts";
import { adam, sgd } from "../../src/train/optimizer.ts";
import type { TrainingReport } from "../../src/train/report.ts";
import { fixedTrials, type TrialSource } from "../../src/train/source.ts";
import { StepPlan } from "../../src/train/step-plan.ts";
import { type TrainOptions, train } from "../../src/train/train.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { generateModel } from "../reference/generate.ts";
import { at, largestDifference } from "../reference/numbers.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, holdTask, randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const sizes = { inputs: 2, hidden: 7, outputs: 1 };
const task = () => holdTask({ inputs: 2, outputs: 1, steps: 6 });
const noise = { pre: 0.1, post: 0.05 };
const model = generateModel({ ...sizes, seed: 4, activation: "tanh", noise, density: 0.8, signed: true });
const base: TrainOptions = { steps: 6, batch: 8, optimizer: adam({ lr: 0.02 }), seed: 11 };

const networks: Network[] = [];
function networkOf(of: Model = model): Network {
  const network = new Network(gpu.device, [of]);
  networks.push(network);
  return network;
}
beforeEach(() => () => {
  for (const network of networks.splice(0)) network.dispose();
});

async function collect(
  network: Network,
  source: TrialSource,
  options: Partial<TrainOptions> = {},
): Promise<TrainingReport[]> {
  const reports: TrainingReport[] = [];
  for await (const report of train(network, source, { ...base, ...options })) reports.push(report);
  return reports;
}

async function drain(trainer: Trainer): Promise<TrainingReport[]> {
  const reports: TrainingReport[] = [];
  for await (const report of trainer.run()) reports.push(report);
  return reports;
}

/** The parameters as bits, by name. */
async function weights(network: Network): Promise<Record<string, Uint32Array>> {
  const { parameters } = await network.read();
  return Object.fromEntries(parameterNames.map((name) => [name, bitsOf(parameters[name])]));
}

/** Reports without what depends on the clock. */
function timeless(reports: readonly TrainingReport[]): object[] {
  return reports.map(({ seconds, ...rest }) => ({ ...rest, timed: seconds >= 0 }));
}

describe("reports", () => {
  test("come every k steps, with one record for every update", async () => {
    const reports = await collect(networkOf(), task(), { steps: 7, reportEvery: 3 });
    expect(reports.map(({ step }) => step)).toEqual([3, 6, 7]);
    expect(reports.map(({ records }) => records.map(({ step }) => step))).toEqual([[1, 2, 3], [4, 5, 6], [7]]);
    expect(reports.map(({ stopped }) => stopped)).toEqual([undefined, undefined, "steps"]);
    for (const { records, step, loss, terms, gradientNorm, learningRate, accuracy, replicas } of reports) {
      expect(records.at(-1)).toEqual({ step, loss, terms, gradientNorm, learningRate });
      expect(learningRate).toBe(0.02);
      expect(gradientNorm).toBeGreaterThan(0);
      expect([0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, 1]).toContain(accuracy);
      expect(replicas).toBeUndefined();
    }
  });

  test("do not change what is learned", async () => {
    const [often, seldom] = [networkOf(), networkOf()];
    const each = await collect(often, task(), { reportEvery: 1 });
    const [all] = await collect(seldom, task(), { reportEvery: 100 });
    expect(all?.records).toEqual(each.flatMap(({ records }) => records));
    expect(await weights(seldom)).toEqual(await weights(often));
  });

  test("have the exact losses, term by term, of the weights before each update", async () => {
    const quiet = { ...model, spec: { ...model.spec, noise: { ...model.spec.noise, pre: 0, post: 0 } } };
    const network = networkOf(quiet);
    const trials = randomTrials({ ...sizes, time: 5, batch: 4, seed: 2 });
    const loss = [
      { type: "meanSquaredError", denominator: "mask", weight: 2 },
      { type: "rateL2", weight: 0.3 },
      { type: "meanSquaredError", weight: 0.5 },
      { type: "rateL2", weight: 0.1 },
    ] as const;
    const trainer = await Trainer.create(network, fixedTrials(trials), { steps: 3, reportEvery: 1, loss: [...loss] });
    let before = await gradients(network, trials, loss);
    for await (const { loss: total, terms, gradientNorm } of trainer.run()) {
      expect(terms).toEqual(before.terms);
      expect(Object.keys(terms)).toEqual(["meanSquaredError", "rateL2", "meanSquaredError2", "rateL22"]);
      expect(total).toBe(before.loss);
      const norm = Math.hypot(...parameterNames.flatMap((name) => Array.from(before.parameters[name])));
      expect(gradientNorm / norm).toBeCloseTo(1, 5);
      before = await gradients(network, trials, loss);
    }
    trainer.dispose();
  });
});

describe("repeatability", () => {
  test("two runs with the same seed are the same bits, another seed is not", async () => {
    const [one, two, other] = [networkOf(), networkOf(), networkOf()];
    const first = await collect(one, task());
    expect(timeless(await collect(two, task()))).toEqual(timeless(first));
    expect(await weights(two)).toEqual(await weights(one));
    const [third] = await collect(other, task(), { seed: 12 });
    expect(third?.records[0]?.loss).not.toBe(first[0]?.records[0]?.loss);
  });

  test("without a seed the network's own is taken", async () => {
    const [one, two] = [networkOf(), networkOf()];
    const first = await collect(one, task(), { seed: model.spec.seed });
    const { seed: _seed, ...unseeded } = base;
    const second: TrainingReport[] = [];
    for await (const report of train(two, task(), unseeded)) second.push(report);
    expect(timeless(second)).toEqual(timeless(first));
  });

  test("trials and noise are new in every step", async () => {
    const source = task();
    await collect(networkOf(), source, { steps: 3 });
    expect(source.requests.filter(({ stream }) => stream === undefined).map(({ index }) => index)).toEqual([
      0, 0, 1, 2,
    ]);
    expect(source.requests.map(({ seed }) => seed)).toEqual([11, 11, 11, 11]);
    const trials = randomTrials({ ...sizes, time: 5, batch: 4, seed: 2 });
    const [report] = await collect(networkOf(), fixedTrials(trials), { batch: 4, optimizer: sgd({ lr: 0 }) });
    const losses = new Set(report?.records.map(({ loss }) => loss));
    expect(losses.size).toBe(6);
  });

  test("restoring a checkpoint continues with the same bits, also in another network and after measurements", async () => {
    const options = { ...base, steps: 8, reportEvery: 2, validation: { trials: 16, every: 2 }, clip: 0.5 };
    const [straight, broken, resumed] = [networkOf(), networkOf(), networkOf()];
    const whole = await collect(straight, task(), options);
    const first = await Trainer.create(broken, task(), options);
    const reports: TrainingReport[] = [];
    for await (const report of first.run()) {
      reports.push(report);
      if (report.step === 4) break;
    }
    const checkpoint = structuredClone(await first.checkpoint());
    expect(checkpoint.step).toBe(4);
    first.dispose();
    const second = await Trainer.create(resumed, task(), options);
    second.restore(checkpoint);
    expect(second.step).toBe(4);
    reports.push(...(await drain(second)));
    expect(timeless(reports)).toEqual(timeless(whole));
    expect(await weights(resumed)).toEqual(await weights(straight));
    second.restore(checkpoint);
    expect(timeless(await drain(second))).toEqual(timeless(whole.slice(2)));
    expect(await weights(resumed)).toEqual(await weights(straight));
    second.dispose();
  });

  test("a checkpoint of another network is refused", async () => {
    const trainer = await Trainer.create(networkOf(), task(), base);
    const other = await Trainer.create(networkOf(generateModel({ ...sizes, hidden: 5, seed: 1 })), task(), base);
    const foreign = await other.checkpoint();
    expect(() => trainer.restore(foreign)).toThrow(ShapeError);
    trainer.dispose();
    other.dispose();
  });
});

describe("abort", () => {
  test("before the start trains nothing", async () => {
    const network = networkOf();
    const before = await weights(network);
    const reports = await collect(network, task(), { signal: AbortSignal.abort() });
    expect(reports.length).toBeLessThanOrEqual(1);
    expect(await weights(network)).toEqual(before);
  });

  test("between updates ends with a report of the last one, and its weights", async () => {
    const [network, shorter] = [networkOf(), networkOf()];
    const controller = new AbortController();
    const source = task();
    const stopping: TrialSource = {
      ...source,
      batch(request) {
        if (request.index === 4) controller.abort();
        return source.batch(request);
      },
    };
    const reports = await collect(network, stopping, { steps: 50, reportEvery: 20, signal: controller.signal });
    expect(reports.map(({ step, stopped }) => [step, stopped])).toEqual([[5, "aborted"]]);
    await collect(shorter, task(), { steps: 5 });
    expect(await weights(network)).toEqual(await weights(shorter));
  });

  test("by the reader of a report ends with a last report that says so", async () => {
    const controller = new AbortController();
    const stops: (string | undefined)[] = [];
    const options = { ...base, steps: 50, reportEvery: 2, signal: controller.signal };
    for await (const report of train(networkOf(), task(), options)) {
      stops.push(report.stopped);
      if (report.step >= 4) controller.abort();
    }
    expect(stops.at(-1)).toBe("aborted");
    expect(stops.length).toBeLessThanOrEqual(4);
  });

  test("by a timer reaches a run before all the updates of a report are issued", async () => {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), 50);
    const reports = await collect(networkOf(), task(), { steps: 600, reportEvery: 600, signal: controller.signal });
    clearTimeout(timer);
    expect(reports.at(-1)?.stopped).toBe("aborted");
    expect(reports.at(-1)?.step).toBeLessThan(600);
  });
});

describe("validation", () => {
  test("has its own stream: the same held-out trials whatever the training batch", async () => {
    const first: (number | undefined)[] = [];
    for (const batch of [3, 16]) {
      const source = task();
      const optimizer = sgd({ lr: 0 });
      const options = { batch, optimizer, steps: 4, reportEvery: 2, validation: { trials: 24, every: 2 } };
      const reports = await collect(networkOf(), source, options);
      const asked = source.requests.filter(({ stream }) => stream === streams.validation);
      // One trial to learn the number of steps, then all of them, once.
      expect(asked.map(({ trials, seed }) => [trials, seed])).toEqual([
        [1, 11],
        [24, 11],
      ]);
      // With a learning rate of 0 every measurement is the same, noise included.
      expect(new Set(reports.map(({ validation }) => validation?.loss)).size).toBe(1);
      first.push(reports[0]?.validation?.loss);
      expect(reports[0]?.validation?.accuracy).toBeGreaterThanOrEqual(0);
    }
    expect(first[0]).toBeGreaterThan(0);
    expect(first[1]).toBe(first[0]);
  });

  test("comes where it is due, and at the end", async () => {
    const options = { steps: 7, reportEvery: 1, validation: { trials: 4, every: 3 } };
    const reports = await collect(networkOf(), task(), options);
    expect(reports.flatMap(({ step, validation }) => (validation === undefined ? [] : [step]))).toEqual([3, 6, 7]);
  });

  test("does not change what is learned", async () => {
    const [with_, without] = [networkOf(), networkOf()];
    await collect(with_, task(), { validation: { trials: 4, every: 2 }, keepBest: false });
    await collect(without, task());
    expect(await weights(with_)).toEqual(await weights(without));
  });

  test("keepBest puts the best weights back, otherwise the last stay", async () => {
    // A learning rate so large that the first measurement is the best.
    const optimizer = sgd({ lr: 3 });
    const options = { steps: 6, reportEvery: 1, optimizer, validation: { trials: 16, every: 1 } };
    const [best, last, reference] = [networkOf(), networkOf(), networkOf()];
    const reports = await collect(best, task(), options);
    const scores = reports.map(({ validation }) => [validation?.accuracy ?? 0, -(validation?.loss ?? 0)] as const);
    const top = scores.reduce((most, score, k) => {
      const [a, b] = scores[most] ?? [0, 0];
      return score[0] > a || (score[0] === a && score[1] > b) ? k : most;
    }, 0);
    expect(top).toBeLessThan(5);
    await collect(reference, task(), { steps: top + 1, optimizer });
    expect(await weights(best)).toEqual(await weights(reference));
    await collect(last, task(), { ...options, keepBest: false });
    expect(await weights(last)).not.toEqual(await weights(reference));
  });

  // fixedTrials has no held-out part: its batch() takes no notice of the stream, so that it would be measured on the very
  // trials that are trained on.
  test("of a fixed set uses trials that are never trained on, or refuses", async () => {
    const trials = randomTrials({ ...sizes, time: 3, batch: 8, seed: 5 });
    const options = { steps: 2, batch: 5, validation: { trials: 3, every: 1 } };
    await expect(collect(networkOf(), fixedTrials(trials), options)).rejects.toThrow(/none held out/);
    const source = fixedTrials(trials, { heldOut: 3, seed: 1 });
    const [report] = await collect(networkOf(), source, options);
    expect(report?.validation?.loss).toBeGreaterThan(0);
    const firsts = (stream: number): number[] => {
      const count = stream === streams.validation ? 3 : 5;
      const { inputs } = source.batch({ trials: count, seed: 0, stream });
      return Array.from({ length: count }, (_, trial) => at(inputs, trial * sizes.inputs));
    };
    const all = Array.from({ length: 8 }, (_, trial) => at(trials.inputs, trial * sizes.inputs));
    const union = [...firsts(streams.validation), ...firsts(streams.task)];
    expect(union.toSorted()).toEqual(all.toSorted());
  });
});

describe("stop", () => {
  test("by accuracy, on held-out trials where there are any", async () => {
    const optimizer = adam({ lr: 0.05 });
    const stop = { accuracy: 0.9 };
    const plain = await collect(networkOf(), task(), { steps: 100, reportEvery: 5, optimizer, stop, batch: 16 });
    expect(plain.at(-1)?.stopped).toBe("accuracy");
    expect(plain.at(-1)?.accuracy).toBeGreaterThanOrEqual(0.9);
    for (const { accuracy } of plain.slice(0, -1)) expect(accuracy).toBeLessThan(0.9);
    const options = { steps: 100, reportEvery: 5, optimizer, stop, validation: { trials: 32, every: 10 } };
    const held = await collect(networkOf(), task(), options);
    expect(held.at(-1)?.stopped).toBe("accuracy");
    expect(held.at(-1)?.validation?.accuracy).toBeGreaterThanOrEqual(0.9);
  });

  test("by patience, counted in measurements", async () => {
    const options = {
      ...{ steps: 50, reportEvery: 1, optimizer: sgd({ lr: 0 }) },
      ...{ validation: { trials: 4, every: 2 }, stop: { patience: 3 } },
    };
    const reports = await collect(networkOf(), task(), options);
    // The first measurement, after step 2, is the best; the three after it are no better.
    expect(reports.at(-1)?.stopped).toBe("patience");
    expect(reports.at(-1)?.step).toBe(8);
  });

  test("by patience without measurements is refused, for it could never happen", async () => {
    const made = Trainer.create(networkOf(), task(), { ...base, stop: { patience: 2 } }).then((trainer) => {
      trainer.dispose();
      return "a trainer";
    });
    await expect(made).rejects.toThrow(ConfigError);
  });
});

describe("divergence", () => {
  test("by a huge learning rate names the step, and leaves the weights of the last finite loss", async () => {
    const relu = generateModel({ ...sizes, seed: 4, activation: "power" });
    const learn = { ...relu.spec.learn, alpha: false };
    const unstable = { ...relu, spec: { ...relu.spec, learn } };
    const network = networkOf(unstable);
    const options = { steps: 20, reportEvery: 10, optimizer: sgd({ lr: 1 }) };
    const error = await collect(network, task(), options).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error).toBeInstanceOf(DivergenceError);
    const { step, message } = error as DivergenceError;
    expect(message).toContain(`step ${step}`);
    expect(step).toBeGreaterThan(2);
    expect(step).toBeLessThanOrEqual(10);
    const { parameters } = await network.read();
    for (const name of parameterNames) expect(parameters[name].every(Number.isFinite), name).toBe(true);
    // The loss of update s is that of the weights after s - 1 updates; the last finite one came at update step - 1.
    const shorter = networkOf(unstable);
    const [report] = await collect(shorter, task(), { ...options, steps: step - 2 });
    expect(Number.isFinite(report?.loss)).toBe(true);
    expect(await weights(network)).toEqual(await weights(shorter));
  });

  test("in the very first step leaves the initial weights", async () => {
    const trials = randomTrials({ ...sizes, time: 3, batch: 2, seed: 1 });
    const overflowing = { ...trials, targets: trials.targets.map(() => 3e38) };
    const network = networkOf();
    const before = await weights(network);
    const run = collect(network, fixedTrials(overflowing), { batch: 2 });
    await expect(run).rejects.toMatchObject({ name: "DivergenceError", step: 1 });
    expect(await weights(network)).toEqual(before);
  });

  test("of the gradient alone counts too", async () => {
    // Errors of 1e-20 in half of the trials hide nothing: the loss is finite, its gradient's square is not.
    const trials = randomTrials({ ...sizes, time: 3, batch: 2, seed: 1, withMask: false });
    const large = { ...trials, targets: trials.targets.map(() => 1e18), inputs: trials.inputs.map(() => 1e6) };
    const linear = generateModel({ ...sizes, seed: 4, activation: "linear" });
    const network = networkOf(linear);
    const before = await weights(network);
    const run = collect(network, fixedTrials(large), { batch: 2, optimizer: sgd({ lr: 1e-3 }) });
    await expect(run).rejects.toMatchObject({ name: "DivergenceError", step: 1 });
    expect(await weights(network)).toEqual(before);
  });

  test("is not helped over by later steps: the weights stay", async () => {
    const network = networkOf();
    const source = task();
    const bad: TrialSource = {
      ...source,
      batch(request) {
        const made = source.batch(request);
        return request.index === 3 ? { ...made, targets: made.targets.map(() => 3e38) } : made;
      },
    };
    await expect(collect(network, bad, { steps: 10 })).rejects.toMatchObject({ step: 4 });
    const shorter = networkOf();
    await collect(shorter, task(), { steps: 2 });
    expect(await weights(network)).toEqual(await weights(shorter));
  });
});

describe("a source that changes its mind later on is refused, not trained on wrongly", () => {
  const changing = (change: (made: Trials) => Trials): TrialSource => {
    const source = task();
    return {
      ...source,
      batch(request) {
        const made = source.batch(request);
        return request.index === 1 ? change(made) : made;
      },
    };
  };
  const cut = (values: Float32Array, by: number): Float32Array => values.slice(0, values.length / by);
  const cases: Record<string, (made: Trials) => Trials> = {
    "fewer time steps": (made) => ({
      ...{ ...made, steps: 3 },
      ...{ inputs: cut(made.inputs, 2), targets: cut(made.targets, 2) },
    }),
    "more time steps": (made) => ({
      ...{ ...made, steps: 12 },
      ...{ inputs: Float32Array.of(...made.inputs, ...made.inputs) },
      ...{ targets: Float32Array.of(...made.targets, ...made.targets) },
    }),
    "fewer trials": (made) => ({
      ...{ ...made, trials: 4 },
      ...{ inputs: cut(made.inputs, 2), targets: cut(made.targets, 2) },
    }),
    "a v0 that was not there before": (made) => ({ ...made, v0: new Float32Array(8 * sizes.hidden).fill(0.5) }),
  };
  test("a v0 that is gone", async () => {
    const source = task();
    const losing: TrialSource = {
      ...source,
      batch(request) {
        const made = source.batch(request);
        const v0 = new Float32Array(made.trials * sizes.hidden).fill(0.5);
        return request.index === 1 ? made : { ...made, v0 };
      },
    };
    await expect(collect(networkOf(), losing, { steps: 3 })).rejects.toThrow(ShapeError);
  });

  for (const [name, change] of Object.entries(cases)) {
    test(name, async () => {
      await expect(collect(networkOf(), changing(change), { steps: 3 })).rejects.toThrow(ShapeError);
    });
  }
});

describe("the plan", () => {
  const created = ({ buffers, pipelines, bindGroups }: DeviceCounters): object => ({ buffers, pipelines, bindGroups });

  test("makes no buffer, pipeline or bind group from the second step on, reports included", async () => {
    const options = { ...base, steps: 12, reportEvery: 3, validation: { trials: 8, every: 3 } };
    const trainer = await Trainer.create(networkOf(), task(), options);
    const seen: object[] = [];
    for await (const report of trainer.run()) {
      expect(report.records.length).toBe(3);
      seen.push(created(gpu.device.counters));
    }
    expect(seen.slice(1)).toEqual(seen.slice(1).map(() => seen[0]));
    trainer.dispose();
  });

  test("makes none within the steps of the first report either", async () => {
    const network = networkOf();
    const counts: object[] = [];
    const source = task();
    const watched: TrialSource = {
      ...source,
      batch(request) {
        if (request.index !== undefined && request.index > 0) counts.push(created(gpu.device.counters));
        return source.batch(request);
      },
    };
    await collect(network, watched, { steps: 5, reportEvery: 5 });
    expect(counts.length).toBe(4);
    expect(counts).toEqual(counts.map(() => counts[0]));
  });

  test("a second trainer of the same shape compiles nothing", async () => {
    const { pipelines } = gpu.device.counters;
    await collect(networkOf(), task(), { steps: 1 });
    const after = gpu.device.counters.pipelines;
    await collect(networkOf(), task(), { steps: 1 });
    expect(gpu.device.counters.pipelines).toBe(after);
    expect(after - pipelines).toBeLessThan(20);
  });

  test("has at most 14 dispatches a step in the persistent family, whatever T", async () => {
    const { alpha, v0 } = { alpha: false, v0: false };
    const usual = { ...model, spec: { ...model.spec, learn: { ...model.spec.learn, alpha, v0 } } };
    const counts: number[] = [];
    for (const steps of [3, 30]) {
      const source = holdTask({ inputs: 2, outputs: 1, steps });
      const loss = [{ type: "meanSquaredError" }, { type: "rateL2", weight: 0.1 }] as const;
      const trainer = await Trainer.create(networkOf(usual), source, { ...base, steps: 2, loss: [...loss] });
      const { dispatches, submits } = gpu.device.counters;
      for await (const report of trainer.run()) expect(report.step).toBe(2);
      counts.push((gpu.device.counters.dispatches - dispatches) / 2);
      // Two steps and one readback.
      expect(gpu.device.counters.submits - submits).toBe(3);
      trainer.dispose();
    }
    expect(counts[0]).toBeLessThanOrEqual(14);
    expect(counts[1]).toBe(counts[0]);
  });

  test("trains: the loss of a simple task falls to a third", async () => {
    const reports = await collect(networkOf(), task(), { steps: 60, batch: 16, optimizer: adam({ lr: 0.05 }) });
    const losses = reports.flatMap(({ records }) => records.map(({ loss }) => loss));
    expect(largestDifference([losses.at(-1) ?? 1], [0])).toBeLessThan((losses[0] ?? 0) / 3);
  });
});

test("what was allocated is freed where held-out trials cannot be sent", async () => {
  const network = networkOf();
  const alive = new Map<GPUBuffer, string>();
  const { handle } = gpu.device;
  const create = handle.createBuffer.bind(handle);
  const created = vi.spyOn(handle, "createBuffer").mockImplementation((descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    alive.set(buffer, descriptor.label ?? "");
    vi.spyOn(buffer, "destroy").mockImplementation(() => {
      alive.delete(buffer);
      return destroy();
    });
    return buffer;
  });
  const sent = vi.spyOn(StepPlan.prototype, "upload").mockImplementationOnce(() => {
    throw new ShapeError("upload failed");
  });
  try {
    const options = { ...base, validation: { trials: 4, every: 2 } };
    await expect(Trainer.create(network, task(), options)).rejects.toThrow("upload failed");
    expect(created.mock.calls.length).toBeGreaterThan(40);
    expect([...alive.values()]).toEqual([]);
  } finally {
    sent.mockRestore();
    created.mockRestore();
  }
});
