import { expect, test } from "vitest";
import { NoiseStream } from "../../src/tasks/engine/noise-stream.ts";

/** Φ(x) to 1e-7, by the complementary error function of Numerical Recipes (erfcc). */
function normalCdf(x: number): number {
  const t = 1 / (1 + Math.abs(x) / Math.SQRT2 / 2);
  const coefficients = [
    -1.26551223, 1.00002368, 0.37409196, 0.09678418, -0.18628806, 0.27886807, -1.13520398, 1.48851587, -0.82215223,
    0.17087277,
  ];
  const sum = coefficients.reduceRight((rest, coefficient) => coefficient + t * rest, 0);
  const tail = (t * Math.exp(-(x * x) / 2 + sum)) / 2;
  return x > 0 ? 1 - tail : tail;
}

const count = 400_000;

function draw(key0: number, key1: number, purpose = 0, values = new Float32Array(count)): Float32Array {
  const stream = new NoiseStream();
  stream.start(key0, key1, purpose);
  stream.add(values, 0, 1, values.length, 1, 1);
  return values;
}

test("is standard normal in its moments, its distribution and its tails", () => {
  for (const key of [0, 1, 0xffffffff]) {
    const values = draw(key, 7);
    const moment = (power: number): number => values.reduce((sum, value) => sum + value ** power, 0) / count;
    const expected: readonly (readonly [power: number, mean: number, variance: number])[] = [
      [1, 0, 1],
      [2, 1, 2],
      [3, 0, 15],
      [4, 3, 96],
    ];
    for (const [power, mean, variance] of expected)
      expect(Math.abs(moment(power) - mean)).toBeLessThan(5 * Math.sqrt(variance / count));
    const sorted = values.slice().sort();
    const distance = sorted.reduce(
      (most, value, index) => Math.max(most, Math.abs((index + 0.5) / count - normalCdf(value))),
      0,
    );
    expect(distance * Math.sqrt(count)).toBeLessThan(2.2); // Kolmogorov–Smirnov, p < 1e-4
    for (const limit of [0.2, 1, 2, 3, 3.6541528853610088, 4]) {
      const share = values.reduce((sum, value) => sum + Number(Math.abs(value) > limit), 0) / count;
      const tail = 2 * (1 - normalCdf(limit));
      expect(Math.abs(share - tail)).toBeLessThan(5 * Math.sqrt(tail / count));
    }
  }
});

test("has streams that have nothing to do with each other, and no memory", () => {
  const first = draw(1, 2);
  const correlation = (other: Float32Array, lag = 0): number => {
    let sum = 0;
    for (let index = lag; index < count; index += 1) sum += (first[index - lag] ?? 0) * (other[index] ?? 0);
    return sum / count;
  };
  for (const other of [draw(2, 2), draw(1, 3), draw(1, 2, 1)])
    expect(Math.abs(correlation(other))).toBeLessThan(5 / Math.sqrt(count));
  for (const lag of [1, 2, 3, 7, 64]) expect(Math.abs(correlation(first, lag))).toBeLessThan(5 / Math.sqrt(count));
});

test("starts again from the same key with the same numbers, in any layout", () => {
  const plain = draw(3, 4, 5, new Float32Array(60));
  expect(draw(3, 4, 5, new Float32Array(60))).toEqual(plain);
  const stream = new NoiseStream();
  stream.start(3, 4, 5);
  const wide = new Float32Array(20 * 10).fill(1);
  stream.add(wide, 4, 10, 10, 3, 2);
  stream.add(wide, 104, 10, 10, 3, 2);
  const expected = new Float32Array(200).fill(1);
  for (let row = 0; row < 20; row += 1)
    for (let channel = 0; channel < 3; channel += 1)
      expected[10 * row + 4 + channel] = 1 + 2 * (plain[3 * row + channel] ?? 0);
  for (const [index, value] of wide.entries()) expect(value).toBeCloseTo(expected[index] ?? 0, 5);
});
