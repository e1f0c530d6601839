import { expect } from "vitest";

/** Sum of the entries of a block, rows [from, to) and columns [from, to). */
export function blockSum(
  matrix: Float32Array,
  columns: number,
  [rowFrom, rowTo]: readonly [number, number],
  [columnFrom, columnTo]: readonly [number, number],
): number {
  let sum = 0;
  for (let row = rowFrom; row < rowTo; row += 1)
    for (let column = columnFrom; column < columnTo; column += 1) sum += matrix[row * columns + column] ?? Number.NaN;
  return sum;
}

/** Fails where `successes` of `draws` independent draws lie further than 3 standard errors from the probability. */
export function expectProbability(successes: number, draws: number, probability: number): void {
  const standardError = Math.sqrt((probability * (1 - probability)) / draws);
  expect(Math.abs(successes / draws - probability)).toBeLessThanOrEqual(3 * standardError);
}

/** A mask as rows; an absent one is all 1. */
export function rowsOf(mask: Float32Array | undefined, rows: number, columns: number): number[][] {
  return Array.from({ length: rows }, (_, row) =>
    Array.from({ length: columns }, (_, column) => mask?.[row * columns + column] ?? 1),
  );
}
