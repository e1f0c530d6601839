import { afterAll, beforeAll, describe, expect, it, test } from "vitest";
import {
  balanceWeights,
  blocks,
  createModel,
  ctrnn,
  dense,
  fixedTrials,
  gradients,
  multiAreaEI,
  type Network,
  spectralRadius,
} from "../../src/index.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const sizes = { inputs: 2, hidden: 6, outputs: 1 };
const structure = multiAreaEI(sizes);

/** Calls with what plain JavaScript and JSON may bring, past the types. */
const model = (options: unknown): unknown => createModel(options as never);

describe("options of a model that would be passed over are refused", () => {
  const square = new Float32Array(36).fill(1);
  it.each<readonly [string, unknown, string]>([
    ["a misspelt plasticity", { structure, plasticity: { weightHh: square } }, 'did you mean "weightHH"'],
    ["a structure of sizes alone", { structure: sizes }, "expected what dense, multiAreaEI or fromMasks give"],
    ["no structure", { structure: null }, "expected what dense"],
    [
      "a radius that is a text",
      { structure, spectralRadius: "1.5" },
      'spectralRadius: expected a positive number, got "1.5"',
    ],
    [
      "strengths of another size",
      { structure: { ...dense(sizes), strengths: { weightHH: square.subarray(3) } } },
      "structure.strengths.weightHH: expected [6, 6]",
    ],
    [
      "a list in place of an array",
      { structure, initial: { biasH: [0, 0, 0, 0, 0, 0] } },
      "got a list; write Float32Array.from",
    ],
    ["a threshold past float32", { structure, units: { threshold: Array(6).fill(1e39) } }, "units.threshold[0]"],
    ["noise past float32", { structure, noise: { pre: 1e39 } }, "noise.pre"],
  ])("%s", (_, options, message) => expect(() => model(options)).toThrow(message));
});

test("weights against their signs have no balance, and a matrix that is not finite no radius", () => {
  const signs = Float32Array.of(1, -1, 1, -1);
  for (const balance of ["row", "matrix", "neuron", "synapse"] as const) {
    expect(() => balanceWeights(Float32Array.of(1, 1, 1, -1), signs, 2, balance)).toThrow(
      "balanceWeights: weights[0, 1] is 1, but its sign is -1",
    );
    expect(() => balanceWeights(Float32Array.of(1, -1, Number.NaN, -1), signs, 2, balance)).toThrow(
      "weights[1, 0] is NaN",
    );
  }
  expect(() => spectralRadius([Number.NaN, 1, 1, 1], 2)).toThrow("spectralRadius: matrix[0, 0] is NaN");
  expect(() => spectralRadius([1, 1, 1], 2)).toThrow("spectralRadius: expected [2, 2], got 3 values");
});

describe("a network", () => {
  let network: Network;
  beforeAll(() => {
    const named = blocks({
      populations: [{ name: "a", size: 3 }],
      projections: [{ from: "vision", to: "a" }],
      inputs: [{ name: "vision", channels: 2 }],
      outputs: 1,
    });
    network = ctrnn(gpu.device, { structure: named });
  });
  afterAll(() => network.dispose());
  const vision = { shape: [3, 2, 2], data: new Float32Array(12) };
  const run = (given: unknown, options?: unknown): Promise<unknown> =>
    network.run(given as typeof vision & Parameters<Network["run"]>[0], options as never);

  test("freezes what there is, and where 0 or 1 says so", () => {
    const freeze = (name: unknown, where?: unknown): void => network.freeze(name as "biasH", where as number[]);
    expect(() => freeze("weightHh")).toThrow('freeze: there is no tensor "weightHh"; did you mean "weightHH"');
    expect(() => network.unfreeze("toString" as "biasH")).toThrow('unfreeze: there is no tensor "toString"');
    expect(() => freeze("biasH", [true, true, false])).toThrow("where of biasH: value 0 is true; expected 1");
    expect(() => freeze("biasH", [1, 0, 0.5])).toThrow("where of biasH: value 2 is 0.5");
  });

  test("runs with the options there are", async () => {
    await expect(run({ vision }, { nosie: false })).rejects.toThrow(
      'run: unknown option "nosie"; did you mean "noise"',
    );
    await expect(run({ vision }, { noise: "off" })).rejects.toThrow('noise: expected true or false, got "off"');
    for (const seed of [-1, 1.5, Number.NaN, 2 ** 40])
      await expect(run({ vision }, { seed })).rejects.toThrow("run: seed");
    await expect(run({ vision }, { state: { v: new Float32Array(6) } })).rejects.toThrow("state.r is missing");
  });

  test("says what is wrong with lists in place of arrays", async () => {
    await expect(run({ steps: 1, trials: 1, inputs: [0, 0] })).rejects.toThrow("expected a Float32Array [T, B, I]");
    await expect(run({ vision: { shape: [1, 1, 2], data: [0, 0] } })).rejects.toThrow(
      "run: vision: expected 2 values as a Float32Array, got data of another type",
    );
    await expect(run({ vision: { shape: [1, 1, 2], data: new Float32Array(3) } })).rejects.toThrow("got 3 values");
  });

  test("has gradients with the options there are", async () => {
    const trials = { steps: 3, trials: 2, inputs: vision.data, targets: new Float32Array(6) };
    const loss = [{ type: "meanSquaredError" }] as const;
    const of = (options: object): Promise<unknown> => gradients(network, trials, loss, options);
    await expect(of({ nosie: false })).rejects.toThrow('gradients: unknown option "nosie"');
    await expect(of({ seed: Number.NaN })).rejects.toThrow("gradients: seed");
  });
});

test("fixed trials fit their own steps and trials, before some of them are drawn", () => {
  const trials = { steps: 3, trials: 4, inputs: new Float32Array(24), targets: new Float32Array(12) };
  expect(() => fixedTrials({ ...trials, inputs: new Float32Array(25) })).toThrow("fixedTrials: inputs");
  expect(() => fixedTrials({ ...trials, targets: new Float32Array(0) })).toThrow("fixedTrials: targets");
  expect(() => fixedTrials({ ...trials, mask: new Float32Array(11) })).toThrow("mask: expected [3, 4, 1]");
  expect(() => fixedTrials(trials, { heldout: 1 } as object)).toThrow('did you mean "heldOut"');
});
