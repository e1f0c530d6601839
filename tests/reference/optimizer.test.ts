import { describe, expect, it } from "vitest";
import { generateModel } from "./generate.ts";
import { at, euclideanNorm } from "./numbers.ts";
import {
  clipGradients,
  createOptimizerState,
  optimizerStep,
  optimizerUpdate,
  projectWeight,
  type ReferenceOptimizer,
  zeroMoments,
} from "./optimizer.ts";
import { learningRate } from "./schedule.ts";

/** One weight, started at 1, through gradients 0.5, -0.2, 0.3. */
function trace(optimizer: ReferenceOptimizer, lr: number): number[] {
  const moments = zeroMoments(1);
  let weight = 1;
  return [0.5, -0.2, 0.3].map((gradient, step) => {
    weight += at(optimizerUpdate(optimizer, lr, step + 1, [weight], [gradient], moments), 0);
    return weight;
  });
}

function expectTrace(actual: readonly number[], expected: readonly number[]): void {
  expect(actual.length).toBe(expected.length);
  for (const [index, value] of expected.entries()) expect(actual[index]).toBeCloseTo(value, 10);
}

describe("optimisers, against PyTorch's formulas worked by hand", () => {
  it("SGD with momentum", () => {
    // buf: .5, .25, .525
    expectTrace(trace({ type: "sgd", momentum: 0.9 }, 0.1), [0.95, 0.925, 0.8725]);
  });
  it("SGD with Nesterov momentum", () => {
    // g + .9 buf: .95, .025, .7725
    expectTrace(trace({ type: "sgd", momentum: 0.9, nesterov: true }, 0.1), [0.905, 0.9025, 0.82525]);
  });
  it("SGD with weight decay adds λW to the gradient", () => {
    expectTrace(trace({ type: "sgd", weightDecay: 0.1 }, 0.1), [0.94, 0.9506, 0.911094]);
  });
  it("RMSProp", () => {
    const s1 = 0.01 * 0.25;
    const s2 = 0.99 * s1 + 0.01 * 0.04;
    const s3 = 0.99 * s2 + 0.01 * 0.09;
    const w1 = 1 - (0.01 * 0.5) / (Math.sqrt(s1) + 1e-8);
    const w2 = w1 + (0.01 * 0.2) / (Math.sqrt(s2) + 1e-8);
    expectTrace(trace({ type: "rmsprop" }, 0.01), [w1, w2, w2 - (0.01 * 0.3) / (Math.sqrt(s3) + 1e-8)]);
  });
  it("Adam and AdamW", () => {
    const adam = trace({ type: "adam" }, 0.1);
    expect(adam[0]).toBeCloseTo(0.9, 7);
    // Second step: m = .025, s = .00028975 before correction by 1 - .81 and 1 - .998001.
    const second = 0.9 - (0.1 * (0.025 / 0.19)) / (Math.sqrt(0.00028975 / 0.001999) + 1e-8);
    expect(adam[1]).toBeCloseTo(second, 7);
    const decoupled = trace({ type: "adamw", weightDecay: 0.5 }, 0.1);
    expect(decoupled[0]).toBeCloseTo(0.9 - 0.1 * 0.5 * 1, 7);
  });
});

describe("clipping", () => {
  const gradients = [Float64Array.of(3, 0), Float64Array.of(0, 4, 0)];
  it("by global norm scales all tensors alike", () => {
    const clipped = clipGradients(gradients, { type: "global", limit: 1 });
    expect(euclideanNorm(...clipped)).toBeCloseTo(1, 12);
    expect(at(clipped[0] ?? [], 0)).toBeCloseTo(0.6, 12);
  });
  it("by tensor norm scales each by itself", () => {
    expect(clipGradients(gradients, { type: "tensor", limit: 3.5 })).toEqual([
      Float64Array.of(3, 0),
      Float64Array.of(0, 3.5, 0),
    ]);
  });
  it("by value cuts each entry", () => {
    expect(clipGradients([Float64Array.of(-5, 0.5, 5)], { type: "value", limit: 1 })).toEqual([
      Float64Array.of(-1, 0.5, 1),
    ]);
  });
});

describe("a whole step", () => {
  const model = generateModel({ inputs: 2, hidden: 6, outputs: 2, density: 0.6, signed: true, plastic: true, seed: 3 });
  const large = (length: number): Float64Array => Float64Array.from({ length }, (_, index) => (index % 2 ? 5 : -5));
  const { parameters } = model;
  const gradients = {
    weightIH: large(parameters.weightIH.length),
    weightHH: large(parameters.weightHH.length),
    biasH: large(parameters.biasH.length),
    weightHO: large(parameters.weightHO.length),
    biasO: large(parameters.biasO.length),
    alpha: large(parameters.alpha.length),
    v0: large(parameters.v0.length),
    biasN: large(0),
    r0: large(0),
  };

  it("keeps masks, signs and α, and moments of absent synapses 0", () => {
    const state = createOptimizerState(model);
    const optimizer = { type: "adam", weightDecay: 0.1 } as const;
    const next = optimizerStep(model, gradients, state, { optimizer, lr: 1, alphaMin: 0.05 });
    for (const [index, weight] of next.weightHH.entries()) {
      const sign = at(model.signs.weightHH ?? [], index);
      expect(sign * weight).toBeGreaterThanOrEqual(0);
      if (at(model.masks.weightHH ?? [], index) !== 0) continue;
      expect(weight).toBe(0);
      expect(at(state.moments.weightHH.first, index)).toBe(0);
      expect(at(state.moments.weightHH.second, index)).toBe(0);
    }
    for (const alpha of next.alpha) expect([0.05, 1]).toContain(alpha);
  });

  it("scales the update, not the gradient, by plasticity", () => {
    const free = { ...model, signs: {}, masks: {} };
    const step = { optimizer: { type: "adam" }, lr: 0.01, alphaMin: 0.05 } as const;
    const next = optimizerStep(free, gradients, createOptimizerState(free), step);
    for (const [index, factor] of (model.plasticity.weightHH ?? []).entries()) {
      const moved = Math.abs(at(next.weightHH, index) - at(parameters.weightHH, index));
      expect(moved).toBeCloseTo(0.01 * factor, 8);
    }
  });

  it("leaves alone what does not learn, and keeps it out of the norm", () => {
    const learn = { ...model.spec.learn, weightHH: false, weightIH: false, weightHO: false, alpha: false, v0: false };
    const fixed = { ...model, spec: { ...model.spec, learn } };
    const clip = { type: "global", limit: 1 } as const;
    const step = { optimizer: { type: "sgd" }, lr: 1, clip, alphaMin: 0.05 } as const;
    const next = optimizerStep(fixed, gradients, createOptimizerState(fixed), step);
    expect(next.weightHH).toEqual(Float64Array.from(parameters.weightHH));
    expect(at(next.biasH, 1) - at(parameters.biasH, 1)).toBeCloseTo(-5 / Math.sqrt(25 * 8), 12);
  });

  it("clips signs only under `project`", () => {
    expect(Array.from(projectWeight("project", [1, -1, -1, 2], [1, 1, 1, 0], [1, 1, 0, 1]))).toEqual([1, 0, -1, 0]);
    expect(Array.from(projectWeight("abs", [1, -1, -1, 2], [1, 1, 1, 0], [1, 1, 0, 1]))).toEqual([1, -1, -1, 0]);
  });
});

describe("learning rate schedules", () => {
  it("constant, exponential and cosine", () => {
    expect(learningRate({ type: "constant" }, 0.1, 1000)).toBe(0.1);
    expect(learningRate({ type: "exponential", rate: 0.5 }, 0.1, 3)).toBeCloseTo(0.0125, 15);
    const cosine = { type: "cosine", steps: 100, final: 0.01 } as const;
    expect(learningRate(cosine, 0.1, 0)).toBeCloseTo(0.1, 15);
    expect(learningRate(cosine, 0.1, 50)).toBeCloseTo(0.055, 15);
    expect(learningRate(cosine, 0.1, 100)).toBeCloseTo(0.01, 15);
    expect(learningRate(cosine, 0.1, 500)).toBeCloseTo(0.01, 15);
  });
  it("warm up linearly, then run over what is left", () => {
    const cosine = { type: "cosine", steps: 110, final: 0, warmup: 10 } as const;
    expect(learningRate(cosine, 0.1, 0)).toBeCloseTo(0.01, 15);
    expect(learningRate(cosine, 0.1, 9)).toBeCloseTo(0.1, 15);
    expect(learningRate(cosine, 0.1, 10)).toBeCloseTo(0.1, 15);
    expect(learningRate(cosine, 0.1, 60)).toBeCloseTo(0.05, 15);
  });
});
