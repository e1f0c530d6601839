import { describe, expect, test } from "vitest";
import { statistics } from "../../src/index.ts";
import { Random } from "../../src/random.ts";
import { branchingProcess, seen } from "../reference/synthetic.ts";

describe("avalanches", () => {
  const activity = [5, 0, 1, 3, 2, 0, 0, 4, 1, 2, 6, 6];

  test("are closed runs above the threshold; open ones are left out, the first on demand kept", () => {
    const found = statistics.avalanches(activity, { threshold: 1.5 });
    expect(found).toEqual({
      threshold: 1.5,
      starts: Uint32Array.from([3, 7]),
      durations: Uint32Array.from([2, 1]),
      sizes: Float64Array.from([2, 2.5]),
    });
    expect([...statistics.avalanches(activity, { threshold: 1.5, first: true }).sizes]).toEqual([3.5, 2, 2.5]);
    expect([...statistics.avalanches(activity, { threshold: 1.5, size: "activity" }).sizes]).toEqual([5, 4]);
  });

  test("a whole threshold finds the same steps and whole sizes", () => {
    const whole = statistics.avalanches(activity, { threshold: 1.5, whole: true });
    expect([whole.threshold, [...whole.sizes], [...whole.durations]]).toEqual([1, [3, 3], [2, 1]]);
  });

  test("thresholds by name", () => {
    const threshold = (given: Parameters<typeof statistics.avalanches>[1]) =>
      statistics.avalanches(activity, given).threshold;
    expect(threshold({})).toBeCloseTo(30 / 24, 12);
    expect(threshold({ threshold: "median" })).toBe(2);
    expect(threshold({ threshold: { percentile: 25 } })).toBe(0);
    expect(threshold({ threshold: { percentile: 100 } })).toBe(6);
    expect(() => threshold({ threshold: { percentile: 120 } })).toThrow("percentile of 0 to 100");
    expect(() => threshold({ threshold: Number.NaN })).toThrow("expected a finite number, got NaN");
  });

  test("sizes over durations, the crackling relation, courses", () => {
    const durations = Uint32Array.from([1, 2, 2, 4, 8]);
    const sizes = Float64Array.from(durations, (duration) => 3 * duration ** 1.3);
    expect(statistics.meanSizes({ durations, sizes }).counts).toEqual(Float64Array.from([1, 2, 1, 1]));
    const { exponent, factor } = statistics.sizeDurationExponent({ durations, sizes });
    expect([exponent, factor]).toEqual([expect.closeTo(1.3, 12), expect.closeTo(3, 12)]);
    expect(() => statistics.sizeDurationExponent({ durations, sizes }, { durations: [3, 6] })).toThrow("got 1");
    const relation = statistics.cracklingRelation({ size: 1.5, duration: 2, sizeDuration: 1.8 });
    expect([relation.predicted, relation.difference]).toEqual([2, expect.closeTo(-0.2, 12)]);
    expect(() => statistics.cracklingRelation({ size: 1, duration: 2, sizeDuration: 2 })).toThrow("size: expected");

    const series = [0, 1, 3, 0, 3, 1, 0, 2, 0];
    const found = statistics.avalanches(series, { threshold: 0 });
    const [course] = statistics.avalancheShapes(series, found, { durations: [2], exponent: 2, points: 4 });
    expect(course).toEqual({ duration: 2, count: 2, course: Float64Array.from([1, 1, 1, 1]) });
    expect(() => statistics.avalancheShapes(series, found, { durations: [5] })).toThrow("no avalanche takes 5 steps");
  });

  test("of an unbiased walk away from 0 have a return time of exponent 3/2", () => {
    const random = new Random(3, 904);
    let place = 0;
    const walk = Array.from({ length: 400_000 }, () => {
      place += random.uniform() < 0.5 ? 1 : -1;
      return Math.abs(place);
    });
    const { durations } = statistics.avalanches(walk, { threshold: 0 });
    const halves = durations.map((duration) => (duration + 1) / 2);
    const { exponent, standardError } = statistics.fitPowerLaw(halves, { xMin: 8, xMax: 1000 });
    expect(Math.abs(exponent - 1.5)).toBeLessThan(0.03 + 4 * standardError);
  });
});

describe("branching ratio", () => {
  const random = new Random(5, 905);

  test("of processes seen whole, by one slope and by many", () => {
    for (const ratio of [0.5, 0.9, 0.97]) {
      const activity = branchingProcess(ratio, 4, 20_000, random);
      const naive = statistics.branchingRatio(activity);
      const margin = 5 * Math.sqrt((1 - ratio ** 2) / 20_000) + 0.003;
      expect(Math.abs(naive.ratio - ratio)).toBeLessThan(margin);
      const maxLag = Math.ceil(3 / (1 - ratio));
      const steps = statistics.multistepBranching(activity, { maxLag });
      expect(Math.abs(steps.ratio - ratio)).toBeLessThan(2 * margin);
      expect(steps.autocorrelationSteps).toBeCloseTo(-1 / Math.log(steps.ratio), 6);
      expect(steps.explained).toBeGreaterThan(0.95);
      if (ratio === 0.5) expect(Math.abs(naive.input - 4)).toBeLessThan(0.3);
    }
  });

  test("of a process of which one in twenty is seen: one slope is far off, many are right", () => {
    const ratio = 0.95;
    const activity = branchingProcess(ratio, 10, 40_000, random).map((count) => seen(count, 0.05, random));
    expect(statistics.branchingRatio(activity).ratio).toBeLessThan(0.6);
    const found = statistics.multistepBranching(activity, { maxLag: 60 });
    expect(Math.abs(found.ratio - ratio)).toBeLessThan(0.02);
    expect(found.amplitude).toBeLessThan(0.7);
  });

  test("trials are pooled, and slopes that are a power with an offset are found exactly", () => {
    const trials = Array.from({ length: 20 }, () => branchingProcess(0.8, 6, 1500, random));
    expect(Math.abs(statistics.multistepBranching(trials, { maxLag: 15 }).ratio - 0.8)).toBeLessThan(0.03);
    expect(Math.abs(statistics.multistepBranching(trials, { maxLag: 15, offset: true }).ratio - 0.8)).toBeLessThan(
      0.05,
    );
  });

  test("an oscillation is not explained", () => {
    const wave = Array.from({ length: 4000 }, (_, step) => 10 + 5 * Math.sin(step / 2) + random.normal());
    expect(statistics.multistepBranching(wave, { maxLag: 40 }).explained).toBeLessThan(0.3);
  });

  test("bad input is refused", () => {
    expect(() => statistics.branchingRatio([2, 2, 2, 2])).toThrow("does not vary");
    expect(() => statistics.branchingRatio([1, 2])).toThrow("at least 3 values, got 2");
    expect(() => statistics.multistepBranching([1, 2, 3], { maxLag: 2 })).toThrow("maxLag: expected a whole number");
    expect(() => statistics.multistepBranching([1, 2, 3], { maxLag: 3 })).toThrow("at least 5 values, got 3");
    expect(() => statistics.multistepBranching([], { maxLag: 3 })).toThrow("at least one series");
  });
});
