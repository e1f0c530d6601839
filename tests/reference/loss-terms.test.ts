import { describe, expect, it } from "vitest";
import { Random } from "../../src/random.ts";
import goldenLosses from "../fixtures/golden/nn4n/losses.json" with { type: "json" };
import { centralDifferences } from "./central-differences.ts";
import { flatten, timeFirst } from "./golden-model.ts";
import type { LossValue } from "./loss.ts";
import { huber, quadraticAbove } from "./loss-custom.ts";
import { type HebbianValue, hebbian } from "./loss-hebbian.ts";
import { binaryCrossEntropy, cosine, crossEntropy } from "./loss-outputs.ts";
import { type RateShape, rateDifference, rateEntropy, rateMagnitude } from "./loss-rates.ts";
import { largestDifference, type Numbers } from "./numbers.ts";

const random = new Random(3, 1);
const list = (length: number, low: number, high: number): Float64Array =>
  Float64Array.from({ length }, () => random.uniform(low, high));

const [time, batch, width] = [4, 3, 5];
const outputs = list(time * batch * width, -2, 2);
const targets = list(time * batch * width, 0, 1);
const mask = Float64Array.from({ length: time * batch * width }, () => random.choice([0, 0.5, 1, 2]));
/** Rates of both signs, none so close to 0 that a difference crosses it. */
const rates = list(time * batch * width, 0.05, 2).map((r) => (random.uniform() < 0.5 ? -r : r));
const weights = list(width * width, -1, 1);
const all: RateShape = { time, batch, hidden: width, units: [0, width] };
const some: RateShape = { ...all, units: [1, 4] };

function byWeights({ value, byWeights: gradient }: HebbianValue): LossValue {
  return { value, gradient };
}

describe("gradients of the reference agree with central differences", () => {
  const cases: Readonly<Record<string, readonly [Numbers, (values: Numbers) => LossValue]>> = {
    "cross-entropy over rows": [outputs, (y) => crossEntropy(y, targets, width, mask)],
    "cross-entropy over the mask": [outputs, (y) => crossEntropy(y, targets, width, mask, "mask")],
    "binary cross-entropy over elements": [outputs, (y) => binaryCrossEntropy(y, targets, mask)],
    "binary cross-entropy over the mask": [outputs, (y) => binaryCrossEntropy(y, targets, mask, "mask")],
    "cosine over rows": [outputs, (y) => cosine(y, targets, width, 0.3, mask)],
    "cosine over the mask": [outputs, (y) => cosine(y, targets, width, 1e-3, mask, "mask")],
    "Huber over elements": [outputs, (y) => huber(y, targets, mask)],
    "Huber over the mask": [outputs, (y) => huber(y, targets, mask, "mask")],
    "squares above a threshold": [rates, (r) => quadraticAbove(r, { ...some, rows: time * batch }, 0.5)],
    "absolute rates": [rates, (r) => rateMagnitude(r, all, 1)],
    "squared rates": [rates, (r) => rateMagnitude(r, all, 2)],
    "squared rates of some units": [rates, (r) => rateMagnitude(r, some, 2)],
    "differences over 1 step": [rates, (r) => rateDifference(r, all, 1)],
    "differences over 3 steps, some units": [rates, (r) => rateDifference(r, some, 3)],
    entropy: [rates, (r) => rateEntropy(r, all, 10)],
    "Hebbian over time, by rates": [rates, (r) => hebbian(r, weights, all, "time")],
    "Hebbian by step, by rates": [rates, (r) => hebbian(r, weights, all, "step")],
    "Hebbian over time, by weights": [weights, (w) => byWeights(hebbian(rates, w, all, "time"))],
    "Hebbian by step, by weights": [weights, (w) => byWeights(hebbian(rates, w, all, "step"))],
    "entropy of some units, without squares": [rates, (r) => rateEntropy(r, some, 0)],
  };
  for (const [name, [values, loss]] of Object.entries(cases)) {
    it(name, () => {
      const differences = centralDifferences(values, (moved) => loss(moved).value);
      expect(largestDifference(loss(values).gradient, differences)).toBeLessThan(1e-8);
    });
  }
});

describe("values and gradients of nn4n (losses.json)", () => {
  const { float64_formula: expected, logits, target_prob, states_BTN } = goldenLosses;
  const states = timeFirst(states_BTN);
  const shape: RateShape = { time: 5, batch: 3, hidden: 4, units: [0, 4] };

  it("CrossEntropyLoss with apply_softmax", () => {
    const { value } = crossEntropy(flatten(logits), flatten(target_prob), 3);
    expect(value).toBeCloseTo(expected.cross_entropy_softmax, 12);
  });

  it("fault 17: state prediction compares steps of time, as documented, not trials, as coded", () => {
    const { value } = rateDifference(states, shape, 1);
    expect(value).toBeCloseTo(expected["state_pred_tau1_time_shift_(intended)"], 12);
    expect(value).not.toBeCloseTo(expected.state_pred_tau1_as_coded_batch_shift, 1);
    const two = rateDifference(states, shape, 2).value;
    expect(two).toBeCloseTo(expected["state_pred_tau2_time_shift_(intended)"], 12);
  });

  it("fault 17: the Hebbian term averages over time before the absolute value, as documented", () => {
    const given = { time: 5, batch: 3, hidden: 4 };
    const documented = hebbian(states, flatten(goldenLosses.W), given, "time");
    expect(documented.value).toBeCloseTo(expected.hebbian_as_documented, 12);
    const coded = hebbian(states, flatten(goldenLosses.W), given, "step");
    expect(coded.value).toBeCloseTo(expected.hebbian_as_coded, 12);
    expect(largestDifference(coded.gradient, timeFirst(goldenLosses.values.hebbian.grad_first))).toBeLessThan(1e-7);
  });

  it("what nn4n's code does is the same formula with time and trials exchanged, gradient too", () => {
    const exchanged = flatten(states_BTN); // [trial, time, unit] read as [time, trial, unit]
    const { value, gradient } = rateDifference(exchanged, { ...shape, time: 3, batch: 5 }, 1);
    expect(value).toBeCloseTo(expected.state_pred_tau1_as_coded_batch_shift, 12);
    expect(largestDifference(gradient, flatten(goldenLosses.values.state_pred_tau1.grad_first))).toBeLessThan(1e-7);
  });
});

describe("what the formulas say at their edges", () => {
  it("cross-entropy of a certain and right answer is 0, and of logits 1000 apart 1000", () => {
    expect(crossEntropy([100, 0, 0], [1, 0, 0], 3).value).toBeCloseTo(0, 12);
    expect(crossEntropy([1000, 0], [0, 1], 2).value).toBe(1000);
    expect(crossEntropy([0, 0, 0, 0], [0, 1, 0, 0], 4).value).toBeCloseTo(Math.log(4), 12);
  });

  it("binary cross-entropy of logit 0 is log 2, whatever the target", () => {
    expect(binaryCrossEntropy([0, 0, 0], [0, 0.3, 1]).value).toBeCloseTo(Math.log(2), 12);
    expect(binaryCrossEntropy([800], [0]).value).toBe(800);
  });

  it("cosine is 0 for parallel rows, 1 for orthogonal ones, 2 for opposite ones, and 1 where a row is 0", () => {
    const value = (y: Numbers, t: Numbers): number => cosine(y, t, 2, 1e-6).value;
    expect(value([2, 4], [1, 2])).toBeCloseTo(0, 9);
    expect(value([2, 0], [0, 3])).toBe(1);
    expect(value([-2, -4], [1, 2])).toBeCloseTo(2, 9);
    expect(value([0, 0], [1, 2])).toBe(1);
    expect(cosine([1, 2], [0, 0], 2, 1e-6)).toEqual({ value: 1, gradient: new Float64Array(2) });
  });

  it("entropy is log n for n equal rates, 0 for a single active unit, and finite for a silent network", () => {
    const shape: RateShape = { time: 1, batch: 1, hidden: 4, units: [0, 4] };
    expect(rateEntropy([2, 2, 2, 2], shape, 0).value).toBeCloseTo(Math.log(4), 6);
    expect(rateEntropy([0, 3, 0, -1], shape, 0).value).toBeCloseTo(0, 6);
    expect(rateEntropy([0, 0, 0, 0], shape, 10)).toEqual({ value: 0, gradient: new Float64Array(4) });
  });
});
