import { describe, expect, it, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { angleBetween, populationVector } from "../../src/tasks/angles.ts";
import { psychometric } from "../../src/tasks/psychometric.ts";
import type { TrialBatch } from "../../src/tasks/task.ts";
import { longestTiming, ruleSpecs, yangPeriods, yangRules } from "../../src/tasks/yang/rules.ts";
import { yang2019, yangRule } from "../../src/tasks/yang/yang2019.ts";
import golden from "../fixtures/golden/tasks/yang2019.json" with { type: "json" };
import performance from "../fixtures/golden/tasks/yang2019-performance.json" with { type: "json" };
import { expectRuns, type RunsJson } from "../support/runs.ts";

interface GoldenTrial {
  readonly x: RunsJson;
  readonly y: RunsJson;
  readonly c_mask: RunsJson;
  readonly y_loc: RunsJson;
}
const trialsOf = golden.trials as unknown as Record<string, readonly GoldenTrial[]>;
const epochsOf = golden.trials as unknown as Record<string, Record<string, readonly (number | null)[]>>;
const at = (values: ArrayLike<number> | undefined, index: number): number => values?.[index] ?? Number.NaN;

/** What the file's parameters are in our conditions. */
function conditionsOf(rule: (typeof yangRules)[number]): Record<string, number | readonly number[]> {
  const { go_family: go, dm_family: dm, match_family: match } = golden.params;
  const { family, multimodal, attend } = ruleSpecs[rule];
  if (family === "go") {
    const angles = { stim1: go.stim_locs, modality1: 1 };
    if (rule.startsWith("fd")) return { ...angles, fix1Ms: 300, stim1Ms: go.stim_time, go1Ms: 400 };
    if (rule.startsWith("react")) return { ...angles, fix1Ms: 1000, go1Ms: 400 };
    return { ...angles, fix1Ms: go.stim_ons, stim1Ms: go.stim_offs - go.stim_ons, delay1Ms: go.delay_time, go1Ms: 400 };
  }
  if (family === "match")
    return {
      ...{ stim1: match.stim1_locs, stim2: match.stim2_locs, modality1: 1, modality2: 1 },
      ...{ fix1Ms: 500, stim1Ms: 300, delay1Ms: 1200, go1Ms: 500 },
    };
  const angles = { stim1: dm.stim1_locs, stim2: dm.stim2_locs };
  const strengths = multimodal
    ? {
        ...{ stim1Mod1: dm.stim1_mod1_strengths, stim2Mod1: dm.stim2_mod1_strengths },
        ...{ stim1Mod2: dm.stim1_mod2_strengths, stim2Mod2: dm.stim2_mod2_strengths },
      }
    : { [`stim1Mod${attend}`]: dm.stim1_strengths, [`stim2Mod${attend}`]: dm.stim2_strengths };
  const inTurn = rule.includes("delay");
  const times = inTurn
    ? {
        ...{ fix1Ms: dm.stim1_ons, stim1Ms: dm.stim1_offs - dm.stim1_ons, stim2Ms: dm.stim2_offs - dm.stim2_ons },
        ...{ delay1Ms: dm.stim2_ons - dm.stim1_offs, delay2Ms: 200, go1Ms: 300 },
      }
    : { fix1Ms: multimodal ? 500 : 300, stim1Ms: dm.stim_time, go1Ms: multimodal ? 500 : 400 };
  return { ...angles, ...strengths, ...times };
}

describe("golden trials of gyyang/multitask, noise off", () => {
  expect([...yangRules]).toEqual(golden.rules);
  const task = yang2019({ ringUnits: golden.config.n_eachring, noise: 0 });

  test.each(yangRules)("%s", (rule) => {
    const expected = trialsOf[rule] ?? [];
    expect(expected.length).toBeGreaterThan(1);
    const batch = task.batch({ trials: expected.length, seed: 1, trim: true, rule, ...conditionsOf(rule) });
    expected.forEach(({ x, y, c_mask, y_loc }, trial) => {
      expectRuns("x", batch, "inputs", trial, x);
      expectRuns("y", batch, "targets", trial, y);
      expectRuns("c_mask", batch, "mask", trial, c_mask);
      expect([Math.fround(at(batch.conditions.response, trial))]).toEqual(y_loc.at(-1)?.[2]);
    });
    for (const [name, [from, to]] of Object.entries(epochsOf[`${rule}__epochs`] ?? {}))
      expect(batch.periods[name], name).toEqual({ from: from ?? 0, to: to ?? batch.steps });
  });

  test("inputs and outputs", () => {
    expect([task.inputs, task.outputs]).toEqual([golden.config.n_input, golden.config.n_output]);
    expect([yang2019().inputs, yang2019().outputs]).toEqual([85, 33]);
  });
});

describe("golden performance", () => {
  const { y_hat_last, y_loc_last, popvec, perf } = performance;

  test("population vector", () => {
    for (const [trial, row] of y_hat_last.entries())
      expect(populationVector(row.slice(1))).toBeCloseTo(at(popvec, trial), 12);
  });

  test("fixation and direction at the last step of each trial", () => {
    const task = yang2019({ ringUnits: 8 });
    // Trials of different lengths: each is judged at its own last step.
    const batch = task.batch({ trials: 4, seed: 1, rule: "fdgo", stim1Ms: [200, 700, 400, 900], response: y_loc_last });
    const outputs = new Float32Array(batch.targets.length).fill(Number.NaN);
    y_hat_last.forEach((row, trial) => {
      outputs.set(row, ((at(batch.lengths, trial) - 1) * 4 + trial) * 9);
    });
    expect([...task.correct(outputs, batch)]).toEqual(perf.map(Number));
    expect(task.accuracy(outputs, batch)).toBe(0.75);
  });
});

/** Outputs that are what is asked for, or that keep fixating. */
function perfect(batch: TrialBatch): Float32Array {
  return batch.targets;
}

describe("yang2019", () => {
  const task = yang2019();

  it("makes trials of every rule that its targets solve, and that fixation solves only where it should", () => {
    const batch = task.batch({ trials: 400, seed: 5, balanced: ["rule"] });
    expect(task.accuracy(perfect(batch), batch)).toBe(1);
    const fixating = new Float32Array(batch.targets.length).fill(0.8);
    const points = psychometric(task, fixating, batch, "rule");
    expect(points.map(({ label }) => label)).toEqual([...yangRules]);
    for (const { label = "", accuracy, trials } of points) {
      expect(trials).toBe(20);
      if (label.startsWith("dm") && label.includes("go")) expect(accuracy).toBeGreaterThan(0);
      else expect(accuracy).toBe(0);
    }
  });

  it("draws times, angles and strengths from the ranges of each rule", () => {
    const trials = 4000;
    const batch = task.batch({ trials, seed: 6 });
    const { conditions } = batch;
    for (let trial = 0; trial < trials; trial += 1) {
      const rule = yangRules[at(conditions.rule, trial)] ?? "fdgo";
      const spec = ruleSpecs[rule];
      for (const period of yangPeriods) {
        const ms = at(conditions[`${period}Ms`], trial);
        const timing = spec.timing[period];
        if (timing === undefined) expect(ms).toBe(0);
        else if ("between" in timing) expect(ms >= timing.between[0] && ms < timing.between[1]).toBe(true);
        else expect(timing).toContain(ms);
      }
      const { family, match, coherences = [] } = spec;
      const apart = angleBetween(at(conditions.stim1, trial), at(conditions.stim2, trial));
      if (family === "decision") {
        expect(apart).toBeGreaterThanOrEqual(0.5 * Math.PI - 1e-9);
        expect(coherences).toContain(Math.abs(at(conditions.coherence, trial)));
      }
      if (match === "sample") expect(apart < 1e-9 || apart > Math.PI / 9 - 1e-9).toBe(true);
    }
    const longest = Math.max(
      ...yangRules.map((rule) =>
        yangPeriods.reduce((sum, name) => sum + longestTiming(ruleSpecs[rule].timing[name]), 0),
      ),
    );
    expect(batch.steps).toBe(longest / 20);
    expect(Math.max(...(batch.lengths ?? []))).toBeLessThanOrEqual(batch.steps);
  });

  it("has an uneven sum of two modalities that only the sum tells apart", () => {
    const multi = yangRule("multidm");
    const { conditions } = multi.batch({ trials: 500, seed: 7, coherence: 0.02 });
    for (let trial = 0; trial < 500; trial += 1) {
      const sum = (name: string): number => at(conditions[`${name}Mod1`], trial) + at(conditions[`${name}Mod2`], trial);
      expect(sum("stim1") - sum("stim2")).toBeCloseTo(4 * 0.02, 12);
      expect(at(conditions.response, trial)).toBe(at(conditions.stim1, trial));
    }
  });

  it("takes some rules, with probabilities and inputs for these alone", () => {
    const some = yang2019({ rules: ["dm1", "dmsgo"], probabilities: { dm1: 3 } });
    expect(some.inputNames.slice(-2)).toEqual(["dm1", "dmsgo"]);
    expect(some.inputs).toBe(67);
    const { conditions } = some.batch({ trials: 2000, seed: 1 });
    const share = (conditions.rule ?? new Float64Array()).filter((rule: number) => rule === 0).length / 2000;
    expect(Math.abs(share - 0.75)).toBeLessThan(0.04);
    expect(some.batch({ trials: 4, seed: 1, rule: "dmsgo" }).conditions.rule).toEqual(Float64Array.of(1, 1, 1, 1));
    expect(some.chance).toBe(0.5);
    expect(yangRule("dm1").inputs).toBe(65);
    expect(yangRule("dm1").name).toBe("dm1");
    expect(yang2019({ rules: ["dm1"], ruleInputs: true }).inputs).toBe(66);
    // Coherences can be balanced where all rules share them.
    const { conditions: even } = yangRule("dm1").batch({ trials: 16, seed: 1, balanced: ["coherence"] });
    expect(new Set(even.coherence).size).toBe(8);
  });

  it("names what is wrong", () => {
    expect(() => yang2019({ rules: ["dm3" as "dm1"] })).toThrow(/did you mean/);
    expect(() => yang2019({ rules: ["dm1", "dm1"] })).toThrow(ConfigError);
    expect(() => yang2019({ rules: ["dm1"], probabilities: { dm2: 1 } })).toThrow(/dm2/);
    expect(() => task.batch({ trials: 1, seed: 1, rule: "dms" })).toThrow(/did you mean/);
  });
});
