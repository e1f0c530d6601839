import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readModel, writeTrials } from "../../src/node.ts";
import { weightPenalty } from "../reference/loss-weights.ts";
import { randomTrials } from "../support/trials.ts";
import { CommandLine, jsonLines } from "./cortrain.ts";

const cortrain = new CommandLine();
const hidden = 12;

function write(name: string, content: unknown): string {
  writeFileSync(cortrain.path(name), JSON.stringify(content));
  return name;
}

const config = {
  task: "contextDecision",
  structure: { type: "distanceDependent", hidden, layout: "ring", lengthScale: 0.3 },
  network: { dtMs: 40 },
  loss: [
    { type: "meanSquaredError" },
    { type: "wiringCost", weight: 0.1 },
    { type: "spectralNorm", weight: 0.01, post: [0, 6] },
  ],
  ...{ batch: 4, steps: 2, seed: 5 },
};

test("a wiring cost in JSON: training writes distances into the model, and `grad` finds them there", async () => {
  const { stdout } = await cortrain.succeed(["train", write("c.json", config), "--out", "run", "--json"]);
  expect(stdout).toContain("wiringCost");
  const lines = jsonLines(readFileSync(cortrain.path("run", "metrics.jsonl"), "utf8"));
  expect(lines.map(({ terms }) => Object.keys(terms as object))).toEqual(
    [0, 1].map(() => ["meanSquaredError", "wiringCost", "spectralNorm"]),
  );
  const model = await readModel(cortrain.path("run", "model"));
  const { distances, parameters, spec } = model;
  expect(distances).toHaveLength(hidden * hidden);
  const trials = randomTrials({ ...spec, time: 3, batch: 2, seed: 1 });
  await writeTrials(cortrain.path("trials.npz"), trials);
  const loss = write("loss.json", [{ type: "wiringCost", weight: 0.1 }]);
  const paths = ["--data", "trials.npz", "--loss", loss, "--out", "grads.npz"];
  const done = await cortrain.succeed(["grad", "--model", "run/model", ...paths]);
  const [line] = jsonLines(done.stdout) as [{ terms: { wiringCost: number } }];
  const block = { rows: hidden, columns: hidden };
  const { value } = weightPenalty(parameters.weightHH, block, "l1", { mean: true, distances });
  expect(line.terms.wiringCost / (0.1 * value)).toBeCloseTo(1, 5);
});

test("without distances: exit code 2, and what to do", async () => {
  const plain = { ...config, structure: { type: "dense", hidden } };
  const { code, stderr } = await cortrain.run(["train", write("d.json", plain), "--out", "other"]);
  expect(code).toBe(2);
  expect(stderr).toContain("wiringCost: the network has no distances between its units. Give createModel distances");
});
