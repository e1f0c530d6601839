import { angleBetween, populationVector, wrapAngle } from "../angles.ts";
import type { AccuracyRule } from "../definition.ts";
import type { TrialBatch } from "../task.ts";
import type { ChannelGroup } from "./channels.ts";
import { checkOutputs, choiceCorrect, choicesMade, indexOfLargest, scoreLargest, sumOutputs } from "./choice.ts";
import { checkName, type Judge, judgeByFunction, lengthOf, scoreTrials, windowOf } from "./judge.ts";

type AnyRule = AccuracyRule<string, string, string>;
type Named<Type extends string> = Extract<AnyRule, { readonly type: Type }>;

/** What a rule may refer to. */
export interface JudgeContext {
  readonly task: string;
  readonly outputs: readonly ChannelGroup[];
  readonly periods: readonly string[];
  readonly conditions: readonly string[];
}

function channelsOf(groups: readonly ChannelGroup[], names?: readonly string[]): number[] {
  const chosen = names === undefined ? groups : names.flatMap((name) => groups.filter((group) => group.name === name));
  return chosen.flatMap(({ offset, size }) => Array.from({ length: size }, (_, channel) => offset + channel));
}

/** Sums of value · mask over time, of each output of one trial, and whether anything counts. */
function maskedSums(
  values: Float32Array,
  batch: TrialBatch,
  trial: number,
  width: number,
): { sums: Float64Array; counts: boolean } {
  const sums = new Float64Array(width);
  let counts = false;
  for (let step = 0; step < batch.steps; step += 1) {
    const start = (step * batch.trials + trial) * width;
    for (let channel = 0; channel < width; channel += 1) {
      const mask = batch.mask[start + channel] as number;
      counts ||= mask > 0;
      sums[channel] = (sums[channel] as number) + (values[start + channel] as number) * mask;
    }
  }
  return { sums, counts };
}

function judgeMasked({ ties = "share" }: Named<"maskedChoice">, outputCount: number): Judge {
  const choices = (outputs: Float32Array, batch: TrialBatch): Int32Array => {
    const width = checkOutputs(outputs, batch);
    return Int32Array.from({ length: batch.trials }, (_, trial) =>
      indexOfLargest(maskedSums(outputs, batch, trial, width).sums),
    );
  };
  const correct = (outputs: Float32Array, batch: TrialBatch): Float64Array => {
    const width = checkOutputs(outputs, batch);
    return scoreTrials(batch, (trial) => {
      const given = maskedSums(outputs, batch, trial, width);
      const truth = indexOfLargest(maskedSums(batch.targets, batch, trial, width).sums);
      if (ties === "first") return indexOfLargest(given.sums) === truth ? 1 : 0;
      return given.counts ? scoreLargest(given.sums, truth) : Number.NaN;
    });
  };
  return { correct, choices, chance: 1 / outputCount };
}

function judgeSign(rule: Named<"sign">, { outputs: groups }: JudgeContext): Judge {
  const channels = channelsOf(groups, [rule.output]);
  const sumOf = (outputs: Float32Array, batch: TrialBatch, trial: number): number =>
    sumOutputs(outputs, batch, trial, windowOf(batch, rule.during, trial), channels)[0] ?? Number.NaN;
  return {
    correct: (outputs, batch) => {
      checkOutputs(outputs, batch);
      return scoreTrials(batch, (trial) => {
        const sign = Math.sign(sumOf(outputs, batch, trial));
        return sign === 0 ? 0.5 : Number(sign === Math.sign(batch.conditions[rule.correct]?.[trial] ?? Number.NaN));
      });
    },
    choices: (outputs, batch) => {
      checkOutputs(outputs, batch);
      return Int32Array.from({ length: batch.trials }, (_, trial) => {
        const sum = sumOf(outputs, batch, trial);
        return Number.isNaN(sum) ? -1 : Number(sum > 0);
      });
    },
    chance: 0.5,
  };
}

function judgeAngle(rule: Named<"angle">, { outputs: groups }: JudgeContext): Judge {
  const { tolerance, fixation, threshold = 0.5, at = "last" } = rule;
  const pair = typeof rule.outputs !== "string";
  const channels = channelsOf(groups, pair ? rule.outputs : [rule.outputs as string]);
  const fixationChannel = fixation === undefined ? [] : channelsOf(groups, [fixation]);
  const correct = (outputs: Float32Array, batch: TrialBatch): Float64Array => {
    checkOutputs(outputs, batch);
    return scoreTrials(batch, (trial) => {
      const length = lengthOf(batch, trial);
      const window = at === "last" ? { from: length - 1, to: length } : windowOf(batch, at, trial);
      const means = sumOutputs(outputs, batch, trial, window, channels);
      const target = batch.conditions[rule.correct]?.[trial] ?? Number.NaN;
      const [sum] = sumOutputs(outputs, batch, trial, window, fixationChannel);
      const fixates = sum !== undefined && sum / (window.to - window.from) > threshold;
      if (target < 0) return Number(fixates);
      const [x = 0, y = 0] = means;
      const angle = pair ? wrapAngle(Math.atan2(y, x)) : populationVector(means);
      return Number(!fixates && angleBetween(angle, target) < tolerance);
    });
  };
  return { correct, chance: tolerance / Math.PI };
}

function judgeWithin({ tolerance, during }: Named<"within">): Judge {
  const correct = (outputs: Float32Array, batch: TrialBatch): Float64Array => {
    const width = checkOutputs(outputs, batch);
    return scoreTrials(batch, (trial) => {
      const { from, to } = windowOf(batch, during, trial);
      let counted = 0;
      let near = 0;
      for (let step = from; step < to; step += 1) {
        const start = (step * batch.trials + trial) * width;
        for (let at = start; at < start + width; at += 1) {
          if (!((batch.mask[at] as number) > 0)) continue;
          counted += 1;
          if (Math.abs((outputs[at] as number) - (batch.targets[at] as number)) < tolerance) near += 1;
        }
      }
      return near / counted;
    });
  };
  return { correct, chance: 0 };
}

/** Makes a rule ready to judge. @throws {@link ConfigError} for a name it refers to that is not there. */
export function compileJudge(rule: AnyRule, context: JudgeContext): Judge {
  if (typeof rule === "function") return judgeByFunction(rule);
  const { task, outputs, periods, conditions } = context;
  const label = `${task}: accuracy`;
  const outputNames = outputs.map(({ name }) => name);
  const check = (key: string, name: string | undefined, known: readonly string[]): void => {
    if (name !== undefined) checkName(`${label}.${key}`, name, known);
  };
  if ("during" in rule) check("during", rule.during, periods);
  if ("correct" in rule) check("correct", rule.correct, conditions);
  switch (rule.type) {
    case "choice": {
      for (const name of rule.outputs ?? []) check("outputs", name, outputNames);
      const channels = channelsOf(outputs, rule.outputs);
      return {
        correct: (values, batch) => choiceCorrect(values, batch, rule.during, channels),
        choices: (values, batch) => choicesMade(values, batch, rule.during, channels),
        chance: 1 / channels.length,
      };
    }
    case "maskedChoice":
      return judgeMasked(rule, channelsOf(outputs).length);
    case "sign":
      check("output", rule.output, outputNames);
      return judgeSign(rule, context);
    case "angle":
      for (const name of typeof rule.outputs === "string" ? [rule.outputs] : rule.outputs)
        check("outputs", name, outputNames);
      check("fixation", rule.fixation, outputNames);
      check("at", rule.at, [...periods, "last"]);
      return judgeAngle(rule, context);
    case "within":
      return judgeWithin(rule);
  }
}
