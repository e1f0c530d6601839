import { z } from "zod";
import { ConfigError } from "../errors.ts";
import {
  checkReading,
  type SymbolReading,
  type SymbolScore,
  stepsOfReading,
} from "../plasticity/symbols/read-symbols.ts";
import type { SymbolSequence, SymbolTask } from "../plasticity/symbols/symbol-task.ts";
import { symbolTaskSchemas, symbolTasks } from "../plasticity/symbols/tasks.ts";
import { definedOnly } from "./model-source.ts";

const { counting, randomSequence, occluder } = symbolTaskSchemas;

/** A task of symbols as it stands in a configuration: its name, and its options beside it. */
export const symbolTaskSchema = z.discriminatedUnion("name", [
  counting.safeExtend({ name: z.literal("counting") }),
  randomSequence.safeExtend({ name: z.literal("randomSequence") }),
  occluder.safeExtend({ name: z.literal("occluder") }),
]);

const steps = z.int().positive();

/** How a phase's task is read: frozen steps that follow those of the phase. */
export const readoutSchema = z.strictObject({
  train: steps.default(5000),
  test: steps.default(5000),
  /** Which symbol is named: that of so many steps later; several, each by a readout of its own. */
  ahead: z.union([z.int(), z.array(z.int()).min(1)]).default(1),
  from: z.enum(["ExcitatoryActivation", "InhibitoryActivation", "RecurrentActivation"]).default("ExcitatoryActivation"),
  lambda: z.union([z.number().min(0), z.array(z.number().min(0)).min(1)]).optional(),
});

export type SymbolTaskConfig = z.output<typeof symbolTaskSchema>;
export type ReadoutConfig = z.output<typeof readoutSchema>;

/** A phase's task with the sequences of all replicas, by steps of the network's life, so that a run can go on exactly. */
export interface PhaseTask {
  readonly task: SymbolTask;
  readonly sequences: readonly SymbolSequence[];
  readonly reading: SymbolReading | undefined;
}

/**
 * The task of a phase of `steps` that begins at `first` steps of the network's life.
 * @throws ConfigError where the network has not one input for each symbol; ValueError for numbers of steps.
 */
export function phaseTask(
  { name, ...options }: SymbolTaskConfig,
  readout: ReadoutConfig | undefined,
  { inputs, seeds }: { readonly inputs: number; readonly seeds: readonly number[] },
  [first, steps]: readonly [number, number],
  label: string,
): PhaseTask {
  // The options were checked by the task's own schema.
  const task = (symbolTasks[name] as (given: object) => SymbolTask)(options);
  if (inputs !== task.inputs)
    throw new ConfigError(
      `${label}: task "${name}" has ${task.inputs} symbols that are shown, and the network ${inputs} inputs; expected as many. Give network.inputs ${task.inputs}.`,
    );
  const reading: SymbolReading | undefined = readout && definedOnly(readout);
  if (reading) checkReading(task, { inputs }, reading, `${label}: readout`);
  const end = first + steps + (reading ? stepsOfReading(reading) : 0);
  return { task, reading, sequences: seeds.map((seed) => task.sequence(end, seed)) };
}

/** Scores as plain data, with what was to be named and what was, as indices of symbols. */
export function describeScores(task: SymbolTask, scores: readonly SymbolScore[]): object {
  return {
    task: task.name,
    symbols: task.symbols,
    scores: scores.map(({ replica, ahead, accuracy, predictable, readout, held, named }) => ({
      ...{ replica, ahead, accuracy, predictable: Number.isNaN(predictable) ? null : predictable },
      ...{ lambda: readout.lambda, symbols: [...held.symbols], named: [...named] },
    })),
  };
}
