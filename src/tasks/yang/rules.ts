import type { Random } from "../../random.ts";

/** The 20 rules in the order of their inputs (Yang et al. 2019, Table 1), under the names of their code. */
export const yangRules = [
  "fdgo",
  "reactgo",
  "delaygo",
  "fdanti",
  "reactanti",
  "delayanti",
  "dm1",
  "dm2",
  "contextdm1",
  "contextdm2",
  "multidm",
  "delaydm1",
  "delaydm2",
  "contextdelaydm1",
  "contextdelaydm2",
  "multidelaydm",
  "dmsgo",
  "dmsnogo",
  "dmcgo",
  "dmcnogo",
] as const;
export type YangRule = (typeof yangRules)[number];

export const yangPeriods = ["fix1", "stim1", "delay1", "stim2", "delay2", "go1"] as const;
export type YangPeriod = (typeof yangPeriods)[number];

/** A duration in milliseconds: one of a list, or uniform between two. */
export type Timing = readonly number[] | { readonly between: readonly [number, number] };

/** What a rule asks for. */
export interface RuleSpec {
  readonly family: "go" | "decision" | "match";
  readonly timing: Readonly<Partial<Record<YangPeriod, Timing>>>;
  /** Periods in which the first and the second stimulus are shown. */
  readonly stim1: readonly YangPeriod[];
  readonly stim2: readonly YangPeriod[];
  /** Whether the fixation point goes off as the cue to respond; else a stimulus that comes on is the cue. */
  readonly fixationOff: boolean;
  /** Of a go rule: respond opposite to the stimulus. */
  readonly anti?: boolean;
  /** Of a decision: the modality that is shown or judged, or the sum of the two. */
  readonly attend?: 1 | 2 | "both";
  /** Of a decision: whether both modalities are shown. */
  readonly multimodal?: boolean;
  /** Of a decision: strengths differ by twice this. */
  readonly coherences?: readonly number[];
  /** Of a match rule: what has to be the same. */
  readonly match?: "sample" | "category";
  /** Of a match rule: whether to respond to a match (else to a non-match). */
  readonly goOnMatch?: boolean;
  /** The accuracy of a guess: of a direction at random, of one of two stimuli, of responding or not. */
  readonly chance: number;
}

const short: Timing = [200, 400, 600];
const memory: Timing = [200, 400, 800, 1600];
const go1: Timing = [500];

const respond = { family: "go", stim2: [], chance: 0.2 } as const;
const fixedDelay = {
  ...respond,
  timing: { fix1: { between: [300, 700] }, stim1: { between: [500, 1500] }, go1 },
  stim1: ["stim1", "go1"],
  fixationOff: true,
} as const;
const reaction = {
  ...respond,
  timing: { fix1: { between: [500, 2500] }, go1 },
  stim1: ["go1"],
  fixationOff: false,
} as const;
const delayed = {
  ...respond,
  timing: { fix1: [300, 500, 700], stim1: short, delay1: memory, go1 },
  stim1: ["stim1"],
  fixationOff: true,
} as const;

const decide = { family: "decision", stim1: ["stim1"], fixationOff: true, chance: 0.5 } as const;
const together = {
  ...decide,
  timing: { fix1: { between: [100, 400] }, stim1: [400, 800, 1600], go1 },
  stim2: ["stim1"],
  coherences: [0.01, 0.02, 0.04, 0.08],
} as const;
const inTurn = {
  ...decide,
  timing: { fix1: short, stim1: short, delay1: memory, stim2: short, delay2: { between: [100, 300] }, go1 },
  stim2: ["stim2"],
  coherences: [0.08, 0.16, 0.32],
} as const;

const compare = {
  family: "match",
  stim1: ["stim1"],
  stim2: ["go1"],
  fixationOff: false,
  chance: 0.5,
} as const;
const sample = { ...compare, timing: { fix1: short, stim1: short, delay1: memory, go1 }, match: "sample" } as const;
const category = {
  ...compare,
  timing: { fix1: short, stim1: short, delay1: memory, go1: short },
  match: "category",
} as const;

/** Every rule of Yang, Joglekar, Song, Newsome & Wang 2019 with the times and strengths of their code. */
export const ruleSpecs: Readonly<Record<YangRule, RuleSpec>> = {
  fdgo: fixedDelay,
  reactgo: reaction,
  delaygo: delayed,
  fdanti: { ...fixedDelay, anti: true },
  reactanti: { ...reaction, anti: true },
  delayanti: { ...delayed, anti: true },
  dm1: { ...together, attend: 1 },
  dm2: { ...together, attend: 2 },
  contextdm1: { ...together, attend: 1, multimodal: true },
  contextdm2: { ...together, attend: 2, multimodal: true },
  multidm: { ...together, attend: "both", multimodal: true },
  delaydm1: { ...inTurn, attend: 1 },
  delaydm2: { ...inTurn, attend: 2 },
  contextdelaydm1: { ...inTurn, attend: 1, multimodal: true },
  contextdelaydm2: { ...inTurn, attend: 2, multimodal: true },
  multidelaydm: { ...inTurn, attend: "both", multimodal: true },
  dmsgo: { ...sample, goOnMatch: true },
  dmsnogo: { ...sample, goOnMatch: false },
  dmcgo: { ...category, goOnMatch: true },
  dmcnogo: { ...category, goOnMatch: false },
};

/** A duration of a rule; a period that it does not have lasts 0 ms. */
export function drawTiming(timing: Timing | undefined, random: Random): number {
  if (timing === undefined) return 0;
  return "between" in timing ? random.uniform(...timing.between) : random.choice(timing);
}

/** The longest that a duration can be. */
export function longestTiming(timing: Timing | undefined): number {
  if (timing === undefined) return 0;
  return "between" in timing ? timing.between[1] : Math.max(...timing);
}
