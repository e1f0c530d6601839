import { z } from "zod";
import { ValueError } from "../errors.ts";
import type { CustomOutputTerm } from "./custom-term.ts";
import { common, type LossContext, parseTerm } from "./term.ts";

/** What a term summed over rows (time × trial) is divided by: `rows`, T·B; `mask`, the sum of the rows' masks. */
const rowDenominator = z.enum(["rows", "mask"]).default("rows");

export const meanSquaredErrorSchema = z.strictObject({
  type: z.literal("meanSquaredError"),
  ...common,
  /**
   * `elements`: sum of (m e)² over the number of elements T·B·O, masked ones included (PsychRNN).
   * `mask`: sum of m e² over the sum of the mask (pycog).
   */
  denominator: z.enum(["elements", "mask"]).default("elements"),
});

export const crossEntropySchema = z.strictObject({
  type: z.literal("crossEntropy"),
  ...common,
  denominator: rowDenominator,
});

export const binaryCrossEntropySchema = z.strictObject({
  type: z.literal("binaryCrossEntropy"),
  ...common,
  /** `elements`: sum of m l over the number of elements T·B·O, masked ones included. `mask`: over the sum of the mask. */
  denominator: z.enum(["elements", "mask"]).default("elements"),
});

export const cosineSchema = z.strictObject({
  type: z.literal("cosine"),
  ...common,
  denominator: rowDenominator,
  /** Outputs much shorter than this count as having no direction; the gradient is at most 1 / epsilon a row. */
  epsilon: z.number().min(1e-9).max(1).default(1e-3),
});

export type MeanSquaredError = z.output<typeof meanSquaredErrorSchema>;
export type CrossEntropy = z.output<typeof crossEntropySchema>;
export type BinaryCrossEntropy = z.output<typeof binaryCrossEntropySchema>;
export type Cosine = z.output<typeof cosineSchema>;
/** A term on the outputs. */
export type OutputTerm = MeanSquaredError | CrossEntropy | BinaryCrossEntropy | Cosine;

type Options<Schema extends z.ZodType> = Omit<z.input<Schema>, "type">;

/** Squared error between outputs and targets under the trial mask; e = y - target. @throws ConfigError */
export function meanSquaredError(options: Options<typeof meanSquaredErrorSchema> = {}): MeanSquaredError {
  return parseTerm(meanSquaredErrorSchema, "meanSquaredError", options);
}

/**
 * weight · mean over rows (time × trial) of m · -Σ_k target_k log softmax(y)_k: cross-entropy on logits, computed by
 * log-sum-exp. Targets [T, B, O] are probabilities or one-hot; a row's mask m is that of its first output (nn4n's
 * CrossEntropyLoss, which has no mask). @throws ConfigError
 */
export function crossEntropy(options: Options<typeof crossEntropySchema> = {}): CrossEntropy {
  return parseTerm(crossEntropySchema, "crossEntropy", options);
}

/**
 * weight · mean over elements of m · (max(y, 0) - y target + log(1 + e^-|y|)): cross-entropy on one logit an output,
 * targets in [0, 1] (PsychRNN's binary_cross_entropy, which expects probabilities). @throws ConfigError
 */
export function binaryCrossEntropy(options: Options<typeof binaryCrossEntropySchema> = {}): BinaryCrossEntropy {
  return parseTerm(binaryCrossEntropySchema, "binaryCrossEntropy", options);
}

/**
 * weight · mean over rows (time × trial) of m · (1 - y·target / (√(|y|² + epsilon²) |target|)): the direction counts,
 * not the length. A row whose target is all 0 has no direction: value m, no gradient. A row's mask m is that of its first
 * output. @throws ConfigError
 */
export function cosine(options: Options<typeof cosineSchema> = {}): Cosine {
  return parseTerm(cosineSchema, "cosine", options);
}

/** Refuses targets that are no probabilities: the terms have no lower bound for them. */
function checkProbabilities(type: string, perRow: boolean, { targets, mask, outputs }: LossContext): void {
  const counts = (index: number): boolean => mask?.[perRow ? index - (index % outputs) : index] !== 0;
  const wrong = targets?.findIndex((target, index) => !(target >= 0 && target <= 1) && counts(index)) ?? -1;
  if (wrong < 0) return;
  throw new ValueError(
    `${type}: targets are probabilities in [0, 1], but value ${wrong} (of output ${wrong % outputs}) is ${targets?.[wrong]}.`,
  );
}

/**
 * What the sum over a term's elements or rows is divided by.
 * @throws ValueError where it is the mask's sum and that is not positive, and for targets that are no probabilities where
 * they should be.
 */
export function outputDenominator({ type, denominator }: OutputTerm | CustomOutputTerm, context: LossContext): number {
  const { steps, batch, outputs, mask } = context;
  const perRow = type === "crossEntropy" || type === "cosine";
  if (type === "crossEntropy" || type === "binaryCrossEntropy") checkProbabilities(type, perRow, context);
  if (denominator !== "mask" || mask === undefined) return steps * batch * (perRow ? 1 : outputs);
  let sum = 0;
  for (let index = 0; index < mask.length; index += perRow ? outputs : 1) sum += mask[index] ?? 0;
  if (sum > 0) return sum;
  const what = perRow ? "the trial mask of the first output" : "the trial mask";
  throw new ValueError(`${type} with denominator "mask": ${what} sums to ${sum}; it must leave something in.`);
}
