import { describe, expect, test } from "vitest";
import { ConfigError, ConstraintError, DivergenceError, ShapeError, ValueError } from "../../src/errors.ts";
import { dynamicsForms } from "../../src/io/model-schema.ts";
import type { Model } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import type { Trials } from "../../src/network/trials.ts";
import { effectiveWeights, validateModel } from "../../src/network/validate.ts";
import { type ForceResult, force } from "../../src/train/force/force.ts";
import type { ForceOptions } from "../../src/train/force/options.ts";
import { force as forceReference } from "../reference/force.ts";
import { type GeneratedModelOptions, generateModel } from "../reference/generate.ts";
import { at } from "../reference/numbers.ts";
import { relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";
import { randomTrials } from "../support/trials.ts";

const gpu = testDevice();

async function learn(models: readonly Model[], trials: Trials, options: ForceOptions): Promise<ForceResult> {
  const network = new Network(gpu.device, models);
  try {
    return await force(network, trials, options);
  } finally {
    network.dispose();
  }
}

/** Smooth targets [T, B, O] and inputs: sums of slow sines. */
function smoothTrials(sizes: GeneratedModelOptions, time: number, batch: number): Trials {
  const wave = (channels: number, phase: number): Float32Array =>
    Float32Array.from({ length: time * batch * channels }, (_, index) => {
      const t = Math.floor(index / (batch * channels));
      return Math.sin(0.13 * t + phase * (1 + (index % (batch * channels))));
    });
  return { steps: time, trials: batch, inputs: wave(sizes.inputs, 0.7), targets: wave(sizes.outputs, 1.9) };
}

describe("FORCE on the GPU agrees with the float64 reference", () => {
  const cases: readonly (readonly [time: number, batch: number, hidden: number, outputs: number, every: number])[] = [
    [1, 1, 1, 1, 1],
    [60, 1, 7, 3, 1],
    [40, 3, 17, 1, 2],
    [300, 1, 34, 2, 2],
    [700, 1, 12, 1, 3], // more than one submission
    [25, 2, 130, 5, 1],
    [3, 1, 1030, 1, 1], // more vec4f than a workgroup has invocations
  ];
  for (const [index, [time, batch, hidden, outputs, every]] of cases.entries()) {
    const form = dynamicsForms[index % 2] ?? "state";
    for (const closed of hidden > 1000 ? [true] : [true, false]) {
      test(`T ${time} B ${batch} N ${hidden} O ${outputs}, ${form} form${closed ? ", fed back" : ""}`, async () => {
        const sizes = { inputs: 2, hidden, outputs, seed: index, activation: "tanh", form } as const;
        const seeds = hidden > 1000 ? [2] : [1, 2];
        const models = seeds.map((seed) => {
          const model = generateModel({ ...sizes, seed });
          return { ...model, spec: { ...model.spec, seed } };
        });
        const trials = smoothTrials(sizes, time, batch);
        const mask = Float32Array.from({ length: time * batch * outputs }, (_, k) =>
          Math.floor(k / (batch * outputs)) % 11 === 5 ? 0 : 1,
        );
        const options = { regularisation: 2, every, feedback: closed && { scale: 0.5 } } as const;
        const result = await learn(models, { ...trials, mask }, options);
        expect(result.feedback).toHaveLength(closed ? seeds.length : 0);
        const last = (values: Float32Array): Float32Array =>
          values.subarray(((seeds.length - 1) * values.length) / seeds.length);
        const sequence = { time, batch, inputs: trials.inputs, targets: trials.targets };
        const expected = forceReference(
          models.at(-1) as Model,
          { ...sequence, learned: (t) => (t + 1) % every === 0 && t % 11 !== 5 },
          { regularisation: 2, feedback: result.feedback.at(-1) },
        );
        expect(relative(last(result.outputs), expected.outputs), "outputs").toBeLessThan(2e-4);
        expect(relative(last(result.errors), expected.errors), "errors").toBeLessThan(2e-4);
        expect(relative(last(result.changes), expected.changes), "changes").toBeLessThan(1e-3);
        expect(relative(last(result.final.v), expected.v), "v").toBeLessThan(2e-4);
        expect(relative(last(result.final.r), expected.r), "r").toBeLessThan(2e-4);
        const { weightHO } = (result.models.at(-1) as Model).parameters;
        expect(relative(weightHO, expected.weightHO), "weightHO").toBeLessThan(1e-3);
      });
    }
  }

  test("weights that may not be are 0, and the units behind them have no part", async () => {
    const sizes = { inputs: 1, hidden: 9, outputs: 2, seed: 5, activation: "tanh" } as const;
    const model = generateModel(sizes);
    const mask = Float32Array.from({ length: 18 }, (_, k) => Number((k % 9) % 3 !== 1));
    const parameters = { ...model.parameters, weightHO: model.parameters.weightHO.map((w, k) => w * at(mask, k)) };
    const masked: Model = { ...model, parameters, masks: { weightHO: mask } };
    const trials = smoothTrials(sizes, 50, 1);
    const { models, feedback } = await learn([masked], trials, { every: 1 });
    const [trained] = models;
    const expected = forceReference(
      masked,
      { time: 50, batch: 1, ...trials, learned: () => true },
      { regularisation: 1, feedback: feedback[0] },
    );
    const { weightHO } = (trained as Model).parameters;
    expect(relative(weightHO, expected.weightHO)).toBeLessThan(1e-3);
    expect([...weightHO].map((w) => Number(w !== 0))).toEqual([...mask]);
  });
});

describe("the folded network is the network with its loop", () => {
  for (const constraint of ["project", "abs"] as const) {
    for (const form of dynamicsForms) {
      test(`${form} form, ${constraint}: the same trajectory`, async () => {
        const sizes = { inputs: 2, hidden: 21, outputs: 3, seed: 8 } as const;
        const options = { ...sizes, activation: "tanh", form, constraint, density: 0.5, signed: true } as const;
        const made = generateModel(options);
        const { weightHO: _mask, ...masks } = made.masks;
        const { weightHO: _signs, ...signs } = made.signs;
        const model: Model = { ...made, masks, signs };
        const trials = randomTrials({ ...sizes, time: 80, batch: 1, withMask: false });
        // Nothing is learned from these: only the loop is at work.
        const silent = { ...trials, mask: new Float32Array(trials.targets.length) };
        const { models, outputs, final, feedback } = await learn([model], silent, {
          feedback: { scale: 0.8, seed: 3 },
        });
        const folded = models[0] as Model;
        expect(folded.parameters.weightHO).toEqual(model.parameters.weightHO);
        expect(Object.keys(folded.masks)).toEqual(["weightIH"]);
        expect(Object.keys(folded.signs)).toEqual(["weightIH"]);
        validateModel(folded);
        const network = new Network(gpu.device, [folded]);
        const run = await network.run(trials);
        expect(relative(run.outputs, outputs)).toBeLessThan(1e-5);
        expect(relative(run.final.v, final.v)).toBeLessThan(1e-5);
        expect(relative(run.final.r, final.r)).toBeLessThan(1e-5);
        // The loop matters: without it the network goes elsewhere.
        network.dispose();
        const open = new Network(gpu.device, [model]);
        expect(relative((await open.run(trials)).outputs, outputs)).toBeGreaterThan(0.1);
        open.dispose();
        const weights = effectiveWeights(model, "weightHH");
        const [i, j] = [4, 17];
        const through = [0, 1, 2].map(
          (o) => at(feedback[0] ?? [], i * 3 + o) * at(folded.parameters.weightHO, o * 21 + j),
        );
        const sum = through.reduce((total, value) => total + value, at(weights, i * 21 + j));
        expect(folded.parameters.weightHH[i * 21 + j]).toBeCloseTo(sum, 6);
      });
    }
  }

  test("without feedback W_hh, its mask and signs stay as they were, and the given network does in any case", async () => {
    const model = generateModel({ inputs: 1, hidden: 6, outputs: 1, seed: 2, density: 0.7 });
    const { weightHO: _mask, ...masks } = model.masks;
    const network = new Network(gpu.device, [{ ...model, masks }]);
    const trials = smoothTrials({ inputs: 1, hidden: 6, outputs: 1, seed: 2 }, 10, 1);
    const open = await force(network, trials, { feedback: false });
    expect(open.models[0]?.parameters.weightHH).toEqual(model.parameters.weightHH);
    expect(open.models[0]?.masks).toEqual(masks);
    expect(open.models[0]?.parameters.weightHO).not.toEqual(model.parameters.weightHO);
    expect((await network.read()).parameters).toEqual(model.parameters);
    network.dispose();
  });
});

describe("what it depends on", () => {
  const sizes = { inputs: 1, hidden: 8, outputs: 1, seed: 2, activation: "tanh" } as const;
  const model = generateModel({ ...sizes, noise: { pre: 0.1 } });
  const trials = smoothTrials(sizes, 30, 2);

  test("seeds of noise and feedback; starts of trials", async () => {
    const first = await learn([model], trials, {});
    expect(await learn([model], trials, {})).toEqual(first);
    const noisy = await learn([model], trials, { seed: 9 });
    expect(noisy.feedback).toEqual(first.feedback);
    expect(noisy.outputs).not.toEqual(first.outputs);
    const other = await learn([model], trials, { feedback: { seed: 9 } });
    expect(other.feedback).not.toEqual(first.feedback);
    const given = await learn([model], trials, { feedbackWeights: first.feedback[0] as Float32Array });
    expect(given).toEqual(first);
    const v0 = Float32Array.from({ length: 16 }, (_, k) => at(model.parameters.v0, k % 8));
    expect(await learn([model], { ...trials, v0 }, {})).toEqual(first);
    const r0 = v0.map((v) => Math.tanh(v));
    const started = await learn([model], { ...trials, v0, r0 }, {});
    expect(relative(started.outputs, first.outputs)).toBeLessThan(1e-4);
  });

  test("a signal ends it early, with what was learned and NaN for the rest", async () => {
    const stopped = new AbortController();
    stopped.abort();
    const { models, outputs } = await learn([model], trials, { signal: stopped.signal, feedback: false });
    expect(models[0]?.parameters.weightHO).toEqual(model.parameters.weightHO);
    expect(outputs.every(Number.isNaN)).toBe(true);
  });
});

describe("errors name what is wrong, before any work", () => {
  const sizes = { inputs: 1, hidden: 4, outputs: 2, seed: 1 } as const;
  const model = generateModel(sizes);
  const trials = smoothTrials(sizes, 5, 1);
  const failure = (of: Partial<Model>, options: ForceOptions = {}, data = trials): Promise<unknown> =>
    learn([{ ...model, ...of }], data, options).catch((error: unknown) => error);

  test("networks whose readout it cannot learn, or whose loop is no recurrent weight", async () => {
    const layers = [
      { name: "one", from: 0, to: 2 },
      { name: "two", from: 2, to: 4 },
    ];
    expect(await failure({ spec: { ...model.spec, layers } })).toBeInstanceOf(ConfigError);
    const shortTermPlasticity = { release: 0.3, recoveryMs: 200, facilitationMs: 1500 };
    expect(await failure({ spec: { ...model.spec, dtMs: 10, shortTermPlasticity } })).toBeInstanceOf(ConfigError);
    const weightHO = model.parameters.weightHO.map(Math.abs);
    const positive = { parameters: { ...model.parameters, weightHO }, signs: { weightHO: weightHO.map(() => 1) } };
    expect(await failure(positive)).toEqual(
      new ConstraintError("force: recursive least squares cannot keep signs. Leave out signHO."),
    );
    const plasticity = { weightHO: new Float32Array(8).fill(0.5) };
    expect(await failure({ plasticity })).toBeInstanceOf(ConstraintError);
    const mask = Float32Array.from([1, 1, 1, 1, 1, 0, 1, 1]);
    const zeroed = { ...model.parameters, weightHO: model.parameters.weightHO.map((w, k) => w * at(mask, k)) };
    const odd = await failure({ parameters: zeroed, masks: { weightHO: mask } });
    expect(String(odd)).toContain("maskHO[1, 1] differs from output 0. Train them one after the other.");
  });

  test("options and trials", async () => {
    expect(await failure({}, { regularization: 1 } as ForceOptions)).toEqual(
      new ConfigError('force: regularization: unknown key; did you mean "regularisation"?'),
    );
    expect(await failure({}, { every: 0 })).toBeInstanceOf(ConfigError);
    expect(await failure({}, { feedbackWeights: new Float32Array(4) })).toBeInstanceOf(ShapeError);
    expect(await failure({}, { feedback: {}, feedbackWeights: new Float32Array(8) })).toBeInstanceOf(ConfigError);
    const mask = new Float32Array(10).fill(1);
    mask[5] = 0.5;
    expect(await failure({}, {}, { ...trials, mask })).toEqual(
      new ValueError("force: mask: step 2 of trial 0 is [1, 0.5]: a step is learned from, all 1, or not, all 0."),
    );
  });

  test("numbers that stop being finite", async () => {
    const huge = { ...trials, targets: trials.targets.map(() => 3e38) };
    const error = await failure({}, { feedback: { scale: 1e5 }, every: 1 }, huge);
    expect(error).toBeInstanceOf(DivergenceError);
    expect((error as DivergenceError).step).toBeGreaterThan(0);
  });
});
