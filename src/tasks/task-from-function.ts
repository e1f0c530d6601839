import { ConfigError, ShapeError, ValueError } from "../errors.ts";
import { Random, streams } from "../random.ts";
import { checkCount, checkKeys, checkPositive, checkSeed } from "../structure/options.ts";
import type { AccuracyRule } from "./definition.ts";
import { compileJudge } from "./engine/accuracy.ts";
import { trialKey } from "./engine/conditions.ts";
import { type PerTrial, readFixed } from "./engine/fixed.ts";
import { type BatchOptions, meanOfScored, stepsOf, type Task, type TrialBatch } from "./task.ts";

/** What a task's function says of one moment: a value for each input, each output, and how much each error counts. */
export interface Moment {
  readonly input: ArrayLike<number>;
  readonly target: ArrayLike<number>;
  /** One weight for all outputs, or one for each; 1 unless given. */
  readonly mask?: number | ArrayLike<number>;
}

export interface TaskFunction<Conditions extends Readonly<Record<string, number>>> {
  readonly name: string;
  readonly source?: string;
  /** Number of channels, or their names. */
  readonly inputs: number | readonly string[];
  readonly outputs: number | readonly string[];
  /** Of every trial. */
  readonly durationMs: number;
  /** Milliseconds per step where a batch does not ask for another; 20 unless given. */
  readonly dtMs?: number;
  /** Draws the conditions of one trial; always the same names. */
  readonly conditions: (random: Random) => Conditions;
  /** What happens `timeMs` after the start of a trial; for noise, `random` gives new numbers at every step. */
  readonly trial: (timeMs: number, conditions: Conditions, random: Random) => Moment;
  /** As of `defineTask`, without periods; `maskedChoice` unless given. */
  readonly accuracy?: AccuracyRule<keyof Conditions & string, never, never>;
  readonly chance?: number;
}

const batchKeys = ["trials", "seed", "index", "stream", "dtMs"];
/** As in the engine: what the random numbers of a trial are for. */
const purposes = { conditions: 0, trial: 1 } as const;

function namesOf(label: string, given: number | readonly string[], word: string): readonly string[] {
  if (typeof given === "object") return given;
  return Array.from({ length: checkCount(label, given) }, (_, channel) => `${word}${channel}`);
}

function put(label: string, into: Float32Array, at: number, count: number, from: number | ArrayLike<number>): void {
  if (typeof from === "object" && from.length !== count)
    throw new ShapeError(`${label}: expected ${count} values, one per channel, got ${from.length}.`);
  for (let channel = 0; channel < count; channel += 1) {
    const value = typeof from === "number" ? from : from[channel];
    if (typeof value !== "number" || !Number.isFinite(value))
      throw new ValueError(`${label}: expected finite numbers, got ${String(value)} for channel ${channel}.`);
    into[at + channel] = value;
  }
}

/**
 * A task of one function of time and conditions, as in PsychRNN. It is called for every step of every trial, which is
 * slow next to `defineTask`.
 *
 * A light comes on at a random time; the output follows 200 ms later:
 *
 * <!-- example -->
 * ```ts
 * const lateLight = taskFromFunction({
 *   name: "lateLight",
 *   inputs: ["light"],
 *   outputs: ["on", "off"],
 *   durationMs: 1000,
 *   conditions: (random) => ({ onsetMs: random.uniform(100, 500), brightness: random.choice([0.5, 1]) }),
 *   trial: (timeMs, { onsetMs, brightness }, random) => {
 *     const light = timeMs >= onsetMs ? brightness : 0;
 *     const on = timeMs >= onsetMs + 200;
 *     return { input: [light + random.normal(0, 0.05)], target: on ? [1, 0] : [0, 1], mask: timeMs < 100 ? 0 : 1 };
 *   },
 *   accuracy: { type: "within", tolerance: 0.5 },
 * });
 *
 * const dim = lateLight.batch({ trials: 20, seed: 1, brightness: 0.5 });
 * ```
 * <!-- /example -->
 * @throws {@link ConfigError}, {@link ValueError}; a batch throws {@link ShapeError} where a moment does not fit the channels.
 */
export function taskFromFunction<Conditions extends Readonly<Record<string, number>>>(
  definition: TaskFunction<Conditions>,
): Task<{ readonly [Name in keyof Conditions]?: PerTrial }> {
  const keys = [
    "name",
    "source",
    "inputs",
    "outputs",
    "durationMs",
    "dtMs",
    "conditions",
    "trial",
    "accuracy",
    "chance",
  ];
  checkKeys("taskFromFunction", definition, keys);
  const { name, source = "", durationMs, dtMs: ownDtMs = 20, accuracy: rule = { type: "maskedChoice" } } = definition;
  for (const key of ["conditions", "trial"] as const)
    if (typeof definition[key] !== "function")
      throw new ConfigError(`${name}: ${key}: expected a function, got ${String(definition[key])}.`);
  const inputNames = namesOf(`${name}: inputs`, definition.inputs, "input");
  const outputNames = namesOf(`${name}: outputs`, definition.outputs, "output");
  checkPositive(`${name}: durationMs`, durationMs);
  checkPositive(`${name}: dtMs`, ownDtMs);
  const conditionNames = Object.keys(definition.conditions(new Random(0, streams.task)));
  const judge = compileJudge(rule as AccuracyRule<string, string, string>, {
    task: name,
    outputs: outputNames.map((output, offset) => ({ name: output, names: [output], offset, size: 1, levels: [] })),
    periods: [],
    conditions: conditionNames,
  });

  function batch(given: BatchOptions & Readonly<Record<string, unknown>>): TrialBatch {
    const label = `${name} batch`;
    checkKeys(label, given, [...batchKeys, ...conditionNames]);
    const trials = checkCount(`${label}: trials`, given.trials);
    const key = {
      seed: checkSeed(`${label}: seed`, given.seed),
      stream: checkSeed(`${label}: stream`, given.stream ?? streams.task),
      index: checkSeed(`${label}: index`, given.index ?? 0),
    };
    const dtMs = checkPositive(`${label}: dtMs`, given.dtMs ?? ownDtMs);
    const fixed = conditionNames
      .filter((condition) => given[condition] !== undefined)
      .map((condition) => [condition, readFixed(`${label}: ${condition}`, given[condition], trials)] as const);
    const steps = stepsOf(durationMs, dtMs);
    const columns = new Map(conditionNames.map((condition) => [condition, new Float64Array(trials)]));
    const inputs = new Float32Array(steps * trials * inputNames.length);
    const targets = new Float32Array(steps * trials * outputNames.length);
    const mask = new Float32Array(targets.length);
    for (let trial = 0; trial < trials; trial += 1) {
      const [key0, key1] = trialKey(key, trial);
      const conditions: Record<string, number> = {
        ...definition.conditions(new Random(key0, key1, purposes.conditions)),
      };
      for (const [condition, values] of fixed) conditions[condition] = values[trial] as number;
      for (const [condition, column] of columns) column[trial] = conditions[condition] ?? Number.NaN;
      const random = new Random(key0, key1, purposes.trial);
      for (let step = 0; step < steps; step += 1) {
        const moment = definition.trial(step * dtMs, conditions as Conditions, random);
        const row = step * trials + trial;
        put(`${name}: input`, inputs, row * inputNames.length, inputNames.length, moment.input);
        put(`${name}: target`, targets, row * outputNames.length, outputNames.length, moment.target);
        put(`${name}: mask`, mask, row * outputNames.length, outputNames.length, moment.mask ?? 1);
      }
    }
    return { steps, trials, dtMs, inputs, targets, mask, conditions: Object.fromEntries(columns), periods: {} };
  }

  const { correct, choices } = judge;
  return {
    ...{ name, source, inputNames, outputNames, conditionNames, labels: {}, dtMs: ownDtMs },
    ...{ inputs: inputNames.length, outputs: outputNames.length },
    chance: definition.chance ?? judge.chance,
    batch,
    correct,
    accuracy: (outputs, trialBatch) => meanOfScored(correct(outputs, trialBatch)),
    ...(choices && { choices }),
  };
}
