import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CommandLine, jsonLines } from "./cortrain.ts";

const cortrain = new CommandLine();

function config(name: string, content: object): string {
  writeFileSync(cortrain.path(`${name}.json`), JSON.stringify(content));
  return `${name}.json`;
}

function metrics(run: string): Record<string, unknown>[] {
  return jsonLines(readFileSync(cortrain.path(run, "metrics.jsonl"), "utf8"));
}

const stages = [
  { task: { name: "contextDecision", coherences: [0.5], stimulusMs: 200 }, threshold: 0, name: "easy" },
  { task: "contextDecision", metric: "loss", threshold: 1, fallBelow: 2 },
  { task: "contextDecision", threshold: 0.999 },
];
const staged = {
  curriculum: { every: 2, trials: 12, mix: 0.25, stages },
  structure: { type: "multiAreaEI", hidden: 12 },
  network: { dtMs: 40, noise: { pre: 0.1 } },
  truncate: { steps: 7 },
  batch: 8,
  steps: 14,
  seed: 5,
  reportEvery: 3,
};

test("a curriculum in a configuration: stages in the metrics, all defaults in config.json, resumed to the same bits", async () => {
  const { stdout } = await cortrain.succeed(["train", config("whole", staged), "--out", "whole", "--json"]);
  const reports = jsonLines(stdout).filter(({ event }) => event === "report");
  expect(new Set(reports.map(({ stage }) => stage))).toEqual(new Set([0, 1, 2]));
  const lines = metrics("whole");
  expect(lines.map(({ step }) => step)).toEqual(Array.from({ length: 14 }, (_, step) => step + 1));
  const measured = lines.flatMap(({ stageMeasurements }) => (stageMeasurements ?? []) as Record<string, number>[]);
  expect(measured.slice(0, 2).map(({ stage, next }) => [stage, next])).toEqual([
    [0, 1],
    [1, 2],
  ]);
  const written = JSON.parse(readFileSync(cortrain.path("whole", "config.json"), "utf8"));
  expect(written.curriculum).toMatchObject({
    every: 2,
    stages: [{ metric: "accuracy" }, { task: { name: "contextDecision" } }, {}],
  });
  await cortrain.succeed(["train", config("part", { ...staged, steps: 5 }), "--out", "part"]);
  await cortrain.succeed(["train", "whole.json", "--resume", "--out", "part"]);
  for (const file of ["model/weights.safetensors", "checkpoint/state.safetensors"]) {
    const [one, other] = ["whole", "part"].map((run) => readFileSync(cortrain.path(run, file)));
    expect(other?.equals(one ?? Buffer.of()), file).toBe(true);
  }
  // The run that ended after 5 updates has a report there, with an accuracy.
  const plain = (run: string) => metrics(run).map(({ accuracy: _accuracy, ...rest }) => rest);
  expect(plain("part")).toEqual(plain("whole"));
});

test("passing the last stage ends training, and says so", async () => {
  const given = { ...staged, truncate: undefined, curriculum: { every: 3, stages: [{ ...stages[0] }] } };
  const { stdout, stderr } = await cortrain.succeed(["train", config("short", given), "--out", "short", "--json"]);
  expect(jsonLines(stdout).at(-1)).toMatchObject({ event: "done", step: 3, stopped: "curriculum" });
  expect(stderr).toMatch(/3 updates in .*: all stages passed/);
});

test.each([
  ["both", { ...staged, task: "contextDecision" }, /expected task, data or curriculum, got task and curriculum/],
  ["key", { ...staged, curriculum: { stages, evry: 3 } }, /curriculum\.evry: unknown key; did you mean "every"\?/],
  [
    "stage",
    { ...staged, curriculum: { stages: [{ ...stages[0], treshold: 3 }] } },
    /stages\[0\]\.treshold: unknown key; did you mean "threshold"\?/,
  ],
  [
    "times",
    { ...staged, curriculum: { stages: [{ task: { name: "contextDecision", dtMs: 10 } }] } },
    /task\.dtMs is 10 but network\.dtMs is 40/,
  ],
  [
    "fall",
    { ...staged, curriculum: { stages: [{ task: "contextDecision", fallBelow: 0.1 }] } },
    /there is no stage before the first/,
  ],
])("%s is refused", async (name, content, message) => {
  const { code, stderr } = await cortrain.run(["train", config(name, content), "--out", "never"]);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
  expect(cortrain.files("never")).toEqual([]);
});
