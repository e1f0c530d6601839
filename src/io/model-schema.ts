import { z } from "zod";
import { activationName, customActivationsSchema, refuseUnknownActivation } from "./activation-schema.ts";
import { type Cell, cells, lstmOutputs } from "./cells.ts";

export { type Activation, activations, type CustomActivation } from "./activation-schema.ts";
export { type Cell, cells, type LstmOutput, lstmOutputs } from "./cells.ts";

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

const fraction = z.number().min(0).max(1);
const perUnit = <Item extends z.ZodType>(item: Item) => z.union([item, z.array(item)]);

/**
 * Short-term plasticity of the recurrent synapses of every hidden unit (Mongillo et al. 2008, as Masse et al. 2019 use
 * it), one number or one per presynaptic unit. With r the rate, dt in seconds where it multiplies r:
 * x += dt/recovery (1 - x) - dt u x r;  u += dt/facilitation (U - u) + dt U (1 - u) r;  both held in [0, 1];
 * the postsynaptic side sees u x r in place of r.
 */
export const shortTermPlasticitySchema = z.strictObject({
  /** U, the release probability at rest, in [0, 1]. */
  release: perUnit(fraction),
  /** Time constant of x, the resources: 200 ms where synapses facilitate, 1500 ms where they depress (Masse). */
  recoveryMs: perUnit(positiveNumber),
  /** Time constant of u: 1500 ms where synapses facilitate, 200 ms where they depress (Masse). */
  facilitationMs: perUnit(positiveNumber),
  /** Units whose synapses do not change: u x = 1. */
  fixed: z.array(z.boolean()).optional(),
});
export type ShortTermPlasticity = z.output<typeof shortTermPlasticitySchema>;

/** The keys of `model.json`, before the defaults that depend on the cell. */
export const modelObject = z.strictObject({
  format: z.literal("cortrain/model@1"),
  /** `activation`, `form`, `tauMs`, `alpha`, `layers`, `shortTermPlasticity` and gain of units are of a `ctrnn` only. */
  cell: z.enum(cells).default("ctrnn"),
  /** Of an `lstm`; tanh unless given. */
  lstmOutput: z.enum(lstmOutputs).optional(),
  inputs: count,
  hidden: count,
  outputs: count,
  /** Milliseconds per time step; together with `tauMs`, or else `alpha` is given. */
  dtMs: positiveNumber.optional(),
  /** Time constant in milliseconds, one number or one per hidden unit. */
  tauMs: oneOrPerUnit.optional(),
  /** dtMs / tauMs, in (0, 1]: one number or one per hidden unit, in place of the two times. */
  alpha: oneOrPerUnit.optional(),
  /** A built-in activation, or one of `customActivations`. */
  activation: activationName.default("relu"),
  customActivations: customActivationsSchema.optional(),
  form: z.enum(dynamicsForms).default("state"),
  noise: z
    .strictObject({
      /**
       * Standard deviation of the noise added to the preactivation, before `scale`; in an `lstm` to the cell state, in a
       * `gru` to the preactivation of the candidate.
       */
      pre: z.number().nonnegative().default(0),
      /** Standard deviation of the noise added to the rate; it is fed back. */
      post: z.number().nonnegative().default(0),
      /** `sqrt2alpha` unless given; without a leak (`lstm`, `gru`) only `unit`. */
      scale: z.enum(noiseScales).optional(),
    })
    .prefault({}),
  /** Properties of single units, each a list with one entry for every hidden unit; what is absent is the network's. */
  units: z
    .strictObject({
      activation: z.array(activationName).optional(),
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
  /**
   * Hidden units in the order in which they are updated, as contiguous ranges over all of them; absent = all at once. A
   * synapse from an earlier layer acts within the time step, any other one time step later.
   */
  layers: z.array(areaSchema).min(1).optional(),
  /** Inputs by name: contiguous ranges of input channels. */
  inputGroups: z.array(areaSchema).optional(),
  /** Outputs by name: contiguous ranges of output channels. */
  outputGroups: z.array(areaSchema).optional(),
  shortTermPlasticity: shortTermPlasticitySchema.optional(),
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
      /** Recurrent bias of a GRU's candidate; true unless given. */
      biasN: z.boolean().optional(),
      /** First rates of an LSTM or a GRU; false unless given. */
      r0: z.boolean().optional(),
    })
    .prefault({}),
  /** Seed of the initial weights and, unless another is given, of the noise. */
  seed: z.int().nonnegative().max(0xffffffff).default(0),
});

/** The noise scale of a cell where none is given. */
export function defaultNoiseScale(cell: Cell): NoiseScale {
  return cell === "ctrnn" ? "sqrt2alpha" : "unit";
}

/** `model.json`, the part of a model that is not a tensor. The JSON Schema in this folder is generated from it. */
export const modelSchema = modelObject.superRefine(refuseUnknownActivation, { when: () => true }).transform((json) => ({
  ...json,
  noise: { ...json.noise, scale: json.noise.scale ?? defaultNoiseScale(json.cell) },
}));

/** `model.json` as a person may write it: defaults may be left out. */
export type ModelJsonInput = z.input<typeof modelSchema>;
/** `model.json` with every default filled in. */
export type ModelJson = z.output<typeof modelSchema>;
export type Area = z.output<typeof areaSchema>;
