import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { defineTask } from "../../src/tasks/define-task.ts";
import type { NoiseRule } from "../../src/tasks/definition.ts";
import { psychometric } from "../../src/tasks/psychometric.ts";
import { gaussianRing, oneHot } from "../../src/tasks/ring.ts";
import { periodOf, type TrialBatch } from "../../src/tasks/task.ts";

const at = (values: ArrayLike<number> | undefined, index: number): number => values?.[index] ?? Number.NaN;

/** A task with something of everything. */
const everything = (options: { dtMs?: number; noise?: number; rounding?: "nearest" | "down" | "start" } = {}) =>
  defineTask({
    name: "everything",
    dtMs: options.dtMs ?? 10,
    conditions: {
      coherence: { choice: [0.1, 0.2, 0.4] },
      side: { choice: ["left", "right"] },
      angle: { uniform: [0, 2 * Math.PI] },
      jitter: { normal: { mean: 2, sd: 0.5 } },
      signed: ({ coherence, side }) => (side === 0 ? -coherence : coherence),
      coin: (_, random) => random.integer(2),
    },
    vectors: {
      order: { count: 3, sample: [1, 2, 3, 4, 5] },
      weights: { count: 4, of: { uniform: [-1, 1] } },
      scaled: { count: 2, of: ({ coherence }) => [coherence, -coherence] },
    },
    rounding: options.rounding ?? "nearest",
    periods: {
      fixation: 100,
      stimulus: { uniform: [50, 250] },
      delay: { truncatedExponential: { mean: 100, min: 20, max: 300 } },
      cue: { steps: 1 },
      answer: { of: ({ fixationMs }) => 2 * fixationMs, max: 200 },
    },
    inputs: {
      fixation: { during: { answer: 0, otherwise: 1 }, noise: 0 },
      ring: { size: 8, during: { stimulus: ({ angle }) => gaussianRing({ size: 8, width: 0.5 })(angle) } },
      cue: { during: { cue: 1 } },
    },
    noise: options.noise ?? 0.1,
    outputs: {
      choice: {
        names: ["left", "right"],
        during: { answer: ({ side }) => oneHot(side, 2, 1, 0.2), otherwise: 0.2 },
      },
    },
    mask: { fixation: 1, answer: ({ coherence }) => 10 * coherence },
    graceMs: { answer: 50 },
    accuracy: { type: "choice", during: "answer", correct: "side" },
  });

/** One trial of a batch's array as [steps of the trial, width]. */
function trialOf(
  batch: TrialBatch,
  name: "inputs" | "targets" | "mask",
  trial: number,
  steps = batch.steps,
): number[][] {
  const width = batch[name].length / (batch.steps * batch.trials);
  return Array.from({ length: steps }, (_, step) => {
    const start = (step * batch.trials + trial) * width;
    return [...batch[name].slice(start, start + width)];
  });
}

describe("a batch", () => {
  it("has the same trials for the same keys, whatever its size, and others for other keys", () => {
    const task = everything();
    fc.assert(
      fc.property(fc.nat(2 ** 32 - 1), fc.nat(1000), fc.integer({ min: 1, max: 9 }), (seed, index, trials) => {
        const small = task.batch({ trials, seed, index });
        const large = task.batch({ trials: 12, seed, index });
        expect(large.steps).toBe(small.steps);
        for (let trial = 0; trial < trials; trial += 1) {
          for (const name of ["inputs", "targets", "mask"] as const)
            expect(trialOf(small, name, trial)).toEqual(trialOf(large, name, trial));
          for (const [name, values] of Object.entries(small.conditions))
            expect(at(values, trial)).toBe(at(large.conditions[name], trial));
        }
        expect(task.batch({ trials: 12, seed, index }).inputs).toEqual(large.inputs);
        for (const other of [{ seed: (seed ^ 1) >>> 0 }, { index: index + 1 }, { stream: 5 }])
          expect(task.batch({ trials: 12, seed, index, ...other }).inputs).not.toEqual(large.inputs);
      }),
      { numRuns: 12 },
    );
  });

  it("lays out every period, with the mask 0 in grace and after the end, and inputs silent there", () => {
    for (const rounding of ["nearest", "down", "start"] as const) {
      const task = everything({ rounding, noise: 0.1 });
      const batch = task.batch({ trials: 40, seed: 3, dtMs: 7 });
      for (let trial = 0; trial < 40; trial += 1) {
        const length = at(batch.lengths, trial);
        const windows = Object.keys(batch.periods).map((name) => periodOf(batch, name, trial) ?? { from: 0, to: 0 });
        expect(windows[0]?.from).toBe(0);
        for (const [index, { from, to }] of windows.entries()) {
          expect(to).toBeGreaterThanOrEqual(from);
          expect(windows[index + 1]?.from ?? length).toBe(to);
        }
        const [fixation, stimulus, , cue, answer] = windows;
        const inside = (step: number, window?: { from: number; to: number }): boolean =>
          window !== undefined && step >= window.from && step < window.to;
        const grace = rounding === "nearest" ? 7 : rounding === "down" ? 7 : 8; // 50 / 7 ms
        const weight = Math.fround(10 * at(batch.conditions.coherence, trial));
        trialOf(batch, "mask", trial).forEach((row, step) => {
          const counts = inside(step, answer) && step >= (answer?.from ?? 0) + grace;
          expect(row).toEqual(new Array(2).fill(inside(step, fixation) ? 1 : counts ? weight : 0));
        });
        trialOf(batch, "targets", trial).forEach((row, step) => {
          const side = at(batch.conditions.side, trial);
          const low = step < length ? Math.fround(0.2) : 0;
          expect(row).toEqual(inside(step, answer) ? [...Float32Array.from(oneHot(side, 2, 1, 0.2))] : [low, low]);
        });
        trialOf(batch, "inputs", trial).forEach((row, step) => {
          expect(row[0]).toBe(step < length && !inside(step, answer) ? 1 : 0);
          if (step >= length) expect(row.every((value) => value === 0)).toBe(true);
          else expect(row.slice(1).every((value) => value !== 0)).toBe(true);
          if (!inside(step, stimulus) && !inside(step, cue))
            expect(Math.max(...row.slice(1).map(Math.abs))).toBeLessThan(0.7);
        });
        expect((cue?.to ?? 0) - (cue?.from ?? 0)).toBe(1);
      }
    }
  });

  it("turns durations into steps as the rounding says", () => {
    const steps = (rounding: "nearest" | "down" | "start", durations: readonly number[], dtMs = 10): number[] => {
      const task = defineTask({
        ...{ name: "rounded", rounding, dtMs },
        periods: { a: 0, b: 0, c: 0 },
        inputs: { one: {} },
        outputs: { one: {} },
        accuracy: { type: "within", tolerance: 1 },
      });
      const [aMs = 0, bMs = 0, cMs = 0] = durations;
      const { periods } = task.batch({ trials: 1, seed: 0, aMs, bMs, cMs });
      return Object.values(periods).map(({ from, to }) => to - from);
    };
    expect(steps("nearest", [14, 15, 1])).toEqual([1, 2, 1]);
    expect(steps("nearest", [0, 30, 4])).toEqual([0, 3, 1]);
    expect(steps("down", [19, 20, 29.9])).toEqual([1, 2, 2]);
    expect(steps("down", [0.3, 0.7, 1.1], 0.1)).toEqual([3, 7, 11]); // 0.3 / 0.1 is 2.9999999999999996
    expect(steps("start", [30.5, 59.5, 0])).toEqual([4, 5, 0]); // PsychRNN: the steps at 40 … 80 ms
    expect(steps("start", [4, 4, 4])).toEqual([1, 0, 1]); // boundaries at 4, 8 and 12 ms
    expect(steps("start", [5, 1, 14])).toEqual([1, 0, 1]);
  });

  it("is as long as any trial can be, or as its own longest with trim", () => {
    const task = everything();
    const expected = (100 + 250 + 300 + 200) / 10 + 1;
    for (const seed of [1, 2, 3]) expect(task.batch({ trials: 2, seed }).steps).toBe(expected);
    const trimmed = task.batch({ trials: 5, seed: 1, trim: true });
    expect(trimmed.steps).toBe(Math.max(...(trimmed.lengths ?? [])));
    expect(trimmed.steps).toBeLessThan(expected);
    const whole = task.batch({ trials: 5, seed: 1 });
    expect(trialOf(whole, "inputs", 0, trimmed.steps)).toEqual(trialOf(trimmed, "inputs", 0));
    // A period that is fixed is as long as it is fixed to, even where that is longer than the rule allows.
    expect(task.batch({ trials: 2, seed: 1, stimulusMs: [400, 100] }).steps).toBe(expected + 15);
    expect(task.batch({ trials: 2, seed: 1, stimulusMs: 50, delayMs: 0 }).steps).toBe(36);
  });

  it("has a largest length where the longest periods never meet", () => {
    const options = (longestMs: number) => ({
      ...{ name: "seesaw", longestMs, dtMs: 10 },
      conditions: { first: { choice: [100, 900] } },
      periods: {
        a: { condition: "first" },
        b: { of: ({ first }: { first: number }) => 1000 - first, max: 900 },
      },
      inputs: { one: {} },
      outputs: { one: {} },
      accuracy: { type: "within", tolerance: 1 },
    });
    const make = (longestMs: number) =>
      defineTask<"first", never, "a" | "b", "one", "one">(options(longestMs) as never);
    expect(make(1000).batch({ trials: 8, seed: 1 }).steps).toBe(101);
    expect(() => make(800).batch({ trials: 8, seed: 1 })).toThrow(/longestMs 800/);
  });
});

describe("conditions", () => {
  it("are drawn from their distributions, independently", () => {
    const trials = 8000;
    const { conditions, vectors } = everything().batch({ trials, seed: 9 });
    const mean = (values: ArrayLike<number> | undefined): number =>
      Array.from(values ?? []).reduce((sum, value) => sum + value, 0) / trials;
    const within = (value: number, expected: number, error: number): void =>
      expect(Math.abs(value - expected)).toBeLessThan(4 * error);
    within(mean(conditions.angle), Math.PI, Math.PI / Math.sqrt(3 * trials));
    within(mean(conditions.jitter), 2, 0.5 / Math.sqrt(trials));
    within(mean(conditions.side), 0.5, 0.5 / Math.sqrt(trials));
    within(mean(conditions.coin), 0.5, 0.5 / Math.sqrt(trials));
    // An exponential of mean 100 between 20 and 300: 20 + 100 - 280 / (e^2.8 - 1).
    within(mean(conditions.delayMs), 120 - 280 / Math.expm1(2.8), 70 / Math.sqrt(trials));
    expect(Math.min(...(conditions.delayMs ?? []))).toBeGreaterThanOrEqual(20);
    expect(Math.max(...(conditions.delayMs ?? []))).toBeLessThanOrEqual(300);
    const product = mean(
      (conditions.side ?? new Float64Array()).map((side, trial) => side * at(conditions.coin, trial)),
    );
    within(product, 0.25, 0.5 / Math.sqrt(trials));
    for (const value of [0.1, 0.2, 0.4])
      within(
        mean((conditions.coherence ?? new Float64Array()).map((own) => Number(own === value))),
        1 / 3,
        0.5 / Math.sqrt(trials),
      );
    for (let trial = 0; trial < 50; trial += 1) {
      const items = vectors?.order?.subarray(3 * trial, 3 * trial + 3) ?? [];
      expect(new Set(items).size).toBe(3);
      expect([...items].every((item) => [1, 2, 3, 4, 5].includes(item))).toBe(true);
      expect(at(vectors?.scaled, 2 * trial)).toBe(at(conditions.coherence, trial));
    }
    expect(vectors?.weights?.length).toBe(4 * trials);
  });

  it("take probabilities, and one draw for a whole batch", () => {
    const task = defineTask({
      name: "drawn",
      conditions: {
        rare: { choice: [0, 1, 2], probabilities: [8, 0, 2] },
        block: { choice: [1, 2, 3, 4, 5, 6, 7, 8], perBatch: true },
      },
      periods: { all: 100 },
      inputs: { one: {} },
      outputs: { one: {} },
      accuracy: { type: "within", tolerance: 1 },
    });
    const { rare } = task.batch({ trials: 4000, seed: 1 }).conditions;
    const share = (value: number): number => Array.from(rare ?? []).filter((own) => own === value).length / 4000;
    expect(Math.abs(share(0) - 0.8)).toBeLessThan(0.03);
    expect(share(1)).toBe(0);
    const blocks = Array.from(
      { length: 30 },
      (_, index) => new Set(task.batch({ trials: 9, seed: 1, index }).conditions.block),
    );
    expect(blocks.every((block) => block.size === 1)).toBe(true);
    expect(new Set(blocks.flatMap((block) => [...block])).size).toBeGreaterThan(4);
  });

  it("can each be fixed, by number, name or trial, and nothing else changes", () => {
    const task = everything();
    const free = task.batch({ trials: 6, seed: 4 });
    const fixed = task.batch({ trials: 6, seed: 4, coherence: 0.032, side: "right", weights: [1, 2, 3, 4] });
    expect(fixed.conditions.coherence).toEqual(new Float64Array(6).fill(0.032));
    expect(fixed.conditions.signed).toEqual(fixed.conditions.coherence);
    expect(fixed.conditions.angle).toEqual(free.conditions.angle);
    expect(fixed.conditions.coin).toEqual(free.conditions.coin);
    expect(fixed.vectors?.order).toEqual(free.vectors?.order);
    expect(fixed.vectors?.weights).toEqual(Float64Array.from({ length: 24 }, (_, item) => 1 + (item % 4)));
    expect(fixed.lengths).toEqual(free.lengths);
    expect(fixed.inputs).toEqual(free.inputs); // noise and all
    expect([...(fixed.correct ?? [])]).toEqual([1, 1, 1, 1, 1, 1]);
    const sides = ["left", "right", "right", "left", "left", "right"];
    expect([...(task.batch({ trials: 6, seed: 4, side: sides }).correct ?? [])]).toEqual([0, 1, 1, 0, 0, 1]);
    const each = task.batch({ trials: 2, seed: 4, scaled: [[1, 2], Float32Array.of(3, 4)] });
    expect([...(each.vectors?.scaled ?? [])]).toEqual([1, 2, 3, 4]);
    // Longer stimuli, the same noise at the start of each channel.
    const longer = task.batch({ trials: 6, seed: 4, stimulusMs: 250 });
    expect(trialOf(longer, "inputs", 0, 10)).toEqual(trialOf(free, "inputs", 0, 10));
  });

  it("come in every combination equally often in a balanced batch", () => {
    const task = everything();
    const { conditions } = task.batch({ trials: 24, seed: 1, balanced: true });
    const pairs = Array.from(
      { length: 24 },
      (_, trial) => `${at(conditions.coherence, trial)} ${at(conditions.side, trial)}`,
    );
    expect(new Set(pairs).size).toBe(6);
    for (const pair of new Set(pairs)) expect(pairs.filter((other) => other === pair)).toHaveLength(4);
    const square = defineTask({
      name: "square",
      conditions: { one: { choice: [0, 1] }, two: { choice: [0, 1] }, three: { choice: [0, 1, 2, 3] } },
      periods: { all: 20 },
      inputs: { light: {} },
      outputs: { out: {} },
      accuracy: { type: "within", tolerance: 1 },
    });
    const all = square.batch({ trials: 16, seed: 1, balanced: ["three", "two", "one"] }).conditions;
    const codes = Array.from(
      { length: 16 },
      (_, trial) => at(all.one, trial) + 2 * at(all.two, trial) + 4 * at(all.three, trial),
    );
    expect(codes).toEqual(Array.from({ length: 16 }, (_, index) => index));
    const one = task.batch({ trials: 3, seed: 1, balanced: ["coherence"], side: "left" }).conditions;
    expect([...(one.coherence ?? [])]).toEqual([0.1, 0.2, 0.4]);
    expect([...(one.side ?? [])]).toEqual([0, 0, 0]);
    expect(() => task.batch({ trials: 25, seed: 1, balanced: true })).toThrow(/6 combinations.*got 25/);
    expect(() => task.batch({ trials: 6, seed: 1, balanced: ["angle" as "side"] })).toThrow(ConfigError);
    expect(() => task.batch({ trials: 6, seed: 1, balanced: true, side: "left", coherence: 1 })).not.toThrow();
  });
});

test("an interval can be measured and reproduced, and a pulse is one step (ready, set, go)", () => {
  const task = defineTask({
    name: "readySetGo",
    dtMs: 10,
    conditions: { intervalMs: { uniform: [300, 600] }, gain: { choice: [1, 1.5] } },
    periods: {
      wait: { truncatedExponential: { mean: 100, min: 50, max: 200 } },
      ready: { steps: 1 },
      measured: { condition: "intervalMs" },
      set: { steps: 1 },
      produced: { of: ({ intervalMs, gain }) => gain * intervalMs, max: 900 },
      go: { steps: 1 },
      after: 100,
    },
    inputs: {
      ready: { during: { ready: 1 } },
      set: { during: { set: 1 } },
      gain: { during: { otherwise: ({ gain }) => gain } },
    },
    outputs: {
      go: {
        during: { go: 1 },
        fill: (values, _, { period }) => {
          const { from, to } = period("produced");
          for (let step = from; step < to; step += 1) values[step] = (step - from) / (to - from);
        },
      },
    },
    accuracy: ({ outputs, dtMs, condition, period }) => {
      const went = outputs.findIndex((value) => value >= 1);
      const producedMs = (went - period("produced").from) * dtMs;
      return Number(Math.abs(producedMs - condition("gain") * condition("intervalMs")) <= 20);
    },
  });
  const batch = task.batch({ trials: 40, seed: 1 });
  for (let trial = 0; trial < 40; trial += 1) {
    const rows = trialOf(batch, "inputs", trial);
    const ready = rows.findIndex((row) => row[0] === 1);
    const set = rows.findIndex((row) => row[1] === 1);
    const go = trialOf(batch, "targets", trial).findIndex((row) => row[0] === 1);
    expect(rows.flatMap((row) => row.slice(0, 2)).reduce((sum, value) => sum + value, 0)).toBe(2);
    expect(Math.abs((set - ready - 1) * 10 - at(batch.conditions.intervalMs, trial))).toBeLessThanOrEqual(5);
    const asked = at(batch.conditions.gain, trial) * at(batch.conditions.intervalMs, trial);
    expect(Math.abs((go - set - 1) * 10 - asked)).toBeLessThanOrEqual(5);
  }
  expect(task.accuracy(batch.targets, batch)).toBe(1);
  expect(task.batch({ trials: 2, seed: 1, intervalMs: 800, gain: 1, trim: true }).steps).toBeGreaterThan(170);
});

describe("fills", () => {
  const flipFlop = defineTask({
    name: "flipFlop",
    periods: { all: 640 },
    dtMs: 10,
    inputs: {
      pulses: {
        size: 3,
        fill: (values, _, { random, steps }) => {
          for (let bit = 0; bit < 3; bit += 1)
            for (let step = 0; step < steps; step += 1)
              if (step === 0 || random.uniform() < 0.1) values[step * 3 + bit] = random.choice([-1, 1]);
        },
      },
    },
    noise: 0.05,
    outputs: {
      state: {
        size: 3,
        fill: (values, _, timeline) => {
          const pulses = timeline.input("pulses");
          for (let at = 0; at < values.length; at += 1) values[at] = pulses[at] || (values[at - 3] ?? 0);
        },
        fillMask: (values, _, { period }) => {
          expect(period).toBeTypeOf("function");
          values.fill(0, 0, 6);
        },
      },
    },
    accuracy: { type: "within", tolerance: 0.5 },
  });

  it("write a whole trial, and targets follow from inputs without their noise", () => {
    const batch = flipFlop.batch({ trials: 7, seed: 2 });
    for (let trial = 0; trial < 7; trial += 1) {
      const inputs = trialOf(batch, "inputs", trial);
      const targets = trialOf(batch, "targets", trial);
      const state = [0, 0, 0];
      for (const [step, row] of inputs.entries()) {
        row.forEach((value, bit) => {
          if (Math.abs(value) > 0.5) state[bit] = Math.sign(value);
        });
        expect(targets[step]).toEqual(state);
      }
      expect(trialOf(batch, "mask", trial).slice(0, 3).flat()).toEqual([0, 0, 0, 0, 0, 0, 1, 1, 1]);
    }
    const alone = flipFlop.batch({ trials: 1, seed: 2 });
    expect(trialOf(alone, "inputs", 0)).toEqual(trialOf(batch, "inputs", 0));
    expect(flipFlop.accuracy(batch.targets, batch)).toBe(1);
    expect(
      flipFlop.accuracy(
        batch.targets.map((value) => -value),
        batch,
      ),
    ).toBe(0);
  });
});

describe("noise", () => {
  const noisy = (noise: NoiseRule<{ readonly dtMs: number }, "before" | "during">, extra: object = {}) =>
    defineTask({
      name: "noisy",
      periods: { before: 1000, during: 1000 },
      inputs: { a: { size: 3, ...extra }, b: { noise: 0 } },
      noise,
      outputs: { one: {} },
      accuracy: { type: "within", tolerance: 1 },
    });
  const sdOf = (values: readonly number[]): number =>
    Math.sqrt(values.reduce((sum, value) => sum + value * value, 0) / values.length);

  it("has the standard deviation asked for, at any time step, in the periods named", () => {
    const trials = 60;
    for (const dtMs of [10, 40]) {
      const cases = [
        { task: noisy(0.3), before: 0.3 },
        { task: noisy({ sd: ({ dtMs: dt }) => dt / 100 }), before: dtMs / 100 },
        { task: noisy({ sigma: 0.1, tauMs: 80 }), before: 0.1 * Math.sqrt(160 / dtMs) },
        { task: noisy({ sd: 0.2, during: ["during"] }), before: 0, during: 0.2 },
        { task: noisy(0.3, { noise: { sd: 0.1 } }), before: 0.1 },
      ];
      for (const { task, before, during = before } of cases) {
        const batch = task.batch({ trials, seed: 1, dtMs });
        const half = batch.steps / 2;
        const all = Array.from({ length: trials }, (_, trial) => trialOf(batch, "inputs", trial));
        const values = (from: number, to: number) =>
          all.flatMap((rows) => rows.slice(from, to).flatMap((row) => row.slice(0, 3)));
        const error = 5 / Math.sqrt(2 * trials * 3 * half);
        expect(Math.abs(sdOf(values(0, half)) - before)).toBeLessThanOrEqual(before * error);
        expect(Math.abs(sdOf(values(half, 2 * half)) - during)).toBeLessThanOrEqual(during * error);
        expect(all.flat().every((row) => row[3] === 0)).toBe(true);
      }
    }
  });

  it("is independent between groups, channels and steps", () => {
    const trials = 200;
    const task = defineTask({
      name: "independent",
      periods: { all: 1000 },
      inputs: { a: { size: 2 }, b: { size: 2 } },
      noise: 1,
      outputs: { one: {} },
      accuracy: { type: "within", tolerance: 1 },
    });
    const { inputs, steps } = task.batch({ trials, seed: 1 });
    const correlation = (first: number, second: number, lag: number): number => {
      let sum = 0;
      for (let row = lag * trials; row < steps * trials; row += 1)
        sum += at(inputs, row * 4 + first) * at(inputs, (row - lag * trials) * 4 + second);
      return sum / ((steps - lag) * trials);
    };
    for (const [first, second] of [0, 1, 2, 3].flatMap((one) => [0, 1, 2, 3].map((other) => [one, other] as const)))
      for (const lag of first === second ? [1, 2] : [0, 1])
        expect(Math.abs(correlation(first, second, lag))).toBeLessThan(5 / Math.sqrt(steps * trials));
  });

  it("can be cut off at 0", () => {
    const task = defineTask({
      name: "rectified",
      periods: { all: 500 },
      inputs: { a: { during: { all: 0.1 } } },
      noise: 0.2,
      rectifyInputs: true,
      outputs: { one: {} },
      accuracy: { type: "within", tolerance: 1 },
    });
    const { inputs } = task.batch({ trials: 20, seed: 1 });
    expect(Math.min(...inputs)).toBe(0);
    expect(Math.max(...inputs)).toBeGreaterThan(0.3);
  });
});

test("functions of a level are called once for a trial and period, not once for a step", () => {
  for (const dtMs of [1, 50]) {
    let calls = 0;
    const task = defineTask({
      name: "counted",
      conditions: { strength: { uniform: [0, 1] } },
      periods: { before: 500, stimulus: 500 },
      inputs: {
        light: {
          size: 20,
          during: {
            stimulus: ({ strength }) => {
              calls += 1;
              return strength;
            },
          },
        },
      },
      outputs: { one: {} },
      accuracy: { type: "within", tolerance: 1 },
    });
    expect(task.batch({ trials: 16, seed: 1, dtMs }).steps).toBe(1000 / dtMs);
    expect(calls).toBe(16);
  }
});

test("catch trials have no stimulus and are not scored", () => {
  const task = defineTask({
    name: "caught",
    conditions: { side: { choice: [0, 1], only: true } },
    periods: { stimulus: 100, answer: 100 },
    inputs: { left: { during: { stimulus: 1 } }, cue: { during: { answer: 1 } } },
    outputs: {
      choice: {
        size: 2,
        during: { answer: ({ side }) => oneHot(side, 2), otherwise: 0.2 },
        duringCatch: { otherwise: 0.3 },
      },
    },
    catchTrials: { probability: 0.25, without: ["left"] },
    accuracy: { type: "choice", during: "answer", correct: "side" },
  });
  const batch = task.batch({ trials: 800, seed: 1 });
  const caught = Array.from(batch.conditions.catch ?? []);
  expect(Math.abs(caught.filter((one) => one === 1).length / 800 - 0.25)).toBeLessThan(0.06);
  for (let trial = 0; trial < 40; trial += 1) {
    const inputs = trialOf(batch, "inputs", trial);
    expect(inputs[0]).toEqual([caught[trial] === 1 ? 0 : 1, 0]);
    expect(inputs[9]).toEqual([0, 1]);
    if (caught[trial] === 1)
      expect(new Set(trialOf(batch, "targets", trial).flat())).toEqual(new Set([Math.fround(0.3)]));
  }
  const correct = task.correct(batch.targets, batch);
  expect([...correct].every((score, trial) => (caught[trial] === 1 ? Number.isNaN(score) : score === 1))).toBe(true);
  expect(task.accuracy(batch.targets, batch)).toBe(1);
  expect(new Set(task.batch({ trials: 60, seed: 1, balanced: ["side"] }).conditions.catch)).toEqual(new Set([0]));
  expect(
    task.accuracy(new Float32Array(20 * 2), task.batch({ trials: 2, seed: 1, catch: 1, trim: true, dtMs: 20 })),
  ).toBeNaN();
});

test("a psychometric curve is one call", () => {
  const task = everything({ noise: 0 });
  const batch = task.batch({ trials: 36, seed: 1, balanced: ["coherence", "side"] });
  // Right for all but the weakest evidence, which goes to the left.
  const outputs = batch.targets.map((value, index) => {
    const trial = Math.floor(index / 2) % 36;
    return at(batch.conditions.coherence, trial) === 0.1 ? 1 - (index % 2) : value;
  });
  expect(psychometric(task, outputs, batch, "coherence")).toEqual([
    { value: 0.1, trials: 12, accuracy: 0.5, standardError: Math.sqrt(0.25 / 12), choices: [1, 0] },
    { value: 0.2, trials: 12, accuracy: 1, standardError: 0, choices: [0.5, 0.5] },
    { value: 0.4, trials: 12, accuracy: 1, standardError: 0, choices: [0.5, 0.5] },
  ]);
  const bySign = psychometric(task, outputs, batch, "signed");
  expect(bySign.map(({ choices = [] }) => choices[1])).toEqual([0, 0, 0, 0, 1, 1]);
  expect(psychometric(task, outputs, batch, "side").map(({ label }) => label)).toEqual(["left", "right"]);
  expect(() => psychometric(task, outputs, batch, "coherance")).toThrow(/did you mean "coherence"/);
});

describe("what is wrong is named", () => {
  const base = {
    name: "wrong",
    conditions: { side: { choice: ["left", "right"] } },
    periods: { stimulus: 100, answer: 100 },
    inputs: { light: { during: { stimulus: 1 } } },
    outputs: { choice: { size: 2 } },
    accuracy: { type: "choice", during: "answer", correct: "side" },
  };
  const make = (change: object) => defineTask({ ...base, ...change } as never);
  const light = (group: object) => ({ inputs: { light: group } });
  const choice = (group: object) => ({ outputs: { choice: { size: 2, ...group } } });
  const cases: readonly (readonly [change: object, message: RegExp])[] = [
    [{ periods: { stimulus: { unifrm: [1, 2] } } }, /periods\.stimulus: unknown key "unifrm"; did you mean "uniform"/],
    [{ conditions: { side: { chioce: [1] } } }, /conditions\.side.*did you mean "choice"/],
    [{ conditions: { side: { choice: [] } } }, /wrong: conditions\.side/],
    [{ conditions: { side: { uniform: [2, 1] } } }, /conditions\.side: uniform: expected \[low, high\]/],
    [{ conditions: { side: { choice: ["a", "a"] } } }, /different names/],
    [{ conditions: { side: { choice: [1, 2], probabilities: [1] } } }, /expected 2 probabilities/],
    [{ conditions: { trials: 1, side: 0 } }, /"trials" is used twice, or by every batch/],
    [{ conditions: { stimulusMs: 1, side: 0 } }, /"stimulusMs" is used twice/],
    [{ conditions: { "left side": 1, side: 0 } }, /names of letters and digits.*"left side"/],
    [{ vectors: { list: { count: 4, sample: [1, 2] } } }, /cannot take 4 different items of 2/],
    [{ periods: {} }, /needs at least one/],
    [{ periods: { otherwise: 1, answer: 1 } }, /"otherwise" stands for all periods/],
    [{ periods: { stimulus: -1, answer: 1 } }, /periods\.stimulus/],
    [{ periods: { stimulus: { normal: { mean: 1, sd: 1 } }, answer: 1 } }, /periods\.stimulus \(shortest\)/],
    [{ periods: { stimulus: { condition: "sde" }, answer: 1 } }, /"sde" is not a condition; did you mean "side"/],
    [light({ during: { stimlus: 1 } }), /inputs\.light\.during: "stimlus" is not a period; did you mean "stimulus"/],
    [light({ during: { stimulus: [1, 2] } }), /inputs\.light\.during\.stimulus: expected 1 values/],
    [light({ size: 2, names: ["a"] }), /inputs\.light: expected 2 names/],
    [light({ noise: { sigma: 1, tauMs: 1, during: ["stim"] } }), /noise\.during: "stim" is not a period/],
    [{ inputs: {} }, /inputs: expected at least one channel/],
    [{ inputs: { a: { names: ["x"] }, b: { names: ["x"] } } }, /two channels have the name "x"/],
    [choice({ mask: { answr: 1 } }), /outputs\.choice\.mask: "answr" is not a period/],
    [{ mask: { answr: 1 } }, /wrong: mask: "answr" is not a period/],
    [{ mask: { answer: -1 } }, /mask/],
    [{ graceMs: { answr: 1 } }, /graceMs: "answr" is not a period/],
    [{ catchTrials: { probability: 0.1, without: ["lght"] } }, /catchTrials\.without: "lght".*did you mean "light"/],
    [
      { accuracy: { type: "choice", during: "answr", correct: "side" } },
      /accuracy\.during: "answr".*did you mean "answer"/,
    ],
    [
      { accuracy: { type: "choice", during: "answer", correct: "sde" } },
      /accuracy\.correct: "sde".*did you mean "side"/,
    ],
    [{ accuracy: { type: "sign", output: "chice", during: "answer", correct: "side" } }, /accuracy\.output: "chice"/],
    [{ accurcy: {} }, /accurcy: unknown key; did you mean "accuracy"/],
    [{ chance: 2 }, /chance/],
    [{ dtMs: 0 }, /dtMs/],
  ];
  test.each(cases)("%j", (change, message) => {
    expect(() => make(change)).toThrow(message);
  });

  it("in a batch", () => {
    const task = make({});
    const batch = (given: object) => () => task.batch({ trials: 2, seed: 1, ...given });
    expect(batch({ sde: 1 })).toThrow(/unknown option "sde"; did you mean "side"/);
    expect(batch({ side: "lft" })).toThrow(/side: "lft" is not known; did you mean "left"/);
    expect(batch({ side: 2 })).toThrow(/side: expected one of 0, 1 \(left, right\), got 2/);
    expect(batch({ side: [0, 1, 0] })).toThrow(ShapeError);
    expect(batch({ side: Number.NaN })).toThrow(ValueError);
    expect(batch({ stimulusMs: -5 })).toThrow(/stimulusMs: expected milliseconds from 0 up, got -5/);
    expect(batch({ stimulusMs: 0, answerMs: 0 })).toThrow(/0 steps/);
    expect(batch({ trials: 0 })).toThrow(ValueError);
    expect(batch({ dtMs: -1 })).toThrow(ValueError);
    expect(() => task.accuracy(new Float32Array(3), task.batch({ trials: 2, seed: 1 }))).toThrow(ShapeError);
  });

  it("in a function of the definition", () => {
    const run = (change: object) => () => make(change).batch({ trials: 1, seed: 1 });
    expect(run({ conditions: { a: ({ b }: { b: number }) => b, b: 1, side: 0 } })).toThrow(
      /conditions\.a: .*got NaN.*before it/,
    );
    expect(run(light({ during: { stimulus: () => Number.NaN } }))).toThrow(
      /inputs\.light\.stimulus: expected a finite number/,
    );
    expect(run(light({ size: 2, during: { stimulus: () => [1] } }))).toThrow(
      /expected 2 values, one per channel, got 1/,
    );
    expect(run(light({ size: 2, during: { stimulus: () => [1, Number.NaN] } }))).toThrow(/for channel 1/);
    expect(run(light({ noise: { sd: () => -1 } }))).toThrow(/noise: expected a standard deviation, got -1/);
    expect(run({ periods: { stimulus: { of: () => 200, max: 100 }, answer: 1 } })).toThrow(/expected 0 … 100 ms/);
    expect(run({ periods: { stimulus: { until: () => 200, max: 100 }, answer: 1 } })).toThrow(
      /until: expected 0 … 100 ms/,
    );
    expect(run({ conditions: { side: 5 } })).toThrow(/side: expected the number of a choice, 0 … 1, got 5/);
    expect(run({ vectors: { v: { count: 2, of: () => [1] } } })).toThrow(/vectors\.v: expected 2 finite numbers/);
    expect(
      run(light({ fill: (_: unknown, __: unknown, t: { period(name: string): unknown }) => t.period("stim") })),
    ).toThrow(/period "stim"/);
    expect(() => oneHot(2, 2)).toThrow(ValueError);
  });
});
