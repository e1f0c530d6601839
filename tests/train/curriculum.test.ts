import { afterEach, describe, expect, test } from "vitest";
import { ConfigError, ShapeError } from "../../src/errors.ts";
import { type Model, parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import type { Trials } from "../../src/network/trials.ts";
import { streams } from "../../src/random.ts";
import { type CurriculumInput, curriculum, nextStage, type StageInput } from "../../src/train/curriculum.ts";
import { gradients } from "../../src/train/gradients.ts";
import { Lessons } from "../../src/train/lessons.ts";
import { adam, sgd } from "../../src/train/optimizer.ts";
import type { TrainingReport } from "../../src/train/report.ts";
import { fixedTrials, type TrialSource } from "../../src/train/source.ts";
import { type TrainOptions, train } from "../../src/train/train.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { joinTrials, outputsOf, padTime, timeWindow } from "../../src/train/trial-time.ts";
import golden from "../fixtures/golden/psychrnn/curriculum.json" with { type: "json" };
import { generateModel } from "../reference/generate.ts";
import { at } from "../reference/numbers.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, holdTask, randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const sizes = { inputs: 2, hidden: 7, outputs: 1 };
const task = (steps = 6) => holdTask({ inputs: 2, outputs: 1, steps });
const model = generateModel({ ...sizes, seed: 4, activation: "tanh", noise: { pre: 0.1, post: 0.05 } });
const quiet = generateModel({ ...sizes, seed: 4, activation: "tanh" });
const base: TrainOptions = { steps: 6, batch: 8, optimizer: adam({ lr: 0.02 }), seed: 11, reportEvery: 4 };

const networks: Network[] = [];
function networkOf(...models: Model[]): Network {
  const network = new Network(gpu.device, models.length > 0 ? models : [model]);
  networks.push(network);
  return network;
}
afterEach(() => {
  for (const network of networks.splice(0)) network.dispose();
});

async function collect(
  network: Network,
  given: CurriculumInput,
  options: Partial<TrainOptions> = {},
): Promise<TrainingReport[]> {
  const reports: TrainingReport[] = [];
  for await (const report of train(network, curriculum(given), { ...base, ...options })) reports.push(report);
  return reports;
}

async function weights(network: Network, replica = 0): Promise<Record<string, Uint32Array>> {
  const { parameters } = await network.read(replica);
  return Object.fromEntries(parameterNames.map((name) => [name, bitsOf(parameters[name])]));
}

/** A metric that gives these values one after the other, whatever the network does. */
function scripted(...values: number[]): () => number {
  const left = [...values];
  return () => left.shift() ?? Number.NaN;
}

function measured(reports: readonly TrainingReport[]): [number, number][] {
  return reports.flatMap(({ stageMeasurements = [] }) =>
    stageMeasurements.map(({ value, stage }) => [value, stage] as [number, number]),
  );
}

describe("PsychRNN's stages", () => {
  test("the golden run of accuracies advances, stays and stops at the same measurements", () => {
    const { thresholds, accuracies, log, metric_values } = golden.curriculum;
    const plan = curriculum({ stages: thresholds.map((threshold) => ({ source: task(), threshold })) });
    let stage = 0;
    for (const [index, accuracy] of accuracies.entries()) {
      expect([accuracy, stage]).toEqual(metric_values[index]);
      const next = nextStage(plan, stage, accuracy);
      expect({ accuracy, advanced: next > stage, stage: next, stop: next === plan.stages.length }).toEqual(log[index]);
      stage = next;
    }
  });

  test.each(golden.train_with_curriculum)("golden training, metric_epoch $metric_epoch", async (entry) => {
    const metric = scripted(...entry.accs);
    const reports = await collect(
      networkOf(),
      { every: entry.metric_epoch, stages: [0, 1].map(() => ({ source: task(), metric })) },
      { steps: entry.max_epochs, optimizer: sgd({ lr: 0 }) },
    );
    expect(reports.at(-1)?.step).toBe(entry.epochs_run);
    expect(reports.at(-1)?.stopped).toBe(entry.stop ? "curriculum" : "steps");
    expect(measured(reports)).toEqual(entry.metric_values);
    expect(reports.flatMap(({ records }) => records).length).toBe(entry.epochs_run);
  });

  test("defaults are PsychRNN's: a threshold of .9 on the accuracy, measured every 10 updates, on a batch", () => {
    const plan = curriculum({ stages: [{ source: task() }] });
    expect(plan).toMatchObject({
      every: 10,
      mix: 0,
      stages: [{ metric: "accuracy", threshold: 0.9, name: "stage 0" }],
    });
    expect(plan.trials).toBeUndefined();
    expect(nextStage(plan, 0, 0.9)).toBe(1);
    expect(nextStage(plan, 0, Math.fround(0.8999999))).toBe(0);
    expect(nextStage(plan, 0, Number.NaN)).toBe(0);
    expect(nextStage(plan, 1, 0)).toBe(1);
  });
});

describe("stages", () => {
  test("are taken in turn, on fresh trials of their own source; reports end where a stage does", async () => {
    const sources = [task(4), task(6)];
    const values = [0.1, 0.95, 0.2, 0.3];
    const metric = scripted(...values);
    const stages = sources.map((source) => ({ source, metric }));
    const reports = await collect(networkOf(), { every: 2, trials: 5, stages }, { steps: 9, reportEvery: 3 });
    expect(reports.map(({ step, stage }) => [step, stage])).toEqual([
      [3, 0],
      [4, 0],
      [6, 1],
      [9, 1],
    ]);
    expect(reports.flatMap(({ stageMeasurements = [] }) => stageMeasurements)).toEqual([
      { step: 2, replica: 0, stage: 0, value: 0.1, next: 0 },
      { step: 4, replica: 0, stage: 0, value: 0.95, next: 1 },
      { step: 6, replica: 0, stage: 1, value: 0.2, next: 1 },
      { step: 8, replica: 0, stage: 1, value: 0.3, next: 1 },
    ]);
    const trained = sources.map(({ requests }) =>
      requests.filter(({ stream, trials }) => stream === undefined && trials === 8),
    );
    expect(trained.map((list) => list.map(({ index }) => index))).toEqual([
      [0, 1, 2, 3],
      [4, 5, 6, 7, 8],
    ]);
    const held = sources.map(({ requests }) => requests.filter(({ stream }) => stream === streams.validation));
    expect(held.map((list) => list.map(({ trials, index }) => [trials, index]))).toEqual([
      [
        [5, 4],
        [5, 6],
      ],
      [
        [5, 8],
        [5, 10],
      ],
    ]);
  });

  test("of another length are trained as in a run of their own, to the bit", async () => {
    const [staged, split] = [networkOf(), networkOf()];
    const sources = [task(4), task(7)] as const;
    const stages = sources.map((source, stage) => ({ source, metric: scripted(...(stage === 0 ? [1] : [])) }));
    await collect(staged, { every: 3, stages }, { steps: 7 });
    const first = await Trainer.create(split, sources[0], { ...base, steps: 3 });
    for await (const _ of first.run()) expect(first.step).toBe(3);
    const checkpoint = await first.checkpoint();
    first.dispose();
    const second = await Trainer.create(split, sources[1], { ...base, steps: 7 });
    second.restore(checkpoint);
    for await (const _ of second.run()) expect(second.step).toBeGreaterThan(3);
    second.dispose();
    expect(await weights(staged)).toEqual(await weights(split));
  });

  test("give way to the one before where the metric falls below", async () => {
    const plan = curriculum({ stages: [{ source: task() }, { source: task(), threshold: 0.9, fallBelow: 0.5 }] });
    expect([0.9, 0.5, 0.49].map((value) => nextStage(plan, 1, value))).toEqual([2, 1, 0]);
    const metric = scripted(0.95, 0.4, 0.95, 0.6, 0.91);
    const stages: StageInput[] = [
      { source: task(), metric },
      { source: task(), metric, fallBelow: 0.5 },
    ];
    const reports = await collect(networkOf(), { every: 1, stages }, { steps: 20 });
    expect(reports.map(({ step, stage, stopped }) => [step, stage, stopped])).toEqual([
      [1, 0, undefined],
      [2, 1, undefined],
      [3, 0, undefined],
      [4, 1, undefined],
      [5, 1, "curriculum"],
    ]);
  });

  test("by loss: smaller is better", async () => {
    const stage = { source: task(), metric: "loss", threshold: 0.5, fallBelow: 0.8 } as const;
    const plan = curriculum({ stages: [{ source: task() }, stage] });
    expect([0.5, 0.6, 0.8, 0.81].map((value) => nextStage(plan, 1, value))).toEqual([2, 1, 1, 0]);
    const [report] = await collect(networkOf(quiet), { every: 1, stages: [{ ...stage, fallBelow: 1 } as never] }).catch(
      (error: unknown) => {
        expect(error).toBeInstanceOf(ConfigError);
        return [];
      },
    );
    expect(report).toBeUndefined();
    const network = networkOf(quiet);
    const source = task();
    const optimizer = sgd({ lr: 0 });
    const stages = [{ source, metric: "loss", threshold: 0 } as const];
    const reports = await collect(network, { every: 2, stages }, { steps: 2, optimizer });
    const fresh = source.batch({ trials: 8, seed: 11, index: 4, stream: streams.validation });
    const { loss } = await gradients(network, fresh, [{ type: "meanSquaredError" }]);
    expect(measured(reports)).toEqual([[loss, 0]]);
  });

  test("accuracy is the source's own, on trials that training never sees", async () => {
    const source = task();
    const network = networkOf(quiet);
    const reports = await collect(
      network,
      { every: 1, trials: 64, stages: [{ source, threshold: 2 }] },
      { steps: 1, optimizer: sgd({ lr: 0 }) },
    );
    const fresh = source.batch({ trials: 64, seed: 11, index: 3, stream: streams.validation });
    const { outputs } = await network.run(fresh);
    expect(measured(reports)).toEqual([[source.accuracy?.(outputs, fresh), 0]]);
  });

  test("a checkpoint keeps the stage: what is resumed has the same bits and measurements", async () => {
    const [straight, broken, resumed] = [networkOf(), networkOf(), networkOf()];
    const given = (): CurriculumInput => ({
      every: 2,
      mix: 0.25,
      stages: [
        { source: task(4), threshold: 0.3 },
        { source: task(6), threshold: 0.35, fallBelow: 0.3 },
        { source: task(5), threshold: 2, fallBelow: 0.4 },
      ],
    });
    const options = { ...base, steps: 12, reportEvery: 3, validation: { trials: 8, every: 3 } };
    const whole = await collect(straight, given(), options);
    expect(new Set(whole.map(({ stage }) => stage)).size).toBeGreaterThan(1);
    const reports: TrainingReport[] = [];
    const first = await Trainer.create(broken, curriculum(given()), options);
    for await (const report of first.run()) {
      reports.push(report);
      if (report.step >= 5) break;
    }
    const checkpoint = structuredClone(await first.checkpoint());
    expect(checkpoint.stages).toHaveLength(1);
    first.dispose();
    const second = await Trainer.create(resumed, curriculum(given()), options);
    second.restore(checkpoint);
    for await (const report of second.run()) reports.push(report);
    const timeless = (list: TrainingReport[]) => list.map(({ seconds: _seconds, ...rest }) => rest);
    expect(timeless(reports)).toEqual(timeless(whole));
    expect(await weights(resumed)).toEqual(await weights(straight));
    expect(() => second.restore({ ...checkpoint, stages: [7] })).toThrow(ShapeError);
    second.dispose();
  });

  test("each replica goes at its own pace, as a run by itself", async () => {
    const seeds = [40, 41, 42];
    const models = seeds.map((seed) => {
      const own = generateModel({ ...sizes, seed, activation: "tanh", noise: { pre: 0.1 } });
      return { ...own, spec: { ...own.spec, seed } };
    });
    const { seed: _seed, ...options } = { ...base, steps: 10, batch: 16, optimizer: adam({ lr: 0.05 }) };
    const given = (): CurriculumInput => ({
      every: 2,
      stages: [
        { source: task(), metric: "loss", threshold: 0.15 },
        { source: task(), metric: "loss", threshold: 0.05, fallBelow: 0.12 },
        { source: task(), metric: "loss", threshold: 0 },
      ],
    });
    const run = async (network: Network): Promise<TrainingReport[]> => {
      const reports: TrainingReport[] = [];
      for await (const report of train(network, curriculum(given()), options)) reports.push(report);
      return reports;
    };
    const together = networkOf(...models);
    const all = (await run(together)).flatMap(({ stageMeasurements = [] }) => stageMeasurements);
    const ends = new Set<number>();
    for (const [replica, own] of models.entries()) {
      const single = networkOf(own);
      const alone = (await run(single)).flatMap(({ stageMeasurements = [] }) => stageMeasurements);
      expect(all.filter((one) => one.replica === replica)).toEqual(alone.map((one) => ({ ...one, replica })));
      expect(await weights(together, replica)).toEqual(await weights(single));
      ends.add(alone.findIndex(({ next }) => next > 0));
    }
    expect(ends.size).toBeGreaterThan(1);
  });
});

describe("mixing", () => {
  test("a share of every batch comes from earlier stages, in equal parts, each with a random stream of its own", () => {
    const sources = [task(4), task(9), task(6)];
    const lessons = new Lessons(curriculum({ mix: 0.5, stages: sources.map((source) => ({ source })) }), undefined);
    const { trials } = lessons.draw(2, { trials: 10, seed: 3, index: 5 });
    const asked = sources.map(({ requests }) =>
      requests.map(({ trials: count, stream, index }) => [count, stream, index]),
    );
    expect(asked).toEqual([[[2, streams.curriculum, 5]], [[3, streams.curriculum + 1, 5]], [[5, undefined, 5]]]);
    expect([trials.steps, trials.trials]).toEqual([9, 10]);
    const own = sources[2]?.batch({ trials: 5, seed: 3, index: 5 });
    const early = sources[0]?.batch({ trials: 2, seed: 3, index: 5, stream: streams.curriculum });
    for (let time = 0; time < 9; time += 1) {
      expect(at(trials.inputs, (time * 10 + 4) * 2)).toBe(time < 6 ? at(own?.inputs ?? [], (time * 5 + 4) * 2) : 0);
      expect(at(trials.targets, time * 10 + 6)).toBe(time < 4 ? at(early?.targets ?? [], time * 2 + 1) : 0);
      expect(trials.mask?.[time * 10 + 6]).toBe(time < 4 ? 1 : 0);
      expect(trials.mask?.[time * 10 + 8]).toBe(1);
    }
    expect(lessons.draw(0, { trials: 10, seed: 3 }).trials).toEqual(sources[0]?.batch({ trials: 10, seed: 3 }));
  });

  test("loss and accuracy of a mixed batch are those of its trials", async () => {
    const network = networkOf(quiet);
    const sources = [task(4), task(7)];
    const stages = sources.map((source) => ({ source, metric: scripted(1, 0) }));
    const given = { every: 1, mix: 0.3, stages };
    const optimizer = sgd({ lr: 0 });
    const loss = [{ type: "meanSquaredError", denominator: "mask" }] as const;
    const reports = await collect(network, given, { steps: 2, optimizer, loss: [...loss] });
    const lessons = new Lessons(curriculum(given), undefined);
    const { trials, accuracy } = lessons.draw(1, { trials: 8, seed: 11, index: 1 });
    const expected = await gradients(network, trials, loss);
    expect(reports.at(-1)?.loss).toBe(expected.loss);
    expect(reports.at(-1)?.accuracy).toBe(accuracy?.(expected.outputs));
    // By hand: 6 trials of the second stage, 2 of the first, whose last step is the fourth.
    const solved = Array.from({ length: 8 }, (_, trial) => {
      const place = ((trial < 6 ? 7 : 4) - 1) * 8 + trial;
      return at(expected.outputs, place) * at(trials.targets, place) > 0 ? 1 : 0;
    });
    expect(reports.at(-1)?.accuracy).toBeCloseTo(solved.reduce<number>((sum, one) => sum + one, 0) / 8, 12);
  });
});

describe("trials along time", () => {
  const trials: Trials = randomTrials({ ...sizes, time: 5, batch: 3, seed: 2, withV0: true });

  test("padding adds steps in which nothing is asked, and a window is those steps", () => {
    const longer = padTime(trials, 7);
    expect(longer.mask?.slice(0, 15)).toEqual(trials.mask);
    expect(longer.mask?.slice(15)).toEqual(new Float32Array(6));
    expect(padTime(trials, 5)).toBe(trials);
    const { mask: _mask, ...unmasked } = trials;
    expect(padTime(unmasked, 7).mask).toEqual(Float32Array.from({ length: 21 }, (_, index) => (index < 15 ? 1 : 0)));
    expect(timeWindow(longer, 0, 5)).toEqual(trials);
    expect(timeWindow(trials, 0, 5)).toBe(trials);
    const late = timeWindow(trials, 3, 5);
    expect(late).toEqual({
      steps: 2,
      trials: 3,
      inputs: trials.inputs.slice(18),
      targets: trials.targets.slice(9),
      mask: trials.mask?.slice(9),
    });
  });

  test("joining puts trials side by side; a mask that one part lacks is all ones", () => {
    const { mask: _mask, ...unmasked } = randomTrials({ ...sizes, time: 5, batch: 2, seed: 3, withV0: true });
    const all = joinTrials([trials, unmasked]);
    expect(all.trials).toBe(5);
    expect(all.v0).toEqual(Float32Array.from([...(trials.v0 ?? []), ...(unmasked.v0 ?? [])]));
    for (let time = 0; time < 5; time += 1) {
      expect(all.inputs.slice(time * 10, time * 10 + 6)).toEqual(trials.inputs.slice(time * 6, time * 6 + 6));
      expect(all.mask?.slice(time * 5 + 3, time * 5 + 5)).toEqual(Float32Array.of(1, 1));
    }
    expect(joinTrials([unmasked, unmasked]).mask).toBeUndefined();
    const { v0: _v0, ...started } = unmasked;
    expect(() => joinTrials([trials, started])).toThrow(
      /the stages' v0 differ in steps or width, or some stages have none/,
    );
    expect(outputsOf(all.targets, all, { first: 3, count: 2, steps: 4 })).toEqual(unmasked.targets.slice(0, 8));
  });
});

describe("faults are named", () => {
  test.each<[string, unknown, RegExp]>([
    ["no stages", { stages: [] }, /curriculum: stages: must have >= 1 items/],
    [
      "an unknown key",
      { stages: [{ source: task(), treshold: 0.5 }] },
      /stages\[0\]: unknown option "treshold"; did you mean "threshold"\?/,
    ],
    ["no source", { stages: [{ source: undefined }] }, /stages\[0\]: source: expected a task/],
    ["a share of all", { mix: 1, stages: [{ source: task() }] }, /mix: must be < 1/],
    [
      "other channels",
      { stages: [{ source: task() }, { source: holdTask({ inputs: 3, outputs: 1, steps: 2 }) }] },
      /stages\[1\].*expected 2 inputs and 1 outputs as in the first, got 3 and 1/,
    ],
    [
      "no accuracy",
      { stages: [{ source: fixedTrials(randomTrials({ ...sizes, time: 2, batch: 2, seed: 1 })) }] },
      /the source has no accuracy/,
    ],
    ["a loss without threshold", { stages: [{ source: task(), metric: "loss" }] }, /a loss needs the threshold/],
    [
      "falling above the threshold",
      { stages: [{ source: task() }, { source: task(), fallBelow: 0.95 }] },
      /fallBelow 0\.95 is better than the threshold 0\.9/,
    ],
    [
      "falling before the first",
      { stages: [{ source: task(), fallBelow: 0.5 }] },
      /there is no stage before the first/,
    ],
  ])("%s", (_, given, message) => {
    const error = (() => {
      try {
        return curriculum(given as CurriculumInput);
      } catch (thrown) {
        return thrown;
      }
    })();
    expect(error).toBeInstanceOf(ConfigError);
    expect((error as Error).message).toMatch(message);
  });

  test("training that could not be meant", async () => {
    const given = { stages: [{ source: task() }] };
    await expect(collect(networkOf(), given, { stop: { accuracy: 0.9 } })).rejects.toThrow(
      /easiest stage of a curriculum/,
    );
    const started: TrialSource = fixedTrials(randomTrials({ ...sizes, time: 6, batch: 8, seed: 1, withV0: true }));
    const stages = [{ source: task() }, { source: started, metric: () => 0 }];
    await expect(collect(networkOf(), { mix: 0.5, stages })).rejects.toThrow(
      /stage 1 does not start its trials as the first does/,
    );
    const endless: TrialSource = { ...task(), continuous: true };
    await expect(collect(networkOf(), { stages: [{ source: endless }] })).rejects.toThrow(
      /a continuous source has no trials after which a stage could end/,
    );
    const wide = holdTask({ inputs: 3, outputs: 1, steps: 4 });
    await expect(collect(networkOf(), { stages: [{ source: wide }] })).rejects.toThrow(
      /The network has 2 inputs and 1 outputs/,
    );
  });
});
