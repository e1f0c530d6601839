import { describe, expect, test } from "vitest";
import type { LossInput } from "../../src/loss/losses.ts";
import { parameterNames } from "../../src/network/model.ts";
import { Random } from "../../src/random.ts";
import goldenLosses from "../fixtures/golden/nn4n/losses.json" with { type: "json" };
import { backward } from "../reference/bptt.ts";
import { effectiveWeights, forward } from "../reference/ctrnn.ts";
import { rawWeightGradient } from "../reference/effective-weights.ts";
import { generateModel, generateTrials } from "../reference/generate.ts";
import { flatten, timeFirst } from "../reference/golden-model.ts";
import { hebbian } from "../reference/loss-hebbian.ts";
import { plus } from "../reference/numbers.ts";
import { onGpu, relative } from "../support/compare.ts";
import { testDevice } from "../support/device.ts";
import { type LossData, runLosses } from "../support/loss-run.ts";

const gpu = testDevice();

/** Two replicas of random rates and weights. */
function randomData(rows: number, hidden: number): LossData[] {
  return [1, 2].map((seed) => {
    const random = new Random(seed, 6);
    const normal = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
    const zeros = new Float32Array(rows);
    return { outputs: zeros, targets: zeros, rates: normal(rows * hidden), weightHH: normal(hidden * hidden) };
  });
}

describe("the Hebbian term on given rates and weights", () => {
  const shapes = [
    [1, 1, 1],
    [3, 5, 7],
    [13, 11, 4],
    [65, 2, 33],
    [2, 3, 270], // more vec4f than a workgroup has invocations
  ] as const;
  for (const over of ["time", "step"] as const) {
    for (const [time, batch, hidden] of shapes) {
      test(`over ${over}: T ${time} B ${batch} N ${hidden}`, async () => {
        const replicas = randomData(time * batch, hidden);
        const sizes = { steps: time, batch, hidden, outputs: 1 };
        // Twice, so that the second adds to what the first wrote.
        const losses: LossInput[] = [0.7, 0.3].map((weight) => ({ type: "hebbian", over, weight }));
        const results = await runLosses(gpu.device, sizes, replicas, losses);
        for (const [index, { rates, weightHH = [] }] of replicas.entries()) {
          const { value, gradient, byWeights } = hebbian(rates, weightHH, { time, batch, hidden }, over);
          const actual = results[index];
          expect(relative(actual?.values ?? [], [0.7 * value, 0.3 * value]), "value").toBeLessThan(1e-5);
          expect(relative(actual?.byRates ?? [], gradient), "dL/dr").toBeLessThan(1e-5);
          expect(relative(actual?.byWeightHH ?? [], byWeights), "dL/dW").toBeLessThan(1e-5);
        }
      });
    }
  }

  test("golden: fault 17, documented and coded form of nn4n (losses.json), with the coded one's gradient", async () => {
    const { float64_formula: expected, states_BTN, W, values } = goldenLosses;
    const data = { outputs: new Float32Array(15), targets: new Float32Array(15), rates: timeFirst(states_BTN) };
    const run = (over: "time" | "step") =>
      runLosses(
        gpu.device,
        { steps: 5, batch: 3, hidden: 4, outputs: 1 },
        [{ ...data, weightHH: flatten(W) }],
        [{ type: "hebbian", over }],
      );
    const [documented] = await run("time");
    expect(documented?.values[0]).toBeCloseTo(expected.hebbian_as_documented, 6);
    const [coded] = await run("step");
    expect(coded?.values[0]).toBeCloseTo(values.hebbian.value, 6);
    expect(relative(coded?.byRates ?? [], timeFirst(values.hebbian.grad_first))).toBeLessThan(1e-6);
  });
});

describe("back-propagated through a network, beside terms on the same weights", () => {
  const lists: readonly (readonly LossInput[])[] = [
    [{ type: "hebbian", weight: 0.5 }],
    [
      { type: "weightL2", matrix: "weightIH" },
      { type: "hebbian", weight: 0.5 },
      { type: "weightL2", matrix: "weightHH" },
    ],
    [{ type: "weightL2", matrix: "weightHH" }, { type: "rateL2" }, { type: "hebbian", weight: 0.5, over: "step" }],
  ];
  for (const [index, losses] of lists.entries()) {
    const constraint = (["project", "abs", "rectify"] as const)[index] ?? "project";
    test(`${losses.map(({ type }) => type).join(", ")} under ${constraint}`, async () => {
      const sizes = { time: 7, batch: 5, hidden: 9, inputs: 3, outputs: 2, seed: 3 + index };
      const model = generateModel({ ...sizes, activation: "tanh", constraint, density: 0.7, signed: true });
      const trials = generateTrials(sizes);
      const trajectory = forward(model, trials, {});
      const { weightHH, weightIH } = effectiveWeights(model);
      const over = index === 2 ? "step" : "time";
      const term = hebbian(trajectory.r, weightHH, sizes, over);
      const activity = (r: number): number => (index === 2 ? (2 * r) / trajectory.r.length : 0);
      const direct = plus(
        term.gradient.map((slope) => 0.5 * slope),
        trajectory.r.map(activity),
      );
      const through = backward(model, trials, {}, trajectory, { r: direct }).parameters;
      const decay = (w: number, length: number): number => (index > 0 ? (2 * w) / length : 0);
      const { parameters, masks, signs } = model;
      const byHH = term.byWeights.map((slope, k) => 0.5 * slope + decay(weightHH[k] ?? 0, weightHH.length));
      const byIH = weightIH.map((w) => (index === 1 ? decay(w, weightIH.length) : 0));
      const expected = {
        ...through,
        weightHH: plus(
          through.weightHH,
          rawWeightGradient(constraint, byHH, parameters.weightHH, masks.weightHH, signs.weightHH),
        ),
        weightIH: plus(
          through.weightIH,
          rawWeightGradient(constraint, byIH, parameters.weightIH, masks.weightIH, signs.weightIH),
        ),
      };
      const actual = await onGpu(gpu.device, model, trials, losses, { family: "stepwise", givenV0: false });
      expect(actual.terms["hebbian"]).toBeCloseTo(0.5 * term.value, 5);
      for (const name of parameterNames) {
        expect(relative(actual.parameters[name], expected[name]), name).toBeLessThan(1e-4);
      }
    });
  }
});
