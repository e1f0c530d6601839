import { ConfigError, ShapeError, ValueError } from "../../errors.ts";
import { Random, streams } from "../../random.ts";
import type { SornInputSource } from "../run-options.ts";

/** Symbols over time, one a step. */
export interface SymbolSequence {
  /** Which symbol each step shows, [steps]. */
  readonly symbols: Uint16Array;
  /** Which word it is of, and its place in the word, from 0 on, [steps]. */
  readonly words: Uint16Array;
  readonly places: Uint32Array;
  /** 1 where the symbol follows from those of its word before it, 0 where it is chance, [steps]. */
  readonly predictable: Uint8Array;
}

/** A source of symbols that drive the units of a self-organising network, one input for each symbol. */
export interface SymbolTask {
  readonly name: string;
  /** Their names; a network needs as many inputs as {@link inputs} says. */
  readonly symbols: readonly string[];
  /** Symbols from this one on have no input: nothing is shown. */
  readonly inputs: number;
  /** The first steps of the sequence of a seed; more steps never change the first ones. @throws ValueError */
  sequence(steps: number, seed: number): SymbolSequence;
}

export function checkSteps(name: string, steps: number): void {
  if (!Number.isInteger(steps) || steps < 1)
    throw new ValueError(`${name}: steps: expected a positive integer, got ${steps}.`);
}

/** A task of whole words one after another, drawn independently of each other. */
export interface WordsDefinition {
  readonly name: string;
  readonly symbols: readonly string[];
  readonly inputs?: number;
  /** Each a list of symbols. */
  readonly words: readonly (readonly number[])[];
  /** How likely each word is; any positive numbers. */
  readonly weights: readonly number[];
}

/** Makes a task of words. */
export function wordsTask({ name, symbols, words, weights, inputs = symbols.length }: WordsDefinition): SymbolTask {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const possible = words.filter((_, index) => (weights[index] ?? 0) > 0);
  const predictable = words.map((word) =>
    word.map((symbol, place) =>
      Number(
        possible.every((other) =>
          word.slice(0, place).every((each, index) => other[index] === each) ? other[place] === symbol : true,
        ),
      ),
    ),
  );
  return {
    ...{ name, symbols, inputs },
    sequence(steps, seed) {
      checkSteps(name, steps);
      const random = new Random(seed, streams.task);
      const sequence = emptySequence(steps);
      for (let step = 0; step < steps; ) {
        let chance = random.uniform(0, total);
        // Rounding may leave a little of the chance: then it is the last word that is possible.
        let drawn = weights.reduce((last, weight, index) => (weight > 0 ? index : last), 0);
        for (const [index, weight] of weights.entries()) {
          if (weight > 0 && chance < weight) {
            drawn = index;
            break;
          }
          chance -= weight;
        }
        for (const [place, symbol] of (words[drawn] ?? []).entries()) {
          if (step >= steps) break;
          sequence.symbols[step] = symbol;
          sequence.words[step] = drawn;
          sequence.places[step] = place;
          sequence.predictable[step] = predictable[drawn]?.[place] ?? 0;
          step += 1;
        }
      }
      return sequence;
    },
  };
}

export function emptySequence(steps: number): SymbolSequence {
  return {
    ...{ symbols: new Uint16Array(steps), words: new Uint16Array(steps) },
    ...{ places: new Uint32Array(steps), predictable: new Uint8Array(steps) },
  };
}

/** Steps `from` … `to - 1` of a sequence. */
export function sliceSequence(sequence: SymbolSequence, from: number, to: number): SymbolSequence {
  return {
    ...{ symbols: sequence.symbols.slice(from, to), words: sequence.words.slice(from, to) },
    ...{ places: sequence.places.slice(from, to), predictable: sequence.predictable.slice(from, to) },
  };
}

/**
 * The inputs of `Sorn.run` for a sequence, or for one of each replica: 1 where a symbol is shown.
 * @throws ConfigError for none; ShapeError where they are not equally long.
 */
export function symbolInputs(sequences: SymbolSequence | readonly SymbolSequence[]): SornInputSource {
  const list = Array.isArray(sequences) ? (sequences as readonly SymbolSequence[]) : [sequences as SymbolSequence];
  const [first] = list;
  if (first === undefined) throw new ConfigError("symbolInputs: expected at least one sequence.");
  const other = list.find(({ symbols }) => symbols.length !== first.symbols.length);
  if (other !== undefined)
    throw new ShapeError(
      `symbolInputs: sequences of ${first.symbols.length} and of ${other.symbols.length} steps; all replicas take as many.`,
    );
  return (step, target, replica) => {
    const symbol = list[list.length === 1 ? 0 : replica]?.symbols[step];
    // Past the end of a sequence, and of an input of its own, nothing is shown.
    if (symbol !== undefined && symbol < target.length) target[symbol] = 1;
  };
}
