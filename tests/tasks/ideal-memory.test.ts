import { describe, expect, it } from "vitest";
import { populationVector } from "../../src/tasks/angles.ts";
import type { Task, TrialBatch } from "../../src/tasks/task.ts";
import { tasks } from "../../src/tasks/tasks.ts";
import { accuracyOf, answers, at, expectProbability, largest, meansOf, named } from "../support/observers.ts";

// An observer that knows a task's statistics answers from its inputs alone, noise on: that shows that the inputs hold the
// answer, and how hard the task is. Every number that a docstring gives is measured here.

describe("memory", () => {
  it("of a frequency is enough", () => {
    for (const [task, channels] of [
      [tasks.parametricWorkingMemory({ catchProbability: 0 }) as Task, ["rising", "falling"]],
      [tasks.delayedComparison() as Task, ["frequency"]],
    ] as const) {
      const batch = task.batch({ trials: 300, seed: 1 });
      const height = (trial: number, period: string) => {
        const [up = 0, down = 0] = named(task, batch, trial, period, ...channels);
        return up - down;
      };
      const choose = (trial: number) => Number(height(trial, "stimulus2") > height(trial, "stimulus1"));
      expect(accuracyOf(task, batch, choose), task.name).toBeGreaterThan(0.98);
    }
  });

  it("of a direction is enough: match, rotated match, category, distractors", () => {
    const direction = (batch: TrialBatch, trial: number, period: string, count: number) =>
      Math.round((populationVector(meansOf(batch, trial, period).slice(1)) * count) / (2 * Math.PI)) % count;
    for (const rotationDegrees of [0, 45, 90, 180, -90]) {
      const task = tasks.delayedMatchToSample({ rotationDegrees }) as Task;
      const batch = task.batch({ trials: 200, seed: 1 });
      const turn = (8 + rotationDegrees / 45) % 8;
      const choose = (trial: number) =>
        Number((direction(batch, trial, "sample", 8) + turn) % 8 !== direction(batch, trial, "test", 8));
      expect(accuracyOf(task, batch, choose), `${rotationDegrees}°`).toBeGreaterThan(0.98);
    }
    const category = tasks.delayedMatchToCategory() as Task;
    const batch = category.batch({ trials: 400, seed: 1 });
    const side = (trial: number, period: string) => populationVector(meansOf(batch, trial, period).slice(1)) < Math.PI;
    expect(
      accuracyOf(category, batch, (trial) => Number(side(trial, "sample") !== side(trial, "test"))),
    ).toBeGreaterThan(0.98);

    const distractors = tasks.delayedMatchWithDistractors() as Task;
    const three = distractors.batch({ trials: 200, seed: 1 });
    const outputs = new Float32Array(three.targets.length);
    for (let trial = 0; trial < 200; trial += 1)
      for (const period of ["test1", "test2", "test3"]) {
        const { from = 0, to = 0, starts, ends } = three.periods[period] ?? {};
        const same = direction(three, trial, period, 8) === direction(three, trial, "sample", 8);
        for (let step = starts?.[trial] ?? from; step < (ends?.[trial] ?? to); step += 1)
          outputs[(step * 200 + trial) * 2 + Number(same)] = 1;
      }
    expect(distractors.accuracy(outputs, three)).toBeGreaterThan(0.98);
  });

  it("of the first test that matches is what counts among distractors", () => {
    const task = tasks.delayedMatchWithDistractors() as Task;
    const fixed = { sample: 2, test1: 5, test2: 5, test3: 2 };
    const repeated = task.batch({ trials: 1, seed: 1, ...fixed } as never);
    expect(at(repeated.conditions.respondAt, 0)).toBe(3);
    const early = task.batch({ trials: 1, seed: 1, ...fixed, test2: 2 } as never);
    expect(at(early.conditions.respondAt, 0)).toBe(2);
    expect(at(early.lengths, 0)).toBe((300 + 500 + 2 * 1500) / 20);
    const never = task.batch({ trials: 1, seed: 1, ...fixed, test3: 1 } as never);
    expect(at(never.conditions.respondAt, 0)).toBe(0);
    const silent = new Float32Array(never.targets.length);
    expect(task.accuracy(silent, never)).toBe(1);
    expect(task.accuracy(silent, early)).toBe(0);
    // To respond at a distractor is wrong, even where the response to the match is right.
    const always = silent.map((_, index) => index % 2);
    expect(task.accuracy(always, early)).toBe(0);
  });

  it("of pairs and of two items is enough", () => {
    const pairs = tasks.delayedPairedAssociation() as Task;
    const batch = pairs.batch({ trials: 200, seed: 1 });
    const shown = (trial: number, period: string) => largest(meansOf(batch, trial, period).slice(1));
    const go = (trial: number) => Number(shown(trial, "stimulus2") - shown(trial, "stimulus1") === 2);
    const outputs = answers(pairs, batch, (trial) => go(trial) - 1);
    expect(pairs.accuracy(outputs, batch)).toBe(1);

    const dual = tasks.dualDelayedMatch() as Task;
    const two = dual.batch({ trials: 400, seed: 1 });
    const same = [...(two.conditions.cue1 ?? [])].filter((cue, trial) => cue === two.conditions.cue2?.[trial]).length;
    expectProbability(same / 400, 0.5, 400);
    const answer = new Float32Array(two.targets.length);
    for (let trial = 0; trial < 400; trial += 1)
      for (const number of [1, 2]) {
        const cued = largest(named(dual, two, trial, `cue${number}`, "cueA", "cueB"));
        const names = [`item${"AB"[cued]}0`, `item${"AB"[cued]}1`];
        const feature = (period: string) => largest(named(dual, two, trial, period, ...names));
        const differs = Number(feature("sample") !== feature(`test${number}`));
        const { from = 0, to = 0 } = two.periods[`test${number}`] ?? {};
        for (let step = from; step < to; step += 1) answer[(step * 400 + trial) * 3 + 1 + differs] = 1;
      }
    expect(dual.accuracy(answer, two)).toBeGreaterThan(0.99);
    // One of two tests right is half a trial.
    const { from: second = 0 } = two.periods.cue2 ?? {};
    const half = answer.map((value, index) => (index < second * 400 * 3 ? value : -value));
    expect(dual.accuracy(half, two)).toBeCloseTo(0.5, 2);
  });

  it("of a stimulus is enough to go, or to respond opposite", () => {
    const goNoGo = tasks.goNoGo({ goProbability: 0.25 }) as Task;
    const batch = goNoGo.batch({ trials: 800, seed: 1 });
    expect(goNoGo.chance).toBe(0.75);
    expectProbability(Array.from(batch.correct ?? []).reduce((sum, go) => sum + go, 0) / 800, 0.25, 800);
    const outputs = answers(
      goNoGo,
      batch,
      (trial) => largest(named(goNoGo, batch, trial, "stimulus", "noGo", "go")) - 1,
    );
    expect(goNoGo.accuracy(outputs, batch)).toBe(1);
    const anti = tasks.antiResponse({ rule: "cued" }) as Task;
    const cued = anti.batch({ trials: 300, seed: 1 });
    expect(anti.inputNames.at(-1)).toBe("anti");
    const choose = (trial: number) => {
      const means = meansOf(cued, trial, "stimulus");
      const angle = populationVector(means.slice(1, -1)) + Math.PI * Math.round(means.at(-1) ?? 0);
      return Math.round((angle * 32) / (2 * Math.PI)) % 32;
    };
    expect(accuracyOf(anti, cued, choose)).toBeGreaterThan(0.97);
    const pro = tasks.antiResponse({ rule: "pro" }).batch({ trials: 4, seed: 1, stimulus: [0, 9, 20, 31] });
    expect([...(pro.correct ?? [])]).toEqual([0, 9, 20, 31]);
  });
});
