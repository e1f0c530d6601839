import { z } from "zod";
import { ShapeError, ValueError } from "../errors.ts";
import { common, type LossContext, parseTerm } from "./term.ts";

export const targetRatesSchema = z.strictObject({
  type: z.literal("targetRates"),
  ...common,
  /** The hidden unit that stands for each recorded one, a column of `rateTargets`; absent = the first units, in order. */
  units: z
    .array(z.int().nonnegative())
    .min(1)
    .refine((list) => new Set(list).size === list.length, "must not name a unit twice")
    .optional(),
  /** `elements`: the sum over the number of elements T·B·K, those not recorded included. `mask`: over the mask's sum. */
  denominator: z.enum(["elements", "mask"]).default("elements"),
});
/** A term on the rates of chosen units, with targets of their own. */
export type TargetRates = z.output<typeof targetRatesSchema>;

/**
 * weight · mean of m (r - z)²: rates r of chosen units should be those that were recorded, z = `rateTargets` [T, B, K] of
 * the trials, under the mask m = `rateMask`. Beside a term on the outputs, a network is fitted to behaviour and to neural
 * data at once. It may stand once in a list of terms. @throws ConfigError
 */
export function targetRates(options: Omit<z.input<typeof targetRatesSchema>, "type"> = {}): TargetRates {
  return parseTerm(targetRatesSchema, "targetRates", options);
}

/**
 * The hidden unit of every column of `rateTargets`.
 * @throws ValueError where the trials bring no recordings, or a unit lies outside the network; ShapeError where there are
 * not as many columns as units.
 */
export function recordedUnits(
  { units }: TargetRates,
  { hidden, recorded }: Pick<LossContext, "hidden" | "recorded">,
): readonly number[] {
  if (recorded === undefined) {
    throw new ValueError(
      "targetRates needs recorded rates: the trials have no rateTargets [time, batch, recorded units].",
    );
  }
  if (units === undefined) {
    if (recorded <= hidden) return Array.from({ length: recorded }, (_, unit) => unit);
    throw new ShapeError(
      `targetRates: rateTargets have ${recorded} columns, but the network has only ${hidden} hidden units; leave some out.`,
    );
  }
  if (units.length !== recorded) {
    throw new ShapeError(
      `targetRates: units names ${units.length} hidden units, but rateTargets have ${recorded} columns; expected one unit for each.`,
    );
  }
  const outside = units.find((unit) => unit >= hidden);
  if (outside === undefined) return units;
  throw new ValueError(`targetRates: unit ${outside} does not exist; the network's units are 0 … ${hidden - 1}.`);
}

/**
 * What the sum over elements is divided by.
 * @throws as {@link recordedUnits}, and ValueError where it is the mask's sum and that is not positive.
 */
export function targetRatesDenominator(term: TargetRates, context: LossContext): number {
  const { steps, batch, rateMask } = context;
  const columns = recordedUnits(term, context).length;
  if (term.denominator === "elements" || rateMask === undefined) return steps * batch * columns;
  const sum = rateMask.reduce((total, value) => total + value, 0);
  if (sum > 0) return sum;
  throw new ValueError(
    `targetRates with denominator "mask": rateMask sums to ${sum}; something must have been recorded in every batch.`,
  );
}
