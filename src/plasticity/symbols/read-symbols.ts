import { accuracyOf, classify, ridgeClassification } from "../../analysis/classification.ts";
import type { Readout, RidgeOptions } from "../../analysis/ridge.ts";
import { ConfigError, ShapeError, ValueError } from "../../errors.ts";
import {
  type FrozenOptions,
  frozenPhase,
  type PlasticityOptions,
  plasticityPhase,
  type ReservoirStates,
  statesOf,
} from "../phases.ts";
import type { Sorn } from "../sorn.ts";
import { type SymbolSequence, type SymbolTask, sliceSequence, symbolInputs } from "./symbol-task.ts";

/** How a frozen network is read. */
export interface SymbolReading extends RidgeOptions {
  /** Steps of the readout's training, and held out for its test. */
  readonly train: number;
  readonly test: number;
  /**
   * Which symbol is read from the states after a step: that of so many steps later. Default 1, the one that follows; 0 is the
   * present one, -k that of k steps before.
   */
  readonly ahead?: number | readonly number[];
  /** What of the network is read. */
  readonly from?: FrozenOptions["from"];
  readonly units?: FrozenOptions["units"];
  readonly noise?: boolean;
  readonly signal?: AbortSignal;
}

export interface SymbolRunOptions extends SymbolReading {
  /** Steps of the plasticity phase (0: none), before the network is frozen and read. */
  readonly plastic: number;
  /** Of the sequence: one number, of which each replica has the next, or one for each replica. */
  readonly seed: number | readonly number[];
  readonly progress?: PlasticityOptions["progress"];
}

/** How well a readout names symbols in steps that it was not trained on. */
export interface SymbolScore {
  readonly replica: number;
  readonly ahead: number;
  /** Share of held-out steps. */
  readonly accuracy: number;
  /** Of those whose symbol follows from what was shown; NaN where none does (random symbols). */
  readonly predictable: number;
  /** What was named in each held-out step, and the symbols that were to be named, with their words and places. */
  readonly named: Uint32Array;
  readonly held: SymbolSequence;
  readonly readout: Readout;
}

/**
 * A whole experiment with symbols (Lazar, Pipa & Triesch 2009): the network organises itself under a task's sequence, then it
 * is frozen, a ridge classifier is trained on its states, and tested on the steps that follow. The three phases are parts of
 * one sequence.
 *
 * ```ts
 * import { openDevice, runSymbolTask, sorn, symbolTasks } from "cortrain";
 *
 * const device = await openDevice();
 * const task = symbolTasks.counting({ length: 2 });
 * const network = sorn(device, { preset: "lazar2009", excitatory: 60, inputs: task.inputs, seed: 1 });
 * const [score] = await runSymbolTask(network, task, { plastic: 200, train: 200, test: 100, seed: 2 });
 * console.log(score?.accuracy, score?.predictable, score?.readout.lambda);
 * ```
 * @returns a score for each replica and each `ahead`.
 * @throws ConfigError where network and task do not fit; ValueError for numbers of steps.
 */
export async function runSymbolTask(
  network: Sorn,
  task: SymbolTask,
  options: SymbolRunOptions,
): Promise<readonly SymbolScore[]> {
  const { plastic, seed, progress, ...rest } = options;
  if (!Number.isInteger(plastic) || plastic < 0)
    throw new ValueError(`runSymbolTask: plastic: expected an integer of at least 0, got ${plastic}.`);
  checkReading(task, network.parameters[0], rest);
  const steps = plastic + stepsOfReading(rest);
  const sequences = seedsOf(seed, network.replicas).map((each) => task.sequence(steps, each));
  const { noise, signal } = rest;
  if (plastic > 0)
    await plasticityPhase(network, {
      ...{ inputs: symbolInputs(sequences), steps: plastic },
      ...{ ...(noise !== undefined && { noise }), ...(signal && { signal }), ...(progress && { progress }) },
    });
  const scores = await readSymbols(network, task, sequences, plastic, rest);
  if (scores === undefined) throw new ValueError("runSymbolTask: aborted before its last step; there is no score.");
  return scores;
}

/** Steps of a sequence that a reading needs: those it runs, and those it foretells. */
export function stepsOfReading({ train, test, ahead = 1 }: SymbolReading): number {
  return train + test + Math.max(0, ...[ahead].flat());
}

/** @throws ConfigError where network and task do not fit; ValueError for numbers of steps. */
export function checkReading(
  task: SymbolTask,
  { inputs }: { readonly inputs: number },
  { train, test, ahead = 1 }: SymbolReading,
  label = "runSymbolTask",
): void {
  if (inputs !== task.inputs)
    throw new ConfigError(
      `${label}: ${task.name} needs a network of ${task.inputs} inputs, one for each symbol; this one has ${inputs}.`,
    );
  for (const [name, steps, least] of [
    ["train", train, 2],
    ["test", test, 1],
  ] as const)
    if (!Number.isInteger(steps) || steps < least)
      throw new ValueError(`${label}: ${name}: expected an integer of at least ${least}, got ${steps}.`);
  for (const lag of [ahead].flat())
    if (!Number.isInteger(lag) || (lag < 0 && -lag >= Math.min(train, test)))
      throw new ValueError(`${label}: ahead: expected integers above -${Math.min(train, test)}, got ${lag}.`);
}

/**
 * The frozen part of {@link runSymbolTask}: trains a readout on the states of `train` steps of the sequences from `start` on,
 * and tests it on those of the `test` steps after them. `undefined` where it was aborted.
 */
export async function readSymbols(
  network: Sorn,
  task: SymbolTask,
  sequences: readonly SymbolSequence[],
  start: number,
  reading: SymbolReading,
): Promise<readonly SymbolScore[] | undefined> {
  const { train, test, ahead = 1, from, units, noise, signal, ...ridge } = reading;
  const phase = async (first: number, steps: number): Promise<ReservoirStates | undefined> => {
    if (signal?.aborted) return undefined;
    const states = await frozenPhase(network, {
      ...{ inputs: symbolInputs(sequences.map((each) => sliceSequence(each, first, first + steps))), steps },
      ...{ ...(from && { from }), ...(units && { units }) },
      ...{ ...(noise !== undefined && { noise }), ...(signal && { signal }) },
    });
    return states.steps < steps ? undefined : states;
  };
  const testFrom = start + train;
  const trained = await phase(start, train);
  const tested = await phase(testFrom, test);
  if (trained === undefined || tested === undefined) return undefined;
  return sequences.flatMap((sequence, replica) =>
    [ahead].flat().map((lag): SymbolScore => {
      const seen = labelsOf(sequence, start, train, lag);
      const held = labelsOf(sequence, testFrom, test, lag);
      const readout = ridgeClassification(
        statesOf(trained, replica).subarray(seen.skip * trained.units),
        seen.labels.symbols,
        { ...ridge, features: trained.units, classes: task.symbols.length },
      );
      const named = classify(readout, statesOf(tested, replica).subarray(held.skip * tested.units));
      const { symbols, predictable } = held.labels;
      return {
        ...{ replica, ahead: lag, named, held: held.labels, readout },
        accuracy: accuracyOf(named, symbols),
        predictable: predictable.includes(1) ? accuracyOf(named, symbols, predictable) : Number.NaN,
      };
    }),
  );
}

/** What is to be read after each step of a phase; the first steps have no symbol so many steps before, and are skipped. */
function labelsOf(
  sequence: SymbolSequence,
  start: number,
  steps: number,
  ahead: number,
): { readonly labels: SymbolSequence; readonly skip: number } {
  const skip = Math.max(0, -ahead - start);
  return { labels: sliceSequence(sequence, start + skip + ahead, start + steps + ahead), skip };
}

function seedsOf(seed: number | readonly number[], replicas: number): readonly number[] {
  if (typeof seed === "number") return Array.from({ length: replicas }, (_, replica) => seed + replica);
  if (seed.length !== replicas)
    throw new ShapeError(`runSymbolTask: seed: expected one for each of ${replicas} replicas, got ${seed.length}.`);
  return seed;
}
