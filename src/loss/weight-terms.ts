import { z } from "zod";
import { sizeOf } from "../gpu/tensor.ts";
import { parseWith } from "../io/config.ts";
import { parameterShape, weightNames } from "../network/model.ts";
import { type LossContext, weight } from "./term.ts";

/** Which matrix a term is about; its effective weights count, absent synapses as 0. */
const matrix = z.enum(weightNames).default("weightHH");
/** `mean`: over all entries of the matrix, absent ones included (PsychRNN, nn4n's RNNLoss). `sum`: nn4n's CompositeLoss. */
const reduction = z.enum(["mean", "sum"]).default("mean");

export const weightL1Schema = z.strictObject({ type: z.literal("weightL1"), weight, matrix, reduction });
export const weightL2Schema = z.strictObject({ type: z.literal("weightL2"), weight, matrix, reduction });
export const weightNormSchema = z.strictObject({ type: z.literal("weightNorm"), weight, matrix });
export type WeightL1 = z.output<typeof weightL1Schema>;
export type WeightL2 = z.output<typeof weightL2Schema>;
export type WeightNorm = z.output<typeof weightNormSchema>;
export type WeightTerm = WeightL1 | WeightL2 | WeightNorm;
type Options<Schema extends z.ZodType> = Omit<z.input<Schema>, "type">;

/** weight · mean (or sum) of |w| over one matrix. */
export function weightL1(options: Options<typeof weightL1Schema> = {}): WeightL1 {
  return parseWith(weightL1Schema, { type: "weightL1", ...options }, "weightL1");
}

/** weight · mean (or sum) of w² over one matrix; the mean is nn4n's λ_in, λ_hid, λ_out (‖W‖²_F over the entries). */
export function weightL2(options: Options<typeof weightL2Schema> = {}): WeightL2 {
  return parseWith(weightL2Schema, { type: "weightL2", ...options }, "weightL2");
}

/** weight · ‖W‖_F of one matrix, not squared (nn4n's RNNConnectivityLoss with metric "fro"). */
export function weightNorm(options: Options<typeof weightNormSchema> = {}): WeightNorm {
  return parseWith(weightNormSchema, { type: "weightNorm", ...options }, "weightNorm");
}

/** What the sum over the entries is divided by. */
export function weightDenominator(term: WeightTerm, context: LossContext): number {
  if (term.type === "weightNorm" || term.reduction === "sum") return 1;
  return sizeOf(parameterShape(context, term.matrix));
}
