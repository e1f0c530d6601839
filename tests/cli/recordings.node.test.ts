import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, expect, test } from "vitest";
import { writeModel, writeTrials } from "../../src/node.ts";
import { Random } from "../../src/random.ts";
import { forward } from "../reference/ctrnn.ts";
import { generateModel } from "../reference/generate.ts";
import { targetRates } from "../reference/loss-recordings.ts";
import { randomTrials } from "../support/trials.ts";
import { CommandLine, jsonLines } from "./cortrain.ts";

const cortrain = new CommandLine();
const sizes = { inputs: 3, hidden: 6, outputs: 2 };
const model = generateModel({ ...sizes, seed: 1, activation: "tanh" });
const [steps, batch, columns] = [5, 8, 2];
const plain = randomTrials({ ...sizes, time: steps, batch, seed: 2 });
const random = new Random(4, 1);
const rateMask = Float32Array.from({ length: steps * batch * columns }, () => random.choice([0, 1]));
const rateTargets = rateMask.map((m) => (m === 0 ? Number.NaN : random.normal()));
const losses = [{ type: "meanSquaredError" }, { type: "targetRates", units: [4, 1], denominator: "mask" }];

beforeAll(async () => {
  await writeModel(cortrain.path("model"), model);
  await writeTrials(cortrain.path("recorded.npz"), { ...plain, rateTargets, rateMask });
  await writeTrials(cortrain.path("plain.npz"), plain);
  writeFileSync(cortrain.path("loss.json"), JSON.stringify(losses));
});

test("cortrain grad: rate_targets of a file enter the loss", async () => {
  const args = ["grad", "--model", "model", "--loss", "loss.json", "--out", "grads.npz", "--data"];
  const [{ stdout }, { code, stderr }] = await Promise.all([
    cortrain.succeed([...args, "recorded.npz"]),
    cortrain.run([...args, "plain.npz"]),
  ]);
  const trajectory = forward(model, { time: steps, batch, inputs: plain.inputs });
  const { value } = targetRates(trajectory.r, sizes.hidden, [4, 1], rateTargets, rateMask, "mask");
  expect(jsonLines(stdout)).toMatchObject([{ terms: { targetRates: expect.closeTo(value, 5) } }]);
  expect(code).toBe(2);
  expect(stderr).toMatch(/targetRates needs recorded rates: the trials have no rateTargets/);
});

test("cortrain train: a file's recordings are fitted, and validated on held-out trials", async () => {
  const run = { model: "model", data: "recorded.npz", loss: losses, steps: 20, batch: 4, clip: 1, seed: 3 };
  const config = {
    ...run,
    optimizer: { type: "adam", lr: 0.02 },
    validation: { trials: 3, every: 10 },
    reportEvery: 10,
  };
  writeFileSync(cortrain.path("fit.json"), JSON.stringify(config));
  await cortrain.succeed(["train", "fit.json", "--out", "fit"]);
  const lines = jsonLines(readFileSync(cortrain.path("fit", "metrics.jsonl"), "utf8"));
  const rates = lines.map(({ terms }) => (terms as Record<string, number>)["targetRates"] as number);
  expect(rates.every(Number.isFinite)).toBe(true);
  expect(rates.at(-1)).toBeLessThan(rates[0] as number);
  const measured = lines.filter((line) => "validation" in line);
  expect(measured.map(({ step }) => step)).toEqual([10, 20]);
});
