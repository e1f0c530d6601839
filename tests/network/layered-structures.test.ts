import { describe, expect, test } from "vitest";
import { decodeModelFolder, encodeModelFolder } from "../../src/io/model-file.ts";
import { createModel, modelFromFile, modelToFile } from "../../src/network/create.ts";
import { describeModel } from "../../src/network/describe.ts";
import { lowRankConnectivity, lowRankPlasticity, lowRankWeights } from "../../src/network/low-rank.ts";
import type { Model } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { Random, streams } from "../../src/random.ts";
import { lowRank } from "../../src/structure/low-rank.ts";
import { mlp } from "../../src/structure/mlp.ts";
import { stack } from "../../src/structure/stack.ts";
import { dense } from "../../src/structure/structure.ts";
import { gradients } from "../../src/train/gradients.ts";
import { adam } from "../../src/train/optimizer.ts";
import { fixedTrials } from "../../src/train/source.ts";
import { train } from "../../src/train/train.ts";
import golden from "../fixtures/golden/nn4n/stacked-layers.json" with { type: "json" };
import { backward } from "../reference/bptt.ts";
import { forward } from "../reference/ctrnn.ts";
import { goldenTolerance } from "../reference/golden.ts";
import { flatten, float32 } from "../reference/golden-model.ts";
import { meanSquaredError } from "../reference/loss.ts";
import { at, largestDifference, plus, relativeDifference } from "../reference/numbers.ts";
import { testDevice } from "../support/device.ts";
import { holdTask } from "../support/trials.ts";

const gpu = testDevice();

function normal(length: number, seed: number, scale = 1): Float32Array {
  const random = new Random(seed, streams.task);
  return Float32Array.from({ length }, () => random.normal(0, scale));
}

/** nn4n's two stacked layers of 4 and 3 units, alpha 0.2 and 0.5. */
function goldenStack(): { model: Model; time: number; batch: number; inputs: Float32Array } {
  const { params, x } = golden;
  const structure = stack({
    inputs: 2,
    outputs: 2,
    layers: [
      { size: 4, tauMs: 50 },
      { size: 3, tauMs: 20 },
    ],
  });
  const weightIH = new Float32Array(7 * 2);
  weightIH.set(flatten(params.W_in));
  const weightHH = new Float32Array(7 * 7);
  const weightHO = new Float32Array(2 * 7);
  const place = (matrix: Float32Array, values: Float64Array, width: number, row: number, column: number): void => {
    values.forEach((value, index) => {
      matrix[(row + Math.floor(index / width)) * 7 + column + (index % width)] = value;
    });
  };
  place(weightHH, flatten(params.W_hid), 4, 0, 0);
  place(weightHH, flatten(params.W_in2), 4, 4, 0);
  place(weightHH, flatten(params.W_hid2), 3, 4, 4);
  place(weightHO, flatten(params.W_out2), 3, 0, 4);
  // Two biases enter each layer of nn4n.
  const first = plus(flatten(params.b_in), flatten(params.b_hid));
  const second = plus(flatten(params.b_in2), flatten(params.b_hid2));
  const biases = { biasH: Float32Array.of(...first, ...second), biasO: float32(params.b_out) };
  const initial = { weightIH, weightHH, weightHO, ...biases };
  const model = createModel({ structure, dtMs: 10, activation: "tanh", initial });
  return { model, time: x.length, batch: x[0]?.length ?? 0, inputs: float32(x) };
}

/** A stack, a perceptron and a low-rank network with random biases, and inputs for them. */
function examples(): { name: string; model: Model; time: number; batch: number; inputs: Float32Array }[] {
  const stacked = stack({
    inputs: 2,
    outputs: 3,
    layers: [
      { size: 5, tauMs: 40, activation: "tanh", excitatory: 0.6 },
      { size: 1, tauMs: 0, activation: "linear" },
      { size: 7, tauMs: 100, activation: "sigmoid", density: 0.8, recurrent: 0.5 },
    ],
    feedback: 0.7,
    skip: [{ from: "inputs", to: 2, density: 0.5 }],
    readout: "all",
    seed: 1,
  });
  const structures = {
    stack: stacked,
    mlp: mlp({ inputs: 2, outputs: 2, layers: [6, { size: 3, activation: "tanh" }, 9] }),
    lowRank: lowRank({ inputs: 2, hidden: 11, outputs: 2, rank: 3, background: 0.2, seed: 2 }),
  };
  return Object.entries(structures).map(([name, structure]) => {
    const initial = { biasH: normal(structure.hidden, 7, 0.3), v0: normal(structure.hidden, 8, 0.3) };
    const model = createModel({ structure, dtMs: 20, activation: "softplus", seed: 3, initial });
    return { name, model, time: 9, batch: 3, inputs: normal(9 * 3 * structure.inputs, 5) };
  });
}

describe("layers, in float64", () => {
  test("two stacked layers are nn4n's, each seeing the rates that the one below has just got", () => {
    const { model, ...sequence } = goldenStack();
    const { r, outputs } = forward(model, sequence);
    const expected = golden["two_layers_tanh_alpha_0.2_0.5"];
    const [below, above] = [flatten(expected.states_1), flatten(expected.states_2)];
    const rates = Array.from(r, (_, index) => {
      const [row, unit] = [Math.floor(index / 7), index % 7];
      return at(unit < 4 ? below : above, unit < 4 ? row * 4 + unit : row * 3 + unit - 4);
    });
    expect(largestDifference(r, rates)).toBeLessThan(goldenTolerance.states);
    expect(largestDifference(outputs, flatten(expected.outputs))).toBeLessThan(goldenTolerance.states);
    // A network without layers, updated at once, is another one.
    const atOnce = forward({ ...model, spec: { ...model.spec, layers: [{ name: "all", from: 0, to: 7 }] } }, sequence);
    expect(largestDifference(atOnce.r, rates)).toBeGreaterThan(0.01);
  });

  test("a perceptron is v = W r + b, r = f(v), layer by layer, at each step for itself", () => {
    const sizes = [2, 4, 3, 2];
    const structure = mlp({ inputs: 2, outputs: 2, layers: [4, { size: 3, activation: "linear" }] });
    const initial = { biasH: normal(7, 1), biasO: normal(2, 2) };
    const model = createModel({ structure, activation: "tanh", seed: 4, initial });
    const { weightIH, weightHH, weightHO, biasH, biasO } = model.parameters;
    const inputs = normal(2 * 3 * 2, 3);
    const { outputs } = forward(model, { time: 2, batch: 3, inputs });
    const product = (
      rows: number,
      weight: (i: number, j: number) => number,
      from: readonly number[],
      bias: (i: number) => number,
    ): number[] =>
      Array.from({ length: rows }, (_, i) => from.reduce((sum, value, j) => sum + weight(i, j) * value, bias(i)));
    const expected = Array.from({ length: 6 }, (_, row) => {
      const x = [at(inputs, 2 * row), at(inputs, 2 * row + 1)];
      const first = product(
        sizes[1] ?? 0,
        (i, j) => at(weightIH, i * 2 + j),
        x,
        (i) => at(biasH, i),
      ).map(Math.tanh);
      const second = product(
        sizes[2] ?? 0,
        (i, j) => at(weightHH, (4 + i) * 7 + j),
        first,
        (i) => at(biasH, 4 + i),
      );
      return product(
        sizes[3] ?? 0,
        (i, j) => at(weightHO, i * 7 + 4 + j),
        second,
        (i) => at(biasO, i),
      );
    }).flat();
    expect(largestDifference(outputs, expected)).toBeLessThan(1e-12);
  });

  for (const background of [0, 0.3])
    test(`a low-rank network is the full network with W = M Nᵀ${background > 0 ? " and its background" : ""}`, () => {
      const [size, rank, time, batch] = [13, 2, 12, 3];
      const structure = lowRank({ inputs: 2, hidden: size, outputs: 1, rank, background, seed: 1 });
      const { weightHH } = lowRankWeights(structure, { seed: 2, overlap: 1.5 });
      // Biases of the latents too; v0 of the latents is what the full network's first step sees: κ[-1] = Nᵀ r[-1] + b.
      const biasH = normal(size + rank, 3, 0.5);
      const v0 = normal(size + rank, 4, 0.5);
      const drawn = createModel({ structure, initial: { weightHH, biasH } });
      const { m, n, weights, bias } = lowRankConnectivity(drawn);
      const full = Float64Array.from({ length: size * size }, (_, index) => {
        const [i, j] = [Math.floor(index / size), index % size];
        let sum = at(weightHH, i * (size + rank) + j);
        for (let k = 0; k < rank; k += 1) sum += at(m.data, i * rank + k) * at(n.data, j * rank + k);
        return sum;
      });
      expect(largestDifference(weights.data, full)).toBeLessThan(1e-7);
      const fullBias = Float64Array.from({ length: size }, (_, i) => {
        let sum = at(biasH, i);
        for (let k = 0; k < rank; k += 1) sum += at(m.data, i * rank + k) * at(biasH, size + k);
        return sum;
      });
      expect(largestDifference(bias, fullBias)).toBeLessThan(1e-6);
      for (let k = 0; k < rank; k += 1) {
        let kappa = at(biasH, size + k);
        for (let j = 0; j < size; j += 1) kappa += at(n.data, j * rank + k) * Math.tanh(at(v0, j));
        v0[size + k] = kappa; // rounded to float32, hence 1e-7 below
      }
      const initial = { weightHH, biasH, v0 };
      const model = createModel({ structure, dtMs: 20, tauMs: 80, activation: "tanh", seed: 5, initial });
      const inputs = normal(time * batch * 2, 6);
      const { v, r } = forward(model, { time, batch, inputs });
      const { weightIH } = model.parameters;
      const alpha = 0.25; // 20 ms / 80 ms
      for (let b = 0; b < batch; b += 1) {
        const state = Array.from(v0.subarray(0, size));
        for (let t = 0; t < time; t += 1) {
          const rates = state.map(Math.tanh);
          for (let i = 0; i < size; i += 1) {
            let drive = at(fullBias, i);
            for (let j = 0; j < size; j += 1) drive += at(full, i * size + j) * at(rates, j);
            for (let k = 0; k < 2; k += 1) drive += at(weightIH, i * 2 + k) * at(inputs, (t * batch + b) * 2 + k);
            state[i] = (1 - alpha) * at(state, i) + alpha * drive;
          }
          const row = (t * batch + b) * (size + rank);
          expect(largestDifference(v.slice(row, row + size), state)).toBeLessThan(1e-7);
          // The latents' rates are κ[t] = Nᵀ r[t] + b, of this step.
          for (let k = 0; k < rank; k += 1) {
            let kappa = at(biasH, size + k);
            for (let j = 0; j < size; j += 1) kappa += at(n.data, j * rank + k) * Math.tanh(at(state, j));
            expect(Math.abs(at(r, row + size + k) - kappa)).toBeLessThan(1e-7);
          }
        }
      }
    });
});

describe("layers in model files and words", () => {
  test("round trip, and are described", () => {
    for (const { name, model } of examples()) {
      const { json, tensors } = decodeModelFolder(encodeModelFolder(modelToFile(model)), name);
      expect(modelFromFile({ json, tensors })).toEqual(model);
    }
    expect(describeModel(goldenStack().model)).toContain("layers layer1 [0, 4), layer2 [4, 7)");
    const latent = createModel({
      structure: lowRank({ inputs: 1, hidden: 3, outputs: 1, rank: 1 }),
      noise: { pre: 0.1 },
    });
    expect(describeModel(latent)).toContain("noise pre 0.1 times 0 to 1, mean 0.75 (sqrt2alpha)");
  });
});

describe("layers, on the GPU", () => {
  for (const { name, model, ...sequence } of examples())
    test(`${name}: rates, outputs and gradients are those of the float64 reference`, async () => {
      const network = new Network(gpu.device, [model]);
      const { time, batch, inputs } = sequence;
      const data = { steps: time, trials: batch, inputs };
      const activity = await network.run(data);
      const trajectory = forward(model, sequence);
      expect(largestDifference(activity.states, trajectory.v)).toBeLessThan(1e-5);
      expect(largestDifference(activity.rates, trajectory.r)).toBeLessThan(1e-5);
      expect(largestDifference(activity.outputs, trajectory.outputs)).toBeLessThan(1e-5);
      const targets = normal(time * batch * model.spec.outputs, 9);
      const squared = meanSquaredError(trajectory.outputs, targets);
      const expected = backward(model, sequence, {}, trajectory, { outputs: squared.gradient });
      const actual = await gradients(network, { ...data, targets }, [{ type: "meanSquaredError" }]);
      for (const parameter of ["weightIH", "weightHH", "biasH", "weightHO", "biasO"] as const) {
        const values = expected.parameters[parameter];
        expect(relativeDifference(actual.parameters[parameter], values), parameter).toBeLessThan(1e-4);
      }
      network.dispose();
    });

  test("a low-rank network is a network of its neurons with W = M Nᵀ, and its latents' rates are κ", async () => {
    const [size, rank] = [20, 2];
    const structure = lowRank({ inputs: 2, hidden: size, outputs: 1, rank });
    const settings = { dtMs: 20, tauMs: 100, activation: "tanh" } as const;
    const initial = lowRankWeights(structure, { seed: 1, overlap: 2 });
    const model = createModel({ structure, ...settings, initial });
    const { weights, n } = lowRankConnectivity(model);
    const { weightIH, weightHO } = model.parameters;
    const full = createModel({
      structure: dense({ inputs: 2, hidden: size, outputs: 1 }),
      ...settings,
      initial: { weightHH: weights.data, weightIH: weightIH.slice(0, 2 * size), weightHO: weightHO.slice(0, size) },
    });
    const networks = [model, full].map((each) => new Network(gpu.device, [each])) as [Network, Network];
    const inputs = { shape: [30, 4, 2], data: normal(30 * 4 * 2, 2) };
    const [low, whole] = [await networks[0].run({ inputs }), await networks[1].run({ inputs })];
    const { rates, states } = networks[0].select(low, { area: "neurons" });
    expect(largestDifference(rates.data, whole.rates)).toBeLessThan(1e-5);
    expect(largestDifference(states.data, whole.states)).toBeLessThan(1e-5);
    expect(largestDifference(low.outputs, whole.outputs)).toBeLessThan(1e-5);
    const kappa = networks[0].select(low, { area: "latents" }).rates;
    expect(kappa.shape).toEqual([30, 4, rank]);
    const expected = Array.from(kappa.data, (_, index) => {
      const [row, k] = [Math.floor(index / rank), index % rank];
      let sum = 0;
      for (let j = 0; j < size; j += 1) sum += at(n.data, j * rank + k) * at(rates.data, row * size + j);
      return sum;
    });
    expect(largestDifference(kappa.data, expected)).toBeLessThan(1e-5);
    for (const network of networks) network.dispose();
  });
});

describe("layers learn", () => {
  test("a perceptron learns exclusive or, which no network without a hidden layer can", async () => {
    const structure = mlp({ inputs: 2, outputs: 1, layers: [8, 4], activation: "tanh" });
    const network = new Network(gpu.device, [createModel({ structure, seed: 1 })]);
    const inputs = Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1);
    const targets = Float32Array.of(0, 1, 1, 0);
    const source = fixedTrials({ steps: 1, trials: 4, inputs, targets });
    for await (const _ of train(network, source, { steps: 150, batch: 4, optimizer: adam({ lr: 0.03 }), seed: 1 }));
    const { outputs } = await network.run({ steps: 1, trials: 4, inputs });
    expect(largestDifference(outputs, targets)).toBeLessThan(0.2);
    const { alpha } = (await network.read()).parameters;
    expect(alpha.every((value) => value === 1)).toBe(true);
    network.dispose();
  });

  test("a fixed background stays as it was, while M and N learn", async () => {
    const structure = lowRank({ inputs: 2, hidden: 10, outputs: 1, rank: 1, background: 0.5, seed: 1 });
    const options = { initial: lowRankWeights(structure), plasticity: lowRankPlasticity(structure) };
    const network = new Network(gpu.device, [createModel({ structure, ...options })]);
    const task = holdTask({ inputs: 2, outputs: 1, steps: 4 });
    for await (const _ of train(network, task, { steps: 3, batch: 4, seed: 2 }));
    const { weightHH } = (await network.read()).parameters;
    const isBackground = (index: number): boolean => index % 11 < 10 && index < 110;
    weightHH.forEach((value, index) => {
      const before = options.initial.weightHH[index];
      if (isBackground(index)) expect(value).toBe(before);
      else if (structure.masks.weightHH?.[index] === 1) expect(value).not.toBe(before);
    });
    network.dispose();
  });

  test("a low-rank network of rank one learns to hold a sign, and keeps its rank", async () => {
    const structure = lowRank({ inputs: 2, hidden: 24, outputs: 1, rank: 1, tauMs: 60 });
    const initial = lowRankWeights(structure, { seed: 1 });
    const network = new Network(gpu.device, [createModel({ structure, activation: "tanh", seed: 1, initial })]);
    const task = holdTask({ inputs: 2, outputs: 1, steps: 12 });
    const settings = { steps: 120, batch: 16, optimizer: adam({ lr: 0.02 }), seed: 2, clip: 1 };
    const losses: number[] = [];
    for await (const report of train(network, task, settings)) losses.push(report.loss);
    expect(losses.at(-1)).toBeLessThan(0.3 * (losses[0] ?? 0));
    const model = await network.read();
    const { weightHH } = model.parameters;
    const absent = structure.masks.weightHH ?? new Float32Array();
    expect(weightHH.filter((value, index) => absent[index] === 0 && !Object.is(value, 0))).toHaveLength(0);
    const { weights } = lowRankConnectivity(model);
    // Rank one: every minor of two rows and columns is 0.
    const [first = 0] = weights.data;
    for (let i = 1; i < 24; i += 1)
      for (let j = 1; j < 24; j += 1)
        expect(first * at(weights.data, 24 * i + j) - at(weights.data, 24 * i) * at(weights.data, j)).toBeCloseTo(0, 6);
    expect(weights.data.some((value) => Math.abs(value) > 0.01)).toBe(true);
    network.dispose();
  });
});
