import { describe, expect, it, test } from "vitest";
import { ConfigError, ValueError } from "../../src/errors.ts";
import { categoryNoise, discriminationNoise } from "../../src/tasks/psychrnn/compat.ts";
import { delayedDiscrimination } from "../../src/tasks/psychrnn/delayed-discrimination.ts";
import { matchToCategory } from "../../src/tasks/psychrnn/match-to-category.ts";
import { perceptualDiscrimination } from "../../src/tasks/psychrnn/perceptual-discrimination.ts";
import { taskFromFunction } from "../../src/tasks/task-from-function.ts";
import golden from "../fixtures/golden/tasks/psychrnn.json" with { type: "json" };
import { expectRuns } from "../support/runs.ts";

const compat = "psychrnn" as const;
const at = (values: ArrayLike<number> | undefined, index: number): number => values?.[index] ?? Number.NaN;

describe("golden trials of PsychRNN 1.0.0, noise off", () => {
  golden["PerceptualDiscrimination dt=10 T=300"].forEach(({ params, N_steps, x, y, mask }, index) => {
    test(`PerceptualDiscrimination ${index}`, () => {
      const task = perceptualDiscrimination({ durationMs: 300, noise: 0, compat });
      const { coherence, direction, onset_time: onsetMs, stim_duration: shownMs } = params;
      const batch = task.batch({ trials: 3, seed: 1, coherence, direction, onsetMs, shownMs });
      expect(batch.steps).toBe(N_steps);
      for (const trial of [0, 2]) {
        expectRuns("x", batch, "inputs", trial, x);
        expectRuns("y", batch, "targets", trial, y);
        expectRuns("mask", batch, "mask", trial, mask);
      }
    });
  });

  golden["DelayedDiscrimination dt=10 T=400"].forEach(({ params, N_steps, x, y, mask }, index) => {
    test(`DelayedDiscrimination ${index}`, () => {
      const task = delayedDiscrimination({ durationMs: 400, noise: 0, compat });
      const { stimulus_1, delay, stimulus_2, decision, end, f1, f2, choice } = params;
      const batch = task.batch({
        ...{ trials: 2, seed: 1, f1, f2 },
        fixationMs: stimulus_1,
        stimulus1Ms: delay - stimulus_1,
        delayMs: stimulus_2 - delay,
        stimulus2Ms: decision - stimulus_2,
        decisionMs: end - decision,
      });
      expect(batch.steps).toBe(N_steps);
      expect(batch.conditions.choice?.[0]).toBe(choice);
      expectRuns("x", batch, "inputs", 1, x);
      expectRuns("y", batch, "targets", 1, y);
      expectRuns("mask", batch, "mask", 1, mask);
    });
  });

  golden["MatchToCategory dt=100 T=2100 N_in=16 N_out=2"].forEach(({ params, N_steps, x, y, mask }, index) => {
    test(`MatchToCategory ${index}`, () => {
      const task = matchToCategory({ dtMs: 100, durationMs: 2100, noise: 0, compat });
      const batch = task.batch({ trials: 1, seed: 1, angle: params.angle });
      expect(batch.steps).toBe(N_steps);
      expect(batch.conditions.category?.[0]).toBe(params.category);
      expectRuns("x", batch, "inputs", 0, x, 1);
      expectRuns("y", batch, "targets", 0, y);
      expectRuns("mask", batch, "mask", 0, mask);
    });
  });

  test("noise", () => {
    for (const [key, { PD_DD, MatchToCategory }] of Object.entries(golden["input noise std (stim_noise .1)"])) {
      const dtMs = Number(key.slice(3));
      expect(discriminationNoise(0.1, dtMs, true)).toBeCloseTo(PD_DD, 12);
      expect(categoryNoise(0.1, dtMs, true)).toBeCloseTo(MatchToCategory, 12);
      // Ours agrees at dt = 10 ms, and the information per millisecond (1 / (variance · dt)) is the same at any.
      expect(discriminationNoise(0.1, dtMs, false) ** 2 * dtMs).toBeCloseTo(0.02, 12);
      expect(categoryNoise(0.1, dtMs, false) ** 2 * dtMs).toBeCloseTo(0.00025, 12);
    }
  });

  test("number of steps", () => {
    for (const [key, steps] of Object.entries(golden["N_steps=ceil(T/dt)"])) {
      const [durationMs = 0, dtMs = 0] = key.split("/").map(Number);
      const make = [perceptualDiscrimination, delayedDiscrimination, matchToCategory];
      for (const task of make.map((one) => one({ durationMs, dtMs, compat }))) {
        // The fixed 2000 ms of matchToCategory are longer than a shorter trial.
        if (task.name === "matchToCategory" && durationMs < 2000) continue;
        expect(task.batch({ trials: 1, seed: 0 }).steps, `${task.name} ${key}`).toBe(steps);
      }
    }
  });

  test("accuracy: argmax of the mean under the mask, the first of equals", () => {
    const { y, mask, output, accuracy, chosen } = golden.accuracy;
    const steps = 5;
    const task = taskFromFunction({
      ...{ name: "given", inputs: 1, outputs: 2, durationMs: steps, dtMs: 1 },
      conditions: () => ({ which: 0 }),
      trial: (timeMs, { which }) => ({
        input: [0],
        target: y[which]?.[timeMs] ?? [],
        mask: mask[which]?.[timeMs] ?? [],
      }),
      accuracy: { type: "maskedChoice", ties: "first" },
    });
    const batch = task.batch({ trials: 4, seed: 1, which: [0, 1, 2, 3] });
    const outputs = Float32Array.from({ length: steps * 4 * 2 }, (_, index) =>
      at(output[Math.floor(index / 2) % 4]?.[Math.floor(index / 8)], index % 2),
    );
    expect(task.accuracy(outputs, batch)).toBe(accuracy);
    expect([...(task.choices?.(outputs, batch) ?? [])]).toEqual(chosen);
  });
});

describe("perceptualDiscrimination", () => {
  it("draws onsets, durations, coherences and directions as PsychRNN does, and honours a fixed direction", () => {
    const task = perceptualDiscrimination();
    const { conditions, steps } = task.batch({ trials: 2000, seed: 3 });
    expect(steps).toBe(200);
    const range = (name: string): number[] => [
      Math.min(...(conditions[name] ?? [])),
      Math.max(...(conditions[name] ?? [])),
    ];
    const [firstOnset = 0, lastOnset = 0] = range("onsetMs");
    expect(firstOnset).toBeLessThan(10);
    expect(lastOnset).toBeGreaterThan(990);
    const [shortest = 0, longest = 0] = range("shownMs");
    expect([Math.round(shortest / 10), Math.round(longest / 10)]).toEqual([25, 75]);
    expect(new Set(conditions.coherence)).toEqual(new Set([0.1, 0.3, 0.5, 0.7]));
    expect(new Set(conditions.direction)).toEqual(new Set([0, 1]));
    expect(new Set(task.batch({ trials: 50, seed: 3, direction: 1 }).correct)).toEqual(new Set([1]));
    expect(() => task.batch({ trials: 1, seed: 1, direction: 2 })).toThrow(/direction: expected one of 0, 1, got 2/);
  });

  it("counts no error before the targets are there, unlike PsychRNN", () => {
    const fixed = { trials: 1, seed: 1, onsetMs: 100, shownMs: 300 };
    const masked = (options: { compat?: "psychrnn" }): number[] => {
      const { mask, targets } = perceptualDiscrimination({ durationMs: 1000, ...options }).batch(fixed);
      return [...mask.keys()].filter((index) => at(mask, index) > 0 && at(targets, index) === 0);
    };
    expect(masked({})).toEqual([]);
    expect(masked({ compat })).toHaveLength(2 * 3); // 400, 410 and 420 ms, two outputs
  });

  it("has noise of the standard deviation it says", () => {
    for (const dtMs of [10, 40]) {
      const { inputs } = perceptualDiscrimination().batch({ trials: 300, seed: 2, dtMs, onsetMs: 1000, shownMs: 250 });
      const early = [...inputs.subarray(0, 300 * 2 * 20)];
      const sd = Math.sqrt(early.reduce((sum, value) => sum + value * value, 0) / early.length);
      expect(sd / discriminationNoise(0.1, dtMs, false)).toBeCloseTo(1, 1);
    }
  });
});

describe("delayedDiscrimination", () => {
  it("gives every trial both stimuli and a decision; PsychRNN does not", () => {
    const ours = delayedDiscrimination().batch({ trials: 1000, seed: 4 });
    for (const period of ["stimulus1", "stimulus2", "decision"]) {
      const { starts, ends } = ours.periods[period] ?? {};
      const shortest = Math.min(...(starts ?? []).map((start, trial) => at(ends, trial) - start));
      expect(shortest, period).toBeGreaterThanOrEqual(10);
    }
    const original = delayedDiscrimination({ compat }).batch({ trials: 1000, seed: 4 });
    const { starts, ends } = original.periods.decision ?? {};
    expect((starts ?? new Int32Array()).some((start, trial) => start === at(ends, trial))).toBe(true);
  });

  it("judges the frequencies that were shown, however they were fixed", () => {
    const task = delayedDiscrimination();
    expect([...(task.batch({ trials: 2, seed: 1, f1: [10, 30], f2: 20 }).correct ?? [])]).toEqual([1, 0]);
    expect(new Set(task.batch({ trials: 60, seed: 1, f1: 20, f2: 20 }).correct)).toEqual(new Set([0, 1]));
    expect([...(task.batch({ trials: 2, seed: 1, order: ["ascending", "descending"] }).correct ?? [])]).toEqual([1, 0]);
    const { conditions } = task.batch({ trials: 20, seed: 1, balanced: ["pair", "order"] });
    expect(new Set(conditions.difference)).toEqual(new Set([8, -8]));
    expect(delayedDiscrimination({ delayMs: 300 }).batch({ trials: 1, seed: 1 }).conditions.delayMs?.[0]).toBe(300);
  });
});

describe("matchToCategory", () => {
  it("has no two units of the same angle, unlike PsychRNN", () => {
    const fixed = { trials: 1, seed: 1, angle: 1 };
    const row = (options: { compat?: "psychrnn" }): number[] => {
      const { inputs } = matchToCategory({ noise: 0, ...options }).batch(fixed);
      return [...inputs.subarray(50 * 16, 51 * 16)];
    };
    expect(at(row({ compat }), 15)).toBeCloseTo(at(row({ compat }), 0), 6);
    expect(Math.abs(at(row({}), 15) - at(row({}), 0))).toBeGreaterThan(0.05);
  });

  it("knows the categories of any number of them", () => {
    const { correct } = matchToCategory({ categories: 4 }).batch({ trials: 5, seed: 1, angle: [0, 2, 4, 6, -0.1] });
    expect([...(correct ?? [])]).toEqual([0, 1, 2, 3, 3]);
  });
});

it("names what is wrong", () => {
  expect(() => perceptualDiscrimination({ coherence: 0.1 } as never)).toThrow(/coherence: unknown key; did you mean/);
  expect(() => perceptualDiscrimination({ coherences: [0] })).toThrow(ConfigError);
  expect(() => delayedDiscrimination({ compat: "psychRNN" as never })).toThrow(/"psychrnn"/);
  expect(() => delayedDiscrimination().batch({ trials: 1, seed: 1, decisionMs: -1 })).toThrow(ValueError);
  expect(() => matchToCategory({ categories: 1 })).toThrow(ConfigError);
});
