import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeNpz } from "../../src/io/npz.ts";
import { readModel, writeModel, writeTrials } from "../../src/node.ts";
import { backward } from "../reference/bptt.ts";
import { forward } from "../reference/ctrnn.ts";
import { generateModel } from "../reference/generate.ts";
import { huber } from "../reference/loss-custom.ts";
import { relative } from "../support/compare.ts";
import { elu, swish, tableOf } from "../support/custom-activations.ts";
import { randomTrials } from "../support/trials.ts";
import { CommandLine, jsonLines } from "./cortrain.ts";

const cortrain = new CommandLine();
const huberTerm = {
  ...{ type: "custom", name: "huber", on: "outputs", weight: 0.5 },
  value: "select(abs(y - target) - 0.5, 0.5 * (y - target) * (y - target), abs(y - target) < 1.0)",
  slope: "clamp(y - target, -1.0, 1.0)",
};

function write(name: string, content: unknown): string {
  writeFileSync(cortrain.path(name), JSON.stringify(content));
  return name;
}

test("grad: a custom activation from a model file and a custom term from JSON, against float64", async () => {
  const units = { activation: ["swish", "elu", "tanh", "swish", "elu"] };
  const sizes = { inputs: 3, hidden: 5, outputs: 2, seed: 4 };
  const model = generateModel({ ...sizes, activation: "swish", customActivations: tableOf(swish, elu), units });
  const trials = randomTrials({ ...sizes, time: 6, batch: 4 });
  await writeModel(cortrain.path("model.safetensors"), model);
  await writeTrials(cortrain.path("trials.npz"), trials);
  const loss = write("loss.json", [huberTerm]);
  const files = ["--model", "model.safetensors", "--data", "trials.npz", "--loss", loss, "--out", "grads.npz"];
  const { stdout } = await cortrain.succeed(["grad", ...files]);

  const sequence = { time: trials.steps, batch: trials.trials, inputs: trials.inputs };
  const trajectory = forward(model, sequence);
  const expected = huber(trajectory.outputs, trials.targets, trials.mask);
  const direct = { outputs: expected.gradient.map((slope) => 0.5 * slope) };
  const { parameters } = backward(model, sequence, {}, trajectory, direct);
  const [answer] = jsonLines(stdout);
  expect(answer?.["loss"]).toBeCloseTo(0.5 * expected.value, 6);
  expect(answer?.["terms"]).toEqual({ huber: answer?.["loss"] });
  const grads = decodeNpz(readFileSync(cortrain.path("grads.npz")), "grads.npz");
  expect(relative(grads.get("weight_hh")?.data ?? [], parameters.weightHH)).toBeLessThan(1e-5);
  expect(relative(grads.get("weight_ih")?.data ?? [], parameters.weightIH)).toBeLessThan(1e-5);
});

const training = {
  task: "contextDecision",
  structure: { type: "multiAreaEI", hidden: 8 },
  network: { activation: "elu", customActivations: tableOf(elu) },
  loss: [huberTerm, { type: "custom", on: "rates", weight: 1e-3, value: "r * r", slope: "2 * r" }],
  steps: 2,
  batch: 4,
};

test("train: both in a configuration, which repeats the run, and in the model that is saved", async () => {
  await cortrain.succeed(["train", write("own.json", training), "--out", "run"]);
  const lines = jsonLines(readFileSync(cortrain.path("run", "metrics.jsonl"), "utf8"));
  expect(Object.keys(lines[0]?.["terms"] ?? {})).toEqual(["huber", "custom"]);
  const { spec } = await readModel(cortrain.path("run", "model"));
  expect([spec.activation, spec.customActivations]).toEqual(["elu", tableOf(elu)]);
  await cortrain.succeed(["train", "run/config.json", "--out", "again"]);
  expect(readFileSync(cortrain.path("again", "metrics.jsonl"))).toEqual(
    readFileSync(cortrain.path("run", "metrics.jsonl")),
  );
});

test("what is wrong in a configuration is named, with exit code 2", async () => {
  const wrong: readonly (readonly [object, RegExp])[] = [
    [{ network: { ...training.network, activation: "eluu" } }, /network\.activation: .* did you mean "elu"\?/],
    [
      { network: { activation: "elu", customActivations: { elu: { ...tableOf(elu)["elu"], slope: "1.0" } } } },
      /activation "elu": slope is 1 at x = -0\.445825/,
    ],
    [
      { loss: [{ ...huberTerm, slope: "clamp(y - goal, -1.0, 1.0)" }] },
      /loss\[0\]\.slope: unknown name "goal" at column 11/,
    ],
    [
      { loss: [{ ...huberTerm, slope: "sign(y - target)" }] },
      /^cortrain: ValueError: loss "huber": slope is 1 at y = -1\.33747, target = -2, mask = 1,/,
    ],
    [{ loss: [{ ...huberTerm, on: "output" }] }, /loss\[0\]\.on: .* did you mean "outputs"\?/],
  ];
  for (const [index, [part, message]] of wrong.entries()) {
    const config = write(`wrong${index}.json`, { ...training, ...part });
    const { code, stderr } = await cortrain.run(["train", config, "--out", `wrong${index}`]);
    expect(stderr).toMatch(message);
    expect(code).toBe(2);
    expect(cortrain.files(`wrong${index}`)).toEqual([]);
  }
});
