import { z } from "zod";
import { parseWith } from "../io/config.ts";
import { activations } from "../io/model-schema.ts";

const count = z.int().positive();
const positive = z.number().positive();

/** Which network is fitted. Every one has the recorded units first, and `hidden` units of which nothing was recorded after them. */
const networkSchema = z.discriminatedUnion("type", [
  /** The velocity reaches the hidden units alone: what drives the recorded ones must come over synapses. */
  z.strictObject({ type: z.literal("separated"), hidden: count.default(100) }),
  /** The velocity reaches every unit. */
  z.strictObject({ type: z.literal("elman"), hidden: z.int().nonnegative().default(0) }),
  /** Recurrent weights M Nᵀ of this rank; the velocity reaches the hidden units, or every unit where there are none. */
  z.strictObject({ type: z.literal("lowRank"), rank: count, hidden: z.int().nonnegative().default(100) }),
  /** The velocity multiplies the state (Zhang 1996), as in a ring that shifts its own bump. */
  z.strictObject({ type: z.literal("zhang"), hidden: z.int().nonnegative().default(0) }),
]);

/** What {@link identify} is told, as plain data. */
export const identifySchema = z.strictObject({
  network: networkSchema.prefault({ type: "separated" }),
  /** f of r = f(W u + W_in v + b); `retanh` is max(tanh, 0). */
  activation: z.enum(activations).default("retanh"),
  /** Leak of u ← (1 - alpha) u + alpha r; 1 = none, u = r. */
  alpha: z.number().positive().max(1).default(1),
  /**
   * Where the leak acts. `rate`: on the rates, as above (nsi). `state`: on the preactivations, x ← (1 - alpha) x + alpha (W r + …),
   * r = f(x), which can be learned.
   */
  leak: z.enum(["rate", "state"]).default("rate"),
  /** A leak of each unit is learned, from `alpha` on; of preactivations only. */
  learnAlpha: z.boolean().default(false),
  /**
   * Dale's law: the share of the units that are excitatory, the others inhibitory, in turn among recorded and hidden ones; or the
   * sign of each of the N units (1 excitatory, -1 inhibitory, 0 free), recorded ones first.
   */
  excitatory: z
    .union([z.number().min(0).max(1), z.array(z.union([z.literal(1), z.literal(-1), z.literal(0)]))])
    .optional(),
  /** [N][N] (post, pre), 1 where a recurrent synapse may exist, 0 where it never does; recorded units first. Default all 1. */
  mask: z.array(z.array(z.union([z.literal(0), z.literal(1)]))).optional(),
  /** Factor on the Glorot-uniform initial recurrent weights, ± √(6 / 2N). */
  initialScale: z.number().nonnegative().default(0.03),
  /** Another factor on those between recorded units. */
  observedScale: z.number().nonnegative().default(0),
  /** Steps of a window, over which is back-propagated from a recorded state. */
  window: count.default(20),
  /** Whether the windows of an update begin anywhere, each at a time of its own, or all at one (nsi). */
  windowStart: z.enum(["own", "common"]).default("own"),
  /** Windows of an update, each of another trial; the trials that are trained on, and at most 100, unless given. */
  batch: count.optional(),
  updates: count.default(600),
  lr: positive.default(3e-4),
  /** Adam's epsilon beside the root without bias correction, as in Chainer, which nsi is written in. */
  epsilonHat: z.boolean().default(false),
  /** Weight of the mean of the squared recurrent weights; with what velocity adds to them, where it does. */
  weightL2: z.number().nonnegative().default(12),
  /** Weight of the mean of the squared rates. */
  rateL2: z.number().nonnegative().default(0),
  /** Limit of the gradient's norm. */
  clip: positive.optional(),
  /** Trials that are not trained on; a tenth, and at least one, unless given. */
  heldOut: count.optional(),
  /** Steps over which the network runs freely through them, from their first recorded state; 100 or all there are, unless given. */
  heldOutSteps: count.optional(),
  /** Updates between two measurements on them. */
  every: count.default(50),
  /** Stop a network after so many measurements without a better one; absent = after all updates. */
  patience: count.optional(),
  /** Take the weights that did best on the held-out trials; `false`: the last. */
  keepBest: z.boolean().default(true),
  /** Networks that are fitted side by side, of seeds seed, seed + 1, … */
  replicas: count.default(1),
  seed: z.int().min(0).max(0xffffffff).default(0),
});

export type IdentifyOptions = z.input<typeof identifySchema>;
export type IdentifySettings = z.output<typeof identifySchema>;

/** Settings by name: `nsi` is the package's training, whose networks end where they are after 10,000 updates. */
export const identifyPresets = {
  nsi: {
    ...{ alpha: 0.2, initialScale: 1, observedScale: 1, window: 49, windowStart: "common" },
    ...{ updates: 10_000, lr: 1e-4, epsilonHat: true, weightL2: 0, every: 500, keepBest: false },
  },
  cortrain: {},
} as const satisfies Readonly<Record<string, IdentifyOptions>>;

/** @throws ConfigError naming the key that is wrong, and the nearest known one. */
export function identifySettings(options: IdentifyOptions, label = "identify"): IdentifySettings {
  return parseWith(
    identifySchema
      .refine(({ learnAlpha, leak }) => !learnAlpha || leak === "state", {
        message: 'learnAlpha: only a leak of preactivations is learned; set leak: "state"',
      })
      .refine(({ network, excitatory }) => network.type !== "lowRank" || excitatory === undefined, {
        message: "excitatory: the signs of a product of low rank cannot be held; leave it out, or take another network",
      })
      .refine(({ network, mask }) => network.type !== "lowRank" || mask === undefined, {
        message:
          "mask: the absent synapses of a product of low rank cannot be held; leave it out, or take another network",
      })
      .refine(({ network, leak }) => network.type !== "zhang" || leak === "rate", {
        message: 'leak: that of a multiplicative network ("zhang") is on its rates; set leak: "rate"',
      })
      .refine(({ network, clip, rateL2 }) => network.type !== "zhang" || (clip === undefined && rateL2 === 0), {
        message: 'network: "zhang" is trained without clip and rateL2; leave them out',
      })
      .refine(({ seed, replicas }) => seed + replicas - 1 <= 0xffffffff, {
        message: "replicas: the last one's seed, seed + replicas - 1, must be at most 4294967295",
      }),
    options,
    label,
  );
}
