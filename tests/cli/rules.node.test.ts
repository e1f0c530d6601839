import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { CommandLine, jsonLines } from "./cortrain.ts";

const cortrain = new CommandLine();

function write(name: string, content: unknown): string {
  writeFileSync(cortrain.path(name), JSON.stringify(content));
  return name;
}

const config = {
  task: "contextDecision",
  structure: { type: "dense", hidden: 9 },
  network: { dtMs: 50 },
  ...{ batch: 4, steps: 2, seed: 5 },
};

test("a configuration may name a local rule; the run's own has its defaults", async () => {
  const rule = { type: "rflo", scale: 0.5 };
  await cortrain.succeed(["train", write("c.json", { ...config, rule }), "--out", "run", "--json"]);
  const written = JSON.parse(readFileSync(cortrain.path("run", "config.json"), "utf8")) as { rule: unknown };
  expect(written.rule).toEqual({ type: "rflo", feedback: "random", scale: 0.5 });
  expect(jsonLines(readFileSync(cortrain.path("run", "metrics.jsonl"), "utf8"))).toHaveLength(2);
});

test("another rule than the run's is no way to resume it, and a misspelt one is exit code 2", async () => {
  const resumed = ["train", write("d.json", config), "--out", "run", "--resume"];
  const other = await cortrain.run(resumed);
  expect(other.code).toBe(2);
  expect(other.stderr).toContain("rule");
  const { code, stderr } = await cortrain.run(["train", write("e.json", { ...config, rule: { type: "eprob" } })]);
  expect(code).toBe(2);
  expect(stderr).toContain('rule.type: expected one of "bptt", "eprop", "rflo", got "eprob"; did you mean "eprop"?');
});
