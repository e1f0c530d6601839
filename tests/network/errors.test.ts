import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { ConfigError, ConstraintError, CortrainError, LimitError, ShapeError, ValueError } from "../../src/errors.ts";
import { losses } from "../../src/index.ts";
import type { NetworkState } from "../../src/network/activity.ts";
import { type CtrnnOptions, ctrnn } from "../../src/network/ctrnn.ts";
import { type Model, parameterNames, type WeightName, weightNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import type { Trials } from "../../src/network/trials.ts";
import { dense } from "../../src/structure/structure.ts";
import { gradients } from "../../src/train/gradients.ts";
import { adam, adamw, rmsprop, sgd } from "../../src/train/optimizer.ts";
import { fixedTrials, type TrialSource } from "../../src/train/source.ts";
import { type TrainOptions, train } from "../../src/train/train.ts";
import { generateModel } from "../reference/generate.ts";
import { testDevice } from "../support/device.ts";
import { randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const sizes = { inputs: 3, hidden: 6, outputs: 2, seed: 1 };
const model = generateModel({ ...sizes, activation: "tanh", density: 0.8, signed: true, plastic: true });
const trials = randomTrials({ ...sizes, time: 4, batch: 2, withV0: true });
const squared = [{ type: "meanSquaredError" }] as const;

let network: Network;
beforeAll(() => {
  network = new Network(gpu.device, [model]);
});
afterAll(() => network.dispose());

let before = { buffers: 0, submits: 0 };
function work(): { buffers: number; submits: number } {
  const { buffers, submits } = gpu.device.counters;
  return { buffers, submits };
}
/** Every refusal below comes before any buffer is made and any command is sent. */
beforeEach(() => {
  before = work();
  return () => expect(work(), "GPU work").toEqual(before);
});

/** A copy with one value changed. */
function changed(values: Float32Array, index: number, value: number): Float32Array {
  const copy = values.slice();
  copy[index] = value;
  return copy;
}

function build(part: Partial<Model>): () => Network {
  return () => new Network(gpu.device, [{ ...model, ...part }]);
}

describe("a network of", () => {
  for (const name of parameterNames.filter((each) => model.parameters[each].length > 0)) {
    test(`${name} of the wrong shape, or not finite`, () => {
      const { parameters } = model;
      const put = (values: Float32Array): (() => Network) => build({ parameters: { ...parameters, [name]: values } });
      const short = put(parameters[name].slice(1));
      expect(short).toThrow(ShapeError);
      expect(short).toThrow(new RegExp(`^${name}: expected \\[.*got ${parameters[name].length - 1} values`));
      expect(put(new Float32Array(parameters[name].length + 1))).toThrow(ShapeError);
      for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(put(changed(parameters[name], 0, value))).toThrow(ValueError);
        expect(put(changed(parameters[name], 0, value))).toThrow(new RegExp(`^${name}\\[0.*${value}`));
      }
    });
  }

  const sides = { masks: "mask", signs: "sign", plasticity: "plasticity" } as const;
  for (const weight of weightNames) {
    test(`masks, signs and plasticity of ${weight} that are of the wrong shape or value`, () => {
      for (const [side, label] of Object.entries(sides) as ["masks" | "signs" | "plasticity", string][]) {
        const right = model[side][weight] as Float32Array;
        const put = (values: Float32Array): (() => Network) => build({ [side]: { ...model[side], [weight]: values } });
        const name = weight.replace("weight", label);
        expect(put(right.slice(1))).toThrow(ShapeError);
        expect(put(right.slice(1))).toThrow(new RegExp(`^${name}: expected`));
        for (const value of [0.5, 2, -1, Number.NaN]) {
          const allowed = { masks: [], signs: [-1], plasticity: [0.5] }[side] as number[];
          if (allowed.includes(value)) continue;
          expect(put(changed(right, 1, value)), `${name} ${value}`).toThrow(ValueError);
          expect(put(changed(right, 1, value))).toThrow(new RegExp(name));
        }
      }
    });
  }

  test("alpha outside (0, 1]", () => {
    for (const value of [0, -0.1, 1.0001]) {
      const put = build({ parameters: { ...model.parameters, alpha: changed(model.parameters.alpha, 4, value) } });
      expect(put).toThrow(ValueError);
      expect(put).toThrow(/alpha\[4\].*\(0, 1\]/);
    }
    const structure = dense(sizes);
    expect(() => ctrnn(gpu.device, { structure, dtMs: 30, tauMs: 20 })).toThrow(ValueError);
    expect(() => ctrnn(gpu.device, { structure, dtMs: 30, tauMs: 20 })).toThrow(/dtMs 30 > tauMs 20/);
    expect(() => ctrnn(gpu.device, { structure, dtMs: 30, tauMs: [100, 100, 100, 20, 100, 100] })).toThrow(/unit 3/);
    expect(() => ctrnn(gpu.device, { structure, alpha: 2 })).toThrow(ValueError);
    expect(() => ctrnn(gpu.device, { structure, dtMs: 0 })).toThrow(ValueError);
  });

  test("a Dale conflict, naming the unit", () => {
    const signs = new Float32Array(36);
    for (let row = 0; row < 6; row += 1) signs[row * 6 + 2] = row === 4 ? -1 : 1;
    const put = build({ masks: {}, signs: { weightHH: signs } });
    expect(put).toThrow(ConstraintError);
    expect(put).toThrow(/unit 2/);
  });

  test("a weight that breaks its mask or sign, naming the synapse", () => {
    for (const name of weightNames) {
      const mask = model.masks[name] as Float32Array;
      const absent = mask.indexOf(0);
      const weights = changed(model.parameters[name], absent, 0.5);
      const put = build({ parameters: { ...model.parameters, [name]: weights } });
      expect(put).toThrow(ConstraintError);
      expect(put).toThrow(new RegExp(`${name}\\[\\d+, \\d+\\].*absent`));
    }
    const name: WeightName = "weightHH";
    const signed = (model.signs[name] as Float32Array).findIndex((s, k) => s !== 0 && model.masks[name]?.[k] === 1);
    const weights = changed(model.parameters[name], signed, -(model.signs[name]?.[signed] ?? 0));
    expect(build({ parameters: { ...model.parameters, [name]: weights } })).toThrow(ConstraintError);
  });

  test("no model, or replicas of different architectures, or a strange number of them", () => {
    expect(() => new Network(gpu.device, [])).toThrow(ConfigError);
    const other = generateModel({ ...sizes, activation: "relu" });
    expect(() => new Network(gpu.device, [model, other])).toThrow(/Replica 1/);
    for (const replicas of [0, -1, 1.5, Number.NaN]) {
      expect(() => ctrnn(gpu.device, { structure: dense(sizes), replicas })).toThrow(/replicas/);
    }
  });

  test("unknown options, naming the nearest", () => {
    const options = (more: object): CtrnnOptions => ({ structure: dense(sizes), ...more }) as CtrnnOptions;
    const make = (more: object) => (): Network => ctrnn(gpu.device, options(more));
    expect(make({ activaton: "relu" })).toThrow(ConfigError);
    expect(make({ activaton: "relu" })).toThrow(/did you mean "activation"/);
    expect(make({ tau_ms: 100 })).toThrow(/did you mean "tauMs"/);
    expect(make({ replica: 2 })).toThrow(/did you mean "replicas"/);
    expect(make({ noise: { pree: 1 } })).toThrow(/did you mean "pre"/);
    expect(make({ activation: "rellu" })).toThrow(/did you mean "relu"/);
    expect(make({ learn: { weightsHH: true } })).toThrow(/did you mean "weightHH"/);
    expect(make({ noise: { pre: -1 } })).toThrow(ConfigError);
    expect(make({ seed: 1.5 })).toThrow(ConfigError);
  });
});

describe("write() refuses", () => {
  test("bad weights and replicas, and leaves the network as it was", async () => {
    const { parameters } = model;
    const put =
      (part: Partial<Model["parameters"]>, replica = 0) =>
      (): void =>
        network.write({ ...model, parameters: { ...parameters, ...part } }, replica);
    expect(put({ biasH: changed(parameters.biasH, 0, Number.NaN) })).toThrow(ValueError);
    expect(put({ biasH: new Float32Array(5) })).toThrow(ShapeError);
    expect(put({ weightHH: parameters.weightHH.map(() => 1) })).toThrow(ConstraintError);
    expect(put({ alpha: parameters.alpha.map(() => 0) })).toThrow(ValueError);
    expect(put({}, 1)).toThrow(ShapeError);
    expect(put({}, -1)).toThrow(ShapeError);
    await expect(network.read(1)).rejects.toThrow(ShapeError);
  });
});

describe("run() and gradients() refuse", () => {
  const cases: readonly (readonly [string, Partial<Trials>, new (...args: never[]) => Error, RegExp])[] = [
    ["no time", { steps: 0, inputs: new Float32Array(0), targets: new Float32Array(0) }, ShapeError, /time steps.*0/],
    ["no trials", { trials: 0, inputs: new Float32Array(0) }, ShapeError, /trials.*0/],
    ["half a trial", { trials: 1.5 }, ShapeError, /1\.5/],
    ["NaN steps", { steps: Number.NaN }, ShapeError, /NaN/],
    ["inputs of the wrong shape", { inputs: new Float32Array(23) }, ShapeError, /inputs.*\[4, 2, 3\].*23/],
    ["NaN in the inputs", { inputs: changed(trials.inputs, 5, Number.NaN) }, ValueError, /inputs.*5.*NaN/],
    ["v0 of the wrong shape", { v0: new Float32Array(6) }, ShapeError, /v0.*\[2, 6\]/],
    ["infinite v0", { v0: changed(new Float32Array(12), 3, Number.NEGATIVE_INFINITY) }, ValueError, /v0.*3/],
  ];
  for (const [name, part, type, message] of cases) {
    test(name, async () => {
      const bad = { ...trials, ...part };
      await expect(network.run(bad)).rejects.toThrow(type);
      await expect(network.run(bad)).rejects.toThrow(message);
      await expect(gradients(network, bad, squared)).rejects.toThrow(type);
      await expect(gradients(network, bad, squared)).rejects.toThrow(message);
    });
  }

  const forGradients: readonly (readonly [string, Partial<Trials>, new (...args: never[]) => Error, RegExp])[] = [
    ["targets of the wrong shape", { targets: new Float32Array(15) }, ShapeError, /targets.*\[4, 2, 2\].*15/],
    ["NaN in the targets", { targets: changed(trials.targets, 2, Number.NaN) }, ValueError, /targets.*2/],
    ["a mask of the wrong shape", { mask: new Float32Array(1) }, ShapeError, /mask.*\[4, 2, 2\]/],
    [
      "a negative mask",
      {
        mask: changed(
          trials.targets.map(() => 1),
          7,
          -1,
        ),
      },
      ValueError,
      /mask.*7.*-1/,
    ],
  ];
  for (const [name, part, type, message] of forGradients) {
    test(name, async () => {
      const made = gradients(network, { ...trials, ...part }, squared);
      await expect(made).rejects.toThrow(type);
      await expect(gradients(network, { ...trials, ...part }, squared)).rejects.toThrow(message);
    });
  }

  test("a state of the wrong shape, or not finite", async () => {
    const right: NetworkState = { v: new Float32Array(12), r: new Float32Array(12) };
    const run = (state: Partial<NetworkState>) => network.run(trials, { state: { ...right, ...state } });
    await expect(run({ v: new Float32Array(6) })).rejects.toThrow(/state\.v.*\[2, 6\]/);
    await expect(run({ r: new Float32Array(13) })).rejects.toThrow(ShapeError);
    await expect(run({ r: changed(right.r, 1, Number.NaN) })).rejects.toThrow(/state\.r.*1.*NaN/);
  });

  test("unknown losses and options of them, naming the nearest", async () => {
    const run = (loss: unknown) => gradients(network, trials, loss as typeof squared);
    await expect(run([])).rejects.toThrow(ConfigError);
    await expect(run([{ type: "meanSquareError" }])).rejects.toThrow(/did you mean "meanSquaredError"/);
    await expect(run([{ type: "meanSquaredError", wieght: 1 }])).rejects.toThrow(/did you mean "weight"/);
    await expect(run([{ type: "meanSquaredError", weight: -1 }])).rejects.toThrow(ConfigError);
    await expect(run(new Array(16).fill({ type: "rateL2" }))).rejects.toThrow(/at most 15/);
    expect(() => losses.meanSquaredError({ denominatr: "mask" } as never)).toThrow(/did you mean "denominator"/);
    expect(() => losses.meanSquaredError({ denominator: "msk" } as never)).toThrow(/did you mean "mask"/);
    expect(() => losses.rateL2(Number.NaN)).toThrow(ConfigError);
  });

  test("a replica that is not there", async () => {
    for (const replica of [1, -1, 0.5]) {
      await expect(gradients(network, trials, squared, { replica })).rejects.toThrow(ShapeError);
    }
  });

  test("a mask that leaves nothing in, where it is the denominator", async () => {
    const bad = { ...trials, mask: new Float32Array(trials.targets.length) };
    const made = gradients(network, bad, [{ type: "meanSquaredError", denominator: "mask" }]);
    await expect(made).rejects.toThrow(ValueError);
    await expect(gradients(network, bad, [{ type: "meanSquaredError", denominator: "mask" }])).rejects.toThrow(
      /sums to 0/,
    );
  });
});

describe("train() refuses", () => {
  const source = fixedTrials(trials);
  const start = (options: object, from: TrialSource = source): Promise<unknown> =>
    train(network, from, { steps: 1, ...options } as TrainOptions).next();

  test("unknown options, naming the nearest", async () => {
    await expect(start({ step: 3 })).rejects.toThrow(ConfigError);
    await expect(start({ step: 3 })).rejects.toThrow(/did you mean "steps"/);
    await expect(start({ optimiser: {} })).rejects.toThrow(/did you mean "optimizer"/);
    await expect(start({ optimizer: { type: "adma", lr: 1 } })).rejects.toThrow(/did you mean "adam"/);
    await expect(start({ optimizer: { type: "adam", learningRate: 1 } })).rejects.toThrow(/learningRate/);
    await expect(start({ optimizer: { type: "adam", lr: 1, beta3: 0 } })).rejects.toThrow(/did you mean "beta/);
    await expect(start({ optimizer: { type: "sgd", lr: 1, momentm: 0 } })).rejects.toThrow(/did you mean "momentum"/);
    await expect(start({ clip: { mode: "norm", limit: 1 } })).rejects.toThrow(/globalNorm/);
    await expect(start({ clip: { mod: "value", limit: 1 } })).rejects.toThrow(/did you mean "mode"/);
    await expect(start({ validation: { trails: 3 } })).rejects.toThrow(/did you mean "trials"/);
    await expect(start({ stop: { patiance: 3 } })).rejects.toThrow(/did you mean "patience"/);
    await expect(start({ loss: [{ type: "ratel2" }] })).rejects.toThrow(/did you mean "rateL2"/);
    const schedule = { type: "cosin", steps: 3 };
    await expect(start({ optimizer: { type: "sgd", lr: 1, schedule } })).rejects.toThrow(/did you mean "cosine"/);
  });

  test("values that make no sense", async () => {
    for (const bad of [
      { steps: 0 },
      { steps: 1.5 },
      { batch: 0 },
      { batch: -3 },
      { reportEvery: 0 },
      { seed: -1 },
      { clip: 0 },
      { clip: Number.NaN },
      { alphaMin: 0 },
      { alphaMin: 2 },
      { validation: { trials: 0 } },
      { stop: { accuracy: 2 } },
      { loss: [] },
      { optimizer: { type: "adam" } },
      { optimizer: { type: "adam", lr: -1 } },
      { optimizer: { type: "adam", lr: 1, beta1: 1 } },
    ]) {
      await expect(start(bad), JSON.stringify(bad)).rejects.toThrow(ConfigError);
    }
  });

  test("optimisers with unknown or senseless options", () => {
    expect(() => adam({ lr: 1, beta_1: 0.5 } as never)).toThrow(/did you mean "beta1"/);
    expect(() => adamw({ lr: Number.NaN })).toThrow(ConfigError);
    expect(() => sgd({ lr: 1, nestorov: true } as never)).toThrow(/did you mean "nesterov"/);
    expect(() => rmsprop({ lr: 1, smothing: 0.9 } as never)).toThrow(/did you mean "smoothing"/);
    expect(() => sgd({} as never)).toThrow(/lr.*missing/);
  });

  test("more terms than a record has room for", async () => {
    await expect(start({ loss: new Array(16).fill({ type: "rateL2" }) })).rejects.toThrow(/at most 15/);
  });

  test("trials that do not fit the network", async () => {
    const wide = randomTrials({ ...sizes, inputs: 4, time: 4, batch: 2 });
    await expect(start({}, fixedTrials(wide))).rejects.toThrow(ConfigError);
    await expect(start({}, fixedTrials(wide))).rejects.toThrow(/3 inputs and 2 outputs.*4 and 2/);
    const other = randomTrials({ ...sizes, outputs: 1, time: 4, batch: 2 });
    await expect(start({}, fixedTrials(other))).rejects.toThrow(/3 inputs and 2 outputs.*3 and 1/);
    await expect(start({ batch: 3 })).rejects.toThrow(/at most the 2 trials/);
    const none = { steps: 4, trials: 0, inputs: new Float32Array(0), targets: new Float32Array(0) };
    const made = async (): Promise<unknown> => start({}, fixedTrials(none));
    await expect(made()).rejects.toThrow(CortrainError);
  });

  test("bad trials in the first batch", async () => {
    const bad = (part: Partial<Trials>): TrialSource => ({
      ...{ inputs: 3, outputs: 2 },
      batch: () => ({ ...trials, ...part }),
    });
    await expect(start({ batch: 2 }, bad({ inputs: changed(trials.inputs, 0, Number.NaN) }))).rejects.toThrow(
      ValueError,
    );
    await expect(start({ batch: 2 }, bad({ targets: new Float32Array(3) }))).rejects.toThrow(ShapeError);
    // A source that gives another number of trials than it was asked for.
    await expect(start({ batch: 5 }, bad({}))).rejects.toThrow(ShapeError);
  });
});

describe("beyond the adapter's limits", () => {
  const hidden = 512;
  const tasks = { inputs: 1, hidden, outputs: 1 };
  let wide: Network;
  let trialsBeyond: Trials;
  beforeAll(() => {
    const silent = generateModel({ ...tasks, seed: 1, alpha: 0.5 });
    wide = new Network(gpu.device, [silent]);
    const { maxStorageBufferBindingSize, maxBufferSize } = gpu.device.limits;
    const batch = Math.floor(Math.min(maxStorageBufferBindingSize, maxBufferSize) / (4 * hidden)) + 1;
    const zeros = new Float32Array(batch);
    trialsBeyond = { steps: 1, trials: batch, inputs: zeros, targets: zeros };
  });
  afterAll(() => wide.dispose());

  const expected = /max(StorageBufferBindingSize|BufferSize).*smaller batch or fewer time steps/;
  test("a batch is refused by run(), with nothing allocated", async () => {
    await expect(wide.run(trialsBeyond)).rejects.toThrow(LimitError);
    await expect(wide.run(trialsBeyond)).rejects.toThrow(expected);
  });
  test("a batch is refused by gradients(), with nothing allocated", async () => {
    await expect(gradients(wide, trialsBeyond, squared)).rejects.toThrow(LimitError);
    await expect(gradients(wide, trialsBeyond, squared)).rejects.toThrow(expected);
  });
  test("a batch is refused by train(), with nothing allocated", async () => {
    const made = (): Promise<unknown> => train(wide, fixedTrials(trialsBeyond), { steps: 1 }).next();
    await expect(made()).rejects.toThrow(LimitError);
    await expect(made()).rejects.toThrow(expected);
  });
});
