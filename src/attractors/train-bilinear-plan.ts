import { ShapeError, ValueError } from "../errors.ts";
import { type BilinearLayout, bilinearLayout } from "../ops/bilinear.ts";
import { layoutOf } from "../ops/layout.ts";
import type { Optimizer } from "../train/optimizer.ts";
import { type BilinearNetwork, checkArray, checkBilinearNetwork, inputsOf } from "./bilinear-network.ts";

/** Which of a network's parameters are learned, and under which constraints. */
export interface BilinearConstraints {
  /** 1 where a synapse may exist, 0 where it never does: [N, N], [D, N, N]; default all 1. */
  readonly masks?: { readonly weights?: Float32Array; readonly velocityWeights?: Float32Array };
  /** +1 excitatory, -1 inhibitory, 0 free, of W [N, N]; default all 0. */
  readonly signs?: Float32Array;
  /** Default: all but alpha, which is never learned. */
  readonly learn?: { readonly weights?: boolean; readonly velocityWeights?: boolean; readonly bias?: boolean };
}

export interface BilinearTrainerOptions extends BilinearConstraints {
  /** T and B of every batch. */
  readonly steps: number;
  readonly trials: number;
  /** The first so many units are compared with the targets; default all. */
  readonly observed?: number;
  readonly optimizer: Optimizer;
  /** Weight of the penalty Σ w² / N² over W and W_1 … W_D, of which the gradient has a part and the loss none; default 0. */
  readonly weightL2?: number;
  /** Length of each step's noise on the state; default 0. */
  readonly noise?: number;
  /** Of the noise; replica k has seed + k. Default 0. */
  readonly seed?: number;
}

/** The layout by which the verdict and the update know the parameter vector. */
export function updateLayout({ replicas, steps, batch, inputs, units, parameters }: BilinearLayout) {
  return { ...layoutOf({ replicas, steps, batch, inputs, hidden: units, outputs: 0 }), parameters };
}

/** @throws ShapeError, ValueError, ConfigError for networks that are not alike, or options that do not fit them. */
export function planOf(networks: readonly BilinearNetwork[], options: BilinearTrainerOptions) {
  const [first] = networks;
  if (first === undefined) throw new ValueError("bilinearTrainer: networks: expected at least one, got none.");
  const { steps, trials, noise = 0, weightL2 = 0, seed = 0, observed = first.units } = options;
  for (const [index, network] of networks.entries()) {
    const label = `bilinearTrainer: networks[${index}]`;
    checkBilinearNetwork(label, network);
    if (network.units !== first.units || inputsOf(network) !== inputsOf(first))
      throw new ShapeError(
        `${label}: expected ${first.units} units and ${inputsOf(first)} inputs as the first, got ${network.units} and ${inputsOf(network)}.`,
      );
    if ((network.activation ?? "retanh") !== (first.activation ?? "retanh"))
      throw new ValueError(`${label}: activation: all replicas have it in common.`);
    if ((network.inhibition ?? 0) > 0)
      throw new ValueError(`${label}: divisive inhibition is not trained; leave it out.`);
  }
  for (const [name, value, low] of [
    ["steps", steps, 1],
    ["trials", trials, 1],
    ["observed", observed, 1],
    ["seed", seed, 0],
  ] as const)
    if (!Number.isInteger(value) || value < low)
      throw new ValueError(`bilinearTrainer: ${name}: expected an integer of at least ${low}, got ${value}.`);
  if (observed > first.units)
    throw new ValueError(`bilinearTrainer: observed: expected at most ${first.units} units, got ${observed}.`);
  if (!(noise >= 0 && Number.isFinite(noise)))
    throw new ValueError(`bilinearTrainer: noise: expected a number of at least 0, got ${noise}.`);
  if (!(weightL2 >= 0 && Number.isFinite(weightL2)))
    throw new ValueError(`bilinearTrainer: weightL2: expected a number of at least 0, got ${weightL2}.`);
  const inputs = inputsOf(first);
  const layout = bilinearLayout({
    ...{ replicas: networks.length, steps, batch: trials, units: first.units, inputs },
    ...{ stride: 1, mostSteps: steps, keep: true },
  });
  checkConstraints(layout, options);
  return {
    layout,
    observed,
    features: {
      ...{ activation: first.activation ?? "retanh", driven: inputs > 0, currents: false, inhibition: 0 },
      noise: noise > 0 ? ("drawn" as const) : ("none" as const),
    },
  };
}

function checkConstraints({ units, inputs }: BilinearLayout, { masks = {}, signs }: BilinearConstraints): void {
  const label = "bilinearTrainer:";
  if (masks.weights) checkArray(`${label} masks.weights`, masks.weights, [units, units], "post, pre");
  if (masks.velocityWeights)
    checkArray(`${label} masks.velocityWeights`, masks.velocityWeights, [inputs, units, units], "input, post, pre");
  if (signs) checkArray(`${label} signs`, signs, [units, units], "post, pre");
}

/** One u32 per parameter (shaders/lib/constraint.wgsl); the update clamps tensor 5, alpha, which is not learned. */
export function rulesOf(
  { units, inputs, parameters }: BilinearLayout,
  { masks = {}, signs, learn = {} }: BilinearConstraints,
) {
  const n2 = units ** 2;
  const bias = (1 + inputs) * n2;
  return Uint32Array.from({ length: parameters }, (_, at) => {
    if (at >= bias + units) return 1 | (5 << 4);
    if (at >= bias) return 1 | (learn.bias === false ? 0 : 8) | (2 << 4);
    if (at >= n2)
      return (masks.velocityWeights?.[at - n2] === 0 ? 0 : 1) | (learn.velocityWeights === false ? 0 : 8) | (1 << 4);
    const sign = signs?.[at] ?? 0;
    const code = sign > 0 ? 2 : sign < 0 ? 4 : 0;
    return (masks.weights?.[at] === 0 ? 0 : 1) | code | (learn.weights === false ? 0 : 8) | (1 << 4);
  });
}
