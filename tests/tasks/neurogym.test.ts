import { describe, expect, test } from "vitest";
import { antiResponse } from "../../src/tasks/decision/anti-response.ts";
import { delayedContextDecision } from "../../src/tasks/decision/delayed-context-decision.ts";
import { goNoGo } from "../../src/tasks/decision/go-no-go.ts";
import { multisensoryDecision } from "../../src/tasks/decision/multisensory-decision.ts";
import { perceptualDecision } from "../../src/tasks/decision/perceptual-decision.ts";
import { delayedComparison } from "../../src/tasks/memory/delayed-comparison.ts";
import { delayedMatchToCategory } from "../../src/tasks/memory/delayed-match-to-category.ts";
import { delayedMatchToSample } from "../../src/tasks/memory/delayed-match-to-sample.ts";
import { delayedPairedAssociation } from "../../src/tasks/memory/delayed-paired-association.ts";
import type { TrialBatch } from "../../src/tasks/task.ts";
import golden from "../fixtures/golden/tasks/neurogym.json" with { type: "json" };

type Runs = readonly (readonly [from: number, to: number, row: readonly number[]])[];
interface Golden {
  readonly start_ind: Readonly<Record<string, number>>;
  readonly end_ind: Readonly<Record<string, number>>;
  readonly ob?: Runs;
  readonly gt: Runs;
}

const compat = "neurogym" as const;
const common = { dtMs: 100, noise: 0, compat };
const keys = { trials: 2, seed: 5 };

/** Our trials of each golden one, and our names of its periods where they are others. */
const cases: Readonly<
  Record<string, { readonly batch: TrialBatch; readonly periods?: Readonly<Record<string, string>> }>
> = {
  "PerceptualDecisionMaking-v0": {
    batch: perceptualDecision(common).batch({ ...keys, direction: "right", coherence: 0.256 }),
  },
  "ContextDecisionMaking-v0": {
    batch: delayedContextDecision({ ...common, delayMs: 300 }).batch({
      ...{ ...keys, context: "colour", motionDirection: 1, colourDirection: 0 },
      ...{ motionCoherence: 0.15, colourCoherence: 0.5 },
    }),
  },
  "MultiSensoryIntegration-v0": {
    batch: multisensoryDecision(common).batch({ ...keys, direction: 0, coherence: 0.5, visualShare: 0.25 }),
  },
  "DelayComparison-v0": { batch: delayedComparison(common).batch({ ...keys, pair: 2, order: "ascending" }) },
  "DelayMatchSample-v0": {
    batch: delayedMatchToSample({ ...common, directions: 2 }).batch({ ...keys, sample: 0, relation: "nonMatch" }),
  },
  "DelayMatchCategory-v0 (periods only; thetas random)": {
    batch: delayedMatchToCategory(common).batch({ ...keys, sample: [0, 5], relation: "match" }),
    periods: { first_delay: "delay" },
  },
  "GoNogo-v0 go": { batch: goNoGo(common).batch({ ...keys, cue: "go" }) },
  "GoNogo-v0 nogo": { batch: goNoGo(common).batch({ ...keys, cue: "noGo" }) },
  "AntiReach-v0": { batch: antiResponse({ ...common, directions: 8 }).batch({ ...keys, stimulus: 7 }) },
  "DelayPairedAssociation-v0": {
    batch: delayedPairedAssociation(common).batch({ ...keys, first: "item1", second: "item3" }),
    periods: { stim1: "stimulus1", delay_btw_stim: "delay1", stim2: "stimulus2", delay_aft_stim: "delay2" },
  },
};

/** Expects one trial of `values` to have these rows, to a unit in the last place of 1. */
function expectRows(values: Float32Array, batch: TrialBatch, trial: number, runs: Runs): void {
  const width = values.length / (batch.steps * batch.trials);
  for (const [from, to, row] of runs) {
    expect(row.length).toBe(width);
    for (let step = from; step < to; step += 1)
      row.forEach((value, channel) => {
        const got = values[(step * batch.trials + trial) * width + channel] ?? Number.NaN;
        if (!(Math.abs(got - Math.fround(value)) <= 2 ** -24))
          expect.fail(`step ${step}, channel ${channel}: expected ${value}, got ${got}`);
      });
  }
  expect(runs.at(-1)?.[1]).toBe(batch.steps);
}

/** Runs of a class, 0 for fixation, as runs of our targets, with the output `fixate` first. */
function oneHotRuns(runs: Runs, width: number): Runs {
  return runs.map(([from, to, [label]]) => [
    from,
    to,
    Array.from({ length: width }, (_, output) => Number(output === label)),
  ]);
}

describe("golden trials of neurogym, noise off", () => {
  for (const [name, { batch, periods = {} }] of Object.entries(cases)) {
    test(name, () => {
      const expected = golden[name as keyof typeof golden] as unknown as Golden;
      for (const [period, from] of Object.entries(expected.start_ind)) {
        const to = expected.end_ind[period];
        expect(batch.periods[periods[period] ?? period], period).toMatchObject({ from, to });
      }
      const outputs = batch.targets.length / (batch.steps * batch.trials);
      for (const trial of [0, 1]) {
        if (expected.ob !== undefined) expectRows(batch.inputs, batch, trial, expected.ob);
        expectRows(batch.targets, batch, trial, oneHotRuns(expected.gt, outputs));
      }
      expect(batch.mask.every((weight) => weight === 1)).toBe(true);
    });
  }
});

describe("what compat puts back", () => {
  /** The input `fixation` in the middle of a period. */
  const fixationIn = (batch: TrialBatch, period: string): number => {
    const { from = 0, to = 0 } = batch.periods[period] ?? {};
    const width = batch.inputs.length / (batch.steps * batch.trials);
    return batch.inputs[Math.floor((from + to) / 2) * batch.trials * width] ?? Number.NaN;
  };

  test("fixation off with the stimulus, so that nothing ends the delay; ours stays on", () => {
    for (const [setting, expected] of [
      [{ compat }, 0],
      [{}, 1],
    ] as const) {
      const options = { ...setting, dtMs: 20, delayMs: 600 };
      for (const task of [perceptualDecision(options), delayedContextDecision(options)]) {
        const batch = task.batch({ trials: 1, seed: 1 });
        expect(fixationIn(batch, "fixation")).toBe(1);
        for (const period of ["stimulus", "delay"]) expect(fixationIn(batch, period), period).toBe(expected);
        expect(fixationIn(batch, "decision")).toBe(0);
      }
    }
  });

  test("its durations", () => {
    const of = (batch: TrialBatch, name: string): number | undefined => batch.conditions[name]?.[0];
    const batch = { trials: 200, seed: 1 };
    for (const make of [perceptualDecision, delayedContextDecision, multisensoryDecision, delayedComparison]) {
      expect(of(make({ compat }).batch(batch), "decisionMs")).toBe(100);
      expect(of(make().batch(batch), "decisionMs")).toBe(300);
    }
    const longest = (given: TrialBatch): number => Math.max(...(given.conditions.delayMs ?? []));
    expect(longest(delayedContextDecision({ compat }).batch(batch))).toBeGreaterThan(1500);
    expect(longest(delayedContextDecision().batch(batch))).toBeLessThanOrEqual(1500);
  });
});
