import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type Model, type ParameterName, parameterNames } from "../../src/network/model.ts";
import { readModel, writeModel, writeTrials } from "../../src/node.ts";
import { backward } from "../reference/bptt.ts";
import { forward } from "../reference/ctrnn.ts";
import { generateModel } from "../reference/generate.ts";
import { meanSquaredError, rateL2 } from "../reference/loss.ts";
import { largestDifference, type Numbers } from "../reference/numbers.ts";
import { createOptimizerState, optimizerStep, type ReferenceOptimizer } from "../reference/optimizer.ts";
import { bitsOf, randomTrials } from "../support/trials.ts";
import { CommandLine, jsonLines } from "./cortrain.ts";

const cortrain = new CommandLine();
const sizes = { inputs: 3, hidden: 9, outputs: 2 };

function config(name: string, content: object): string {
  writeFileSync(cortrain.path(`${name}.json`), JSON.stringify(content));
  return `${name}.json`;
}

function metrics(run: string): Record<string, unknown>[] {
  return jsonLines(readFileSync(cortrain.path(run, "metrics.jsonl"), "utf8"));
}

/** The bits of a run's checkpoint, of its model's weights, and its metrics. */
function state(run: string): object {
  const read = (...names: string[]): Buffer => readFileSync(cortrain.path(run, ...names));
  return {
    checkpoint: read("checkpoint", "state.safetensors"),
    weights: read("model", "weights.safetensors"),
    metrics: read("metrics.jsonl").toString(),
  };
}

const task = {
  task: { name: "contextDecision" },
  structure: { type: "multiAreaEI", hidden: 12 },
  network: { dtMs: 40, noise: { pre: 0.1 } },
  optimizer: { type: "adam", lr: 0.01, schedule: { type: "cosine", steps: 24 } },
  batch: 8,
  steps: 12,
  seed: 5,
  clip: 1,
  reportEvery: 3,
  validation: { trials: 16, every: 4 },
};

/** The float64 reference's losses before each update and its weights after the last. */
function referenceTraining(
  start: Model,
  trials: ReturnType<typeof randomTrials>,
  settings: { readonly steps: number; readonly lr: number; readonly optimizer: ReferenceOptimizer },
): { losses: number[]; parameters: Readonly<Record<ParameterName, Numbers>> } {
  const sequence = { time: trials.steps, batch: trials.trials, inputs: trials.inputs };
  const optimizerState = createOptimizerState(start);
  const losses: number[] = [];
  let model: Parameters<typeof optimizerStep>[0] = start;
  for (let step = 0; step < settings.steps; step += 1) {
    const trajectory = forward(model, sequence);
    const squared = meanSquaredError(trajectory.outputs, trials.targets, trials.mask);
    const activity = rateL2(trajectory.r);
    const direct = { outputs: squared.gradient, r: activity.gradient.map((value) => 0.1 * value) };
    const { parameters } = backward(model, sequence, {}, trajectory, direct);
    losses.push(squared.value + 0.1 * activity.value);
    model = { ...model, parameters: optimizerStep(model, parameters, optimizerState, { ...settings, alphaMin: 1e-3 }) };
  }
  return { losses, parameters: model.parameters };
}

describe("training on a file of trials repeats the float64 reference", () => {
  test.each([
    { type: "sgd", lr: 0.1, options: {}, reference: {} },
    { type: "sgd", lr: 0.05, options: { momentum: 0.9, nesterov: true }, reference: { momentum: 0.9, nesterov: true } },
    { type: "adam", lr: 0.01, options: {}, reference: {} },
  ] as const)("$type $options", async ({ type, lr, options, reference }) => {
    const name = `${type}${Object.keys(options).length}`;
    const model = generateModel({ ...sizes, seed: 7, activation: "tanh", density: 0.7, signed: true });
    const trials = randomTrials({ ...sizes, time: 8, batch: 5, seed: 3 });
    await writeModel(cortrain.path(`${name}-model`), model);
    await writeTrials(cortrain.path(`${name}.npz`), trials);
    const file = config(name, {
      model: `${name}-model`,
      data: `${name}.npz`,
      loss: [{ type: "meanSquaredError" }, { type: "rateL2", weight: 0.1 }],
      optimizer: { type, lr, ...options },
      steps: 6,
      reportEvery: 4,
    });
    await cortrain.succeed(["train", file, "--out", name]);
    const expected = referenceTraining(model, trials, { steps: 6, lr, optimizer: { type, ...reference } });
    const lines = metrics(name);
    expect(lines.map(({ step }) => step)).toEqual([1, 2, 3, 4, 5, 6]);
    for (const [index, line] of lines.entries()) {
      const { meanSquaredError: squared = 0, rateL2: activity = 0 } = line.terms as Record<string, number>;
      const off = largestDifference([line.loss as number], expected.losses.slice(index, index + 1));
      expect(off, `loss at step ${index + 1}`).toBeLessThan(1e-6);
      expect(squared + activity).toBeCloseTo(line.loss as number, 6);
      expect(line).toMatchObject({ gradientNorm: expect.any(Number), learningRate: lr });
    }
    const trained = await readModel(cortrain.path(name, "model"));
    for (const parameter of parameterNames) {
      const difference = largestDifference(trained.parameters[parameter], expected.parameters[parameter]);
      expect(difference, parameter).toBeLessThan(1e-6);
    }
  });
});

test("a run's folder, with --json: every line is JSON, and config.json repeats the run", async () => {
  const { stdout } = await cortrain.succeed(["train", config("first", task), "--out", "first", "--json"], {});
  const lines = jsonLines(stdout);
  expect(lines.map(({ event }) => event)).toEqual(["start", "report", "report", "report", "report", "done"]);
  expect(lines.at(-1)).toMatchObject({ step: 12, stopped: "steps", accuracy: expect.any(Number), freshTrials: 512 });
  expect(cortrain.files("first")).toEqual([
    "checkpoint",
    "checkpoint/state.safetensors",
    "config.json",
    "figures",
    "figures/training.svg",
    "figures/trial.svg",
    "figures/weights.svg",
    "metrics.jsonl",
    "model",
    "model/model.json",
    "model/weights.safetensors",
  ]);
  const measured = metrics("first").filter((line) => "validation" in line);
  expect(measured.map(({ step }) => step)).toEqual([6, 9, 12]);
  for (const name of ["training", "weights", "trial"]) {
    expect(readFileSync(cortrain.path("first", "figures", `${name}.svg`), "utf8")).toMatch(/^<svg|^<\?xml/);
  }
  const refused = await cortrain.run(["train", "first.json", "--out", "first"]);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("a run is there already") });
  await cortrain.succeed(["train", "first/config.json", "--out", "repeated"]);
  expect(state("repeated")).toEqual(state("first"));
});

test("--resume continues to the same bits, with and without CONFIG", async () => {
  const whole = { ...task, replicas: 2 };
  await cortrain.succeed(["train", config("whole", whole), "--out", "whole"]);
  await cortrain.succeed(["train", config("part", { ...whole, steps: 6 }), "--out", "part"]);
  const other = await cortrain.run(["train", config("other", { ...whole, batch: 9 }), "--out", "part", "--resume"]);
  expect(other).toMatchObject({ code: 2, stderr: expect.stringContaining("--resume: batch differs from") });
  await cortrain.succeed(["train", "whole.json", "--out", "part", "--resume"], {});
  expect(state("part")).toEqual(state("whole"));
  const before = state("part");
  await cortrain.succeed(["train", "--out", "part", "--resume"]);
  expect(state("part")).toEqual(before);
  const [first, second] = await Promise.all(
    ["0", "1"].map((replica) => readModel(cortrain.path("whole", "replicas", replica))),
  );
  expect(first).toEqual(await readModel(cortrain.path("whole", "model")));
  expect(bitsOf(second?.parameters.weightHH ?? new Float32Array())).not.toEqual(
    bitsOf(first?.parameters.weightHH ?? new Float32Array()),
  );
});

test("a model.json inline on stdin, and as a path, starts from weights of its seed", async () => {
  const trials = randomTrials({ ...sizes, time: 4, batch: 6, seed: 3 });
  await writeTrials(cortrain.path("inline.npz"), trials);
  const areas = [{ name: "all", from: 0, to: 9 }];
  const inline = { format: "cortrain/model@1", cell: "ctrnn", ...sizes, dtMs: 10, tauMs: 50, areas, seed: 9 };
  writeFileSync(cortrain.path("model.json"), JSON.stringify(inline));
  const run = { data: "inline.npz", steps: 3, batch: 4, optimizer: { type: "rmsprop", lr: 0.01 } };
  const stdin = JSON.stringify({ ...run, model: inline });
  await cortrain.succeed(["train", "-", "--out", "inline"], { stdin });
  await cortrain.succeed(["train", config("by-path", { ...run, model: "model.json" }), "--out", "by-path"]);
  expect(state("by-path")).toEqual(state("inline"));
  const { spec } = await readModel(cortrain.path("inline", "model"));
  expect(spec).toMatchObject({ ...sizes, dtMs: 10, areas, seed: 9 });
  expect(JSON.parse(readFileSync(cortrain.path("inline", "config.json"), "utf8"))).toMatchObject({ seed: 9, batch: 4 });
});

test("weights that break their sign are refused, and projected with --project", async () => {
  const model = generateModel({ ...sizes, seed: 7, signed: true });
  const weightHH = model.parameters.weightHH.map((value) => -value);
  await writeModel(cortrain.path("flipped"), { ...model, parameters: { ...model.parameters, weightHH } });
  await writeTrials(cortrain.path("flipped.npz"), randomTrials({ ...sizes, time: 4, batch: 2, seed: 3 }));
  const file = config("flip", { model: "flipped", data: "flipped.npz", steps: 1 });
  const refused = await cortrain.run(["train", file, "--out", "flip"]);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("ConstraintError") });
  expect(cortrain.files("flip")).toEqual([]);
  await cortrain.succeed(["train", file, "--out", "flip", "--project"]);
});

test("Ctrl-C writes a checkpoint, exits with 130, and the run resumes to the same bits", async () => {
  const long = { ...task, steps: 60, optimizer: { type: "adam", lr: 0.01 } };
  const file = config("long", long);
  await cortrain.succeed(["train", file, "--out", "uninterrupted"]);
  const { child, finished } = cortrain.start(["train", file, "--out", "interrupted", "--json"]);
  await new Promise<void>((seen) => {
    child.stdout?.on("data", (part: Buffer) => {
      if (part.toString().includes('"report"')) seen();
    });
  });
  child.kill("SIGINT");
  const { code, stdout, stderr } = await finished;
  expect(code, stderr).toBe(130);
  const done = jsonLines(stdout).at(-1);
  expect(done).toMatchObject({ event: "done", stopped: "aborted" });
  expect(done?.step).toBeLessThan(60);
  expect(metrics("interrupted")).toHaveLength(done?.step as number);
  await cortrain.succeed(["train", "--out", "interrupted", "--resume"]);
  expect(state("interrupted")).toEqual(state("uninterrupted"));
});

test("a run that diverges fails with 1 and says at which update", async () => {
  const { optimizer: _optimizer, clip: _clip, validation: _validation, ...rest } = task;
  const wild = config("wild", { ...rest, optimizer: { type: "sgd", lr: 1e20 } });
  const { code, stdout, stderr } = await cortrain.start(["train", wild, "--out", "wild", "--json"]).finished;
  expect(code).toBe(1);
  expect(stderr).toMatch(/DivergenceError: Training diverged at step \d+/);
  expect(jsonLines(stdout).at(-1)).toMatchObject({ error: { name: "DivergenceError" } });
});
