import { describe, expect, test } from "vitest";
import { delayedReport } from "../../src/tasks/motor/delayed-report.ts";
import type { TrialBatch } from "../../src/tasks/task.ts";
import { intervalDiscrimination } from "../../src/tasks/timing/interval-discrimination.ts";
import { oneTwoThreeGo } from "../../src/tasks/timing/one-two-three-go.ts";
import { readySetGo } from "../../src/tasks/timing/ready-set-go.ts";
import golden from "../fixtures/golden/tasks/neurogym.json" with { type: "json" };
import { expectRuns, type RunsJson } from "../support/runs.ts";

const compat = "neurogym" as const;

/** Expects all periods of a golden trial under our names: those of a group are one after another there. */
function expectPeriods(
  batch: TrialBatch,
  { start_ind, end_ind }: { readonly start_ind: object; readonly end_ind: object },
  ours: Readonly<Record<string, readonly [first: string, last: string]>> = {},
): void {
  expect(Object.keys(start_ind).length).toBeGreaterThan(2);
  for (const [name, from] of Object.entries(start_ind)) {
    const [first, last] = ours[name] ?? [name, name];
    expect([batch.periods[first]?.from, batch.periods[last]?.to], name).toEqual([from, Reflect.get(end_ind, name)]);
  }
}

/** Expects inputs as given, targets as given, and every step to count. */
function expectTrial(batch: TrialBatch, ob: RunsJson, targets: RunsJson): void {
  for (const trial of [0, 1]) {
    expectRuns("ob", batch, "inputs", trial, ob);
    expectRuns("gt", batch, "targets", trial, targets);
  }
  expect(batch.mask.every((weight) => weight === 1)).toBe(true);
}

describe("golden trials of neurogym, noise off", () => {
  const keys = { trials: 2, seed: 3, trim: true };

  test("ReadySetGo: go an interval after the end of set", () => {
    const expected = golden["ReadySetGo-v0"];
    const batch = readySetGo({ compat, intervalMs: 800 }).batch(keys);
    expectPeriods(batch, expected, { measure: ["ready", "wait"] });
    expectTrial(batch, expected.ob, expected.gt);
  });

  test("OneTwoThreeGo", () => {
    const expected = golden["OneTwoThreeGo-v0"];
    const batch = oneTwoThreeGo({ compat }).batch({ ...keys, fixationMs: 400, targetMs: 1000, intervalMs: 800 });
    expectPeriods(batch, expected, {
      ...{ s1: ["flash1", "flash1"], s2: ["flash2", "flash2"], s3: ["flash3", "flash3"] },
      ...{ interval1: ["gap1", "gap1"], interval2: ["gap2", "gap2"], interval3: ["gap3", "gap3"] },
    });
    expectTrial(batch, expected.ob, expected.gt);
  });

  test("ReachingDelayResponse", () => {
    const expected = golden["ReachingDelayResponse-v0"];
    const batch = delayedReport({ compat, dtMs: 100, delayMs: 1000 }).batch({
      ...{ ...keys, position: expected.trial.ground_truth },
    });
    expectPeriods(batch, expected, { decision: ["response", "response"] });
    expectTrial(batch, expected.ob, expected.gt);
  });

  test("IntervalDiscrimination", () => {
    const expected = golden["IntervalDiscrimination-v0"];
    const batch = intervalDiscrimination({ compat, dtMs: 80 }).batch({
      ...{ ...keys, firstMs: 320, secondMs: 480, delay1Ms: 800 },
    });
    expectPeriods(batch, expected, { stim1: ["stimulus1", "stimulus1"], stim2: ["stimulus2", "stimulus2"] });
    const classes = expected.gt.map(([from = 0, to = 0, row]) => {
      const [label] = row as number[];
      return [from as number, to as number, [0, 1, 2].map((output) => Number(output === label))];
    });
    expectTrial(batch, expected.ob, classes);
    expect([...(batch.correct ?? [])]).toEqual([1, 1]);
  });
});

test("ours asks for go an interval after the onset of set, neurogym 80 ms later", () => {
  const first = (batch: TrialBatch): number => batch.targets.indexOf(1) * batch.dtMs;
  const options = { intervalMs: 800, noise: 0 };
  // Fixation 100 ms, 800 ms from ready to set, 800 ms to go.
  expect(first(readySetGo({ ...options, response: "pulse" }).batch({ trials: 1, seed: 1 }))).toBe(1700);
  expect(first(readySetGo({ ...options, compat }).batch({ trials: 1, seed: 1 }))).toBe(1780);
});
