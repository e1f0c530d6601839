import { z } from "zod";
import { ValueError } from "../errors.ts";
import { parameterShape, type WeightName, weightNames } from "../network/model.ts";
import type { Sizes } from "../ops/layout.ts";
import { type MatrixPart, partSize } from "../ops/losses/matrix-part.ts";
import { common, type LossContext, parseTerm } from "./term.ts";

/** Which matrix a term is about; its effective weights count, absent synapses as 0. */
const matrix = z.enum(weightNames).default("weightHH");
/**
 * `mean`: over all entries, absent ones included (PsychRNN, nn4n's RNNLoss). `sum`: nn4n's CompositeLoss. With `post` or
 * `pre` the entries are those of that part.
 */
const reduction = z.enum(["mean", "sum"]).default("mean");
const range = z
  .tuple([z.int().nonnegative(), z.int().positive()])
  .refine(([first, end]) => first < end, "must be [first, one past the last]")
  .optional();
/**
 * The part a term is about: rows `post` and columns `pre`, each [first, one past the last]; absent = all. An area's
 * `[from, to]` fits. Rows of weightHO are outputs, columns of weightIH inputs.
 */
const part = { post: range, pre: range };

export const weightL1Schema = z.strictObject({ type: z.literal("weightL1"), ...common, matrix, reduction, ...part });
export const weightL2Schema = z.strictObject({ type: z.literal("weightL2"), ...common, matrix, reduction, ...part });
export const weightNormSchema = z.strictObject({ type: z.literal("weightNorm"), ...common, matrix, ...part });
export const wiringCostSchema = z.strictObject({
  type: z.literal("wiringCost"),
  ...common,
  /** `l1`: |w| d. `l2`: w² d. */
  metric: z.enum(["l1", "l2"]).default("l1"),
  reduction,
  ...part,
});
export const spectralNormSchema = z.strictObject({
  type: z.literal("spectralNorm"),
  ...common,
  matrix,
  /** Of W^T W; each makes the error of the singular vectors (σ₂ / σ₁)² times as large. */
  iterations: z.int().positive().max(10_000).default(100),
  /** σ² in place of σ. */
  squared: z.boolean().default(false),
  ...part,
});
export type WeightL1 = z.output<typeof weightL1Schema>;
export type WeightL2 = z.output<typeof weightL2Schema>;
export type WeightNorm = z.output<typeof weightNormSchema>;
export type WiringCost = z.output<typeof wiringCostSchema>;
export type SpectralNorm = z.output<typeof spectralNormSchema>;
/** A term on the weights alone. */
export type WeightTerm = WeightL1 | WeightL2 | WeightNorm | WiringCost | SpectralNorm;
type Options<Schema extends z.ZodType> = Omit<z.input<Schema>, "type">;

/** weight · mean (or sum) of |w| over one matrix, or a part of it. @throws ConfigError */
export function weightL1(options: Options<typeof weightL1Schema> = {}): WeightL1 {
  return parseTerm(weightL1Schema, "weightL1", options);
}

/**
 * weight · mean (or sum) of w² over one matrix, or a part of it; the mean is nn4n's λ_in, λ_hid, λ_out (‖W‖²_F over the
 * entries). @throws ConfigError
 */
export function weightL2(options: Options<typeof weightL2Schema> = {}): WeightL2 {
  return parseTerm(weightL2Schema, "weightL2", options);
}

/**
 * weight · ‖W‖_F of one matrix, or a part of it, not squared (nn4n's RNNConnectivityLoss with metric "fro").
 * @throws ConfigError
 */
export function weightNorm(options: Options<typeof weightNormSchema> = {}): WeightNorm {
  return parseTerm(weightNormSchema, "weightNorm", options);
}

/**
 * weight · mean (or sum) of |w| d (or w² d) over the recurrent weights, d the distance between the two units, in the
 * model's `distances`. The sum of |w| d is the regulariser of spatially embedded networks (Achterberg et al. 2023,
 * "Spatially embedded recurrent neural networks", without their communicability). A network without distances is refused.
 * @throws ConfigError
 */
export function wiringCost(options: Options<typeof wiringCostSchema> = {}): WiringCost {
  return parseTerm(wiringCostSchema, "wiringCost", options);
}

/**
 * weight · σ₁(W), or σ₁² with `squared`: the largest singular value of one matrix, or a part of it (Yoshida & Miyato 2017,
 * "Spectral norm regularization", penalise σ₁²/2). By power iteration from a fixed start; after k iterations the tangent of
 * the angle to the first singular vectors is at most (σ₂/σ₁)^(2k) times that of the start, and σ₁ is too small by a
 * fraction less than its square. The 100 iterations of the default give σ₁ of random 200 × 200 matrices (σ₂/σ₁ up to 0.986) to 4e-4 or better.
 * Costs 2 k multiply-adds an entry, in one workgroup a replica. @throws ConfigError
 */
export function spectralNorm(options: Options<typeof spectralNormSchema> = {}): SpectralNorm {
  return parseTerm(spectralNormSchema, "spectralNorm", options);
}

/** The matrix that a term is about. */
export function weightMatrix(term: WeightTerm): WeightName {
  return term.type === "wiringCost" ? "weightHH" : term.matrix;
}

/** The part of its matrix that a term is about: all, unless it names one. @throws ValueError where the matrix ends before. */
export function matrixPart(term: WeightTerm, sizes: Pick<Sizes, "inputs" | "hidden" | "outputs">): MatrixPart {
  const name = weightMatrix(term);
  const [rows, columns] = parameterShape(sizes, name) as [number, number];
  const checked = (side: "post" | "pre", length: number, axis: string): { first: number; end: number } => {
    const [first, end] = term[side] ?? [0, length];
    if (end <= length) return { first, end };
    throw new ValueError(
      `${term.type}: ${side} [${first}, ${end}] reaches past the last of the ${length} ${axis} of ${name}.`,
    );
  };
  return { post: checked("post", rows, "rows"), pre: checked("pre", columns, "columns") };
}

/** What the sum over the entries is divided by. @throws ValueError where the term names entries outside its matrix. */
export function weightDenominator(term: WeightTerm, context: LossContext): number {
  const entries = partSize(matrixPart(term, context));
  return "reduction" in term && term.reduction === "mean" ? entries : 1;
}
