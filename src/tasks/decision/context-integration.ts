import { z } from "zod";
import { ValueError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import type { Distribution } from "../definition.ts";
import { withDerived } from "../derived.ts";
import type { Task } from "../task.ts";
import { coherencesSchema, durationSchema, sensoryNoise } from "../task-options.ts";

export const contextIntegrationSchema = z.strictObject({
  ...commonTaskOptions,
  stimulusMs: durationSchema.default(750),
  /** Strengths of evidence, each to either side; any in [-0.1875, 0.1875] unless given. */
  coherences: coherencesSchema.optional(),
  /** σ of the noise of the evidence: its standard deviation per step is σ √(2 · 100 ms / dt), 1 per ms for 0.0707. */
  noise: z.number().nonnegative().default(0.0707),
});
export type ContextIntegrationOptions = z.input<typeof contextIntegrationSchema>;

type Generative = "context" | "motionCoherence" | "colourCoherence";
type Conditions = Omit<DefinedConditions<Generative | "sign", never, "start" | "stimulus" | "report">, "sign">;

/** The range from which Mante et al. drew evidence in training. */
const strongest = 0.1875;

function signed(label: string, coherence: number): number {
  if (Math.abs(coherence) <= 1) return coherence;
  throw new ValueError(`${label}: coherence: expected a number in [-1, 1], got ${coherence}.`);
}

/**
 * Context-dependent integration with one output, as in the network of Mante, Sussillo, Shenoy & Newsome (2013): 0 at the first
 * step of a trial, the sign of the evidence of the cued modality (-1 or 1) at the last one, anything in between.
 *
 * Inputs: `motion`, `colour`: signed evidence in the stimulus, with noise in all of the trial; `contextMotion`,
 * `contextColour`, 1 for the one to judge. Output: `choice`. The error counts in the periods `start` and `report`, one step
 * each. Conditions: `context`, `motionCoherence`, `colourCoherence` in [-1, 1]; `sign` follows (of no evidence: at random).
 *
 * Difficulty: an ideal observer is right with probability Φ(|c| √(T / τ) / (√2 σ)), τ = 100 ms: 99.998 %, 84 % and 60 % at the 0.15,
 * 0.036 and 0.009 at which the paper shows its networks, 92 % over what is drawn in training.
 *
 * The decision with a fixation period, two outputs and a go cue: {@link contextDecision}, {@link delayedContextDecision}.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function contextIntegration(options: ContextIntegrationOptions = {}): Task<Conditions> {
  const label = "contextIntegration";
  const given = parseWith(contextIntegrationSchema, options, label);
  const { dtMs = 20, coherences } = given;
  const noise = sensoryNoise(given.noise);
  const evidence: Distribution =
    coherences === undefined
      ? { uniform: [-strongest, strongest] }
      : { choice: [...coherences.map((value) => -value), ...coherences] };
  const task = defineTask({
    name: label,
    source: "Mante, Sussillo, Shenoy & Newsome 2013",
    dtMs,
    conditions: {
      context: { choice: ["motion", "colour"] },
      motionCoherence: evidence,
      colourCoherence: evidence,
      sign: ({ context, motionCoherence, colourCoherence }, random) =>
        Math.sign(context === 0 ? motionCoherence : colourCoherence) || random.choice([-1, 1]),
    },
    periods: { start: { steps: 1 }, stimulus: given.stimulusMs, report: { steps: 1 } },
    inputs: {
      motion: { during: { stimulus: ({ motionCoherence }) => signed(label, motionCoherence) }, noise },
      colour: { during: { stimulus: ({ colourCoherence }) => signed(label, colourCoherence) }, noise },
      context: {
        names: ["contextMotion", "contextColour"],
        during: { otherwise: ({ context }) => [1 - context, context] },
      },
    },
    outputs: { choice: { during: { report: ({ sign }) => sign } } },
    mask: { start: 1, report: 1 },
    accuracy: { type: "sign", output: "choice", during: "report", correct: "sign" },
  });
  return withDerived(task, ["sign"]);
}
