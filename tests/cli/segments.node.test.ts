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
  ...{ batch: 4, steps: 2, seed: 5, reportEvery: 1 },
};

test("a configuration may say how time is split, and reports say how it was", async () => {
  const { stdout } = await cortrain.succeed([
    ...["train", write("a.json", { ...config, segments: 3, memory: 1e6 }), "--out", "split", "--json"],
  ]);
  const reports = jsonLines(stdout).filter(({ event }) => event === "report");
  expect(reports.map(({ segments }) => segments)).toEqual([3, 3]);
  const written = JSON.parse(readFileSync(cortrain.path("split", "config.json"), "utf8")) as Record<string, unknown>;
  expect(written).toMatchObject({ segments: 3, memory: 1e6 });
  const whole = await cortrain.succeed(["train", write("b.json", config), "--out", "whole", "--json"]);
  const plain = jsonLines(whole.stdout).filter(({ event }) => event === "report");
  expect(plain.map(({ segments }) => segments)).toEqual([undefined, undefined]);
  expect(reports[0]?.terms).toEqual(plain[0]?.terms);
});

test("too little memory is refused with what would fit, and what is no number of bytes with exit code 2", async () => {
  const small = await cortrain.run(["train", write("c.json", { ...config, memory: 1000 }), "--out", "none"]);
  expect(small.code).not.toBe(0);
  expect(small.stderr).toMatch(/memory: the plan needs \d+ bytes, .*; memory is 1000\. It fits with memory: \d+/);
  const { code, stderr } = await cortrain.run(["train", write("d.json", { ...config, memory: "1 GB" })]);
  expect(code).toBe(2);
  expect(stderr).toContain("memory: expected");
});
