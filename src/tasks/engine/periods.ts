import { ConfigError, ValueError } from "../../errors.ts";
import { suggestName } from "../../io/nearest.ts";
import { Random } from "../../random.ts";
import type { DurationRule, Rounding } from "../definition.ts";
import { stepsOf } from "../task.ts";
import { type Condition, drawSample, largestOf, type MutableValues, purposes, type TrialKey } from "./conditions.ts";
import { compileDistribution, isDistribution, type Sampler } from "./distribution.ts";

type AnyTrial = Readonly<MutableValues>;
type AnyDuration = DurationRule<AnyTrial, string>;

/** One period, ready to draw; exactly one of the rules is there. */
export interface CompiledPeriod {
  readonly name: string;
  /** The condition under which its duration is returned and can be fixed. */
  readonly conditionName: string;
  readonly ms?: number;
  readonly steps?: number;
  /** When it ends, at the latest. */
  readonly until?: number;
  readonly untilFunction?: (trial: AnyTrial, random: Random) => number;
  readonly sampler?: Sampler;
  readonly condition?: string;
  readonly function?: (trial: AnyTrial, random: Random) => number;
  /** The longest it can be in milliseconds, where neither the time step nor the periods before it matter. */
  readonly longestMs: number;
  readonly purpose: number;
}

function checkDuration(label: string, ms: number): number {
  if (Number.isFinite(ms) && ms >= 0) return ms;
  throw new ValueError(`${label}: expected milliseconds from 0 up, got ${ms}.`);
}

function compileRule(
  label: string,
  rule: AnyDuration,
  conditions: readonly Condition[],
): Omit<CompiledPeriod, "name" | "conditionName" | "purpose"> {
  if (typeof rule === "number") return { ms: checkDuration(label, rule), longestMs: rule };
  if ("steps" in rule) return { steps: rule.steps, longestMs: 0 };
  if ("until" in rule) {
    if (typeof rule.until === "number") return { until: checkDuration(`${label}.until`, rule.until), longestMs: 0 };
    const { max } = rule as Extract<typeof rule, { readonly max: number }>;
    return { until: checkDuration(`${label}.max`, max), untilFunction: rule.until, longestMs: 0 };
  }
  if ("of" in rule) return { function: rule.of, longestMs: checkDuration(`${label}.max`, rule.max) };
  if ("condition" in rule) {
    const condition = conditions.find(({ name }) => name === rule.condition);
    const names = conditions.map(({ name }) => name);
    if (condition === undefined)
      throw new ConfigError(`${label}: "${rule.condition}" is not a condition; ${suggestName(rule.condition, names)}`);
    const longestMs = largestOf(condition);
    if (longestMs === undefined)
      throw new ConfigError(
        `${label}: condition "${rule.condition}" is a function, so its largest value is not known: use { of, max }.`,
      );
    return { condition: rule.condition, longestMs: checkDuration(label, longestMs) };
  }
  if (!isDistribution(rule)) throw new ConfigError(`${label}: expected a duration rule, got ${JSON.stringify(rule)}.`);
  const sampler = compileDistribution(label, rule);
  if (sampler.labels !== undefined) throw new ConfigError(`${label}: a duration is a number, not a name.`);
  checkDuration(`${label} (shortest)`, sampler.min);
  return { sampler, longestMs: checkDuration(`${label} (longest)`, sampler.max) };
}

/** @throws {@link ConfigError}, {@link ValueError} naming the period. */
export function compilePeriods(
  task: string,
  rules: Readonly<Record<string, AnyDuration>>,
  conditions: readonly Condition[],
): CompiledPeriod[] {
  const names = Object.keys(rules);
  if (names.length === 0) throw new ConfigError(`${task}: periods: a trial needs at least one.`);
  return Object.entries(rules).map(([name, rule], index) => ({
    name,
    conditionName: `${name}Ms`,
    purpose: purposes.durations + index,
    ...compileRule(`${task}: periods.${name}`, rule, conditions),
  }));
}

/** First step that starts at this time or later; what is a multiple of dt but for rounding counts as one. */
function stepAt(ms: number, dtMs: number): number {
  return Math.ceil(ms / dtMs - 1e-9);
}

/** Where the periods of one trial end, from their durations one after another. */
export class Clock {
  readonly #rounding: Rounding;
  readonly #dtMs: number;
  /** Sum of the unrounded durations. */
  ms = 0;
  /** First step of the next period. */
  step = 0;

  constructor(rounding: Rounding, dtMs: number) {
    this.#rounding = rounding;
    this.#dtMs = dtMs;
  }

  reset(): void {
    this.ms = 0;
    this.step = 0;
  }

  /** Goes on by a duration. */
  pass(ms: number): void {
    this.ms += ms;
    if (this.#rounding === "start") this.step = Math.max(this.step, stepAt(this.ms, this.#dtMs));
    else if (this.#rounding === "down") this.step += Math.floor(ms / this.#dtMs + 1e-9);
    else this.step += stepsOf(ms, this.#dtMs);
  }

  passSteps(steps: number): void {
    this.step += steps;
    this.ms += steps * this.#dtMs;
  }

  /** Goes on to a time of the trial, unless that is over. @returns the milliseconds passed. */
  passUntil(ms: number): number {
    const passed = Math.max(0, ms - this.ms);
    const rounding = { start: stepAt, down: (at: number, dt: number) => Math.floor(at / dt + 1e-9), nearest: stepsOf };
    this.step = Math.max(this.step, rounding[this.#rounding](ms, this.#dtMs));
    this.ms += passed;
    return passed;
  }
}

/**
 * Draws one period of a trial and moves the clock to its end.
 * @param fixedMs its duration, where the batch gives it.
 * @returns its duration as drawn, in milliseconds.
 */
export function passPeriod(
  task: string,
  period: CompiledPeriod,
  clock: Clock,
  dtMs: number,
  draw: { readonly key: TrialKey; readonly shared: TrialKey; readonly trial: AnyTrial; readonly fixedMs?: number },
): number {
  const { key, shared, trial, fixedMs } = draw;
  if (fixedMs === undefined) {
    if (period.steps !== undefined) {
      clock.passSteps(period.steps);
      return period.steps * dtMs;
    }
    if (period.until !== undefined) return clock.passUntil(endOf(task, period, period.until, key, trial));
  }
  const ms = fixedMs ?? durationOf(task, period, key, shared, trial);
  clock.pass(ms);
  return ms;
}

function endOf(task: string, period: CompiledPeriod, latest: number, key: TrialKey, trial: AnyTrial): number {
  const { name, untilFunction, purpose } = period;
  const end = untilFunction === undefined ? latest : untilFunction(trial, new Random(key[0], key[1], purpose));
  if (end >= 0 && end <= latest * (1 + 1e-9)) return end;
  throw new ValueError(`${task}: periods.${name}.until: expected 0 … ${latest} ms (its max), got ${String(end)}.`);
}

function durationOf(task: string, period: CompiledPeriod, key: TrialKey, shared: TrialKey, trial: AnyTrial): number {
  const { name, ms, sampler, condition, longestMs, purpose } = period;
  if (ms !== undefined) return ms;
  if (sampler !== undefined) return drawSample(sampler, key, shared, purpose);
  if (condition !== undefined) return trial[condition] as number;
  const value = period.function?.(trial, new Random(key[0], key[1], purpose));
  if (typeof value === "number" && value >= 0 && value <= longestMs * (1 + 1e-9)) return value;
  throw new ValueError(`${task}: periods.${name}: expected 0 … ${longestMs} ms (its max), got ${String(value)}.`);
}

/**
 * The most steps that a trial can have.
 * @param longest milliseconds of each period where a batch fixes it, by period name.
 */
export function mostSteps(
  task: { readonly periods: readonly CompiledPeriod[]; readonly rounding: Rounding; readonly longestMs?: number },
  dtMs: number,
  longest: ReadonlyMap<string, number>,
): number {
  const { periods, rounding, longestMs: most } = task;
  const clock = new Clock(rounding, dtMs);
  for (const { name, steps, until, longestMs } of periods) {
    const given = longest.get(name);
    if (given !== undefined) clock.pass(given);
    else if (steps !== undefined) clock.passSteps(steps);
    else if (until !== undefined) clock.passUntil(until);
    else clock.pass(longestMs);
  }
  if (most === undefined) return clock.step;
  // Each period may be rounded up by half a step.
  const rounded = rounding === "nearest" ? periods.length / 2 : 0;
  return Math.min(clock.step, Math.ceil(most / dtMs + rounded - 1e-9));
}
