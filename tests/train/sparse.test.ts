import { describe, expect, test } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { submit } from "../../src/gpu/recorder.ts";
import type { Tensor } from "../../src/gpu/tensor.ts";
import { checkLosses, type LossInput } from "../../src/loss/losses.ts";
import type { Model } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { parameterOffsets } from "../../src/ops/layout.ts";
import type { Family, Products } from "../../src/ops/recurrence.ts";
import { quietSettings } from "../../src/ops/settings.ts";
import type { ClipMode } from "../../src/ops/update.ts";
import { gradients } from "../../src/train/gradients.ts";
import { adamw, type Optimizer, optimizerKind, rmsprop, sgd, updateSettings } from "../../src/train/optimizer.ts";
import { localRule, type RuleInput, ruleSchema } from "../../src/train/rule.ts";
import { StepPlan } from "../../src/train/step-plan.ts";
import { TrainingState } from "../../src/train/training-state.ts";
import { type GeneratedModelOptions, generateModel } from "../reference/generate.ts";
import { testDevice } from "../support/device.ts";
import { randomTrials } from "../support/trials.ts";

const gpu = testDevice();
const sizes = { inputs: 3, hidden: 45, outputs: 2, time: 7, batch: 10 };
const updates = 4;

interface TrainingCase {
  readonly model: Partial<GeneratedModelOptions>;
  readonly optimizer?: Optimizer;
  readonly clip?: ClipMode;
  readonly losses?: readonly LossInput[];
  readonly rule?: RuleInput;
  readonly family?: Family;
}

/** Two replicas, a few updates on the same trials. */
async function trained(one: TrainingCase, products: Products) {
  const { optimizer = sgd({ lr: 0.1 }), clip = "none", family = "persistent", rule = { type: "bptt" } } = one;
  const models = [1, 2].map((seed) =>
    generateModel({ ...sizes, density: 0.08, activation: "tanh", ...one.model, seed }),
  );
  const network = new Network(gpu.device, models);
  const { device, spec, replicas, distances } = network;
  const state = new TrainingState(network);
  const losses = checkLosses([{ type: "meanSquaredError" }, ...(one.losses ?? [])]);
  const plan = await StepPlan.compile(device, spec, state.parametersOf(network), {
    ...{ replicas, steps: sizes.time, batch: sizes.batch, initial: "parameter", losses, historySlots: 1, distances },
    ...{ gradients: { alpha: true, v0: true }, clip, family, products },
    rule: localRule(ruleSchema.parse(rule), losses, spec, network.seeds),
    update: {
      ...state.updateTensors(network),
      ...{ optimizer: optimizerKind(optimizer), nesterov: optimizer.type === "sgd" && optimizer.nesterov },
    },
  });
  plan.upload([randomTrials({ ...sizes, seed: 9 })]);
  for (let update = 0; update < updates; update += 1) {
    for (let replica = 0; replica < replicas; replica += 1) {
      plan.sequence.settings.set(replica, {
        ...{ ...quietSettings, ...updateSettings(optimizer, update), seed: replica, step: update, update },
        ...{ noise_pre: 0.05, clip: 0.05, alpha_min: 0.05, loss_scale: plan.lossScales(replica) },
      });
    }
    plan.sequence.settings.upload();
    submit(device, "training step", plan.dispatches);
  }
  const { gradients: slopes, history, squares } = plan.tensors;
  const { moments } = state.updateTensors(network);
  const tensors: Tensor[] = [network.parameters, slopes, history, squares, moments];
  const read = await network.readback.read(tensors.map((tensor) => ({ tensor })));
  const [parameters, ...rest] = read as [Float32Array, ...Float32Array[]];
  const { end, weightHH } = parameterOffsets(spec);
  const weights = models.map((_, replica) =>
    parameters.subarray(replica * end + weightHH, replica * end + weightHH + sizes.hidden ** 2),
  );
  const { kernels } = plan.sequence;
  for (const each of [plan, state, network]) each.dispose();
  return { kernels, models, weights, numbers: [parameters, ...rest] };
}

/** Absent synapses are 0, the others have the sign they must have, and most have changed. */
function checkWeights(models: readonly Model[], weights: readonly Float32Array[]): void {
  for (const [replica, { masks, signs, parameters, spec }] of models.entries()) {
    const own = weights[replica] ?? new Float32Array(0);
    let changed = 0;
    for (const [index, weight] of own.entries()) {
      if (masks.weightHH?.[index] === 0) expect(weight).toBe(0);
      else if (weight !== parameters.weightHH[index]) changed += 1;
      const sign = signs.weightHH?.[index] ?? 0;
      if (sign !== 0 && spec.constraint === "project") expect(sign * weight).toBeGreaterThanOrEqual(0);
    }
    expect(changed).toBeGreaterThan(50);
  }
}

const matrixLosses: readonly LossInput[] = [
  { type: "weightL2", weight: 0.1 },
  { type: "spectralNorm", weight: 0.1 },
  { type: "hebbian", weight: 0.1 },
  { type: "drivePenalty", weight: 0.1 },
  { type: "omega", weight: 0.1 },
];
const cases: Readonly<Record<string, TrainingCase>> = {
  "sgd with Nesterov, Dale's law": {
    model: { signed: true },
    optimizer: sgd({ lr: 0.3, momentum: 0.9, nesterov: true }),
  },
  "rmsprop, abs, norm clipped": {
    ...{ model: { signed: true, constraint: "abs" }, clip: "globalNorm", family: "stepwise" },
    optimizer: rmsprop({ lr: 0.01, momentum: 0.5 }),
  },
  "adamw, rectify, values clipped, plasticity": {
    ...{ model: { signed: true, constraint: "rectify", plastic: true }, clip: "value" },
    optimizer: adamw({ lr: 0.02, weightDecay: 0.1 }),
  },
  "rate form, each tensor's norm clipped": { model: { form: "rate" }, clip: "tensorNorm", family: "stepwise" },
  "losses on the recurrent weights": { model: {}, losses: matrixLosses },
  "a local rule": { model: {}, rule: { type: "rflo" } },
};

describe("training over the synapses of a mask is training, bit for bit:", () => {
  for (const [name, one] of Object.entries(cases)) {
    test(name, async () => {
      const dense = await trained(one, "dense");
      const sparse = await trained(one, "sparse");
      expect([dense.kernels.products, sparse.kernels.products]).toEqual(["dense", "sparse"]);
      expect(sparse.numbers).toEqual(dense.numbers);
      checkWeights(sparse.models, sparse.weights);
    });
  }
});

test("a step that is split over time has dense products: asked for, sparse ones are refused", async () => {
  const network = new Network(gpu.device, [generateModel({ ...sizes, hidden: 120, density: 0.05, seed: 1 })]);
  const trials = randomTrials({ ...sizes, seed: 9 });
  const loss = [{ type: "meanSquaredError" }] as const;
  const options = { segments: 2, family: "persistent" } as const;
  const chosen = await gradients(network, trials, loss, options);
  expect(chosen).toEqual(await gradients(network, trials, loss, { ...options, products: "dense" }));
  const asked = gradients(network, trials, loss, { ...options, products: "sparse" });
  await expect(asked).rejects.toThrow(
    new ConfigError(
      "products: trials in segments (here 2) have dense products only; leave it out, or give segments: 1 and the memory for it.",
    ),
  );
  network.dispose();
});
