import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { readArray, writeArray, writeModel } from "../../src/node.ts";
import { unitRate } from "../reference/activation.ts";
import { generateModel } from "../reference/generate.ts";
import { largestDifference } from "../reference/numbers.ts";
import { perturbed } from "../reference/perturb.ts";
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
