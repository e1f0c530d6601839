import { describe, expect, it } from "vitest";
import { constraints } from "../../src/io/model-schema.ts";
import { type ParameterName, parameterNames } from "../../src/network/model.ts";
import golden from "../fixtures/golden/psychrnn/lstm-forward.json" with { type: "json" };
import { centralDifferences } from "./central-differences.ts";
import type { ForwardOptions } from "./ctrnn.ts";
import { type GatedModel, gatedBackward, gatedForward } from "./gated.ts";
import { gruExample, lstmExample } from "./gated-example.ts";
import { type GeneratedModelOptions, type GeneratedTrials, generateModel, generateTrials } from "./generate.ts";
import { goldenLstm } from "./golden-lstm.ts";
import { meanSquaredError, rateL2 } from "./loss.ts";
import { at, largestDifference, type Numbers } from "./numbers.ts";

interface Case {
  readonly model: GatedModel;
  readonly trials: GeneratedTrials;
  readonly options: ForwardOptions;
}

/** Mean squared error with mask, plus 0.3 times the mean squared rate. */
function lossOf({ model, trials, options }: Case): number {
  const { r, outputs } = gatedForward(model, trials, options);
  return meanSquaredError(outputs, trials.targets, trials.mask).value + 0.3 * rateL2(r).value;
}

function gradientsOf({ model, trials, options }: Case) {
  const trajectory = gatedForward(model, trials, options);
  return gatedBackward(model, trials, options, trajectory, {
    outputs: meanSquaredError(trajectory.outputs, trials.targets, trials.mask).gradient,
    r: rateL2(trajectory.r).gradient.map((g) => 0.3 * g),
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

function expectAllGradients(
  settings: Omit<GeneratedModelOptions, "seed" | "inputs" | "hidden" | "outputs">,
  given: "nothing" | "v0" | "v0 and r0",
): void {
  const sizes = { inputs: 2, hidden: 4, outputs: 3 };
  const model = generateModel({ ...sizes, noise: { pre: 0.3, post: 0.2 }, ...settings, seed: 5 });
  const trials = generateTrials({ ...sizes, time: 4, batch: 2, seed: 6 });
  const { v0, preNoise, postNoise } = trials;
  const r0 = settings.cell === "gru" ? v0 : trials.r0;
  const start = given === "nothing" ? {} : given === "v0" ? { v0 } : { v0, r0 };
  const example = { model, trials, options: { ...start, preNoise, postNoise } };
  const gradients = gradientsOf(example);
  const isUsed = (name: ParameterName): boolean =>
    !(name === "v0" && given !== "nothing") &&
    !(name === "r0" && (given === "v0 and r0" || (given === "v0" && settings.cell === "gru")));
  for (const name of parameterNames.filter(isUsed)) {
    const differences = centralDifferences(model.parameters[name], (values) =>
      lossOf({ ...example, model: { ...model, parameters: { ...model.parameters, [name]: values } } }),
    );
    expectAgreement(name, gradients.parameters[name], differences);
  }
  // A GRU's two are one.
  for (const name of given === "nothing" ? [] : settings.cell === "gru" ? (["v0"] as const) : (["v0", "r0"] as const)) {
    const values = name === "r0" && given === "v0" ? undefined : start[name as keyof typeof start];
    if (values === undefined) continue;
    const both = settings.cell === "gru" && given === "v0 and r0" ? ["v0", "r0"] : [name];
    const differences = centralDifferences(values, (moved) =>
      lossOf({ ...example, options: { ...example.options, ...Object.fromEntries(both.map((each) => [each, moved])) } }),
    );
    expectAgreement(`${name} per trial`, gradients[name], differences);
  }
}

describe("central differences agree with back-propagation through gates", () => {
  for (const cell of [{ cell: "lstm" }, { cell: "lstm", lstmOutput: "sigmoid" }, { cell: "gru" }] as const) {
    const label = Object.values(cell).join(", ");
    for (const given of ["nothing", "v0", "v0 and r0"] as const) {
      it(`${label}, starting at ${given === "nothing" ? "the parameters" : given}`, () => {
        expectAllGradients(cell, given);
      });
    }
    for (const constraint of constraints) {
      it(`${label}, constraint ${constraint} with mask and signs`, () => {
        expectAllGradients({ ...cell, constraint, density: 0.7, signed: true }, "nothing");
      });
    }
  }
});

describe("one step worked out by hand from PyTorch's equations", () => {
  for (const [name, { model, input, state, rate, output }] of Object.entries({ lstm: lstmExample, gru: gruExample })) {
    it(name, () => {
      const { v, r, outputs } = gatedForward(model, { time: 1, batch: 1, inputs: [input] });
      expect(at(v, 0)).toBeCloseTo(state, 6);
      expect(at(r, 0)).toBeCloseTo(rate, 6);
      expect(at(outputs, 0)).toBeCloseTo(output, 6);
    });
  }
});

describe("PsychRNN's LSTM (golden lstm-forward.json)", () => {
  it("agrees in cell states, rates and outputs", () => {
    const { model, sequence, cells, rates, outputs } = goldenLstm(golden);
    const trajectory = gatedForward(model, sequence);
    expect(largestDifference(trajectory.v, cells)).toBeLessThan(1e-6);
    expect(largestDifference(trajectory.r, rates)).toBeLessThan(1e-6);
    expect(largestDifference(trajectory.outputs, outputs)).toBeLessThan(1e-6);
  });
});
