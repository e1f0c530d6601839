import { describe, expect, test } from "vitest";
import { activations, dynamicsForms } from "../../src/io/model-schema.ts";
import type { LossInput } from "../../src/loss/losses.ts";
import { Random } from "../../src/random.ts";
import { unitSlope } from "../reference/activation.ts";
import { drivePenalty, omega } from "../reference/loss-dynamics.ts";
import { at } from "../reference/numbers.ts";
import { relative } from "../support/compare.ts";
import { elu, swish, tableOf } from "../support/custom-activations.ts";
import { testDevice } from "../support/device.ts";
import { runLosses } from "../support/loss-run.ts";
import { type OmegaRunData, runOmega } from "../support/omega-run.ts";

const gpu = testDevice();

const shapes = [
  [1, 1, 1],
  [3, 5, 7],
  [13, 11, 4],
  [65, 9, 33], // two slices of rows
  [2, 3, 270], // more vec4f than a workgroup has invocations
] as const;

function lists(seed: number) {
  const random = new Random(seed, 9);
  const list = (length: number, draw: () => number): Float32Array => Float32Array.from({ length }, draw);
  return {
    random,
    normal: (length: number) => list(length, () => random.normal()),
    uniform: (length: number, low: number, high: number) => list(length, () => random.uniform(low, high)),
  };
}

describe("the drive penalty on given rates and weights", () => {
  for (const [time, batch, hidden] of shapes) {
    test(`T ${time} B ${batch} N ${hidden}`, async () => {
      const replicas = [1, 2].map((seed) => {
        const { normal, uniform } = lists(seed);
        const zeros = new Float32Array(time * batch);
        const weightHH = normal(hidden * hidden);
        const alpha = uniform(hidden, 0.05, 1);
        return { outputs: zeros, targets: zeros, rates: normal(time * batch * hidden), weightHH, alpha };
      });
      const sizes = { steps: time, batch, hidden, outputs: 1 };
      const units: [number, number] = [Math.floor(hidden / 3), hidden];
      // Twice, so that the second adds to what the first wrote.
      const losses: LossInput[] = [
        { type: "drivePenalty", weight: 0.7 },
        { type: "drivePenalty", weight: 0.3, units },
      ];
      const results = await runLosses(gpu.device, sizes, replicas, losses);
      for (const [index, { rates, weightHH }] of replicas.entries()) {
        const all = drivePenalty(rates, weightHH, { time, batch, hidden });
        const some = drivePenalty(rates, weightHH, { time, batch, hidden }, units);
        const sum = (name: "gradient" | "byWeights"): Float64Array =>
          all[name].map((value, k) => 0.7 * value + 0.3 * at(some[name], k));
        const actual = results[index];
        expect(relative(actual?.values ?? [], [0.7 * all.value, 0.3 * some.value]), "value").toBeLessThan(1e-5);
        expect(relative(actual?.byRates ?? [], sum("gradient")), "dL/dr").toBeLessThan(1e-5);
        expect(relative(actual?.byWeightHH ?? [], sum("byWeights")), "dL/dW").toBeLessThan(1e-5);
      }
    });
  }
});

describe("Ω on given states and gradients", () => {
  /** States, weights, and gradients of which one trial in four has none at some steps. */
  function randomData(seed: number, slots: number, batch: number, hidden: number): OmegaRunData {
    const { random, normal, uniform } = lists(seed);
    const size = Array.from({ length: slots * batch }, () => random.choice([0, 1e-3, 1, 1e3]));
    return {
      states: normal(slots * batch * hidden),
      stateGradients: normal(slots * batch * hidden).map((g, index) => g * at(size, Math.floor(index / hidden))),
      weightHH: normal(hidden * hidden).map((w) => w / Math.sqrt(hidden)),
      alpha: uniform(hidden, 0.05, 1),
    };
  }

  for (const [index, [time, batch, hidden]] of shapes.entries()) {
    const form = dynamicsForms[index % 2] ?? "state";
    test(`T ${time} B ${batch} N ${hidden}, ${form} form`, async () => {
      const { random, uniform } = lists(100 + index);
      const units = {
        activation: Array.from({ length: hidden }, () => random.choice([...activations, "swish", "elu"])),
        gain: [...uniform(hidden, 0.5, 1.5)],
        threshold: [...uniform(hidden, -0.3, 0.3)],
      };
      const own = index % 2 === 0 ? { units, customActivations: tableOf(elu, swish) } : {};
      const dynamics = { hidden, form, activation: "tanh" as const, ...own };
      const replicas = [1, 2].map((seed) => randomData(seed + index, time + 1, batch, hidden));
      const sizes = { steps: time, batch };
      const terms = [
        { weight: 0.7, slopeAt: "before" as const },
        { weight: 0.3, slopeAt: "after" as const, bound: 0.1 },
      ];
      const results = await runOmega(gpu.device, sizes, dynamics, replicas, terms);
      for (const [replica, data] of replicas.entries()) {
        const slopes = Float64Array.from(data.states, (v, k) => unitSlope(dynamics, k % hidden, v));
        const gradients = Array.from(data.stateGradients).slice(batch * hidden);
        const given = { time, batch, hidden, form, gradients, slopes, alpha: data.alpha };
        const expected = terms.map(({ weight, slopeAt, bound = 1e-20 }) => {
          const { value, byWeights } = omega(data.weightHH, { ...given, slopeAt, bound });
          return { value: weight * value, byWeights: byWeights.map((slope) => weight * slope) };
        });
        const [first, second] = expected as [(typeof expected)[0], (typeof expected)[0]];
        const sum = first.byWeights.map((slope, k) => slope + at(second.byWeights, k));
        expect(relative(results[replica]?.values ?? [], [first.value, second.value]), "value").toBeLessThan(2e-5);
        expect(relative(results[replica]?.byWeights ?? [], sum), "dΩ/dW").toBeLessThan(5e-5);
      }
    });
  }

  test("without any gradient it is 0, and nothing is NaN", async () => {
    const [steps, batch, hidden] = [3, 5, 6];
    const data = randomData(3, steps + 1, batch, hidden);
    const silent = { ...data, stateGradients: new Float32Array((steps + 1) * batch * hidden) };
    // Smaller than the bound, though not 0: the squares vanish in float32.
    const faint = { ...data, stateGradients: Float32Array.from(data.stateGradients, (g) => 1e-25 * g) };
    const dynamics = { hidden, form: "state", activation: "tanh" } as const;
    const terms = [{ weight: 1, slopeAt: "before" }] as const;
    const results = await runOmega(gpu.device, { steps, batch }, dynamics, [silent, faint, data], terms);
    for (const result of results.slice(0, 2)) {
      expect(result).toEqual({ values: [0], byWeights: new Float32Array(hidden * hidden) });
    }
    expect(results[2]?.values[0]).toBeGreaterThan(0);
  });
});
