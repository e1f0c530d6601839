import { describe, expect, test } from "vitest";
import { type Model, type ParameterName, parameterNames, weightNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import type { Trials } from "../../src/network/trials.ts";
import { validateModel } from "../../src/network/validate.ts";
import { adam, adamw, type Optimizer, rmsprop, sgd } from "../../src/train/optimizer.ts";
import type { TrainSettingsInput } from "../../src/train/options.ts";
import { fixedTrials } from "../../src/train/source.ts";
import { Trainer } from "../../src/train/trainer.ts";
import { backward } from "../reference/bptt.ts";
import { forward } from "../reference/ctrnn.ts";
import { type GeneratedModelOptions, generateModel } from "../reference/generate.ts";
import { meanSquaredError } from "../reference/loss.ts";
import { at, euclideanNorm, largestDifference, type Numbers } from "../reference/numbers.ts";
import {
  type Clip,
  createOptimizerState,
  optimizerStep,
  type ReferenceOptimizer,
  type TrainableModel,
} from "../reference/optimizer.ts";
import { learningRate } from "../reference/schedule.ts";
import { testDevice } from "../support/device.ts";
import { bitsOf, randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const steps = 5;
const sizes = { inputs: 3, hidden: 7, outputs: 2 };
const alphaMin = 0.25;

interface Case {
  readonly name: string;
  readonly optimizer: Optimizer;
  readonly constraint: NonNullable<GeneratedModelOptions["constraint"]>;
  readonly clip?: NonNullable<TrainSettingsInput["clip"]>;
  readonly learn?: Partial<Model["spec"]["learn"]>;
}

const cases: readonly Case[] = [
  { name: "SGD", optimizer: sgd({ lr: 0.3 }), constraint: "project" },
  { name: "SGD with weight decay", optimizer: sgd({ lr: 0.3, weightDecay: 0.1 }), constraint: "abs" },
  { name: "momentum", optimizer: sgd({ lr: 0.1, momentum: 0.9 }), constraint: "abs" },
  { name: "Nesterov momentum", optimizer: sgd({ lr: 0.1, momentum: 0.8, nesterov: true }), constraint: "rectify" },
  { name: "Nesterov, projected", optimizer: sgd({ lr: 0.2, momentum: 0.9, nesterov: true }), constraint: "project" },
  { name: "RMSProp", optimizer: rmsprop({ lr: 0.01, smoothing: 0.9 }), constraint: "project" },
  {
    name: "RMSProp with momentum and decay",
    optimizer: rmsprop({ lr: 0.01, momentum: 0.5, weightDecay: 0.01 }),
    constraint: "rectify",
  },
  { name: "Adam", optimizer: adam({ lr: 0.05 }), constraint: "project" },
  { name: "Adam, abs", optimizer: adam({ lr: 0.02, beta1: 0.8, beta2: 0.95, epsilon: 1e-6 }), constraint: "abs" },
  { name: "Adam with L2", optimizer: adam({ lr: 0.02, weightDecay: 0.05 }), constraint: "rectify" },
  { name: "AdamW", optimizer: adamw({ lr: 0.05, weightDecay: 0.3 }), constraint: "project" },
  { name: "clip by global norm", optimizer: sgd({ lr: 0.5 }), constraint: "project", clip: 0.2 },
  {
    name: "clip by tensor norm",
    optimizer: sgd({ lr: 0.5 }),
    constraint: "project",
    clip: { mode: "tensorNorm", limit: 0.1 },
  },
  {
    name: "clip by value",
    optimizer: sgd({ lr: 0.5, weightDecay: 0.1 }),
    constraint: "project",
    clip: { mode: "value", limit: 0.02 },
  },
  {
    name: "cosine schedule with warm-up",
    optimizer: sgd({ lr: 0.3, schedule: { type: "cosine", steps: 6, final: 0.03, warmup: 2 } }),
    constraint: "project",
  },
  {
    name: "exponential schedule",
    optimizer: adam({ lr: 0.05, schedule: { type: "exponential", rate: 0.7, warmup: 1 } }),
    constraint: "project",
  },
  {
    name: "constant schedule with warm-up",
    optimizer: adamw({ lr: 0.05, schedule: { type: "constant", warmup: 3 } }),
    constraint: "project",
  },
  {
    name: "some tensors fixed, global norm of the learned ones",
    optimizer: adam({ lr: 0.05 }),
    constraint: "project",
    clip: 0.1,
    learn: { weightIH: false, biasO: false, alpha: false },
  },
];

function modelOf({ constraint, learn }: Case): Model {
  const model = generateModel({
    ...{ ...sizes, constraint, seed: 5, activation: "tanh", density: 0.7, signed: true, plastic: true },
  });
  // The generator's factors lie in (0, 1); these synapses are frozen, and these free.
  const plasticity = Object.fromEntries(
    Object.entries(model.plasticity).map(([name, factors]) => [
      name,
      factors.map((factor, index) => (index % 5 === 0 ? 0 : index % 5 === 1 ? 1 : factor)),
    ]),
  );
  // Validated, so that absent synapses are 0 under every constraint, as a network holds them.
  return validateModel({ ...model, plasticity, spec: { ...model.spec, learn: { ...model.spec.learn, ...learn } } });
}

function trialsOf(): Trials {
  return randomTrials({ ...sizes, time: 6, batch: 4, seed: 9 });
}

function referenceClip(clip: Case["clip"]): Clip | undefined {
  if (clip === undefined) return undefined;
  if (typeof clip === "number") return { type: "global", limit: clip };
  return {
    type: ({ globalNorm: "global", tensorNorm: "tensor", value: "value" } as const)[clip.mode],
    limit: clip.limit,
  };
}

function referenceOptimizer(optimizer: Optimizer): ReferenceOptimizer {
  const { lr: _lr, schedule: _schedule, ...rest } = optimizer;
  return "epsilon" in rest ? { ...rest, eps: rest.epsilon } : rest;
}

interface ReferenceStep {
  readonly loss: number;
  readonly norm: number;
  readonly lr: number;
  readonly parameters: Record<ParameterName, Float64Array>;
}

/** The same training in float64. */
function referenceSteps(test: Case, model: Model, trials: Trials): ReferenceStep[] {
  const sequence = { time: trials.steps, batch: trials.trials, inputs: trials.inputs };
  let current: TrainableModel = model;
  const state = createOptimizerState(model);
  return Array.from({ length: steps }, (_, step) => {
    const trajectory = forward(current, sequence);
    const { value, gradient } = meanSquaredError(trajectory.outputs, trials.targets, trials.mask);
    const { parameters } = backward(current, sequence, {}, trajectory, { outputs: gradient });
    const lr = learningRate(test.optimizer.schedule, test.optimizer.lr, step);
    const optimizer = referenceOptimizer(test.optimizer);
    const clip = referenceClip(test.clip);
    const next = optimizerStep(current, parameters, state, { optimizer, lr, clip, alphaMin });
    const learned: Numbers[] = parameterNames.filter((name) => model.spec.learn[name]).map((name) => parameters[name]);
    current = { ...current, parameters: next };
    return { loss: value, norm: euclideanNorm(...learned), lr, parameters: next };
  });
}

function expectConstraints({ spec, masks, signs }: Model, { parameters }: Model): void {
  for (const name of weightNames) {
    for (const [index, weight] of parameters[name].entries()) {
      if (masks[name]?.[index] === 0) expect(Object.is(weight, 0), `${name}[${index}]`).toBe(true);
      if (spec.constraint === "project") expect(weight * (signs[name]?.[index] ?? 0)).toBeGreaterThanOrEqual(0);
    }
  }
}

describe("five updates agree with the float64 reference", () => {
  for (const one of cases) {
    test(`${one.name}, ${one.constraint}`, async () => {
      const model = modelOf(one);
      const trials = trialsOf();
      const expected = referenceSteps(one, model, trials);
      const network = new Network(gpu.device, [model]);
      const { optimizer, clip } = one;
      const options = { steps, optimizer, alphaMin, reportEvery: 1, ...(clip !== undefined && { clip }) };
      const trainer = await Trainer.create(network, fixedTrials(trials), options);
      let step = 0;
      for await (const report of trainer.run()) {
        const reference = expected[step] as ReferenceStep;
        step += 1;
        expect(report.step).toBe(step);
        expect(report.learningRate).toBeCloseTo(reference.lr, 12);
        expect(report.loss / reference.loss).toBeCloseTo(1, 4);
        if (typeof clip !== "object" || clip.mode !== "value") {
          expect(report.gradientNorm / reference.norm, "gradient norm").toBeCloseTo(1, 4);
        }
        const now = await network.read();
        for (const name of parameterNames) {
          const difference = largestDifference(now.parameters[name], reference.parameters[name]);
          expect(difference, `${name} after step ${step}`).toBeLessThan(1e-5);
          if (!model.spec.learn[name]) expect(bitsOf(now.parameters[name])).toEqual(bitsOf(model.parameters[name]));
        }
        expectConstraints(model, now);
        for (const name of weightNames) {
          const frozen = (_: number, index: number): boolean => model.plasticity[name]?.[index] === 0;
          const before = model.parameters[name].filter(frozen);
          expect(before.length).toBeGreaterThan(0);
          expect(bitsOf(now.parameters[name].filter(frozen))).toEqual(bitsOf(before));
        }
      }
      expect(step).toBe(steps);
      trainer.dispose();
      network.dispose();
    });
  }
});

test("the cases do clip, meet alphaMin, and move what they learn", () => {
  const clipped = cases.filter(({ clip }) => clip !== undefined);
  for (const one of clipped) {
    const limit = typeof one.clip === "object" ? one.clip.limit : (one.clip ?? Number.NaN);
    for (const { norm } of referenceSteps(one, modelOf(one), trialsOf())) expect(norm).toBeGreaterThan(limit);
  }
  const met = cases.some((one) => {
    const [last] = referenceSteps(one, modelOf(one), trialsOf()).slice(-1);
    return last?.parameters.alpha.some((alpha) => alpha === alphaMin);
  });
  expect(met).toBe(true);
  for (const one of cases) {
    const model = modelOf(one);
    const [last] = referenceSteps(one, model, trialsOf()).slice(-1);
    for (const name of parameterNames.filter((each) => model.parameters[each].length > 0)) {
      const moved = last !== undefined && largestDifference(last.parameters[name], model.parameters[name]) > 1e-3;
      expect(moved, `${one.name}: ${name}`).toBe(model.spec.learn[name]);
    }
  }
});

test("with every tensor fixed, nothing moves and the gradient's norm is 0", async () => {
  const one: Case = {
    ...{ name: "fixed", optimizer: adamw({ lr: 1, weightDecay: 0.5 }), constraint: "project" as const },
    learn: Object.fromEntries(parameterNames.map((name) => [name, false])),
  };
  const model = modelOf(one);
  const network = new Network(gpu.device, [model]);
  const trainer = await Trainer.create(network, fixedTrials(trialsOf()), { steps: 3, optimizer: one.optimizer });
  for await (const { records } of trainer.run())
    expect(records.map((record) => record.gradientNorm)).toEqual([0, 0, 0]);
  const { parameters } = await network.read();
  for (const name of parameterNames.filter((each) => parameters[each].length > 0)) {
    expect(bitsOf(parameters[name])).toEqual(bitsOf(model.parameters[name]));
    expect(at(parameters[name], 0)).toBe(at(model.parameters[name], 0));
  }
  trainer.dispose();
  network.dispose();
});
