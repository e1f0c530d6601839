import { describe, expect, test } from "vitest";
import { decodeModelFolder, encodeModelFolder } from "../../src/io/model-file.ts";
import { modelFromFile, modelToFile } from "../../src/network/create.ts";
import type { Model } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { gradients } from "../../src/train/gradients.ts";
import stacked from "../fixtures/golden/nn4n/stacked-layers.json" with { type: "json" };
import { generateModel } from "../reference/generate.ts";
import { goldenTolerance } from "../reference/golden.ts";
import { goldenModel } from "../reference/golden-model.ts";
import { largestDifference, relativeDifference } from "../reference/numbers.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const flat = (values: unknown): number[] => (Array.isArray(values) ? values.flatMap(flat) : [values as number]);

async function withNetwork<Result>(model: Model, use: (network: Network) => Promise<Result>): Promise<Result> {
  const network = new Network(gpu.device, [model]);
  try {
    return await use(network);
  } finally {
    network.dispose();
  }
}

describe("nn4n 1.2.1's stacked layers (golden stacked-layers.json)", () => {
  const { params, x, y } = stacked;
  const sum = (one: readonly number[], other: readonly number[]): number[] =>
    one.map((value, index) => value + (other[index] ?? 0));

  for (const activation of ["relu", "tanh", "sigmoid"] as const) {
    test(`one layer, ${activation}: rates, outputs and gradients from v0 = r0 = 0`, () => {
      const expected = stacked[`single_${activation}`];
      const model = goldenModel(
        { inputs: 2, hidden: 4, outputs: 2, activation },
        {
          weightIH: flat(params.W_in),
          weightHH: flat(params.W_hid),
          biasH: sum(params.b_in, params.b_hid),
          weightHO: flat(params.W_out),
          biasO: params.b_out,
          alpha: 0.2,
        },
      );
      return withNetwork(model, async (network) => {
        // Where the rate starts at v0, not at f(v0): sigmoid shows the difference.
        const rest = new Float32Array(3 * 4);
        const inputs = Float32Array.from(flat(x));
        const data = { steps: 5, trials: 3, inputs, targets: Float32Array.from(flat(y)), v0: rest, r0: rest };
        const activity = await network.run(data);
        expect(largestDifference(activity.rates, flat(expected.states))).toBeLessThan(goldenTolerance.states);
        expect(largestDifference(activity.outputs, flat(expected.outputs))).toBeLessThan(goldenTolerance.states);
        const actual = await gradients(network, data, [{ type: "meanSquaredError" }]);
        expect(actual.loss).toBeCloseTo(expected.mse, 6);
        const { grads } = expected;
        const named = {
          alpha: grads["recurrent_layers.0.leaky_layer.alpha"],
          weightHH: grads["recurrent_layers.0.leaky_layer.linear_layer.weight"],
          biasH: grads["recurrent_layers.0.leaky_layer.linear_layer.bias"],
          weightIH: grads["recurrent_layers.0.projection_layer.weight"],
          weightHO: grads["readout_layer.weight"],
          biasO: grads["readout_layer.bias"],
        } as const;
        for (const [name, values] of Object.entries(named)) {
          const difference = relativeDifference(actual.parameters[name as keyof typeof named], flat(values));
          expect(difference, name).toBeLessThan(goldenTolerance.gradients);
        }
      });
    });
  }

  test("two layers: the second sees the first at the same step", () => {
    const expected = stacked["two_layers_tanh_alpha_0.2_0.5"];
    const hidden = 7;
    const weightHH = new Array<number>(hidden * hidden).fill(0);
    const place = (rows: readonly (readonly number[])[], row: number, column: number): void => {
      for (const [i, values] of rows.entries())
        for (const [j, value] of values.entries()) weightHH[(row + i) * hidden + column + j] = value;
    };
    place(params.W_hid, 0, 0);
    place(params.W_in2, 4, 0);
    place(params.W_hid2, 4, 4);
    const model = goldenModel(
      { inputs: 2, hidden, outputs: 2, activation: "tanh" },
      {
        weightIH: [...flat(params.W_in), ...new Array<number>(6).fill(0)],
        weightHH,
        biasH: [...sum(params.b_in, params.b_hid), ...sum(params.b_in2, params.b_hid2)],
        weightHO: params.W_out2.flatMap((row) => [0, 0, 0, 0, ...row]),
        biasO: params.b_out,
        alpha: [0.2, 0.2, 0.2, 0.2, 0.5, 0.5, 0.5],
      },
      { weightHH: Float32Array.from(weightHH, (value) => (value === 0 ? 0 : 1)) },
    );
    const layers = [
      { name: "first", from: 0, to: 4 },
      { name: "second", from: 4, to: 7 },
    ];
    return withNetwork({ ...model, spec: { ...model.spec, layers } }, async (network) => {
      const activity = await network.run({ steps: 5, trials: 3, inputs: Float32Array.from(flat(x)) });
      const layer = (from: number, to: number): number[] =>
        [...activity.rates].filter((_, index) => index % hidden >= from && index % hidden < to);
      expect(largestDifference(layer(0, 4), flat(expected.states_1))).toBeLessThan(goldenTolerance.states);
      expect(largestDifference(layer(4, 7), flat(expected.states_2))).toBeLessThan(goldenTolerance.states);
      expect(largestDifference(activity.outputs, flat(expected.outputs))).toBeLessThan(goldenTolerance.states);
    });
  });
});

const layers = [
  { name: "first", from: 0, to: 5 },
  { name: "second", from: 5, to: 11 },
];
const shortTermPlasticity = { release: 0.3, recoveryMs: 200, facilitationMs: [...new Array<number>(11).fill(900)] };
const sizes = { inputs: 3, hidden: 11, outputs: 2 };

describe("layers and changing synapses", () => {
  const model = generateModel({ ...sizes, seed: 5, activation: "softplus", layers, shortTermPlasticity, dtMs: 50 });

  test("a run of 6 steps is two of 3, with v, r, x and u handed over, to the bit", () =>
    withNetwork(model, async (network) => {
      const { inputs } = randomTrials({ ...sizes, time: 6, batch: 3, seed: 6 });
      const middle = inputs.length / 2;
      const half = { steps: 3, trials: 3 };
      const whole = await network.run({ steps: 6, trials: 3, inputs });
      const first = await network.run({ ...half, inputs: inputs.slice(0, middle) });
      const second = await network.run({ ...half, inputs: inputs.slice(middle) }, { state: first.final });
      for (const name of ["rates", "states", "outputs"] as const) {
        expect(bitsOf(Float32Array.of(...first[name], ...second[name])), name).toEqual(bitsOf(whole[name]));
      }
      expect(second.final).toEqual(whole.final);
      expect(whole.final.u?.some((value) => value > 0.31)).toBe(true);
    }));

  test("without x and u the synapses start at rest", () =>
    withNetwork(model, async (network) => {
      const { inputs } = randomTrials({ ...sizes, time: 4, batch: 3, seed: 6 });
      const data = { steps: 4, trials: 3, inputs };
      const whole = await network.run(data);
      const v = Float32Array.from({ length: 33 }, (_, index) => model.parameters.v0[index % 11] ?? 0);
      const r = v.map((value) => Math.log1p(Math.exp(value)));
      const again = await network.run(data, { state: { v, r } });
      expect(largestDifference(again.rates, whole.rates)).toBeLessThan(1e-6);
      await expect(network.run(data, { state: { v, r, x: r } })).rejects.toThrow("x and u are given together");
    }));

  test("are in the file", () => {
    const { json, tensors } = modelToFile(model);
    expect(json.layers).toEqual(layers);
    expect(json.shortTermPlasticity).toEqual(shortTermPlasticity);
    const files = encodeModelFolder({ json, tensors });
    const back = modelFromFile(decodeModelFolder(files, "test"));
    expect(back.spec).toEqual(model.spec);
  });

  test("are checked", () => {
    const broken = (spec: Partial<Model["spec"]>) => () =>
      new Network(gpu.device, [{ ...model, spec: { ...model.spec, ...spec } }]);
    expect(broken({ layers: [{ name: "a", from: 0, to: 5 }] })).toThrow(
      "ends at unit 5, but there are 11 hidden units",
    );
    expect(broken({ layers: [{ name: "a", from: 1, to: 11 }] })).toThrow('layer "a" starts at unit 1, expected 0');
    const times = { ...shortTermPlasticity, recoveryMs: 20 };
    expect(broken({ shortTermPlasticity: times })).toThrow("20 ms is shorter than the time step of 50 ms");
    const { dtMs: _dtMs, ...timeless } = model.spec;
    expect(() => new Network(gpu.device, [{ ...model, spec: timeless }])).toThrow("give dtMs as well");
    const short = { ...shortTermPlasticity, release: [0.1, 0.2] };
    expect(broken({ shortTermPlasticity: short })).toThrow("release: expected one value or 11");
  });
});
