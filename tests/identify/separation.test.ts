import { beforeAll, describe, expect, test } from "vitest";
import { type RingAttractor, ringAttractor } from "../../src/attractors/ring.ts";
import { simulateRing } from "../../src/attractors/simulate-ring.ts";
import { alignNetworks, weightConsistency } from "../../src/identify/align-networks.ts";
import { type FittedNetwork, identify } from "../../src/identify/identify.ts";
import type { IdentifyOptions } from "../../src/identify/options.ts";
import type { Recording } from "../../src/identify/recording.ts";
import { type ScoredNetwork, scoreFitted } from "../../src/identify/score-fitted.ts";
import { flattenScores } from "../../src/identify/score-table.ts";
import { tuningOfUnits } from "../../src/identify/velocity-tuning.ts";
import { runAgent } from "../../src/world/run.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const units = 24;

/** A ring of 24 units, turned fast enough to tell its shift kernel from noise in a few seconds of training. */
async function record(ring: RingAttractor, part: { trials: number; steps: number; seed: number }): Promise<Recording> {
  const agent = { type: "gaussMomentum", sigma: 4, momentum: 0.8 } as const;
  const { velocities } = runAgent({ ...part, agent, environment: { type: "circle" }, dtMs: ring.dtMs });
  return simulateRing(gpu.device, ring, { ...part, velocities, settleSteps: 50, noise: 0.05 });
}

async function fitAll(training: Recording, options: IdentifyOptions): Promise<readonly FittedNetwork[]> {
  let networks: readonly FittedNetwork[] = [];
  const common = { replicas: 3, updates: 150, every: 50, lr: 0.005, window: 10, weightL2: 4 };
  for await (const report of identify(gpu.device, training, { ...common, ...options })) networks = report.networks;
  return networks;
}

describe("separation of inputs changes what is learned, in each of three seeds", () => {
  let separated: readonly ScoredNetwork[] = [];
  let common: readonly ScoredNetwork[] = [];
  let multiplicative: readonly ScoredNetwork[] = [];
  let held: Recording;
  let ring: RingAttractor;

  beforeAll(async () => {
    ring = ringAttractor({ units });
    const training = await record(ring, { trials: 20, steps: 100, seed: 0 });
    held = await record(ring, { trials: 6, steps: 120, seed: 1 });
    const { weights, velocityWeights, preferred } = ring;
    const truth = { weights, velocityWeights };
    const scored = async (options: IdentifyOptions) =>
      scoreFitted(gpu.device, await fitAll(training, options), held, { truth, preferred });
    separated = await scored({ network: { type: "separated", hidden: units } });
    common = await scored({ network: { type: "elman" } });
    multiplicative = await scored({ network: { type: "zhang" }, lr: 0.001, weightL2: 1, updates: 300 });
  });

  test("its hidden units are shifters, and the weights over them are the shift kernel", () => {
    expect(separated).toHaveLength(3);
    for (const { scores } of separated ?? []) {
      const { connectivity, shifter } = scores;
      expect(connectivity.weightCorrelation).toBeGreaterThan(0.9);
      expect(connectivity.weightedProduct?.[0]).toBeGreaterThan(0.7);
      // Without the input weights, shifters to both sides cancel.
      expect(connectivity.plainProduct?.[0]).toBeLessThan(0.5);
      expect(shifter.hidden?.signAgreement[0]).toBeGreaterThan(0.9);
      expect(shifter.hidden?.shifterIndex[0]).toBeGreaterThan(1.2 * (shifter.response.shifterIndex[0] ?? 1));
    }
  });

  test("without separation the weights are less like the true ones, and the bump follows less", () => {
    for (const [seed, { scores }] of common.entries()) {
      const own = separated[seed]?.scores;
      expect(scores.connectivity.weightCorrelation).toBeLessThan(own?.connectivity.weightCorrelation ?? 0);
      expect(scores.connectivity.weightedProduct).toBeUndefined();
      expect(scores.freeRun?.errors[0]?.phaseError).toBeGreaterThan(own?.freeRun?.errors[0]?.phaseError ?? 9);
    }
  });

  test("a network whose velocity multiplies its state has the true weights and follows best", () => {
    expect(multiplicative).toHaveLength(3);
    for (const [seed, { scores }] of multiplicative.entries()) {
      expect(scores.connectivity.weightCorrelation).toBeGreaterThan(0.95);
      expect(scores.connectivity.velocityWeights?.[0]).toBeGreaterThan(0.5);
      expect(scores.freeRun?.errors[0]?.phaseError).toBeLessThan(
        separated[seed]?.scores.freeRun?.errors[0]?.phaseError ?? 0,
      );
    }
  });

  test("every score is given, with the activity that it was made from", () => {
    for (const { fitted, scores, freeRates, tuned } of [...separated, ...common, ...multiplicative]) {
      const all = fitted.plan.units;
      expect(freeRates).toHaveLength(119 * 6 * units);
      // Two stretches of 50 steps of each of 6 trials.
      expect(tuned.recording).toMatchObject({ steps: 50, trials: 12, units });
      expect(tuned.rates).toHaveLength(50 * 12 * all);
      expect(scores.shifter.units).toHaveLength(all);
      expect(scores.freeRun?.errors.map(({ step }) => step)).toEqual([50, 119]);
      const flat = flattenScores(scores);
      for (const name of ["connectivity.subspaceCorrelation", "connectivity.circulantShare", "freeRun.gain"])
        expect(flat[name], name).toBeTypeOf("number");
      const isKnown = Object.values(flat).filter((value) => value !== undefined);
      expect(isKnown.length).toBeGreaterThan(20);
    }
  });

  test("hidden units of other seeds are the same ones in another order", () => {
    const list = separated ?? [];
    const networks = list.map(({ fitted }) => fitted.learned);
    const hidden = Array.from({ length: units }, (_, index) => units + index);
    const maps = list.flatMap(({ scores }) => scores.shifter.tuning.slice(0, 1));
    const points = maps[0]?.counts.length ?? 0;
    const { consistency } = alignNetworks(
      networks,
      maps.map((map) => tuningOfUnits(map, hidden)),
      { points },
    );
    const before = weightConsistency(networks);
    for (const name of ["toHidden", "fromHidden"] as const) {
      expect(Math.abs(before[name] ?? 1), name).toBeLessThan(0.3);
      expect(consistency[name], name).toBeGreaterThan(0.5);
    }
  });

  test("without truth and headings, scores that need them are missing", async () => {
    const { headings: _headings, ...blind } = held;
    const fitted = separated.slice(0, 1).map((each) => each.fitted);
    const [one] = await scoreFitted(gpu.device, fitted, blind, { stretch: 20 });
    expect(one?.scores.freeRun).toBeUndefined();
    expect(one?.scores.connectivity.weightCorrelation).toBeUndefined();
    expect(one?.scores.connectivity.circulantShare).toBeTypeOf("number");
    expect(one?.tuned.recording).toMatchObject({ steps: 20, trials: 30 });
    const [known] = await scoreFitted(gpu.device, fitted, blind, { preferred: ring.preferred });
    expect(known?.scores.freeRun?.errors[0]?.phaseError).toBe(separated[0]?.scores.freeRun?.errors[0]?.phaseError);
  });
});
