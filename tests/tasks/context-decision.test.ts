import { describe, expect, it } from "vitest";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { contextDecision } from "../../src/tasks/context-decision.ts";
import type { Task, TrialBatch } from "../../src/tasks/task.ts";
import { tasks } from "../../src/tasks/tasks.ts";

const at = (values: ArrayLike<number> | undefined, index: number): number => values?.[index] ?? Number.NaN;

/** What an observer answers who sums right - left of the cued modality over the stimulus, as outputs [T, B, 2]. */
function idealOutputs(batch: TrialBatch): Float32Array {
  const { steps, trials, inputs, conditions, periods } = batch;
  const outputs = new Float32Array(steps * trials * 2);
  const { stimulus = { from: 0, to: 0 }, decision = { from: 0, to: 0 } } = periods;
  for (let trial = 0; trial < trials; trial += 1) {
    const left = 2 + 2 * at(conditions.context, trial);
    let sum = 0;
    for (let step = stimulus.from; step < stimulus.to; step += 1)
      sum += at(inputs, (step * trials + trial) * 6 + left + 1) - at(inputs, (step * trials + trial) * 6 + left);
    for (let step = decision.from; step < decision.to; step += 1)
      outputs[(step * trials + trial) * 2 + (sum > 0 ? 1 : 0)] = 1;
  }
  return outputs;
}

describe("contextDecision", () => {
  it("has 23 steps of 40 ms, or 46 of 20 ms, with targets and masks by period", () => {
    const task = contextDecision();
    expect(task.batch({ trials: 2, seed: 1 }).steps).toBe(46);
    const batch = task.batch({
      trials: 3,
      seed: 1,
      dtMs: 40,
      context: "colour",
      motionCoherence: 0.5,
      colourCoherence: -0.15,
    });
    expect(batch.steps).toBe(23);
    expect(batch.periods).toEqual({
      fixation: { from: 0, to: 3 },
      stimulus: { from: 3, to: 18 },
      decision: { from: 18, to: 23 },
    });
    expect([batch.inputs.length, batch.targets.length, batch.mask.length]).toEqual([23 * 18, 23 * 6, 23 * 6]);
    for (let step = 0; step < 23; step += 1) {
      const frame = [...batch.inputs.slice((step * 3 + 1) * 6, (step * 3 + 2) * 6)];
      expect(frame.slice(0, 2)).toEqual([0, 1]);
      const decided = step >= 18;
      if (step < 3 || decided) expect(frame.slice(2)).toEqual([0, 0, 0, 0]);
      else expect(at(frame, 3)).toBeGreaterThan(at(frame, 2)); // motion: right at 0.5
      expect([...batch.targets.slice((step * 3 + 1) * 2, (step * 3 + 2) * 2)]).toEqual(
        decided ? [1, Math.fround(0.2)] : [Math.fround(0.2), Math.fround(0.2)],
      );
      expect(at(batch.mask, step * 6)).toBe(step < 3 || decided ? 1 : 0);
    }
    expect([...(batch.correct ?? [])]).toEqual([0, 0, 0]);
  });

  it("has noise whose information does not depend on the time step", () => {
    const task = contextDecision();
    for (const dtMs of [10, 20, 40]) {
      const batch = task.batch({ trials: 400, seed: 5, dtMs, motionCoherence: 0.15 });
      const { from, to } = batch.periods.stimulus ?? { from: 0, to: 0 };
      const noise: number[] = [];
      for (let row = from * 400; row < to * 400; row += 1) noise.push(at(batch.inputs, row * 6 + 3) - 0.575);
      const mean = noise.reduce((sum, value) => sum + value, 0) / noise.length;
      const sd = Math.sqrt(noise.reduce((sum, value) => sum + (value - mean) ** 2, 0) / noise.length);
      const expected = 0.025 * Math.sqrt(200 / dtMs);
      expect(Math.abs(mean)).toBeLessThan((5 * expected) / Math.sqrt(noise.length));
      expect(Math.abs(sd / expected - 1)).toBeLessThan(5 / Math.sqrt(2 * noise.length));
    }
  });

  it.each([20, 40])(
    "is solvable at a time step of %d ms: an ideal observer gets 0.99 of all trials and 0.97 of the weakest",
    (dtMs) => {
      const task = contextDecision();
      const all = task.batch({ trials: 6000, seed: 11, dtMs });
      expect(task.accuracy(idealOutputs(all), all)).toBeGreaterThan(0.99);
      const weak = task.batch({ trials: 6000, seed: 12, dtMs, motionCoherence: 0.05, colourCoherence: -0.05 });
      const accuracy = task.accuracy(idealOutputs(weak), weak);
      expect(Math.abs(accuracy - 0.99285)).toBeLessThan(0.0045); // Φ(√6) ± 4 standard errors
      expect(accuracy).toBeGreaterThan(0.97);
    },
  );

  it("draws every condition evenly and independently", () => {
    const { conditions, correct } = contextDecision().batch({ trials: 6000, seed: 2 });
    const share = (test: (trial: number) => boolean) =>
      Array.from({ length: 6000 }, (_, trial) => trial).filter(test).length / 6000;
    expect(Math.abs(share((trial) => conditions.context?.[trial] === 1) - 0.5)).toBeLessThan(0.03);
    expect(Math.abs(share((trial) => correct?.[trial] === 1) - 0.5)).toBeLessThan(0.03);
    for (const value of [0.05, -0.05, 0.15, -0.15, 0.5, -0.5]) {
      const is = (name: string, trial: number) => conditions[name]?.[trial] === Math.fround(value);
      expect(Math.abs(share((trial) => is("motionCoherence", trial)) - 1 / 6)).toBeLessThan(0.025);
      expect(
        Math.abs(share((trial) => is("motionCoherence", trial) && is("colourCoherence", trial)) - 1 / 36),
      ).toBeLessThan(0.012);
    }
  });

  it("gives the same trials for the same keys, whatever the size of the batch or what is fixed", () => {
    const task = contextDecision({ dtMs: 40 });
    const large = task.batch({ trials: 16, seed: 3, index: 5 });
    expect(task.batch({ trials: 16, seed: 3, index: 5 })).toEqual(large);
    const small = task.batch({ trials: 4, seed: 3, index: 5 });
    for (let step = 0; step < 23; step += 1)
      expect(small.inputs.slice(step * 24, step * 24 + 24)).toEqual(large.inputs.slice(step * 96, step * 96 + 24));
    expect(task.batch({ trials: 16, seed: 3, index: 6 }).inputs).not.toEqual(large.inputs);
    expect(task.batch({ trials: 16, seed: 4, index: 5 }).inputs).not.toEqual(large.inputs);
    expect(task.batch({ trials: 16, seed: 3, index: 5, stream: 5 }).inputs).not.toEqual(large.inputs);
    const fixed = task.batch({ trials: 16, seed: 3, index: 5, context: 0 });
    expect(fixed.conditions.motionCoherence).toEqual(large.conditions.motionCoherence);
    const list = task.batch({ trials: 2, seed: 3, motionCoherence: [0.05, -0.5], context: [0, 0] });
    expect([...(list.correct ?? [])]).toEqual([1, 0]);
  });

  it("scores the mean over the decision period; ties are at chance and NaN is wrong", () => {
    const task: Task = contextDecision({ dtMs: 40 });
    const batch = task.batch({ trials: 8, seed: 1 });
    expect(task.accuracy(batch.targets, batch)).toBe(1);
    expect(
      task.accuracy(
        batch.targets.map((value) => -value),
        batch,
      ),
    ).toBe(0);
    expect(task.accuracy(new Float32Array(batch.targets.length), batch)).toBe(task.chance);
    expect(task.accuracy(new Float32Array(batch.targets.length).fill(Number.NaN), batch)).toBe(0);
    expect(() => task.accuracy(new Float32Array(3), batch)).toThrow(ShapeError);
  });

  it("draws the correct choice at random where there is no evidence", () => {
    const { correct } = contextDecision().batch({ trials: 1000, seed: 1, motionCoherence: 0, colourCoherence: 0 });
    const right = correct?.reduce((sum, choice) => sum + choice, 0) ?? 0;
    expect(Math.abs(right - 500)).toBeLessThan(80);
  });

  it("names what is wrong", () => {
    const task = tasks.contextDecision();
    expect(() => task.batch({ trials: 0, seed: 1 })).toThrow(ValueError);
    expect(() => task.batch({ trials: 1, seed: 1.5 })).toThrow(ValueError);
    expect(() => task.batch({ trials: 1, seed: 1, colorCoherence: 0.1 } as never)).toThrow(
      /"colorCoherence"; did you mean "colourCoherence"/,
    );
    expect(() => task.batch({ trials: 1, seed: 1, context: "shape" as never })).toThrow(ConfigError);
    expect(() => task.batch({ trials: 1, seed: 1, context: 2 })).toThrow(ValueError);
    expect(() => task.batch({ trials: 1, seed: 1, motionCoherence: 5 })).toThrow(ValueError);
    expect(() => task.batch({ trials: 2, seed: 1, motionCoherence: [1] })).toThrow(ShapeError);
    expect(() => contextDecision({ stimulus: 5 } as never)).toThrow(ConfigError);
    expect(() => contextDecision({ coherences: [0] })).toThrow(ValueError);
    expect(() => contextDecision({ decisionMs: 0 })).toThrow(ValueError);
    expect(contextDecision({ fixationMs: 0, noise: 0 }).batch({ trials: 1, seed: 1 }).steps).toBe(40);
  });

  it("makes a batch of 32 in well under the time of a training step", () => {
    const task = contextDecision({ dtMs: 40 });
    const times = Array.from({ length: 300 }, (_, index) => {
      const start = performance.now();
      task.batch({ trials: 32, seed: 1, index });
      return performance.now() - start;
    }).sort((left, right) => left - right);
    // A fast tenth, against a loose bound, so that a busy machine does not fail it.
    expect(at(times, 30)).toBeLessThan(2);
  });
});
