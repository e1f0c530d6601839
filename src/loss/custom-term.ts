import { z } from "zod";
import { apply, type Expression, mentions, number, variable } from "../io/expression.ts";
import { parseExpression } from "../io/expression-parser.ts";
import { expressionSchema } from "../io/expression-schema.ts";
import { checkSlope, type Formula } from "../ops/formula.ts";
import type { Loss } from "./losses.ts";
import { units } from "./rate-terms.ts";
import { common, parseTerm } from "./term.ts";

const outputVariables = ["y", "target", "mask"] as const;
const rateVariables = ["r"] as const;

const longestRange = 1e6;
/** [lowest, highest]; wide enough that float32 has many values in it. */
const range = z
  .tuple([z.number().min(-longestRange).max(longestRange), z.number().min(-longestRange).max(longestRange)])
  .refine(
    ([low, high]) => high - low >= 1e-3 * Math.max(Math.abs(low), Math.abs(high), 1e-6),
    "must be [lowest, highest], 0.1 % of the larger or more apart",
  )
  .optional();

const type = z.literal("custom");

const customOutputSchema = z.strictObject({
  type,
  ...common,
  on: z.literal("outputs"),
  value: expressionSchema(outputVariables),
  /** d value / d y */
  slope: expressionSchema(outputVariables),
  /** What the sum over the elements is divided by: `elements`, T·B·O, masked ones included; `mask`, the sum of the mask. */
  denominator: z.enum(["elements", "mask"]).default("elements"),
  /** Where the term is meant to be used, and is checked: y in [-8, 8] and far beyond, target in [-2, 2], mask in [0, 2]. */
  domain: z.strictObject({ y: range, target: range, mask: range }).prefault({}),
});

const customRateSchema = z.strictObject({
  type,
  ...common,
  on: z.literal("rates"),
  value: expressionSchema(rateVariables),
  /** d value / d r */
  slope: expressionSchema(rateVariables),
  units,
  /** Where the term is meant to be used, and is checked: r in [-8, 8] and far beyond unless given. */
  domain: z.strictObject({ r: range }).prefault({}),
});

export const customSchema = z.discriminatedUnion("on", [customOutputSchema, customRateSchema]);
export type CustomOutputTerm = z.output<typeof customOutputSchema>;
export type CustomRateTerm = z.output<typeof customRateSchema>;
/** A user's own term. */
export type Custom = z.output<typeof customSchema>;

type Options<Schema extends z.ZodType> = Omit<z.input<Schema>, "type">;
export type CustomOptions = Options<typeof customOutputSchema> | Options<typeof customRateSchema>;

/**
 * A term of your own, given as one WGSL expression for its value and one for its derivative.
 *
 * On `outputs`: weight · sum over time, trials and outputs of value(y, target, mask), over the number of elements or the
 * sum of the mask; slope is d value / d y. Where neither expression mentions `mask`, both are multiplied by it, so that
 * what is masked does not count. On `rates`: weight · mean over time, trials and units of value(r); slope is
 * d value / d r. Its reported name is `name`, or "custom".
 *
 * Slope is compared with central differences of value, here and wherever such a term comes from a file: over y or r from
 * -8 to 8 and at ±16, ±32, ±64 and ±100, target from -2 to 2, mask from 0 to 2. `domain` gives other ranges, for a term that
 * is only right on those: { r: [0.001, 10] } for r log r.
 * @throws ConfigError for a wrong expression, ValueError for a wrong slope, saying where and by how much.
 */
export function custom(options: CustomOptions): Custom {
  const term = parseTerm(customSchema, "custom", options);
  checkSlope(customFormula(term));
  return term;
}

/** Checks the slopes of the custom terms among others. @throws ValueError as {@link custom}. */
export function checkCustomTerms(losses: readonly Loss[]): void {
  for (const loss of losses) if (loss.type === "custom") checkSlope(customFormula(loss));
}

/** mask · expression, and 0 where the mask is 0, even if the expression overflows there. */
function timesMask(expression: Expression): Expression {
  const mask = variable("mask");
  const zero = number(0);
  return apply("select", [apply("*", [mask, expression]), zero, apply("==", [mask, zero])]);
}

/** A custom term as a formula, the mask in it. */
export function customFormula(term: Custom): Formula {
  const label = `loss "${term.name ?? "custom"}"`;
  if (term.on === "rates") {
    return {
      label,
      variables: rateVariables,
      value: parseExpression(term.value, rateVariables),
      slope: parseExpression(term.slope, rateVariables),
      ranges: [term.domain.r ?? [-8, 8]],
      unbounded: term.domain.r === undefined,
    };
  }
  const value = parseExpression(term.value, outputVariables);
  const slope = parseExpression(term.slope, outputVariables);
  const own = mentions(value, "mask") || mentions(slope, "mask");
  const masked = (one: Expression): Expression => (own ? one : timesMask(one));
  const { y, target = [-2, 2], mask = [0, 2] } = term.domain;
  return {
    label,
    variables: outputVariables,
    value: masked(value),
    slope: masked(slope),
    ranges: [y ?? [-8, 8], target, mask],
    unbounded: y === undefined,
  };
}
