import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { parseWith } from "../../io/config.ts";
import type { Random } from "../../random.ts";
import { angleBetween, wrapAngle } from "../angles.ts";
import { commonTaskOptions, type DefinedConditions, defineTask } from "../define-task.ts";
import type { TrialValues } from "../definition.ts";
import { gaussianRing, oneHot } from "../ring.ts";
import type { Task } from "../task.ts";
import {
  drawTiming,
  longestTiming,
  type RuleSpec,
  ruleSpecs,
  type Timing,
  type YangPeriod,
  type YangRule,
  yangPeriods,
  yangRules,
} from "./rules.ts";

/** Options of one rule as a task of its own. */
export const yangRuleSchema = z.strictObject({
  ...commonTaskOptions,
  /** Units of each ring. */
  ringUnits: z.int().min(2).default(32),
  /** σ of the input noise; its standard deviation per step is σ √(2 · 100 ms / dt). */
  noise: z.number().nonnegative().default(0.01),
  /** Ten times (in the delayed decisions, twice) the coherence: the authors' easy_task. */
  easy: z.boolean().default(false),
});
export type YangRuleOptions = z.input<typeof yangRuleSchema>;

/** Options of several rules as one task. */
export const yang2019Schema = z.strictObject({
  ...yangRuleSchema.shape,
  /** All 20 unless given; a rule's input is its place in this list. */
  rules: z
    .array(z.enum(yangRules))
    .min(1)
    .default([...yangRules]),
  /** Relative probabilities of rules; 1 unless given. */
  probabilities: z.partialRecord(z.enum(yangRules), z.number().nonnegative()).optional(),
  /** An input for each rule, 1 while that rule is to be followed; so unless there is only one rule. */
  ruleInputs: z.boolean().optional(),
});
export type Yang2019Options = z.input<typeof yang2019Schema>;

const conditionNames = [
  "rule",
  "modality1",
  "modality2",
  "stim1",
  "distance",
  "match",
  "stim2",
  "mean",
  "meanOther",
  "coherence",
  "coherenceOther",
  "split1",
  "split2",
  "stim1Mod1",
  "stim1Mod2",
  "stim2Mod1",
  "stim2Mod2",
  "response",
] as const;
type Name = (typeof conditionNames)[number];
type Values = TrialValues<Name, never, YangPeriod>;
export type YangConditions = DefinedConditions<Name, never, YangPeriod>;

const categoryAngles = Array.from({ length: 10 }, (_, index) => (0.1 + 0.2 * index) * Math.PI);
/** Two samples nearer than this are the same. */
const sameSample = Math.PI / 36;
const base = 0.05;
const fixating = 0.8;

function signed(random: Random, low: number, high: number): number {
  return random.uniform(low, high) * random.choice([-1, 1]);
}

/** Strength of a stimulus in one modality of a decision: the mean ± the coherence, or, of a sum, its uneven parts. */
function strength(spec: RuleSpec, values: Values, modality: 1 | 2, sign: 1 | -1): number {
  const { attend, multimodal } = spec;
  const whole = values.mean + sign * values.coherence;
  if (attend === "both") {
    const split = sign === 1 ? values.split1 : values.split2;
    return whole + ((modality === 1 ? 1 : -1) * whole * split) / 2;
  }
  if (attend === modality) return whole;
  return multimodal ? values.meanOther + sign * values.coherenceOther : 0;
}

/** Where to respond, or -1: keep fixating. */
function responseOf(spec: RuleSpec, values: Values): number {
  const { stim1, stim2, stim1Mod1, stim1Mod2, stim2Mod1, stim2Mod2 } = values;
  if (spec.family === "go") return spec.anti ? wrapAngle(stim1 + Math.PI) : stim1;
  if (spec.family === "decision") {
    const first = spec.attend === 1 ? stim1Mod1 : spec.attend === 2 ? stim1Mod2 : stim1Mod1 + stim1Mod2;
    const second = spec.attend === 1 ? stim2Mod1 : spec.attend === 2 ? stim2Mod2 : stim2Mod1 + stim2Mod2;
    return first > second ? stim1 : stim2;
  }
  const same = spec.match === "sample" ? angleBetween(stim1, stim2) < sameSample : stim1 < Math.PI === stim2 < Math.PI;
  return same === spec.goOnMatch ? stim2 : -1;
}

/**
 * Any of the 20 rules of Yang, Joglekar, Song, Newsome & Wang 2019 ("Task representations in neural networks trained to
 * perform many cognitive tasks", Nature Neuroscience 22; times and strengths as in github.com/gyyang/multitask), as one
 * task in which the rule of each trial is drawn.
 *
 * Inputs: `fixation`, two rings of units (`ring1`, `ring2`: the modalities), and `rule`, one input for each. A stimulus is a
 * bump 0.8 exp(-(d / (π/8))² / 2) times its strength. Outputs: `fixation` (0.8 while to be held, else 0.05) and a `ring`
 * (0.05, and a bump where to respond). The error counts 1 before the response (0 in the first 100 ms), 5 in it (0 in its
 * first 100 ms), and twice for fixation. A trial is solved if at its last step the network fixates (output above 0.5) where
 * it should, or else does not and the population vector is within 0.2π of the response.
 *
 * Periods: fix1, stim1, delay1, stim2, delay2, go1; a rule has some of them. Conditions: `rule`; `stim1`, `stim2` (angles);
 * `distance`, `match`, `modality1`, `modality2` (1 or 2) of the go and match rules; `mean`, `coherence` (signed: stimulus 1 is
 * stronger by twice this), `meanOther`, `coherenceOther` of the modality that is not judged, `split1`, `split2` (how unevenly a
 * sum is made up); from these the strengths `stim1Mod1` … `stim2Mod2`, and `response` (an angle, or -1: keep fixating).
 *
 * Where ours differs from the authors' code: times, modalities and rules are drawn for each trial, not for each batch, so
 * that trials of a batch differ in length; all random numbers follow from the seed (multidm's did not); the population
 * vector is not divided by the sum of the outputs, which turns it round where that is negative.
 * @throws {@link ConfigError} for an unknown option or rule, {@link ValueError} for probabilities that are all 0.
 */
export function yang2019(options: Yang2019Options = {}): Task<YangConditions> {
  return makeYang("yang2019", parseWith(yang2019Schema, options, "yang2019"));
}

/** One rule of {@link yang2019} as a task of its own, with no rule input. @throws {@link ConfigError} */
export function yangRule(rule: YangRule, options: YangRuleOptions = {}): Task<YangConditions> {
  return makeYang(rule, { ...parseWith(yangRuleSchema, options, rule), rules: [rule] });
}

function makeYang(name: string, options: z.output<typeof yang2019Schema>): Task<YangConditions> {
  const { dtMs = 20, ringUnits, noise, easy, rules, probabilities = {}, ruleInputs = rules.length > 1 } = options;
  if (new Set(rules).size < rules.length) throw new ConfigError(`${name}: rules: a rule is named twice.`);
  const unused = Object.keys(probabilities).find((rule) => !rules.includes(rule as YangRule));
  if (unused !== undefined) throw new ConfigError(`${name}: probabilities: "${unused}" is not among the rules.`);
  const specs = rules.map((rule) => ruleSpecs[rule]);
  const specOf = ({ rule }: { readonly rule: number }): RuleSpec => specs[rule] as RuleSpec;
  const weights = rules.map((rule) => probabilities[rule] ?? 1);
  const ring = gaussianRing({ size: ringUnits, height: 0.8, width: Math.PI / 8 });
  const scale = (spec: RuleSpec): number => (!easy ? 1 : spec.stim2.includes("stim1") ? 10 : 2);
  const signedCoherences = (spec: RuleSpec): number[] =>
    (spec.coherences ?? [0]).flatMap((value) => [value * scale(spec), -value * scale(spec)]);
  const sets = specs.map(signedCoherences);
  const [firstSet = [0]] = sets;
  // A choice, which a batch can balance, where all rules have the same coherences.
  const oneSet = sets.every((set) => set.join() === firstSet.join());
  const coherence = (values: Values, random: Random): number => random.choice(sets[values.rule] as number[]);
  const level =
    (period: YangPeriod, modality: 1 | 2) =>
    (values: Values): Float64Array | number => {
      const { stim1, stim2 } = values;
      const spec = specOf(values);
      const one = !spec.stim1.includes(period) ? 0 : modality === 1 ? values.stim1Mod1 : values.stim1Mod2;
      const two = !spec.stim2.includes(period) ? 0 : modality === 1 ? values.stim2Mod1 : values.stim2Mod2;
      if (one === 0 && two === 0) return 0;
      if (two === 0) return ring(stim1, one);
      if (one === 0) return ring(stim2, two);
      const first = ring(stim1, one);
      const second = ring(stim2, two);
      // Rounded in between as the authors' float32 sums are.
      return first.map((value, unit) => Math.fround(value) + (second[unit] as number));
    };
  const shown = (modality: 1 | 2) => ({
    stim1: level("stim1", modality),
    stim2: level("stim2", modality),
    go1: level("go1", modality),
  });
  const lasts = (period: YangPeriod) => ({
    of: (values: Values, random: Random) => drawTiming(timingOf(specOf(values), period), random),
    max: Math.max(...specs.map((spec) => longestTiming(timingOf(spec, period)))),
  });
  const longest = (spec: RuleSpec): number =>
    yangPeriods.reduce((sum, period) => sum + longestTiming(timingOf(spec, period)), 0);
  const total = weights.reduce((sum, weight) => sum + weight, 0);

  const stimuli = {
    fixation: { during: { go1: (values: Values) => (specOf(values).fixationOff ? 0 : 1), otherwise: 1 } },
    ring1: { size: ringUnits, during: shown(1) },
    ring2: { size: ringUnits, during: shown(2) },
  };
  const ruleLevels = rules.map((_, index) => oneHot(index, rules.length));
  const rule = { names: rules, during: { otherwise: (values: Values) => ruleLevels[values.rule] as Float64Array } };
  const withRule = { ...stimuli, rule };

  return defineTask<Name, never, YangPeriod, keyof typeof stimuli, "fixation" | "ring">({
    name,
    source: "Yang, Joglekar, Song, Newsome & Wang 2019",
    dtMs,
    conditions: {
      rule: { choice: rules, probabilities: weights },
      modality1: { choice: [1, 2], only: true },
      modality2: { choice: [1, 2], only: true },
      stim1: (values, random) =>
        specOf(values).match === "category" ? random.choice(categoryAngles) : random.uniform(0, 2 * Math.PI),
      distance: (values, random) => {
        const { family, match } = specOf(values);
        if (family === "decision") return signed(random, 0.5 * Math.PI, 1.5 * Math.PI);
        return match === "sample" ? signed(random, Math.PI / 9, (17 / 9) * Math.PI) : 0;
      },
      match: { choice: [0, 1], only: true },
      stim2: (values, random) => {
        const { family, match } = specOf(values);
        if (match === "category") return random.choice(categoryAngles);
        return wrapAngle(values.stim1 + values.distance * (family === "match" ? 1 - values.match : 1));
      },
      mean: { uniform: [0.8, 1.2] },
      meanOther: { uniform: [0.8, 1.2] },
      coherence: oneSet ? { choice: firstSet } : coherence,
      coherenceOther: oneSet ? { choice: firstSet } : coherence,
      split1: (_values, random) => signed(random, 0.2, 0.8),
      split2: (_values, random) => signed(random, 0.2, 0.8),
      stim1Mod1: (values) => strengthOf(specOf(values), values, 1, 1),
      stim1Mod2: (values) => strengthOf(specOf(values), values, 2, 1),
      stim2Mod1: (values) => strengthOf(specOf(values), values, 1, -1),
      stim2Mod2: (values) => strengthOf(specOf(values), values, 2, -1),
      response: (values) => responseOf(specOf(values), values),
    },
    rounding: "down",
    longestMs: Math.max(...specs.map(longest)),
    periods: {
      fix1: lasts("fix1"),
      stim1: lasts("stim1"),
      delay1: lasts("delay1"),
      stim2: lasts("stim2"),
      delay2: lasts("delay2"),
      go1: lasts("go1"),
    },
    inputs: ruleInputs ? withRule : stimuli,
    noise: { sigma: noise, tauMs: 100 },
    outputs: {
      fixation: {
        weight: 2,
        during: { go1: ({ response }) => (response < 0 ? fixating : base), otherwise: fixating },
      },
      ring: {
        size: ringUnits,
        during: {
          go1: ({ response }) => (response < 0 ? base : ring(response).map((value) => Math.fround(base) + value)),
          otherwise: base,
        },
      },
    },
    mask: { go1: 5, otherwise: 1 },
    graceMs: { fix1: 100, go1: 100 },
    accuracy: {
      type: "angle",
      outputs: "ring",
      fixation: "fixation",
      tolerance: 0.2 * Math.PI,
      correct: "response",
    },
    chance: specs.reduce((sum, spec, index) => sum + (spec.chance * (weights[index] as number)) / total, 0),
  });
}

function timingOf(spec: RuleSpec, period: YangPeriod): Timing | undefined {
  return spec.timing[period];
}

/** Strength of the first (sign 1) or second (sign -1) stimulus in a modality; 0 where it is not shown in it. */
function strengthOf(spec: RuleSpec, values: Values, modality: 1 | 2, sign: 1 | -1): number {
  if (spec.family === "decision") return strength(spec, values, modality, sign);
  if (spec.family === "go" && sign === -1) return 0;
  return (sign === 1 ? values.modality1 : values.modality2) === modality ? 1 : 0;
}
