import { readFileSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { statistics } from "../../src/index.ts";
import { decodeNpz } from "../../src/io/npz.ts";
import { symbolTasks } from "../../src/plasticity/symbols/tasks.ts";
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

test("avalanches, branching and damage are measured and drawn, of the replicas that have them", async () => {
  const content = {
    ...{ network: { excitatory: 40 }, seed: 3, replicas: 2, damage: { steps: 6, pairs: 5 } },
    avalanches: { ranges: { durations: [1, 20], sizes: [1, 300] }, threshold: 3, samples: 10 },
    phases: [
      { name: "one", steps: 700 },
      { name: "two", steps: 8, freeze: "all", record: ["excitatoryRate"] },
    ],
  };
  const { stdout } = await cortrain.succeed(["sorn", config("measures", content), "--out", "measures", "--json"]);
  const numbers = jsonLines(stdout).at(-1)?.["numbers"] as {
    phase: string;
    name: string;
    values: (number | null)[];
    pooled?: true;
  }[];
  const of = (phase: string, name: string, pooled?: true) =>
    numbers.find((each) => each.phase === phase && each.name === name && each.pooled === pooled)?.values;
  const rates = decodeNpz(readFileSync(cortrain.path("measures", "records", "one.npz")), "one").get("excitatoryRate");
  const activities: Float32Array[] = [];
  for (const replica of [0, 1]) {
    const activity = (rates?.data ?? new Float32Array())
      .slice(700 * replica, 700 * (replica + 1))
      .map((rate) => Math.round(40 * rate)) as Float32Array;
    activities.push(activity);
    const { avalanches, durations } = statistics.fitAvalanches(activity, {
      ...{ units: 40, threshold: 3, ranges: { durations: [1, 20], sizes: [1, 300] } },
    });
    expect(of("one", "avalanches")?.[replica]).toBe(avalanches.durations.length);
    expect(of("one", "alpha of durations")?.[replica] ?? undefined).toBe(durations?.exponent);
    expect(of("one", "susceptibility")?.[replica]).toBe(statistics.susceptibility(activity, 40));
    expect(of("one", "branching ratio (multistep)")?.[replica]).toBe(
      statistics.multistepBranching(activity, { maxLag: 100 }).ratio,
    );
    const distance = JSON.parse(readFileSync(cortrain.path("measures", "records", "one.json"), "utf8")).damage[replica]
      .distance as number[];
    expect(distance).toHaveLength(7);
    expect(of("one", "damage: distance at its end")?.[replica]).toBe(distance[6]);
  }
  const together = statistics.fitPooledAvalanches(activities, {
    ...{ units: 40, threshold: 3, ranges: { durations: [1, 20], sizes: [1, 300] } },
  });
  expect(of("one", "avalanches", true)).toEqual([together.avalanches.durations.length]);
  expect(of("one", "alpha of durations", true)).toEqual([together.durations?.exponent]);
  const error = "alpha of durations: standard error over replicas";
  expect(of("one", error, true)).toEqual([together.overNetworks.durations]);
  expect(readFileSync(cortrain.path("measures", "numbers.csv"), "utf8")).toContain(
    `one,"${error}",all,${together.overNetworks.durations}\n`,
  );
  expect(readFileSync(cortrain.path("measures", "summary.txt"), "utf8")).toContain(
    "\nphase one, all replicas together\n",
  );
  // Of zheng2013 inhibition never goes: its floor is above 0.
  const counts = ["I-E synapses at its start", "I-E synapses, fewest", "I-E synapses at its end"];
  for (const name of counts) expect(of("one", name), name).toEqual(of("end", "I-E synapses"));
  expect(of("one", "alpha of durations: goodness p")?.[0]).toBeTypeOf("number");
  expect(of("two", "alpha of durations"), "too few").toBeUndefined();
  expect(of("two", "CV of intervals"), "no spikes").toBeUndefined();
  const files = cortrain.files("measures/figures");
  for (const file of ["avalanches-one", "avalanches-together-one", "damage-one", "damage-two"])
    expect(files).toContain(`${file}.svg`);
});

test("a task's symbols are shown, and named by a readout after the phase; a run in parts is the same run", async () => {
  const whole = {
    ...{
      network: { preset: "lazar2009", excitatory: 40, connections: { input: { type: "pools", size: 6 } } },
      seed: 4,
    },
    ...{ task: { name: "counting", length: 2 }, readout: { train: 120, test: 60, ahead: [0, 1] }, steps: 100 },
  };
  const { stdout } = await cortrain.succeed(["sorn", config("task", whole), "--out", "task", "--json"]);
  expect(jsonLines(stdout).at(-1)).toMatchObject({ step: 280 });
  const { readout } = JSON.parse(readFileSync(cortrain.path("task", "records", "plastic.json"), "utf8"));
  // The sequence is that of the network's seed and life: the readout's test begins at step 220.
  const sequence = symbolTasks.counting({ length: 2 }).sequence(281, 4).symbols;
  expect(readout.scores.map(({ ahead }: { ahead: number }) => ahead)).toEqual([0, 1]);
  for (const { ahead, symbols, named, accuracy } of readout.scores) {
    expect(symbols).toEqual([...sequence.slice(220 + ahead, 280 + ahead)]);
    const right = symbols.filter((symbol: number, index: number) => symbol === named[index]).length;
    expect(accuracy).toBeCloseTo(right / 60, 12);
  }
  expect(readFileSync(cortrain.path("task", "summary.txt"), "utf8")).toContain("present symbol: accuracy ");
  const { steps: _steps, readout: reading, ...rest } = whole;
  const first = config("task1", { ...rest, phases: [{ name: "a", steps: 70 }] });
  await cortrain.succeed(["sorn", first, "--out", "task1"]);
  const last = { ...rest, state: "task1", phases: [{ name: "plastic", steps: 30, readout: reading }] };
  await cortrain.succeed(["sorn", config("task2", last), "--out", "task2"]);
  expect(state("task2").equals(state("task"))).toBe(true);
  const again = JSON.parse(readFileSync(cortrain.path("task2", "records", "plastic.json"), "utf8"));
  expect(again.readout).toEqual(readout);
});

test("Ctrl-C writes the state, records and figures so far, exits with 130, and the run goes on to the same bits", async () => {
  const long = (steps: number, more = {}) => ({
    ...base,
    record: ["excitatoryRate"],
    phases: [{ name: "a", steps }],
    ...more,
  });
  const total = 2000;
  const { child, finished } = cortrain.start(["sorn", config("long", long(total)), "--out", "stopped", "--json"]);
  await new Promise<void>((seen) => {
    child.stdout?.on("data", (part: Buffer) => {
      if (part.toString().includes('"report"')) seen();
    });
  });
  child.kill("SIGINT");
  const { code, stdout, stderr } = await finished;
  expect(code, stderr).toBe(130);
  const done = jsonLines(stdout).at(-1);
  expect(done).toMatchObject({ event: "done", stopped: "aborted" });
  const steps = done?.["step"] as number;
  expect(steps).toBeLessThan(total);
  expect(cortrain.files("stopped")).toContain("figures/weights.svg");
  const rates = decodeNpz(readFileSync(cortrain.path("stopped", "records", "a.npz")), "a").get("excitatoryRate");
  expect(rates?.shape).toEqual([2, steps]);
  await cortrain.succeed(["sorn", config("long", long(total)), "--out", "unstopped"]);
  await cortrain.succeed(["sorn", config("rest2", long(total - steps, { state: "stopped" })), "--out", "goneon"]);
  expect(state("goneon").equals(state("unstopped"))).toBe(true);
});

test.each([
  [{ steps: 5, task: { name: "countin" } }, /task.*counting/],
  [{ steps: 5, task: { name: "counting", lenght: 3 } }, /lenght: unknown key; did you mean "length"/],
  [{ steps: 5, task: { name: "counting" } }, /task "counting" has 6 symbols that are shown, and the network 0 inputs/],
  [{ steps: 5, readout: {} }, /readout names the symbols of a task/],
  [
    {
      network: { inputs: 6 },
      phases: [{ name: "a", steps: 5, task: { name: "counting" }, inputs: { type: "uniform" } }],
    },
    /a: expected inputs or a task, got both/,
  ],
  [{ readout: {}, phases: [{ name: "a", steps: 5 }] }, /readout goes with steps/],
  [
    { network: { inputs: 6 }, steps: 5, task: { name: "counting" }, readout: { train: 20, test: 5, ahead: -5 } },
    /readout: ahead: expected integers above -5, got -5/,
  ],
  [{ network: { excitatory: 10 }, steps: 5, damage: { pairs: 11 } }, /expected at most 10 pairs.*got 11/],
  [{ steps: 5, avalanches: { ranges: { durations: [9, 9], sizes: [1, 2] } } }, /durations/],
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
