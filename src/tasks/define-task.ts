/**
 * Tasks as data. A guide for who writes one:
 *
 * - `conditions` say what is shown; they are drawn in their order for each trial, a function sees those before it, and a
 *   batch can fix any of them by name. Lists of numbers (a sequence, random weights) are `vectors`.
 * - `periods` say when; each duration is a condition, too, called `<period>Ms`. A duration that depends on a condition (an
 *   interval to be reproduced) is `{ condition: "intervalMs" }` or `{ of: (trial) => …, max }`. A pulse is `{ steps: 1 }`.
 * - `inputs` and `outputs` say what each channel, or each group of channels, does in each period: a number, a list (one
 *   for each channel) or a function of the trial. It is called once a trial, not once a step. Rings: {@link ring}; one of
 *   several: {@link oneHot}.
 * - What changes from step to step (pulses at random times, a random walk, a ramp) is a `fill`: it gets a whole trial of
 *   its group, [steps, size], and random numbers of its own (`timeline.random`). Inputs are made first, in their order,
 *   then outputs, so that a target can follow from the inputs of the trial: `timeline.input("pulses")`, without noise.
 * - `noise` is added last, to the inputs of each trial up to its end.
 * - `mask` says where the error counts; after the end of a trial it is 0. Trials of one task may differ in length: a batch
 *   is as long as the longest trial that the rules allow, so that every batch of training has the same shape.
 * - `accuracy` says when a trial is solved: a rule by name, or a function of one trial.
 *
 * Make the task solvable: the go cue must reach the network (an input that changes), and the moment to answer must not
 * follow from the time alone. Options of a built-in task are a zod schema beside it; it is listed in `tasks.ts`.
 */
import { z } from "zod";
import { ConfigError, ValueError } from "../errors.ts";
import { parseWith } from "../io/config.ts";
import type { TaskDefinition } from "./definition.ts";
import { compileJudge } from "./engine/accuracy.ts";
import { batchKeys, type DefinedBatchOptions } from "./engine/batch-request.ts";
import { compileInputs, compileOutputs } from "./engine/channels.ts";
import { type CompiledTask, catchName } from "./engine/compiled-task.ts";
import { compileConditions, compileVectors } from "./engine/conditions.ts";
import { checkRuleKeys, definitionSchema, type LooseDefinition } from "./engine/definition-schema.ts";
import type { ListPerTrial, PerTrial } from "./engine/fixed.ts";
import { Generator } from "./engine/generate.ts";
import { compilePeriods } from "./engine/periods.ts";
import { meanOfScored, type Task } from "./task.ts";

/** The conditions that a batch of a defined task may fix, and how it is made up. */
export type DefinedConditions<C extends string, V extends string, P extends string> = {
  readonly [Name in C | `${P}Ms`]?: PerTrial;
} & { readonly [Name in V]?: ListPerTrial } & Pick<DefinedBatchOptions, "balanced" | "trim"> & {
    readonly [catchName]?: PerTrial;
  };

const nameShape = /^[A-Za-z_]\w*$/;

function checkNames(task: string, definition: LooseDefinition): void {
  const conditions = Object.keys(definition.conditions ?? {});
  const vectors = Object.keys(definition.vectors ?? {});
  const periods = Object.keys(definition.periods);
  const channels = [...Object.keys(definition.inputs), ...Object.keys(definition.outputs)];
  for (const name of [...conditions, ...vectors, ...periods, ...channels])
    if (!nameShape.test(name))
      throw new ConfigError(
        `${task}: expected names of letters and digits, such as stimulus1, got ${JSON.stringify(name)}.`,
      );
  if (Object.hasOwn(definition.periods, "otherwise"))
    throw new ConfigError(
      `${task}: periods: "otherwise" stands for all periods that are not named; take another name.`,
    );
  const used = new Set([...batchKeys, "dtMs", catchName]);
  for (const name of [...conditions, ...vectors, ...periods.map((period) => `${period}Ms`)]) {
    if (used.has(name))
      throw new ConfigError(`${task}: "${name}" is used twice, or by every batch; take another name.`);
    used.add(name);
  }
}

/** Purposes of random numbers are this far apart. */
const mostOfEach = 256;

function checkCounts(task: string, { conditions = {}, vectors = {}, periods, inputs, outputs }: LooseDefinition): void {
  const counts = {
    conditions: Object.keys(conditions).length,
    vectors: Object.keys(vectors).length,
    periods: Object.keys(periods).length,
    "input and output groups": Object.keys(inputs).length + 2 * Object.keys(outputs).length,
  };
  for (const [what, count] of Object.entries(counts))
    if (count >= mostOfEach)
      throw new ConfigError(`${task}: ${count} ${what}: expected fewer than ${mostOfEach}; put channels into groups.`);
}

function compile(definition: LooseDefinition): CompiledTask {
  const { name: task, dtMs = 20, catchTrials, accuracy, graceMs = {} } = definition;
  checkNames(task, definition);
  checkCounts(task, definition);
  const conditions = compileConditions(task, {
    ...definition.conditions,
    ...(catchTrials && {
      [catchName]: {
        choice: [0, 1],
        probabilities: [1 - catchTrials.probability, catchTrials.probability],
        only: true,
      },
    }),
  });
  const vectors = compileVectors(task, definition.vectors ?? {});
  const periods = compilePeriods(task, definition.periods, conditions);
  const names = periods.map(({ name }) => name);
  const options = { noise: definition.noise, silent: catchTrials?.without ?? [] };
  const outputs = compileOutputs(task, definition.outputs, names, definition.mask);
  const unknown = Object.keys(graceMs).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new ConfigError(`${task}: graceMs: "${unknown}" is not a period.`);
  const choice = typeof accuracy !== "function" && accuracy.type === "choice" ? accuracy : undefined;
  const chosen = choice?.outputs;
  const choices = outputs
    .filter(({ name }) => chosen === undefined || chosen.includes(name))
    .reduce((sum, { size }) => sum + size, 0);
  return {
    ...{ name: task, dtMs, rounding: definition.rounding ?? "nearest", conditions, vectors, periods, outputs, choices },
    inputs: compileInputs(task, definition.inputs, names, options),
    graceMs: names.map((name) => graceMs[name] ?? 0),
    rectifyInputs: definition.rectifyInputs === true,
    ...(definition.longestMs !== undefined && { longestMs: definition.longestMs }),
    ...(choice && { correct: choice.correct }),
  };
}

/**
 * Makes a task of its definition: named periods, channels, conditions, and an accuracy rule.
 *
 * Two noisy lights, one of them brighter; say which, once they are off. The network has one input for each light and one
 * output for each answer:
 *
 * <!-- example -->
 * ```ts
 * const twoLights = defineTask({
 *   name: "twoLights",
 *   conditions: {
 *     coherence: { choice: [0.032, 0.128, 0.512] },
 *     brighter: { choice: ["left", "right"] },
 *   },
 *   periods: {
 *     fixation: 200,
 *     stimulus: { truncatedExponential: { mean: 600, min: 300, max: 1200 } },
 *     answer: 300,
 *   },
 *   inputs: {
 *     left: { during: { stimulus: ({ brighter, coherence }) => (brighter === 0 ? 1 + coherence : 1) } },
 *     right: { during: { stimulus: ({ brighter, coherence }) => (brighter === 1 ? 1 + coherence : 1) } },
 *   },
 *   noise: { sigma: 0.02, tauMs: 100 },
 *   outputs: {
 *     left: { during: { answer: ({ brighter }) => (brighter === 0 ? 1 : 0.2), otherwise: 0.2 } },
 *     right: { during: { answer: ({ brighter }) => (brighter === 1 ? 1 : 0.2), otherwise: 0.2 } },
 *   },
 *   mask: { fixation: 1, answer: 1 },
 *   graceMs: { answer: 100 },
 *   accuracy: { type: "choice", during: "answer", correct: "brighter" },
 * });
 *
 * const hard = twoLights.batch({ trials: 100, seed: 1, coherence: 0.032 });
 * const everyCondition = twoLights.batch({ trials: 60, seed: 2, balanced: ["coherence", "brighter"] });
 * ```
 * <!-- /example -->
 *
 * Conditions and periods are drawn by counter-based random numbers of (seed, stream, index, trial): trial b is the same in
 * a batch of any size, and fixing one condition changes nothing that does not depend on it.
 * @throws {@link ConfigError} for an unknown or missing name, {@link ValueError} for a value out of range,
 * {@link ShapeError} for lists that do not fit their channels.
 */
export function defineTask<
  C extends string = never,
  V extends string = never,
  P extends string = never,
  I extends string = never,
  O extends string = never,
>(definition: TaskDefinition<C, V, P, I, O>): Task<DefinedConditions<C, V, P>> {
  const named: unknown = Reflect.get(definition, "name");
  const label = typeof named === "string" && named !== "" ? named : "defineTask";
  checkRuleKeys(label, definition);
  parseWith(definitionSchema, definition, label);
  const loose = definition as unknown as LooseDefinition;
  const compiled = compile(loose);
  const generator = new Generator(compiled);
  const { conditions, vectors, periods, inputs, outputs, dtMs } = compiled;
  const judge = compileJudge(loose.accuracy, {
    ...{ task: label, outputs, periods: periods.map(({ name }) => name) },
    conditions: [...conditions.map(({ name }) => name), ...periods.map(({ conditionName }) => conditionName)],
  });
  const { choices } = judge;
  const chance = loose.chance ?? judge.chance;
  if (!(chance >= 0 && chance <= 1)) throw new ValueError(`${label}: chance: expected 0 … 1, got ${chance}.`);
  // No trial of a catch is scored.
  const correct: typeof judge.correct = (values, batch) =>
    judge
      .correct(values, batch)
      .map((score, trial) => (batch.conditions[catchName]?.[trial] === 1 ? Number.NaN : score));
  const channelNames = (groups: typeof inputs | typeof outputs): string[] => groups.flatMap(({ names }) => names);
  const inputNames = channelNames(inputs);
  const outputNames = channelNames(outputs);
  return {
    ...{ name: label, source: loose.source ?? "", inputNames, outputNames, dtMs, chance },
    ...{ inputs: inputNames.length, outputs: outputNames.length },
    conditionNames: [...conditions, ...vectors]
      .map(({ name }) => name)
      .concat(periods.map(({ conditionName }) => conditionName)),
    labels: Object.fromEntries(
      conditions.flatMap(({ name, sampler }) => (sampler?.labels === undefined ? [] : [[name, sampler.labels]])),
    ),
    batch: (options) => generator.batch(options),
    correct,
    accuracy: (values, batch) => meanOfScored(correct(values, batch)),
    ...(choices && { choices }),
  };
}

/** The keys that every built-in task's options have. */
export const commonTaskOptions = { dtMs: z.number().positive().optional() };
