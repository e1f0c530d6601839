import { describe, expect, it } from "vitest";
import { angleBetween, populationVector, wrapAngle } from "../../src/tasks/angles.ts";
import { defineTask } from "../../src/tasks/define-task.ts";
import { cosineRing, gaussianRing, ringAngles, sumOf, vonMisesRing } from "../../src/tasks/ring.ts";
import type { TrialBatch } from "../../src/tasks/task.ts";

/** Outputs [T, B, O] from a function of each trial's steps. */
function outputsOf(batch: TrialBatch, row: (trial: number, step: number) => readonly number[]): Float32Array {
  const width = batch.targets.length / (batch.steps * batch.trials);
  const outputs = new Float32Array(batch.targets.length);
  for (let step = 0; step < batch.steps; step += 1)
    for (let trial = 0; trial < batch.trials; trial += 1)
      outputs.set(row(trial, step), (step * batch.trials + trial) * width);
  return outputs;
}

const frame = { name: "judged", dtMs: 10, inputs: { one: {} } } as const;

describe("accuracy by rule", () => {
  it("choice: the largest mean of the period, ties shared, NaN wrong, other outputs ignored", () => {
    const task = defineTask({
      ...frame,
      conditions: { best: { choice: [0, 1, 2], only: true } },
      periods: { before: 30, answer: { choice: [20, 50] } },
      outputs: { other: {}, options: { size: 3 } },
      accuracy: { type: "choice", during: "answer", correct: "best", outputs: ["options"] },
    });
    expect(task.chance).toBeCloseTo(1 / 3, 12);
    const batch = task.batch({ trials: 5, seed: 1, best: 2, answerMs: [20, 50, 20, 50, 20] });
    const outputs = outputsOf(batch, (trial, step) => {
      const ends = trial % 2 === 0 ? 5 : 8;
      if (step < 3 || step >= ends) return [0, 9, 0, 0]; // what lies outside the period does not count
      return (
        [
          [9, 0, 0, 1],
          [9, 1, 0, 0],
          [9, 1, 0, 1],
          [9, 1, 1, 1],
          [9, Number.NaN, 0, 1],
        ][trial] ?? []
      );
    });
    expect([...task.correct(outputs, batch)]).toEqual([1, 0, 0.5, 1 / 3, 0]);
    expect(task.accuracy(outputs, batch)).toBeCloseTo((1 + 0.5 + 1 / 3) / 5, 12);
    expect([...(task.choices?.(outputs, batch) ?? [])]).toEqual([2, 0, 0, 0, -1]);
  });

  it("sign: of the mean over the period", () => {
    const task = defineTask({
      ...frame,
      conditions: { evidence: { choice: [-1, 1] } },
      periods: { before: 20, answer: 40 },
      outputs: { out: {} },
      accuracy: { type: "sign", output: "out", during: "answer", correct: "evidence" },
    });
    const batch = task.batch({ trials: 4, seed: 1, evidence: [-0.5, 0.1, 1, 1] });
    const outputs = outputsOf(batch, (trial, step) => [step < 2 ? 5 : ([-1, -1, 0, Number.NaN][trial] ?? 0)]);
    expect([...task.correct(outputs, batch)]).toEqual([1, 0, 0.5, 0]);
    expect([...(task.choices?.(outputs, batch) ?? [])]).toEqual([0, 0, 0, -1]);
  });

  it("angle: of cos and sin over a period, with a tolerance on the circle", () => {
    const task = defineTask({
      ...frame,
      conditions: { direction: { uniform: [0, 2 * Math.PI] } },
      periods: { before: 20, answer: 40 },
      outputs: { x: {}, y: {} },
      accuracy: { type: "angle", outputs: ["x", "y"], correct: "direction", tolerance: 0.2, at: "answer" },
    });
    const directions = [0.05, 6.2, 3, 3];
    const given = [6.2, 0.05, 3.15, 3.3];
    const batch = task.batch({ trials: 4, seed: 1, direction: directions });
    const outputs = outputsOf(batch, (trial, step) => {
      const angle = given[trial] ?? 0;
      return step < 2 ? [-5, -5] : [0.3 * Math.cos(angle), 0.3 * Math.sin(angle)];
    });
    expect([...task.correct(outputs, batch)]).toEqual([1, 1, 1, 0]);
    expect(task.chance).toBeCloseTo(0.2 / Math.PI, 12);
  });

  it("within: the share of what counts that is near its target", () => {
    const task = defineTask({
      ...frame,
      periods: { before: 20, answer: 80 },
      outputs: { out: { during: { answer: 1 } } },
      mask: { answer: 1 },
      accuracy: { type: "within", tolerance: 0.1 },
    });
    const batch = task.batch({ trials: 2, seed: 1 });
    const outputs = outputsOf(batch, (trial, step) => [step < 2 ? 7 : trial === 0 || step < 4 ? 1.05 : 1.2]);
    expect([...task.correct(outputs, batch)]).toEqual([1, 0.25]);
  });

  it("a function of one trial: here a reaction time", () => {
    const task = defineTask({
      ...frame,
      conditions: { limitMs: { choice: [50, 100] } },
      vectors: { pair: { count: 2, of: { uniform: [0, 1] } } },
      periods: { before: 20, answer: { choice: [80, 120] } },
      outputs: { out: { during: { answer: 1 } } },
      chance: 0.1,
      accuracy: ({ outputs, targets, mask, steps, dtMs, condition, vector, period }) => {
        expect([outputs.length, targets.length, mask.length, vector("pair").length]).toEqual([steps, steps, steps, 2]);
        expect(targets[period("answer").from]).toBe(1);
        const crossed = outputs.findIndex((value) => value > 0.5);
        const reactionMs = (crossed - period("answer").from) * dtMs;
        return crossed < 0 ? Number.NaN : Number(reactionMs <= condition("limitMs"));
      },
    });
    const batch = task.batch({ trials: 3, seed: 1, limitMs: 50, answerMs: [80, 120, 120] });
    const outputs = outputsOf(batch, (trial, step) => [step >= ([6, 9][trial] ?? 99) ? 1 : 0]);
    expect([...task.correct(outputs, batch)]).toEqual([1, 0, Number.NaN]);
    expect(task.accuracy(outputs, batch)).toBe(0.5);
    expect(task.chance).toBe(0.1);
  });
});

describe("rings", () => {
  it("have their top at the angle, and are read by the population vector", () => {
    const size = 32;
    for (const ring of [
      gaussianRing({ size, width: Math.PI / 8, height: 0.8 }),
      vonMisesRing({ size, kappa: 2, height: 0.8 }),
      cosineRing({ size, height: 0.8 }),
    ]) {
      for (const unit of [0, 5, 31]) {
        const angle = ringAngles(size)[unit] ?? 0;
        const values = ring(angle);
        expect(values.indexOf(Math.max(...values))).toBe(unit);
        expect(values[unit]).toBeCloseTo(0.8, 12);
        expect(ring(angle, 0.5)[unit]).toBeCloseTo(0.4, 12);
      }
      expect(angleBetween(populationVector(ring(1.2345)), 1.2345)).toBeLessThan(1e-6);
    }
    expect([...sumOf([1, 2], [3, 4], [0.5, 0])]).toEqual([4.5, 6]);
  });

  it("measure angles around the circle", () => {
    expect(wrapAngle(-0.5)).toBeCloseTo(2 * Math.PI - 0.5, 12);
    expect(angleBetween(0.1, 6.2)).toBeCloseTo(0.1 + 2 * Math.PI - 6.2, 12);
    expect(angleBetween(0, Math.PI)).toBeCloseTo(Math.PI, 12);
  });
});
