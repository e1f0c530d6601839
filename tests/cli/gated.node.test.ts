import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { loadExperiment } from "../../src/cli/experiment.ts";
import { parseTrainConfig } from "../../src/cli/train-config.ts";
import { ConfigError } from "../../src/errors.ts";
import { decodeNpz } from "../../src/io/npz.ts";
import { readModel, writeModel, writeTrials } from "../../src/node.ts";
import { gatedBackward, gatedForward } from "../reference/gated.ts";
import { generateModel } from "../reference/generate.ts";
import { goldenTolerance } from "../reference/golden.ts";
import { meanSquaredError } from "../reference/loss.ts";
import { relativeDifference } from "../reference/numbers.ts";
import { randomTrials } from "../support/trials.ts";
import { CommandLine, jsonLines } from "./cortrain.ts";

const cortrain = new CommandLine();
const sizes = { inputs: 3, hidden: 6, outputs: 2 };

const base = {
  task: { name: "contextDecision", dtMs: 40 },
  structure: { type: "multiAreaEI", hidden: 8 },
  ...{ batch: 4, steps: 2, seed: 5, replicas: 2 },
};

/** What a configuration makes, without a process of its own. */
async function load(config: object) {
  const parsed = { config: parseTrainConfig(config, "config"), name: "config", folder: "." };
  return loadExperiment(parsed, { project: false, onNotice: () => {} });
}

describe("a configuration", () => {
  test("makes an LSTM or a GRU of a structure, at the task's time step", async () => {
    const network = { cell: "lstm", lstmOutput: "sigmoid", initialisation: "psychrnn", noise: { post: 0.1 } };
    const { models, config } = await load({ ...base, network });
    expect(models.map(({ spec }) => [spec.cell, spec.lstmOutput, spec.dtMs, spec.seed])).toEqual([
      ["lstm", "sigmoid", 40, 5],
      ["lstm", "sigmoid", 40, 6],
    ]);
    expect(models[0]?.parameters.biasH.every((value) => value === 1)).toBe(true);
    expect(config.network).toMatchObject({ noise: { pre: 0, post: 0.1, scale: "unit" } });
    for (const key of ["tauMs", "spectralRadius", "balance"]) expect(config.network).not.toHaveProperty(key);
    // What a run records makes the same again.
    expect((await load(config)).models).toEqual(models);
    const gru = await load({ ...base, network: { cell: "gru" } });
    expect(gru.models[0]?.spec).toMatchObject({ cell: "gru", noise: { scale: "unit" } });
    const inline = { format: "cortrain/model@1", cell: "gru", inputs: 6, hidden: 5, outputs: 2, learn: { r0: true } };
    const { structure: _structure, ...rest } = base;
    const { models: own } = await load({ ...rest, model: inline });
    expect(own[0]?.spec).toMatchObject({ cell: "gru", hidden: 5, learn: { r0: true } });
  });

  test("names what the cell does not have", async () => {
    const refused = async (network: object, message: string): Promise<void> => {
      const asked = load({ ...base, network });
      await expect(asked).rejects.toThrow(ConfigError);
      await expect(load({ ...base, network })).rejects.toThrow(message);
    };
    await refused({ cell: "lstm", tauMs: 100 }, "tauMs: an lstm does not take it (it has no leak)");
    await refused({ cell: "gru", activation: "tanh" }, "activation: a gru does not take it");
    await refused({ cell: "gru", spectralRadius: 1.2 }, "spectralRadius: a gru does not take it");
    await refused({ initialisation: "psychrnn" }, "initialisation: it is of an lstm or a gru, this is a ctrnn");
    const wrong = () => parseTrainConfig({ ...base, network: { cel: "lstm" } }, "config");
    expect(wrong).toThrow('config: network.cel: unknown key; did you mean "cell"?');
  });
});

test("train writes an LSTM, and a figure for every gate", async () => {
  const { replicas: _replicas, ...one } = base;
  writeFileSync(cortrain.path("lstm.json"), JSON.stringify({ ...one, network: { cell: "lstm" } }));
  await cortrain.succeed(["train", "lstm.json", "--out", "lstm"]);
  expect(cortrain.files("lstm").filter((name) => name.startsWith("figures/"))).toEqual([
    ...["figures/training.svg", "figures/trial.svg"],
    ...["f", "g", "i", "o"].map((gate) => `figures/weights-${gate}.svg`),
  ]);
  expect(JSON.parse(readFileSync(cortrain.path("lstm", "model", "model.json"), "utf8"))).toMatchObject({
    cell: "lstm",
  });
  const model = await readModel(cortrain.path("lstm", "model"));
  expect(model.parameters.weightHH.length).toBe(4 * 64);
});

test("grad of a GRU agrees with float64, with a start of every trial", async () => {
  const model = generateModel({ ...sizes, cell: "gru", seed: 3, constraint: "abs", density: 0.7, signed: true });
  const trials = randomTrials({ ...sizes, time: 5, batch: 4, seed: 5, withV0: true });
  await writeModel(cortrain.path("gru"), model);
  await writeTrials(cortrain.path("trials.npz"), trials);
  writeFileSync(cortrain.path("loss.json"), `[{"type":"meanSquaredError"}]`);
  const args = ["grad", "--model", "gru", "--data", "trials.npz", "--loss", "loss.json", "--out", "grads.npz"];
  const { stdout } = await cortrain.succeed(args);
  const sequence = { time: 5, batch: 4, inputs: trials.inputs };
  const start = { v0: trials.v0 };
  const trajectory = gatedForward(model, sequence, start);
  const squared = meanSquaredError(trajectory.outputs, trials.targets, trials.mask);
  const expected = gatedBackward(model, sequence, start, trajectory, { outputs: squared.gradient });
  expect(jsonLines(stdout)[0]?.loss).toBeCloseTo(squared.value, 5);
  const grads = decodeNpz(readFileSync(cortrain.path("grads.npz")), "grads.npz");
  expect([...grads.keys()].sort()).toEqual(["bias_h", "bias_n", "bias_o", "r0", "weight_hh", "weight_ho", "weight_ih"]);
  const { weightHH, biasN } = expected.parameters;
  for (const [name, values] of Object.entries({ weight_hh: weightHH, bias_n: biasN, r0: expected.v0 }))
    expect(relativeDifference(grads.get(name)?.data ?? [], values), name).toBeLessThan(goldenTolerance.gradients);
  expect(grads.get("r0")?.shape).toEqual([4, 6]);
});
