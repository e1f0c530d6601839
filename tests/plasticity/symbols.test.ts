import { expect, test } from "vitest";
import { symbolInputs, wordsTask } from "../../src/plasticity/symbols/symbol-task.ts";
import { symbolTasks } from "../../src/plasticity/symbols/tasks.ts";

/** A sequence as text, and which of its symbols are predictable. */
function textOf(task: ReturnType<typeof wordsTask>, steps: number, seed = 1): readonly [string, string] {
  const { symbols, predictable } = task.sequence(steps, seed);
  return [[...symbols].map((symbol) => task.symbols[symbol]).join(""), predictable.join("")];
}

test("counting: words of n + 2 letters, of which the first is chance", () => {
  expect(textOf(symbolTasks.counting({ length: 3, first: 1 }), 12)).toEqual(["ABBBCABBBCAB", "111111111111"]);
  expect(textOf(symbolTasks.counting({ length: 1, first: 0 }), 7)).toEqual(["DEFDEFD", "1111111"]);
  const task = symbolTasks.counting({ length: 2 });
  const [text, predictable] = textOf(task, 400);
  const words = text.match(/.{4}/g) ?? [];
  expect(new Set(words)).toEqual(new Set(["ABBC", "DEEF"]));
  expect(predictable).toBe("0111".repeat(100));
  // 100 words of probability 1/2: five standard deviations are 25.
  expect(Math.abs(words.filter((word) => word === "ABBC").length - 50)).toBeLessThan(25);
  const sequence = task.sequence(8, 1);
  expect([...sequence.places]).toEqual([0, 1, 2, 3, 0, 1, 2, 3]);
  expect([...sequence.words]).toEqual(words.slice(0, 2).flatMap((word) => new Array(4).fill(Number(word === "DEEF"))));
  // More steps, and the same start; another seed, another order.
  expect(textOf(task, 13)[0]).toBe(text.slice(0, 13));
  expect(textOf(task, 400, 2)[0]).not.toBe(text);
});

test("the occluder hides the middle, and where it was entered tells what follows", () => {
  const sizes = { positions: 5, hidden: 2 };
  expect(textOf(symbolTasks.occluder({ ...sizes, right: 1, occluded: 0 }), 10)).toEqual(["1234512345", "1111111111"]);
  expect(textOf(symbolTasks.occluder({ ...sizes, right: 0, occluded: 1 }), 5)[0]).toBe("54XX1");
  const both = symbolTasks.occluder(sizes);
  const [text, predictable] = textOf(both, 500);
  const marks = new Map(
    (text.match(/.{5}/g) ?? []).map((word, index) => [word, predictable.slice(5 * index, 5 * index + 5)]),
  );
  // Which way, and then, where the occluder may be, whether there is one.
  expect(Object.fromEntries(marks)).toEqual({ "12345": "00111", "54321": "01011", "1XX45": "00111", "54XX1": "01011" });
  expect(both.inputs).toBe(6);
  expect(symbolTasks.occluder({ ...sizes, occluder: "nothing" }).inputs).toBe(5);
});

test("a random sequence repeats itself and has every symbol, or never repeats", () => {
  const task = symbolTasks.randomSequence({ alphabet: 4, length: 6, seed: 5 });
  const [text, predictable] = textOf(task, 18);
  expect(text.slice(6)).toBe(text.slice(0, 12));
  expect(new Set(text).size).toBe(4);
  expect(predictable).toBe("1".repeat(18));
  // The run's seed does not change what is repeated; the task's does.
  expect(textOf(task, 18, 9)[0]).toBe(text);
  expect(textOf(symbolTasks.randomSequence({ alphabet: 4, length: 6, seed: 6 }), 18)[0]).not.toBe(text);
  const free = symbolTasks.randomSequence({ alphabet: 3 });
  const [symbols, chance] = textOf(free, 3000);
  expect(chance).not.toContain("1");
  for (const symbol of "012") expect(Math.abs(symbols.split(symbol).length - 1 - 1000)).toBeLessThan(130);
  expect(textOf(free, 10)[0]).toBe(symbols.slice(0, 10));
});

test("words of one's own: a weight of 0 is never drawn, and leaves nothing to doubt", () => {
  const task = wordsTask({
    name: "own",
    symbols: ["a", "b", "c"],
    words: [
      [0, 1],
      [0, 2],
      [2, 2],
    ],
    weights: [1, 2, 0],
  });
  const [text, predictable] = textOf(task, 600);
  expect(text).toMatch(/^(ab|ac)*$/);
  expect(predictable).toBe("10".repeat(300));
  // 300 words, a third of them "ab": five standard deviations are 41.
  expect(Math.abs(text.split("b").length - 1 - 100)).toBeLessThan(41);
});

test("inputs show one symbol a step, each replica its own, or nothing", () => {
  const task = symbolTasks.occluder({ positions: 3, hidden: 1, occluded: 1, occluder: "nothing" });
  const sequences = [task.sequence(3, 1), symbolTasks.counting({ length: 1, first: 1 }).sequence(3, 1)];
  const shown = (step: number, replica: number) => {
    const target = new Float32Array(3);
    symbolInputs(sequences)(step, target, replica);
    return [...target];
  };
  expect(shown(1, 0)).toEqual([0, 0, 0]);
  expect([0, 1, 2].map((step) => shown(step, 1))).toEqual([
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ]);
  expect(() => symbolInputs([])).toThrow(/at least one/);
  expect(() => symbolInputs([task.sequence(3, 1), task.sequence(4, 1)])).toThrow(/3 and of 4 steps/);
});

test("wrong options name the nearest key, or what is impossible", () => {
  expect(() => symbolTasks.counting({ lenght: 3 } as object)).toThrow(/counting: lenght: unknown key.*length/);
  expect(() => symbolTasks.occluder({ positions: 4, hidden: 3 })).toThrow(/a position on either side/);
  expect(() => symbolTasks.randomSequence({ alphabet: 1 })).toThrow(/alphabet/);
  expect(() => symbolTasks.counting().sequence(0, 1)).toThrow(/counting: steps: expected a positive integer, got 0/);
});
