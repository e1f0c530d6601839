import { z } from "zod";
import { ConfigError, ConstraintError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import { isGated, withArticle } from "../../network/cells.ts";
import type { Model } from "../../network/model.ts";
import { checkFinite, checkLength } from "../../network/trials.ts";

const seed = z.int().nonnegative().max(0xffffffff);

/** What FORCE learning is told, as plain data; defaults are those of Sussillo & Abbott 2009, figure 2, and of their code. */
export const forceSchema = z.strictObject({
  /** α in P = 1 / α at the start: small learns fast, too small is unstable; 1 to 100 in the paper. */
  regularisation: z.number().positive().default(1),
  /** Time steps from one update to the next. */
  every: z.int().positive().default(2),
  /** How outputs are fed back to all hidden units, through weights uniform in [-scale, scale]; `false`: they are not. */
  feedback: z
    .union([
      z.literal(false),
      z.strictObject({
        scale: z.number().positive().default(1),
        /** Replica k has seed + k; each replica's own unless given. */
        seed: seed.optional(),
      }),
    ])
    .prefault({}),
  /** Key of the network's noise; replica k has seed + k; each replica's own unless given. */
  seed: seed.optional(),
});
export type ForceSettings = z.output<typeof forceSchema>;

export interface ForceOptions extends z.input<typeof forceSchema> {
  /** Given feedback weights [H, O] of all replicas, in place of drawn ones. */
  readonly feedbackWeights?: Float32Array;
  /** Ends learning early; what was learned so far is the result. */
  readonly signal?: AbortSignal;
}

/** Fills in defaults and checks. @throws ConfigError, ShapeError, ValueError */
export function forceSettings(options: ForceOptions, { hidden, outputs }: Model["spec"]): ForceSettings {
  const { feedbackWeights, signal: _signal, ...plain } = options;
  const settings = parseWith(forceSchema, plain, "force");
  if (feedbackWeights === undefined) return settings;
  if (plain.feedback !== undefined) {
    throw new ConfigError("force: feedback and feedbackWeights are both given: give one of them.");
  }
  checkLength("feedbackWeights", feedbackWeights, [hidden, outputs], "hidden, outputs");
  checkFinite("feedbackWeights", feedbackWeights);
  return settings;
}

/**
 * Refuses networks whose readout recursive least squares cannot learn, or whose loop through the outputs is no recurrent
 * weight.
 * @throws ConfigError, ConstraintError
 */
export function checkForceModel({ spec, masks, signs, plasticity }: Model): void {
  const { cell, hidden, outputs, layers, shortTermPlasticity } = spec;
  if (isGated(cell))
    throw new ConfigError(`force: is for continuous-time networks, and this one is ${withArticle(cell)}.`);
  if (layers !== undefined && layers.length > 1) {
    throw new ConfigError(
      `force: needs all hidden units to be updated at once, and this network has ${layers.length} layers.`,
    );
  }
  if (shortTermPlasticity !== undefined) {
    throw new ConfigError("force: needs synapses of constant strength, and this network has shortTermPlasticity.");
  }
  if (signs.weightHO?.some((sign) => sign !== 0)) {
    throw new ConstraintError("force: recursive least squares cannot keep signs. Leave out signHO.");
  }
  if (plasticity.weightHO?.some((factor) => factor !== 1)) {
    throw new ConstraintError(
      "force: recursive least squares changes all readout weights alike. Leave out plasticityHO.",
    );
  }
  const mask = masks.weightHO;
  const odd = mask?.findIndex((value, index) => value !== mask[index % hidden]) ?? -1;
  if (odd >= 0) {
    throw new ConstraintError(
      `force: all ${outputs} outputs must read the same units, as they share one correlation matrix: maskHO[${Math.floor(odd / hidden)}, ${odd % hidden}] differs from output 0. Train them one after the other.`,
    );
  }
}
