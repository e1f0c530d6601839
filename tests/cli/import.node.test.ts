import { writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { encodeNpz } from "../../src/io/npz.ts";
import { encodeSafetensors } from "../../src/io/safetensors.ts";
import { modelFromPyTorch } from "../../src/network/interop/pytorch.ts";
import { modelToPyTorch } from "../../src/network/interop/pytorch-write.ts";
import { readModel } from "../../src/node.ts";
import { generateModel } from "../reference/generate.ts";
import { CommandLine, jsonLines } from "./cortrain.ts";

const cortrain = new CommandLine();
const model = generateModel({ inputs: 3, hidden: 5, outputs: 2, seed: 4, alpha: 1, activation: "tanh" });
const { stateDict } = modelToPyTorch(model);
writeFileSync(cortrain.path("rnn.safetensors"), encodeSafetensors(stateDict));
const renamed = { "rnn.weight_ih_l0": "W_in", "rnn.weight_hh_l0": "W_rec", "fc.weight": "W_out", "fc.bias": "b_out" };
const psychrnn = new Map(
  Object.entries({ ...renamed, "rnn.bias_ih_l0": "b_rec", "rnn.bias_hh_l0": "init_state" }).flatMap(([from, to]) => {
    const array = stateDict.get(from);
    return array ? [[to, array] as const] : [];
  }),
);
writeFileSync(cortrain.path("psychrnn.npz"), encodeNpz(psychrnn));
writeFileSync(cortrain.path("model.pth"), Uint8Array.of(0x80, 2, 0x7d, 0x71, 0, 0x2e));

test("a state_dict becomes a model folder, and what it was made of is said", async () => {
  const args = [
    "import",
    "rnn.safetensors",
    "--from",
    "pytorch",
    "--dt-ms",
    "25",
    "--activation",
    "relu",
    "--out",
    "m",
  ];
  const { stdout, stderr } = await cortrain.succeed(args, {});
  expect(stdout).toMatch(/3 inputs, 5 hidden units, 2 outputs; relu/);
  expect(stderr).toBe("cortrain: rnn.safetensors: bias_ih and bias_hh act on the same units: their sum is one bias\n");
  expect(await readModel(cortrain.path("m"))).toEqual(modelFromPyTorch(stateDict, { activation: "relu", dtMs: 25 }));
  const single = await cortrain.succeed([...args.slice(0, -1), "m.safetensors", "--json"]);
  expect(jsonLines(single.stdout)).toEqual([
    { from: "pytorch", inputs: 3, hidden: 5, outputs: 2, activation: "relu", out: "m.safetensors" },
  ]);
});

test("PsychRNN's weights with their times and noise", async () => {
  const args = ["import", "psychrnn.npz", "--from", "psychrnn", "--dt-ms", "10", "--tau-ms", "50"];
  await cortrain.succeed([...args, "--noise", "0.15", "--seed", "9", "--out", "p"]);
  const { spec, parameters } = await readModel(cortrain.path("p"));
  expect(spec).toMatchObject({ dtMs: 10, noise: { pre: 0.15, scale: "sqrt2alpha" }, seed: 9, learn: { v0: true } });
  expect(parameters.alpha[0]).toBe(Math.fround(0.2));
  expect(parameters.weightHH).toEqual(model.parameters.weightHH);
});

test.each([
  [["rnn.safetensors", "--from", "torch", "--out", "x"], /unknown --from torch; did you mean pytorch\?/],
  [["rnn.safetensors", "--from", "pytorch"], /--out is missing/],
  [["rnn.safetensors", "--from", "pytorch", "--out", "x", "--tau-ms", "5"], /--tau-ms does not go with --from pytorch/],
  [["rnn.safetensors", "--from", "pytorch", "--out", "x", "--activation", "sigmoid"], /nn\.RNN knows tanh and relu/],
  [["rnn.safetensors", "--from", "pytorch", "--out", "x", "--noise", "loud"], /--noise: expected a number, got "loud"/],
  [["psychrnn.npz", "--from", "psychrnn", "--out", "x"], /dt and tau are not in the file/],
  [["model.pth", "--from", "nn4n", "--out", "x"], /model\.pth: is a pickled PyTorch file/],
  [["nowhere.npz", "--from", "nn4n", "--out", "x"], /nowhere\.npz: no such file/],
  [["--from", "nn4n", "--out", "x"], /FILE is missing/],
])("%j exits with 2 and says why, writing nothing", async (args, message) => {
  const { code, stderr } = await cortrain.run(["import", ...args]);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
  expect(cortrain.files("x")).toEqual([]);
});
