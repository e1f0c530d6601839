import { describe, expect, it } from "vitest";
import { dynamicsForms } from "../../src/io/model-schema.ts";
import { Random } from "../../src/random.ts";
import { unitSlope } from "./activation.ts";
import { backward } from "./bptt.ts";
import { centralDifferences } from "./central-differences.ts";
import { effectiveWeights, forward, initialState, type ReferenceModel } from "./ctrnn.ts";
import { generateModel } from "./generate.ts";
import { omegaCases } from "./golden-dynamics.ts";
import { meanSquaredError } from "./loss.ts";
import { drivePenalty, type OmegaData, omega, stateJacobian } from "./loss-dynamics.ts";
import { at, largestDifference } from "./numbers.ts";

const random = new Random(11, 1);
const list = (length: number, low: number, high: number): Float64Array =>
  Float64Array.from({ length }, () => random.uniform(low, high));
const [time, batch, hidden] = [4, 3, 5];
const shape = { time, batch, hidden };
const weights = list(hidden * hidden, -1, 1);

describe("drive penalty", () => {
  const rates = list(time * batch * hidden, -1, 2);

  it("of one unit that drives another", () => {
    // d = (0, 3 r_0): mean over two units of 9 r², two steps with r_0 = 1 and 2.
    const { value } = drivePenalty([1, 5, 2, 7], [0, 0, 3, 0], { time: 2, batch: 1, hidden: 2 });
    expect(value).toBe((9 + 36) / 4);
    expect(drivePenalty([1, 5, 2, 7], [0, 0, 3, 0], { time: 2, batch: 1, hidden: 2 }, [1, 2]).value).toBe(45 / 2);
  });

  for (const units of [
    [0, hidden],
    [1, 4],
  ] as const) {
    it(`gradients of units [${units}] agree with central differences`, () => {
      const { gradient, byWeights } = drivePenalty(rates, weights, shape, units);
      const byRates = centralDifferences(rates, (r) => drivePenalty(r, weights, shape, units).value);
      expect(largestDifference(gradient, byRates)).toBeLessThan(1e-8);
      const differences = centralDifferences(weights, (w) => drivePenalty(rates, w, shape, units).value);
      expect(largestDifference(byWeights, differences)).toBeLessThan(1e-8);
    });
  }
});

describe("Ω", () => {
  const data: OmegaData = {
    ...shape,
    gradients: list(time * batch * hidden, -1, 1),
    slopes: list((time + 1) * batch * hidden, 0, 1),
    alpha: list(hidden, 0.1, 0.9),
    ...{ form: "state", slopeAt: "before", bound: 1e-20 },
  };

  for (const form of dynamicsForms) {
    for (const slopeAt of ["before", "after"] as const) {
      it(`${form} form, slope ${slopeAt}: its gradient agrees with central differences`, () => {
        const one = { ...data, form, slopeAt };
        const differences = centralDifferences(weights, (w) => omega(w, one).value);
        expect(largestDifference(omega(weights, one).byWeights, differences)).toBeLessThan(1e-8);
      });
    }

    it(`${form} form: its Jacobian is that of the dynamics`, () => {
      const units = {
        activation: ["tanh", "sigmoid", "softplus"] as const,
        gain: [1.2, 0.7, 1],
        threshold: [0, 0.3, -1],
      };
      const spec = { inputs: 1, hidden: 3, outputs: 1, form, seed: 4 };
      const model = generateModel({ ...spec, units: { ...units, activation: [...units.activation] } });
      const v0 = Float64Array.of(0.3, -0.2, 0.9);
      const after = (v: Float64Array): Float64Array =>
        forward(model, { time: 1, batch: 1, inputs: [0.5] }, { v0: v }).v;
      const slopes = v0.map((v, unit) => unitSlope(model.spec, unit, v));
      const jacobian = stateJacobian(effectiveWeights(model).weightHH, model.parameters.alpha, slopes, form);
      for (let post = 0; post < 3; post += 1) {
        const row = centralDifferences(v0, (v) => at(after(v), post));
        expect(largestDifference(jacobian.subarray(3 * post, 3 * post + 3), row)).toBeLessThan(1e-9);
      }
    });
  }

  it("leaves out trials without a gradient, and is 0 where there is none at all", () => {
    const some = Float64Array.from(data.gradients, (g, index) => (Math.floor(index / hidden) % batch === 0 ? 0 : g));
    const others = (values: ArrayLike<number>): Float64Array =>
      Float64Array.from(values).filter((_, index) => Math.floor(index / hidden) % batch !== 0);
    const without = { ...data, batch: batch - 1, gradients: others(data.gradients), slopes: others(data.slopes) };
    expect(omega(weights, { ...data, gradients: some }).value).toBeCloseTo(omega(weights, without).value, 12);
    const none = { ...data, gradients: new Float64Array(time * batch * hidden) };
    expect(omega(weights, none)).toEqual({ value: 0, byWeights: new Float64Array(hidden * hidden) });
  });

  it("is 0 for a rotation of linear units with alpha 1, which keeps every gradient's size", () => {
    const rotation = [0, -1, 1, 0];
    const linear = { ...{ time: 2, batch: 1, hidden: 2 }, gradients: [1, 2, -3, 0.5], slopes: new Array(6).fill(1) };
    const { value } = omega(rotation, { ...data, ...linear, alpha: [1, 1] });
    expect(value).toBe(0);
    // A leak of one half turns and shrinks: |g J|² = (1/4 + 1/4) |g|².
    expect(omega(rotation, { ...data, ...linear, alpha: [0.5, 0.5] }).value).toBeCloseTo(0.25, 12);
  });

  for (const { activation, model, trials, weightHH, stateGradients, bound, expected } of omegaCases()) {
    it(`golden: dE/dv, Ω and its gradient with both slopes, ${activation} (dynamics.json)`, () => {
      const exact: ReferenceModel = { ...model, parameters: { ...model.parameters, weightHH } };
      const trajectory = forward(exact, trials);
      const error = meanSquaredError(trajectory.outputs, trials.targets, trials.mask);
      const { v } = backward(exact, trials, {}, trajectory, { outputs: error.gradient });
      // The other weights and the inputs are rounded to float32 here.
      expect(largestDifference(v, stateGradients)).toBeLessThan(1e-7);
      const states = [...initialState(exact, trials.batch, {}).v, ...trajectory.v];
      const slopes = states.map((value, index) => unitSlope(exact.spec, index % 5, value));
      for (const slopeAt of ["before", "after"] as const) {
        const { time: steps, batch: count } = trials;
        const given = { time: steps, batch: count, hidden: 5, gradients: stateGradients, slopes };
        const actual = omega(weightHH, { ...given, alpha: new Array(5).fill(0.2), form: "state", slopeAt, bound });
        expect(actual.value).toBeCloseTo(expected[slopeAt].value, 7);
        expect(largestDifference(actual.byWeights, expected[slopeAt].byWeights)).toBeLessThan(1e-7);
      }
      expect(expected.before.value).not.toBeCloseTo(expected.after.value, 4);
    });
  }
});
