import { afterEach, describe, expect, test } from "vitest";
import { ShapeError } from "../../src/errors.ts";
import { createModel } from "../../src/network/create.ts";
import { type ParameterName, parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import {
  balanceDaleRatio,
  drawPsychRNN,
  excitatoryUnits,
  glorotScale,
  recurrentWeights,
} from "../../src/network/psychrnn-weights.ts";
import { spectralRadius } from "../../src/network/spectral-radius.ts";
import { effectiveWeights } from "../../src/network/validate.ts";
import { Random } from "../../src/random.ts";
import { perceptualDiscrimination } from "../../src/tasks/psychrnn/perceptual-discrimination.ts";
import { type PsychRNNSetup, psychrnn } from "../../src/train/psychrnn.ts";
import type { PsychRNNOptions } from "../../src/train/psychrnn-options.ts";
import type { TrainingReport } from "../../src/train/report.ts";
import { fixedTrials, type TrialSource } from "../../src/train/source.ts";
import { train } from "../../src/train/train.ts";
import { Trainer } from "../../src/train/trainer.ts";
import behaviours from "../fixtures/golden/psychrnn/behaviours.json" with { type: "json" };
import initialisers from "../fixtures/golden/psychrnn/initialisers.json" with { type: "json" };
import adamFile from "../fixtures/golden/psychrnn/train-steps.json" with { type: "json" };
import { flatten, type Nested } from "../reference/golden-model.ts";
import { psychrnnTrainings } from "../reference/golden-training.ts";
import { at, largestDifference } from "../reference/numbers.ts";
import { testDevice } from "../support/device.ts";
import { runLosses } from "../support/loss-run.ts";
import { holdTask } from "../support/trials.ts";

const gpu = testDevice();
const networks: Network[] = [];
function networkOf({ model, fixed }: PsychRNNSetup): Network {
  const network = new Network(gpu.device, [createModel(model)]);
  for (const [name, where] of Object.entries(fixed)) network.freeze(name as ParameterName, where);
  networks.push(network);
  return network;
}
afterEach(() => {
  for (const network of networks.splice(0)) network.dispose();
});

const small: PsychRNNOptions = { N_in: 2, N_rec: 10, N_out: 1, dt: 10, tau: 100, N_batch: 3 };
const task = () => holdTask({ inputs: 2, outputs: 1, steps: 4 });

async function collect(setup: PsychRNNSetup, source: TrialSource): Promise<TrainingReport[]> {
  const reports: TrainingReport[] = [];
  for await (const report of train(networkOf(setup), setup.lessons(source), setup.train)) reports.push(report);
  return reports;
}

describe("initialisers, against PsychRNN's numbers", () => {
  test("Glorot's scale is counted in the mask", () => {
    const { mask, gauss_std, uniform_limit } = initialisers.glorot;
    const scale = glorotScale(flatten(mask), 3, 4);
    expect(largestDifference(scale, flatten(gauss_std))).toBeLessThan(1e-12);
    expect(
      largestDifference(
        scale.map((s) => Math.sqrt(3) * s),
        flatten(uniform_limit),
      ),
    ).toBeLessThan(1e-12);
    expect(glorotScale([0, 0, 0, 1], 2, 2)).toEqual(Float64Array.of(0, Math.SQRT2, Math.SQRT2, 1));
  });

  test("balance_dale_ratio and AlphaIdentity", () => {
    const { W, rec_connectivity, dale_ratio, result } = initialisers.balance_dale_ratio;
    const connectivity = flatten(rec_connectivity);
    expect(largestDifference(balanceDaleRatio(flatten(W), connectivity, 5, dale_ratio), flatten(result))).toBeLessThan(
      1e-12,
    );
    const { alpha, W_rec } = initialisers.alpha_identity_dale;
    const initialiser = { name: "AlphaIdentity", alpha, radius: 1, draw: "const_gauss", low: 0, high: 1 } as const;
    const identity = recurrentWeights(initialiser, connectivity, 5, dale_ratio, 1);
    expect(largestDifference(identity, flatten(W_rec))).toBeLessThan(1e-12);
  });

  test.each([
    [undefined, initialisers["gaussian_spectral_radius dale=None"]],
    [0.6, initialisers["gaussian_spectral_radius dale=0.6"]],
  ] as const)("GaussianSpectralRadius, dale_ratio %s: the radius is that of the raw matrix", (ratio, golden) => {
    const connectivity = flatten(initialisers.balance_dale_ratio.rec_connectivity);
    const initialiser = {
      name: "GaussianSpectralRadius",
      alpha: 0,
      radius: golden.spec_rad,
      draw: "const_gauss",
      low: 0,
      high: 1,
    } as const;
    const weights = recurrentWeights(initialiser, connectivity, 5, ratio, 1, flatten(golden.raw));
    expect(largestDifference(weights, flatten(golden.W_rec))).toBeLessThan(1e-9);
    expect(spectralRadius(weights, 5)).toBeCloseTo(golden.rho_raw, 8);
    const signed = weights.map((w, index) => {
      const masked = w * at(connectivity, index);
      return ratio === undefined ? masked : Math.abs(masked) * (index % 5 < 3 ? 1 : -1);
    });
    expect(spectralRadius(signed, 5)).toBeCloseTo(golden.rho_effective, 6);
  });

  test("draws have the scale of their law", () => {
    const mask = new Float32Array(100 * 80).fill(1);
    const moments = (kind: Parameters<typeof drawPsychRNN>[0]) => {
      const values = drawPsychRNN(kind, mask, 100, 80, { random: new Random(3, 0), low: -0.3, high: 0.1 });
      const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
      const sd = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
      return { mean, sd, largest: Math.max(...values.map(Math.abs)) };
    };
    expect(moments("const_gauss").sd).toBeCloseTo(1, 1);
    expect(moments("const_unif").mean).toBeCloseTo(-0.1, 2);
    expect(moments("const_unif").largest).toBeLessThanOrEqual(0.3);
    expect(moments("glorot_gauss").sd / Math.sqrt(2 / 180)).toBeCloseTo(1, 1);
    expect(moments("glorot_unif").sd / Math.sqrt(2 / 180)).toBeCloseTo(1, 1);
    expect(moments("glorot_unif").largest).toBeLessThanOrEqual(Math.sqrt(6 / 180));
    const model = createModel(psychrnn({ ...small, N_rec: 1000, W_rec: new Float32Array(1e6) }).model);
    const { v0 } = model.parameters;
    const mean = v0.reduce((sum, value) => sum + value, 0) / 1000;
    const sd = Math.sqrt(v0.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 1000);
    expect(mean).toBeCloseTo(initialisers.quirks["init_state default mean,sd (N=10000)"][0] ?? 0, 2);
    expect(sd).toBeCloseTo(initialisers.quirks["init_state default mean,sd (N=10000)"][1] ?? 0, 2);
  });

  test("the arrays that are given stay as they are", () => {
    const rec_connectivity = new Float32Array(100).fill(1);
    const { model } = psychrnn({ ...small, rec_connectivity, autapses: false });
    expect(rec_connectivity.every((value) => value === 1)).toBe(true);
    expect([...(model.structure.masks.weightHH ?? [])].filter((mask) => mask === 0)).toHaveLength(10);
    expect(initialisers.quirks["autapses=False mutates the caller's rec_connectivity array"]).toBe(true);
  });
});

describe("training, against PsychRNN's counts", () => {
  const counted = Object.entries(behaviours).flatMap(([key, value]) => {
    const [, iters, batch, epoch] = /^training_iters=(\d+) batch=(\d+) loss_epoch=(\d+)$/.exec(key) ?? [];
    return iters === undefined || Number(iters) === 0
      ? []
      : [
          {
            iters: Number(iters),
            batch: Number(batch),
            epoch: Number(epoch),
            ...(value as { updates: number; losses_recorded: number }),
          },
        ];
  });

  test.each(counted)(
    "$iters trials in batches of $batch are $updates updates",
    async ({ iters, batch, epoch, updates, losses_recorded }) => {
      const setup = psychrnn({ ...small, training_iters: iters, N_batch: batch, loss_epoch: epoch });
      const reports = await collect(setup, task());
      expect(reports.at(-1)?.step).toBe(updates);
      expect(reports.filter(({ step }) => step % epoch === 0)).toHaveLength(losses_recorded);
    },
  );

  test("no trials are refused, where PsychRNN does nothing", () => {
    expect(behaviours["training_iters=0 batch=3 loss_epoch=10"].updates).toBe(0);
    expect(() => psychrnn({ ...small, training_iters: 0 })).toThrow(/training_iters: must be > 0/);
  });

  test("performance_cutoff ends training at the same update", async () => {
    const { stopped_after_epoch, batches_drawn } = behaviours["performance_cutoff .45 with performance .1*epoch"];
    let epoch = 0;
    const measured: number[] = [];
    const performance_measure = (outputs: Float32Array, { trials }: { trials: number }) => {
      expect(outputs.length).toBe(4 * trials);
      measured.push(trials);
      epoch += 1;
      return 0.1 * epoch;
    };
    const setup = psychrnn({ ...small, performance_measure, performance_cutoff: 0.45 });
    const reports = await collect(setup, task());
    expect(reports.at(-1)).toMatchObject({ step: stopped_after_epoch, stopped: "curriculum" });
    // PsychRNN draws one batch to learn its size.
    expect(1 + stopped_after_epoch + measured.length).toBe(batches_drawn);
    expect(new Set(measured)).toEqual(new Set([3]));
  });

  test("the number of excitatory units is truncated", () => {
    for (const [key, units] of Object.entries(behaviours["n_exc=int(dale_ratio*N)"])) {
      const [ratio = 0, n = 0] = key.split("*").map(Number);
      expect(excitatoryUnits(ratio, n), key).toBe(units);
    }
    const { structure } = psychrnn({ ...small, N_rec: 100, dale_ratio: 0.29 }).model;
    expect(structure.unitSigns?.filter((sign) => sign > 0)).toHaveLength(28);
    expect(structure.masks.weightHO?.filter((mask) => mask === 1)).toHaveLength(28);
    const all = createModel(psychrnn({ ...small, dale_ratio: 1 }).model);
    expect(effectiveWeights(all, "weightHH").every((w) => w >= 0)).toBe(behaviours["dale_ratio=1.0: all W_rec >= 0"]);
    expect(createModel(psychrnn(small).model).signs).toEqual({});
    expect(() => psychrnn({ ...small, dale_ratio: 0 })).toThrow(/dale_ratio 0 leaves 0 excitatory units of 10/);
    expect(createModel(psychrnn({ ...small, dale_ratio: null }).model).spec.constraint).toBe("project");
  });

  test("losses: the mean squared error is PsychRNN's, binary cross-entropy that of its formula on logits", async () => {
    const { predictions, y, mask, mse } = behaviours.losses;
    const timeFirst = (nested: number[][][]): Float64Array =>
      Float64Array.from([0, 1, 2].flatMap((t) => [0, 1].flatMap((b) => nested[b]?.[t] ?? [])));
    const sizes = { steps: 3, batch: 2, hidden: 1, outputs: 2 };
    const data = {
      outputs: timeFirst(predictions),
      targets: timeFirst(y),
      mask: Float32Array.from(timeFirst(mask)),
      rates: new Float64Array(6),
    };
    const [squared] = await runLosses(gpu.device, sizes, [data], psychrnn(small).train.loss ?? []);
    expect(squared?.values[0]).toBeCloseTo(mse, 6);
    // Probabilities inside (0, 1), where PsychRNN clips nothing.
    const p = data.outputs.map((value) => 1 / (1 + Math.exp(-value)));
    const expected = p.reduce((sum, q, index) => {
      const target = at(data.targets, index);
      return sum - (at(data.mask, index) * (target * Math.log(q + 1e-7) + (1 - target) * Math.log(1 - q + 1e-7))) / 12;
    }, 0);
    const loss = psychrnn({ ...small, loss_function: "binary_cross_entropy" }).train.loss ?? [];
    const [entropy] = await runLosses(gpu.device, sizes, [data], loss);
    expect(entropy?.values[0]).toBeCloseTo(expected, 5);
  });
});

describe("gradients and Adam, against PsychRNN's weights after each of three updates", () => {
  const names: Record<string, ParameterName> = {
    W_in: "weightIH",
    W_rec: "weightHH",
    W_out: "weightHO",
    b_rec: "biasH",
    b_out: "biasO",
    init_state: "v0",
  };
  test.each(adamFile.cases.map((entry, index) => [entry.name, index] as const))("%s", async (_, index) => {
    const entry = adamFile.cases[index] as (typeof adamFile.cases)[number];
    const golden = psychrnnTrainings()[index] as ReturnType<typeof psychrnnTrainings>[number];
    const { raw } = adamFile;
    const setup = psychrnn({
      ...{ N_in: 2, N_rec: raw.b_rec.length, N_out: 2, dt: 10, tau: 10 / adamFile.alpha, N_batch: 3 },
      ...{ dale_ratio: entry.dale_ratio, autapses: entry.autapses, transfer_function: entry.transfer },
      ...{ input_connectivity: adamFile.M_in, rec_connectivity: adamFile.M_rec, output_connectivity: adamFile.M_out },
      ...{ W_in: raw.W_in, W_rec: raw.W_rec, W_out: raw.W_out, b_rec: raw.b_rec, b_out: raw.b_out },
      init_state: raw.init_state.flat() as number[],
      ...adamFile.reg,
      ...{ learning_rate: entry.learning_rate, clip_grads: entry.clip_grads, training_iters: 10, loss_epoch: 1 },
    });
    expect(setup.train.loss).toHaveLength(8);
    const network = networkOf(setup);
    const { time: steps, batch: trials, inputs, targets, mask } = golden;
    const source = fixedTrials({ steps, trials, inputs, targets, mask });
    const trainer = await Trainer.create(network, setup.lessons(source), setup.train);
    const after = entry.params_after_each_step as readonly Record<string, Nested>[];
    for await (const { step, loss } of trainer.run()) {
      const expected = step === 1 ? entry.total : entry.losses_after_each_step[step - 2];
      expect(loss / (expected ?? Number.NaN), `loss at ${step}`).toBeCloseTo(1, 5);
      const { parameters, masks } = await network.read();
      for (const [key, values] of Object.entries(after[step - 1] ?? {})) {
        const name = names[key] ?? (key === "x0" ? "v0" : undefined);
        if (name === undefined) continue;
        // PsychRNN keeps the raw value of an absent synapse, which has no effect.
        const present = (masks as Partial<Record<ParameterName, Float32Array>>)[name];
        const wanted = flatten(values).map((value, place) => (present?.[place] === 0 ? 0 : value));
        expect(largestDifference(parameters[name], wanted), `${key} after ${step}`).toBeLessThan(1e-6);
      }
      if (step === 3) break;
    }
    trainer.dispose();
  });

  test("epsilon stands where TensorFlow 1 has it, which shows where gradients are tiny", async () => {
    const setup = psychrnn({
      ...small,
      W_rec: new Float32Array(100),
      W_in: new Float32Array(20).fill(0.1),
      W_out: new Float32Array(10).fill(1e-7),
      b_rec: new Float32Array(10).fill(1),
      clip_grads: false,
      training_iters: 3,
    });
    expect(setup.train.optimizer).toEqual({ type: "adam", lr: 1e-3, epsilonHat: true });
    const trials = { steps: 1, trials: 1, inputs: Float32Array.of(0, 0), targets: Float32Array.of(1) };
    const network = networkOf(setup);
    const before = await network.read();
    const trainer = await Trainer.create(network, fixedTrials(trials), { ...setup.train, steps: 1, batch: 1 });
    for await (const _ of trainer.run()) expect(trainer.step).toBe(1);
    trainer.dispose();
    const now = await network.read();
    // dL/db_rec = 2 (y - 1) 1e-7 alpha, about -2e-8: m / (√s + ε) with m = 0.1 g, s = 0.001 g².
    const g = -2e-8 * (1 - 10 * 1e-7 * at(now.parameters.v0, 0));
    const step = (1e-3 * Math.sqrt(1e-3)) / 0.1;
    const moved = (-step * 0.1 * g) / (Math.sqrt(1e-3) * Math.abs(g) + 1e-8);
    expect(at(now.parameters.biasH, 0) - at(before.parameters.biasH, 0)).toBeCloseTo(moved, 7);
    expect(moved).toBeGreaterThan(5e-5);
    expect(moved).toBeLessThan(7e-5);
  });
});

describe("fixed_weights", () => {
  test("are not trained, and their gradient does not count in the clipping", async () => {
    const W_rec = Array.from({ length: 10 }, (_, row) =>
      Array.from({ length: 10 }, (_, column) => ((row + column) % 2 === 0 ? 1 : 0)),
    );
    const base = { ...small, training_iters: 30, W_in_train: false, b_out_train: false };
    const setup = psychrnn({ ...base, fixed_weights: { W_rec, b_rec: new Array<number>(10).fill(1) } });
    const network = networkOf(setup);
    const before = await network.read();
    for await (const _ of train(network, setup.lessons(task()), setup.train));
    const after = await network.read();
    for (const name of parameterNames) {
      if (name === "biasN" || name === "r0") continue; // an LSTM's and a GRU's
      const moved = after.parameters[name].map((value, index) =>
        value === at(before.parameters[name], index) ? 0 : 1,
      );
      const expected = {
        ...{ weightIH: () => 0, biasH: () => 0, biasO: () => 0, alpha: () => 0, v0: () => 1, weightHO: () => 1 },
        weightHH: (index: number) => ((Math.floor(index / 10) + (index % 10)) % 2 === 0 ? 0 : 1),
      }[name];
      // A unit that is silent all along learns nothing.
      if (name === "weightHO") expect(moved.some((one) => one === 1)).toBe(true);
      else if (name === "weightHH" || name === "v0")
        expect(moved.every((one, index) => one === 0 || expected(index) === 1) && moved.includes(1), name).toBe(true);
      else expect([...moved], name).toEqual([...moved].map((_, index) => expected(index)));
    }
  });
});

describe("names", () => {
  test.each<[object, RegExp]>([
    [{ N_recs: 5 }, /psychrnn: N_recs: unknown key; did you mean "N_rec"\?/],
    [{ dale_ration: 0.8 }, /dale_ration: unknown key; did you mean "dale_ratio"\?/],
    [
      { loss_function: "mean_square_error" },
      /loss_function: expected one of "mean_squared_error".*did you mean "mean_squared_error"/,
    ],
    [{ transfer_function: "reluu" }, /activation: expected one of/],
    [{ initializer: "Gaussian" }, /initializer/],
    [{ initializer: "AlphaIdentity" }, /AlphaIdentity needs its alpha/],
    [{ N_in: undefined }, /N_in and N_out are missing/],
    [{ load_weights_path: "w.npz" }, /load_weights_path: read the file, and give modelFromPsychRNN its bytes/],
    [{ curriculum: {} }, /train on curriculum\(\{ stages \}\)/],
    [{ performance_cutoff: 0.9 }, /given together, or neither/],
    [{ dale_ratio: 1.2 }, /dale_ratio 1\.2 leaves 12 excitatory units of 10/],
    [{ fixed_weights: { W_rec: new Float32Array(100).fill(0.5) } }, /fixed_weights: W_rec: entry 0 is 0\.5/],
    [{ rec_connectivity: new Float32Array(100).fill(0.5) }, /maskHH.* is 0\.5: a mask entry is 1/],
    [{ tau: 5 }, /dtMs 10 > tauMs 5/],
  ])("%j is refused", (change, message) => {
    const failed = (): unknown => createModel(psychrnn({ ...small, ...change } as PsychRNNOptions).model);
    expect(failed).toThrow(message);
  });

  test("arrays of another size are named", () => {
    expect(() => psychrnn({ ...small, W_in: [[1, 2]] })).toThrow(ShapeError);
    expect(() => psychrnn({ ...small, W_in: [[1, 2]] })).toThrow(/psychrnn: W_in: expected \[10, 2\]/);
    expect(() => psychrnn({ ...small, b_rec: [1] })).toThrow("psychrnn: b_rec: expected 10 values, got 1.");
  });

  test("defaults are PsychRNN's", () => {
    const { model, train: settings } = psychrnn({
      ...small,
      tau: new Float32Array(10).fill(50),
      name: "m",
      N_steps: 200,
      T: 2000,
      verbosity: true,
    });
    expect(settings).toEqual({
      ...{ steps: 16667, batch: 3, reportEvery: 10, seed: 0 },
      loss: [{ type: "meanSquaredError" }],
      optimizer: { type: "adam", lr: 1e-3, epsilonHat: true },
      clip: { mode: "tensorNorm", limit: 1 },
    });
    const made = createModel(model);
    expect(made.spec).toMatchObject({
      activation: "relu",
      form: "state",
      dtMs: 10,
      noise: { pre: 0, scale: "sqrt2alpha" },
      learn: { v0: true, alpha: false, biasO: true },
    });
    expect(at(made.parameters.alpha, 3)).toBe(Math.fround(0.2));
    expect(spectralRadius(made.parameters.weightHH, 10)).toBeCloseTo(1.1, 5);
  });

  test("the example of the docs trains", async () => {
    const setup = psychrnn({ ...small, N_rec: 20, N_out: 2, N_batch: 8, dale_ratio: 0.8, training_iters: 16 });
    const reports = await collect(setup, perceptualDiscrimination({ dtMs: 10, durationMs: 200 }));
    expect(reports.at(-1)).toMatchObject({ step: 2, stopped: "steps" });
  });
});
