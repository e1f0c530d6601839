import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import { psychrnnDraws } from "../network/psychrnn-weights.ts";
import type { Trials } from "../network/trials.ts";
import { optimizerSchema } from "./optimizer.ts";

const count = z.int().positive();
const flag = z.boolean().default(true);
const penalty = z.number().nonnegative().default(0);
const floats = z.custom<Float32Array>((value) => value instanceof Float32Array);
/** A list of rows, or flat and row-major. */
const matrix = z.union([floats, z.array(z.array(z.number()))]).optional();
const vector = z.union([floats, z.array(z.number())]).optional();
const draw = z.enum(psychrnnDraws);
const initializers = ["GaussianSpectralRadius", "AlphaIdentity", "WeightInitializer"] as const;

/** What PsychRNN's initialisers take, at the top or inside `initializer`. */
const initializerOptions = {
  spec_rad: z.number().positive().optional(),
  which_rand_init: draw.optional(),
  which_rand_W_rec_init: draw.optional(),
  init_minval: z.number().optional(),
  init_maxval: z.number().optional(),
};

/** 1 where a weight is not trained. */
const fixedSchema = z.strictObject({
  W_in: matrix,
  W_rec: matrix,
  W_out: matrix,
  b_rec: vector,
  b_out: vector,
  init_state: vector,
});

type Performance = (outputs: Float32Array, trials: Trials) => number;

/** PsychRNN's network and training parameters, under its own names. */
export const psychrnnSchema = z.strictObject({
  N_in: count.optional(),
  N_rec: count,
  N_out: count.optional(),
  /** Milliseconds. */
  dt: z.number().positive(),
  /** Milliseconds, one number or one a unit. */
  tau: z.union([z.number().positive(), z.array(z.number().positive()), floats]),
  N_batch: count,
  rec_noise: z.number().nonnegative().default(0),
  dale_ratio: z.number().nullable().optional(),
  autapses: flag,
  input_connectivity: matrix,
  rec_connectivity: matrix,
  output_connectivity: matrix,
  W_in_train: flag,
  W_rec_train: flag,
  W_out_train: flag,
  b_rec_train: flag,
  b_out_train: flag,
  init_state_train: flag,
  /** The name of an activation, in place of a function. */
  transfer_function: z.string().default("relu"),
  /** By name; GaussianSpectralRadius unless given, WeightInitializer where W_rec is given. */
  initializer: z
    .union([
      z.enum(initializers),
      z.strictObject({ name: z.enum(initializers), alpha: z.number().optional(), ...initializerOptions }),
    ])
    .optional(),
  ...initializerOptions,
  W_in: matrix,
  W_rec: matrix,
  W_out: matrix,
  b_rec: vector,
  b_out: vector,
  init_state: vector,
  loss_function: z.enum(["mean_squared_error", "binary_cross_entropy"]).default("mean_squared_error"),
  L1_in: penalty,
  L1_rec: penalty,
  L1_out: penalty,
  L2_in: penalty,
  L2_rec: penalty,
  L2_out: penalty,
  L2_firing_rate: penalty,
  learning_rate: z.number().nonnegative().default(1e-3),
  /** Trials in all; updates are as many batches as hold them. */
  training_iters: count.default(50_000),
  loss_epoch: count.default(10),
  clip_grads: flag,
  fixed_weights: fixedSchema.nullable().optional(),
  /** `accuracy`, the task's own, or a function of outputs [T, B, O] and their trials; with performance_cutoff. */
  performance_measure: z
    .union([z.literal("accuracy"), z.custom<Performance>((value) => typeof value === "function")])
    .nullable()
    .optional(),
  performance_cutoff: z.number().nullable().optional(),
  /** In place of Adam; one of ours, such as `sgd({ lr })`. */
  optimizer: optimizerSchema.optional(),
  /** Of weights, trials and noise, which PsychRNN draws from NumPy's and TensorFlow's global state; 0 unless given. */
  seed: z.int().nonnegative().max(0xffffffff).default(0),
  /** Of no consequence here. */
  name: z.string().optional(),
  N_steps: count.optional(),
  T: z.number().optional(),
  verbosity: z.boolean().optional(),
});

/** PsychRNN's parameters, of the network and of training together; unlike there, `N_in` and `N_out` may be left out. */
export type PsychRNNOptions = z.input<typeof psychrnnSchema>;
export type PsychRNNParameters = z.output<typeof psychrnnSchema>;

/** Parameters of PsychRNN that have another way here. */
const elsewhere: Readonly<Record<string, string>> = {
  load_weights_path: "read the file, and give modelFromPsychRNN its bytes (cortrain import --from psychrnn)",
  save_weights_path: "write the network with saveModel when training is done",
  training_weights_path: "write the network with saveModel at a report; cortrain train keeps checkpoints",
  save_training_weights_epoch: "write the network with saveModel at a report; cortrain train keeps checkpoints",
  curriculum: "train on curriculum({ stages }) in place of a task",
  Dale_rec: "give dale_ratio, or make the structure with fromMasks",
  Dale_out: "give dale_ratio, or make the structure with fromMasks",
};

/**
 * Checks PsychRNN's parameters and fills in its defaults.
 * @throws ConfigError for an unknown name (naming the nearest known one), and for one that has another way here.
 */
export function readPsychRNN(options: PsychRNNOptions, label: string): PsychRNNParameters {
  if (typeof options === "object" && options !== null)
    for (const [name, advice] of Object.entries(elsewhere)) {
      if ((options as Readonly<Record<string, unknown>>)[name] === undefined) continue;
      throw new ConfigError(`${label}: ${name}: ${advice}.`);
    }
  const read = parseWith(psychrnnSchema, options, label);
  const { dale_ratio: ratio, N_rec: units } = read;
  if (ratio !== undefined && ratio !== null && !(ratio > 0 && ratio <= 1 && Math.trunc(ratio * units) > 0))
    throw new ConfigError(
      `${label}: dale_ratio ${ratio} leaves ${Math.trunc(ratio * units)} excitatory units of ${units}, and only they reach the outputs; leave it out for no Dale's law, which is what PsychRNN makes of 0.`,
    );
  if (
    ((read.performance_measure ?? undefined) === undefined) !==
    ((read.performance_cutoff ?? undefined) === undefined)
  )
    throw new ConfigError(`${label}: performance_measure and performance_cutoff are given together, or neither.`);
  return read;
}
