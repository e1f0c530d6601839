import { z } from "zod";
import { common, parseTerm } from "./term.ts";

export const hebbianSchema = z.strictObject({
  type: z.literal("hebbian"),
  ...common,
  /**
   * Where the absolute value is taken: of each trial's mean over `time` (as nn4n documents it), or of every `step` (as
   * nn4n's code has it).
   */
  over: z.enum(["time", "step"]).default("time"),
});
/** A term on the rates and the recurrent weights together. */
export type Hebbian = z.output<typeof hebbianSchema>;

/**
 * weight · mean over trials of |mean over time of q|, or mean over both of |q|, with q = Σ_ij W_ij r_i r_j and W the
 * effective recurrent weights [postsynaptic, presynaptic]: how far activity and weights agree, as Hebb's rule would have
 * them (nn4n's HebbianLoss). Its gradient reaches the weights directly, and through the rates. @throws ConfigError
 */
export function hebbian(options: Omit<z.input<typeof hebbianSchema>, "type"> = {}): Hebbian {
  return parseTerm(hebbianSchema, "hebbian", options);
}
