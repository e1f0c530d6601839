import { expect, test } from "vitest";
import type { Model } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { sgd } from "../../src/train/optimizer.ts";
import { fixedTrials } from "../../src/train/source.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { goldenTolerance } from "../reference/golden.ts";
import { nn4nTraining } from "../reference/golden-training.ts";
import { at, largestDifference } from "../reference/numbers.ts";
import { testDevice } from "../support/device.ts";
import { nn4nTerms } from "../support/nn4n-terms.ts";

const gpu = testDevice();

/**
 * nn4n has two biases on the same hidden units, and moves both: ours is its b_hid, and one more input, always 1, brings
 * its b_in as the last column of the input weights, free and not counted by the penalty on these.
 */
function withSecondBias(model: Model, ones: number): { model: Model; inputs: (given: Float32Array) => Float32Array } {
  const { inputs, hidden } = model.spec;
  const widen = (values: Float32Array, last: (unit: number) => number): Float32Array =>
    Float32Array.from({ length: hidden * (inputs + 1) }, (_, index) => {
      const [unit, column] = [Math.floor(index / (inputs + 1)), index % (inputs + 1)];
      return column === inputs ? last(unit) : at(values, unit * inputs + column);
    });
  const { masks, signs, parameters } = model;
  const [mask, sign] = [masks.weightIH, signs.weightIH] as [Float32Array, Float32Array];
  return {
    model: {
      ...model,
      spec: { ...model.spec, inputs: inputs + 1 },
      parameters: { ...parameters, weightIH: widen(parameters.weightIH, () => 0) },
      masks: { ...masks, weightIH: widen(mask, () => 1) },
      signs: { ...signs, weightIH: widen(sign, () => 0) },
    },
    inputs: (given) =>
      Float32Array.from({ length: ones * (inputs + 1) }, (_, index) => {
        const [row, column] = [Math.floor(index / (inputs + 1)), index % (inputs + 1)];
        return column === inputs ? 1 : at(given, row * inputs + column);
      }),
  };
}

test("nn4n's four SGD steps on an excitatory-inhibitory network, with our own seven loss terms (train-ei-sgd.json)", async () => {
  const training = nn4nTraining();
  const { time, batch, targets, lr, steps } = training;
  const { inputs: channels } = training.model.spec;
  const { model, inputs } = withSecondBias(training.model, time * batch);
  const terms = nn4nTerms("v1.0.3", training.lambdas as unknown as Record<string, number>).map((term) =>
    term.type === "weightL2" && term.matrix === "weightIH" ? { ...term, pre: [0, channels] as [number, number] } : term,
  );
  const network = new Network(gpu.device, [model]);
  const source = fixedTrials({ steps: time, trials: batch, inputs: inputs(training.inputs), targets });
  const trainer = await Trainer.create(network, source, {
    ...{ steps: steps.length, optimizer: sgd({ lr }), loss: terms, reportEvery: 1 },
  });
  const expectWeights = async (step: number): Promise<void> => {
    const { parameters } = await network.read();
    const own = parameters.weightIH.filter((_, index) => index % (channels + 1) < channels);
    const second = parameters.weightIH.filter((_, index) => index % (channels + 1) === channels);
    const expected = steps[step]?.weights;
    if (expected !== undefined) {
      expect(largestDifference(own, expected.weightIH)).toBeLessThan(goldenTolerance.weights);
      expect(largestDifference(parameters.weightHH, expected.weightHH)).toBeLessThan(goldenTolerance.weights);
      expect(largestDifference(parameters.weightHO, expected.weightHO)).toBeLessThan(goldenTolerance.weights);
    }
    const before = steps[step - 1];
    if (before === undefined) return;
    const both = parameters.biasH.map((value, unit) => value + at(second, unit));
    expect(largestDifference(both, before.biasHAfter)).toBeLessThan(goldenTolerance.weights);
    expect(largestDifference(parameters.biasO, before.biasOAfter)).toBeLessThan(goldenTolerance.weights);
  };
  await expectWeights(0);
  for await (const report of trainer.run()) {
    const { loss } = steps[report.step - 1] ?? { loss: Number.NaN };
    expect(Math.abs(report.loss - loss) / loss).toBeLessThan(1e-5);
    await expectWeights(report.step);
  }
  expect(trainer.step).toBe(steps.length);
  trainer.dispose();
  network.dispose();
});
