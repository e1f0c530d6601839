import { ValueError } from "../../errors.ts";
import { streams } from "../../random.ts";
import { checkCount, checkKeys, checkPositive, checkSeed } from "../../structure/options.ts";
import type { BatchOptions } from "../task.ts";
import { type CompiledTask, catchName } from "./compiled-task.ts";
import { type Combinations, combinationsOf } from "./conditions.ts";
import { readFixed, readFixedList } from "./fixed.ts";

/** What a batch of a defined task may ask for besides its conditions. */
export interface DefinedBatchOptions extends BatchOptions {
  /**
   * Every combination of the choices of these conditions equally often (`true`: of all that are choices and not fixed), for
   * psychometric curves: trial b has combination b modulo their number. Probabilities are passed over; no catch trials.
   */
  readonly balanced?: true | readonly string[];
  /** Cuts the batch to its longest trial. Otherwise it is as long as any trial of the task can be, as training needs. */
  readonly trim?: boolean;
}

export const batchKeys = ["trials", "seed", "index", "stream", "dtMs", "balanced", "trim"];

/** What a batch asks for, checked. */
export interface BatchRequest {
  readonly trials: number;
  readonly dtMs: number;
  readonly key: { readonly seed: number; readonly stream: number; readonly index: number };
  readonly trim: boolean;
  /** Conditions and durations by name, each [B]. */
  readonly fixed: ReadonlyMap<string, Float64Array>;
  /** Vectors by name, each [B, n]. */
  readonly fixedVectors: ReadonlyMap<string, Float64Array>;
  readonly combinations?: Combinations;
}

/** @throws {@link ConfigError} for an unknown name, {@link ValueError}, {@link ShapeError} for a value that cannot be. */
export function readRequest(
  task: CompiledTask,
  given: DefinedBatchOptions & Readonly<Record<string, unknown>>,
): BatchRequest {
  const label = `${task.name} batch`;
  const { conditions, vectors, periods } = task;
  const conditionNames = [...conditions, ...vectors].map(({ name }) => name);
  checkKeys(label, given, [...batchKeys, ...conditionNames, ...periods.map(({ conditionName }) => conditionName)]);
  const trials = checkCount(`${label}: trials`, given.trials);
  const key = {
    seed: checkSeed(`${label}: seed`, given.seed),
    stream: checkSeed(`${label}: stream`, given.stream ?? streams.task),
    index: checkSeed(`${label}: index`, given.index ?? 0),
  };
  const dtMs = checkPositive(`${label}: dtMs`, given.dtMs ?? task.dtMs);
  const fixed = new Map<string, Float64Array>();
  for (const { name, sampler } of conditions) {
    if (given[name] === undefined) continue;
    const rule = { labels: sampler?.labels, only: sampler?.only ? sampler.choices : undefined };
    fixed.set(name, readFixed(`${label}: ${name}`, given[name], trials, rule));
  }
  for (const { conditionName } of periods) {
    if (given[conditionName] === undefined) continue;
    const durations = readFixed(`${label}: ${conditionName}`, given[conditionName], trials);
    const negative = durations.find((ms) => ms < 0);
    if (negative !== undefined)
      throw new ValueError(`${label}: ${conditionName}: expected milliseconds from 0 up, got ${negative}.`);
    fixed.set(conditionName, durations);
  }
  const fixedVectors = new Map<string, Float64Array>();
  for (const { name, count } of vectors)
    if (given[name] !== undefined)
      fixedVectors.set(name, readFixedList(`${label}: ${name}`, given[name], trials, count));
  const { balanced } = given;
  if (balanced !== undefined && !fixed.has(catchName) && conditions.some(({ name }) => name === catchName))
    fixed.set(catchName, new Float64Array(trials));
  const combinations = balanced && combinationsOf(task.name, conditions, balanced, fixed, trials);
  const common = { trials, dtMs, key, trim: given.trim === true, fixed, fixedVectors };
  return combinations === undefined ? common : { ...common, combinations };
}
