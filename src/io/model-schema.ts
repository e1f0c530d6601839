import { z } from "zod";

/** The activations a unit may have: `retanh` is max(tanh v, 0), `power` is max(v, 0)². */
export const activations = ["relu", "tanh", "sigmoid", "retanh", "softplus", "power", "linear"] as const;
export type Activation = (typeof activations)[number];

/** How the standard deviation of the noise added to the preactivation scales: α·σ, σ, or √(2α)·σ. */
export const noiseScales = ["alpha", "unit", "sqrt2alpha"] as const;
export type NoiseScale = (typeof noiseScales)[number];

/** `state`: the leak acts on the preactivation v. `rate`: it acts on the rate, inside the activation. */
export const dynamicsForms = ["state", "rate"] as const;
export type DynamicsForm = (typeof dynamicsForms)[number];

/**
 * How masks and signs are kept: `project` clips the weights after every update; `abs` and `rectify` train free values
 * whose effective weight is mask ∘ |W| ∘ sign, or mask ∘ max(W, 0) ∘ sign (a sign of 0 leaves the weight free).
 */
export const constraints = ["project", "abs", "rectify"] as const;
export type Constraint = (typeof constraints)[number];

const count = z.int().positive();
const positiveNumber = z.number().positive();
const oneOrPerUnit = z.union([positiveNumber, z.array(positiveNumber)]);

export const areaSchema = z.strictObject({
  name: z.string().min(1),
  /** First unit of the area. */
  from: z.int().nonnegative(),
  /** One past the last unit of the area. */
  to: count,
});

/** `model.json`, the part of a model that is not a tensor. The JSON Schema in this folder is generated from it. */
export const modelSchema = z.strictObject({
  format: z.literal("cortrain/model@1"),
  cell: z.literal("ctrnn"),
  inputs: count,
  hidden: count,
  outputs: count,
  /** Milliseconds per time step; together with `tauMs`, or else `alpha` is given. */
  dtMs: positiveNumber.optional(),
  /** Time constant in milliseconds, one number or one per hidden unit. */
  tauMs: oneOrPerUnit.optional(),
  /** dtMs / tauMs, in (0, 1]: one number or one per hidden unit, in place of the two times. */
  alpha: oneOrPerUnit.optional(),
  activation: z.enum(activations).default("relu"),
  form: z.enum(dynamicsForms).default("state"),
  noise: z
    .strictObject({
      /** Standard deviation of the noise added to the preactivation, before `scale`. */
      pre: z.number().nonnegative().default(0),
      /** Standard deviation of the noise added to the rate; it is fed back. */
      post: z.number().nonnegative().default(0),
      scale: z.enum(noiseScales).default("sqrt2alpha"),
    })
    .prefault({}),
  /** Properties of single units, each a list with one entry for every hidden unit; what is absent is the network's. */
  units: z
    .strictObject({
      activation: z.array(z.enum(activations)).optional(),
      /** Factor g in r = f(g (v - threshold)); 1 where absent. */
      gain: z.array(z.number()).optional(),
      /** 0 where absent. */
      threshold: z.array(z.number()).optional(),
      /** Factor on the standard deviation `noise.pre`; 1 where absent. */
      noisePre: z.array(z.number().nonnegative()).optional(),
      /** Factor on the standard deviation `noise.post`; 1 where absent. */
      noisePost: z.array(z.number().nonnegative()).optional(),
    })
    .optional(),
  constraint: z.enum(constraints).default("project"),
  areas: z.array(areaSchema).default([]),
  /** Which tensors training changes. */
  learn: z
    .strictObject({
      weightIH: z.boolean().default(true),
      weightHH: z.boolean().default(true),
      biasH: z.boolean().default(true),
      weightHO: z.boolean().default(true),
      biasO: z.boolean().default(true),
      alpha: z.boolean().default(false),
      v0: z.boolean().default(false),
    })
    .prefault({}),
  /** Seed of the initial weights and, unless another is given, of the noise. */
  seed: z.int().nonnegative().max(0xffffffff).default(0),
});

/** `model.json` as a person may write it: defaults may be left out. */
export type ModelJsonInput = z.input<typeof modelSchema>;
/** `model.json` with every default filled in. */
export type ModelJson = z.output<typeof modelSchema>;
export type Area = z.output<typeof areaSchema>;
