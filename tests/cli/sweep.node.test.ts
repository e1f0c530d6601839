import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CommandLine } from "./cortrain.ts";

const cortrain = new CommandLine();
const base = {
  task: { name: "contextDecision", stimulusMs: 200 },
  structure: { type: "multiAreaEI", hidden: 10, areas: 2, excitatory: 0.8 },
  network: { dtMs: 50, tauMs: 100, noise: { pre: 0.05 } },
  loss: [{ type: "meanSquaredError" }, { type: "rateL2", weight: 1e-3 }],
  ...{ steps: 6, batch: 4, seed: 7, reportEvery: 2, validation: { trials: 8, every: 2 } },
};
const sweep = { "optimizer.lr": [0.01, 0.1], "loss.rateL2.weight": [0, 0.5] };

function config(name: string, content: object): string {
  writeFileSync(cortrain.path(`${name}.json`), JSON.stringify(content));
  return `${name}.json`;
}

test("a sweep trains every combination in one plan, each as it would be alone", async () => {
  await cortrain.succeed(["train", config("sweep", { ...base, sweep, replicas: 2 }), "--out", "sweep"]);
  const rows = readFileSync(cortrain.path("sweep", "replicas.csv"), "utf8").trimEnd().split("\n");
  const [header = [], ...cells] = rows.map((row) => row.split(","));
  const column = (name: string): (string | undefined)[] => cells.map((row) => row[header.indexOf(name)]);
  expect(column("replica")).toEqual(["0", "1", "2", "3", "4", "5", "6", "7"]);
  expect(column("optimizer.lr")).toEqual(["0.01", "0.01", "0.01", "0.01", "0.1", "0.1", "0.1", "0.1"]);
  expect(column("loss.rateL2.weight")).toEqual(["0", "0", "0.5", "0.5", "0", "0", "0.5", "0.5"]);
  expect(column("network_seed")).toEqual(["7", "8", "7", "8", "7", "8", "7", "8"]);
  for (const value of column("best_validation_loss")) expect(Number(value)).toBeGreaterThan(0);
  expect(readFileSync(cortrain.path("sweep", "figures", "replicas.svg"), "utf8")).toContain(
    "lr 0.1, rateL2 weight 0.5",
  );

  // Number 7: the second network of the last combination.
  const alone = { ...base, seed: 8, loss: [base.loss[0], { type: "rateL2", weight: 0.5 }] };
  const single = { ...alone, structure: { ...base.structure, seed: 7 }, optimizer: { type: "adam", lr: 0.1 } };
  await cortrain.succeed(["train", config("alone", single), "--out", "alone"]);
  const weights = ["sweep/replicas/7", "alone/model"].map((path) =>
    readFileSync(cortrain.path(path, "weights.safetensors")),
  );
  expect(weights[0]?.equals(weights[1] ?? Buffer.of())).toBe(true);

  await cortrain.succeed(["train", "sweep/config.json", "--out", "again"]);
  expect(readFileSync(cortrain.path("again", "replicas.csv"), "utf8")).toBe(rows.join("\n").concat("\n"));
});

test("a sweep that is cut short goes on to the same bits", async () => {
  const whole = { ...base, sweep: { "optimizer.lr": [0.01, 0.1] }, stop: { patience: 1 } };
  await cortrain.succeed(["train", config("whole", whole), "--out", "whole"]);
  await cortrain.succeed(["train", config("part", { ...whole, steps: 2 }), "--out", "part"]);
  await cortrain.succeed(["train", config("rest", whole), "--out", "part", "--resume"]);
  const tables = ["whole", "part"].map((run) => readFileSync(cortrain.path(run, "replicas.csv"), "utf8"));
  expect(tables[1]).toBe(tables[0]);
  const weights = ["whole", "part"].map((run) =>
    readFileSync(cortrain.path(run, "replicas", "1", "weights.safetensors")),
  );
  expect(weights[0]?.equals(weights[1] ?? Buffer.of())).toBe(true);
});

test.each([
  ["a setting that is the same for all", { batch: [4, 8] }, '"batch" is the same for all networks of a plan'],
  ["a loss term that is not there", { "loss.rateL1.weight": [0, 1] }, "the configuration has no loss.rateL1"],
  ["an unknown key", { "optimizer.rate": [0.1] }, "sweep: optimizer.rate = 0.1"],
  ["a value that cannot be", { "optimizer.lr": [0.1, -1] }, "sweep: optimizer.lr = -1"],
  ["no values", { "optimizer.lr": [] }, "optimizer.lr"],
  ["another architecture", { "network.activation": ["relu", "tanh"] }, "another architecture"],
  [
    "other kernels",
    {
      optimizer: [
        { type: "adam", lr: 0.1 },
        { type: "sgd", lr: 0.1 },
      ],
    },
    "expected adam",
  ],
])("%s is refused", async (name, wrong, message) => {
  const file = config(name.replaceAll(" ", "-"), { ...base, sweep: wrong });
  const { code, stderr } = await cortrain.run(["train", file, "--out", "refused"]);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
