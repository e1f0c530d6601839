import { z } from "zod";
import type { Trials } from "../network/trials.ts";
import type { Sizes } from "../ops/layout.ts";

/** The factor on a term. */
export const weight = z.number().nonnegative().default(1);

/** What the factor of a term may depend on, besides the term itself. */
export interface LossContext extends Sizes {
  /** The trial mask [T, B, O] of one replica; absent = all 1. */
  readonly mask?: Float32Array | undefined;
  /** Recorded units K, the columns of the trials' `rateTargets`; absent = they bring none. */
  readonly recorded?: number | undefined;
  /** [T, B, K]; absent = all 1. */
  readonly rateMask?: Float32Array | undefined;
}

/**
 * What trials say to the factors of loss terms. Where they are fewer than a batch (an example of what a task makes), what
 * was recorded of them says nothing about the whole batch, and is left out.
 */
export function lossContext(
  sizes: Sizes,
  {
    steps,
    trials,
    mask,
    rateTargets,
    rateMask,
  }: Pick<Trials, "steps" | "trials" | "mask" | "rateTargets" | "rateMask">,
): LossContext {
  return {
    ...sizes,
    mask,
    recorded: rateTargets && rateTargets.length / (steps * trials),
    rateMask: trials === sizes.batch ? rateMask : undefined,
  };
}
