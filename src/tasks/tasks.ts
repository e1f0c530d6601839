/**
 * Every built-in task. A new one is a file that exports a function of its options and a zod schema of them (with
 * {@link commonTaskOptions} in it), and a line in each of the two tables here; configurations then know it, too.
 */
import { contextDecision, contextDecisionSchema } from "./context-decision.ts";
import { delayedDiscrimination, delayedDiscriminationSchema } from "./psychrnn/delayed-discrimination.ts";
import { matchToCategory, matchToCategorySchema } from "./psychrnn/match-to-category.ts";
import { perceptualDiscrimination, perceptualDiscriminationSchema } from "./psychrnn/perceptual-discrimination.ts";
import { type YangRuleOptions, yang2019, yang2019Schema, yangRule, yangRuleSchema } from "./yang/yang2019.ts";

/** Every built-in task by name: each entry makes one from its options. */
export const tasks = {
  contextDecision,
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
