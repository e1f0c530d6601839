import { describe, expect, test } from "vitest";
import { buildTask, taskSchema } from "../../src/cli/task-config.ts";
import { ConfigError, ValueError } from "../../src/errors.ts";
import { parseWith } from "../../src/io/config.ts";
import { periodOf, type Task, type TrialBatch } from "../../src/tasks/task.ts";
import { tasks } from "../../src/tasks/tasks.ts";

/** What must hold of a task, beside what must hold of all. */
interface Case {
  readonly make: (options?: object) => Task;
  /** Options for the tests: mostly a fixation period where the trials would begin with the stimulus. */
  readonly options?: object;
  /** The period with which the stimulus begins. */
  readonly stimulus: string;
  /** The periods whose start an input must signal: there the network has to answer. */
  readonly cued: readonly string[];
  /** The condition that is the answer. */
  readonly answer: string;
  /** Conditions that follow from others. */
  readonly derived?: readonly string[];
  /** The accuracy of a silent network, where it is not chance. */
  readonly silent?: number;
}

const choice = { cued: ["decision"], answer: "choice", derived: ["choice"] };
const moved = { ...choice, answer: "direction", derived: [] };

const cases = {
  perceptualDecision: { make: tasks.perceptualDecision, stimulus: "stimulus", ...moved },
  variableDurationDecision: { make: tasks.variableDurationDecision, stimulus: "stimulus", ...moved },
  // Its answer may begin with the stimulus.
  reactionTimeDecision: { make: tasks.reactionTimeDecision, stimulus: "free", ...moved, cued: ["free"] },
  pulseAccumulation: { make: tasks.pulseAccumulation, stimulus: "cues", ...choice },
  poissonClicks: { make: tasks.poissonClicks, stimulus: "stimulus", ...choice, derived: ["choice", "stimulusMs"] },
  // By design it has no go cue: only the first and the last step count.
  contextIntegration: {
    ...{ make: tasks.contextIntegration, stimulus: "stimulus", cued: [], answer: "sign", derived: ["sign"] },
  },
  delayedContextDecision: { make: tasks.delayedContextDecision, stimulus: "stimulus", ...choice },
  multisensoryDecision: { make: tasks.multisensoryDecision, stimulus: "stimulus", ...moved },
  multisensoryIntegration: { make: tasks.multisensoryIntegration, stimulus: "stimulus", ...choice },
  probabilisticReasoning: {
    ...{ make: tasks.probabilisticReasoning, stimulus: "epoch1" },
    ...{ cued: ["decision"], answer: "best", derived: ["best", "logOdds"] },
  },
  economicChoice: { make: tasks.economicChoice, stimulus: "offer", ...choice },
  goNoGo: { make: tasks.goNoGo, options: { fixationMs: 200 }, stimulus: "stimulus", ...moved, answer: "cue" },
  antiResponse: {
    ...{ make: tasks.antiResponse, options: { directions: 8 }, stimulus: "stimulus" },
    ...{ cued: ["decision"], answer: "response", derived: ["response"] },
  },
  parametricWorkingMemory: { make: tasks.parametricWorkingMemory, stimulus: "stimulus1", ...choice },
  delayedComparison: { make: tasks.delayedComparison, stimulus: "stimulus1", ...choice },
  delayedMatchToSample: { make: tasks.delayedMatchToSample, stimulus: "sample", ...choice },
  delayedMatchWithDistractors: {
    ...{ make: tasks.delayedMatchWithDistractors, stimulus: "sample", cued: ["test1", "test2", "test3"] },
    ...{ answer: "respondAt", derived: ["respondAt"], silent: 0 },
  },
  delayedMatchToCategory: { make: tasks.delayedMatchToCategory, stimulus: "sample", ...choice, cued: ["test"] },
  delayedPairedAssociation: {
    ...{ make: tasks.delayedPairedAssociation, options: { fixationMs: 200 }, stimulus: "stimulus1" },
    ...{ cued: ["decision"], answer: "go", derived: ["go"] },
  },
  dualDelayedMatch: {
    ...{ make: tasks.dualDelayedMatch, stimulus: "sample", cued: ["test1", "test2"] },
    ...{ answer: "relation1", derived: ["relation1", "relation2"] },
  },
} as unknown as Readonly<Record<string, Case>>;

const trials = 240;
const at = (values: ArrayLike<number> | undefined, index: number): number => values?.[index] ?? Number.NaN;

/** The inputs of one step of one trial. */
function inputsAt(batch: TrialBatch, step: number, trial: number): readonly number[] {
  const width = batch.inputs.length / (batch.steps * batch.trials);
  const start = (step * batch.trials + trial) * width;
  return [...batch.inputs.subarray(start, start + width)];
}

describe.each(Object.entries(cases))("%s", (name, { make, options, stimulus, cued, answer, derived = [], silent }) => {
  const task = make({ ...options, noise: 0 });
  const batch = task.batch({ trials, seed: 3 });
  const outputs = batch.targets.length / (batch.steps * trials);
  const caught = (trial: number): boolean => at(batch.conditions.catch, trial) === 1;
  const all = Array.from({ length: trials }, (_, trial) => trial);

  test("is what it says it is", () => {
    expect(task.name).toBe(name);
    expect(task.source).toMatch(/[12]\d{3}/);
    expect(task.inputNames.length).toBe(task.inputs);
    expect(batch.inputs.length).toBe(batch.steps * trials * task.inputs);
    expect(outputs).toBe(task.outputs);
    for (const values of [batch.inputs, batch.targets, batch.mask]) expect(values.every(Number.isFinite)).toBe(true);
  });

  test("counts nothing after the end of a trial, and something in every one", () => {
    for (const trial of all) {
      let within = 0;
      for (let step = 0; step < batch.steps; step += 1)
        for (let output = 0; output < outputs; output += 1) {
          const index = (step * trials + trial) * outputs + output;
          if (step < at(batch.lengths, trial)) within += at(batch.mask, index);
          else expect([batch.mask[index], batch.targets[index]]).toEqual([0, 0]);
        }
      expect(within).toBeGreaterThan(0);
    }
  });

  test("signals by an input when to answer", () => {
    for (const trial of all) {
      if (caught(trial)) continue;
      for (const period of cued) {
        const { from, to } = periodOf(batch, period, trial) ?? { from: 0, to: 0 };
        if (from === to) continue;
        expect(inputsAt(batch, from, trial), `${period} of trial ${trial}`).not.toEqual(
          inputsAt(batch, from - 1, trial),
        );
      }
    }
  });

  test("says nothing of the answer before the stimulus", () => {
    const seen = new Map<number, Set<string>>();
    for (const trial of all) {
      if (caught(trial)) continue;
      const { from } = periodOf(batch, stimulus, trial) ?? { from: 0 };
      expect(from).toBeGreaterThan(0);
      const rows = Array.from({ length: from }, (_, step) => inputsAt(batch, step, trial));
      const distinct = new Set(rows.map((row) => JSON.stringify(row)));
      expect(distinct.size, "constant until the stimulus").toBe(1);
      const key = at(batch.conditions[answer], trial);
      seen.set(key, new Set([...(seen.get(key) ?? []), ...distinct]));
    }
    expect(seen.size).toBeGreaterThan(1);
    const [first, ...others] = [...seen.values()].map((rows) => [...rows].sort());
    for (const rows of others) expect(rows).toEqual(first);
  });

  test("is solved by its targets, unsolved by their opposite, and at chance by silence", () => {
    expect(task.accuracy(batch.targets, batch)).toBe(1);
    expect(
      task.accuracy(
        batch.targets.map((value) => -value),
        batch,
      ),
    ).toBe(0);
    expect(task.accuracy(new Float32Array(batch.targets.length), batch)).toBeCloseTo(silent ?? task.chance, 12);
    expect(task.accuracy(new Float32Array(batch.targets.length).fill(Number.NaN), batch)).toBe(0);
  });

  test("asks for every answer equally often", () => {
    const counts = new Map<number, number>();
    for (const value of batch.conditions[answer] ?? []) counts.set(value, (counts.get(value) ?? 0) + 1);
    const expected = trials / counts.size;
    for (const count of counts.values()) expect(Math.abs(count - expected)).toBeLessThan(4.5 * Math.sqrt(expected));
  });

  test("lasts as long at any time step; noise changes nothing but inputs", () => {
    const noisy = make(options);
    for (const dtMs of [10, 50]) {
      const other = task.batch({ trials: 8, seed: 3, dtMs });
      for (const period of Object.keys(other.periods)) {
        const ms = at(other.conditions[`${period}Ms`], 0);
        const { from, to } = periodOf(other, period, 0) ?? { from: 0, to: 0 };
        // Periods of one step are as long as a step.
        if (!["start", "report"].includes(period))
          expect(Math.abs((to - from) * dtMs - ms)).toBeLessThanOrEqual(dtMs / 2 + 1e-9);
      }
      expect(other.conditions[answer]).toEqual(batch.conditions[answer]?.slice(0, 8));
      expect(noisy.batch({ trials: 8, seed: 3, dtMs }).targets).toEqual(other.targets);
    }
  });

  test("counts some of every answer, even at a time step of 100 ms", () => {
    const coarse = task.batch({ trials: 12, seed: 1, dtMs: 100 });
    for (const period of cued.filter((one) => one !== "free"))
      for (let trial = 0; trial < 12; trial += 1) {
        const { from, to } = periodOf(coarse, period, trial) ?? { from: 0, to: 0 };
        let counted = 0;
        for (let step = from; step < to; step += 1) counted += at(coarse.mask, (step * 12 + trial) * outputs);
        if (to > from) expect(counted, `${period} of trial ${trial}`).toBeGreaterThan(0);
      }
  });

  test("gives the same trial in a batch of any size", () => {
    const noisy = make(options);
    const one = noisy.batch({ trials: 1, seed: 9, index: 2 });
    const many = noisy.batch({ trials: 5, seed: 9, index: 2 });
    for (let step = 0; step < one.steps; step += 1) expect(inputsAt(one, step, 0)).toEqual(inputsAt(many, step, 0));
  });

  test("fixes what a batch asks for, and refuses what follows from it", () => {
    for (const condition of task.conditionNames.filter((one) => batch.conditions[one] !== undefined)) {
      if (condition.endsWith("Ms")) continue;
      const value = at(batch.conditions[condition], 0);
      const fixed = task.batch({ trials: 4, seed: 8, [condition]: value } as never);
      expect([...(fixed.conditions[condition] ?? [])], condition).toEqual([value, value, value, value]);
    }
    for (const condition of derived) {
      expect(batch.conditions[condition]).toBeDefined();
      expect(task.conditionNames).not.toContain(condition);
      const fix = () => task.batch({ trials: 1, seed: 1, [condition]: 1 } as never);
      expect(fix).toThrow(ConfigError);
      expect(fix).toThrow(new RegExp(`"${condition}" follows from the other conditions`));
    }
  });

  test("names an option that it does not have", () => {
    expect(() => make({ nose: 1 })).toThrow(/unknown key; did you mean "noise"/);
    expect(() => make({ noise: -1 })).toThrow(ConfigError);
    expect(() => make({ dtMs: 0 })).toThrow(ConfigError);
  });
});

test("a configuration can draw durations", () => {
  const config = { name: "goNoGo", delayMs: { uniform: [200, 900] } } as const;
  const { conditions } = buildTask(parseWith(taskSchema, config, "config")).batch({ trials: 200, seed: 1 });
  const delays = [...(conditions.delayMs ?? [])];
  expect(Math.min(...delays)).toBeLessThan(230);
  expect(Math.max(...delays)).toBeGreaterThan(870);
});

describe("options and conditions out of range", () => {
  const one = { trials: 1, seed: 1 };
  const refused: readonly (readonly [
    why: string,
    attempt: () => unknown,
    error: new (message: string) => Error,
    message: RegExp,
  ])[] = [
    ["coherence 2", () => tasks.perceptualDecision().batch({ ...one, coherence: 2 }), ValueError, /in \[0, 1\], got 2/],
    [
      "coherence -0.1",
      () => tasks.delayedContextDecision().batch({ ...one, motionCoherence: -0.1 }),
      ValueError,
      /side/,
    ],
    ["no coherence", () => tasks.perceptualDecision({ coherences: [] }), ConfigError, /coherences/],
    ["coherence 0", () => tasks.multisensoryDecision({ coherences: [0] }), ConfigError, /coherences\[0\]/],
    [
      "0.4 of 0.3125",
      () => tasks.variableDurationDecision().batch({ ...one, coherence: 0.4, catch: 0 }),
      ValueError,
      /0\.3125/,
    ],
    ["direction 2 of 2", () => tasks.perceptualDecision().batch({ ...one, direction: 2 }), ValueError, /left, right/],
    ["targets upside down", () => tasks.reactionTimeDecision({ targets: [1, 0] }), ConfigError, /low < high/],
    ["a duration of names", () => tasks.goNoGo({ delayMs: { choice: ["long"] } }), ConfigError, /number, not a name/],
    ["a negative duration", () => tasks.goNoGo({ delayMs: -1 }), ConfigError, /delayMs/],
    [
      "7 pulses in 6 bins",
      () => tasks.pulseAccumulation().batch({ ...one, leftPulses: 7 }),
      ValueError,
      /0 … 6, got 7/,
    ],
    ["half a click", () => tasks.poissonClicks().batch({ ...one, rightClicks: 0.5 }), ValueError, /got 0\.5/],
    ["pulses always equal", () => tasks.pulseAccumulation({ probabilities: [1, 1] }), ConfigError, /can differ/],
    ["evidence 2", () => tasks.contextIntegration().batch({ ...one, motionCoherence: 2 }), ValueError, /\[-1, 1\]/],
    ["share 1.5", () => tasks.multisensoryDecision().batch({ ...one, visualShare: 1.5 }), ValueError, /visualShare/],
    [
      "rate 20",
      () => tasks.multisensoryIntegration().batch({ ...one, rate: 20, modality: "both", catch: 0 }),
      ValueError,
      /\[9, 16\]/,
    ],
    ["drops -1", () => tasks.economicChoice().batch({ ...one, dropsOfA: -1 }), ValueError, /dropsOfA/],
    ["5 directions", () => tasks.antiResponse({ directions: 5 }), ConfigError, /directions/],
    ["one frequency", () => tasks.delayedComparison({ pairs: [[10, 10]] }), ConfigError, /different values/],
    ["rotation by 30° of 8", () => tasks.delayedMatchToSample({ rotationDegrees: 30 }), ConfigError, /multiple of 45/],
    ["2 units for categories", () => tasks.delayedMatchToCategory({ units: 2 }), ConfigError, /units/],
    ["11 shapes", () => tasks.probabilisticReasoning().batch({ ...one, shape1: 10 }), ValueError, /shape1/],
  ];
  test.each(refused)("%s", (_, attempt, error, message) => {
    expect(attempt).toThrow(error);
    expect(attempt).toThrow(message);
  });
});
