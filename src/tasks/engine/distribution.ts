import { z } from "zod";
import { ValueError } from "../../errors.ts";
import { normalPair, unitInterval } from "../../random.ts";
import type { Distribution } from "../definition.ts";

const finite = z.number();
const perBatch = z.boolean().optional();

/** How a number is drawn; see {@link Distribution}. */
export const distributionSchema = z.union([
  z.strictObject({
    choice: z.union([z.array(finite).min(1), z.array(z.string().min(1)).min(1)]),
    probabilities: z.array(z.number().nonnegative()).optional(),
    only: z.boolean().optional(),
    perBatch,
  }),
  z.strictObject({ uniform: z.tuple([finite, finite]), perBatch }),
  z.strictObject({ normal: z.strictObject({ mean: finite, sd: z.number().nonnegative() }), perBatch }),
  z.strictObject({
    truncatedExponential: z.strictObject({ mean: z.number().positive(), min: finite, max: finite }),
    perBatch,
  }),
]);

/** A distribution ready to draw from. */
export interface Sampler {
  /** A number from two random 32-bit integers. */
  readonly draw: (bits0: number, bits1: number) => number;
  readonly min: number;
  readonly max: number;
  /** The values of a choice; of names, their numbers from 0. */
  readonly choices?: readonly number[];
  /** The names of a choice of names. */
  readonly labels?: readonly string[];
  /** Whether a batch may fix the condition to nothing but one of the choices. */
  readonly only: boolean;
  readonly perBatch: boolean;
}

/** Whether a rule is a distribution, and not a number, a function, or anything else a rule may be. */
export function isDistribution(rule: unknown): rule is Distribution {
  return distributionSchema.safeParse(rule).success;
}

function choiceSampler(label: string, rule: Extract<Distribution, { readonly choice: unknown }>): Sampler {
  const named = typeof rule.choice[0] === "string";
  const labels = named ? (rule.choice as readonly string[]) : undefined;
  if (labels !== undefined && new Set(labels).size < labels.length)
    throw new ValueError(`${label}: expected different names, got ${labels.join(", ")}.`);
  const choices = labels?.map((_, index) => index) ?? [...(rule.choice as readonly number[])];
  const weights = rule.probabilities ?? choices.map(() => 1);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  if (weights.length !== choices.length || !(total > 0))
    throw new ValueError(
      `${label}: expected ${choices.length} probabilities, not all 0, for as many choices, got [${weights.join(", ")}].`,
    );
  let sum = 0;
  const upTo = weights.map((weight) => {
    sum += weight / total;
    return sum;
  });
  // What rounding leaves open at the end belongs to the last choice that can be drawn at all.
  const last = weights.findLastIndex((weight) => weight > 0);
  const equal = rule.probabilities === undefined;
  const draw = (bits: number): number => {
    const u = unitInterval(bits);
    if (equal) return choices[Math.floor(u * choices.length)] as number;
    let index = 0;
    while (index < last && u >= (upTo[index] as number)) index += 1;
    return choices[index] as number;
  };
  const common = { draw, choices, min: Math.min(...choices), max: Math.max(...choices) };
  const only = named || rule.only === true;
  return { ...common, ...(labels && { labels }), only, perBatch: rule.perBatch === true };
}

/** @throws {@link ValueError} for an empty range or probabilities that do not fit. */
export function compileDistribution(label: string, rule: Distribution): Sampler {
  if ("choice" in rule) return choiceSampler(label, rule);
  const perBatch = rule.perBatch === true;
  const open = { only: false, perBatch };
  if ("uniform" in rule) {
    const [low, high] = rule.uniform;
    if (!(low <= high)) throw new ValueError(`${label}: uniform: expected [low, high], got [${low}, ${high}].`);
    return { draw: (bits) => low + (high - low) * unitInterval(bits), min: low, max: high, ...open };
  }
  if ("normal" in rule) {
    const { mean, sd } = rule.normal;
    const draw = (bits0: number, bits1: number): number => mean + sd * normalPair(bits0, bits1)[0];
    return { draw, min: Number.NEGATIVE_INFINITY, max: Number.POSITIVE_INFINITY, ...open };
  }
  const { mean, min, max } = rule.truncatedExponential;
  if (!(min <= max)) throw new ValueError(`${label}: truncatedExponential: min ${min} is above max ${max}.`);
  // The inverse of the distribution function of an exponential that is cut off at max - min and starts at min.
  const cut = -Math.expm1(-(max - min) / mean);
  return { draw: (bits) => Math.min(max, min - mean * Math.log1p(-unitInterval(bits) * cut)), min, max, ...open };
}
