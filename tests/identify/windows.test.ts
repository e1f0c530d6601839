import { describe, expect, test } from "vitest";
import { CtrnnRunner, trainedNetwork, trainSettings } from "../../src/identify/ctrnn-engine.ts";
import { channelsOf, drawFitted, learnedNetwork, unitPlan } from "../../src/identify/fitted-network.ts";
import { inverses, preactivationOf } from "../../src/identify/inverse-activation.ts";
import { type IdentifyOptions, identifySettings } from "../../src/identify/options.ts";
import type { Recording } from "../../src/identify/recording.ts";
import {
  leakedInputs,
  type Stretch,
  splitTrials,
  stretchTargets,
  stretchVelocities,
  windowSource,
} from "../../src/identify/windows.ts";
import { activations } from "../../src/io/activation-schema.ts";
import { Random } from "../../src/random.ts";
import { gradients } from "../../src/train/gradients.ts";
import { activate } from "../reference/activation.ts";
import { centralDifferences } from "../reference/central-differences.ts";
import { type FittedReference, fittedError, fittedForward } from "../reference/fitted.ts";
import { at } from "../reference/numbers.ts";
import { relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";

const gpu = testDevice();
const [steps, trials, units, dimensions] = [12, 5, 4, 2];
const random = new Random(7, 500);
const recordedRates = Float32Array.from({ length: steps * trials * units }, () => random.uniform(0.05, 0.8));
const recording: Recording = {
  ...{ steps, trials, units, dtMs: 25 },
  rates: recordedRates,
  velocities: Float32Array.from({ length: steps * trials * dimensions }, () => random.normal(0, 1)),
};
const rateAt = (step: number, trial: number, unit: number): number =>
  at(recording.rates, (step * trials + trial) * units + unit);
const velocityAt = (step: number, trial: number, d: number): number =>
  at(recording.velocities, (step * trials + trial) * dimensions + d);

describe("windows are those of the recording", () => {
  /** Where a window's target came from: every number of the recording is another. */
  const stretchesOf = (options: IdentifyOptions, index = 0): Stretch[] => {
    const settings = identifySettings({ window: 4, ...options });
    const plan = unitPlan(settings, units, dimensions);
    const split = splitTrials(recording, settings);
    const batch = windowSource(recording, plan, settings, split).batch({ trials: split.batch, seed: 3, index });
    const count = split.batch;
    const { latents } = plan;
    const [channels, hidden] = [channelsOf(plan), latents + plan.units];
    expect(batch.rateTargets).toHaveLength(4 * count * units);
    return Array.from({ length: count }, (_, place): Stretch => {
      const found = recordedRates.indexOf(at(batch.rateTargets ?? [], place * units));
      const [from, trial] = [Math.floor(found / units / trials) - 1, Math.floor(found / units) % trials];
      for (let step = 0; step < 4; step += 1) {
        for (let unit = 0; unit < units; unit += 1)
          expect(at(batch.rateTargets ?? [], (step * count + place) * units + unit)).toBe(
            rateAt(from + 1 + step, trial, unit),
          );
        for (let d = 0; d < dimensions; d += 1)
          expect(at(batch.inputs, (step * count + place) * channels + d)).toBe(velocityAt(from + 1 + step, trial, d));
        for (let bias = dimensions; bias < channels; bias += 1)
          expect(at(batch.inputs, (step * count + place) * channels + bias)).toBe(1);
      }
      const first = (batch.r0 ?? new Float32Array()).slice(place * hidden, (place + 1) * hidden);
      expect([...first]).toEqual([
        ...new Array<number>(latents).fill(0),
        ...Array.from({ length: units }, (_, unit) => rateAt(from, trial, unit)),
        ...new Array<number>(plan.units - units).fill(0),
      ]);
      return { trial, from };
    });
  };

  test("with starts of their own, of trials that are not held out, over the whole recording", () => {
    const seen = Array.from({ length: 40 }, (_, index) =>
      stretchesOf({ network: { type: "separated", hidden: 3 } }, index),
    );
    const { training } = splitTrials(recording, identifySettings({ window: 4 }));
    expect(training).toHaveLength(4);
    for (const stretches of seen) expect(stretches.map(({ trial }) => trial)).toEqual(training);
    expect(seen.some(([first, second]) => first?.from !== second?.from)).toBe(true);
    const starts = seen.flat().map(({ from }) => from);
    expect([Math.min(...starts), Math.max(...starts)]).toEqual([0, steps - 5]);
  });

  test("with a start in common, and of part of the trials", () => {
    const settings = { windowStart: "common", batch: 2, network: { type: "lowRank", rank: 2, hidden: 1 } } as const;
    const seen = Array.from({ length: 40 }, (_, index) => stretchesOf(settings, index));
    for (const [first, second, ...others] of seen) {
      expect(first?.from).toBe(second?.from);
      expect(first?.trial).not.toBe(second?.trial);
      expect(others).toEqual([]);
    }
    expect(new Set(seen.flat().map(({ trial }) => trial)).size).toBe(4);
    expect(stretchesOf(settings, 11)).toEqual(seen[11]);
  });
});

describe("trials are split", () => {
  const settings = (options: IdentifyOptions = {}) => identifySettings({ window: 4, ...options });

  test("into some that are trained on and others that are not, the same for every seed", () => {
    const split = splitTrials(recording, settings({ heldOut: 2 }));
    expect([...split.training, ...split.heldOut].sort()).toEqual([0, 1, 2, 3, 4]);
    expect(split.heldOut).toHaveLength(2);
    expect(splitTrials(recording, settings({ heldOut: 2, seed: 9 }))).toEqual(split);
    expect(split).toMatchObject({ heldOutSteps: steps - 1, batch: 3 });
    expect(splitTrials({ ...recording, trials: 300 }, settings())).toMatchObject({ batch: 100 });
    expect(splitTrials({ ...recording, trials: 300 }, settings()).heldOut).toHaveLength(30);
  });

  test.each([
    [{ trials: 1 }, {}, "expected at least 2 trials, one of them held out, got 1"],
    [{ steps: 4 }, {}, "window: 4 steps after a first state do not fit the recording's 4"],
    [{}, { heldOut: 5 }, "heldOut: expected fewer than the 5 trials, got 5"],
    [{}, { heldOutSteps: 12 }, "heldOutSteps: expected at most 11, the recording's less one, got 12"],
    [{}, { batch: 5 }, "batch: expected at most the 4 trials that are trained on, got 5"],
  ])("%j with %j is refused", (part, options, message) => {
    expect(() => splitTrials({ ...recording, ...part }, settings(options))).toThrow(message);
  });
});

test("inputs of a leak on the preactivations: x' = (x[t] - (1 - alpha) x[t - 1]) / alpha, and x[0] / alpha", () => {
  const values = Float32Array.of(1, 10, 2, 20, 5, 50);
  const same = values.slice();
  leakedInputs(same, 2, 1);
  expect(same).toEqual(values);
  leakedInputs(values, 2, 0.5);
  expect([...values]).toEqual([2, 20, 3, 30, 8, 80]);
});

describe("a recorded rate as a preactivation", () => {
  test.each(activations)("%s: its inverse, and of a rate out of its range that of the nearest", (activation) => {
    for (const rate of [0.1, 0.5, 0.9])
      expect(activate(activation, preactivationOf(activation, rate))).toBeCloseTo(rate, 9);
    const { low, high, threshold } = inverses[activation];
    for (const outside of [-3, 0, 1, 3]) {
      const nearest = Math.min(Math.max(outside, threshold ? 0 : low), high);
      expect(Math.abs(activate(activation, preactivationOf(activation, outside)) - nearest)).toBeLessThan(1e-5);
    }
  });
});

describe("the network that is trained is the one that is meant", () => {
  const window = 6;
  const cases = [
    { alpha: 0.2, leak: "rate", activation: "tanh", network: { type: "separated", hidden: 3 } },
    { alpha: 0.5, leak: "rate", activation: "softplus", network: { type: "elman", hidden: 2 } },
    { alpha: 1, leak: "rate", activation: "tanh", network: { type: "separated", hidden: 3 } },
    { alpha: 0.3, leak: "state", activation: "sigmoid", network: { type: "separated", hidden: 3 } },
  ] as const satisfies readonly IdentifyOptions[];

  test.each(cases)("rates and gradients of a plain loop in float64: %j", async (options) => {
    const settings = identifySettings({ window, weightL2: 0, initialScale: 1, observedScale: 1, ...options });
    const { leak, activation } = settings;
    const plan = unitPlan(settings, units, dimensions);
    const drawn = drawFitted(plan, settings, 4);
    const channels = channelsOf(plan);
    // Biases, which are drawn as 0.
    const model = structuredClone(drawn);
    for (let unit = 0; unit < plan.units; unit += 1)
      for (let channel = dimensions; channel < channels; channel += 1)
        model.parameters.weightIH[unit * channels + channel] =
          (model.masks.weightIH?.[unit * channels + channel] ?? 1) * random.normal(0, 0.3);
    const stretches = [
      { trial: 2, from: 0 },
      { trial: 0, from: 5 },
      { trial: 4, from: 3 },
    ];
    const drive = {
      ...{
        steps: window,
        trials: stretches.length,
        leak,
        inverse: (rate: number) => preactivationOf(activation, rate),
      },
      start: stretches.flatMap(({ trial, from }) =>
        Array.from({ length: units }, (_, unit) => rateAt(from, trial, unit)),
      ),
      velocities: stretchVelocities(recording, stretches, window, dimensions),
    };
    const recorded = stretchTargets(recording, stretches, window);
    const reference: FittedReference = { ...learnedNetwork(plan, model), activation };
    const lossOf = (part: Partial<FittedReference>): number =>
      fittedError(fittedForward({ ...reference, ...part }, drive), recorded, plan.units, units);
    const network = trainedNetwork(gpu.device, [model]);
    try {
      const runner = new CtrnnRunner(network, plan, settings);
      const [rates] = await runner.rates({ recording, stretches, steps: window });
      expect(relative(rates ?? [], fittedForward(reference, drive))).toBeLessThan(1e-5);
      const source = windowSource({ ...recording }, plan, settings, {
        ...{ training: stretches.map(({ trial }) => trial), heldOut: [], heldOutSteps: 1, batch: 3 },
      });
      // A batch of windows at other places than those above.
      const batch = source.batch({ trials: 3, seed: 1 });
      const found = await gradients(network, batch, trainSettings(plan, settings, 3).loss ?? []);
      const starts = stretches.map(({ trial }, place) => {
        const first = recordedRates.indexOf(at(batch.rateTargets ?? [], place * units));
        return { trial, from: Math.floor(first / units / trials) - 1 };
      });
      const ownDrive = {
        ...drive,
        start: starts.flatMap(({ trial, from }) =>
          Array.from({ length: units }, (_, unit) => rateAt(from, trial, unit)),
        ),
        velocities: stretchVelocities(recording, starts, window, dimensions),
      };
      const ownLoss = (part: Partial<FittedReference>): number =>
        fittedError(
          fittedForward({ ...reference, ...part }, ownDrive),
          stretchTargets(recording, starts, window),
          plan.units,
          units,
        );
      expect(lossOf({})).not.toBe(ownLoss({}));
      expect(found.loss).toBeCloseTo(ownLoss({}), 6);
      const weights = centralDifferences(reference.weights, (moved) => ownLoss({ weights: moved }));
      expect(relative(found.parameters.weightHH, weights)).toBeLessThan(1e-4);
      const inputWeights = centralDifferences(reference.inputWeights ?? [], (moved) =>
        ownLoss({ inputWeights: moved }),
      );
      const bias = centralDifferences(reference.bias, (moved) => ownLoss({ bias: moved }));
      const mask = model.masks.weightIH;
      const expected = Float64Array.from({ length: plan.units * channels }, (_, index) => {
        const [unit, channel] = [Math.floor(index / channels), index % channels];
        const slope = channel < dimensions ? at(inputWeights, unit * dimensions + channel) : at(bias, unit);
        return (mask?.[index] ?? 1) * slope;
      });
      expect(relative(found.parameters.weightIH, expected)).toBeLessThan(1e-4);
    } finally {
      network.dispose();
    }
  });
});
