import { z } from "zod";
import { ConfigError } from "../errors.ts";
import type { Loss } from "../loss/losses.ts";
import { isGated, withArticle } from "../network/cells.ts";
import type { ModelSpec } from "../network/model.ts";
import type { LocalRule } from "../ops/local-gradient.ts";
import { Random, streams } from "../random.ts";

const seed = z.int().nonnegative().max(0xffffffff);
const feedbackFields = {
  /** Of the random weights; replica k has seed + k. Each replica's own seed unless given. */
  seed: seed.optional(),
  /** Standard deviation of the random weights, times √outputs; 1 unless given, as in Murray's code. */
  scale: z.number().positive().optional(),
};
const feedback = z.enum(["symmetric", "random"]);

/**
 * How gradients of the hidden units' parameters are found; those of the readout are the same under every rule.
 * - `bptt`: back-propagation through time, the exact gradient.
 * - `eprop`: Bellec, Scherr, Subramoney et al. 2020 (Nature Communications 11:3625), for rate units. Each synapse keeps the
 *   part of dv/dW that stays within its postsynaptic unit, e[t] = (1 - α) e[t-1] + α r[t-1], and changes by f'(v[t]) e[t]
 *   times a learning signal. In rate form the leak carries f': e[t] = (1 - α) f'(v[t-1]) e[t-1] + α r[t-1].
 * - `rflo`: Murray 2019 (eLife 8:e43299), random feedback local online learning. p[t] = (1 - α) p[t-1] + α f'(v[t]) r[t-1],
 *   with f' inside the filter. That is e-prop of Murray's own network, whose leak acts outside of f; of ours it is an
 *   approximation, the same for linear units and for α = 1.
 *
 * The learning signal of a unit is B dL/dy[t], and the derivative of terms on its rate. `feedback` says what B is:
 * `symmetric`, the readout weights themselves, or `random`, fixed normal numbers that reach every unit. With `symmetric`,
 * units that are not read out learn nothing but from terms on rates.
 * Weights change once a batch, by the sum over its trials and time steps; with `truncate`, once a window, at whose start
 * traces are 0. Initial values v0 and α, of which the papers do
 * not speak, have the same trace.
 */
export const ruleSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("bptt") }),
  z.strictObject({ type: z.literal("eprop"), feedback: feedback.default("symmetric"), ...feedbackFields }),
  z.strictObject({ type: z.literal("rflo"), feedback: feedback.default("random"), ...feedbackFields }),
]);

/** A learning rule as plain data, with every default filled in. */
export type Rule = z.output<typeof ruleSchema>;
/** A learning rule as a person may write it. */
export type RuleInput = z.input<typeof ruleSchema>;

/** B [H, O] of one replica: normal, of standard deviation scale / √outputs. */
function randomFeedback(spec: Pick<ModelSpec, "hidden" | "outputs">, scale: number, of: number): Float32Array {
  const random = new Random(of, streams.feedback);
  const sd = scale / Math.sqrt(spec.outputs);
  return Float32Array.from({ length: spec.hidden * spec.outputs }, () => random.normal(0, sd));
}

/**
 * What a plan needs to follow a rule; nothing for BPTT.
 * @param seeds of the network's replicas.
 * @throws ConfigError for a seed or scale of weights that are not random, for Ω, which is about BPTT's gradients, and for
 * gated cells.
 */
export function localRule(
  rule: Rule,
  losses: readonly Loss[],
  spec: Pick<ModelSpec, "cell" | "hidden" | "outputs">,
  seeds: readonly number[],
): LocalRule | undefined {
  if (rule.type === "bptt") return undefined;
  if (isGated(spec.cell)) {
    throw new ConfigError(
      `rule: "${rule.type}" is made for the leak of a ctrnn, and this is ${withArticle(spec.cell)}. Use "bptt".`,
    );
  }
  if (losses.some(({ type }) => type === "omega")) {
    throw new ConfigError(
      `rule: the term omega is about gradients that go back through time, and under "${rule.type}" there are none. Leave out one of the two.`,
    );
  }
  const { seed: first, scale = 1 } = rule;
  if (rule.feedback === "random") {
    const feedback = seeds.map((own, replica) =>
      randomFeedback(spec, scale, first === undefined ? own : first + replica),
    );
    return { trace: rule.type, feedback };
  }
  for (const key of ["seed", "scale"] as const) {
    if (rule[key] === undefined) continue;
    throw new ConfigError(
      `rule: ${key} is of random feedback weights, and feedback is "symmetric". Leave it out, or set feedback: "random".`,
    );
  }
  return { trace: rule.type };
}
