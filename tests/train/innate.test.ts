import { describe, expect, test } from "vitest";
import { ConfigError, ConstraintError, DivergenceError, ShapeError, ValueError } from "../../src/errors.ts";
import { dynamicsForms } from "../../src/io/model-schema.ts";
import type { Model } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { Random } from "../../src/random.ts";
import { type InnateOptions, type InnateResult, type InnateTrials, innate } from "../../src/train/force/innate.ts";
import { generateModel } from "../reference/generate.ts";
import { innate as innateReference } from "../reference/innate.ts";
import { at } from "../reference/numbers.ts";
import { relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();

async function learn(models: readonly Model[], trials: InnateTrials, options: InnateOptions): Promise<InnateResult> {
  const network = new Network(gpu.device, models);
  try {
    return await innate(network, trials, options);
  } finally {
    network.dispose();
  }
}

/** Smooth inputs [T, B, I] and target rates [T, B, K]. */
function smoothTrials(inputs: number, units: number, time: number, batch: number): InnateTrials {
  const wave = (channels: number, phase: number, size: number): Float32Array =>
    Float32Array.from({ length: time * batch * channels }, (_, index) => {
      const t = Math.floor(index / (batch * channels));
      return size * Math.sin(0.13 * t + phase * (1 + (index % (batch * channels))));
    });
  return { steps: time, trials: batch, inputs: wave(inputs, 0.7, 1), rateTargets: wave(units, 1.9, 0.6) };
}

const sizes = { inputs: 2, outputs: 1, activation: "tanh" } as const;

describe("innate training on the GPU agrees with the float64 reference", () => {
  const cases: readonly (readonly [time: number, batch: number, hidden: number, units: number, every: number])[] = [
    [1, 1, 1, 1, 1],
    [40, 1, 7, 7, 1],
    [30, 3, 17, 5, 2],
    [600, 1, 9, 4, 3], // more than one submission
    [6, 1, 300, 3, 1], // more synapses than a workgroup has invocations
  ];
  for (const [index, [time, batch, hidden, count, every]] of cases.entries()) {
    const form = dynamicsForms[index % 2] ?? "state";
    const isSparse = hidden > 1 && index % 2 === 0;
    test(`T ${time} B ${batch} N ${hidden}, ${count} units, ${form} form${isSparse ? ", sparse" : ""}`, async () => {
      const models = [1, 2].map((seed) => {
        const model = generateModel({ ...sizes, hidden, seed, form, ...(isSparse && { density: 0.7 }) });
        const plasticity = Float32Array.from({ length: hidden * hidden }, (_, k) => Number(hidden < 3 || k % 5 !== 2));
        return { ...model, spec: { ...model.spec, seed }, plasticity: { weightHH: plasticity } };
      });
      const random = new Random(index, 3);
      const units = [...random.permutation(hidden)].slice(0, count);
      const trials = smoothTrials(2, count, time, batch);
      const mask = Float32Array.from({ length: time * batch * count }, (_, k) => Number(k % 11 !== 5));
      const rateTargets = trials.rateTargets?.map((value, k) => (mask[k] === 0 ? Number.NaN : value));
      const result = await learn(
        models,
        { ...trials, ...(rateTargets && { rateTargets }), rateMask: mask },
        { regularisation: 2, every, units },
      );
      const model = models[1] as Model;
      const expected = innateReference(
        model,
        units,
        {
          ...{ time, batch, inputs: trials.inputs, targets: trials.rateTargets ?? [] },
          learned: (t, b, unit) => (t + 1) % every === 0 && mask[(t * batch + b) * count + unit] !== 0,
        },
        {
          regularisation: 2,
          reaches: (post, pre) =>
            (model.masks.weightHH?.[post * hidden + pre] ?? 1) !== 0 &&
            model.plasticity.weightHH?.[post * hidden + pre] !== 0,
        },
      );
      const last = (values: Float32Array): Float32Array => values.subarray(values.length / 2);
      const errors = Float64Array.from({ length: time * batch }, (_, row) => {
        let [squares, wanted] = [0, 0];
        for (let unit = 0; unit < count; unit += 1) {
          if (mask[row * count + unit] === 0) continue;
          squares += at(expected.errors, row * count + unit) ** 2;
          wanted += 1;
        }
        return Math.sqrt(squares / wanted);
      });
      expect(relative(last(result.errors), errors), "errors").toBeLessThan(1e-3);
      expect(relative(last(result.changes), expected.changes), "changes").toBeLessThan(1e-3);
      expect(relative(last(result.final.v), expected.v), "v").toBeLessThan(1e-3);
      expect(relative(last(result.final.r), expected.r), "r").toBeLessThan(1e-3);
      const trained = result.models[1] as Model;
      expect(relative(trained.parameters.weightHH, expected.weightHH), "weightHH").toBeLessThan(1e-3);
      const { weightHH: _learned, ...others } = trained.parameters;
      const { weightHH: _before, ...same } = model.parameters;
      expect(others).toEqual(same);
      trained.parameters.weightHH.forEach((weight, k) => {
        const isLearned = units.includes(Math.floor(k / hidden)) && model.plasticity.weightHH?.[k] !== 0;
        if (!isLearned) expect(weight).toBe(model.parameters.weightHH[k]);
        if (model.masks.weightHH?.[k] === 0) expect(weight).toBe(0);
      });
    });
  }
});

describe("what it depends on", () => {
  const areas = [{ name: "late", from: 4, to: 8 }];
  const made = generateModel({ ...sizes, hidden: 8, seed: 2, noise: { pre: 0.1 } });
  const model = { ...made, spec: { ...made.spec, areas } };
  const trials = smoothTrials(2, 4, 30, 2);

  test("seeds of noise; units by an area's name; the network given stays as it is", async () => {
    const network = new Network(gpu.device, [model]);
    const first = await innate(network, trials, { units: "late" });
    expect(await innate(network, trials, { units: [4, 5, 6, 7] })).toEqual(first);
    expect((await innate(network, trials, { units: "late", seed: 9 })).errors).not.toEqual(first.errors);
    expect((await network.read()).parameters).toEqual(model.parameters);
    network.dispose();
  });

  test("a signal ends it early, with what was learned and NaN for the rest", async () => {
    const stopped = new AbortController();
    stopped.abort();
    const { models, errors } = await learn([model], trials, { signal: stopped.signal, units: "late" });
    expect(models[0]?.parameters).toEqual(model.parameters);
    expect(errors.every(Number.isNaN)).toBe(true);
  });
});

describe("errors name what is wrong, before any work", () => {
  const model = generateModel({ ...sizes, hidden: 4, seed: 1 });
  const trials = smoothTrials(2, 4, 5, 1);
  const failure = (of: Partial<Model>, options: InnateOptions = {}, data = trials): Promise<unknown> =>
    learn([{ ...model, ...of }], data, options).catch((error: unknown) => error);

  test("networks whose synapses it cannot learn", async () => {
    const layers = [
      { name: "one", from: 0, to: 2 },
      { name: "two", from: 2, to: 4 },
    ];
    expect(await failure({ spec: { ...model.spec, layers } })).toBeInstanceOf(ConfigError);
    const gru = generateModel({ inputs: 2, outputs: 1, hidden: 4, cell: "gru", seed: 1 });
    expect(String(await failure(gru))).toContain("innate: is for continuous-time networks, and this one is a gru.");
    const weightHH = model.parameters.weightHH.map(Math.abs);
    const positive = { parameters: { ...model.parameters, weightHH }, signs: { weightHH: weightHH.map(() => 1) } };
    expect(await failure(positive)).toEqual(
      new ConstraintError(
        "innate: recursive least squares cannot keep signs, such as that of the synapse from unit 0 onto unit 0.",
      ),
    );
    const half = { weightHH: new Float32Array(16).fill(0.5) };
    expect(String(await failure({ plasticity: half }))).toContain("is 0.5: a synapse is learned, 1, or not, 0.");
    const none = { weightHH: Float32Array.from({ length: 16 }, (_, k) => Number(k >= 4)) };
    expect(String(await failure({ plasticity: none }))).toContain("no synapse onto unit 0 can be learned");
  });

  test("options and targets", async () => {
    expect(await failure({}, { regularization: 1 } as InnateOptions)).toEqual(
      new ConfigError('innate: regularization: unknown key; did you mean "regularisation"?'),
    );
    expect(await failure({}, { units: [0, 0, 1, 2] })).toBeInstanceOf(ValueError);
    expect(await failure({}, { units: [0, 9] })).toBeInstanceOf(ValueError);
    expect(String(await failure({}, { units: [0, 1] }))).toContain(
      "expected [5, 1, 2] (time, batch, units that learn)",
    );
    const { rateTargets: _none, ...without } = trials;
    expect(String(await failure({}, {}, without))).toContain("expected rateTargets");
    expect(await failure({}, {}, { ...trials, rateTargets: new Float32Array(7) })).toBeInstanceOf(ShapeError);
  });

  test("numbers that stop being finite", async () => {
    const huge = { ...trials, rateTargets: new Float32Array(20).fill(3e38) };
    const error = await failure({}, { every: 1, regularisation: 1e-30 }, huge);
    expect(error).toBeInstanceOf(DivergenceError);
    expect((error as DivergenceError).step).toBeGreaterThan(0);
  });
});
