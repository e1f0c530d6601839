import { expect } from "vitest";
import type { Device } from "../../src/gpu/device.ts";
import type { LossInput } from "../../src/loss/losses.ts";
import { type Model, parameterNames } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import type { Family, Products } from "../../src/ops/recurrence.ts";
import type { Tile } from "../../src/ops/tiles.ts";
import { normalPair, streams, threefry2x32 } from "../../src/random.ts";
import { type Gradients, gradients } from "../../src/train/gradients.ts";
import { backward, type DirectGradients, type Gradients as ReferenceGradients } from "../reference/bptt.ts";
import { type ForwardOptions, forward, type InputSequence, type Trajectory } from "../reference/ctrnn.ts";
import { gatedBackward, gatedForward } from "../reference/gated.ts";
import {
  type GeneratedModelOptions,
  type GeneratedTrials,
  generateModel,
  generateTrials,
} from "../reference/generate.ts";
import { meanSquaredError, rateL2 } from "../reference/loss.ts";
import type { Numbers } from "../reference/numbers.ts";

/** The standard normal numbers that the GPU adds at step 0 of a run: before the activation and after it. */
export function noiseTwin(seed: number, count: number): { preNoise: Float64Array; postNoise: Float64Array } {
  const preNoise = new Float64Array(count);
  const postNoise = new Float64Array(count);
  for (let index = 0; index < count; index += 1) {
    const [bits0, bits1] = threefry2x32(seed, streams.runNoise, 0, index);
    const [pre, post] = normalPair(bits0, bits1);
    preNoise[index] = pre;
    postNoise[index] = post;
  }
  return { preNoise, postNoise };
}

/** Largest difference as a fraction of the tensor's largest entry (or of `floor`, if that is larger). */
export function relative(actual: Numbers, expected: Numbers, floor = 1e-3): number {
  expect(actual.length).toBe(expected.length);
  let largest = floor;
  for (let index = 0; index < expected.length; index += 1) largest = Math.max(largest, Math.abs(expected[index] ?? 0));
  let worst = 0;
  for (let index = 0; index < expected.length; index += 1) {
    const difference = Math.abs((actual[index] ?? Number.NaN) - (expected[index] ?? Number.NaN));
    if (!(difference <= worst)) worst = difference;
  }
  return worst / largest;
}

export interface ComparisonCase {
  readonly model: GeneratedModelOptions;
  readonly time: number;
  readonly batch: number;
  readonly denominator: "elements" | "mask";
  readonly rateWeight: number;
  /** Start every trial at its own v0. */
  readonly givenV0: boolean;
  readonly family: Family;
  /** Chosen by the mask unless given. */
  readonly products?: Products;
  /** The register tile; absent = chosen. */
  readonly tile?: Tile | undefined;
}

/** The float64 reference of a model's cell: forward, and backward from what a loss says of the outputs and rates. */
export function runReference(
  model: Model,
  sequence: InputSequence,
  options: ForwardOptions,
  direct: (trajectory: Pick<Trajectory, "outputs" | "r">) => DirectGradients,
): { trajectory: Pick<Trajectory, "outputs" | "v" | "r">; expected: ReferenceGradients } {
  if (model.spec.cell === "ctrnn") {
    const trajectory = forward(model, sequence, options);
    return { trajectory, expected: backward(model, sequence, options, trajectory, direct(trajectory)) };
  }
  const trajectory = gatedForward(model, sequence, options);
  return { trajectory, expected: gatedBackward(model, sequence, options, trajectory, direct(trajectory)) };
}

/** A case's model and trials, and what the float64 reference makes of them. */
export function referenceOf(test: ComparisonCase): {
  model: Model;
  trials: GeneratedTrials;
  losses: LossInput[];
  loss: number;
  trajectory: Pick<Trajectory, "outputs" | "v" | "r">;
  expected: ReferenceGradients;
} {
  const model = generateModel(test.model);
  const trials = generateTrials({ ...test.model, time: test.time, batch: test.batch });
  const noise = noiseTwin(model.spec.seed, test.time * test.batch * model.spec.hidden);
  const start = test.givenV0 ? { v0: trials.v0 } : {};
  const sequence = { time: test.time, batch: test.batch, inputs: trials.inputs };
  const lossOf = ({ outputs, r }: Pick<Trajectory, "outputs" | "r">) => ({
    squared: meanSquaredError(outputs, trials.targets, trials.mask, test.denominator),
    activity: rateL2(r),
  });
  const { trajectory, expected } = runReference(model, sequence, { ...start, ...noise }, (result) => {
    const { squared, activity } = lossOf(result);
    return { outputs: squared.gradient, r: activity.gradient.map((value) => test.rateWeight * value) };
  });
  const { squared, activity } = lossOf(trajectory);
  const losses: LossInput[] = [
    { type: "meanSquaredError", denominator: test.denominator },
    ...(test.rateWeight > 0 ? [{ type: "rateL2" as const, weight: test.rateWeight }] : []),
  ];
  return { model, trials, losses, loss: squared.value + test.rateWeight * activity.value, trajectory, expected };
}

/** The same on the GPU. */
export async function onGpu(
  device: Device,
  model: Model,
  trials: GeneratedTrials,
  losses: readonly LossInput[],
  test: Pick<ComparisonCase, "family" | "tile" | "products" | "givenV0">,
): Promise<Gradients> {
  const network = new Network(device, [model]);
  try {
    const { time, batch, inputs, targets, mask, v0 } = trials;
    const data = { steps: time, trials: batch, inputs, targets, mask, ...(test.givenV0 ? { v0 } : {}) };
    const { family, tile, products } = test;
    return await gradients(network, data, losses, { family, ...(tile && { tile }), ...(products && { products }) });
  } finally {
    network.dispose();
  }
}

/** Fails unless loss, outputs, all gradients and the gradients of every step agree with the float64 reference. */
export async function expectAgreement(device: Device, test: ComparisonCase): Promise<void> {
  const { model, trials, losses, loss, trajectory, expected } = referenceOf(test);
  const actual = await onGpu(device, model, trials, losses, test);
  expect(relative(actual.outputs, trajectory.outputs, 1), "outputs").toBeLessThan(1e-5);
  expect(Math.abs(actual.loss - loss) / Math.max(1e-3, Math.abs(loss)), "loss").toBeLessThan(1e-5);
  for (const name of parameterNames) {
    if (name === "v0" && test.givenV0) continue;
    if (name === "r0" && test.givenV0 && model.spec.cell === "gru") continue;
    expect(relative(actual.parameters[name], expected.parameters[name]), name).toBeLessThan(1e-4);
  }
  expect(relative(actual.initialState, expected.v0), "initialState").toBeLessThan(1e-4);
  expect(relative(actual.states, expected.v), "dL/dv").toBeLessThan(1e-4);
  expect(relative(actual.rates, expected.r), "dL/dr").toBeLessThan(1e-4);
}
