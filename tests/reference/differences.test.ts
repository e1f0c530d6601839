import { describe, expect, it } from "vitest";
import { activations, constraints, dynamicsForms, noiseScales } from "../../src/io/model-schema.ts";
import { type ParameterName, parameterNames } from "../../src/network/model.ts";
import { activate, activationSlope, hasKinkAtZero } from "./activation.ts";
import { backward } from "./bptt.ts";
import { centralDifferences } from "./central-differences.ts";
import { type ForwardOptions, forward, initialState, type ReferenceModel } from "./ctrnn.ts";
import { type GeneratedModelOptions, type GeneratedTrials, generateModel, generateTrials } from "./generate.ts";
import { type Denominator, meanSquaredError, rateL2 } from "./loss.ts";
import { at, type Numbers } from "./numbers.ts";

/** Units this close to a kink at 0 could cross it within a difference. */
const kinkMargin = 1e-3;

interface Case {
  readonly model: ReferenceModel;
  readonly trials: GeneratedTrials;
  readonly options: ForwardOptions;
  readonly denominator: Denominator;
}

/** Mean squared error with mask, plus 0.3 times the mean squared rate, plus 0.1 Σ v² / 2 so that ∂L/∂v is tried too. */
function lossOf({ model, trials, options, denominator }: Case): number {
  const { v, r, outputs } = forward(model, trials, options);
  const preactivation = v.reduce((total, value) => total + 0.05 * value * value, 0);
  return (
    meanSquaredError(outputs, trials.targets, trials.mask, denominator).value + 0.3 * rateL2(r).value + preactivation
  );
}

function gradientsOf({ model, trials, options, denominator }: Case) {
  const trajectory = forward(model, trials, options);
  return backward(model, trials, options, trajectory, {
    outputs: meanSquaredError(trajectory.outputs, trials.targets, trials.mask, denominator).gradient,
    r: rateL2(trajectory.r).gradient.map((g) => 0.3 * g),
    v: trajectory.v.map((v) => 0.1 * v),
  });
}

function expectAgreement(label: string, actual: Numbers, differences: Numbers): void {
  expect(actual.length, label).toBe(differences.length);
  for (let index = 0; index < actual.length; index += 1) {
    const allowed = 1e-6 * Math.abs(at(differences, index)) + 1e-9;
    const error = Math.abs(at(actual, index) - at(differences, index));
    expect(error, `${label}[${index}]: ${at(actual, index)} and ${at(differences, index)}`).toBeLessThanOrEqual(
      allowed,
    );
  }
}

/** A random case whose preactivations all stay clear of kinks: the first seed that does. */
function caseAwayFromKinks(
  settings: Omit<GeneratedModelOptions, "seed" | "inputs" | "hidden" | "outputs">,
  denominator: Denominator = "elements",
  given: "v0" | "v0 and r0" | "nothing" = "v0",
): Case {
  const sizes = { inputs: 2, hidden: 5, outputs: 3 };
  for (let seed = 1; seed < 200; seed += 1) {
    const model = generateModel({ ...sizes, ...settings, seed });
    const trials = generateTrials({ ...sizes, time: 4, batch: 2, seed });
    const { v0, r0, preNoise, postNoise } = trials;
    const initial = given === "nothing" ? {} : given === "v0" ? { v0 } : { v0, r0 };
    const options = { ...initial, preNoise, postNoise };
    const { v } = forward(model, trials, options);
    const all = [...v, ...initialState(model, trials.batch, options).v];
    if (hasKinkAtZero(model.spec.activation) && all.some((value) => Math.abs(value) < kinkMargin)) continue;
    return { model, trials, options, denominator };
  }
  throw new RangeError("every seed came close to a kink");
}

function expectAllGradients(example: Case): void {
  const { model, options } = example;
  const gradients = gradientsOf(example);
  const names = options.v0 ? parameterNames.filter((name) => name !== "v0") : parameterNames;
  const moved = (name: ParameterName, values: Float64Array): Case => ({
    ...example,
    model: { ...model, parameters: { ...model.parameters, [name]: values } },
  });
  for (const name of names) {
    const differences = centralDifferences(model.parameters[name], (values) => lossOf(moved(name, values)));
    expectAgreement(name, gradients.parameters[name], differences);
  }
  for (const name of ["v0", "r0"] as const) {
    const values = options[name];
    if (!values) continue;
    const differences = centralDifferences(values, (given) =>
      lossOf({ ...example, options: { ...options, [name]: given } }),
    );
    expectAgreement(`${name} per trial`, gradients[name], differences);
  }
}

const noise = { pre: 0.3, post: 0.2 };

const layers = [
  { name: "first", from: 0, to: 2 },
  { name: "second", from: 2, to: 3 },
  { name: "third", from: 3, to: 5 },
];
/** Strong enough that x and u move within a few steps, and stay between 0 and 1. */
const shortTermPlasticity = {
  release: [0.15, 0.45, 0.3, 0.2, 0.5],
  recoveryMs: [200, 1500, 300, 250, 600],
  facilitationMs: 800,
  fixed: [false, false, true, false, false],
};

describe("central differences agree, beyond one layer of plain units", () => {
  for (const form of dynamicsForms) {
    it(`${form} form, three layers with feedback`, () => {
      expectAllGradients(caseAwayFromKinks({ form, activation: "tanh", noise, layers }, "elements", "v0 and r0"));
    });
    it(`${form} form, short-term plasticity`, () => {
      expectAllGradients(caseAwayFromKinks({ form, activation: "softplus", noise, shortTermPlasticity, dtMs: 100 }));
    });
    it(`${form} form, short-term plasticity between layers, v0 of the model`, () => {
      const both = { layers, shortTermPlasticity, dtMs: 100 };
      expectAllGradients(caseAwayFromKinks({ form, activation: "sigmoid", ...both }, "mask", "nothing"));
    });
  }
});

describe("central differences agree with backpropagation through time", () => {
  for (const form of dynamicsForms) {
    for (const activation of [...activations, "swish", "elu"]) {
      it(`${form} form, ${activation}`, () => {
        expectAllGradients(caseAwayFromKinks({ form, activation, noise, density: 0.8 }));
      });
    }
    for (const scale of noiseScales) {
      it(`${form} form, noise scale ${scale}`, () => {
        expectAllGradients(caseAwayFromKinks({ form, activation: "softplus", noise: { ...noise, scale } }));
      });
    }
    for (const constraint of constraints) {
      it(`${form} form, constraint ${constraint} with mask and signs`, () => {
        expectAllGradients(caseAwayFromKinks({ form, activation: "tanh", constraint, density: 0.7, signed: true }));
      });
    }
    it(`${form} form, mask as the denominator, v0 of the model`, () => {
      expectAllGradients(caseAwayFromKinks({ form, activation: "relu", noise }, "mask", "nothing"));
    });
    it(`${form} form, rates given besides v0`, () => {
      expectAllGradients(caseAwayFromKinks({ form, activation: "retanh", noise }, "elements", "v0 and r0"));
    });
  }

  it("v0 summed over the batch is the sum of v0 per trial", () => {
    const { parameters, v0 } = gradientsOf(caseAwayFromKinks({ activation: "relu" }, "elements", "nothing"));
    expectAgreement(
      "v0",
      parameters.v0,
      parameters.v0.map((_, unit) => at(v0, unit) + at(v0, parameters.v0.length + unit)),
    );
  });

  it("dL/dv and dL/dr at a step are the derivatives of the rest of the sequence by its start", () => {
    const example = caseAwayFromKinks({ activation: "tanh", form: "state" }, "elements", "v0 and r0");
    const { model, trials, options } = example;
    const { hidden, inputs, outputs } = model.spec;
    const { time, batch } = trials;
    const trajectory = forward(model, trials, options);
    const direct = meanSquaredError(trajectory.outputs, trials.targets).gradient;
    const whole = backward(model, trials, options, trajectory, { outputs: direct });
    const cut = 2;
    const rest = { time: time - cut, batch, inputs: trials.inputs.slice(cut * batch * inputs) };
    const preNoise = trials.preNoise.slice(cut * batch * hidden);
    const postNoise = trials.postNoise.slice(cut * batch * hidden);
    const targets = trials.targets.slice(cut * batch * outputs);
    const handOver = (values: Float64Array): Float64Array =>
      values.slice((cut - 1) * batch * hidden, cut * batch * hidden);
    const restOptions = { v0: handOver(trajectory.v), r0: handOver(trajectory.r), preNoise, postNoise };
    const restTrajectory = forward(model, rest, restOptions);
    expectAgreement("continued outputs", restTrajectory.outputs, trajectory.outputs.slice(cut * batch * outputs));
    const restLoss = (given: ForwardOptions): number =>
      (meanSquaredError(forward(model, rest, { ...restOptions, ...given }).outputs, targets).value * (time - cut)) /
      time;
    const readout = Float64Array.from({ length: batch * hidden }, (_, index) => {
      const b = Math.floor(index / hidden);
      let total = 0;
      for (let o = 0; o < outputs; o += 1) {
        const weight = at(model.parameters.weightHO, o * hidden + (index % hidden));
        total += weight * at(direct, ((cut - 1) * batch + b) * outputs + o);
      }
      return total;
    });
    const byRate = centralDifferences(restOptions.r0, (r0) => restLoss({ r0 })).map((d, i) => d + at(readout, i));
    const byState = centralDifferences(restOptions.v0, (v0) => restLoss({ v0 }));
    expectAgreement("dL/dr", handOver(whole.r), byRate);
    expectAgreement(
      "dL/dv",
      handOver(whole.v),
      byState.map((d, i) => d + at(byRate, i) * activationSlope("tanh", at(restOptions.v0, i))),
    );
  });
});

describe("activations", () => {
  it("have slopes that agree with differences, and 0 at a kink", () => {
    for (const activation of activations) {
      for (const v of [-20, -3, -0.5, -0.01, 0.01, 0.5, 3, 20]) {
        const difference = centralDifferences([v], ([moved = Number.NaN]) => activate(activation, moved));
        expectAgreement(`${activation} at ${v}`, [activationSlope(activation, v)], difference);
      }
      if (hasKinkAtZero(activation)) expect(activationSlope(activation, 0), activation).toBe(0);
    }
  });

  it("stay finite far from 0", () => {
    for (const activation of activations) {
      for (const v of [-1e4, 1e4]) {
        expect(Number.isFinite(activate(activation, v)), `${activation} at ${v}`).toBe(true);
        expect(Number.isFinite(activationSlope(activation, v)), `slope of ${activation} at ${v}`).toBe(true);
      }
    }
  });
});

describe("dynamics", () => {
  it("follow the closed form without recurrence: v[t] = (1-(1-α)^t)(W u + b)", () => {
    const base = generateModel({ inputs: 1, hidden: 1, outputs: 1, activation: "linear", alpha: 0.25, seed: 1 });
    const parameters = { ...base.parameters, weightIH: [2], weightHH: [0], biasH: [0.5], v0: [0] };
    const { v } = forward({ ...base, parameters }, { time: 8, batch: 1, inputs: new Array<number>(8).fill(1.5) });
    for (let t = 1; t <= 8; t += 1) expect(at(v, t - 1)).toBeCloseTo((1 - 0.75 ** t) * 3.5, 12);
  });

  it("scale the noise by α, 1 or √(2α)", () => {
    const factors = { alpha: 0.25, unit: 1, sqrt2alpha: Math.sqrt(0.5) };
    for (const scale of noiseScales) {
      const sizes = { inputs: 1, hidden: 1, outputs: 1, activation: "linear", alpha: 0.25, seed: 1 } as const;
      const model = generateModel({ ...sizes, noise: { pre: 0.1, scale } });
      const step = (xi: number): number =>
        at(forward(model, { time: 1, batch: 1, inputs: [0] }, { preNoise: [xi] }).v, 0);
      expect((step(2) - step(0)) / 0.2, scale).toBeCloseTo(factors[scale], 6);
    }
  });
});
