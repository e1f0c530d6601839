import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeNpz } from "../../src/io/npz.ts";
import { CommandLine, jsonLines } from "./cortrain.ts";

const cortrain = new CommandLine();
const base = {
  network: { excitatory: 30, inputs: 3, storage: "dense" },
  ...{ seed: 5, replicas: 2, inputs: { type: "random", hold: 2 } },
};

function config(name: string, content: object): string {
  writeFileSync(cortrain.path(`${name}.json`), JSON.stringify(content));
  return `${name}.json`;
}

const state = (run: string): Buffer => readFileSync(cortrain.path(run, "state.safetensors"));

test("a run leaves its configuration, records, state, numbers and figures, and repeats itself", async () => {
  const { stdout } = await cortrain.succeed(["sorn", config("first", { ...base, steps: 60 }), "--out", "a", "--json"]);
  const events = jsonLines(stdout);
  expect(events.map(({ event }) => event).filter((event) => event !== "report")).toEqual(["start", "done"]);
  expect(events.at(-1)).toMatchObject({ step: 66, stopped: "steps" });
  const files = cortrain.files("a");
  for (const file of ["raster-plastic", "rates-frozen", "connection-fraction", "weights", "degrees", "graph"])
    expect(files).toContain(`figures/${file}.svg`);
  const arrays = decodeNpz(readFileSync(cortrain.path("a", "records", "plastic.npz")), "plastic");
  expect(arrays.get("ExcitatoryActivation")?.shape).toEqual([2, 60, 30]);
  expect(arrays.get("connectionFraction")?.shape).toEqual([2, 60]);
  expect(readFileSync(cortrain.path("a", "summary.txt"), "utf8")).toContain("stdp   rate 0.004, maximum 1");
  const rate = readFileSync(cortrain.path("a", "numbers.csv"), "utf8").match(/plastic,"excitatory rate",1,(.*)/)?.[1];
  const spikes = arrays.get("ExcitatoryActivation")?.data.slice(60 * 30) ?? new Float32Array();
  expect(Number(rate)).toBeCloseTo(spikes.reduce((sum, value) => sum + value, 0) / 1800, 6);
  await cortrain.succeed(["sorn", "a/config.json", "--out", "b"]);
  expect(state("b").equals(state("a"))).toBe(true);
});

test("a run goes on from a state to the same bits", async () => {
  const phases = (...steps: number[]) => steps.map((count, index) => ({ name: `p${index}`, steps: count }));
  const record = ["excitatoryRate"];
  await cortrain.succeed(["sorn", config("whole", { ...base, record, phases: phases(25, 15) }), "--out", "whole"]);
  await cortrain.succeed(["sorn", config("part", { ...base, record, phases: phases(25) }), "--out", "part"]);
  const rest = config("rest", { ...base, record, phases: phases(15), state: "part" });
  await cortrain.succeed(["sorn", rest, "--out", "rest"]);
  expect(state("rest").equals(state("whole"))).toBe(true);
});

test.each([
  [{ steps: 5, network: { excitatroy: 3 } }, /excitatroy: unknown key.*"excitatory"/],
  [{ steps: 5, phases: [] }, /phases/],
  [{}, /expected steps or phases, got none/],
  [{ steps: 5, inputs: { type: "uniform" } }, /the network has none/],
  [{ steps: 5, network: { excitatory: 2, inputs: 3 } }, /3 inputs need 3 excitatory units/],
  [{ phases: [{ name: "a", steps: 5, freeze: ["spt"] }] }, /freeze/],
  [{ steps: 5, record: ["WEEE"] }, /record/],
  [{ steps: 5, state: "nowhere" }, /nowhere: no such file/],
])("%j is refused", async (wrong, message) => {
  const { code, stderr } = await cortrain.run(["sorn", config("wrong", wrong), "--out", "never"]);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
  expect(cortrain.files("never")).toEqual([]);
});
