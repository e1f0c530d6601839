import { afterEach, describe, expect, test } from "vitest";
import { ShapeError } from "../../src/errors.ts";
import { type Model, parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import type { Trials } from "../../src/network/trials.ts";
import { stripRows } from "../../src/ops/layout.ts";
import { gradients } from "../../src/train/gradients.ts";
import { adam, sgd } from "../../src/train/optimizer.ts";
import type { TrainingReport } from "../../src/train/report.ts";
import { fixedTrials, type TrialSource } from "../../src/train/source.ts";
import { type TrainOptions, train } from "../../src/train/train.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { timeWindow } from "../../src/train/trial-time.ts";
import { type GeneratedModelOptions, generateModel } from "../reference/generate.ts";
import { meanSquaredError } from "../reference/loss.ts";
import { at, relativeDifference } from "../reference/numbers.ts";
import { runReference } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, holdTask, randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const sizes = { inputs: 2, hidden: 7, outputs: 2 };
const noise = { pre: 0.2, post: 0.1 };
const synapses = { release: 0.3, recoveryMs: 200, facilitationMs: 900 };
const layers = [
  { name: "first", from: 0, to: 3 },
  { name: "second", from: 3, to: 7 },
];
const kinds: Record<string, Partial<GeneratedModelOptions>> = {
  plain: { activation: "tanh" },
  "rate form": { activation: "relu", form: "rate" },
  layers: { activation: "tanh", layers },
  "short-term plasticity": { activation: "sigmoid", shortTermPlasticity: synapses, dtMs: 20, layers },
  LSTM: { cell: "lstm" },
  GRU: { cell: "gru" },
};
const still: TrainOptions = { steps: 1, batch: 5, optimizer: sgd({ lr: 0 }), seed: 3, reportEvery: 1 };

const networks: Network[] = [];
function networkOf(...models: Model[]): Network {
  const network = new Network(gpu.device, models);
  networks.push(network);
  return network;
}
afterEach(() => {
  for (const network of networks.splice(0)) network.dispose();
});

async function collect(network: Network, source: TrialSource, options: TrainOptions): Promise<TrainingReport[]> {
  const reports: TrainingReport[] = [];
  for await (const report of train(network, source, options)) reports.push(report);
  return reports;
}

/** Trials that are the same every time, of which `seen` gets what the network made. */
function watched(trials: Trials | ((index: number) => Trials), more: Partial<TrialSource> = {}) {
  const seen: Float32Array[] = [];
  const source: TrialSource = {
    inputs: sizes.inputs,
    outputs: sizes.outputs,
    batch: ({ index = 0, trials: count }) => {
      const all = typeof trials === "function" ? trials(index) : trials;
      return count === all.trials
        ? all
        : randomTrials({ ...sizes, time: all.steps, batch: count, seed: 1, withMask: false });
    },
    accuracy(outputs) {
      seen.push(outputs.slice());
      return 0;
    },
    ...more,
  };
  return { source, seen };
}

async function weights(network: Network, replica = 0): Promise<Record<string, Uint32Array>> {
  const { parameters } = await network.read(replica);
  return Object.fromEntries(parameterNames.map((name) => [name, bitsOf(parameters[name])]));
}

describe.each(Object.entries(kinds))("%s", (_, kind) => {
  const model = generateModel({ ...sizes, seed: 6, noise, ...kind });

  test("a run cut anywhere, and continued with firstStep, is the whole run to the bit, noise included", async () => {
    const network = networkOf(model);
    const trials = randomTrials({ ...sizes, time: 9, batch: 5, seed: 2, withV0: true });
    const whole = await network.run(trials, { seed: 8 });
    for (const cut of [1, 4, 8]) {
      const first = await network.run(timeWindow(trials, 0, cut), { seed: 8 });
      const second = await network.run(timeWindow(trials, cut, 9), { seed: 8, state: first.final, firstStep: cut });
      for (const name of ["states", "rates", "outputs"] as const) {
        const joined = Float32Array.from([...first[name], ...second[name]]);
        expect(bitsOf(joined), `${name} cut at ${cut}`).toEqual(bitsOf(whole[name]));
      }
      expect(second.final).toEqual(whole.final);
    }
    const other = await network.run(timeWindow(trials, 4, 9), {
      seed: 8,
      state: (await network.run(timeWindow(trials, 0, 4), { seed: 8 })).final,
    });
    expect(bitsOf(other.outputs)).not.toEqual(bitsOf(whole.outputs.slice(4 * 5 * 2)));
  });

  test("windows of training have the outputs of the whole trial to the bit, noise included", async () => {
    const trials = randomTrials({ ...sizes, time: 10, batch: 5, seed: 2 });
    const [whole, cut] = [watched(trials), watched(trials)];
    await collect(networkOf(model), whole.source, { ...still, steps: 2 });
    // Windows of 4, 4 and 2 steps; reports in mid-trial have no accuracy.
    const reports = await collect(networkOf(model), cut.source, { ...still, steps: 6, truncate: { steps: 4 } });
    expect(reports.map(({ accuracy }) => accuracy)).toEqual([undefined, undefined, 0, undefined, undefined, 0]);
    expect(cut.seen.map(bitsOf)).toEqual(whole.seen.map(bitsOf));
    expect(cut.seen[0]).not.toEqual(cut.seen[1]);
  });

  test("the update of a later window follows its gradient from the carried state alone", async () => {
    const model = generateModel({ ...sizes, seed: 6, ...kind });
    const network = networkOf(model);
    const trials = randomTrials({ ...sizes, time: 10, batch: 5, seed: 2 });
    const trainer = await Trainer.create(network, fixedTrials(trials), {
      ...{ steps: 3, reportEvery: 1, optimizer: sgd({ lr: 0.03125 }), truncate: { steps: 4 } },
      loss: [{ type: "meanSquaredError", weight: 3 }],
    });
    let norm = Number.NaN;
    let [before, after] = [await network.read(), await network.read()];
    let carried = (await trainer.checkpoint()).carried;
    for await (const report of trainer.run()) {
      norm = report.gradientNorm;
      [before, after] = [after, await network.read()];
      if (report.step === 2) carried = (await trainer.checkpoint()).carried;
    }
    trainer.dispose();
    const state = (values: Float32Array | undefined) => stripRows(values ?? new Float32Array(), 7, 8);
    const last = { ...timeWindow(trials, 8, 10), v0: state(carried?.states), r0: state(carried?.rates) };
    // In float64, synapses included: block 0 of a row holds x, block 1 u.
    const held = Array.from({ length: 35 }, (_, index) => {
      const row = Math.floor(index / 7) * 32 + (index % 7);
      return { x: carried?.synapses?.[row] ?? Number.NaN, u: carried?.synapses?.[row + 8] ?? Number.NaN };
    });
    const start = { v0: last.v0, r0: last.r0, ...(carried?.synapses && { synapses: held }) };
    const sequence = { time: 2, batch: 5, inputs: last.inputs };
    const { expected } = runReference(before, sequence, start, ({ outputs }) => {
      const squared = meanSquaredError(outputs, last.targets, last.mask);
      return { outputs: squared.gradient.map((value) => 3 * value) };
    });
    let squares = 0;
    for (const name of parameterNames) {
      const change = before.parameters[name].map((w, index) => (w - at(after.parameters[name], index)) / 0.03125);
      // The start of a later window is not v0, nor r0.
      const isStart = name === "v0" || name === "r0";
      const wanted = isStart ? new Float64Array(change.length) : expected.parameters[name];
      expect(relativeDifference(change, wanted), name).toBeLessThan(2e-4);
      squares += wanted.reduce((sum, value) => sum + value ** 2, 0);
    }
    expect(norm / Math.sqrt(squares)).toBeCloseTo(1, 4);
    if (carried?.synapses !== undefined) return;
    const onGpu = networkOf(before);
    const { parameters } = await gradients(onGpu, last, [{ type: "meanSquaredError", weight: 3 }]);
    const norms = parameterNames
      .filter((name) => name !== "v0" && name !== "r0")
      .flatMap((name) => Array.from(parameters[name]));
    expect(norm / Math.hypot(...norms)).toBeCloseTo(1, 6);
  });

  test("training stopped within a trial goes on to the same bits", async () => {
    const source = () => holdTask({ ...sizes, steps: 11 });
    const options = { ...still, steps: 10, reportEvery: 2, optimizer: adam({ lr: 0.02 }), truncate: { steps: 4 } };
    const straight = networkOf(model, { ...model, spec: { ...model.spec, seed: 1 } });
    const broken = networkOf(model, { ...model, spec: { ...model.spec, seed: 1 } });
    const whole = await collect(straight, source(), options);
    const reports: TrainingReport[] = [];
    let trainer = await Trainer.create(broken, source(), options);
    for (const end of [2, 4, 10]) {
      for await (const report of trainer.run()) {
        reports.push(report);
        if (report.step === end) break;
      }
      const checkpoint = structuredClone(await trainer.checkpoint());
      expect([checkpoint.step, checkpoint.index, checkpoint.from]).toEqual([
        end,
        Math.floor(end / 3),
        [0, 4, 8][end % 3],
      ]);
      trainer.dispose();
      trainer = await Trainer.create(broken, source(), options);
      trainer.restore(checkpoint);
    }
    trainer.dispose();
    const timeless = (list: TrainingReport[]) => list.map(({ seconds: _seconds, ...rest }) => rest);
    expect(timeless(reports)).toEqual(timeless(whole));
    for (const replica of [0, 1]) expect(await weights(broken, replica)).toEqual(await weights(straight, replica));
  });
});

describe("windows", () => {
  const model = generateModel({ ...sizes, seed: 6, activation: "tanh" });

  test("longer than the trials change nothing", async () => {
    const [one, other] = [networkOf(model), networkOf(model)];
    const task = () => holdTask({ ...sizes, steps: 6 });
    const options = { ...still, steps: 4, optimizer: adam({ lr: 0.02 }) };
    const plain = await collect(one, task(), options);
    const cut = await collect(other, task(), { ...options, truncate: { steps: 6 } });
    const records = (list: TrainingReport[]) => list.flatMap((report) => report.records);
    expect(records(cut)).toEqual(records(plain));
    expect(await weights(other)).toEqual(await weights(one));
  });

  test.each(["elements", "mask"] as const)(
    "have losses whose mean, by length, is the trial's: %s",
    async (denominator) => {
      const trials = randomTrials({ ...sizes, time: 10, batch: 5, seed: 2 });
      // No targets at all in the second window.
      trials.mask?.fill(0, 4 * 10, 8 * 10);
      const loss: TrainOptions["loss"] = [
        { type: "meanSquaredError", denominator },
        { type: "rateL2", weight: 0.1 },
      ];
      const network = networkOf(model);
      const { source } = watched(trials);
      const reports = await collect(network, source, { ...still, steps: 3, loss, truncate: { steps: 4 } });
      const whole = await gradients(network, trials, loss ?? []);
      const mean = [4, 4, 2].reduce(
        (sum, length, window) => sum + (length / 10) * (reports[window]?.loss ?? Number.NaN),
        0,
      );
      expect(mean / whole.loss).toBeCloseTo(1, 5);
      expect(reports[1]?.terms["meanSquaredError"]).toBe(0);
    },
  );

  test("one per update, of a batch that is drawn once; validation sees whole trials", async () => {
    const task = holdTask({ ...sizes, steps: 10 });
    const options = { ...still, steps: 7, validation: { trials: 6, every: 7 }, truncate: { steps: 4 } };
    const reports = await collect(networkOf(model), task, options);
    expect(task.requests.filter(({ trials }) => trials === 5).map(({ index }) => index)).toEqual([0, 1, 2]);
    expect(reports.at(-1)?.validation?.accuracy).toBeGreaterThanOrEqual(0);
  });

  test("teach what lies within them", async () => {
    const task = () => holdTask({ ...sizes, steps: 20 });
    const reports = await collect(networkOf(model), task(), {
      ...still,
      steps: 80,
      reportEvery: 20,
      optimizer: adam({ lr: 0.02 }),
      truncate: { steps: 5 },
    });
    expect(reports.at(-1)?.accuracy).toBe(1);
    expect(reports.at(-1)?.loss).toBeLessThan((reports[0]?.records[0]?.loss ?? 0) / 4);
  });

  test("that are too short for a term, or a checkpoint that was cut otherwise, are refused", async () => {
    const trials = fixedTrials(randomTrials({ ...sizes, time: 9, batch: 5, seed: 2 }));
    const loss: TrainOptions["loss"] = [{ type: "rateSmoothness" }];
    await expect(collect(networkOf(model), trials, { ...still, loss, truncate: { steps: 4 } })).rejects.toThrow(
      /truncate: the trials of 9 steps leave a window of 1: rateSmoothness/,
    );
    await expect(collect(networkOf(model), trials, { ...still, truncate: { steps: 0 } })).rejects.toThrow(
      /truncate\.steps/,
    );
    const cut = await Trainer.create(networkOf(model), trials, { ...still, steps: 1, truncate: { steps: 4 } });
    for await (const _ of cut.run()) expect(cut.step).toBe(1);
    const checkpoint = await cut.checkpoint();
    const plain = await Trainer.create(networkOf(model), trials, still);
    expect(() => plain.restore(checkpoint)).toThrow(/stands within a sequence; expected truncate as it was/);
    const { carried: _carried, ...rest } = checkpoint;
    expect(() => cut.restore(rest)).toThrow(ShapeError);
    const short = { states: new Float32Array(3), rates: new Float32Array(3) };
    expect(() => cut.restore({ ...checkpoint, carried: short })).toThrow(/carried states: expected 40 values, got 3/);
    cut.dispose();
    plain.dispose();
  });
});

describe("a continuous source", () => {
  test.each([undefined, 4])("carries the state from batch to batch, truncate %s", async (truncate) => {
    const model = generateModel({ ...sizes, seed: 6, activation: "tanh", noise });
    const stream = randomTrials({ ...sizes, time: 18, batch: 5, seed: 2 });
    const { source, seen } = watched((index) => timeWindow(stream, 6 * index, 6 * index + 6), { continuous: true });
    const network = networkOf({ ...model, spec: { ...model.spec, noise: { ...model.spec.noise, pre: 0, post: 0 } } });
    const windows = truncate === undefined ? 1 : 2;
    const options = { ...still, steps: 3 * windows, ...(truncate !== undefined && { truncate: { steps: truncate } }) };
    await collect(network, source, options);
    const whole = await network.run(stream);
    expect(bitsOf(Float32Array.from(seen.flatMap((outputs) => Array.from(outputs))))).toEqual(bitsOf(whole.outputs));
    // Broken off between two batches.
    const first = await Trainer.create(network, source, options);
    for await (const report of first.run()) if (report.step === windows) break;
    const checkpoint = await first.checkpoint();
    expect(checkpoint.carried).toBeDefined();
    first.dispose();
    seen.length = 0;
    const second = await Trainer.create(network, source, options);
    second.restore(checkpoint);
    for await (const _ of second.run()) expect(second.step).toBeGreaterThan(windows);
    second.dispose();
    const rest = Float32Array.from(seen.flatMap((outputs) => Array.from(outputs)));
    expect(bitsOf(rest)).toEqual(bitsOf(whole.outputs.slice(6 * 5 * 2)));
  });
});
