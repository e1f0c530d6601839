import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { decodeNpz, encodeNpz } from "../../src/io/npz.ts";
import { checkXml } from "../plot/xml.ts";
import { ringRecording, ringTruth } from "../reference/nsi-recording.ts";
import { CommandLine, jsonLines } from "./cortrain.ts";

const cortrain = new CommandLine();
const ring = {
  ...{ type: "ring", ring: { units: 16 }, trials: 6, steps: 40, settleSteps: 30, noise: 0.05 },
  test: { trials: 2, steps: 60 },
};
const settings = { window: 5, updates: 6, every: 3 };
const condition = (name: string, network: object, more: object = {}) => ({
  name,
  settings: { ...settings, network, ...more },
});

function config(name: string, content: object): string {
  writeFileSync(cortrain.path(`${name}.json`), JSON.stringify(content));
  return `${name}.json`;
}

const read = (...names: string[]): string => readFileSync(cortrain.path(...names), "utf8");
const arraysOf = (...names: string[]) => decodeNpz(readFileSync(cortrain.path(...names)), "arrays");

const figuresOf = (run: string): string[] => {
  const names = cortrain.files(`${run}/figures`);
  for (const name of names) {
    const text = read(run, "figures", name);
    checkXml(text);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  }
  return names;
};

/** The rows of scores.csv by method, seed and score. */
const scoresOf = (run: string): Map<string, string> =>
  new Map(
    read(run, "scores.csv")
      .trim()
      .split("\n")
      .slice(1)
      .map((line) => [line.slice(0, line.lastIndexOf(",")), line.slice(line.lastIndexOf(",") + 1)]),
  );

test("a simulated ring: networks, scores and figures of every condition, and config.json repeats the run", async () => {
  const conditions = [
    condition("separated", { type: "separated", hidden: 16 }),
    condition("all", { type: "elman" }, { replicas: 1 }),
    condition("zhang", { type: "zhang" }, { alpha: 0.9 }),
  ];
  const content = { recording: ring, conditions, replicas: 2, seed: 7 };
  const { stdout } = await cortrain.succeed(["identify", config("first", content), "--out", "a", "--json"]);
  const events = jsonLines(stdout);
  expect(events.map(({ event }) => event)).toEqual(["start", ...new Array(6).fill("report"), "done"]);
  expect(events.slice(1, 3)).toMatchObject([
    { condition: "separated", step: 3 },
    { condition: "separated", step: 6 },
  ]);
  expect(events.at(-1)).toMatchObject({ stopped: "done" });

  expect(figuresOf("a")).toEqual([
    ...["bump-all.svg", "bump-separated.svg", "bump-zhang.svg"],
    ...["connectivity-all.svg", "connectivity-separated.svg", "connectivity-zhang.svg"],
    ...["phase-all.svg", "phase-separated.svg", "phase-zhang.svg", "scores.svg"],
    ...["tuning-all.svg", "tuning-separated.svg", "tuning-zhang.svg"],
  ]);
  const files = cortrain.files("a/networks");
  for (const name of ["separated/7/model.json", "separated/8/model.json", "all/7/model.json", "zhang/8/network.npz"])
    expect(files).toContain(name);
  expect(files).not.toContain("all/8");
  const arrays = arraysOf("a", "connectivity.npz");
  expect(arrays.get("true_velocity_weights")?.shape).toEqual([1, 16, 16]);
  expect(arrays.get("separated_8_weights")?.shape).toEqual([32, 32]);
  expect(arrays.get("separated_8_input_weights")?.shape).toEqual([32, 1]);
  expect(arrays.get("zhang_7_velocity_weights")).toEqual(
    arraysOf("a", "networks", "zhang", "7", "network.npz").get("velocity_weights"),
  );
  const metrics = jsonLines(read("a", "metrics.jsonl"));
  expect(metrics).toHaveLength(6);
  expect(metrics[0]).toMatchObject({ condition: "separated", step: 3 });
  expect(metrics.map(({ losses }) => (losses as number[]).length)).toEqual([2, 2, 1, 1, 2, 2]);

  const table = read("a", "scores.txt");
  for (const name of ["separated", "all", "zhang", "ridge-drop", "ridge-hinge", "correlations"])
    expect(table).toContain(name);
  const csv = read("a", "scores.csv");
  expect(csv).toContain("connectivity.weightCorrelation");
  expect(csv).toContain("shifter.hidden.signAgreement");
  expect(csv).toContain("freeRun.errors.50.phaseError");
  expect(Object.keys(JSON.parse(read("a", "scores.json")).conditions)).toEqual(
    expect.arrayContaining(["separated", "zhang", "correlations"]),
  );

  const written = JSON.parse(read("a", "config.json"));
  expect(written.conditions[0].settings).toMatchObject({
    ...{ network: { type: "separated", hidden: 16 }, window: 5, lr: 3e-4, weightL2: 12, initialScale: 0.03 },
    ...{ observedScale: 0, replicas: 2, seed: 7, keepBest: true, windowStart: "own" },
  });
  expect(written.conditions[1].settings.replicas).toBe(1);
  expect(written.run.cortrain).toBeTypeOf("string");
  await cortrain.succeed(["identify", "a/config.json", "--out", "b"]);
  expect(read("b", "scores.csv")).toBe(csv);
  expect(arraysOf("b", "connectivity.npz")).toEqual(arrays);
  expect({ ...JSON.parse(read("b", "config.json")), run: 0 }).toEqual({ ...written, run: 0 });

  const { code, stderr } = await cortrain.run(["identify", "first.json", "--out", "a"]);
  expect([code, stderr]).toEqual([2, expect.stringContaining("a")]);
});

const recording = ringRecording({ units: 16, steps: 40, trials: 7, noise: 0.05, settle: 40 });
const array = (values: ArrayLike<number>, shape: readonly number[]) => ({ shape, data: Float32Array.from(values) });
const { weights, velocityWeights } = ringTruth(16, { c: 0.6, k: 0.375, h: -0.18 });

/** Places on a circle of one metre, at the angle of the heading. */
const places = Array.from(recording.headings ?? [], (heading) => [Math.cos(heading), Math.sin(heading)]).flat();

function recorded(name: string, parts: { headings: boolean }): string {
  const arrays = new Map([
    ["rates", array(recording.rates, [40, 7, 16])],
    ["velocities", array(recording.velocities, [40, 7, 1])],
    ...(parts.headings ? [["headings", array(recording.headings ?? [], [40, 7])] as const] : []),
    ...(parts.headings ? [["positions", array(places, [40, 7, 2])] as const] : []),
  ]);
  writeFileSync(cortrain.path(`${name}.npz`), encodeNpz(arrays));
  return `${name}.npz`;
}

test("recorded activity: with what is known of it, and without", async () => {
  const truth = new Map([
    ["weights", array(weights, [16, 16])],
    ["velocity_weights", array(velocityWeights, [1, 16, 16])],
  ]);
  writeFileSync(cortrain.path("truth.npz"), encodeNpz(truth));
  const conditions = [condition("separated", { type: "separated", hidden: 6 }), condition("zhang", { type: "zhang" })];
  const file = { type: "file", dtMs: 25, testTrials: 2 };
  const known = { ...file, path: recorded("known", { headings: true }), truth: "truth.npz" };
  await cortrain.succeed(["identify", config("known", { recording: known, conditions }), "--out", "known"]);
  expect(figuresOf("known")).toHaveLength(11);
  expect(figuresOf("known")).toEqual(expect.arrayContaining(["places-separated.svg", "places-zhang.svg"]));
  const scores = [...scoresOf("known").keys()].join("\n");
  expect(scores).toContain("connectivity.weightCorrelation");
  expect(scores).toContain("freeRun.gain");
  for (const score of ["headingInformation", "placeInformation", "gridScore", "bestGridScore"])
    for (const group of ["response", "hidden"]) expect(scores).toContain(`spatial.${group}.${score}`);
  expect(arraysOf("known", "connectivity.npz").has("true_weights")).toBe(true);

  const unknown = { ...file, path: recorded("unknown", { headings: false }) };
  const { stdout } = await cortrain.succeed([
    "identify",
    config("unknown", { recording: unknown, conditions }),
    "--out",
    "unknown",
  ]);
  expect(stdout).toContain("5 trials of 40 steps of 16 units; scored on 2 others of 40");
  expect(figuresOf("unknown")).toEqual(["connectivity-separated.svg", "connectivity-zhang.svg", "scores.svg"]);
  const few = [...scoresOf("unknown").keys()].join("\n");
  expect(few).toContain("connectivity.circulantShare");
  expect(few).toContain("shifter.hidden.shifterIndex");
  expect(few).not.toContain("spatial");
  expect(arraysOf("unknown", "connectivity.npz").has("true_weights")).toBe(false);
});

test("Ctrl-C scores and writes what is fitted so far, and exits with 130", async () => {
  const content = {
    recording: ring,
    conditions: [
      condition("long", { type: "elman" }, { updates: 1_000_000, every: 5 }),
      condition("never", { type: "elman" }),
    ],
  };
  const { child, finished } = cortrain.start(["identify", config("long", content), "--out", "stopped", "--json"]);
  await new Promise<void>((seen) => {
    child.stdout?.on("data", (part: Buffer) => {
      if (part.toString().includes('"report"')) seen();
    });
  });
  child.kill("SIGINT");
  const { code, stdout, stderr } = await finished;
  expect(code, stderr).toBe(130);
  expect(jsonLines(stdout).at(-1)).toMatchObject({ event: "done", stopped: "aborted" });
  expect(cortrain.files("stopped/networks")).toContain("long/0/model.json");
  expect(cortrain.files("stopped/networks")).not.toContain("never");
  expect(read("stopped", "scores.csv")).toContain("long");
  expect(figuresOf("stopped")).toContain("connectivity-long.svg");
});

const one = [condition("a", { type: "elman" })];
test.each<[object, RegExp]>([
  [{}, /conditions/],
  [{ conditions: [] }, /conditions/],
  [{ conditions: one, recordings: {} }, /recordings: unknown key; did you mean "recording"/],
  [{ conditions: one, recording: { type: "rings" } }, /recording/],
  [{ conditions: one, recording: { ...ring, noize: 1 } }, /noize: unknown key; did you mean "noise"/],
  [{ conditions: one, recording: { type: "file", path: "nowhere.npz", dtMs: 25 } }, /nowhere\.npz: no such file/],
  [{ conditions: [...one, ...one] }, /conditions: two are named "a"/],
  [{ conditions: [{ name: "a b" }] }, /must be 1 to 40 letters/],
  [{ conditions: [{ name: "a", preset: "nsj" }] }, /preset/],
  [
    { conditions: [{ name: "a", settings: { updatse: 3 } }] },
    /conditions\[0\]\.settings.*updatse: unknown key; did you mean "updates"/s,
  ],
  [{ conditions: [{ name: "a", settings: { network: { type: "zhang" }, clip: 1 } }] }, /without clip and rateL2/],
])("%j is refused", async (wrong, message) => {
  const { code, stderr } = await cortrain.run(["identify", config("wrong", wrong), "--out", "never"]);
  expect(stderr).toMatch(message);
  expect(code).toBe(2);
  expect(cortrain.files("never")).toEqual([]);
});

test("a recording that does not fit is refused before anything is written", async () => {
  const content = (part: object) => ({
    recording: { type: "file", dtMs: 25, path: "short.npz", ...part },
    conditions: one,
  });
  const put = (parts: readonly (readonly [string, ReturnType<typeof array>])[]) =>
    writeFileSync(cortrain.path("short.npz"), encodeNpz(new Map(parts)));
  const refused = async (part: object, message: string): Promise<void> => {
    const { code, stderr } = await cortrain.run(["identify", config("short", content(part)), "--out", "never"]);
    expect(stderr).toContain(message);
    expect(code).toBe(2);
    expect(cortrain.files("never")).toEqual([]);
  };
  const rates = ["rates", array(new Float32Array(60), [5, 4, 3])] as const;
  const velocities = ["velocities", array(new Float32Array(20), [5, 4, 1])] as const;
  put([rates]);
  await refused({}, "velocities [time, trial, component] is missing; the file has rates");
  put([["rates", array(new Float32Array(60), [20, 3])], velocities]);
  await refused({}, "rates: expected [time, trial, unit]");
  put([rates, velocities]);
  await refused({ testTrials: 3 }, "recording.testTrials: 3 of the 4 trials leave fewer than two to train on");
  put([rates, velocities, ["positions", array(new Float32Array(60), [5, 4, 3])]]);
  await refused({}, "positions: expected [5, 4, 1] or [5, 4, 2] (step, trial, component), got 60 values");
  put([rates, velocities]);
  writeFileSync(cortrain.path("small.npz"), encodeNpz(new Map([["weights", array(new Float32Array(4), [2, 2])]])));
  await refused({ truth: "small.npz" }, "weights: expected [3, 3], got");
});
