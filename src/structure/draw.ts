import { Random, streams } from "../random.ts";
import type { MaskedWeight } from "./structure.ts";

const steps: Readonly<Record<MaskedWeight, number>> = { weightHH: 0, weightIH: 1, weightHO: 2 };

/** The draws of one weight matrix: each matrix has its own, so that changing one never changes another. */
export function structureRandom(seed: number, name: MaskedWeight): Random {
  return new Random(seed, streams.structure, steps[name]);
}

/**
 * `count` of `items` without replacement, in their order: selection sampling (Knuth, TAOCP 3.4.2, algorithm S), whose
 * cost and bias do not grow with the number of items.
 */
export function choose<Item>(random: Random, items: readonly Item[], count: number): Item[] {
  const chosen: Item[] = [];
  items.forEach((item, index) => {
    if (random.uniform() * (items.length - index) < count - chosen.length) chosen.push(item);
  });
  return chosen;
}

/** The integers from `from` to `to` - 1. */
export function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, index) => from + index);
}

/**
 * A mask whose entries are independent draws. Masks of one seed that differ only in probability share their draws, so
 * a higher probability only adds synapses.
 */
export function drawMask(
  random: Random,
  rows: number,
  columns: number,
  probability: (post: number, pre: number) => number,
): Float32Array {
  const mask = new Float32Array(rows * columns);
  for (let post = 0; post < rows; post += 1)
    for (let pre = 0; pre < columns; pre += 1)
      mask[post * columns + pre] = random.uniform() < probability(post, pre) ? 1 : 0;
  return mask;
}
