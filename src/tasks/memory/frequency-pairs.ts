import { z } from "zod";
import type { Random } from "../../random.ts";

/** Pairs of vibration frequencies in Hz, the higher one first (Romo, Brody, Hernández & Lemus 1999). */
export const pairsSchema = z
  .array(z.tuple([z.number(), z.number()]))
  .min(1)
  .default([
    [18, 10],
    [22, 14],
    [26, 18],
    [30, 22],
    [34, 26],
  ]);
type Pairs = readonly (readonly [number, number])[];

/** Which frequencies a trial has: those of a pair, the higher one first where `order` is 0. */
interface Shown {
  readonly pair: number;
  readonly order: number;
}

/** The first frequency of a trial, in Hz. */
export function firstOf(pairs: Pairs, { pair, order }: Shown): number {
  return pairs[pair]?.[order === 0 ? 0 : 1] ?? Number.NaN;
}

/** The second frequency of a trial, in Hz. */
export function secondOf(pairs: Pairs, { pair, order }: Shown): number {
  return pairs[pair]?.[order === 0 ? 1 : 0] ?? Number.NaN;
}

/** The number of the choice: 0 where the first is higher, 1 where the second is; of equals, at random. */
export function higherOf(f1: number, f2: number, random: Random): number {
  return f1 === f2 ? random.integer(2) : Number(f1 < f2);
}

/** The lowest and the highest frequency. */
export function rangeOf(pairs: Pairs): readonly [lowest: number, highest: number] {
  return [Math.min(...pairs.flat()), Math.max(...pairs.flat())];
}
