import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import { nameFault } from "../io/expression-schema.ts";
import type { Trials } from "../network/trials.ts";
import type { Sizes } from "../ops/layout.ts";

const largestFloat32 = (2 - 2 ** -23) * 2 ** 127;

/** What every term has. */
export const common = {
  /** What the term is called in reports; its type unless given. */
  name: z
    .string()
    .superRefine((text, context) => {
      const fault = nameFault(text);
      if (fault !== undefined) context.addIssue({ code: "custom", message: fault });
    })
    .optional(),
  /** The factor on the term. */
  weight: z.number().nonnegative().max(largestFloat32).default(1),
};

/**
 * A term from what a person gave for it.
 * @throws ConfigError as `parseWith`, and for what is no object: spread, a mere number would be passed over.
 */
export function parseTerm<Schema extends z.ZodType>(schema: Schema, type: string, options: object): z.output<Schema> {
  if (typeof options !== "object" || options === null)
    throw new ConfigError(`${type}: expected options such as { weight: 1e-3 }, got ${String(options)}.`);
  return parseWith(schema, { type, ...options }, type);
}

/** What the factor of a term may depend on, besides the term itself. */
export interface LossContext extends Sizes {
  /** The trial mask [T, B, O] of one replica; absent = all 1. */
  readonly mask?: Float32Array | undefined;
  /** The targets [T, B, O] of one replica; absent = not known. */
  readonly targets?: Float32Array | undefined;
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
    targets,
    mask,
    rateTargets,
    rateMask,
  }: Pick<Trials, "steps" | "trials" | "targets" | "mask" | "rateTargets" | "rateMask">,
): LossContext {
  return {
    ...sizes,
    targets,
    mask,
    recorded: rateTargets && rateTargets.length / (steps * trials),
    rateMask: trials === sizes.batch ? rateMask : undefined,
  };
}
