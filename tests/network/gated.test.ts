import { describe, expect, test } from "vitest";
import { decodeModelFolder, decodeModelSingle, encodeModelFolder, encodeModelSingle } from "../../src/io/model-file.ts";
import { modelFromFile, modelToFile } from "../../src/network/create.ts";
import { describeModel } from "../../src/network/describe.ts";
import type { Model } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { effectiveWeights } from "../../src/network/validate.ts";
import { gradients } from "../../src/train/gradients.ts";
import golden from "../fixtures/golden/psychrnn/lstm-forward.json" with { type: "json" };
import { gruExample, lstmExample } from "../reference/gated-example.ts";
import { generateModel } from "../reference/generate.ts";
import { goldenTolerance } from "../reference/golden.ts";
import { goldenLstm } from "../reference/golden-lstm.ts";
import { largestDifference } from "../reference/numbers.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const sizes = { inputs: 3, hidden: 7, outputs: 2 };
const cells = ["lstm", "gru"] as const;

async function withNetwork<Result>(
  models: readonly Model[],
  use: (network: Network) => Promise<Result>,
): Promise<Result> {
  const network = new Network(gpu.device, models);
  try {
    return await use(network);
  } finally {
    network.dispose();
  }
}

describe("numbers of others", () => {
  test("PsychRNN's LSTM (golden lstm-forward.json): cell states, rates and outputs", () => {
    const { model, sequence, cells: expected, rates, outputs } = goldenLstm(golden);
    const { time, batch, inputs } = sequence;
    return withNetwork([model], async (network) => {
      const activity = await network.run({ steps: time, trials: batch, inputs });
      expect(largestDifference(activity.states, expected)).toBeLessThan(goldenTolerance.states);
      expect(largestDifference(activity.rates, rates)).toBeLessThan(goldenTolerance.states);
      expect(largestDifference(activity.outputs, outputs)).toBeLessThan(goldenTolerance.states);
    });
  });

  for (const [name, { model, input, state, rate, output }] of Object.entries({ lstm: lstmExample, gru: gruExample })) {
    test(`one step of PyTorch's ${name}, worked out by hand`, () =>
      withNetwork([model], async (network) => {
        const activity = await network.run({ steps: 1, trials: 1, inputs: Float32Array.of(input) });
        expect(activity.states[0]).toBeCloseTo(state, 6);
        expect(activity.rates[0]).toBeCloseTo(rate, 6);
        expect(activity.outputs[0]).toBeCloseTo(output, 6);
      }));
  }
});

describe.each(cells)("%s", (cell) => {
  const model = generateModel({ ...sizes, cell, seed: 5, noise: { pre: 0.2, post: 0.1 } });

  test("a run of 6 steps is two of 3, with v and r handed over, to the bit, noise included", () =>
    withNetwork([model], async (network) => {
      const { inputs } = randomTrials({ ...sizes, time: 6, batch: 9, seed: 6 });
      const middle = inputs.length / 2;
      const half = { steps: 3, trials: 9 };
      const whole = await network.run({ steps: 6, trials: 9, inputs });
      const first = await network.run({ ...half, inputs: inputs.slice(0, middle) });
      const second = await network.run({ ...half, inputs: inputs.slice(middle) }, { state: first.final, firstStep: 3 });
      for (const name of ["rates", "states", "outputs"] as const) {
        expect(bitsOf(Float32Array.of(...first[name], ...second[name])), name).toEqual(bitsOf(whole[name]));
      }
      expect(second.final).toEqual(whole.final);
      if (cell === "gru") expect(bitsOf(whole.states)).toEqual(bitsOf(whole.rates));
      else expect(whole.states).not.toEqual(whole.rates);
    }));

  test("each of two replicas is what it is alone, noise included", async () => {
    const noise = { pre: 0.2, post: 0.1 };
    const models = [1, 2].map((seed) => {
      const one = generateModel({ ...sizes, cell, noise, seed });
      return { ...one, spec: { ...one.spec, seed } };
    });
    const trials = randomTrials({ ...sizes, time: 4, batch: 3, seed: 6 });
    const of = (list: readonly Model[], replica: number) =>
      withNetwork(list, (network) => gradients(network, trials, [{ type: "meanSquaredError" }], { replica }));
    for (const [replica, one] of models.entries()) expect(await of(models, replica)).toEqual(await of([one], 0));
  });

  test("comes back from its files", () => {
    const options = { ...sizes, cell, density: 0.6, signed: true, plastic: true, constraint: "abs" } as const;
    const made = generateModel({ ...options, seed: 2, ...(cell === "lstm" && { lstmOutput: "sigmoid" }) });
    const whole = { ...made, spec: { ...made.spec, dtMs: 20 } };
    const file = modelToFile(whole);
    const own = cell === "lstm" ? ["v0", "r0"] : ["bias_n", "r0"];
    expect([...file.tensors.keys()].filter((name) => ["alpha", "v0", "bias_n", "r0"].includes(name))).toEqual(own);
    expect(file.tensors.get("weight_hh")?.shape).toEqual([cell === "lstm" ? 28 : 21, 7]);
    expect(file.json).toMatchObject({ cell, dtMs: 20 });
    expect(file.json).not.toHaveProperty("tauMs");
    const folder = decodeModelFolder(encodeModelFolder(file, { weights: "npz" }), "folder");
    const single = decodeModelSingle(encodeModelSingle(file), "single");
    for (const read of [folder, single]) {
      const back = modelFromFile(read);
      expect(back.spec).toEqual(whole.spec);
      for (const name of ["biasH", "biasN", "r0", "v0"] as const)
        expect(bitsOf(back.parameters[name]), name).toEqual(bitsOf(whole.parameters[name]));
      expect(back.masks).toEqual(whole.masks);
      expect(back.signs).toEqual(whole.signs);
      expect(back.plasticity).toEqual(whole.plasticity);
    }
  });

  test("is described gate by gate", () => {
    const text = describeModel(model);
    expect(text).toContain(cell === "lstm" ? "lstm, h = o tanh(c)" : "; gru");
    expect(text).toMatch(
      cell === "lstm" ? /spectral radius i \d.*, f \d.*, g \d.*, o \d/ : /radius r \d.*, z \d.*, n \d/,
    );
    expect(text).not.toContain("alpha");
  });
});

test("a penalty on recurrent weights is the mean over all gates'", async () => {
  const model = generateModel({ ...sizes, cell: "lstm", seed: 5, constraint: "abs", density: 0.6, signed: true });
  const trials = randomTrials({ ...sizes, time: 2, batch: 2, seed: 6 });
  const effective = effectiveWeights(model, "weightHH");
  const expected = effective.reduce((sum, weight) => sum + weight ** 2, 0) / effective.length;
  await withNetwork([model], async (network) => {
    const { loss, parameters } = await gradients(network, trials, [{ type: "weightL2", matrix: "weightHH" }]);
    expect(loss).toBeCloseTo(expected, 6);
    const { weightHH } = parameters;
    const raw = model.parameters.weightHH.map((value, k) => (effective[k] === 0 ? 0 : (2 * value) / effective.length));
    expect(largestDifference(weightHH, raw)).toBeLessThan(1e-7);
  });
});

test("a GRU's trials that bring v0 start with it as their rates; an LSTM's with the model's r0", async () => {
  const { inputs, v0 } = randomTrials({ ...sizes, time: 1, batch: 2, seed: 6, withV0: true });
  const start = v0 as Float32Array;
  const data = { steps: 1, trials: 2, inputs };
  const gru = generateModel({ ...sizes, cell: "gru", seed: 5 });
  await withNetwork([gru], async (network) => {
    const by = await network.run({ ...data, v0: start });
    expect((await network.run({ ...data, v0: start, r0: start })).rates).toEqual(by.rates);
    expect((await network.run(data, { state: { v: start, r: start } })).rates).toEqual(by.rates);
    expect((await network.run(data)).rates).not.toEqual(by.rates);
  });
  const lstm = generateModel({ ...sizes, cell: "lstm", seed: 5 });
  await withNetwork([lstm], async (network) => {
    const by = await network.run({ ...data, v0: start });
    const r0 = Float32Array.from({ length: start.length }, (_, index) => lstm.parameters.r0[index % 7] ?? Number.NaN);
    expect((await network.run({ ...data, v0: start, r0 })).rates).toEqual(by.rates);
  });
});
