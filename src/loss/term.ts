import { z } from "zod";
import type { Sizes } from "../ops/layout.ts";

/** The factor on a term. */
export const weight = z.number().nonnegative().default(1);

/** What the factor of a term may depend on, besides the term itself. */
export interface LossContext extends Sizes {
  /** The trial mask [T, B, O] of one replica; absent = all 1. */
  readonly mask?: Float32Array | undefined;
}
