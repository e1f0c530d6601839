import { describe, expect, it } from "vitest";
import { reactionTimes } from "../../src/tasks/reaction-times.ts";
import type { Task } from "../../src/tasks/task.ts";
import { tasks } from "../../src/tasks/tasks.ts";
import { at } from "../support/observers.ts";

describe("reaction times", () => {
  it("are those of a bounded integrator: shorter and more often right with more coherence", () => {
    const task = tasks.reactionTimeDecision({ noise: 0.05, dtMs: 10 }) as Task;
    const batch = task.batch({ trials: 1500, seed: 1, balanced: ["coherence"], decisionMs: 1700 } as never);
    const outputs = new Float32Array(batch.targets.length);
    for (let trial = 0; trial < batch.trials; trial += 1) {
      let sum = 0;
      for (let step = batch.periods.free?.from ?? 0; step < batch.steps; step += 1) {
        const index = step * batch.trials + trial;
        sum += (at(batch.inputs, index * 3) - at(batch.inputs, index * 3 + 1)) * 0.1;
        outputs[index * 2] = sum;
        outputs[index * 2 + 1] = -sum;
      }
    }
    const { ms, choices } = reactionTimes(outputs, batch, { from: "free", threshold: 0.2 });
    const coherences = [0.01, 0.02, 0.04, 0.08, 0.16];
    const curve = coherences.map((coherence) => {
      const mine = [...choices.keys()].filter((trial) => batch.conditions.coherence?.[trial] === coherence);
      const decided = mine.filter((trial) => choices[trial] !== -1);
      return {
        rt: decided.reduce((sum, trial) => sum + at(ms, trial), 0) / decided.length,
        right: decided.filter((trial) => choices[trial] === batch.correct?.[trial]).length / decided.length,
      };
    });
    curve.slice(1).forEach(({ rt, right }, index) => {
      expect(rt).toBeLessThan(curve[index]?.rt ?? 0);
      expect(right).toBeGreaterThanOrEqual(curve[index]?.right ?? 1);
    });
    expect(curve[0]?.right).toBeLessThan(0.9);
    expect(curve[4]?.right).toBe(1);
  });

  it("count from the start of a period; the largest of outputs that cross together is the choice", () => {
    const batch = tasks
      .variableDurationDecision({ dtMs: 50, stimulusMs: 100, catchProbability: 0 })
      .batch({ trials: 3, seed: 1 });
    const outputs = new Float32Array(batch.steps * 3 * 2);
    // Trial 0: both cross in the third step of the decision; trial 1: only before it; trial 2: NaN and nothing else.
    const { from = 0 } = batch.periods.decision ?? {};
    outputs.set([1.1, 1.2], ((from + 2) * 3 + 0) * 2);
    outputs.set([5, 5], ((from - 1) * 3 + 1) * 2);
    outputs.set([Number.NaN, 0], ((from + 1) * 3 + 2) * 2);
    const times = reactionTimes(outputs, batch, { from: "decision", threshold: 1 });
    expect([...times.ms]).toEqual([100, Number.NaN, Number.NaN]);
    expect([...times.choices]).toEqual([1, -1, -1]);
    const first = reactionTimes(outputs, batch, { from: "decision", threshold: 1, channels: [0] });
    expect([...first.choices]).toEqual([0, -1, -1]);
    expect(() => reactionTimes(outputs, batch, { from: "descision", threshold: 1 })).toThrow(/did you mean "decision"/);
    expect(() => reactionTimes(outputs, batch, { from: "decision", threshold: Number.NaN })).toThrow(/threshold/);
    expect(() => reactionTimes(outputs, batch, { from: "decision", threshold: 1, channels: [2] })).toThrow(
      /0 … 1, got 2/,
    );
  });
});
