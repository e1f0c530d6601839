import { describe, expect, test } from "vitest";
import { dynamicsForms } from "../../src/io/model-schema.ts";
import { parameterNames } from "../../src/network/model.ts";
import { unitRate, unitSlope } from "./activation.ts";
import { centralDifferences } from "./central-differences.ts";
import { effectiveWeights, forward, initialState, layerOf, noiseFactor, type ReferenceModel } from "./ctrnn.ts";
import { localGradients } from "./eligibility.ts";
import { type GeneratedModelOptions, type GeneratedTrials, generateModel, generateTrials } from "./generate.ts";
import { meanSquaredError } from "./loss.ts";
import { at, relativeDifference } from "./numbers.ts";

const sizes = { inputs: 2, hidden: 5, outputs: 3, seed: 3 };
const noise = { pre: 0.3, post: 0.2 };
const plain: GeneratedModelOptions = { ...sizes, activation: "tanh", noise };

/**
 * The loss of a network in which every unit sees the rates of others as they were under `recorded`, and only its own state
 * follows the parameters: what is left of the dynamics once the path through other units is cut.
 */
function lossWithoutRecurrence(model: ReferenceModel, recorded: ReferenceModel, trials: GeneratedTrials): number {
  const { hidden, inputs, outputs: outputCount, form, noise: spread } = model.spec;
  const { time, batch, preNoise, postNoise } = trials;
  const before = forward(recorded, trials, { preNoise, postNoise });
  const start = initialState(recorded, batch, {});
  const own = initialState(model, batch, {});
  const weights = effectiveWeights(model);
  const { alpha, biasH, biasO } = model.parameters;
  const outputs = new Float64Array(time * batch * outputCount);
  for (let b = 0; b < batch; b += 1) {
    for (let i = 0; i < hidden; i += 1) {
      let v = at(own.v, b * hidden + i);
      let r = at(own.r, b * hidden + i);
      const a = at(alpha, i);
      for (let t = 0; t < time; t += 1) {
        let drive = at(biasH, i);
        for (let j = 0; j < hidden; j += 1) {
          const slot = layerOf(model.spec, j) < layerOf(model.spec, i) ? t : t - 1;
          const rate = slot < 0 ? at(start.r, b * hidden + j) : at(before.r, (slot * batch + b) * hidden + j);
          const { x, u } = before.synapses[((slot + 1) * batch + b) * hidden + j] ?? { x: Number.NaN, u: 0 };
          drive += at(weights.weightHH, i * hidden + j) * u * x * rate;
        }
        const index = (t * batch + b) * hidden + i;
        for (let k = 0; k < inputs; k += 1) {
          drive += at(weights.weightIH, i * inputs + k) * at(trials.inputs, (t * batch + b) * inputs + k);
        }
        v = (1 - a) * (form === "state" ? v : r) + a * drive;
        v += noiseFactor(spread.scale, a) * spread.pre * at(preNoise, index);
        r = unitRate(model.spec, i, v) + spread.post * at(postNoise, index);
        for (let o = 0; o < outputCount; o += 1) {
          const to = (t * batch + b) * outputCount + o;
          outputs[to] = at(outputs, to) + at(weights.weightHO, o * hidden + i) * r;
        }
      }
    }
  }
  const biased = outputs.map((y, index) => y + at(biasO, index % outputCount));
  return meanSquaredError(biased, trials.targets, trials.mask).value;
}

function gradientsOf(options: GeneratedModelOptions, time: number, rule: Parameters<typeof localGradients>[5]) {
  const model = generateModel(options);
  const trials = generateTrials({ ...sizes, time, batch: 2 });
  const { preNoise, postNoise } = trials;
  const trajectory = forward(model, trials, { preNoise, postNoise });
  const outputs = meanSquaredError(trajectory.outputs, trials.targets, trials.mask).gradient;
  const gradients = localGradients(model, trials, { preNoise, postNoise }, trajectory, { outputs }, rule);
  return { model, trials, trajectory, outputs, gradients };
}

const layers = [
  { name: "first", from: 0, to: 2 },
  { name: "second", from: 2, to: 5 },
];
const shortTermPlasticity = { release: 0.3, recoveryMs: 300, facilitationMs: 800 };

describe("e-prop is the exact derivative once the path through other units is cut", () => {
  for (const form of dynamicsForms) {
    for (const [name, extra] of Object.entries({
      plain: {},
      "signed, under abs": { constraint: "abs" as const, signed: true, density: 0.7 },
      layers: { layers },
      "changing synapses": { shortTermPlasticity, dtMs: 100 },
    })) {
      test(`${form} form, ${name}`, () => {
        const { model, trials, gradients } = gradientsOf({ ...plain, form, ...extra }, 4, { type: "eprop" });
        for (const parameter of parameterNames) {
          const moved = (values: Float64Array): ReferenceModel => ({
            ...model,
            parameters: { ...model.parameters, [parameter]: values },
          });
          const differences = centralDifferences(model.parameters[parameter], (values) =>
            lossWithoutRecurrence(moved(values), model, trials),
          );
          expect(relativeDifference(gradients[parameter], differences), parameter).toBeLessThan(1e-7);
        }
      });
    }
  }
});

describe("RFLO", () => {
  test("is the sum over all pairs of a time at which a rate acts and a later one at which an error comes", () => {
    const { hidden, outputs: outputCount } = sizes;
    const feedback = Float64Array.from({ length: hidden * outputCount }, (_, k) => Math.sin(k));
    const { model, trials, trajectory, outputs, gradients } = gradientsOf(plain, 5, { type: "rflo", feedback });
    const { time, batch } = trials;
    const start = initialState(model, batch, {});
    const expected = new Float64Array(hidden * hidden);
    for (let k = 0; k < expected.length; k += 1) {
      const [i, j] = [Math.floor(k / hidden), k % hidden];
      const alpha = at(model.parameters.alpha, i);
      for (let b = 0; b < batch; b += 1) {
        for (let t = 0; t < time; t += 1) {
          let signal = 0;
          for (let o = 0; o < outputCount; o += 1)
            signal += at(feedback, i * outputCount + o) * at(outputs, (t * batch + b) * outputCount + o);
          for (let s = 0; s <= t; s += 1) {
            const slope = unitSlope(model.spec, i, at(trajectory.v, (s * batch + b) * hidden + i));
            const rate = s === 0 ? at(start.r, b * hidden + j) : at(trajectory.r, ((s - 1) * batch + b) * hidden + j);
            expected[k] = at(expected, k) + signal * (1 - alpha) ** (t - s) * slope * alpha * rate;
          }
        }
      }
    }
    expect(relativeDifference(gradients.weightHH, expected)).toBeLessThan(1e-12);
  });

  test("is e-prop where f is linear and where α is 1, and is not elsewhere", () => {
    const differ = (options: GeneratedModelOptions): number => {
      const [one, other] = (["eprop", "rflo"] as const).map((type) => gradientsOf(options, 5, { type }).gradients);
      return relativeDifference(one?.weightHH ?? [], other?.weightHH ?? []);
    };
    expect(differ({ ...plain, activation: "linear" })).toBeLessThan(1e-12);
    expect(differ({ ...plain, alpha: 1 })).toBeLessThan(1e-12);
    expect(differ(plain)).toBeGreaterThan(0.01);
  });
});
