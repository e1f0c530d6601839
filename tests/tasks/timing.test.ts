import { describe, expect, it, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { intervalDiscrimination } from "../../src/tasks/timing/interval-discrimination.ts";
import { motorTiming } from "../../src/tasks/timing/motor-timing.ts";
import { oneTwoThreeGo } from "../../src/tasks/timing/one-two-three-go.ts";
import { chanceOf } from "../../src/tasks/timing/produce.ts";
import { readySetGo } from "../../src/tasks/timing/ready-set-go.ts";
import { changed, conditionIn, periodIn, range, seriesOf } from "../support/series.ts";

const trials = 40;

/** Onsets: steps at which a series becomes 1. */
function onsets(series: readonly number[]): number[] {
  return range(series.length).filter((step) => (series[step] ?? 0) > 0.5 && !((series[step - 1] ?? 0) > 0.5));
}

describe("intervals to produce", () => {
  it.each([10, 20, 50])("readySetGo: as long as from ready to set, times the gain, at %d ms", (dtMs) => {
    const task = readySetGo({ noise: 0, gains: [1, 1.5] });
    const batch = task.batch({ trials, seed: 1, dtMs });
    for (const trial of range(trials)) {
      const [ready = Number.NaN] = onsets(seriesOf(task, batch, "inputs", "ready", trial));
      const [set = Number.NaN] = onsets(seriesOf(task, batch, "inputs", "set", trial));
      const [gain = Number.NaN] = seriesOf(task, batch, "inputs", "gain", trial);
      const go = seriesOf(task, batch, "targets", "go", trial);
      expect([1, 1.5]).toContain(gain);
      expect(Math.abs((set - ready) * dtMs - conditionIn(batch, "intervalMs", trial))).toBeLessThanOrEqual(dtMs);
      expect(go.findIndex((value) => value >= 1) - set).toBe(Math.round(gain * (set - ready)));
      // A ramp: nothing before set, and even steps from then on.
      expect(go.slice(0, set + 1).every((value) => value === 0)).toBe(true);
      expect(go[set + 7]).toBeCloseTo(7 / Math.round(gain * (set - ready)), 6);
      expect(seriesOf(task, batch, "inputs", "fixation", trial).indexOf(0)).toBe(periodIn(batch, "set", trial).to);
    }
  });

  test("oneTwoThreeGo: three flashes equally far apart, and go at the fourth beat", () => {
    const task = oneTwoThreeGo({ noise: 0, response: "step" });
    const batch = task.batch({ trials, seed: 2 });
    for (const trial of range(trials)) {
      const [one = 0, two = 0, three = 0, none] = onsets(seriesOf(task, batch, "inputs", "flash", trial));
      expect(none).toBeUndefined();
      expect([two - one, three - two]).toEqual([two - one, two - one]);
      expect(onsets(seriesOf(task, batch, "targets", "go", trial))).toEqual([three + (two - one)]);
      expect((two - one) * 20).toBe(conditionIn(batch, "intervalMs", trial));
    }
  });

  test("motorTiming: the interval of the cue, from the onset of set", () => {
    const task = motorTiming({ noise: 0, intervals: [600, 900, 1200], response: "pulse" });
    const batch = task.batch({ trials, seed: 3 });
    for (const trial of range(trials)) {
      const cues = range(3).map((cue) => onsets(seriesOf(task, batch, "inputs", `cue${cue}`, trial)).length);
      const [set = Number.NaN] = onsets(seriesOf(task, batch, "inputs", "set", trial));
      expect(cues.reduce((sum, count) => sum + count, 0)).toBe(1);
      const go = seriesOf(task, batch, "targets", "go", trial);
      const mask = seriesOf(task, batch, "mask", "go", trial);
      expect((onsets(go)[0] ?? 0) - set).toBe([30, 45, 60][cues.indexOf(1)]);
      expect(go.filter((value) => value === 1)).toHaveLength(5);
      expect(
        go.every((value, step) => mask[step] === (value === 1 ? 5 : Number(step < (batch.lengths?.[trial] ?? 0)))),
      ).toBe(true);
    }
  });

  test("is judged by when the threshold is first reached", () => {
    const task = readySetGo({ noise: 0, intervalMs: 1000 });
    const batch = task.batch({ trials: 1, seed: 1 });
    const shifted = (steps: number) =>
      changed(batch, (_value, { step }) => batch.targets[Math.max(0, step - steps)] ?? 0);
    // 10 % of 1000 ms are 5 steps.
    expect([-6, -5, 0, 5, 6].map((steps) => task.accuracy(shifted(steps), batch))).toEqual([0, 1, 1, 1, 0]);
    expect(
      task.accuracy(
        changed(batch, () => 0),
        batch,
      ),
    ).toBe(0);
    expect(
      task.accuracy(
        changed(batch, () => 2),
        batch,
      ),
    ).toBe(0); // before set
    expect(
      task.accuracy(
        changed(batch, () => Number.NaN),
        batch,
      ),
    ).toBe(0);
  });

  test("chance is what the best constant interval reaches", () => {
    // c = 1500 · 0.9 serves 1227 … 1500 of 800 … 1500 ms.
    expect(readySetGo().chance).toBeCloseTo((1500 - 1350 / 1.1) / 700, 2);
    expect(oneTwoThreeGo().chance).toBe(chanceOf("", { choice: [600, 700, 800, 900, 1000] }, 0.1));
    expect(chanceOf("", { choice: [100, 200] }, 0.1)).toBe(0.5);
    expect(motorTiming({ intervals: [800, 900] }).chance).toBe(1);
    expect(motorTiming().chance).toBe(0.5);
    const task = readySetGo({ noise: 0 });
    const batch = task.batch({ trials: 400, seed: 4 });
    const always = changed(batch, (_value, { step, trial }) =>
      Number(step >= periodIn(batch, "set", trial).from + Math.round(1350 / 20)),
    );
    expect(Math.abs(task.accuracy(always, batch) - task.chance)).toBeLessThan(0.08);
  });

  test("errors", () => {
    expect(() => readySetGo({ intervalMs: 50 })).toThrow(/intervalMs: expected more than flashMs 83, got 50/);
    expect(() => oneTwoThreeGo({ intervalMs: 90 })).toThrow(/intervalMs: expected more than flashMs 100, got 90/);
    expect(() => readySetGo({ respons: "ramp" } as never)).toThrow(/did you mean "response"/);
    expect(() => motorTiming({ tolerance: 0 })).toThrow(ConfigError);
    const batch = { trials: 1, seed: 1 };
    expect(() => readySetGo().batch({ ...batch, productionMs: 5 } as never)).toThrow(/"productionMs" follows from/);
    expect(() => oneTwoThreeGo().batch({ ...batch, gap2Ms: 5 } as never)).toThrow(/"gap2Ms" follows from/);
    expect(() => motorTiming().batch({ ...batch, interval: 2 })).toThrow(/interval: expected one of 0, 1, got 2/);
  });
});

describe("intervalDiscrimination", () => {
  const task = intervalDiscrimination({ noise: 0 });

  it.each([10, 20, 50])("asks for the stimulus that was on longer, at %d ms", (dtMs) => {
    const batch = task.batch({ trials: 200, seed: 1, dtMs });
    for (const trial of range(200)) {
      const on = ["stimulus1", "stimulus2"].map(
        (name) => seriesOf(task, batch, "inputs", name, trial).filter((value) => value === 1).length,
      );
      expect(on[0]).not.toBe(on[1]);
      const { from, to } = periodIn(batch, "decision", trial);
      const [chosen = "", other = ""] = (on[0] ?? 0) > (on[1] ?? 0) ? ["first", "second"] : ["second", "first"];
      expect(
        seriesOf(task, batch, "targets", chosen, trial)
          .slice(from, to)
          .every((value) => value === 1),
      ).toBe(true);
      expect(seriesOf(task, batch, "targets", other, trial).every((value) => value === 0)).toBe(true);
      // The go cue, and no sooner.
      expect(seriesOf(task, batch, "inputs", "fixation", trial).slice(0, to).indexOf(0)).toBe(from);
    }
    expect(task.accuracy(batch.targets, batch)).toBe(1);
  });

  it("draws both orders alike, and differences of at least 60 ms", () => {
    const { conditions, correct } = task.batch({ trials: 2000, seed: 2 });
    const differences = range(2000).map((trial) =>
      Math.abs(Number(conditions.firstMs?.[trial]) - Number(conditions.secondMs?.[trial])),
    );
    expect(Math.min(...differences)).toBeGreaterThanOrEqual(60);
    expect(Math.min(...(conditions.secondMs ?? []))).toBeGreaterThanOrEqual(300);
    expect(Math.max(...(conditions.secondMs ?? []))).toBeLessThanOrEqual(600);
    const second = [...(correct ?? [])].reduce((sum, value) => sum + value, 0) / 2000;
    expect(Math.abs(second - 0.5)).toBeLessThan(0.05);
  });

  it("guesses where intervals are equal; neurogym's second one then counts as longer", () => {
    const equal = { trials: 200, seed: 1, firstMs: 400, secondMs: 400 };
    expect(new Set(task.batch(equal).correct)).toEqual(new Set([0, 1]));
    expect(new Set(intervalDiscrimination({ compat: "neurogym" }).batch(equal).correct)).toEqual(new Set([1]));
  });

  test("errors", () => {
    expect(() => intervalDiscrimination({ intervalsMs: [300, 400] })).toThrow(
      /more than 120 ms apart .*, got \[300, 400\]/,
    );
    expect(() => task.batch({ trials: 1, seed: 1, longer: 1 } as never)).toThrow(/"longer" follows from/);
  });
});
