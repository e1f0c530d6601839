import { describe, expect, it, test } from "vitest";
import { ConfigError, ValueError } from "../../src/errors.ts";
import { delayedReport } from "../../src/tasks/motor/delayed-report.ts";
import { flipFlop } from "../../src/tasks/motor/flip-flop.ts";
import { delayedReach, memoryGuidedReach } from "../../src/tasks/motor/reach.ts";
import { sequenceReproduction } from "../../src/tasks/motor/sequence-reproduction.ts";
import { sineGenerator } from "../../src/tasks/motor/sine-generator.ts";
import type { Task, TrialBatch } from "../../src/tasks/task.ts";
import { changed, conditionIn, periodIn, range, seriesOf, vectorIn } from "../support/series.ts";

const trials = 30;

/** The go cue: fixation is 1 up to the step in which a period begins, and 0 in it. */
function expectGoCue(task: Task, batch: TrialBatch, trial: number, period: string): void {
  const { from, to } = periodIn(batch, period, trial);
  expect(seriesOf(task, batch, "inputs", "fixation", trial).slice(0, to)).toEqual(
    range(to).map((step) => Number(step < from)),
  );
}

describe("reaches", () => {
  const rules = [
    ["pro", 0],
    ["anti", Math.PI],
  ] as const;

  it.each(rules)(
    "go where the stimulus was shown, turned as the rule %s says, once fixation is off",
    (rule, turned) => {
      for (const [make, stays] of [
        [delayedReach, true],
        [memoryGuidedReach, false],
      ] as const) {
        const task = make({ rule, stimulusCode: "cosSin", noise: 0 });
        const batch = task.batch({ trials, seed: 1 });
        for (const trial of range(trials)) {
          const series = (array: "inputs" | "targets" | "mask", name: string) =>
            seriesOf(task, batch, array, name, trial);
          const stimulus = periodIn(batch, "stimulus", trial);
          const response = periodIn(batch, "response", trial);
          expectGoCue(task, batch, trial, "response");
          const [cos, sin] = [series("inputs", "stimulusCos"), series("inputs", "stimulusSin")];
          cos.forEach((x, step) => {
            const shown = step >= stimulus.from && step < (stays ? response.to : stimulus.to);
            expect(Math.hypot(x, sin[step] ?? 0)).toBeCloseTo(shown ? 1 : 0, 5);
          });
          const angle = Math.atan2(sin[stimulus.from] ?? 0, cos[stimulus.from] ?? 0) + turned;
          const [reachX, reachY, fixate] = ["reachCos", "reachSin", "fixate"].map((name) => series("targets", name));
          for (let step = 0; step < response.to; step += 1) {
            const going = step >= response.from;
            expect(reachX?.[step]).toBeCloseTo(going ? Math.cos(angle) : 0, 5);
            expect(reachY?.[step]).toBeCloseTo(going ? Math.sin(angle) : 0, 5);
            expect(fixate?.[step]).toBe(Number(!going));
            expect(series("mask", "reachCos")[step]).toBe(!going ? 1 : step >= response.from + 5 ? 5 : 0);
          }
        }
        expect(task.accuracy(batch.targets, batch)).toBe(1);
      }
    },
  );

  it("say with an input which rule holds, on rings of any size", () => {
    const task = memoryGuidedReach({ rule: "cued", reachCode: "ring", ringUnits: 12, directions: 4, noise: 0 });
    expect([task.inputs, task.outputs]).toEqual([14, 13]);
    const batch = task.batch({ trials: 8, seed: 1, balanced: ["rule", "direction"] });
    expect(
      new Set(
        range(8).map(
          (trial) => `${conditionIn(batch, "rule", trial)} ${conditionIn(batch, "direction", trial).toFixed(2)}`,
        ),
      ).size,
    ).toBe(8);
    for (const trial of range(8)) {
      const { from } = periodIn(batch, "response", trial);
      const anti = seriesOf(task, batch, "inputs", "anti", trial);
      const stimulus = periodIn(batch, "stimulus", trial).from;
      const peakOf = (array: "inputs" | "targets", word: string, step: number): number => {
        const ring = range(12).map((unit) => seriesOf(task, batch, array, `${word}${unit}`, trial)[step] ?? 0);
        expect(Math.max(...ring)).toBe(1);
        return ring.indexOf(1);
      };
      const shift = anti[0] === 1 ? 6 : 0;
      expect(peakOf("targets", "reach", from)).toBe((peakOf("inputs", "stimulus", stimulus) + shift) % 12);
      expect(anti[from]).toBe(0);
    }
    expect(task.accuracy(batch.targets, batch)).toBe(1);
  });

  it("are not solved by going too soon, not at all, or elsewhere", () => {
    const task = delayedReach({ noise: 0 });
    const batch = task.batch({ trials, seed: 2, delayMs: 400 });
    const fixate = (level: number) => changed(batch, (value, { channel }) => (channel === 0 ? level : value));
    expect(task.accuracy(fixate(0), batch)).toBe(0);
    expect(task.accuracy(fixate(1), batch)).toBe(0);
    expect(
      task.accuracy(
        changed(batch, (value, { channel }) => (channel === 0 ? value : -value)),
        batch,
      ),
    ).toBe(0);
    expect(
      task.accuracy(
        changed(batch, () => Number.NaN),
        batch,
      ),
    ).toBe(0);
  });

  test("errors", () => {
    expect(() => delayedReach({ ruel: "anti" } as never)).toThrow(/ruel: unknown key; did you mean "rule"/);
    expect(() => memoryGuidedReach({ rule: "away" as never })).toThrow(ConfigError);
    expect(() => delayedReach().batch({ trials: 1, seed: 1, reach: 0 } as never)).toThrow(/"reach" follows from/);
  });
});

describe("delayedReport", () => {
  const task = delayedReport({ noise: 0 });

  it("asks for the position that was shown, after the go cue", () => {
    const batch = task.batch({ trials, seed: 1 });
    for (const trial of range(trials)) {
      const shown = seriesOf(task, batch, "inputs", "position", trial);
      const go = seriesOf(task, batch, "inputs", "goCue", trial).indexOf(1);
      expect(go).toBe(periodIn(batch, "response", trial).from);
      const target = seriesOf(task, batch, "targets", "position", trial);
      expect(target.slice(0, go).every((value) => value === -0.5)).toBe(true);
      expect(target.slice(go, batch.lengths?.[trial]).every((value) => value === shown[0])).toBe(true);
    }
    expect(task.accuracy(batch.targets, batch)).toBe(1);
    expect(
      task.accuracy(
        changed(batch, (value, { channel }) => value + (channel === 1 ? 0.09 : 0)),
        batch,
      ),
    ).toBe(1);
    expect(
      task.accuracy(
        changed(batch, (value, { channel }) => value + (channel === 1 ? 0.11 : 0)),
        batch,
      ),
    ).toBe(0);
    expect(
      task.accuracy(
        changed(batch, (value, { channel }) => (channel === 0 ? 1 : value)),
        batch,
      ),
    ).toBe(0);
  });

  test("errors", () => {
    expect(() => delayedReport({ positions: [1, 1] })).toThrow(/positions: expected \[low, high\], got \[1, 1\]/);
  });
});

describe("flipFlop", () => {
  it.each([undefined, "fixedPointFinder", "ctdb"] as const)(
    "holds the sign of the last pulse (compat %s)",
    (compat) => {
      const task = flipFlop({ noise: 0, ...(compat && { compat }) });
      const batch = task.batch({ trials, seed: 1 });
      const low = compat === "ctdb" ? 0 : -1;
      for (const trial of range(trials))
        for (const bit of range(3)) {
          const state = seriesOf(task, batch, "targets", `state${bit}`, trial);
          let last = low;
          seriesOf(task, batch, "inputs", `pulse${bit}`, trial).forEach((pulse, step) => {
            expect([-1, 0, 1]).toContain(pulse);
            if (pulse !== 0) last = pulse === 1 ? 1 : low;
            expect(state[step]).toBe(last);
          });
        }
      expect(task.accuracy(batch.targets, batch)).toBe(1);
      expect(
        task.accuracy(
          changed(batch, (value) => 1 + low - value),
          batch,
        ),
      ).toBe(0);
      expect(
        task.accuracy(
          changed(batch, () => (1 + low) / 2),
          batch,
        ),
      ).toBe(0.5);
      expect(
        task.accuracy(
          changed(batch, () => Number.NaN),
          batch,
        ),
      ).toBe(0);
    },
  );

  test("pulses of FixedPointFinder: 64 steps, half of them a pulse, one of each bit at first, all steps count", () => {
    const task = flipFlop({ compat: "fixedPointFinder" });
    const batch = task.batch({ trials: 200, seed: 1 });
    expect(batch.steps).toBe(64);
    expect(batch.inputs.slice(0, 600).every((pulse) => Math.abs(pulse) === 1)).toBe(true);
    const later = batch.inputs.slice(600);
    expect(later.filter((pulse) => pulse !== 0).length / later.length).toBeCloseTo(0.5, 1.5);
    expect(later.filter((pulse) => pulse === 1).length / later.length).toBeCloseTo(0.25, 1.5);
    expect(batch.mask.every((weight) => weight === 1)).toBe(true);
  });

  test("pulses of CtDB: 500 steps, 1 % up and 1 % down but for the first 3; 5 steps and 4 after a change do not count", () => {
    const task = flipFlop({ compat: "ctdb", noise: 0 });
    const batch = task.batch({ trials: 60, seed: 1 });
    expect(batch.steps).toBe(500);
    expect(batch.inputs.slice(0, 3 * 180).every((pulse) => pulse === 0)).toBe(true);
    for (const sign of [-1, 1])
      expect(batch.inputs.filter((pulse) => pulse === sign).length / batch.inputs.length).toBeCloseTo(0.01, 2.5);
    for (const trial of range(60))
      for (const bit of range(3)) {
        const state = seriesOf(task, batch, "targets", `state${bit}`, trial);
        const mask = seriesOf(task, batch, "mask", `state${bit}`, trial);
        // Step by step: whether the state changed 1 to 4 steps ago.
        mask.forEach((weight, step) => {
          const blind = [1, 2, 3, 4].some((ago) => step - ago > 0 && state[step - ago] !== state[step - ago - 1]);
          expect(weight).toBe(Number(step >= 5 && !blind));
        });
      }
    const noisy = flipFlop({ compat: "ctdb" }).batch({ trials: 60, seed: 1, dtMs: 10 });
    const variance =
      noisy.inputs.reduce((sum, value) => sum + (Math.abs(value) < 0.5 ? value ** 2 : 0), 0) / noisy.inputs.length;
    expect(Math.sqrt(variance)).toBeGreaterThan(0.1);
    expect(() => task.batch({ trials: 1, seed: 1, initial: [1, 1, 1] })).toThrow(/"initial" follows/);
  });

  it("begins with the states that a batch asks for, and does not count while a bit settles", () => {
    const task = flipFlop({ noise: 0, bits: 2 });
    const initial = [
      [-1, 1],
      [1, 1],
    ];
    const batch = task.batch({ trials: 2, seed: 1, initial });
    for (const trial of [0, 1]) {
      expect(vectorIn(batch, "initial", trial)).toEqual(initial[trial]);
      for (const bit of [0, 1]) {
        const state = seriesOf(task, batch, "targets", `state${bit}`, trial);
        expect(state[0]).toBe(initial[trial]?.[bit]);
        seriesOf(task, batch, "mask", `state${bit}`, trial).forEach((weight, step) => {
          const settling = range(5).some(
            (ago) => step === ago || (step > ago && state[step - ago] !== state[step - ago - 1]),
          );
          expect(weight).toBe(Number(!settling));
        });
      }
    }
  });

  it("has as many pulses a second at any time step, unless a batch asks for another interval", () => {
    for (const [dtMs, intervalMs] of [
      [10, 500],
      [40, 500],
      [20, 200],
    ] as const) {
      const task = flipFlop({ noise: 0, bits: 1, durationMs: 20_000 });
      const batch = task.batch({ trials: 40, seed: 1, dtMs, intervalMs });
      const on = batch.inputs.filter((pulse) => pulse !== 0).length * dtMs;
      // 40 ms of every 40 + interval ms; a pulse can follow at once, so that a mean gap is interval - dt.
      expect(on / (40 * 20_000)).toBeCloseTo(40 / (40 + intervalMs - dtMs), 1.5);
    }
  });

  test("errors", () => {
    expect(() => flipFlop({ compat: "ctbd" } as never)).toThrow(ConfigError);
    expect(() => flipFlop({ targets: [1, 0] })).toThrow(/low < high/);
    expect(() => flipFlop().batch({ trials: 1, seed: 1, intervalMs: 5 })).toThrow(ValueError);
    expect(() => flipFlop().batch({ trials: 1, seed: 1, intervalMs: 5 })).toThrow(/at least a step of 20 ms, got 5/);
  });
});

describe("sineGenerator", () => {
  it("asks for the frequency that the level says, also for one that was not in the list", () => {
    const task = sineGenerator({ frequencies: [1, 2, 4], amplitude: 0.5 });
    const frequency = [1, 2, 4, 3.1];
    const batch = task.batch({ trials: 4, seed: 1, frequency, dtMs: 10 });
    for (const trial of range(4)) {
      const level = seriesOf(task, batch, "inputs", "level", trial);
      const hz = 1 + ((level[0] ?? 0) - 0.25) * 3;
      expect(hz).toBeCloseTo(frequency[trial] ?? 0, 6);
      seriesOf(task, batch, "targets", "wave", trial).forEach((value, step) => {
        expect(value).toBeCloseTo(0.5 * Math.sin(2 * Math.PI * hz * 0.01 * (step + 1)), 5);
        expect(level[step]).toBe(level[0]);
      });
    }
    expect(task.accuracy(batch.targets, batch)).toBeCloseTo(1, 12);
    expect(
      task.accuracy(
        changed(batch, (value) => 0.9 * value),
        batch,
      ),
    ).toBeCloseTo(0.99, 3);
    expect(
      task.accuracy(
        changed(batch, () => 0),
        batch,
      ),
    ).toBeLessThan(0.01);
    expect(
      task.accuracy(
        changed(batch, (value) => -value),
        batch,
      ),
    ).toBe(0);
    expect(
      task.accuracy(
        changed(batch, () => Number.NaN),
        batch,
      ),
    ).toBe(0);
  });

  it("runs from a constant input, or none", () => {
    for (const [input, level] of [
      ["constant", 1],
      ["none", 0],
    ] as const) {
      const task = sineGenerator({ input, settleMs: 100 });
      const batch = task.batch({ trials: 1, seed: 1 });
      expect(batch.inputs.every((value) => value === level)).toBe(true);
      expect([...batch.mask]).toEqual(range(100).map((step) => Number(step >= 5)));
    }
  });

  test("errors", () => {
    expect(() => sineGenerator({ input: "none", frequencies: [1, 2] })).toThrow(/expected one, because input "none"/);
    expect(() => sineGenerator({ frequencies: [] })).toThrow(ConfigError);
  });
});

describe("sequenceReproduction", () => {
  it.each(["forward", "backward"] as const)("asks for the items that were shown, %s", (order) => {
    const task = sequenceReproduction({ noise: 0, items: 5, lengths: [1, 2, 4], order, itemMs: 150 });
    for (const dtMs of [10, 20, 40]) {
      const batch = task.batch({ trials, seed: 1, dtMs });
      for (const trial of range(trials)) {
        /** Which channel is on, in order of time, each time that one comes on. */
        const orderOf = (array: "inputs" | "targets", word: string, from: number, to: number): number[] => {
          const all = range(5).map((item) => seriesOf(task, batch, array, `${word}${item}`, trial));
          const places = Math.round(((to - from) * dtMs) / 150);
          return range(places).map((place) => {
            const middle = from + Math.floor(((place + 0.25) * 150) / dtMs);
            const on = range(5).filter((item) => all[item]?.[middle] === 1);
            expect(on).toHaveLength(1);
            return on[0] ?? -1;
          });
        };
        const shown = periodIn(batch, "sequence", trial);
        const recall = periodIn(batch, "recall", trial);
        const seen = orderOf("inputs", "item", shown.from, shown.to);
        expect(seen).toHaveLength(conditionIn(batch, "length", trial));
        expect(seen).toEqual(vectorIn(batch, "sequence", trial).slice(0, seen.length));
        const right = order === "forward" ? seen : [...seen].reverse();
        expect(orderOf("targets", "recall", recall.from, recall.to)).toEqual(right);
        expectGoCue(task, batch, trial, "recall");
      }
      expect(task.accuracy(batch.targets, batch)).toBe(1);
    }
  });

  it("shows the sequence that a batch asks for, with gaps, and repeats only if it may", () => {
    const task = sequenceReproduction({ noise: 0 });
    const batch = task.batch({ trials: 2, seed: 1, sequence: [2, 2, 0] });
    const { from } = periodIn(batch, "sequence", 0);
    const item2 = seriesOf(task, batch, "inputs", "item2", 1).slice(from, from + 30);
    expect(item2).toEqual(range(30).map((step) => Number(step < 20 && step % 10 < 7)));
    const single = sequenceReproduction({ repeats: false, items: 2, lengths: [6] }).batch({ trials: 20, seed: 1 });
    for (const trial of range(20)) {
      const [first = 0, ...rest] = vectorIn(single, "sequence", trial);
      expect(rest).toEqual(range(5).map((place) => (first + place + 1) % 2));
    }
  });

  it("counts the places that are right", () => {
    const task = sequenceReproduction({ noise: 0 });
    const batch = task.batch({ trials: 1, seed: 1, sequence: [0, 1, 0] });
    const always = changed(batch, (_value, { channel }) => Number(channel === 1));
    expect(task.accuracy(always, batch)).toBeCloseTo(2 / 3, 12);
    expect(
      task.accuracy(
        changed(batch, () => 0),
        batch,
      ),
    ).toBeCloseTo(1 / 4, 12);
  });

  test("errors", () => {
    expect(() => sequenceReproduction({ gapMs: 200 })).toThrow(/gapMs: expected less than itemMs 200, got 200/);
    const task = sequenceReproduction();
    expect(() => task.batch({ trials: 1, seed: 1, sequence: [0, 1, 4] })).toThrow(/expected items of 0 … 3, got 4/);
    expect(() => task.batch({ trials: 1, seed: 1, recallMs: 4 } as never)).toThrow(/"recallMs" follows/);
    expect(() => task.batch({ trials: 1, seed: 1, length: 2 })).toThrow(/length: expected one of 3/);
  });
});
