import { z } from "zod";
import { ConfigError } from "../../errors.ts";
import { suggestName } from "../../io/nearest.ts";
import type {
  AccuracyRule,
  ConditionRule,
  DurationRule,
  NoiseRule,
  TaskDefinition,
  VectorRule,
  Weights,
} from "../definition.ts";
import type { AnyInput, AnyOutput } from "./channels.ts";
import type { MutableValues } from "./conditions.ts";
import { distributionSchema } from "./distribution.ts";

type AnyTrial = Readonly<MutableValues>;

/** A definition as the engine sees it: names are strings, and functions take what the generator hands them. */
export interface LooseDefinition
  extends Pick<TaskDefinition, "name" | "source" | "dtMs" | "rounding" | "longestMs" | "rectifyInputs" | "chance"> {
  readonly conditions?: Readonly<Record<string, ConditionRule<AnyTrial>>>;
  readonly vectors?: Readonly<Record<string, VectorRule<AnyTrial>>>;
  readonly periods: Readonly<Record<string, DurationRule<AnyTrial, string>>>;
  readonly inputs: Readonly<Record<string, AnyInput>>;
  readonly noise?: NoiseRule<AnyTrial, string>;
  readonly outputs: Readonly<Record<string, AnyOutput>>;
  readonly mask?: Weights<AnyTrial, string>;
  readonly graceMs?: Readonly<Record<string, number>>;
  readonly catchTrials?: { readonly probability: number; readonly without: readonly string[] };
  readonly accuracy: AccuracyRule<string, string, string>;
}

/** A function that a definition may hold. What it takes and gives is checked where it is called. */
const fn = z.custom<(...values: never[]) => unknown>((value) => typeof value === "function", {
  message: "expected a function",
});
const count = z.int().positive();
const milliseconds = z.number().nonnegative();

/** By name, in order. */
const record = <Value extends z.ZodType>(value: Value) => z.record(z.string(), value);

const conditionRule = z.union([z.number(), fn, distributionSchema]);
const vectorRule = z.union([
  z.strictObject({ count, of: z.union([fn, distributionSchema]) }),
  z.strictObject({ count, sample: z.array(z.number()).min(1) }),
]);
const durationRule = z.union([
  milliseconds,
  distributionSchema,
  z.strictObject({ steps: count }),
  z.strictObject({ condition: z.string() }),
  z.strictObject({ of: fn, max: milliseconds }),
  z.strictObject({ until: milliseconds }),
  z.strictObject({ until: fn, max: milliseconds }),
]);
const levels = record(z.union([z.number(), z.array(z.number()), fn]).optional());
const weights = record(z.union([z.number().nonnegative(), fn]).optional());
const during = z.array(z.string()).min(1).optional();
const noise = z.union([
  z.number().nonnegative(),
  z.strictObject({ sd: z.union([z.number().nonnegative(), fn]), during }),
  z.strictObject({ sigma: z.number().nonnegative(), tauMs: z.number().positive(), during }),
]);
const group = {
  size: count.optional(),
  names: z.array(z.string().min(1)).min(1).optional(),
  during: levels.optional(),
  fill: fn.optional(),
};
const input = z.strictObject({ ...group, noise: noise.optional() });
const output = z.strictObject({
  ...group,
  mask: weights.optional(),
  weight: z.number().nonnegative().optional(),
  fillMask: fn.optional(),
  duringCatch: levels.optional(),
});
const tolerance = z.number().positive();
const accuracy = z.union([
  fn,
  z.strictObject({
    type: z.literal("choice"),
    during: z.string(),
    correct: z.string(),
    outputs: z.array(z.string()).min(1).optional(),
  }),
  z.strictObject({ type: z.literal("maskedChoice"), ties: z.enum(["share", "first"]).optional() }),
  z.strictObject({ type: z.literal("sign"), output: z.string(), during: z.string(), correct: z.string() }),
  z.strictObject({
    type: z.literal("angle"),
    outputs: z.union([z.string(), z.tuple([z.string(), z.string()])]),
    correct: z.string(),
    tolerance,
    fixation: z.string().optional(),
    threshold: z.number().optional(),
    at: z.string().optional(),
  }),
  z.strictObject({ type: z.literal("within"), tolerance, during: z.string().optional() }),
]);

/** The form of a definition; whether its names fit each other is checked where it is compiled. */
export const definitionSchema = z.strictObject({
  name: z.string().min(1),
  source: z.string().optional(),
  dtMs: z.number().positive().optional(),
  conditions: record(conditionRule).optional(),
  vectors: record(vectorRule).optional(),
  periods: record(durationRule),
  rounding: z.enum(["nearest", "down", "start"]).optional(),
  longestMs: z.number().positive().optional(),
  inputs: record(input),
  noise: noise.optional(),
  rectifyInputs: z.boolean().optional(),
  outputs: record(output),
  mask: weights.optional(),
  graceMs: record(milliseconds).optional(),
  catchTrials: z
    .strictObject({ probability: z.number().min(0).max(1), without: z.array(z.string()).min(1) })
    .optional(),
  accuracy,
  chance: z.number().min(0).max(1).optional(),
});

const drawn = ["choice", "probabilities", "only", "uniform", "normal", "truncatedExponential", "perBatch"];
const ruleKeys: Readonly<Record<string, readonly string[]>> = {
  conditions: drawn,
  vectors: ["count", "of", "sample"],
  periods: [...drawn, "steps", "condition", "of", "max", "until"],
};

/** A misspelt key of a rule, named before the schema says what all rules look like. @throws {@link ConfigError} */
export function checkRuleKeys(label: string, definition: object): void {
  for (const [part, known] of Object.entries(ruleKeys)) {
    const rules: unknown = Reflect.get(definition, part);
    if (typeof rules !== "object" || rules === null) continue;
    for (const [name, rule] of Object.entries(rules)) {
      if (typeof rule !== "object" || rule === null) continue;
      const wrong = Object.keys(rule).find((key) => !known.includes(key));
      if (wrong !== undefined)
        throw new ConfigError(`${label}: ${part}.${name}: unknown key "${wrong}"; ${suggestName(wrong, known)}`);
    }
  }
}
