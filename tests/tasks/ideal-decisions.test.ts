import { describe, expect, it } from "vitest";
import { populationVector } from "../../src/tasks/angles.ts";
import { psychometric } from "../../src/tasks/psychometric.ts";
import type { Task } from "../../src/tasks/task.ts";
import { tasks } from "../../src/tasks/tasks.ts";
import {
  accuracyOf,
  answers,
  at,
  expectProbability,
  largest,
  meansOf,
  named,
  normalBelow,
} from "../support/observers.ts";

// An observer that knows a task's statistics answers from its inputs alone, noise on: that shows that the inputs hold the
// answer, and how hard the task is. Every number that a docstring gives is measured here.

describe("perceptual decisions", () => {
  it("are as hard as the docs say, at any time step, and harder with less coherence", () => {
    for (const dtMs of [10, 50]) {
      const task = tasks.perceptualDecision({ stimulusMs: 300, dtMs }) as Task;
      const batch = task.batch({ trials: 2000, seed: 1, balanced: ["coherence"] } as never);
      const choose = (trial: number) => {
        const [left = 0, right = 0] = named(task, batch, trial, "stimulus", "stimulusLeft", "stimulusRight");
        return Number(right > left);
      };
      const curve = psychometric(task, answers(task, batch, choose), batch, "coherence");
      expect(curve.map(({ value }) => value)).toEqual([0.064, 0.128, 0.256, 0.512]);
      curve.forEach(({ value, accuracy, trials }, index) => {
        expectProbability(accuracy, normalBelow((value * Math.sqrt(300 / 100)) / (2 * 0.0707)), trials, `${value}`);
        expect(accuracy).toBeGreaterThanOrEqual(curve[index - 1]?.accuracy ?? 0);
      });
    }
    const whole = tasks.perceptualDecision() as Task;
    const weakest = whole.batch({ trials: 500, seed: 2, coherence: 0.064 } as never);
    const choose = (trial: number) => largest(meansOf(weakest, trial, "stimulus").slice(1));
    expectProbability(accuracyOf(whole, weakest, choose), 0.98, 500);
  });

  it("among many directions are read off the ring", () => {
    const task = tasks.perceptualDecision({ directions: 6, coherences: [0.512] }) as Task;
    const batch = task.batch({ trials: 300, seed: 1 });
    const choose = (trial: number) => {
      const angle = populationVector(meansOf(batch, trial, "stimulus").slice(1));
      return Math.round((angle * 6) / (2 * Math.PI)) % 6;
    };
    expect(accuracyOf(task, batch, choose)).toBeGreaterThan(0.99);
  });

  it("with a coherence of 0 have no right answer", () => {
    const task = tasks.perceptualDecision() as Task;
    const batch = task.batch({ trials: 1000, seed: 4, coherence: 0 } as never);
    const choose = (trial: number) => largest(meansOf(batch, trial, "stimulus").slice(1));
    expectProbability(accuracyOf(task, batch, choose), 0.5, 1000);
  });

  it("of variable duration are better after a longer look", () => {
    const task = tasks.variableDurationDecision() as Task;
    for (const [stimulusMs, expected] of [
      [80, 0.763],
      [330, 0.927],
    ] as const) {
      const batch = task.batch({ trials: 1500, seed: 1, dtMs: 10, coherence: 0.01, catch: 0, stimulusMs } as never);
      const choose = (trial: number) => largest(named(task, batch, trial, "stimulus", "left", "right"));
      expectProbability(accuracyOf(task, batch, choose), expected, 1500, `${stimulusMs} ms`);
    }
  });

  it("hide a share of trials from the stimulus", () => {
    const { conditions } = tasks.reactionTimeDecision().batch({ trials: 1000, seed: 1, dtMs: 100 });
    const caught = Array.from(conditions.catch ?? []).reduce((sum, one) => sum + one, 0);
    expectProbability(caught / 1000, 5 / 11, 1000);
  });
});

describe("context", () => {
  it("says what to integrate: the paper's psychometric curve", () => {
    const task = tasks.contextIntegration({ dtMs: 25 }) as Task;
    for (const [coherence, expected] of [
      [0.15, 0.99998],
      [0.036, 0.84],
      [0.009, 0.6],
    ] as const) {
      const fixed = { motionCoherence: coherence, colourCoherence: -coherence };
      const batch = task.batch({ trials: 1500, seed: 1, ...fixed } as never);
      const outputs = new Float32Array(batch.targets.length);
      for (let trial = 0; trial < 1500; trial += 1) {
        const cued = at(batch.conditions.context, trial) === 0 ? "motion" : "colour";
        outputs[(batch.steps - 1) * 1500 + trial] = named(task, batch, trial, "stimulus", cued)[0] ?? 0;
      }
      expectProbability(task.accuracy(outputs, batch), expected, 1500, `${coherence}`);
      // What is not cued says the opposite.
      expectProbability(
        task.accuracy(
          outputs.map((value) => -value),
          batch,
        ),
        1 - expected,
        1500,
      );
    }
    const drawn = task.batch({ trials: 4000, seed: 2 });
    const chances = Array.from({ length: 4000 }, (_, trial) => {
      const name = at(drawn.conditions.context, trial) === 0 ? "motionCoherence" : "colourCoherence";
      return normalBelow((Math.abs(at(drawn.conditions[name], trial)) * Math.sqrt(750 / 100)) / (Math.SQRT2 * 0.0707));
    });
    expect(chances.reduce((sum, p) => sum + p, 0) / 4000).toBeCloseTo(0.92, 2);
  });

  it("says what to judge after a delay", () => {
    const task = tasks.delayedContextDecision({ coherences: [0.5] }) as Task;
    const batch = task.batch({ trials: 300, seed: 1 });
    const choose = (name: string) => (trial: number) =>
      largest(named(task, batch, trial, "stimulus", `${name}Left`, `${name}Right`));
    const cued = (trial: number) => (at(batch.conditions.context, trial) === 0 ? "motion" : "colour");
    expect(accuracyOf(task, batch, (trial) => choose(cued(trial))(trial))).toBeGreaterThan(0.99);
    // Who always judges the motion is right where it is cued, and by chance elsewhere.
    expectProbability(accuracyOf(task, batch, choose("motion")), 0.75, 300);
  });
});

describe("two senses", () => {
  it("are better than one: rates", () => {
    const task = tasks.multisensoryIntegration() as Task;
    const right = (modality: string) => {
      const batch = task.batch({
        trials: 3000,
        seed: 1,
        modality,
        rate: Array.from({ length: 3000 }, (_, trial) => 12 + (trial % 2)),
        catch: 0,
      } as never);
      return accuracyOf(task, batch, (trial) => {
        const means = named(task, batch, trial, "stimulus", "visualHigh", "visualLow", "auditoryHigh", "auditoryLow");
        const [vHigh = 0, vLow = 0, aHigh = 0, aLow = 0] = means;
        const seen = modality === "auditory" ? 0 : vHigh - vLow;
        const heard = modality === "visual" ? 0 : aHigh - aLow;
        return Number(seen + heard < 0);
      });
    };
    expectProbability(right("visual"), 0.964, 3000);
    expectProbability(right("auditory"), 0.964, 3000);
    expectProbability(right("both"), 0.9945, 3000);
  });

  it("are better than one: evidence that is shared out", () => {
    const task = tasks.multisensoryDecision({ coherences: [0.15], stimulusMs: 400 }) as Task;
    const batch = task.batch({ trials: 1500, seed: 1 });
    const difference = (trial: number, sense: string) => {
      const [left = 0, right = 0] = named(task, batch, trial, "stimulus", `${sense}Left`, `${sense}Right`);
      return right - left;
    };
    const both = accuracyOf(task, batch, (trial) =>
      Number(difference(trial, "visual") + difference(trial, "auditory") > 0),
    );
    for (const sense of ["visual", "auditory"])
      expect(accuracyOf(task, batch, (trial) => Number(difference(trial, sense) > 0))).toBeLessThan(both - 0.02);
    expect(both).toBeGreaterThan(0.9);
  });
});
