import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { angleBetween, populationVector, wrapAngle } from "../angles.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import type { Distribution, JudgedTrial, TrialValues } from "../definition.ts";
import { withDerived } from "../derived.ts";
import { gaussianRing } from "../ring.ts";
import { meanOutput } from "../scores.ts";
import type { Task } from "../task.ts";
import { durationSchema, sensoryNoise } from "../task-options.ts";

const code = z.enum(["cosSin", "ring"]);

export const reachSchema = z.strictObject({
  ...commonTaskOptions,
  fixationMs: durationSchema.default(300),
  stimulusMs: durationSchema.default(300),
  delayMs: durationSchema.default({ uniform: [200, 1200] }),
  responseMs: durationSchema.default(500),
  /** How inputs show the direction: its cosine and sine, or a bump of width π/8 on a ring of units. */
  stimulusCode: code.default("ring"),
  /** How outputs give the direction of the reach. */
  reachCode: code.default("cosSin"),
  /** Units of each ring. */
  ringUnits: z.int().min(3).default(16),
  /** So many directions, evenly around the circle; any direction unless given. */
  directions: z.int().min(2).optional(),
  /** Towards the stimulus, away from it, or as an input says that is 1 for away. */
  rule: z.enum(["pro", "anti", "cued"]).default("pro"),
  /** σ of the noise of all inputs: its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0.01),
  /** How far (radians) a reach may be from its target. */
  tolerance: z
    .number()
    .positive()
    .max(Math.PI)
    .default(0.2 * Math.PI),
});
export type ReachOptions = z.input<typeof reachSchema>;

type Name = "rule" | "direction" | "reach";
type Period = "fixation" | "stimulus" | "delay" | "response";
type Values = TrialValues<Name, never, Period>;
type Conditions = Omit<DefinedConditions<Name, never, Period>, "reach">;

/**
 * Delayed reach (the instructed-delay task of motor cortex, as in Churchland et al. 2012): a target is shown and stays
 * on; move towards it, but only once fixation goes off.
 *
 * Inputs: `fixation`, 1 until the go cue; the direction of the `stimulus`, as (cos, sin) or on a ring; with `rule:
 * "cued"`, `anti`, 1 until the go cue where the reach is to go away from it. Outputs: `fixate`, 1 until the go cue, and
 * the `reach`, 0 until then, as (cos, sin) or on a ring (1 at its centre). The error counts 5 in the response, but for
 * its first 100 ms, and 1 until then (as in Yang et al. 2019). Conditions: `direction` (radians), `rule` (pro, anti);
 * `reach`, where to go, follows.
 *
 * A trial is solved if the mean of `fixate` is above 0.5 in the delay and not in the response, and the direction of the
 * mean reach of the response is within `tolerance`.
 *
 * Where the packages differ: there is no arm (CtDB's RandomTarget moves one of MotorNet); the reach is a direction.
 * neurogym's version of one dimension is {@link delayedReport}; with two rings and 20 rules it is in {@link yang2019}.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function delayedReach(options: ReachOptions = {}): Task<Conditions> {
  return makeReach("delayedReach", "Churchland et al. 2012", options, true);
}

/**
 * Memory-guided reach (the oculomotor delayed response of Funahashi, Bruce & Goldman-Rakic 1989; with `rule: "anti"` or
 * `"cued"` the memory anti-saccade of Funahashi, Chafee & Goldman-Rakic 1993): as {@link delayedReach}, but the
 * stimulus goes off before the delay, so that its direction has to be remembered.
 * @throws {@link ConfigError} for an unknown option or a value out of range.
 */
export function memoryGuidedReach(options: ReachOptions = {}): Task<Conditions> {
  return makeReach("memoryGuidedReach", "Funahashi, Bruce & Goldman-Rakic 1989", options, false);
}

function makeReach(label: string, source: string, options: ReachOptions, stays: boolean): Task<Conditions> {
  const given = parseWith(reachSchema, options, label);
  const { dtMs = 20, ringUnits, directions, rule, tolerance } = given;
  const ring = gaussianRing({ size: ringUnits, width: Math.PI / 8 });
  const encode = (asRing: boolean, angle: number): ArrayLike<number> =>
    asRing ? ring(angle) : [Math.cos(angle), Math.sin(angle)];
  const channels = (name: string, asRing: boolean) =>
    asRing
      ? { names: Array.from({ length: ringUnits }, (_, unit) => `${name}${unit}`) }
      : { names: [`${name}Cos`, `${name}Sin`] };
  const stimulusRing = given.stimulusCode === "ring";
  const reachRing = given.reachCode === "ring";
  const shown = (values: Values): ArrayLike<number> => encode(stimulusRing, values.direction);
  const inputs = {
    fixation: { during: { response: 0, otherwise: 1 } },
    stimulus: {
      ...channels("stimulus", stimulusRing),
      during: stays ? { stimulus: shown, delay: shown, response: shown } : { stimulus: shown },
    },
  };
  const cue = { anti: { during: { response: 0, otherwise: (values: Values) => values.rule } } };
  const direction: Distribution =
    directions === undefined
      ? { uniform: [0, 2 * Math.PI] }
      : { choice: Array.from({ length: directions }, (_, index) => (2 * Math.PI * index) / directions) };

  const task = defineTask<Name, never, Period, keyof typeof inputs, "fixate" | "reach">({
    name: label,
    source,
    dtMs,
    conditions: {
      rule: { choice: ["pro", "anti"], probabilities: { pro: [1, 0], anti: [0, 1], cued: [1, 1] }[rule] },
      direction,
      reach: (values) => wrapAngle(values.direction + values.rule * Math.PI),
    },
    periods: {
      fixation: given.fixationMs,
      stimulus: given.stimulusMs,
      delay: given.delayMs,
      response: given.responseMs,
    },
    inputs: rule === "cued" ? { ...inputs, ...cue } : inputs,
    noise: sensoryNoise(given.noise),
    outputs: {
      fixate: { during: { response: 0, otherwise: 1 } },
      reach: { ...channels("reach", reachRing), during: { response: (values) => encode(reachRing, values.reach) } },
    },
    mask: { response: 5, otherwise: 1 },
    graceMs: { response: 100 },
    accuracy: (judged) => Number(judgeReach(judged, reachRing, tolerance)),
    chance: tolerance / Math.PI,
  });
  return withDerived(task, ["reach"]);
}

function judgeReach(judged: JudgedTrial, asRing: boolean, tolerance: number): boolean {
  const response = judged.period("response");
  const delay = judged.period("delay");
  const held = delay.from === delay.to || meanOutput(judged, 0, delay) > 0.5;
  const width = judged.outputs.length / judged.steps;
  const means = Array.from({ length: width - 1 }, (_, channel) => meanOutput(judged, channel + 1, response));
  const [x = 0, y = 0] = means;
  const angle = asRing ? populationVector(means) : wrapAngle(Math.atan2(y, x));
  return held && meanOutput(judged, 0, response) <= 0.5 && angleBetween(angle, judged.condition("reach")) < tolerance;
}
