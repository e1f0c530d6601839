import { describe, expect, it } from "vitest";
import type { Task } from "../../src/tasks/task.ts";
import { tasks } from "../../src/tasks/tasks.ts";
import { accuracyOf, at, expectProbability, largest, meansOf, named } from "../support/observers.ts";

// An observer that knows a task's statistics answers from its inputs alone, noise on: that shows that the inputs hold the
// answer, and how hard the task is. Every number that a docstring gives is measured here.

describe("pulses and clicks", () => {
  it("are counted, at any time step", () => {
    for (const dtMs of [5, 20, 40]) {
      for (const [task, period, left, right] of [
        [tasks.pulseAccumulation({ dtMs }) as Task, "cues", "pulsesLeft", "pulsesRight"],
        [tasks.poissonClicks({ dtMs }) as Task, "stimulus", "clicksLeft", "clicksRight"],
      ] as const) {
        const batch = task.batch({ trials: 300, seed: 1 });
        const choose = (trial: number) => largest(named(task, batch, trial, period, left, right));
        expect(accuracyOf(task, batch, choose), `${task.name} ${dtMs}`).toBe(1);
      }
    }
  });

  it("have the area that pulseMs and clickMs say", () => {
    const task = tasks.poissonClicks() as Task;
    for (const dtMs of [5, 40]) {
      const batch = task.batch({ trials: 5, seed: 1, dtMs, leftClicks: 12, rightClicks: 0, shownMs: 600 } as never);
      const [left = 0, right] = named(task, batch, 3, "stimulus", "clicksLeft", "clicksRight");
      expect(left * 600).toBeCloseTo(12 * 10, 2);
      expect(right).toBe(0);
    }
  });

  it("come at the rates that they are to have, but never equally often on both sides", () => {
    const pulses = tasks.pulseAccumulation().batch({ trials: 4000, seed: 1, richSide: "right" }).conditions;
    const clicks = tasks.poissonClicks().batch({ trials: 4000, seed: 1, logRatio: 1.5, shownMs: 500 }).conditions;
    const mean = (values: ArrayLike<number> | undefined) =>
      Array.from(values ?? []).reduce((sum, x) => sum + x, 0) / 4000;
    for (let trial = 0; trial < 4000; trial += 1) {
      expect(at(pulses.leftPulses, trial)).not.toBe(at(pulses.rightPulses, trial));
      expect(at(clicks.leftClicks, trial)).not.toBe(at(clicks.rightClicks, trial));
    }
    // Means of two binomial counts of 6, p 0.3 and 0.7, given that they differ: enumerated.
    let weight = 0;
    let sum = 0;
    const ways = [1, 6, 15, 20, 15, 6, 1];
    for (let left = 0; left <= 6; left += 1)
      for (let right = 0; right <= 6; right += 1) {
        if (left === right) continue;
        const p =
          at(ways, left) * 0.3 ** left * 0.7 ** (6 - left) * at(ways, right) * 0.7 ** right * 0.3 ** (6 - right);
        weight += p;
        sum += p * left;
      }
    expect(1 - weight, "neurogym's ties").toBeCloseTo(0.079, 3);
    expect(Math.abs(mean(pulses.leftPulses) - sum / weight)).toBeLessThan(0.08);
    // 40 per second for 0.5 s, e^1.5 to 1; few ties.
    expect(Math.abs(mean(clicks.rightClicks) - 20 / (1 + Math.exp(-1.5)))).toBeLessThan(0.35);
    expect(Math.abs(mean(clicks.leftClicks) - 20 / (1 + Math.exp(1.5)))).toBeLessThan(0.2);
  });
});

describe("values and weights", () => {
  it("of four shapes add up to the odds", () => {
    const task = tasks.probabilisticReasoning() as Task;
    const weights = [-10, -0.9, -0.7, -0.5, -0.3, 0.3, 0.5, 0.7, 0.9, 10];
    const trials = 4000;
    const batch = task.batch({ trials, seed: 1, dtMs: 100 });
    const sums = Array.from({ length: trials }, (_, trial) =>
      meansOf(batch, trial, "delay")
        .slice(1)
        .reduce((sum, shown, channel) => sum + shown * (weights[channel % 10] as number), 0),
    );
    sums.forEach((sum, trial) => {
      expect(sum).toBeCloseTo(at(batch.conditions.logOdds, trial), 6);
    });
    expect(
      accuracyOf(task, batch, (trial) =>
        Number(
          at(batch.conditions.logOdds, trial) > 0 || (Math.abs(at(sums, trial)) < 1e-6 && batch.correct?.[trial] === 1),
        ),
      ),
    ).toBe(1);
    // The side that is rewarded follows the odds: by bins of the sum of weights.
    for (const [low, high] of [
      [-1, -0.2],
      [-0.2, 0.2],
      [0.2, 1],
    ] as const) {
      const mine = [...sums.keys()].filter((trial) => at(sums, trial) > low && at(sums, trial) <= high);
      const expected = mine.reduce((sum, trial) => sum + 1 / (1 + 10 ** -at(sums, trial)), 0) / mine.length;
      const rewarded = mine.filter((trial) => at(batch.conditions.rewarded, trial) === 1).length / mine.length;
      expectProbability(rewarded, expected, mine.length, `odds ${low} … ${high}`);
    }
    // One shape is on in the first epoch, all four in the last.
    for (const [period, count] of [
      ["fixation", 0],
      ["epoch1", 1],
      ["epoch4", 4],
      ["decision", 0],
    ] as const)
      expect(
        meansOf(batch, 7, period)
          .slice(1)
          .reduce((sum, value) => sum + value, 0),
        period,
      ).toBeCloseTo(count, 6);
  });

  it("can be taught as probabilities, as rewards, or as the better side", () => {
    const odds = { shape1: 5, shape2: 5, shape3: 5, shape4: 1 };
    const targetOf = (teach?: "probability") => {
      const batch = tasks.probabilisticReasoning(teach && { teach }).batch({ trials: 1, seed: 1, trim: true, ...odds });
      return batch.targets.slice(-2);
    };
    // 3 · 0.3 - 0.9 = 0: even odds.
    expect([...targetOf("probability")]).toEqual([0.5, 0.5]);
    expect([...targetOf()].sort()).toEqual([0, 1]);
    const rewards = tasks
      .probabilisticReasoning({ compat: "neurogym", delayMs: 500 })
      .batch({ trials: 50, seed: 1, trim: true, rewarded: 1, shape1: 1 });
    expect([...rewards.targets.slice(-2)]).toEqual([0, 1]);
    expect(rewards.correct?.some((best) => best === 0)).toBe(true);
  });

  it("of juices turn at their ratio", () => {
    const task = tasks.economicChoice() as Task;
    const batch = task.batch({ trials: 900, seed: 1, balanced: ["offer", "sideOfA"] } as never);
    const choose = (trial: number) => {
      const names = ["leftA", "leftB", "rightA", "rightB", "leftDrops", "rightDrops"];
      const [leftA = 0, leftB = 0, rightA = 0, rightB = 0, left = 0, right = 0] = named(
        task,
        batch,
        trial,
        "offer",
        ...names,
      );
      return Number((2.2 * rightA + rightB) * right > (2.2 * leftA + leftB) * left);
    };
    expect(accuracyOf(task, batch, choose)).toBeGreaterThan(0.98);
    const choseA = (dropsOfB: number) => {
      const one = task.batch({ trials: 20, seed: 1, sideOfA: "right", dropsOfA: 1, dropsOfB } as never);
      return one.correct?.reduce((sum, side) => sum + side, 0);
    };
    expect([1, 2, 3, 4].map(choseA)).toEqual([20, 20, 0, 0]);
  });
});
