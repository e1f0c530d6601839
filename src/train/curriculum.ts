import { z } from "zod";
import { ConfigError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import type { Trials } from "../network/trials.ts";
import { checkKeys } from "../structure/options.ts";
import type { TrialSource } from "./source.ts";

/** What is measured of a stage, and when another one follows; the part of a stage that is plain data. */
export const stageRules = {
  name: z.string().min(1).optional(),
  /** `accuracy`: the source's own, better where larger. `loss`: the training loss, better where smaller. */
  metric: z.enum(["accuracy", "loss"]).default("accuracy"),
  /** The next stage follows when the metric reaches this; 0.9 unless given (PsychRNN), which a loss must be. */
  threshold: z.number().optional(),
  /** The stage before follows when the metric is worse than this; absent = never. */
  fallBelow: z.number().optional(),
};

/** How a curriculum goes about its stages, as plain data. */
export const curriculumRules = {
  /** Updates between two measurements. */
  every: z.int().positive().default(10),
  /** Fresh trials of each measurement; those of a batch unless given. */
  trials: z.int().positive().optional(),
  /** The share of a batch that comes from earlier stages, in equal parts. */
  mix: z.number().min(0).lt(1).default(0),
};

const stageSchema = z.object(stageRules);
const curriculumSchema = z.object({ ...curriculumRules, stages: z.array(stageSchema).min(1) });

type StageRules = z.output<typeof stageSchema>;
const defaultThreshold = 0.9;

/** One stage of a curriculum as it is given. */
export interface StageInput extends Omit<z.input<typeof stageSchema>, "metric"> {
  readonly source: TrialSource;
  /** `accuracy` unless given. A function gives any number, better where larger, of outputs [T, B, O] and their trials. */
  readonly metric?: StageRules["metric"] | ((outputs: Float32Array, trials: Trials) => number);
}

export interface CurriculumInput extends Partial<z.input<z.ZodObject<typeof curriculumRules>>> {
  readonly stages: readonly StageInput[];
}

/** A checked stage. */
export interface Stage {
  readonly source: TrialSource;
  readonly name: string;
  readonly metric: NonNullable<StageInput["metric"]>;
  readonly threshold: number;
  readonly fallBelow?: number;
}

/** Stages of training, from easy to hard: one source of trials after the other. Made by {@link curriculum}. */
export interface Curriculum {
  readonly stages: readonly Stage[];
  readonly every: number;
  readonly trials?: number;
  readonly mix: number;
}

/** Whether a larger value of a stage's metric is better. */
function sign({ metric }: Pick<Stage, "metric">): 1 | -1 {
  return metric === "loss" ? -1 : 1;
}

function checkStage(stage: StageInput, rules: StageRules, index: number, first: TrialSource): Stage {
  checkKeys(`curriculum: stages[${index}]`, stage, ["source", ...Object.keys(stageRules)]);
  const label = `curriculum: stages[${index}]`;
  const { source, metric = "accuracy" } = stage;
  if (typeof source !== "object" || source === null || typeof source.batch !== "function")
    throw new ConfigError(`${label}: source: expected a task or another source of trials, got ${String(source)}.`);
  if (source.inputs !== first.inputs || source.outputs !== first.outputs)
    throw new ConfigError(
      `${label}: all stages need the same channels: expected ${first.inputs} inputs and ${first.outputs} outputs as in the first, got ${source.inputs} and ${source.outputs}.`,
    );
  if (metric === "accuracy" && source.accuracy === undefined)
    throw new ConfigError(`${label}: the source has no accuracy: give the stage a metric: "loss" or a function.`);
  if (metric === "loss" && rules.threshold === undefined)
    throw new ConfigError(`${label}: a loss needs the threshold below which the next stage follows.`);
  const { threshold = defaultThreshold, fallBelow, name = `stage ${index}` } = rules;
  if (fallBelow !== undefined && sign({ metric }) * (threshold - fallBelow) < 0)
    throw new ConfigError(
      `${label}: fallBelow ${fallBelow} is better than the threshold ${threshold}: the stages would take turns.`,
    );
  if (fallBelow !== undefined && index === 0)
    throw new ConfigError(`${label}: fallBelow: there is no stage before the first.`);
  return { source, name, metric, threshold, ...(fallBelow !== undefined && { fallBelow }) };
}

/**
 * Training in stages, for `train(network, curriculum(…), options)`: trials come from the first stage until its metric,
 * measured every few updates on fresh trials, reaches its threshold, then from the next one; passing the last one ends
 * training. A stage with `fallBelow` gives way to the one before it when it goes that badly, and with `mix` every batch
 * keeps a share of earlier stages' trials. All stages need the same channels; they may differ in length.
 * Without `fallBelow` and `mix` it is PsychRNN's Curriculum. Replicas go through the stages each at its own pace.
 *
 * ```ts
 * import { ctrnn, curriculum, dense, openDevice, tasks, train } from "cortrain";
 *
 * const device = await openDevice();
 * const [easy, hard] = [[0.5], [0.05, 0.15, 0.5]].map((coherences) => tasks.contextDecision({ coherences, stimulusMs: 200 }));
 * const stages = [
 *   { source: easy, threshold: 0.8 },
 *   { source: hard, threshold: 0.9, fallBelow: 0.6 },
 * ];
 * const network = ctrnn(device, { structure: dense({ inputs: 6, hidden: 16, outputs: 2 }), dtMs: 40 });
 * const lessons = curriculum({ stages, every: 5, mix: 0.2 });
 * for await (const { step, stage, loss } of train(network, lessons, { steps: 10 })) console.log(step, stage, loss);
 * ```
 *
 * @throws ConfigError naming the stage.
 */
export function curriculum(options: CurriculumInput): Curriculum {
  checkKeys("curriculum", options, ["stages", ...Object.keys(curriculumRules)]);
  const { stages, ...rules } = options;
  if (!Array.isArray(stages)) throw new ConfigError("curriculum: stages: expected a list of stages.");
  const given = stages as readonly StageInput[];
  const plain = given.map(({ source: _source, metric, ...stage }) => ({
    ...stage,
    ...(typeof metric === "string" && { metric }),
  }));
  const parsed = parseWith(curriculumSchema, { ...rules, stages: plain }, "curriculum");
  const first = given[0]?.source as TrialSource;
  const checked = given.map((stage, index) => checkStage(stage, parsed.stages[index] as StageRules, index, first));
  const { every, mix, trials } = parsed;
  return { stages: checked, every, mix, ...(trials !== undefined && { trials }) };
}

/** Whether training is over stages. */
export function isCurriculum(given: TrialSource | Curriculum): given is Curriculum {
  return "stages" in given;
}

/**
 * The stage after a measurement: the next where the value reaches the threshold, the one before where it is worse than
 * `fallBelow`, else the same. After the last stage comes `stages.length`: the curriculum has been passed.
 * A value that is no number changes nothing.
 */
export function nextStage({ stages }: Pick<Curriculum, "stages">, stage: number, value: number): number {
  const rules = stages[stage];
  if (rules === undefined) return stage;
  const { threshold, fallBelow } = rules;
  if (sign(rules) * (value - threshold) >= 0) return stage + 1;
  return fallBelow !== undefined && sign(rules) * (value - fallBelow) < 0 ? stage - 1 : stage;
}
