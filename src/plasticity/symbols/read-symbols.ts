import { accuracyOf, classify, ridgeClassification } from "../../analysis/classification.ts";
import type { Readout, RidgeOptions } from "../../analysis/ridge.ts";
import { ConfigError, ShapeError, ValueError } from "../../errors.ts";
import { type FrozenOptions, frozenPhase, type PlasticityOptions, plasticityPhase, statesOf } from "../phases.ts";
import type { Sorn } from "../sorn.ts";
import { type SymbolSequence, type SymbolTask, sliceSequence, symbolInputs } from "./symbol-task.ts";

export interface SymbolRunOptions extends RidgeOptions {
  /** Steps of the plasticity phase (0: none), then frozen: of the readout's training, and held out for its test. */
  readonly plastic: number;
  readonly train: number;
  readonly test: number;
  /** Of the sequence: one number, of which each replica has the next, or one for each replica. */
  readonly seed: number | readonly number[];
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
  const { plastic, train, test, seed, ahead = 1, progress, from, units, noise, signal, ...ridge } = options;
  const { inputs } = network.parameters[0];
  if (inputs !== task.inputs)
    throw new ConfigError(
      `runSymbolTask: ${task.name} needs a network of ${task.inputs} inputs, one for each symbol; this one has ${inputs}.`,
    );
  for (const [name, steps, least] of [
    ["plastic", plastic, 0],
    ["train", train, 2],
    ["test", test, 1],
  ] as const)
    if (!Number.isInteger(steps) || steps < least)
      throw new ValueError(`runSymbolTask: ${name}: expected an integer of at least ${least}, got ${steps}.`);
  const lags = typeof ahead === "number" ? [ahead] : ahead;
  for (const lag of lags)
    if (!Number.isInteger(lag) || (lag < 0 && -lag >= Math.min(train, test)))
      throw new ValueError(`runSymbolTask: ahead: expected integers above -${Math.min(train, test)}, got ${lag}.`);
  const future = Math.max(0, ...lags);
  const sequences = seedsOf(seed, network.replicas).map((each) => task.sequence(plastic + train + test + future, each));
  const part = (start: number, steps: number) => ({
    ...{ inputs: symbolInputs(sequences.map((each) => sliceSequence(each, start, start + steps))), steps },
    ...{ ...(noise !== undefined && { noise }), ...(signal && { signal }) },
  });
  if (plastic > 0) await plasticityPhase(network, { ...part(0, plastic), ...(progress && { progress }) });
  const which = { ...(from && { from }), ...(units && { units }) };
  const [trainFrom, testFrom] = [plastic, plastic + train];
  const trained = await frozenPhase(network, { ...part(trainFrom, train), ...which });
  const tested = await frozenPhase(network, { ...part(testFrom, test), ...which });
  if (trained.steps < train || tested.steps < test)
    throw new ValueError("runSymbolTask: aborted before its last step; there is no score.");
  return sequences.flatMap((sequence, replica) =>
    lags.map((lag) => {
      const seen = labelsOf(sequence, trainFrom, train, lag);
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
