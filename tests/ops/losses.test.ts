import { describe, expect, test } from "vitest";
import { ValueError } from "../../src/errors.ts";
import { losses as lossTerms } from "../../src/index.ts";
import { checkLosses, type Loss, type LossInput, lossScale, lossSubject } from "../../src/loss/losses.ts";
import { parameterNames } from "../../src/network/model.ts";
import { Random } from "../../src/random.ts";
import goldenLosses from "../fixtures/golden/nn4n/losses.json" with { type: "json" };
import { backward } from "../reference/bptt.ts";
import { forward } from "../reference/ctrnn.ts";
import { generateModel, generateTrials } from "../reference/generate.ts";
import { flatten, timeFirst } from "../reference/golden-model.ts";
import { type LossValue, meanSquaredError } from "../reference/loss.ts";
import { binaryCrossEntropy, cosine, crossEntropy } from "../reference/loss-outputs.ts";
import { rateDifference, rateEntropy, rateMagnitude } from "../reference/loss-rates.ts";
import { plus } from "../reference/numbers.ts";
import { onGpu, relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";
import { type LossData, runLosses } from "../support/loss-run.ts";

const gpu = testDevice();

interface Sizes {
  readonly steps: number;
  readonly batch: number;
  readonly hidden: number;
  readonly outputs: number;
}

/** What one replica's terms see; targets are probabilities, rates and outputs of both signs, some rates 0. */
function randomData({ steps, batch, hidden, outputs }: Sizes, seed: number): LossData & { mask: Float32Array } {
  const random = new Random(seed, 5);
  const rows = steps * batch;
  const list = (length: number, draw: () => number): Float32Array => Float32Array.from({ length }, draw);
  const mask = list(rows * outputs, () => random.choice([0, 0.5, 1, 2]));
  mask[0] = 1; // so that no mask sums to 0
  return {
    outputs: list(rows * outputs, () => 3 * random.normal()),
    targets: list(rows * outputs, () => random.uniform()),
    mask,
    rates: list(rows * hidden, () => (random.uniform() < 0.2 ? 0 : random.normal())),
  };
}

/** A term in float64, with its weight: on the outputs or on the rates. */
function referenceOf(loss: Loss, { steps, batch, hidden, outputs }: Sizes, data: LossData): LossValue {
  const { outputs: y, targets, mask, rates } = data;
  const shape = {
    ...{ time: steps, batch, hidden },
    units: ("units" in loss && loss.type !== "targetRates" && loss.units) || ([0, hidden] as const),
  };
  const plain = (): LossValue => {
    switch (loss.type) {
      case "meanSquaredError":
        return meanSquaredError(y, targets, mask, loss.denominator);
      case "crossEntropy":
        return crossEntropy(y, targets, outputs, mask, loss.denominator);
      case "binaryCrossEntropy":
        return binaryCrossEntropy(y, targets, mask, loss.denominator);
      case "cosine":
        return cosine(y, targets, outputs, loss.epsilon, mask, loss.denominator);
      case "rateL1":
        return rateMagnitude(rates, shape, 1);
      case "rateL2":
        return rateMagnitude(rates, shape, 2);
      case "rateSmoothness":
        return rateDifference(rates, shape, 1);
      case "statePrediction":
        return rateDifference(rates, shape, loss.tau);
      case "rateEntropy":
        return rateEntropy(rates, shape, loss.squareWeight);
      default:
        throw new RangeError(`${loss.type} has no reference here`);
    }
  };
  const { value, gradient } = plain();
  return { value: loss.weight * value, gradient: gradient.map((slope) => loss.weight * slope) };
}

/** Runs terms of one side on two replicas and compares every value and the summed gradient with the reference. */
async function expectAgreement(sizes: Sizes, losses: readonly LossInput[], seed: number): Promise<void> {
  const replicas = [randomData(sizes, seed), randomData(sizes, seed + 1000)];
  const terms = checkLosses(losses);
  const results = await runLosses(gpu.device, sizes, replicas, losses);
  for (const [index, data] of replicas.entries()) {
    const expected = terms.map((loss) => referenceOf(loss, sizes, data));
    const actual = results[index];
    const label = `replica ${index} of ${JSON.stringify(sizes)}`;
    const values = expected.map(({ value }) => value);
    expect(relative(actual?.values ?? [], values, 0.1), label).toBeLessThan(2e-6);
    const gradient = expected.map((one) => one.gradient).reduce((a, b) => plus(a, b));
    const side = lossSubject(terms[0] as Loss) === "outputs" ? "byOutputs" : "byRates";
    // Some are 0 by cancellation of terms of the size of one row's weight.
    const floor = 0.1 / (sizes.steps * sizes.batch);
    expect(relative(actual?.[side] ?? [], gradient, floor), `${label}, gradient`).toBeLessThan(5e-6);
  }
}

const shapes: readonly Sizes[] = [
  { steps: 2, batch: 1, hidden: 1, outputs: 1 },
  { steps: 3, batch: 5, hidden: 7, outputs: 3 },
  { steps: 13, batch: 11, hidden: 4, outputs: 4 },
  { steps: 65, batch: 2, hidden: 33, outputs: 9 },
];

describe("terms on the outputs", () => {
  const each: readonly LossInput[] = [
    { type: "meanSquaredError", denominator: "mask" },
    { type: "crossEntropy" },
    { type: "crossEntropy", denominator: "mask", weight: 0.3 },
    { type: "binaryCrossEntropy" },
    { type: "binaryCrossEntropy", denominator: "mask", weight: 0.3 },
    { type: "cosine" },
    { type: "cosine", denominator: "mask", epsilon: 0.5 },
  ];
  for (const loss of each) {
    test(JSON.stringify(loss), async () => {
      for (const [index, sizes] of shapes.entries()) await expectAgreement(sizes, [loss], index);
    });
  }

  test("add up in one list", () => expectAgreement(shapes[1] as Sizes, each, 40));

  test("stay finite and right for logits of 1e4, and in rows that the mask leaves out", async () => {
    const sizes = { steps: 1, batch: 2, hidden: 1, outputs: 3 };
    const mask = Float32Array.from([1, 1, 1, 0, 0, 0]);
    const outputs = [1e4, -1e4, 0, 5, 6, 7];
    const data = { outputs, targets: [0, 1, 0, 1, 0, 0], mask, rates: [0, 0] };
    const losses: LossInput[] = [{ type: "crossEntropy" }, { type: "binaryCrossEntropy", weight: 0.5 }];
    const [actual] = await runLosses(gpu.device, sizes, [data], losses);
    const expected = checkLosses(losses).map((loss) => referenceOf(loss, sizes, data));
    expect(actual?.values).toEqual(expected.map(({ value }) => expect.closeTo(value, 1)));
    const [first, second] = expected.map(({ gradient }) => gradient) as [Float64Array, Float64Array];
    expect(relative(actual?.byOutputs ?? [], plus(first, second))).toBeLessThan(1e-6);
    expect(
      Array.from(actual?.byOutputs ?? [])
        .slice(3)
        .map(Math.abs),
    ).toEqual([0, 0, 0]);
  });

  test("cosine: no direction, no gradient beyond 1 / epsilon", async () => {
    const sizes = { steps: 1, batch: 2, hidden: 1, outputs: 2 };
    const data = { outputs: [0, 0, 3, 4], targets: [3, 4, 0, 0], rates: [0, 0] };
    const [actual] = await runLosses(gpu.device, sizes, [data], [{ type: "cosine", epsilon: 0.01 }]);
    expect(actual?.values).toEqual([1]);
    const [first, second, ...rest] = Array.from(actual?.byOutputs ?? []);
    expect([first, second]).toEqual([expect.closeTo(-30, 4), expect.closeTo(-40, 4)]);
    expect(rest.map(Math.abs)).toEqual([0, 0]);
  });
});

describe("terms on the rates", () => {
  const each = ({ steps, hidden }: Sizes): readonly LossInput[] => {
    const units: [number, number] = [Math.floor(hidden / 3), Math.ceil((2 * hidden) / 3)];
    return [
      { type: "rateL1", weight: 0.3 },
      { type: "rateL2", units },
      { type: "rateSmoothness", weight: 2 },
      { type: "statePrediction", tau: steps - 1, units },
      { type: "statePrediction", tau: Math.ceil(steps / 2) },
      { type: "rateEntropy", weight: 0.1 },
      { type: "rateEntropy", units, squareWeight: 0 },
    ];
  };
  for (const sizes of shapes) {
    test(`each alone and all together, ${JSON.stringify(sizes)}`, async () => {
      const terms = each(sizes);
      for (const [index, loss] of terms.entries()) await expectAgreement(sizes, [loss], 60 + index);
      await expectAgreement(sizes, terms, 80);
    });
  }

  test("entropy of a silent network is 0, with no gradient", async () => {
    const sizes = { steps: 1, batch: 1, hidden: 6, outputs: 1 };
    const data = { outputs: [0], targets: [0], rates: new Float32Array(6) };
    const [actual] = await runLosses(gpu.device, sizes, [data], [{ type: "rateEntropy" }]);
    expect(actual?.values).toEqual([0]);
    expect(Array.from(actual?.byRates ?? [])).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

describe("back-propagated through a network, seven terms of both sides at once", () => {
  const losses: readonly LossInput[] = [
    { type: "crossEntropy", denominator: "mask" },
    { type: "rateEntropy", units: [2, 11], squareWeight: 0.5 },
    { type: "cosine", weight: 0.5 },
    { type: "statePrediction", tau: 2 },
    { type: "binaryCrossEntropy", weight: 0.7 },
    { type: "rateL1", weight: 0.2, units: [0, 5] },
    { type: "rateSmoothness", weight: 0.4 },
  ];
  for (const family of ["persistent", "stepwise"] as const) {
    test(family, async () => {
      const sizes = { steps: 9, batch: 5, hidden: 13, outputs: 3 };
      const options = { ...sizes, inputs: 4, time: sizes.steps, seed: 7 };
      const model = generateModel({ ...options, activation: "tanh", density: 0.6, signed: true });
      const drawn = generateTrials(options);
      // Cross-entropies take probabilities.
      const trials = { ...drawn, targets: drawn.targets.map((target) => 1 / (1 + Math.exp(-target))) };
      const trajectory = forward(model, trials, {});
      const data = { outputs: trajectory.outputs, targets: trials.targets, mask: trials.mask, rates: trajectory.r };
      const terms = checkLosses(losses).map((loss) => ({ loss, ...referenceOf(loss, sizes, data) }));
      const side = (subject: "outputs" | "rates"): Float64Array =>
        terms
          .filter(({ loss }) => lossSubject(loss) === subject)
          .map(({ gradient }) => gradient)
          .reduce((a, b) => plus(a, b));
      const expected = backward(model, trials, {}, trajectory, { outputs: side("outputs"), r: side("rates") });
      const actual = await onGpu(gpu.device, model, trials, losses, { family, givenV0: false });
      expect(
        relative(
          Object.values(actual.terms),
          terms.map(({ value }) => value),
        ),
      ).toBeLessThan(1e-5);
      expect(Object.keys(actual.terms)).toEqual(losses.map(({ type }) => type));
      for (const name of parameterNames) {
        expect(relative(actual.parameters[name], expected.parameters[name]), name).toBeLessThan(1e-4);
      }
      expect(relative(actual.rates, expected.r), "dL/dr").toBeLessThan(1e-4);
    });
  }
});

describe("golden values of nn4n (losses.json)", () => {
  const { float64_formula: expected, logits, target_prob, states_BTN, pred, target } = goldenLosses;

  test("cross-entropy", async () => {
    const sizes = { steps: 6, batch: 1, hidden: 1, outputs: 3 };
    const data = { outputs: flatten(logits), targets: flatten(target_prob), rates: new Float32Array(6) };
    const [actual] = await runLosses(gpu.device, sizes, [data], [{ type: "crossEntropy" }]);
    expect(actual?.values[0]).toBeCloseTo(expected.cross_entropy_softmax, 6);
  });

  test("mean squared error, gradient too, and state prediction along time (fault 17)", async () => {
    const sizes = { steps: 5, batch: 3, hidden: 4, outputs: 2 };
    const data = { outputs: timeFirst(pred), targets: timeFirst(target), rates: timeFirst(states_BTN) };
    const [actual] = await runLosses(
      gpu.device,
      sizes,
      [data],
      [{ type: "meanSquaredError" }, { type: "statePrediction" }, { type: "statePrediction", tau: 2 }],
    );
    expect(actual?.values[0]).toBeCloseTo(goldenLosses.values.mse.value, 6);
    expect(relative(actual?.byOutputs ?? [], timeFirst(goldenLosses.values.mse.grad_first))).toBeLessThan(1e-6);
    expect(actual?.values[1]).toBeCloseTo(expected["state_pred_tau1_time_shift_(intended)"], 6);
    expect(actual?.values[2]).toBeCloseTo(expected["state_pred_tau2_time_shift_(intended)"], 6);
  });
});

describe("what a term may not be", () => {
  const context = { replicas: 1, steps: 3, batch: 2, inputs: 1, hidden: 4, outputs: 2 };
  const scaleOf = (loss: LossInput, mask?: Float32Array): number =>
    lossScale(checkLosses([loss])[0] as Loss, { ...context, mask });

  test("units outside the network", () => {
    expect(() => scaleOf(lossTerms.rateL1({ units: [2, 5] }))).toThrow(
      new ValueError("rateL1: units [2, 5] reach past the last of the network's 4 units."),
    );
    expect(() => lossTerms.rateEntropy({ units: [3, 3] })).toThrow(
      "rateEntropy: units: must be [first unit, one past the last unit], got an array of 2",
    );
  });

  test("trials shorter than what it compares", () => {
    expect(() => scaleOf(lossTerms.statePrediction({ tau: 3 }))).toThrow(
      new ValueError("statePrediction compares rates 3 steps apart: trials need more than 3 steps, got 3."),
    );
    expect(scaleOf(lossTerms.statePrediction({ tau: 2 }))).toBeCloseTo(1 / (1 * 2 * 4));
  });

  test("a mean over rows whose masks are all 0", () => {
    const mask = Float32Array.from([0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1]);
    for (const type of ["crossEntropy", "cosine"] as const) {
      expect(() => scaleOf({ type, denominator: "mask" }, mask)).toThrow(
        `${type} with denominator "mask": the trial mask of the first output sums to 0; it must leave something in.`,
      );
    }
    expect(scaleOf({ type: "binaryCrossEntropy", denominator: "mask" }, mask)).toBeCloseTo(1 / 6);
  });

  test("misspelt", () => {
    expect(() => checkLosses([{ type: "crossEntropi" } as unknown as LossInput])).toThrow(
      'did you mean "crossEntropy"?',
    );
    expect(() => checkLosses([{ type: "statePrediction", taus: 2 } as unknown as LossInput])).toThrow(
      'loss: [0].taus: unknown key; did you mean "tau"?',
    );
  });
});
