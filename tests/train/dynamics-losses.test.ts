import { describe, expect, test } from "vitest";
import { ConfigError, ValueError } from "../../src/errors.ts";
import { losses as lossTerms } from "../../src/index.ts";
import { checkLosses, type LossInput } from "../../src/loss/losses.ts";
import { type Model, parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { gradients } from "../../src/train/gradients.ts";
import { unitSlope } from "../reference/activation.ts";
import { backward } from "../reference/bptt.ts";
import { effectiveWeights, forward, initialState } from "../reference/ctrnn.ts";
import { rawWeightGradient } from "../reference/effective-weights.ts";
import { type GeneratedTrials, generateModel, generateTrials } from "../reference/generate.ts";
import { omegaCases } from "../reference/golden-dynamics.ts";
import { meanSquaredError } from "../reference/loss.ts";
import { drivePenalty, omega } from "../reference/loss-dynamics.ts";
import { hebbian } from "../reference/loss-hebbian.ts";
import { at, plus } from "../reference/numbers.ts";
import { onGpu, relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";
import { randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const persistent = { family: "persistent", givenV0: false } as const;

describe("golden: Ω through the gradients of a network (dynamics.json)", () => {
  for (const { activation, model, trials, stateGradients, bound, expected } of omegaCases()) {
    for (const slopeAt of ["before", "after"] as const) {
      test(`${activation}, slope ${slopeAt}`, async () => {
        const network = new Network(gpu.device, [model]);
        const { time: steps, batch, inputs, targets, mask } = trials;
        const data = { steps, trials: batch, inputs, targets, mask };
        const error = lossTerms.meanSquaredError();
        const plain = await gradients(network, data, [error]);
        const term = lossTerms.omega({ weight: 2, slopeAt, bound });
        const both = await gradients(network, data, [term, error]);
        expect(relative(both.states, stateGradients)).toBeLessThan(1e-5);
        expect(both.terms["omega"]).toBeCloseTo(2 * expected[slopeAt].value, 7);
        expect(both.loss).toBeCloseTo(plain.loss + 2 * expected[slopeAt].value, 6);
        const byWeights = both.parameters.weightHH.map((slope, k) => (slope - at(plain.parameters.weightHH, k)) / 2);
        expect(relative(byWeights, expected[slopeAt].byWeights)).toBeLessThan(1e-4);
        // Nothing else knows of it.
        const { weightHH: _both, ...others } = both.parameters;
        const { weightHH: _plain, ...same } = plain.parameters;
        expect(others).toEqual(same);
        network.dispose();
      });
    }
  }
});

/** All terms and gradients of a network, in float64. */
function referenceOf(model: Model, trials: GeneratedTrials, losses: readonly LossInput[]) {
  const { time, batch } = trials;
  const { hidden, form, constraint } = model.spec;
  const shape = { time, batch, hidden };
  const trajectory = forward(model, trials);
  const { weightHH } = effectiveWeights(model);
  const terms: Record<string, number> = {};
  let outputs: Float64Array | undefined;
  let byRates: Float64Array = new Float64Array(time * batch * hidden);
  let byWeights: Float64Array = new Float64Array(hidden * hidden);
  for (const loss of losses) {
    const scaled = (values: Float64Array): Float64Array => values.map((value) => (loss.weight ?? 1) * value);
    if (loss.type === "meanSquaredError") {
      const { value, gradient } = meanSquaredError(trajectory.outputs, trials.targets, trials.mask);
      terms[loss.type] = value;
      outputs = gradient;
    } else if (loss.type === "hebbian" || loss.type === "drivePenalty") {
      const term =
        loss.type === "hebbian"
          ? hebbian(trajectory.r, weightHH, shape, "time")
          : drivePenalty(trajectory.r, weightHH, shape, loss.units);
      terms[loss.type] = (loss.weight ?? 1) * term.value;
      byRates = plus(byRates, scaled(term.gradient));
      byWeights = plus(byWeights, scaled(term.byWeights));
    } else if (loss.type === "weightL2") {
      const sum = weightHH.reduce((total, w) => total + w * w, 0);
      terms[loss.type] = ((loss.weight ?? 1) * sum) / weightHH.length;
      byWeights = plus(byWeights, scaled(weightHH.map((w) => (2 * w) / weightHH.length)));
    }
  }
  const through = backward(model, trials, {}, trajectory, { outputs, r: byRates });
  const states = [...initialState(model, batch, {}).v, ...trajectory.v];
  const slopes = states.map((v, index) => unitSlope(model.spec, index % hidden, v));
  const given = { ...shape, form, gradients: through.v, slopes, alpha: model.parameters.alpha, bound: 1e-20 };
  for (const loss of losses) {
    if (loss.type !== "omega") continue;
    const term = omega(weightHH, { ...given, slopeAt: loss.slopeAt ?? "before" });
    terms[loss.type] = (loss.weight ?? 1) * term.value;
    byWeights = plus(
      byWeights,
      term.byWeights.map((slope) => (loss.weight ?? 1) * slope),
    );
  }
  const { parameters, masks, signs } = model;
  const direct = rawWeightGradient(constraint, byWeights, parameters.weightHH, masks.weightHH, signs.weightHH);
  return { terms, parameters: { ...through.parameters, weightHH: plus(through.parameters.weightHH, direct) } };
}

describe("beside terms on the same rates and weights", () => {
  const lists: readonly (readonly LossInput[])[] = [
    [{ type: "drivePenalty", weight: 0.5, units: [2, 7] }, { type: "meanSquaredError" }],
    [{ type: "omega", weight: 0.3 }, { type: "meanSquaredError" }, { type: "drivePenalty" }, { type: "weightL2" }],
    [
      { type: "hebbian", weight: 0.5 },
      { type: "omega", weight: 0.1, slopeAt: "after" },
      { type: "drivePenalty", weight: 0.2 },
      { type: "meanSquaredError" },
    ],
    [{ type: "omega" }, { type: "drivePenalty" }],
  ];
  for (const [index, losses] of lists.entries()) {
    const constraint = (["project", "abs", "rectify"] as const)[index % 3] ?? "project";
    const form = index % 2 === 0 ? "state" : "rate";
    test(`${losses.map(({ type }) => type).join(", ")} under ${constraint}, ${form} form`, async () => {
      const sizes = { time: 7, batch: 5, hidden: 9, inputs: 3, outputs: 2, seed: 3 + index };
      const each = <Value>(values: readonly Value[]): Value[] =>
        Array.from({ length: 9 }, (_, unit) => values[unit % values.length] as Value);
      const units = { activation: each(["tanh", "sigmoid", "softplus"] as const), gain: each([1, 1.5]) };
      const own = index > 1 ? { units } : {};
      const model = generateModel({
        ...{ ...sizes, ...own, activation: "tanh", constraint, form, density: 0.7, signed: true },
      });
      const trials = generateTrials(sizes);
      const expected = referenceOf(model, trials, losses);
      const actual = await onGpu(gpu.device, model, trials, losses, { ...persistent, family: "stepwise" });
      for (const [name, value] of Object.entries(expected.terms))
        expect(actual.terms[name], name).toBeCloseTo(value, 5);
      for (const name of parameterNames) {
        expect(relative(actual.parameters[name], expected.parameters[name]), name).toBeLessThan(1e-4);
      }
    });
  }
});

test("Ω tells how fast a gradient fades: of an error at the end alone, the sizes of dE/dv from step to step", async () => {
  const sizes = { inputs: 2, hidden: 6, outputs: 1, time: 12, batch: 4, seed: 8 };
  const model = generateModel({ ...sizes, activation: "tanh" });
  const network = new Network(gpu.device, [model]);
  const whole = randomTrials(sizes);
  const data = { ...whole, mask: Float32Array.from({ length: 48 }, (_, index) => (index >= 44 ? 1 : 0)) };
  const {
    terms,
    states,
    initialState: first,
  } = await gradients(network, data, [{ type: "meanSquaredError", denominator: "mask" }, { type: "omega" }]);
  const slots = Float64Array.from([...first, ...states]);
  const square = (slot: number, trial: number): number =>
    slots.subarray((slot * 4 + trial) * 6, (slot * 4 + trial + 1) * 6).reduce((sum, g) => sum + g * g, 0);
  let mean = 0;
  for (let slot = 0; slot < 12; slot += 1) {
    for (let trial = 0; trial < 4; trial += 1) mean += (square(slot, trial) / square(slot + 1, trial) - 1) ** 2 / 48;
  }
  expect(terms["omega"]).toBeCloseTo(mean, 5);
  network.dispose();
});

describe("what the terms may not be", () => {
  const sizes = { inputs: 1, hidden: 4, outputs: 1, time: 3, batch: 2, seed: 1 };
  const error = { type: "meanSquaredError" } as const;
  async function gradientsOf(spec: Partial<Model["spec"]>, losses: readonly LossInput[]): Promise<unknown> {
    const model = generateModel(sizes);
    const network = new Network(gpu.device, [{ ...model, spec: { ...model.spec, ...spec } }]);
    try {
      return await gradients(network, randomTrials(sizes), losses);
    } finally {
      network.dispose();
    }
  }

  test("of a network whose synapses act within the step, or change", async () => {
    const layers = [
      { name: "first", from: 0, to: 2 },
      { name: "second", from: 2, to: 4 },
    ];
    await expect(gradientsOf({ layers }, [error, { type: "omega" }])).rejects.toThrow(
      new ConfigError(
        "omega: counts on synapses that act one time step later, and this network has 2 layers, updated one after the other. Leave out one of the two.",
      ),
    );
    const shortTermPlasticity = { release: 0.3, recoveryMs: 200, facilitationMs: 1500 };
    for (const type of ["omega", "drivePenalty"] as const) {
      await expect(gradientsOf({ dtMs: 10, shortTermPlasticity }, [error, { type }])).rejects.toThrow(
        new ConfigError(
          `${type}: counts on synapses of constant strength, and this network has shortTermPlasticity. Leave out one of the two.`,
        ),
      );
    }
  });

  test("Ω of no gradients, units outside the network, a bound that float32 cannot square", async () => {
    for (const losses of [[{ type: "omega" }], [{ type: "weightL2" }, { type: "omega" }]] as const) {
      await expect(gradientsOf({}, losses)).rejects.toThrow(/^omega: is about the gradients of other terms/);
    }
    await expect(gradientsOf({}, [{ type: "drivePenalty", units: [2, 5] }])).rejects.toThrow(
      new ValueError("drivePenalty: units [2, 5] reach past the last of the network's 4 units."),
    );
    expect(() => lossTerms.omega({ bound: 1e-40 })).toThrow("omega: bound: must be >= 1e-30, got 1e-40");
    expect(() => checkLosses([{ type: "omega", slope: "after" } as unknown as LossInput])).toThrow(
      'did you mean "slopeAt"?',
    );
  });
});
