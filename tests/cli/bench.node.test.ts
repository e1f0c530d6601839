import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import type { BenchResults } from "../../src/cli/bench.ts";
import { CommandLine } from "./cortrain.ts";

const cortrain = new CommandLine();
const short = ["bench", "--sizes", "S", "--rounds", "1"];

test("roofs, kernels and whole steps; a file, and what is slower than in it", async () => {
  const { stdout } = await cortrain.succeed(
    [...short, "--systems", "ring,sheet,sorn", "--out", "results", "--json"],
    {},
  );
  const results = JSON.parse(stdout) as BenchResults;
  const [file = ""] = readdirSync(cortrain.path("results"));
  expect(JSON.parse(readFileSync(cortrain.path("results", file), "utf8"))).toEqual(results);
  const { products, ...roofs } = results.roofs;
  for (const [name, value] of Object.entries({ ...roofs, ...products })) expect(value, name).toBeGreaterThan(0);
  expect(Math.max(...Object.values(products))).toBe(roofs.product);
  const names = results.kernels.map(({ kernel }) => kernel);
  for (const kernel of ["readout", "weight_gradient", "update"]) expect(names).toContain(kernel);
  for (const system of [
    "ring bilinear_forward",
    "ring bilinear_backward",
    "sheet torus_spectrum",
    "sorn sorn_synapses",
  ])
    expect(results.kernels.map(({ size, kernel }) => `${size} ${kernel}`)).toContainEqual(
      expect.stringContaining(system),
    );
  for (const row of results.kernels) {
    expect(row.median, row.kernel).toBeGreaterThan(0);
    expect(row.bytes, row.kernel).toBeGreaterThan(0);
    expect(row.ofRoof, row.kernel).toBeCloseTo(
      row.gflops === undefined ? (row.gbps ?? 0) / results.roofs.storage : row.gflops / results.roofs.product,
      12,
    );
  }
  // 2 B T N (N + I + 1) operations of the forward pass.
  const forward = results.kernels.find(({ kernel }) => kernel.startsWith("ctrnn_forward_"));
  expect((forward?.gflops ?? 0) * (forward?.median ?? 0) * 1e6).toBeCloseTo(2 * 32 * 50 * 64 * (64 + 6 + 1), 0);
  for (const step of [...results.steps, ...results.hostSteps]) {
    // Nothing is made once warm, and in the persistent family time steps cost no dispatches.
    expect(step.made).toBe(0);
    expect(step.dispatches).toBeLessThanOrEqual(step.family === "persistent" ? 14 : 14 + 2 * 50);
  }
  const faster = {
    ...results,
    kernels: results.kernels.map((row) => ({ ...row, median: row.kernel === "update" ? 0 : 1e6, spread: 0 })),
    steps: results.steps.map((row) => ({ ...row, median: 1e6 })),
  };
  writeFileSync(cortrain.path("faster.json"), JSON.stringify(faster));
  const text = (await cortrain.succeed([...short, "--compare", "faster.json"])).stdout;
  const marked = text.split("\n").filter((line) => line.endsWith("SLOWER"));
  expect(marked).toHaveLength(1);
  expect(marked[0]).toContain("update");
});

test.each([
  ["--sizes", "S,XS", "--sizes: expected S, M, L, XL"],
  ["--cell", "rnn", "--cell: expected ctrnn, lstm, gru"],
  ["--rounds", "0", "--rounds: expected a whole number"],
  ["--losses", "s", "--losses: expected S, M, L, XL"],
  ["--systems", "ring,torus", "--systems: expected ring, sheet, sorn"],
  ["--compare", "nothing.json", "nothing.json"],
])("%s %s is refused", async (option, value, message) => {
  const { code, stderr } = await cortrain.run(["bench", option, value]);
  expect(stderr).toContain(message);
  expect(code).toBe(2);
});
