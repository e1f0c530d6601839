import { z } from "zod";
import { lossListSchema } from "../loss/losses.ts";
import { families, productKinds } from "../ops/recurrence.ts";
import { tileNames } from "../ops/tiles.ts";
import { optimizerSchema } from "./optimizer.ts";
import { ruleSchema } from "./rule.ts";

/** How gradients are clipped: by the norm of all together (`globalNorm`), each tensor's own norm, or each value. */
export const clipSchema = z.union([
  z.number().positive(),
  z.strictObject({
    mode: z.enum(["globalNorm", "tensorNorm", "value"]),
    limit: z.number().positive(),
  }),
]);

/** Everything about a training run that is plain data. */
export const trainSchema = z.strictObject({
  /** Updates in all. */
  steps: z.int().positive(),
  /** Trials an update; 32 unless given, or all trials where they are a fixed set. */
  batch: z.int().positive().optional(),
  loss: lossListSchema.prefault([{ type: "meanSquaredError" }]),
  optimizer: optimizerSchema.prefault({ type: "adam", lr: 1e-3 }),
  /** How gradients are found: back-propagation through time, or a local rule. */
  rule: ruleSchema.prefault({ type: "bptt" }),
  /** Seed of trials and noise; the network's own unless given. Replica k uses seed + k. */
  seed: z.int().nonnegative().max(0xffffffff).optional(),
  /** A number is the limit of the global norm. */
  clip: clipSchema.optional(),
  /** Updates between two reports; losses are read back only then. */
  reportEvery: z.int().positive().default(10),
  /**
   * Truncated back-propagation through time: trials are trained on in windows of this many steps (the last may be shorter),
   * one update each. The state goes on exactly from window to window, the gradient ends at the start of its window.
   */
  truncate: z.strictObject({ steps: z.int().positive() }).optional(),
  /**
   * Bytes that the buffers of an update may take on the GPU; as large as the adapter allows each of them unless given. Where
   * trials do not fit, their time is split into as few segments as do, which are run one after the other and a second time for
   * the gradients: one update as ever, of gradients that differ by rounding alone, for about a third more time.
   * Parameters and the optimiser's state come on top. Held-out trials, and windows or stages of another length, have buffers of
   * their own, each within the same bytes. Replicas share the bytes: to compare with a run of one to the bit, pin `segments`.
   */
  memory: z.int().positive().optional(),
  /** Splits the time of trials into this many segments (fewer where it does not divide), whatever would fit; 1 = into none. */
  segments: z.int().positive().optional(),
  /**
   * Pins kernels of the recurrence that are otherwise chosen by shape and a short measurement: the family (`persistent`,
   * one dispatch for all time steps, or `stepwise`), the products (`dense`, or `sparse`: over the synapses of the mask), the
   * register tile by its name, such as "16 x 8 quads". All compute the same bits. `report.profile` tells what runs.
   */
  kernels: z
    .strictObject({
      family: z.enum(families).optional(),
      products: z.enum(productKinds).optional(),
      tile: z.enum(tileNames).optional(),
    })
    .prefault({}),
  /** Measures on held-out trials, which come from their own random stream. */
  validation: z
    .strictObject({
      trials: z.int().positive().default(256),
      /** Updates between two measurements. */
      every: z.int().positive().default(50),
    })
    .optional(),
  stop: z
    .strictObject({
      /** Stop when this accuracy is reached, on held-out trials where there are any. */
      accuracy: z.number().min(0).max(1).optional(),
      /** Stop after this many measurements without a better one. */
      patience: z.int().positive().optional(),
    })
    .prefault({}),
  /** With validation: end with the weights that did best on it, rather than the last. */
  keepBest: z.boolean().default(true),
  /** A learned alpha stays in [alphaMin, 1]. */
  alphaMin: z.number().positive().max(1).default(1e-3),
});

export type TrainSettings = z.output<typeof trainSchema>;
export type TrainSettingsInput = z.input<typeof trainSchema>;
