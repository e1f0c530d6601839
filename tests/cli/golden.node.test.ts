import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { decodeNpz } from "../../src/io/npz.ts";
import { hasParameter } from "../../src/network/cells.ts";
import { type ParameterName, parameterNames, parameterShape } from "../../src/network/model.ts";
import { readArray, writeArray, writeModel, writeTrials } from "../../src/node.ts";
import { backward } from "../reference/bptt.ts";
import { forward } from "../reference/ctrnn.ts";
import { generateModel } from "../reference/generate.ts";
import { type GoldenCase, goldenTolerance, nn4nCases } from "../reference/golden.ts";
import { meanSquaredError, rateL2 } from "../reference/loss.ts";
import { largestDifference, type Numbers, relativeDifference } from "../reference/numbers.ts";
import { randomTrials } from "../support/trials.ts";
import { CommandLine, jsonLines, type StartOptions } from "./cortrain.ts";

const cortrain = new CommandLine();
const fileNames: Record<ParameterName, string> = {
  weightIH: "weight_ih",
  weightHH: "weight_hh",
  biasH: "bias_h",
  weightHO: "weight_ho",
  biasO: "bias_o",
  alpha: "alpha",
  v0: "v0",
  biasN: "bias_n",
  r0: "r0",
};

test("doctor proves that the adapter computes", async () => {
  const [plain, json] = [await cortrain.succeed(["doctor"], {}), await cortrain.succeed(["doctor", "--json"])];
  expect(plain.stdout).toContain("It works.");
  const [answer, ...more] = jsonLines(json.stdout);
  expect(more).toEqual([]);
  expect(answer).toMatchObject({ ok: true, node: process.version, device: { isSoftware: expect.any(Boolean) } });
  const test = answer?.test as { readonly difference: number } | undefined;
  expect(test?.difference).toBeLessThan(1e-5);
});

/** Replays a case of another package through `run` and `grad`, from files as a user would have them; `own`: processes. */
async function replay({ model, trials, expected }: GoldenCase, file: string, own?: StartOptions): Promise<void> {
  const { spec } = model;
  const { time, batch, inputs, targets } = trials;
  if (targets === undefined) throw new RangeError("a case without targets");
  await writeModel(cortrain.path(file), model);
  await writeTrials(cortrain.path("trials.npz"), { steps: time, trials: batch, inputs, targets });
  await writeArray(cortrain.path("x.npy"), { shape: [time, batch, spec.inputs], data: inputs });
  writeFileSync(cortrain.path("loss.json"), `[{"type": "meanSquaredError"}]`);
  const [, grad] = await Promise.all([
    cortrain.succeed(["run", "--model", file, "--input", "x.npy", "--out", "activity"], own),
    cortrain.succeed(
      ["grad", "--model", file, "--data", "trials.npz", "--loss", "loss.json", "--out", "grads.npz"],
      own,
    ),
  ]);

  const rates = await readArray(cortrain.path("activity", "rates.npy"));
  const outputs = await readArray(cortrain.path("activity", "outputs.npy"));
  expect(rates.shape).toEqual([time, batch, spec.hidden]);
  expect(outputs.shape).toEqual([time, batch, spec.outputs]);
  if (expected.rates) expect(largestDifference(rates.data, expected.rates)).toBeLessThan(goldenTolerance.states);
  if (expected.outputs) expect(largestDifference(outputs.data, expected.outputs)).toBeLessThan(goldenTolerance.states);

  const [answer] = jsonLines(grad.stdout);
  expect(answer?.loss).toBeCloseTo(expected.meanSquaredError ?? Number.NaN, 6);
  expect(answer?.terms).toEqual({ meanSquaredError: answer?.loss });
  const grads = decodeNpz(readFileSync(cortrain.path("grads.npz")), "grads.npz");
  const ofCell = parameterNames.filter((name) => hasParameter(spec.cell, name)).map((name) => fileNames[name]);
  expect([...grads.keys()].sort()).toEqual(ofCell.sort());
  for (const [name, values] of Object.entries(expected.gradients ?? {}) as [ParameterName, Numbers][]) {
    const actual = grads.get(fileNames[name]);
    expect(actual?.shape).toEqual(parameterShape(spec, name));
    expect(relativeDifference(actual?.data ?? [], values), name).toBeLessThan(goldenTolerance.gradients);
  }
}

describe("golden numbers of nn4n, by run and grad", () => {
  test.each(nn4nCases().map((golden, index) => ({ name: golden.name, golden, index })))(
    "$name",
    async ({ golden, index }) => {
      const file = index % 2 === 0 ? `model-${index}` : `model-${index}.safetensors`;
      await replay(golden, file, index === 0 ? {} : undefined);
    },
  );
});

test("grad with masks, signs, a trial mask, two terms and a start of every trial agrees with float64", async () => {
  const sizes = { inputs: 3, hidden: 9, outputs: 2 };
  const model = generateModel({ ...sizes, seed: 3, activation: "tanh", constraint: "abs", density: 0.7, signed: true });
  const trials = randomTrials({ ...sizes, time: 6, batch: 4, seed: 5, withV0: true });
  await writeModel(cortrain.path("signed"), model);
  await writeTrials(cortrain.path("masked.npz"), trials);
  writeFileSync(
    cortrain.path("two.json"),
    `[{"type":"meanSquaredError","denominator":"mask"},{"type":"rateL2","weight":0.5}]`,
  );
  const args = ["grad", "--model", "signed", "--data", "masked.npz", "--loss", "two.json", "--out", "deep/in/g.npz"];
  const { stdout } = await cortrain.succeed(args);

  const sequence = { time: trials.steps, batch: trials.trials, inputs: trials.inputs };
  const start = { v0: trials.v0 };
  const trajectory = forward(model, sequence, start);
  const squared = meanSquaredError(trajectory.outputs, trials.targets, trials.mask, "mask");
  const activity = rateL2(trajectory.r);
  const direct = { outputs: squared.gradient, r: activity.gradient.map((value) => value / 2) };
  const expected = backward(model, sequence, start, trajectory, direct);
  const [answer] = jsonLines(stdout);
  const terms = answer?.terms as Record<string, number>;
  expect(terms.meanSquaredError).toBeCloseTo(squared.value, 5);
  expect(terms.rateL2).toBeCloseTo(activity.value / 2, 5);
  expect(answer?.loss).toBeCloseTo(squared.value + activity.value / 2, 5);
  const grads = decodeNpz(readFileSync(cortrain.path("deep", "in", "g.npz")), "g.npz");
  for (const name of parameterNames.filter((each) => hasParameter(model.spec.cell, each))) {
    const actual = grads.get(fileNames[name]);
    expect(actual?.shape).toEqual(name === "v0" ? [4, 9] : parameterShape(model.spec, name));
    const values = name === "v0" ? expected.v0 : expected.parameters[name];
    expect(relativeDifference(actual?.data ?? [], values), name).toBeLessThan(goldenTolerance.gradients);
  }
});

test("run takes one trial [time, inputs], one start [hidden], and a seed or no noise", async () => {
  const sizes = { inputs: 2, hidden: 5, outputs: 1 };
  const model = generateModel({ ...sizes, seed: 2, activation: "tanh", noise: { pre: 0.3 } });
  await writeModel(cortrain.path("noisy"), model);
  const trial = randomTrials({ ...sizes, time: 7, batch: 1, seed: 1 });
  await writeArray(cortrain.path("one.npy"), { shape: [7, 2], data: trial.inputs });
  const v0 = Float32Array.of(0.5, -0.5, 0.25, 0, 1);
  await writeArray(cortrain.path("v0.npy"), { shape: [5], data: v0 });
  const run = async (out: string, ...more: string[]): Promise<Float32Array> => {
    await cortrain.succeed(["run", "--model", "noisy", "--input", "one.npy", "--out", out, ...more]);
    const { shape, data } = await readArray(cortrain.path(out, "states.npy"));
    expect(shape).toEqual([7, 1, 5]);
    return data;
  };
  const quiet = await run("quiet", "--no-noise", "--v0", "v0.npy", "--json");
  const { v } = forward(
    { ...model, spec: { ...model.spec, noise: { ...model.spec.noise, pre: 0 } } },
    { time: 7, batch: 1, inputs: trial.inputs },
    { v0 },
  );
  expect(largestDifference(quiet, v)).toBeLessThan(1e-5);
  const [first, again, other] = [
    await run("a", "--seed", "1"),
    await run("b", "--seed", "1"),
    await run("c", "--seed", "2"),
  ];
  expect(again).toEqual(first);
  expect(largestDifference(first, other)).toBeGreaterThan(0.01);
});
