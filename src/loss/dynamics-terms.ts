import { z } from "zod";
import { units } from "./rate-terms.ts";
import { common, parseTerm } from "./term.ts";

export const drivePenaltySchema = z.strictObject({ type: z.literal("drivePenalty"), ...common, units });
/** A term on the rates and the recurrent weights together. */
export type DrivePenalty = z.output<typeof drivePenaltySchema>;

export const omegaSchema = z.strictObject({
  type: z.literal("omega"),
  ...common,
  /** The slope in dv[t+1]/dv[t] is that at v[t], `before` the step, as it is; or at v[t+1], `after` it, as pycog has it. */
  slopeAt: z.enum(["before", "after"]).default("before"),
  /** A trial's step counts where |dE/dv|² is at least this; pycog's. Below 1e-30 squares would vanish in float32. */
  bound: z.number().min(1e-30).max(1e30).default(1e-20),
});
/** A term on the gradients that all other terms leave. */
export type Omega = z.output<typeof omegaSchema>;

/**
 * weight · mean over time, trials and units i of (Σ_j W_ij r_j)²: the size of the recurrent drive, W the effective
 * weights [postsynaptic, presynaptic] and r the rates of the same step. `units`: those driven; all of them drive. Its
 * gradient reaches the weights directly, and through the rates. After PsychRNN 0.4 (`sussillo_constant`), which sums over
 * time (so weight = T · sussillo_constant), takes max(v, 0) for any activation, and multiplies r W in place of W r, so
 * that its sums run over the units that a unit drives.
 * @throws ConfigError
 */
export function drivePenalty(options: Omit<z.input<typeof drivePenaltySchema>, "type"> = {}): DrivePenalty {
  return parseTerm(drivePenaltySchema, "drivePenalty", options);
}

/**
 * weight · Ω, which keeps gradients from vanishing or exploding on their way back through time (Pascanu, Mikolov & Bengio
 * 2013; Song, Yang & Wang 2016, whose weight is 2):
 * Ω = Σ_t mean over trials of (|g dv[t+1]/dv[t]|² / |g|² - 1)² / Σ_t fraction of trials that count, g = dE/dv[t+1].
 * E is the sum of all other terms, v the preactivation of either form of the dynamics; the first of the T steps is the one
 * from the initial state. Steps where |g|² < `bound` are left out; where all are, Ω is 0. Only the immediate derivative by
 * the recurrent weights counts, with g and v held constant: no other gradient, nor dE/dv, knows of Ω.
 * A plan that only measures a loss runs the backward pass as well, so that Ω is the same on held-out trials.
 * @throws ConfigError
 */
export function omega(options: Omit<z.input<typeof omegaSchema>, "type"> = {}): Omega {
  return parseTerm(omegaSchema, "omega", options);
}
