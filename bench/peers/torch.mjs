/** PyTorch, where Python has it: ../torch_peer.py in a process of its own, on the same numbers. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { encodeNpz } from "../../dist/index.js";
import { alpha, inputs, outputs } from "./problem.mjs";

const script = fileURLToPath(new URL("../torch_peer.py", import.meta.url));

/** @returns one entry for each way that PyTorch has: { name, device, losses, ms, first }. */
export function measureTorch({ batch, steps, hidden, weights, x, y }, rounds) {
  const folder = mkdtempSync(join(tmpdir(), "cortrain-torch-"));
  const array = (shape, data) => ({ shape, data });
  const problem = new Map([
    ["weightIH", array([hidden, inputs], weights.weightIH)],
    ["weightHH", array([hidden, hidden], weights.weightHH)],
    ["weightHO", array([outputs, hidden], weights.weightHO)],
    ["biasH", array([hidden], weights.biasH)],
    ["biasO", array([outputs], weights.biasO)],
    ["x", array([steps, batch, inputs], x)],
    ["y", array([steps, batch, outputs], y)],
    ["alpha", array([1], Float32Array.of(alpha))],
  ]);
  try {
    const path = join(folder, "problem.npz");
    writeFileSync(path, encodeNpz(problem));
    const python = process.env.PYTHON ?? "python3";
    const printed = execFileSync(python, [script, "--problem", path, "--rounds", String(rounds)], { encoding: "utf8" });
    return printed
      .split("\n")
      .filter((line) => line.startsWith("{"))
      .map((line) => JSON.parse(line));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
