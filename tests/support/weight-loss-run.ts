import { expect } from "vitest";
import type { Device } from "../../src/gpu/device.ts";
import type { Constraint } from "../../src/io/model-schema.ts";
import { checkLosses, type Loss, type LossInput } from "../../src/loss/losses.ts";
import { type Model, parameterNames, parameterShape, type WeightName } from "../../src/network/model.ts";
import { Network } from "../../src/network/network.ts";
import { Random } from "../../src/random.ts";
import { type Gradients, gradients } from "../../src/train/gradients.ts";
import { backward } from "../reference/bptt.ts";
import { effectiveWeights, forward } from "../reference/ctrnn.ts";
import { rawWeightGradient } from "../reference/effective-weights.ts";
import { generateModel, generateTrials } from "../reference/generate.ts";
import { type LossValue, meanSquaredError } from "../reference/loss.ts";
import { type MatrixBlock, powerIteration, weightPenalty } from "../reference/loss-weights.ts";
import { at, type Numbers, plus } from "../reference/numbers.ts";
import { relative } from "./compare.ts";

const [time, batch] = [3, 2];

/** A model with masks, signs and distances that no symmetry hides a mistake in; some are 0. */
export function spatialModel(
  sizes: { readonly inputs: number; readonly hidden: number; readonly outputs: number },
  seed: number,
  constraint: Constraint,
): Model {
  const random = new Random(seed, 9);
  const distances = Float32Array.from({ length: sizes.hidden ** 2 }, () => Math.max(0, random.uniform(-0.5, 3)));
  return {
    ...generateModel({ ...sizes, seed, activation: "tanh", constraint, density: 0.7, signed: true }),
    distances,
  };
}

/** A term on weights in float64, with its weight, and the matrix that its gradient is of. */
function referenceOf(loss: Loss, model: Model): LossValue & { matrix: WeightName } {
  const matrix = "matrix" in loss ? loss.matrix : "weightHH";
  const [rows, columns] = parameterShape(model.spec, matrix) as [number, number];
  const { post, pre } = loss as Pick<MatrixBlock, "post" | "pre">;
  const block = { rows, columns, post, pre };
  const weights = effectiveWeights(model)[matrix];
  const mean = "reduction" in loss && loss.reduction === "mean";
  const plain = (): LossValue => {
    switch (loss.type) {
      case "weightL1":
        return weightPenalty(weights, block, "l1", { mean });
      case "weightL2":
        return weightPenalty(weights, block, "l2", { mean });
      case "weightNorm":
        return weightPenalty(weights, block, "frobenius");
      case "wiringCost":
        return weightPenalty(weights, block, loss.metric, { mean, distances: model.distances });
      case "spectralNorm":
        return powerIteration(weights, block, loss.iterations, loss.squared);
      default:
        throw new RangeError(`${loss.type} has no reference here`);
    }
  };
  const { value, gradient } = plain();
  return { matrix, value: loss.weight * value, gradient: gradient.map((slope) => loss.weight * slope) };
}

/** The loss and its gradients of one replica, on random trials. */
export async function weightGradients(
  device: Device,
  models: readonly Model[],
  losses: readonly LossInput[],
  replica = 0,
): Promise<Gradients> {
  const network = new Network(device, models);
  try {
    const { inputs, targets } = generateTrials({ ...network.spec, time, batch, seed: 1 });
    return await gradients(network, { steps: time, trials: batch, inputs, targets }, losses, { replica });
  } finally {
    network.dispose();
  }
}

/** Terms on weights beside one on the outputs: every value and every gradient of every replica is the reference's. */
export async function expectWeightAgreement(
  device: Device,
  models: readonly Model[],
  weightLosses: readonly LossInput[],
): Promise<void> {
  const losses: LossInput[] = [{ type: "meanSquaredError" }, ...weightLosses];
  for (const [replica, model] of models.entries()) {
    const trials = generateTrials({ ...model.spec, time, batch, seed: 1 });
    const sequence = { time, batch, inputs: trials.inputs };
    const trajectory = forward(model, sequence);
    const squared = meanSquaredError(trajectory.outputs, trials.targets);
    const expected: Record<string, Numbers> = backward(model, sequence, {}, trajectory, {
      outputs: squared.gradient,
    }).parameters;
    const terms = checkLosses(weightLosses).map((loss) => referenceOf(loss, model));
    for (const { matrix, gradient } of terms) {
      const { parameters, masks, signs, spec } = model;
      const raw = rawWeightGradient(spec.constraint, gradient, parameters[matrix], masks[matrix], signs[matrix]);
      expected[matrix] = plus(expected[matrix] ?? [], raw);
    }
    const actual = await weightGradients(device, models, losses, replica);
    const values = [squared.value, ...terms.map(({ value }) => value)];
    for (const [index, [name, value]] of Object.entries(actual.terms).entries()) {
      expect(relative([value], [at(values, index)], 1e-6), `${name} of replica ${replica}`).toBeLessThan(1e-5);
    }
    for (const name of parameterNames) {
      const label = `${name} of replica ${replica}`;
      expect(relative(actual.parameters[name], expected[name] ?? []), label).toBeLessThan(2e-5);
    }
  }
}
