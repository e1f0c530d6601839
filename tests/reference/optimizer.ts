import { type ModelSpec, type ParameterName, parameterNames, type WeightName } from "../../src/network/model.ts";
import type { ReferenceModel } from "./ctrnn.ts";
import { at, euclideanNorm, type Numbers } from "./numbers.ts";

/** PyTorch's optimisers; `weightDecay` is L2 (added to the gradient) except for `adamw`, where it is decoupled. */
export type ReferenceOptimizer =
  | { readonly type: "sgd"; readonly momentum?: number; readonly nesterov?: boolean; readonly weightDecay?: number }
  | {
      readonly type: "rmsprop";
      readonly smoothing?: number;
      readonly eps?: number;
      readonly momentum?: number;
      readonly weightDecay?: number;
    }
  | {
      readonly type: "adam" | "adamw";
      readonly beta1?: number;
      readonly beta2?: number;
      readonly eps?: number;
      readonly weightDecay?: number;
    };

/** One tensor's moments: `first` is the momentum buffer or Adam's m, `second` the mean square or Adam's v. */
export interface Moments {
  readonly first: Float64Array;
  readonly second: Float64Array;
}

/** All moments 0, as before the first step. */
export function zeroMoments(length: number): Moments {
  return { first: new Float64Array(length), second: new Float64Array(length) };
}

/**
 * What is added to one tensor; the moments are changed in place. Where the mask is 0 the gradient, weight decay
 * included, counts as 0. Formulas of PyTorch's documentation, with g the gradient:
 * sgd: m ← μ m + g, Δ = -lr m (nesterov: -lr (g + μ m));
 * rmsprop: s ← ρ s + (1-ρ) g², q = g / (√s + ε), Δ = -lr q (momentum: m ← μ m + q, Δ = -lr m);
 * adam: m ← β₁ m + (1-β₁) g, s ← β₂ s + (1-β₂) g², Δ = -lr/(1-β₁ᵏ) · m / (√s/√(1-β₂ᵏ) + ε); adamw: also -lr λ W.
 * @param stepNumber k, counted from 1.
 */
export function optimizerUpdate(
  optimizer: ReferenceOptimizer,
  lr: number,
  stepNumber: number,
  parameter: Numbers,
  gradient: Numbers,
  moments: Moments,
  mask?: Numbers,
): Float64Array {
  const { first, second } = moments;
  const decay = optimizer.weightDecay ?? 0;
  return Float64Array.from({ length: parameter.length }, (_, index) => {
    const weight = at(parameter, index);
    const absent = mask !== undefined && at(mask, index) === 0;
    let g = at(gradient, index) + (optimizer.type === "adamw" ? 0 : decay * weight);
    if (absent) g = 0;
    switch (optimizer.type) {
      case "sgd": {
        const momentum = optimizer.momentum ?? 0;
        const m = momentum * at(first, index) + g;
        first[index] = m;
        return -lr * (optimizer.nesterov ? g + momentum * m : m);
      }
      case "rmsprop": {
        const { smoothing = 0.99, eps = 1e-8, momentum = 0 } = optimizer;
        const s = smoothing * at(second, index) + (1 - smoothing) * g * g;
        const m = momentum * at(first, index) + g / (Math.sqrt(s) + eps);
        second[index] = s;
        first[index] = m;
        return -lr * m;
      }
      case "adam":
      case "adamw": {
        const { beta1 = 0.9, beta2 = 0.999, eps = 1e-8 } = optimizer;
        const m = beta1 * at(first, index) + (1 - beta1) * g;
        const s = beta2 * at(second, index) + (1 - beta2) * g * g;
        first[index] = m;
        second[index] = s;
        const denominator = Math.sqrt(s) / Math.sqrt(1 - beta2 ** stepNumber) + eps;
        const decoupled = optimizer.type === "adamw" && !absent ? lr * decay * weight : 0;
        return (-lr / (1 - beta1 ** stepNumber)) * (m / denominator) - decoupled;
      }
    }
  });
}

/** `global`: all tensors together; `tensor`: each by itself; both with the factor min(1, limit / norm). */
export interface Clip {
  readonly type: "global" | "tensor" | "value";
  readonly limit: number;
}

/** The named gradients after clipping, in the same order. */
export function clipGradients(gradients: readonly Numbers[], clip: Clip): Float64Array[] {
  const { type, limit } = clip;
  const factorFor = (norm: number): number => (norm > limit ? limit / norm : 1);
  const globalFactor = type === "global" ? factorFor(euclideanNorm(...gradients)) : 1;
  return gradients.map((gradient) => {
    if (type === "value") return Float64Array.from(gradient, (g) => Math.min(Math.max(g, -limit), limit));
    const factor = type === "tensor" ? factorFor(euclideanNorm(gradient)) : globalFactor;
    return Float64Array.from(gradient, (g) => g * factor);
  });
}

/** mask·W, then for constraint `project` max(W, 0) where the sign is +1 and min(W, 0) where it is -1. */
export function projectWeight(
  constraint: ModelSpec["constraint"],
  weight: Numbers,
  mask: Numbers | undefined,
  sign: Numbers | undefined,
): Float64Array {
  return Float64Array.from({ length: weight.length }, (_, index) => {
    if (mask && at(mask, index) === 0) return 0;
    const s = sign && constraint === "project" ? at(sign, index) : 0;
    const w = at(weight, index);
    return s * w < 0 ? 0 : w;
  });
}

/** A model the reference can train. */
export interface TrainableModel extends ReferenceModel {
  readonly spec: ReferenceModel["spec"] & Pick<ModelSpec, "learn">;
  readonly plasticity: Readonly<Partial<Record<WeightName, Numbers>>>;
}

/** Steps done so far and the moments of every parameter. */
export interface OptimizerState {
  steps: number;
  readonly moments: Readonly<Record<ParameterName, Moments>>;
}

export function createOptimizerState(model: ReferenceModel): OptimizerState {
  const moments = {} as Record<ParameterName, Moments>;
  for (const name of parameterNames) moments[name] = zeroMoments(model.parameters[name].length);
  return { steps: 0, moments };
}

export interface StepOptions {
  readonly optimizer: ReferenceOptimizer;
  readonly lr: number;
  readonly clip?: Clip | undefined;
  /** α is kept in [alphaMin, 1]. */
  readonly alphaMin: number;
}

/**
 * One training step on the parameters that `spec.learn` names: clip, optimiser, plasticity on the update (not on the
 * gradient, where Adam would cancel it), projection. Changes `state`; gives new parameters.
 */
export function optimizerStep(
  model: TrainableModel,
  gradients: Readonly<Record<ParameterName, Numbers>>,
  state: OptimizerState,
  options: StepOptions,
): Record<ParameterName, Float64Array> {
  const learned = parameterNames.filter((name) => model.spec.learn[name]);
  const chosen = learned.map((name) => gradients[name]);
  const clipped = options.clip ? clipGradients(chosen, options.clip) : chosen;
  state.steps += 1;
  const next = {} as Record<ParameterName, Float64Array>;
  for (const name of parameterNames) next[name] = Float64Array.from(model.parameters[name]);
  for (const [position, name] of learned.entries()) {
    const parameter = model.parameters[name];
    const gradient = clipped[position] ?? [];
    const weightName = asWeightName(name);
    const mask = weightName && model.masks[weightName];
    const plasticity = weightName && model.plasticity[weightName];
    const moments = state.moments[name];
    const update = optimizerUpdate(options.optimizer, options.lr, state.steps, parameter, gradient, moments, mask);
    const moved = Float64Array.from(update, (delta, index) => {
      return at(parameter, index) + (plasticity ? at(plasticity, index) : 1) * delta;
    });
    if (weightName) next[name] = projectWeight(model.spec.constraint, moved, mask, model.signs[weightName]);
    else if (name === "alpha") next[name] = moved.map((alpha) => Math.min(Math.max(alpha, options.alphaMin), 1));
    else next[name] = moved;
  }
  return next;
}

function asWeightName(name: ParameterName): WeightName | undefined {
  return name === "weightIH" || name === "weightHH" || name === "weightHO" ? name : undefined;
}
