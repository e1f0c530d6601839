import { describe, expect, test } from "vitest";
import type { Device } from "../../src/gpu/device.ts";
import type { Activation, Constraint } from "../../src/io/model-schema.ts";
import type { LossInput } from "../../src/loss/losses.ts";
import { spreadMetrics } from "../../src/loss/mean-rate-terms.ts";
import { type ParameterName, parameterNames, type WeightName, weightNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { type Gradients, gradients } from "../../src/train/gradients.ts";
import { backward } from "../reference/bptt.ts";
import { effectiveWeights, forward } from "../reference/ctrnn.ts";
import { rawWeightGradient } from "../reference/effective-weights.ts";
import { generateModel, generateTrials } from "../reference/generate.ts";
import { goldenTolerance, nn4nAlphaCases, nn4nCases } from "../reference/golden.ts";
import { type MeanRateOptions, meanRateGradient, meanRateValue } from "../reference/mean-rate.ts";
import { at, type Numbers, plus, relativeDifference, sum } from "../reference/numbers.ts";
import { relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";
import { nn4nTerms } from "../support/nn4n-terms.ts";

const gpu = testDevice();
const shape = [7, 5, 9] as const;
const [time, batch, hidden] = shape;

/** A random problem, with rates of both signs so that |r| matters. */
function problem(seed: number, activation: Activation, constraint: Constraint = "project") {
  const sizes = { inputs: 3, hidden, outputs: 2, seed };
  const model = generateModel({ ...sizes, activation, constraint, density: 0.7, signed: true });
  const trials = generateTrials({ ...sizes, time, batch });
  const sequence = { time, batch, inputs: trials.inputs };
  return { model, trials, sequence, trajectory: forward(model, sequence) };
}

async function onGpu(
  device: Device,
  { model, trials }: ReturnType<typeof problem>,
  losses: readonly LossInput[],
): Promise<Gradients> {
  const network = new Network(device, [model]);
  const { inputs, targets } = trials;
  const result = await gradients(network, { steps: time, trials: batch, inputs, targets }, losses);
  network.dispose();
  return result;
}

describe("terms on mean rates", () => {
  const cases: [LossInput, MeanRateOptions][] = [
    ...(["l1", "l2"] as const).map((metric): [LossInput, MeanRateOptions] => [
      { type: "meanRate", metric, weight: 0.7 },
      { metric, absolute: false, perTrial: false, squared: false, correction: 0 },
    ]),
    ...spreadMetrics.flatMap((metric) =>
      [false, true].map((other): [LossInput, MeanRateOptions] => [
        {
          ...{ type: "rateSpread", metric, weight: 0.7, squared: other, correction: other ? 0 : 1 },
          of: other ? "absoluteRate" : "rate",
          per: other ? "trialUnit" : "unit",
        },
        { metric, absolute: other, perTrial: other, squared: other, correction: other ? 0 : 1 },
      ]),
    ),
  ];
  for (const [loss, options] of cases) {
    test(JSON.stringify(loss), async () => {
      const one = problem(11, "tanh");
      const value = 0.7 * meanRateValue(options, one.trajectory.r, shape);
      const direct = meanRateGradient(options, one.trajectory.r, shape).map((slope) => 0.7 * slope);
      const expected = backward(one.model, one.sequence, {}, one.trajectory, { r: direct });
      // With another term before it, so that adding to the gradient is tested, too.
      const actual = await onGpu(gpu.device, one, [{ type: "rateL2", weight: 0 }, loss]);
      expect(Math.abs(actual.loss - value) / Math.abs(value)).toBeLessThan(1e-5);
      for (const name of parameterNames) {
        expect(relative(actual.parameters[name], expected.parameters[name], 1e-4), name).toBeLessThan(1e-4);
      }
    });
  }

  for (const metric of spreadMetrics) {
    test(`the ${metric} of a silent network is 0 with gradient 0, not NaN`, async () => {
      const one = problem(12, "linear");
      for (const values of Object.values(one.model.parameters)) {
        if (values !== one.model.parameters.alpha) values.fill(0);
      }
      const { loss, parameters } = await onGpu(gpu.device, one, [{ type: "rateSpread", metric }]);
      expect(loss).toBe(0);
      for (const name of parameterNames) expect(parameters[name].every((slope) => slope === 0)).toBe(true);
    });
  }
});

describe("terms on weights", () => {
  const kinds = ["weightL1", "weightL2", "weightNorm"] as const;
  for (const [index, type] of kinds.entries()) {
    for (const constraint of ["project", "abs", "rectify"] as const) {
      const matrix = weightNames[index] as WeightName;
      test(`${type} of ${matrix} under ${constraint}`, async () => {
        const one = problem(20 + index, "tanh", constraint);
        const effective = effectiveWeights(one.model)[matrix];
        const norm = Math.sqrt(sum(effective.map((w) => w * w)));
        const value = {
          weightL1: sum(effective.map(Math.abs)) / effective.length,
          weightL2: sum(effective.map((w) => w * w)) / effective.length,
          weightNorm: norm,
        }[type];
        const slopes = effective.map(
          (w) =>
            ({
              weightL1: Math.sign(w) / effective.length,
              weightL2: (2 * w) / effective.length,
              weightNorm: w / norm,
            })[type],
        );
        const raw = one.model.parameters[matrix];
        const expected = rawWeightGradient(constraint, slopes, raw, one.model.masks[matrix], one.model.signs[matrix]);
        const actual = await onGpu(gpu.device, one, [{ type, matrix, weight: 1 }]);
        expect(Math.abs(actual.loss - value) / value).toBeLessThan(1e-5);
        expect(relative(actual.parameters[matrix], expected)).toBeLessThan(1e-5);
        for (const name of parameterNames) {
          if (name !== matrix)
            expect(
              actual.parameters[name].every((slope) => slope === 0),
              name,
            ).toBe(true);
        }
      });
    }
  }

  test("two terms on one matrix add up, and a sum is the mean times the entries", async () => {
    const one = problem(30, "relu");
    const each = await Promise.all(
      [
        [{ type: "weightL1", weight: 0.3 } as const],
        [{ type: "weightL2", weight: 0.2 } as const],
        [{ type: "weightL1", weight: 0.3 } as const, { type: "weightL2", weight: 0.2 } as const],
        [{ type: "weightL2", weight: 0.2, reduction: "sum" } as const],
      ].map((losses) => onGpu(gpu.device, one, losses)),
    );
    const [l1, l2, both, total] = each as [Gradients, Gradients, Gradients, Gradients];
    const together = plus(l1.parameters.weightHH, l2.parameters.weightHH);
    expect(relative(both.parameters.weightHH, together)).toBeLessThan(1e-6);
    expect(total.loss / l2.loss).toBeCloseTo(hidden * hidden, 3);
  });
});

describe("whole losses of nn4n", () => {
  for (const { name, model, trials, expected } of [...nn4nCases(), ...nn4nAlphaCases()]) {
    const { wholeLoss } = expected;
    if (wholeLoss === undefined || trials.targets === undefined) continue;
    test(`${name}: ${wholeLoss.version}, all seven terms`, async () => {
      const network = new Network(gpu.device, [model]);
      const { inputs, targets, v0 } = trials;
      const data = {
        steps: trials.time,
        trials: trials.batch,
        inputs,
        targets: targets as Float32Array,
        ...(v0 && { v0 }),
      };
      const lambdas = wholeLoss.lambdas as unknown as Record<string, number>;
      const actual = await gradients(network, data, nn4nTerms(wholeLoss.version, lambdas));
      expect(actual.loss).toBeCloseTo(wholeLoss.value, 5);
      for (const [parameter, values] of Object.entries(wholeLoss.gradients) as [ParameterName, Numbers][]) {
        const difference = relativeDifference(actual.parameters[parameter], values);
        expect(difference, parameter).toBeLessThan(goldenTolerance.gradients);
      }
      expect(at(actual.outputs, 0)).toBeTypeOf("number");
      network.dispose();
    });
  }
});
