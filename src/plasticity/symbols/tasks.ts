import { z } from "zod";
import { parseWith } from "../../io/config.ts";
import { Random, streams } from "../../random.ts";
import { checkSteps, emptySequence, type SymbolTask, wordsTask } from "./symbol-task.ts";

const length = z.int().min(1).max(65_535);
const seed = z.int().min(0).max(0xffffffff).default(0);
const share = z.number().min(0).max(1);
/** Of the stream of tasks: step 0 draws the symbols of a sequence, step 1 what a task repeats. */
const repeatedStep = 1;

export const countingSchema = z.strictObject({
  /** How often the middle letter comes: n; a word has n + 2 letters. */
  length: length.default(8),
  /** Probability of the first word. */
  first: share.default(0.5),
});

export const randomSequenceSchema = z.strictObject({
  /** Number of symbols. */
  alphabet: z.int().min(2).max(1024).default(10),
  /** Symbols until the sequence repeats itself; `false`: never, every symbol is drawn anew. */
  length: z.union([z.literal(false), length]).default(false),
  /** Of the sequence that is repeated. */
  seed,
});

export const occluderSchema = z
  .strictObject({
    /** Places that the object moves through, one a step. */
    positions: length.default(8),
    /** How many of them, in the middle, lie behind the occluder. */
    hidden: z.int().min(0).default(4),
    /** Probability that a movement is occluded; the rest are seen as a whole. */
    occluded: share.default(0.5),
    /** What is shown instead: a symbol of the occluder, or nothing. */
    occluder: z.enum(["symbol", "nothing"]).default("symbol"),
    /** Probability of a movement to the right. */
    right: share.default(0.5),
  })
  .refine(
    ({ positions, hidden }) => hidden <= positions - 2,
    "hidden must leave a position on either side of the occluder",
  );

export type CountingOptions = z.input<typeof countingSchema>;
export type RandomSequenceOptions = z.input<typeof randomSequenceSchema>;
export type OccluderOptions = z.input<typeof occluderSchema>;

/**
 * Counting: words A B…B C and D E…E F, n letters in the middle, one after another by chance. To name the letter that follows
 * one must know how many B or E there were (Lazar, Pipa & Triesch 2009, Front Comput Neurosci 3:23).
 * @throws ConfigError
 */
export function countingTask(options: CountingOptions = {}): SymbolTask {
  const { length: middle, first } = parseWith(countingSchema, options, "counting");
  const word = (letter: number): number[] => [letter, ...Array.from({ length: middle }, () => letter + 1), letter + 2];
  return wordsTask({
    ...{ name: "counting", symbols: ["A", "B", "C", "D", "E", "F"] },
    ...{ words: [word(0), word(3)], weights: [first, 1 - first] },
  });
}

/**
 * Random symbols: a random sequence over and over, to be foreseen (its every symbol occurs if it is long enough), or symbols
 * that never repeat, to be remembered some steps later (as in delpapa/SORN_V2, RandomSequenceTask and RandomSequence_memory).
 * @throws ConfigError
 */
export function randomSequenceTask(options: RandomSequenceOptions = {}): SymbolTask {
  const { alphabet, length: period, seed: ownSeed } = parseWith(randomSequenceSchema, options, "randomSequence");
  const symbols = Array.from({ length: alphabet }, (_, symbol) => String(symbol));
  if (period !== false) {
    const random = new Random(ownSeed, streams.task, repeatedStep);
    const word = Array.from({ length: period }, () => random.integer(alphabet));
    // Each symbol at a place of its own; the others stay drawn.
    for (const [symbol, place] of [...random.permutation(period).subarray(0, alphabet)].entries())
      if (period >= alphabet) word[place] = symbol;
    return wordsTask({ name: "randomSequence", symbols, words: [word], weights: [1] });
  }
  return {
    ...{ name: "randomSequence", symbols, inputs: alphabet },
    sequence(steps, seed) {
      checkSteps("randomSequence", steps);
      const random = new Random(seed, streams.task);
      const sequence = emptySequence(steps);
      for (let step = 0; step < steps; step += 1) sequence.symbols[step] = random.integer(alphabet);
      return sequence;
    },
  };
}

/**
 * Motion behind an occluder: an object moves through all places to the right or to the left, and some of its movements pass
 * behind an occluder in the middle. While it is hidden its place, and where it comes out, follow from where it went in. After
 * the motion and occluder tasks of Lazar, Pipa & Triesch 2009; sizes and shares are free, the defaults are ours.
 * @throws ConfigError
 */
export function occluderTask(options: OccluderOptions = {}): SymbolTask {
  const { positions, hidden, occluded, occluder, right } = parseWith(occluderSchema, options, "occluder");
  const places = Array.from({ length: positions }, (_, place) => place);
  const from = Math.floor((positions - hidden) / 2);
  const hide = (word: readonly number[]): number[] =>
    word.map((place) => (place >= from && place < from + hidden ? positions : place));
  const [toRight, toLeft] = [places, [...places].reverse()];
  return wordsTask({
    name: "occluder",
    symbols: [...places.map((place) => String(place + 1)), "X"],
    inputs: positions + Number(occluder === "symbol"),
    words: [toRight, toLeft, hide(toRight), hide(toLeft)],
    weights: [right * (1 - occluded), (1 - right) * (1 - occluded), right * occluded, (1 - right) * occluded],
  });
}

/** The tasks by name: each makes one from its options. */
export const symbolTasks = {
  counting: countingTask,
  randomSequence: randomSequenceTask,
  occluder: occluderTask,
} as const;

/** What their options may hold. */
export const symbolTaskSchemas = {
  counting: countingSchema,
  randomSequence: randomSequenceSchema,
  occluder: occluderSchema,
} as const;
