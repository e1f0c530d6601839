import { describe, expect, it } from "vitest";
import { normalPair, Random, streams, threefry2x32, unitInterval } from "../src/random.ts";

describe("threefry2x32", () => {
  it("gives the known answers of Random123 (threefry2x32, 20 rounds)", () => {
    expect(threefry2x32(0, 0, 0, 0)).toEqual([0x6b200159, 0x99ba4efe]);
    expect(threefry2x32(0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff)).toEqual([0x1cb996fc, 0xbb002be7]);
    expect(threefry2x32(0x13198a2e, 0x03707344, 0x243f6a88, 0x85a308d3)).toEqual([0xc4923a9c, 0x483df7a0]);
  });
});

describe("uniform numbers", () => {
  it("lie in [0, 1), as float32 too", () => {
    expect(unitInterval(0)).toBe(0);
    expect(unitInterval(0xffffffff)).toBe(1 - 2 ** -24);
    expect(Math.fround(unitInterval(0xffffffff))).toBeLessThan(1);
  });

  it("fill 64 bins evenly", () => {
    const random = new Random(1, streams.task);
    const bins = new Array<number>(64).fill(0);
    const draws = 64_000;
    for (let draw = 0; draw < draws; draw += 1) {
      const bin = Math.floor(random.uniform() * 64);
      bins[bin] = (bins[bin] ?? Number.NaN) + 1;
    }
    const expected = draws / 64;
    const chiSquare = bins.reduce((total, count) => total + (count - expected) ** 2 / expected, 0);
    // 63 degrees of freedom: mean 63, standard deviation 11.2.
    expect(chiSquare).toBeGreaterThan(20);
    expect(chiSquare).toBeLessThan(120);
  });

  it("lie between the bounds that were asked for", () => {
    const random = new Random(2, streams.task);
    for (let draw = 0; draw < 1000; draw += 1) {
      const value = random.uniform(-3, -1);
      expect(value).toBeGreaterThanOrEqual(-3);
      expect(value).toBeLessThan(-1);
    }
  });
});

describe("normal numbers", () => {
  it("have mean 0, variance 1, no skew and kurtosis 3", () => {
    const random = new Random(3, streams.noise);
    const draws = 40_000;
    const moments = [0, 0, 0, 0];
    for (let draw = 0; draw < draws; draw += 1) {
      const value = random.normal();
      for (let power = 1; power <= 4; power += 1) {
        moments[power - 1] = (moments[power - 1] ?? Number.NaN) + value ** power / draws;
      }
    }
    const [mean = Number.NaN, square, cube = Number.NaN, fourth] = moments;
    expect(Math.abs(mean)).toBeLessThan(0.025);
    expect(square).toBeCloseTo(1, 1);
    expect(Math.abs(cube)).toBeLessThan(0.08);
    expect(Math.abs((fourth ?? Number.NaN) - 3)).toBeLessThan(0.2);
  });

  it("are finite for every pair of bits at the ends", () => {
    for (const bits of [0, 0xff, 0xffffffff]) {
      for (const other of [0, 0xffffffff]) {
        for (const value of normalPair(bits, other)) expect(Number.isFinite(value)).toBe(true);
      }
    }
  });

  it("are scaled and shifted", () => {
    expect(new Random(4, 1).normal(10, 2)).toBe(10 + 2 * new Random(4, 1).normal());
  });
});

describe("Random", () => {
  const draw = (seed: number, stream: number, step?: number): number[] => {
    const random = new Random(seed, stream, step);
    return Array.from({ length: 8 }, () => random.uniform());
  };

  it("repeats itself, and differs by seed, stream and step", () => {
    expect(draw(5, 1, 2)).toEqual(draw(5, 1, 2));
    const sequences = [draw(5, 1, 2), draw(6, 1, 2), draw(5, 2, 2), draw(5, 1, 3)];
    for (const [index, sequence] of sequences.entries()) {
      for (const other of sequences.slice(index + 1)) expect(sequence).not.toEqual(other);
    }
  });

  it("has a number of its own for every stream", () => {
    const numbers = Object.values(streams);
    expect(new Set(numbers).size).toBe(numbers.length);
    expect(new Set(numbers.map((stream) => draw(1, stream)[0])).size).toBe(numbers.length);
  });

  it("gives integers from the whole range and nothing else", () => {
    const random = new Random(7, streams.task);
    const seen = new Set(Array.from({ length: 500 }, () => random.integer(7)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5, 6]);
  });

  it("chooses every element, and refuses an empty list", () => {
    const random = new Random(8, streams.task);
    expect(new Set(Array.from({ length: 200 }, () => random.choice(["a", "b", "c"]))).size).toBe(3);
    expect(() => random.choice([])).toThrow(RangeError);
  });

  it("permutes: every number once, every place reached by every number", () => {
    const random = new Random(9, streams.shuffle);
    const counts = new Map<string, number>();
    for (let repeat = 0; repeat < 2000; repeat += 1) {
      const order = random.permutation(5);
      expect([...order].sort()).toEqual([0, 1, 2, 3, 4]);
      for (const [place, item] of order.entries()) {
        const key = `${place} ${item}`;
        counts.set(key, (counts.get(key) ?? 0) + 1);
      }
    }
    expect(counts.size).toBe(25);
    // 400 expected, standard deviation 18.
    for (const count of counts.values()) expect(Math.abs(count - 400)).toBeLessThan(100);
    expect(random.permutation(0).length).toBe(0);
    expect([...random.permutation(1)]).toEqual([0]);
  });
});
