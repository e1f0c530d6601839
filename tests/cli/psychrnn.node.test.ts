import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { createModel } from "../../src/network/create.ts";
import { readModel } from "../../src/node.ts";
import { psychrnn } from "../../src/train/psychrnn.ts";
import { CommandLine, jsonLines } from "./cortrain.ts";

const cortrain = new CommandLine();
const own = { N_rec: 12, dt: 40, tau: 100, N_batch: 6, dale_ratio: 0.7, rec_noise: 0.1, L2_rec: 0.1 };
const fixed = { b_rec: Array.from({ length: 12 }, (_, unit) => (unit < 6 ? 1 : 0)) };
const given = {
  task: { name: "contextDecision", stimulusMs: 200 },
  psychrnn: { ...own, fixed_weights: fixed, training_iters: 40, loss_epoch: 3 },
  seed: 4,
  replicas: 2,
};

function config(name: string, content: object): string {
  writeFileSync(cortrain.path(`${name}.json`), JSON.stringify(content));
  return `${name}.json`;
}

test("PsychRNN's parameters in a configuration: the network, losses and updates that psychrnn() makes of them", async () => {
  const { stdout } = await cortrain.succeed(["train", config("run", given), "--out", "run", "--json"]);
  const lines = jsonLines(stdout);
  expect(lines.filter(({ event }) => event === "report").map(({ step }) => step)).toEqual([3, 6, 7]);
  const trained = await readModel(cortrain.path("run", "replicas", "1"));
  const setup = psychrnn({ ...own, N_in: 6, N_out: 2, seed: 5 });
  const start = createModel(setup.model);
  expect(trained.spec).toEqual(start.spec);
  expect(trained.masks).toEqual(start.masks);
  expect(trained.signs).toEqual(start.signs);
  expect(trained.parameters.biasH.map((bias) => (bias === 0 ? 0 : 1)).slice(0, 6)).toEqual(new Float32Array(6));
  expect(trained.parameters.v0).not.toEqual(start.parameters.v0);
  const written = JSON.parse(readFileSync(cortrain.path("run", "config.json"), "utf8"));
  expect(written).toMatchObject({
    ...{ steps: 7, batch: 6, reportEvery: 3, clip: { mode: "tensorNorm", limit: 1 } },
    loss: [{ type: "meanSquaredError" }, { type: "weightL2", matrix: "weightHH", weight: 0.1 }],
    optimizer: { type: "adam", lr: 1e-3, epsilonHat: true },
    psychrnn: own,
  });
  await cortrain.succeed(["train", "run/config.json", "--out", "again"]);
  const weights = ["run", "again"].map((run) => readFileSync(cortrain.path(run, "model", "weights.safetensors")));
  expect(weights[1]?.equals(weights[0] ?? Buffer.of())).toBe(true);
});

test("performance_cutoff ends training", async () => {
  const { fixed_weights: _fixed, ...rest } = given.psychrnn;
  const stopping = {
    ...given,
    replicas: 1,
    psychrnn: { ...rest, performance_measure: "accuracy", performance_cutoff: 0 },
  };
  const { stdout } = await cortrain.succeed(["train", config("stop", stopping), "--out", "stop", "--json"]);
  expect(jsonLines(stdout).at(-1)).toMatchObject({ event: "done", step: 1, stopped: "curriculum" });
});

test.each([
  [
    "name",
    { ...given, psychrnn: { ...own, N_recs: 5 } },
    /name\.json: psychrnn: N_recs: unknown key; did you mean "N_rec"\?/,
  ],
  ["channels", { ...given, psychrnn: { ...own, N_in: 5 } }, /psychrnn: N_in is 5, but the task has 6/],
  ["network", { ...given, network: { dtMs: 20 } }, /network goes with structure; psychrnn has these settings/],
  ["both", { ...given, model: "m" }, /expected model, structure or psychrnn, got model and psychrnn/],
  ["times", { ...given, task: { name: "contextDecision", dtMs: 20 } }, /task\.dtMs is 20 but the model's dtMs is 40/],
])("%s is refused", async (name, content, message) => {
  const { code, stderr } = await cortrain.run(["train", config(name, content), "--out", "never"]);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
});
