import { mkdirSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, test } from "vitest";
import { encodeNpy } from "../../src/io/npy.ts";
import { writeModel, writeTrials } from "../../src/node.ts";
import { generateModel } from "../reference/generate.ts";
import { randomTrials } from "../support/trials.ts";
import { CommandLine, jsonLines } from "./cortrain.ts";

const cortrain = new CommandLine();
const sizes = { inputs: 3, hidden: 5, outputs: 2 };
const model = generateModel({ ...sizes, seed: 1, density: 0.7, signed: true });
const trials = randomTrials({ ...sizes, time: 4, batch: 2, seed: 1 });

/** Writes a training configuration and returns its name. */
function config(name: string, content: unknown): string {
  const text = typeof content === "string" ? content : JSON.stringify(content);
  writeFileSync(at(`${name}.json`), text);
  return at(`${name}.json`);
}

function array(name: string, shape: readonly number[], fill = 0): string {
  const data = new Float32Array(shape.reduce((product, length) => product * length, 1)).fill(fill);
  writeFileSync(cortrain.path(name), encodeNpy({ shape, data }));
  return at(name);
}

/** Runs a command: exit code 2, a message with this text and no stack, nothing on stdout, no files. */
async function refuse(args: readonly string[], text: RegExp): Promise<void> {
  const before = cortrain.files();
  const { code, stdout, stderr } = await cortrain.run(args);
  expect(stderr).toMatch(text);
  expect(code, stderr).toBe(2);
  expect(stdout).toBe("");
  expect(stderr).not.toMatch(/\n\s+at /);
  expect(cortrain.files()).toEqual(before);
}

const at = (name: string): string => cortrain.path(name);

const small = {
  task: "contextDecision",
  structure: { type: "multiAreaEI", hidden: 8 },
  steps: 2,
};

beforeAll(async () => {
  await writeModel(cortrain.path("model"), model);
  await writeModel(cortrain.path("one.safetensors"), model);
  await writeTrials(cortrain.path("trials.npz"), trials);
  await writeTrials(cortrain.path("wide.npz"), randomTrials({ ...sizes, inputs: 4, time: 4, batch: 2, seed: 1 }));
  const weightIH = model.parameters.weightIH.slice().fill(-1e3);
  const broken = { ...model, parameters: { ...model.parameters, weightIH } };
  await writeModel(cortrain.path("broken"), broken);
  writeFileSync(cortrain.path("loss.json"), `[{"type":"meanSquaredError"}]`);
  writeFileSync(cortrain.path("file"), "");
  mkdirSync(cortrain.path("empty"));
});

describe("the command itself", () => {
  test.each([
    [["trian"], /unknown command trian; did you mean train\?/],
    [["--hlep"], /unknown option --hlep; did you mean --help\?/],
    [["train", "contextDecision", "--jsno"], /unknown option --jsno; did you mean --json\?/],
    [["run", "--modle", "m"], /unknown option --modle; did you mean --model\?/],
    [["train"], /CONFIG is missing/],
    [["train", "contextDecision", "other"], /unexpected argument "other"/],
    [["train", "contextDecision", "--out"], /--out needs a value/],
    [["train", "contextDecision", "--out", "--json=yes"], /--out needs a value/],
    [["doctor", "--json=yes"], /--json takes no value/],
    [["run", "--out", "a", "--out", "b"], /--out is given twice/],
    [["run", "--out", "a"], /--model is missing/],
    [["run", "--out", "a", "--seed", "-1"], /--seed needs a value/],
    [["run", "--out", "a", "--seed", "1.5"], /--seed: expected an integer/],
    [["constructor"], /unknown command constructor/],
  ])("%j", async (args, text) => {
    await refuse(args, text);
  });

  test("no command shows the help and is wrong; --help and --version are right", async () => {
    const [none, help, trainHelp, version] = await Promise.all(
      [[], ["--help"], ["train", "--help"], ["--version"]].map((args) => cortrain.start(args).finished),
    );
    expect(none).toMatchObject({ code: 2, stdout: "" });
    expect(none?.stderr).toContain("Usage: cortrain COMMAND");
    expect(help).toMatchObject({ code: 0, stderr: "" });
    for (const name of ["doctor", "train", "run", "grad"]) expect(help?.stdout).toContain(`  ${name} `);
    expect(trainHelp?.code).toBe(0);
    expect(trainHelp?.stdout).toContain("--resume");
    expect(version?.stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test("with --json an error is a line on stdout, too", async () => {
    const { code, stdout, stderr } = await cortrain.start(["train", "nothing.json", "--json"]).finished;
    expect(code).toBe(2);
    expect(jsonLines(stdout)).toEqual([{ error: { name: "FileFormatError", message: "nothing.json: no such file" } }]);
    expect(stderr).toBe("cortrain: FileFormatError: nothing.json: no such file\n");
  });

  test("CORTRAIN_DEBUG shows the stack", async () => {
    const { stderr } = await cortrain.start(["train", "nothing.json"], { environment: { CORTRAIN_DEBUG: "1" } })
      .finished;
    expect(stderr).toMatch(/\n\s+at /);
  });
});

describe("a training configuration", () => {
  test.each([
    ["unknown-key", { ...small, stpes: 3 }, /unknown-key\.json: stpes: unknown key; did you mean "steps"\?/],
    ["structure-key", { ...small, structure: { type: "multiAreaEI", hiden: 8 } }, /structure\.hiden: .*"hidden"/],
    ["structure-type", { ...small, structure: { type: "multiAreaEi", hidden: 8 } }, /"multiAreaEI"/],
    ["task-key", { ...small, task: { name: "contextDecision", coherence: [1] } }, /task\.coherence: .*"coherences"/],
    ["task-name", { ...small, task: "contextdecison" }, /"contextDecision"/],
    ["network-key", { ...small, network: { dt: 20 } }, /network\.dt: unknown key; did you mean "dtMs"\?/],
    ["optimizer-key", { ...small, optimizer: { type: "adam", rl: 1 } }, /optimizer\.rl: unknown key/],
    ["loss-type", { ...small, loss: [{ type: "meanSquareError" }] }, /"meanSquaredError"/],
    ["no-steps", { ...small, steps: undefined }, /steps: missing/],
    ["wrong-type", { ...small, steps: "3" }, /steps: expected/],
    ["both", { ...small, model: "model" }, /expected model, structure or psychrnn, got model and structure/],
    ["neither", { steps: 2, model: "model" }, /expected task, data or curriculum, got none of them/],
    [
      "network-of-model",
      { task: "contextDecision", model: "model", network: {}, steps: 2 },
      /network goes with struct/,
    ],
    ["two-times", { ...small, network: { dtMs: 20 }, task: { name: "contextDecision", dtMs: 40 } }, /task\.dtMs is 40/],
    ["alpha-range", { ...small, network: { dtMs: 200, tauMs: 100 } }, /dtMs 200 > tauMs 100/],
    ["areas", { ...small, structure: { type: "multiAreaEI", hidden: 8, areas: [4, 5] } }, /4 \+ 5 add up to 9/],
    ["no-model", { data: "trials.npz", model: "nowhere", steps: 2 }, /nowhere: not found/],
    ["no-data", { data: "nowhere.npz", model: "model", steps: 2 }, /nowhere\.npz: no such file/],
    ["broken-model", { data: "trials.npz", model: "broken", steps: 2 }, /weight_?IH/i],
    ["other-sizes", { data: "wide.npz", model: "model", steps: 2 }, /3 inputs .* the trials have 4/],
    ["too-many", { data: "trials.npz", model: "model", steps: 2, batch: 3 }, /at most the 2 trials/],
    ["not-json", "{", /not-json\.json: not valid JSON/],
    ["twice", `{"steps": 1, "steps": 2}`, /"steps" appears twice/],
    ["a-list", "[]", /expected an object/],
  ])("%s", async (name, content, text) => {
    await refuse(["train", config(name, content), "--out", at("never")], text);
  });

  test("a misspelt preset, a folder, an out that is a file, nothing to resume", async () => {
    await refuse(["train", "contextDecison"], /did you mean "contextDecision"\?/);
    await refuse(["train", at("empty")], /is a folder, expected a file/);
    await refuse(["train", "contextDecision", "--out", at("file")], /is a file, expected a folder/);
    await refuse(["train", "contextDecision", "--out", at("empty"), "--resume"], /there is no run in/);
    await refuse(["train", "contextDecision", "--resume"], /--resume needs --out/);
    const stdin = JSON.stringify({ ...small, stpes: 1 });
    const { code, stderr } = await cortrain.start(["train", "-"], { stdin }).finished;
    expect(stderr).toMatch(/stdin: stpes: unknown key/);
    expect(code).toBe(2);
  });
});

describe("files of run and grad", () => {
  const good = { model: at("model"), input: at("x.npy"), data: at("trials.npz"), loss: at("loss.json") };
  const run = (paths: Partial<typeof good>, ...more: string[]): string[] => {
    const { model: m, input } = { ...good, ...paths };
    return ["run", "--model", m, "--input", input, "--out", at("never"), ...more];
  };
  const grad = (paths: Partial<typeof good>, out = at("never/grads.npz")): string[] => {
    const { model: m, data, loss } = { ...good, ...paths };
    return ["grad", "--model", m, "--data", data, "--loss", loss, "--out", out];
  };
  beforeAll(() => array("x.npy", [4, 2, 3]));

  test("run", async () => {
    await refuse(run({ model: at("nowhere") }), /nowhere: not found/);
    await refuse(run({ model: at("file") }), /expected a model folder/);
    await refuse(run({ model: at("empty") }), /no model\.json/);
    await refuse(run({ model: at("broken") }), /weight_?IH/i);
    await refuse(run({ input: at("nowhere.npy") }), /no such file/);
    await refuse(run({ input: at("file") }), /file/);
    await refuse(run({ input: array("wide.npy", [4, 2, 4]) }), /wide\.npy: expected \[time, batch, 3\]/);
    await refuse(run({ input: array("flat.npy", [4]) }), /flat\.npy: expected/);
    await refuse(run({ input: array("none.npy", [0, 2, 3]) }), /time steps/);
    await refuse(run({ input: array("nan.npy", [4, 2, 3], Number.NaN) }), /finite/);
    await refuse(run({}, "--v0", array("v0.npy", [3, 5])), /v0\.npy: expected \[2, 5\]/);
  });

  test("grad", async () => {
    writeFileSync(cortrain.path("bad-loss.json"), `[{"type":"meanSquaredError","wieght":1}]`);
    await refuse(grad({ loss: at("bad-loss.json") }), /bad-loss\.json: \[0\]\.wieght: unknown key.*"weight"/);
    await refuse(grad({ loss: at("nowhere.json") }), /no such file/);
    await refuse(grad({ data: at("wide.npz") }), /inputs: expected \[4, 2, 3\]/);
    await refuse(grad({ data: at("x.npy") }), /x\.npy/);
    await refuse(grad({}, at("empty")), /is a folder, expected a file/);
  });
});
