/**
 * Every built-in task. A new one is a file that exports a function of its options and a zod schema of them (with
 * {@link commonTaskOptions} in it), and a line in each of the two tables here; configurations then know it, too.
 */
import { contextDecision, contextDecisionSchema } from "./context-decision.ts";
import { antiResponse, antiResponseSchema } from "./decision/anti-response.ts";
import { contextIntegration, contextIntegrationSchema } from "./decision/context-integration.ts";
import { delayedContextDecision, delayedContextDecisionSchema } from "./decision/delayed-context-decision.ts";
import { economicChoice, economicChoiceSchema } from "./decision/economic-choice.ts";
import { goNoGo, goNoGoSchema } from "./decision/go-no-go.ts";
import { multisensoryDecision, multisensoryDecisionSchema } from "./decision/multisensory-decision.ts";
import { multisensoryIntegration, multisensoryIntegrationSchema } from "./decision/multisensory-integration.ts";
import { perceptualDecision, perceptualDecisionSchema } from "./decision/perceptual-decision.ts";
import { poissonClicks, poissonClicksSchema } from "./decision/poisson-clicks.ts";
import { probabilisticReasoning, probabilisticReasoningSchema } from "./decision/probabilistic-reasoning.ts";
import { pulseAccumulation, pulseAccumulationSchema } from "./decision/pulse-accumulation.ts";
import { reactionTimeDecision, reactionTimeDecisionSchema } from "./decision/reaction-time-decision.ts";
import { variableDurationDecision, variableDurationDecisionSchema } from "./decision/variable-duration-decision.ts";
import { delayedComparison, delayedComparisonSchema } from "./memory/delayed-comparison.ts";
import { delayedMatchToCategory, delayedMatchToCategorySchema } from "./memory/delayed-match-to-category.ts";
import { delayedMatchToSample, delayedMatchToSampleSchema } from "./memory/delayed-match-to-sample.ts";
import {
  delayedMatchWithDistractors,
  delayedMatchWithDistractorsSchema,
} from "./memory/delayed-match-with-distractors.ts";
import { delayedPairedAssociation, delayedPairedAssociationSchema } from "./memory/delayed-paired-association.ts";
import { dualDelayedMatch, dualDelayedMatchSchema } from "./memory/dual-delayed-match.ts";
import { parametricWorkingMemory, parametricWorkingMemorySchema } from "./memory/parametric-working-memory.ts";
import { delayedReport, delayedReportSchema } from "./motor/delayed-report.ts";
import { flipFlop, flipFlopSchema } from "./motor/flip-flop.ts";
import { delayedReach, memoryGuidedReach, reachSchema } from "./motor/reach.ts";
import { sequenceReproduction, sequenceReproductionSchema } from "./motor/sequence-reproduction.ts";
import { sineGenerator, sineGeneratorSchema } from "./motor/sine-generator.ts";
import { headDirection, headDirectionSchema } from "./navigation/head-direction.ts";
import { pathIntegration, pathIntegrationSchema } from "./navigation/path-integration.ts";
import { delayedDiscrimination, delayedDiscriminationSchema } from "./psychrnn/delayed-discrimination.ts";
import { matchToCategory, matchToCategorySchema } from "./psychrnn/match-to-category.ts";
import { perceptualDiscrimination, perceptualDiscriminationSchema } from "./psychrnn/perceptual-discrimination.ts";
import { intervalDiscrimination, intervalDiscriminationSchema } from "./timing/interval-discrimination.ts";
import { motorTiming, motorTimingSchema } from "./timing/motor-timing.ts";
import { oneTwoThreeGo, oneTwoThreeGoSchema } from "./timing/one-two-three-go.ts";
import { readySetGo, readySetGoSchema } from "./timing/ready-set-go.ts";
import { type YangRuleOptions, yang2019, yang2019Schema, yangRule, yangRuleSchema } from "./yang/yang2019.ts";

/** Every built-in task by name: each entry makes one from its options. */
export const tasks = {
  contextDecision,
  perceptualDecision,
  variableDurationDecision,
  reactionTimeDecision,
  pulseAccumulation,
  poissonClicks,
  contextIntegration,
  delayedContextDecision,
  multisensoryDecision,
  multisensoryIntegration,
  probabilisticReasoning,
  economicChoice,
  goNoGo,
  antiResponse,
  parametricWorkingMemory,
  delayedComparison,
  delayedMatchToSample,
  delayedMatchWithDistractors,
  delayedMatchToCategory,
  delayedPairedAssociation,
  dualDelayedMatch,
  delayedReach,
  memoryGuidedReach,
  delayedReport,
  flipFlop,
  sineGenerator,
  sequenceReproduction,
  readySetGo,
  oneTwoThreeGo,
  motorTiming,
  intervalDiscrimination,
  headDirection,
  pathIntegration,
  perceptualDiscrimination,
  delayedDiscrimination,
  matchToCategory,
  yang2019,
  fdgo: (options?: YangRuleOptions) => yangRule("fdgo", options),
  reactgo: (options?: YangRuleOptions) => yangRule("reactgo", options),
  delaygo: (options?: YangRuleOptions) => yangRule("delaygo", options),
  fdanti: (options?: YangRuleOptions) => yangRule("fdanti", options),
  reactanti: (options?: YangRuleOptions) => yangRule("reactanti", options),
  delayanti: (options?: YangRuleOptions) => yangRule("delayanti", options),
  dm1: (options?: YangRuleOptions) => yangRule("dm1", options),
  dm2: (options?: YangRuleOptions) => yangRule("dm2", options),
  contextdm1: (options?: YangRuleOptions) => yangRule("contextdm1", options),
  contextdm2: (options?: YangRuleOptions) => yangRule("contextdm2", options),
  multidm: (options?: YangRuleOptions) => yangRule("multidm", options),
  delaydm1: (options?: YangRuleOptions) => yangRule("delaydm1", options),
  delaydm2: (options?: YangRuleOptions) => yangRule("delaydm2", options),
  contextdelaydm1: (options?: YangRuleOptions) => yangRule("contextdelaydm1", options),
  contextdelaydm2: (options?: YangRuleOptions) => yangRule("contextdelaydm2", options),
  multidelaydm: (options?: YangRuleOptions) => yangRule("multidelaydm", options),
  dmsgo: (options?: YangRuleOptions) => yangRule("dmsgo", options),
  dmsnogo: (options?: YangRuleOptions) => yangRule("dmsnogo", options),
  dmcgo: (options?: YangRuleOptions) => yangRule("dmcgo", options),
  dmcnogo: (options?: YangRuleOptions) => yangRule("dmcnogo", options),
} as const;

/** What the options of every task may hold. */
export const taskSchemas = {
  contextDecision: contextDecisionSchema,
  perceptualDecision: perceptualDecisionSchema,
  variableDurationDecision: variableDurationDecisionSchema,
  reactionTimeDecision: reactionTimeDecisionSchema,
  pulseAccumulation: pulseAccumulationSchema,
  poissonClicks: poissonClicksSchema,
  contextIntegration: contextIntegrationSchema,
  delayedContextDecision: delayedContextDecisionSchema,
  multisensoryDecision: multisensoryDecisionSchema,
  multisensoryIntegration: multisensoryIntegrationSchema,
  probabilisticReasoning: probabilisticReasoningSchema,
  economicChoice: economicChoiceSchema,
  goNoGo: goNoGoSchema,
  antiResponse: antiResponseSchema,
  parametricWorkingMemory: parametricWorkingMemorySchema,
  delayedComparison: delayedComparisonSchema,
  delayedMatchToSample: delayedMatchToSampleSchema,
  delayedMatchWithDistractors: delayedMatchWithDistractorsSchema,
  delayedMatchToCategory: delayedMatchToCategorySchema,
  delayedPairedAssociation: delayedPairedAssociationSchema,
  dualDelayedMatch: dualDelayedMatchSchema,
  delayedReach: reachSchema,
  memoryGuidedReach: reachSchema,
  delayedReport: delayedReportSchema,
  flipFlop: flipFlopSchema,
  sineGenerator: sineGeneratorSchema,
  sequenceReproduction: sequenceReproductionSchema,
  readySetGo: readySetGoSchema,
  oneTwoThreeGo: oneTwoThreeGoSchema,
  motorTiming: motorTimingSchema,
  intervalDiscrimination: intervalDiscriminationSchema,
  headDirection: headDirectionSchema,
  pathIntegration: pathIntegrationSchema,
  perceptualDiscrimination: perceptualDiscriminationSchema,
  delayedDiscrimination: delayedDiscriminationSchema,
  matchToCategory: matchToCategorySchema,
  yang2019: yang2019Schema,
  fdgo: yangRuleSchema,
  reactgo: yangRuleSchema,
  delaygo: yangRuleSchema,
  fdanti: yangRuleSchema,
  reactanti: yangRuleSchema,
  delayanti: yangRuleSchema,
  dm1: yangRuleSchema,
  dm2: yangRuleSchema,
  contextdm1: yangRuleSchema,
  contextdm2: yangRuleSchema,
  multidm: yangRuleSchema,
  delaydm1: yangRuleSchema,
  delaydm2: yangRuleSchema,
  contextdelaydm1: yangRuleSchema,
  contextdelaydm2: yangRuleSchema,
  multidelaydm: yangRuleSchema,
  dmsgo: yangRuleSchema,
  dmsnogo: yangRuleSchema,
  dmcgo: yangRuleSchema,
  dmcnogo: yangRuleSchema,
} as const satisfies Record<keyof typeof tasks, unknown>;
