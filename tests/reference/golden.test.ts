import { describe, expect, it } from "vitest";
import type { ParameterName } from "../../src/network/model.ts";
import { backward, type Gradients } from "./bptt.ts";
import { effectiveWeights, forward, type ReferenceModel, type Trajectory } from "./ctrnn.ts";
import { rawWeightGradient } from "./effective-weights.ts";
import { gen } from "./generate.ts";
import { type GoldenCase, goldenCases, goldenTolerance, nn4nCases } from "./golden.ts";
import { nn4nTraining, projectionCases, psychrnnTrainings } from "./golden-training.ts";
import { meanSquaredError, rateL2 } from "./loss.ts";
import { nn4nMeanSquaredError, nn4nRatePenalty, nn4nWeightPenalty } from "./nn4n-losses.ts";
import { at, largestDifference, type Numbers, plus, relativeDifference } from "./numbers.ts";
import { createOptimizerState, optimizerStep, projectWeight } from "./optimizer.ts";

type NamedGradients = Partial<Record<ParameterName, Numbers>>;

function expectGradients(actual: Gradients["parameters"], expected: NamedGradients): void {
  for (const [name, values] of Object.entries(expected)) {
    const difference = relativeDifference(actual[name as ParameterName], values);
    expect(difference, `gradient of ${name}`).toBeLessThan(goldenTolerance.gradients);
  }
}

/** Runs a case, one step at a time where its recurrent weights change, and hands v and r from step to step. */
function run({ model, trials }: GoldenCase): Trajectory {
  const { v0, preNoise, weightHHByStep } = trials;
  if (!weightHHByStep) return forward(model, trials, { v0, preNoise });
  const v: number[] = [];
  const r: number[] = [];
  const outputs: number[] = [];
  let state: { v0?: Float64Array; r0?: Float64Array } = {};
  for (const [t, weightHH] of weightHHByStep.entries()) {
    const width = trials.batch * model.spec.inputs;
    const inputs = trials.inputs.slice(t * width, (t + 1) * width);
    const changed = { ...model, parameters: { ...model.parameters, weightHH } };
    const step = forward(changed, { time: 1, batch: trials.batch, inputs }, state);
    v.push(...step.v);
    r.push(...step.r);
    outputs.push(...step.outputs);
    state = { v0: step.v, r0: step.r };
  }
  const [states, rates, y] = [v, r, outputs].map((values) => Float64Array.from(values)) as [
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  return { v: states, r: rates, outputs: y, synapses: [] };
}

/** Adds the derivative of a penalty on each effective weight to the gradients by the raw weights. */
function withWeightPenalties(
  model: ReferenceModel,
  gradients: Gradients["parameters"],
  penalties: Readonly<Record<"weightIH" | "weightHH" | "weightHO", Numbers>>,
): Record<ParameterName, Float64Array> {
  const total = { ...gradients };
  for (const name of ["weightIH", "weightHH", "weightHO"] as const) {
    const { constraint } = model.spec;
    const raw = model.parameters[name];
    const penalty = rawWeightGradient(constraint, penalties[name], raw, model.masks[name], model.signs[name]);
    total[name] = plus(gradients[name], penalty);
  }
  return total;
}

const scaled = (values: Numbers, factor: number): Float64Array => Float64Array.from(values, (value) => factor * value);

describe("golden forward passes and gradients", () => {
  for (const example of goldenCases()) {
    const { name, model, trials, expected } = example;
    it(name, () => {
      const trajectory = run(example);
      const { states: tolerance } = goldenTolerance;
      if (expected.rates) expect(largestDifference(trajectory.r, expected.rates)).toBeLessThan(tolerance);
      if (expected.states) expect(largestDifference(trajectory.v, expected.states)).toBeLessThan(tolerance);
      if (expected.outputs) expect(largestDifference(trajectory.outputs, expected.outputs)).toBeLessThan(tolerance);
      if (!trials.targets) return;
      const loss = meanSquaredError(trajectory.outputs, trials.targets);
      if (expected.meanSquaredError !== undefined) expect(loss.value).toBeCloseTo(expected.meanSquaredError, 6);
      if (expected.gradients) {
        const direct = { outputs: loss.gradient };
        const { parameters } = backward(model, trials, { v0: trials.v0 }, trajectory, direct);
        expectGradients(parameters, expected.gradients);
      }
      if (expected.wholeLoss) {
        const { version, lambdas, value, gradients } = expected.wholeLoss;
        const error = nn4nMeanSquaredError(lambdas, trajectory.outputs, trials.targets);
        const { time, batch } = trials;
        const rates = nn4nRatePenalty(version, lambdas, trajectory.r, time, batch, model.spec.hidden);
        const { parameters } = backward(model, trials, {}, trajectory, { outputs: error.gradient, r: rates.gradient });
        const weights = effectiveWeights(model);
        const { lambda_in = 0, lambda_hid = 0, lambda_out = 0 } = lambdas;
        const [ih, hh, ho] = [weights.weightIH, weights.weightHH, weights.weightHO].map(nn4nWeightPenalty);
        if (!ih || !hh || !ho) throw new RangeError("three weights have three penalties");
        const total = error.value + rates.value + lambda_in * ih.value + lambda_hid * hh.value + lambda_out * ho.value;
        expect(total).toBeCloseTo(value, 5);
        const all = withWeightPenalties(model, parameters, {
          weightIH: scaled(ih.gradient, lambda_in),
          weightHH: scaled(hh.gradient, lambda_hid),
          weightHO: scaled(ho.gradient, lambda_out),
        });
        expectGradients(all, gradients);
      }
    });
  }
});

describe("golden projections", () => {
  for (const { name, weight, mask, sign, expected } of projectionCases()) {
    it(name, () => {
      expect(largestDifference(projectWeight("project", weight, mask, sign), expected)).toBe(0);
    });
  }
});

it("nn4n SGD steps on an excitatory-inhibitory network", () => {
  const training = nn4nTraining();
  const { time, batch, lambdas, targets } = training;
  const { hidden, outputs } = training.model.spec;
  let model: ReferenceModel & { spec: (typeof training.model)["spec"]; plasticity: object } = training.model;
  const state = createOptimizerState(model);
  for (const [k, step] of training.steps.entries()) {
    for (const name of ["weightIH", "weightHH", "weightHO"] as const) {
      const difference = largestDifference(model.parameters[name], step.weights[name]);
      expect(difference, `${name} at step ${k}`).toBeLessThan(goldenTolerance.weights);
    }
    const trajectory = forward(model, training);
    expect(largestDifference(trajectory.r.slice(-batch * hidden), step.lastRates)).toBeLessThan(1e-5);
    expect(largestDifference(trajectory.outputs.slice(-batch * outputs), step.lastOutputs)).toBeLessThan(1e-5);
    const error = nn4nMeanSquaredError(lambdas, trajectory.outputs, targets);
    const rates = nn4nRatePenalty("v1.0.3", lambdas, trajectory.r, time, batch, hidden);
    const { parameters } = backward(model, training, {}, trajectory, { outputs: error.gradient, r: rates.gradient });
    const penalty = {
      weightIH: nn4nWeightPenalty(model.parameters.weightIH),
      weightHH: nn4nWeightPenalty(model.parameters.weightHH),
      weightHO: nn4nWeightPenalty(model.parameters.weightHO),
    };
    const { lambda_in = 0, lambda_hid = 0, lambda_out = 0 } = lambdas;
    expect(
      error.value +
        rates.value +
        lambda_in * penalty.weightIH.value +
        lambda_hid * penalty.weightHH.value +
        lambda_out * penalty.weightHO.value,
    ).toBeCloseTo(step.loss, 6);
    const gradients = withWeightPenalties(model, parameters, {
      weightIH: scaled(penalty.weightIH.gradient, lambda_in),
      weightHH: scaled(penalty.weightHH.gradient, lambda_hid),
      weightHO: scaled(penalty.weightHO.gradient, lambda_out),
    });
    if (step.weightGradients) expectGradients(gradients, step.weightGradients);
    const doubled = { ...gradients, biasH: scaled(gradients.biasH, 2) };
    const next = optimizerStep(model, doubled, state, { optimizer: { type: "sgd" }, lr: training.lr, alphaMin: 0.01 });
    expect(largestDifference(next.biasH, step.biasHAfter), "biasH").toBeLessThan(goldenTolerance.weights);
    expect(largestDifference(next.biasO, step.biasOAfter), "biasO").toBeLessThan(goldenTolerance.weights);
    model = { ...model, parameters: next };
  }
});

describe("PsychRNN gradients and Adam steps", () => {
  for (const training of psychrnnTrainings()) {
    it(training.name, () => {
      const { penalties, targets, mask } = training;
      const evaluate = (model: ReferenceModel) => {
        const trajectory = forward(model, training);
        const error = meanSquaredError(trajectory.outputs, targets, mask);
        const rates = rateL2(trajectory.r);
        const weights = effectiveWeights(model);
        const terms = [
          ["weightIH", penalties.L1_in, penalties.L2_in],
          ["weightHH", penalties.L1_rec, penalties.L2_rec],
          ["weightHO", penalties.L1_out, penalties.L2_out],
        ] as const;
        let penalty = penalties.L2_firing_rate * rates.value;
        const byWeight = { weightIH: new Float64Array(), weightHH: new Float64Array(), weightHO: new Float64Array() };
        for (const [name, l1, l2] of terms) {
          const weight = weights[name];
          for (const w of weight) penalty += (l1 * Math.abs(w) + l2 * w * w) / weight.length;
          byWeight[name] = weight.map((w) => (l1 * Math.sign(w) + 2 * l2 * w) / weight.length);
        }
        const direct = { outputs: error.gradient, r: scaled(rates.gradient, penalties.L2_firing_rate) };
        const { parameters } = backward(model, training, {}, trajectory, direct);
        return { trajectory, error, penalty, gradients: withWeightPenalties(model, parameters, byWeight) };
      };
      const first = evaluate(training.model);
      expect(largestDifference(first.trajectory.v, training.states)).toBeLessThan(goldenTolerance.states);
      expect(largestDifference(first.trajectory.outputs, training.outputs)).toBeLessThan(goldenTolerance.states);
      expect(first.error.value / training.loss).toBeCloseTo(1, 6);
      expect(first.penalty / training.penalty).toBeCloseTo(1, 6);
      expectGradients(first.gradients, training.gradients);
      const withoutPenalties = backward(training.model, training, {}, first.trajectory, {
        outputs: first.error.gradient,
      });
      expect(relativeDifference(withoutPenalties.v, training.stateGradients)).toBeLessThan(goldenTolerance.gradients);

      let model: typeof training.model | (ReferenceModel & Pick<typeof training.model, "spec" | "plasticity">) =
        training.model;
      const state = createOptimizerState(model);
      for (const [k, expected] of training.parametersAfterEachStep.entries()) {
        // TensorFlow 1 adds ε before the bias correction of √s, PyTorch after it.
        const eps = 1e-8 / Math.sqrt(1 - 0.999 ** (k + 1));
        const parameters = optimizerStep(model, evaluate(model).gradients, state, {
          optimizer: { type: "adam", eps },
          lr: training.lr,
          clip: { type: "tensor", limit: training.clipNorm },
          alphaMin: 0.01,
        });
        model = { ...model, parameters };
        for (const [key, values] of Object.entries(expected)) {
          const name = key as ParameterName;
          const weightMask = name in model.masks ? model.masks[name as keyof typeof model.masks] : undefined;
          const present = values.map((value, index) => (weightMask && at(weightMask, index) === 0 ? 0 : value));
          const difference = largestDifference(parameters[name], present);
          expect(difference, `${name} after step ${k + 1}`).toBeLessThan(goldenTolerance.weights);
        }
        const { error, penalty } = evaluate(model);
        expect((error.value + penalty) / at(training.lossAfterEachStep, k)).toBeCloseTo(1, 5);
      }
    });
  }
});

it("gen gives the very numbers the golden files were made with", () => {
  const learned = nn4nCases().find(({ name }) => name.includes("learned"));
  if (!learned) throw new RangeError("the case with a learned initial state is gone");
  const { parameters } = learned.model;
  expect(parameters.weightIH).toEqual(gen([4, 2], 1, 0.8));
  expect(parameters.weightHH).toEqual(gen([4, 4], 2, 0.6));
  expect(parameters.weightHO).toEqual(gen([2, 4], 3, 0.7));
  expect(parameters.v0).toEqual(gen([4], 9, 0.5));
  expect(learned.trials.inputs).toEqual(gen([5, 3, 2], 7, 1.5));
  expect(learned.trials.targets).toEqual(gen([5, 3, 2], 8, 0.5));
});
