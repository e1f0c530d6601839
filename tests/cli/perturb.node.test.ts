import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readArray, writeArray, writeModel } from "../../src/node.ts";
import { unitRate } from "../reference/activation.ts";
import { generateModel } from "../reference/generate.ts";
import { largestDifference } from "../reference/numbers.ts";
import { perturbed, perturbedGated } from "../reference/perturb.ts";
import { randomTrials } from "../support/trials.ts";
import { CommandLine } from "./cortrain.ts";

const cortrain = new CommandLine();
const sizes = { inputs: 2, hidden: 5, outputs: 1 };
const made = generateModel({ ...sizes, seed: 3, activation: "tanh" });
const model = { ...made, spec: { ...made.spec, areas: [{ name: "pfc", from: 1, to: 3 }] } };
const { inputs } = randomTrials({ ...sizes, time: 6, batch: 3, seed: 1 });
const args = ["run", "--model", "m", "--input", "x.npy", "--out", "activity"];

test("run --perturb does what the list says, and a fault in the list is found first", async () => {
  await writeModel(cortrain.path("m"), model);
  await writeArray(cortrain.path("x.npy"), { shape: [6, 3, 2], data: inputs });
  const list = [
    { type: "lesion", units: "pfc", from: 2, to: 4 },
    { type: "kick", at: 4, v: 0.5 },
  ];
  writeFileSync(cortrain.path("p.json"), JSON.stringify(list));
  await cortrain.succeed([...args, "--perturb", "p.json"]);
  const expected = perturbed(
    model,
    { time: 6, batch: 3, inputs },
    {},
    { silent: (t) => (t === 2 || t === 3 ? [1, 2] : []), kick: (t) => (t === 4 ? 0.5 : undefined) },
    (unit, v) => unitRate(model.spec, unit, v),
  );
  const [states, rates] = await Promise.all(
    ["states", "rates"].map((name) => readArray(cortrain.path("activity", `${name}.npy`))),
  );
  expect(largestDifference(states?.data ?? [], expected.v)).toBeLessThan(1e-5);
  expect(largestDifference(rates?.data ?? [], expected.r)).toBeLessThan(1e-5);
  writeFileSync(cortrain.path("bad.json"), JSON.stringify([{ type: "lesion", units: "pcf" }]));
  const { code, stderr } = await cortrain.run([...args, "--perturb", "bad.json"]);
  expect(stderr).toMatch(/bad\.json\[0\] \(lesion\): units: there is no area "pcf"; did you mean "pfc"\?/);
  expect(code).toBe(2);
});

test("run --perturb does it to an LSTM, gates and cell states included", async () => {
  const lstm = generateModel({ ...sizes, cell: "lstm", seed: 3 });
  await writeModel(cortrain.path("lstm"), lstm);
  await writeArray(cortrain.path("x.npy"), { shape: [6, 3, 2], data: inputs });
  const list = [
    { type: "lesion", units: [1, 2], from: 2, to: 4 },
    { type: "current", current: 2, gate: "o", from: 1 },
    { type: "kick", at: 4, v: 0.5, r: -0.25 },
  ];
  writeFileSync(cortrain.path("gates.json"), JSON.stringify(list));
  const own = ["run", "--model", "lstm", "--input", "x.npy", "--out", "gated", "--perturb", "gates.json"];
  await cortrain.succeed(own);
  const expected = perturbedGated(
    lstm,
    { time: 6, batch: 3, inputs },
    {},
    {
      silent: (t) => (t === 2 || t === 3 ? [1, 2] : []),
      current: (t, _trial, gate) => (gate === 3 && t >= 1 ? 2 : 0),
      kick: (t) => (t === 4 ? 0.5 : 0),
      rateKick: (t) => (t === 4 ? -0.25 : 0),
    },
  );
  const [states, rates, outputs] = await Promise.all(
    ["states", "rates", "outputs"].map((name) => readArray(cortrain.path("gated", `${name}.npy`))),
  );
  expect(largestDifference(states?.data ?? [], expected.v)).toBeLessThan(1e-5);
  expect(largestDifference(rates?.data ?? [], expected.r)).toBeLessThan(1e-5);
  expect(largestDifference(outputs?.data ?? [], expected.outputs)).toBeLessThan(1e-5);
  writeFileSync(cortrain.path("bad.json"), JSON.stringify([{ type: "current", current: 1, gate: "n" }]));
  const { code, stderr } = await cortrain.run([...own.slice(0, -1), "bad.json"]);
  expect(stderr).toMatch(/bad\.json\[0\] \(current\): gate: expected one of i, f, g, o, got "n"/);
  expect(code).toBe(2);
});
