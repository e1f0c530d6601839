import { ConfigError, ValueError } from "../../errors.ts";
import { Random, threefry2x32 } from "../../random.ts";
import type { ConditionRule, VectorRule } from "../definition.ts";
import { compileDistribution, isDistribution, type Sampler } from "./distribution.ts";

/** The twin of TrialValues that the generator writes. */
export type MutableValues = Record<string, number | Float64Array>;

type AnyTrial = Readonly<MutableValues>;
type AnyCondition = ConditionRule<AnyTrial>;
type AnyVector = VectorRule<AnyTrial>;

/**
 * What the random numbers of a trial are for; each purpose counts from its number here, so that fixing one condition, or
 * adding noise, shifts nothing else.
 */
export const purposes = { conditions: 0, vectors: 256, durations: 512, fills: 768, noise: 1024 } as const;

/** The key of a trial's random numbers: the same whatever the size of the batch. */
export type TrialKey = readonly [number, number];

interface Batch {
  readonly seed: number;
  readonly stream: number;
  readonly index: number;
}

/** The key of what is drawn once for a whole batch; no trial has this number. */
const batchTrial = 0xffffffff;

/** The key of one trial's random numbers. */
export function trialKey({ seed, stream, index }: Batch, trial: number): TrialKey {
  return threefry2x32(seed, stream, index, trial);
}

/** The key of what a batch draws once for all its trials. */
export function batchKey(batch: Batch): TrialKey {
  return trialKey(batch, batchTrial);
}

/** One condition, ready to draw. */
export interface Condition {
  readonly name: string;
  readonly sampler?: Sampler;
  readonly constant?: number;
  readonly function?: (trial: AnyTrial, random: Random) => number;
  readonly purpose: number;
}

/** @throws {@link ValueError} naming the condition. */
export function compileConditions(task: string, rules: Readonly<Record<string, AnyCondition>>): Condition[] {
  return Object.entries(rules).map(([name, rule], index) => {
    const common = { name, purpose: purposes.conditions + index };
    if (typeof rule === "number") return { ...common, constant: rule };
    if (typeof rule === "function") return { ...common, function: rule };
    return { ...common, sampler: compileDistribution(`${task}: conditions.${name}`, rule) };
  });
}

/** What a trial draws from: its own random numbers, or those of the whole batch. */
export function drawSample(sampler: Sampler, key: TrialKey, shared: TrialKey, purpose: number, count = 0): number {
  const [key0, key1] = sampler.perBatch ? shared : key;
  const [bits0, bits1] = threefry2x32(key0, key1, purpose, count);
  return sampler.draw(bits0, bits1);
}

/** A condition of one trial that no batch has fixed. @throws {@link ValueError} where its function gives no number. */
export function drawCondition(
  task: string,
  condition: Condition,
  key: TrialKey,
  shared: TrialKey,
  trial: AnyTrial,
): number {
  const { sampler, constant, name, purpose } = condition;
  if (sampler !== undefined) return drawSample(sampler, key, shared, purpose);
  if (constant !== undefined) return constant;
  const value = condition.function?.(trial, new Random(key[0], key[1], purpose));
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new ValueError(
    `${task}: conditions.${name}: expected a finite number, got ${String(value)}. A condition sees only those before it.`,
  );
}

/** One vector, ready to draw. */
export interface Vector {
  readonly name: string;
  readonly count: number;
  readonly sampler?: Sampler;
  readonly sample?: readonly number[];
  readonly function?: (trial: AnyTrial, random: Random) => ArrayLike<number>;
  readonly purpose: number;
}

/** @throws {@link ValueError} naming the vector. */
export function compileVectors(task: string, rules: Readonly<Record<string, AnyVector>>): Vector[] {
  return Object.entries(rules).map(([name, rule], index) => {
    const { count } = rule;
    const common = { name, count, purpose: purposes.vectors + index };
    if ("sample" in rule) {
      if (rule.sample.length >= count) return { ...common, sample: rule.sample };
      throw new ValueError(`${task}: vectors.${name}: cannot take ${count} different items of ${rule.sample.length}.`);
    }
    if (typeof rule.of === "function") return { ...common, function: rule.of };
    return { ...common, sampler: compileDistribution(`${task}: vectors.${name}`, rule.of) };
  });
}

/** A vector of one trial that no batch has fixed. @throws {@link ValueError} where its function gives no such list. */
export function drawVector(
  task: string,
  vector: Vector,
  key: TrialKey,
  shared: TrialKey,
  trial: AnyTrial,
): ArrayLike<number> {
  const { sampler, sample, name, count, purpose } = vector;
  if (sampler !== undefined)
    return Float64Array.from({ length: count }, (_, item) => drawSample(sampler, key, shared, purpose, item));
  const random = new Random(key[0], key[1], purpose);
  if (sample !== undefined)
    return Array.from(random.permutation(sample.length).subarray(0, count), (item) => sample[item] as number);
  const values = vector.function?.(trial, random) ?? [];
  let finite = values.length === count;
  for (let item = 0; item < count && finite; item += 1) finite = Number.isFinite(values[item]);
  if (finite) return values;
  throw new ValueError(`${task}: vectors.${name}: expected ${count} finite numbers, got [${[...Array.from(values)]}].`);
}

/** Choices that a balanced batch goes through: trial b has combination b modulo their number, the last condition fastest. */
export interface Combinations {
  readonly count: number;
  /** The value of a condition in combination `index`. */
  value(name: string, index: number): number | undefined;
}

/**
 * All combinations of the choices of the named conditions; `true`: of all conditions that are choices and not fixed.
 * @throws {@link ConfigError} for a condition that is not a choice, {@link ValueError} where the trials do not go round.
 */
export function combinationsOf(
  task: string,
  conditions: readonly Condition[],
  balanced: true | readonly string[],
  fixed: ReadonlyMap<string, unknown>,
  trials: number,
): Combinations {
  const open = conditions.filter(({ sampler, name }) => sampler?.choices !== undefined && !fixed.has(name));
  const names = balanced === true ? open.map(({ name }) => name) : balanced;
  const places = new Map<string, { readonly choices: readonly number[]; readonly every: number }>();
  let count = 1;
  for (const name of [...names].reverse()) {
    const choices = open.find((condition) => condition.name === name)?.sampler?.choices;
    if (choices === undefined)
      throw new ConfigError(
        `${task} batch: balanced: "${name}" is not an open choice; those are ${open.map((one) => one.name).join(", ") || "none"}.`,
      );
    places.set(name, { choices, every: count });
    count *= choices.length;
  }
  if (trials % count !== 0)
    throw new ValueError(
      `${task} batch: balanced over ${names.join(" × ")} has ${count} combinations: expected a multiple of that many trials, got ${trials}.`,
    );
  const value = (name: string, index: number): number | undefined => {
    const place = places.get(name);
    return place?.choices[Math.floor(index / place.every) % place.choices.length];
  };
  return { count, value };
}

/** Whether a rule is drawn, and so has a largest value. @returns undefined where none is known. */
export function largestOf(condition: Condition): number | undefined {
  return condition.constant ?? condition.sampler?.max;
}

export { isDistribution };
