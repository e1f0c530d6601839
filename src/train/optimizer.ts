import { z } from "zod";
import { parseWith } from "../io/config.ts";
import type { OptimizerKind } from "../ops/update.ts";
import { learningRateAt, scheduleSchema } from "./schedule.ts";

const unit = z.number().min(0).lt(1);
const common = {
  /** Learning rate. */
  lr: z.number().nonnegative(),
  schedule: scheduleSchema.prefault({ type: "constant" }),
  weightDecay: z.number().nonnegative().default(0),
};
const adamFields = {
  ...common,
  beta1: unit.default(0.9),
  beta2: unit.default(0.999),
  epsilon: z.number().positive().default(1e-8),
};

/** An optimiser as plain data; formulas and defaults are PyTorch's. */
export const optimizerSchema = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("sgd"),
    ...common,
    momentum: unit.default(0),
    nesterov: z.boolean().default(false),
  }),
  z.strictObject({
    type: z.literal("rmsprop"),
    ...common,
    smoothing: unit.default(0.99),
    momentum: unit.default(0),
    epsilon: z.number().positive().default(1e-8),
  }),
  z.strictObject({
    type: z.literal("adam"),
    ...adamFields,
    /** epsilon beside the root without bias correction, as in TensorFlow 1 ("epsilon hat" of Kingma & Ba, end of section 2). */
    epsilonHat: z.boolean().optional(),
  }),
  z.strictObject({ type: z.literal("adamw"), ...adamFields, weightDecay: z.number().nonnegative().default(1e-2) }),
]);
export type Optimizer = z.output<typeof optimizerSchema>;
export type OptimizerInput = z.input<typeof optimizerSchema>;
type OptionsOf<Type extends OptimizerInput["type"]> = Omit<Extract<OptimizerInput, { type: Type }>, "type">;

/** Stochastic gradient descent, with momentum if asked: w -= lr · buffer, buffer = momentum · buffer + g. */
export function sgd(options: OptionsOf<"sgd">): Optimizer {
  return parseWith(optimizerSchema, { type: "sgd", ...options }, "sgd");
}

/** RMSProp (Hinton's lecture 6e, PyTorch's form: epsilon outside the root). */
export function rmsprop(options: OptionsOf<"rmsprop">): Optimizer {
  return parseWith(optimizerSchema, { type: "rmsprop", ...options }, "rmsprop");
}

/** Adam (Kingma & Ba 2015); weight decay, if any, is added to the gradient. */
export function adam(options: OptionsOf<"adam">): Optimizer {
  return parseWith(optimizerSchema, { type: "adam", ...options }, "adam");
}

/** AdamW (Loshchilov & Hutter 2019): weight decay apart from the gradient. */
export function adamw(options: OptionsOf<"adamw">): Optimizer {
  return parseWith(optimizerSchema, { type: "adamw", ...options }, "adamw");
}

/** Which branch of the update kernel an optimiser uses. */
export function optimizerKind(optimizer: Optimizer): OptimizerKind {
  return optimizer.type === "adamw" ? "adam" : optimizer.type;
}

/** What the update kernel needs for one step; the fields of `Settings` in shaders/lib/settings.wgsl. */
export interface UpdateSettings {
  readonly step_size: number;
  readonly epsilon: number;
  readonly decay_first: number;
  readonly decay_second: number;
  readonly gain_first: number;
  readonly gain_second: number;
  readonly weight_decay: number;
  readonly decoupled_decay: number;
}

/** @param step counted from 0. */
export function updateSettings(optimizer: Optimizer, step: number): UpdateSettings {
  const rate = learningRateAt(optimizer.schedule, optimizer.lr, step);
  const plain = { step_size: rate, weight_decay: optimizer.weightDecay, decoupled_decay: 0 };
  switch (optimizer.type) {
    case "sgd":
      return { ...plain, epsilon: 0, decay_first: optimizer.momentum, decay_second: 0, gain_first: 1, gain_second: 0 };
    case "rmsprop": {
      const { epsilon, momentum, smoothing } = optimizer;
      const decays = { decay_first: momentum, decay_second: smoothing };
      return { ...plain, ...decays, epsilon, gain_first: 1, gain_second: 1 - smoothing };
    }
    case "adam":
    case "adamw": {
      const { beta1, beta2, epsilon, weightDecay } = optimizer;
      const correction1 = 1 - beta1 ** (step + 1);
      const correction2 = Math.sqrt(1 - beta2 ** (step + 1));
      const decoupled = optimizer.type === "adamw";
      const hasHat = optimizer.type === "adam" && optimizer.epsilonHat === true;
      return {
        step_size: (rate * correction2) / correction1,
        epsilon: hasHat ? epsilon : epsilon * correction2,
        decay_first: beta1,
        decay_second: beta2,
        gain_first: 1 - beta1,
        gain_second: 1 - beta2,
        weight_decay: decoupled ? 0 : weightDecay,
        decoupled_decay: decoupled ? rate * weightDecay : 0,
      };
    }
  }
}
