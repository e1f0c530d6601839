import { describe, expect, test } from "vitest";
import { sgd } from "../../src/index.ts";
import {
  type Model,
  type ParameterName,
  parameterNames,
  type WeightName,
  weightNames,
} from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { validateModel } from "../../src/network/validate.ts";
import { gradients } from "../../src/train/gradients.ts";
import { fixedTrials } from "../../src/train/source.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { backward } from "../reference/bptt.ts";
import { effectiveWeights, forward } from "../reference/ctrnn.ts";
import { rawWeightGradient } from "../reference/effective-weights.ts";
import { goldenCases, goldenTolerance } from "../reference/golden.ts";
import { goldenModel } from "../reference/golden-model.ts";
import { nn4nTraining, type ProjectionCase, projectionCases, psychrnnTrainings } from "../reference/golden-training.ts";
import { nn4nMeanSquaredError, nn4nRatePenalty, nn4nWeightPenalty } from "../reference/nn4n-losses.ts";
import { at, largestDifference, type Numbers, plus, relativeDifference } from "../reference/numbers.ts";
import { clipGradients } from "../reference/optimizer.ts";
import { testDevice } from "../support/device.ts";
import { runGolden, withNoiseAsInputs } from "../support/golden-run.ts";
import { UpdateReplay } from "../support/replay.ts";

// nn4n's whole losses are ours in tests/ops/weight-and-mean-rate-losses.test.ts, its SGD run through the trainer in
// tests/train/nn4n-sgd.test.ts. Here the update kernel is given the whole gradient of the float64 reference.

const gpu = testDevice();

describe("golden forward passes and gradients of other packages", () => {
  for (const example of goldenCases()) {
    const { expected, trials } = example;
    test(example.name, async () => {
      const { model, stimuli } = withNoiseAsInputs(example);
      const network = new Network(gpu.device, [model]);
      try {
        const activity = await runGolden(network, example, model, stimuli);
        const { states: tolerance } = goldenTolerance;
        if (expected.rates) expect(largestDifference(activity.rates, expected.rates)).toBeLessThan(tolerance);
        if (expected.states) expect(largestDifference(activity.states, expected.states)).toBeLessThan(tolerance);
        if (expected.outputs) expect(largestDifference(activity.outputs, expected.outputs)).toBeLessThan(tolerance);
        if (trials.targets === undefined || expected.gradients === undefined) return;
        const data = { ...stimuli, targets: trials.targets };
        const actual = await gradients(network, data, [{ type: "meanSquaredError" }]);
        expect(largestDifference(actual.outputs, activity.outputs)).toBe(0);
        if (expected.meanSquaredError !== undefined) expect(actual.loss).toBeCloseTo(expected.meanSquaredError, 6);
        for (const [name, values] of Object.entries(expected.gradients)) {
          const difference = relativeDifference(actual.parameters[name as ParameterName], values);
          expect(difference, name).toBeLessThan(goldenTolerance.gradients);
        }
      } finally {
        network.dispose();
      }
    });
  }
});

describe("golden projections", () => {
  /** The weight stands in the place of the input weights, which Dale's law does not bind. */
  function modelOf({ shape: [rows, columns], mask, sign }: ProjectionCase, weight: Float32Array): Model {
    const zeros = (length: number): number[] => new Array<number>(length).fill(0);
    const model = goldenModel(
      { inputs: columns, hidden: rows, outputs: 1 },
      {
        weightIH: zeros(weight.length),
        weightHH: zeros(rows * rows),
        biasH: zeros(rows),
        weightHO: zeros(rows),
        biasO: [0],
        alpha: 0.5,
      },
      mask === undefined ? {} : { weightIH: mask },
      sign === undefined ? {} : { weightIH: sign },
    );
    return { ...model, parameters: { ...model.parameters, weightIH: weight } };
  }
  for (const example of projectionCases()) {
    const { name, shape, weight, mask, expected } = example;
    test(`${name}: validateModel with projection`, () => {
      const projected = validateModel(modelOf(example, weight), { project: true });
      expect(largestDifference(projected.parameters.weightIH, expected)).toBe(0);
    });
    test(`${name}: an update with learning rate 0`, async () => {
      const network = new Network(gpu.device, [modelOf(example, new Float32Array(weight.length))]);
      const [rows, columns] = shape;
      const inputs = new Float32Array(columns);
      const source = fixedTrials({ steps: 1, trials: 1, inputs, targets: new Float32Array(1) });
      // Past the checks of the network; an absent synapse never has a value, so it has none here either.
      network.parameters.write(mask === undefined ? weight : weight.map((w, index) => w * at(mask, index)));
      const trainer = await Trainer.create(network, source, { steps: 1, optimizer: sgd({ lr: 0 }) });
      for await (const report of trainer.run()) expect(report.step).toBe(1);
      const { parameters } = await network.read();
      expect(parameters.weightIH.length).toBe(rows * columns);
      expect(largestDifference(parameters.weightIH, expected)).toBe(0);
      trainer.dispose();
      network.dispose();
    });
  }
});

type Penalty = (name: WeightName, weight: Float64Array) => Numbers;

/** Adds the derivative of a penalty on each effective weight to the gradients by the raw weights. */
function withWeightPenalties(
  model: Model,
  gradients: Readonly<Record<ParameterName, Numbers>>,
  penalty: Penalty,
): Record<ParameterName, Numbers> {
  const total = { ...gradients };
  const effective = effectiveWeights(model);
  for (const name of weightNames) {
    const { constraint } = model.spec;
    const byEffective = penalty(name, effective[name]);
    const raw = model.parameters[name];
    const own = rawWeightGradient(constraint, byEffective, raw, model.masks[name], model.signs[name]);
    total[name] = plus(gradients[name], own);
  }
  return total;
}

test("nn4n's SGD steps on an excitatory-inhibitory network, its whole gradient replayed", async () => {
  const training = nn4nTraining();
  const { time, batch, lambdas, targets, inputs } = training;
  const { hidden, outputs } = training.model.spec;
  const penalties = { weightIH: lambdas.lambda_in, weightHH: lambdas.lambda_hid, weightHO: lambdas.lambda_out };
  const replay = await UpdateReplay.create(gpu.device, training.model, "sgd");
  let model = training.model;
  for (const [k, step] of training.steps.entries()) {
    for (const name of weightNames) {
      const difference = largestDifference(model.parameters[name], step.weights[name]);
      expect(difference, `${name} before step ${k + 1}`).toBeLessThan(goldenTolerance.weights);
    }
    const activity = await replay.network.run({ steps: time, trials: batch, inputs });
    expect(largestDifference(activity.final.r, step.lastRates)).toBeLessThan(1e-5);
    expect(largestDifference(activity.outputs.slice(-batch * outputs), step.lastOutputs)).toBeLessThan(1e-5);
    const trajectory = forward(model, training);
    const error = nn4nMeanSquaredError(lambdas, trajectory.outputs, targets);
    const rates = nn4nRatePenalty("v1.0.3", lambdas, trajectory.r, time, batch, hidden);
    const { parameters } = backward(model, training, {}, trajectory, { outputs: error.gradient, r: rates.gradient });
    const all = withWeightPenalties(model, parameters, (name, weight) =>
      nn4nWeightPenalty(weight).gradient.map((g) => (penalties[name] ?? 0) * g),
    );
    // nn4n has two hidden biases of the same gradient; our one is their sum, so it moves twice as far.
    const doubled = { ...all, biasH: Float64Array.from(all.biasH as Float64Array, (g) => 2 * g) };
    model = await replay.step(doubled, { step_size: training.lr });
    expect(largestDifference(model.parameters.biasH, step.biasHAfter), "biasH").toBeLessThan(goldenTolerance.weights);
    expect(largestDifference(model.parameters.biasO, step.biasOAfter), "biasO").toBeLessThan(goldenTolerance.weights);
  }
  replay.dispose();
});

describe("PsychRNN's gradients and Adam steps", () => {
  for (const training of psychrnnTrainings()) {
    test(training.name, async () => {
      const { penalties, targets, mask, time, batch, inputs, lr, clipNorm } = training;
      const replay = await UpdateReplay.create(gpu.device, training.model, "adam");
      const { network } = replay;
      const data = { steps: time, trials: batch, inputs, targets, mask };
      const squaredError = { type: "meanSquaredError" } as const;
      const activity = await network.run(data);
      expect(largestDifference(activity.states, training.states)).toBeLessThan(goldenTolerance.states);
      expect(largestDifference(activity.outputs, training.outputs)).toBeLessThan(goldenTolerance.states);
      const plain = await gradients(network, data, [squaredError]);
      expect(plain.loss / training.loss).toBeCloseTo(1, 5);
      expect(relativeDifference(plain.states, training.stateGradients)).toBeLessThan(goldenTolerance.gradients);

      const byWeight = {
        weightIH: [penalties.L1_in, penalties.L2_in],
        weightHH: [penalties.L1_rec, penalties.L2_rec],
        weightHO: [penalties.L1_out, penalties.L2_out],
      } as const;
      const losses = [squaredError, { type: "rateL2", weight: penalties.L2_firing_rate }] as const;
      const wholeGradient = async (model: Model): Promise<Record<ParameterName, Numbers>> => {
        const { parameters } = await gradients(network, data, losses);
        return withWeightPenalties(model, parameters, (name, weight) => {
          const [l1, l2] = byWeight[name];
          return weight.map((w) => (l1 * Math.sign(w) + 2 * l2 * w) / weight.length);
        });
      };
      let model = training.model;
      for (const [k, expected] of training.parametersAfterEachStep.entries()) {
        const all = await wholeGradient(model);
        if (k === 0) {
          for (const [name, values] of Object.entries(training.gradients)) {
            const difference = relativeDifference(all[name as ParameterName], values);
            expect(difference, name).toBeLessThan(goldenTolerance.gradients);
          }
        }
        const clipped = clipGradients(
          parameterNames.map((name) => all[name]),
          { type: "tensor", limit: clipNorm },
        );
        const given = Object.fromEntries(parameterNames.map((name, index) => [name, clipped[index]]));
        model = await replay.step(given as unknown as Record<ParameterName, Numbers>, {
          // TensorFlow 1 adds ε before the bias correction of √s, which is where the kernel adds it.
          epsilon: 1e-8,
          step_size: (lr * Math.sqrt(1 - 0.999 ** (k + 1))) / (1 - 0.9 ** (k + 1)),
          ...{ decay_first: 0.9, decay_second: 0.999, gain_first: 0.1, gain_second: 0.001, alpha_min: 0.01 },
        });
        for (const [key, values] of Object.entries(expected)) {
          const name = key as ParameterName;
          const weightMask = model.masks[name as WeightName];
          // PsychRNN keeps the raw value of a masked weight, which has no effect; ours is 0.
          const isPresent = (index: number): boolean => weightMask === undefined || at(weightMask, index) === 1;
          const present = values.filter((_, index) => isPresent(index));
          const ours = model.parameters[name].filter((_, index) => isPresent(index));
          expect(largestDifference(ours, present), `${name} after step ${k + 1}`).toBeLessThan(goldenTolerance.weights);
        }
      }
      replay.dispose();
    });
  }
});
