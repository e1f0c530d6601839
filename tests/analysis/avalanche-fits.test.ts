import { describe, expect, test } from "vitest";
import { statistics } from "../../src/index.ts";
import { Random } from "../../src/random.ts";

/** Activity whose avalanches have given durations: 1 below, then as many steps of 3 + θ, θ = 10. */
function activityOf(durations: readonly number[], high = 13): Float64Array {
  return Float64Array.from([...durations.flatMap((duration) => [1, ...new Array<number>(duration).fill(high)]), 1]);
}

describe("avalanches with their fits", () => {
  const draw = statistics.powerLawSampler({ exponent: 1.6, xMin: 1, xMax: 200 });
  const random = new Random(4, 901);
  const durations = Array.from({ length: 6000 }, () => draw(random));
  const activity = activityOf(durations);

  test("durations and sizes have the exponents they were made with", () => {
    const ranges = { durations: [1, 200], sizes: [3, 600] } as const;
    const fits = statistics.fitAvalanches(activity, { units: 200, threshold: 10, ranges });
    expect([...fits.avalanches.durations]).toEqual(durations);
    const { durations: alpha, sizes: tau } = fits;
    expect(Math.abs((alpha?.exponent ?? 0) - 1.6)).toBeLessThan(4 * (alpha?.standardError ?? 0));
    // Sizes are three times the durations, so that ⟨S⟩ ∝ T.
    expect(fits.sizeDuration?.exponent).toBeCloseTo(1, 10);
    expect(fits.predicted).toBeCloseTo(((alpha?.exponent ?? 0) - 1) / ((tau?.exponent ?? 0) - 1), 12);
  });

  test("θ is half of the mean, rounded down", () => {
    // A mean of 12 + 7/8: θ = 6, and only what is above it counts.
    const series = [6, 7, 30, 6, 0, 30, 24, 0];
    const { avalanches } = statistics.fitAvalanches(series, { units: 40 });
    expect([avalanches.threshold, [...avalanches.durations], [...avalanches.sizes]]).toEqual([6, [2, 2], [25, 42]]);
  });

  test("the ranges are those of the paper's network that is nearest in ratio, or from the KS minimum on, or one's own", () => {
    expect(statistics.publishedRanges(200)).toEqual({ durations: [6, 60], sizes: [10, 1500] });
    expect(statistics.publishedRanges(10)).toEqual({ durations: [2, 10], sizes: [3, 100] });
    expect(statistics.publishedRanges(280).durations).toEqual([6, 60]);
    expect(statistics.publishedRanges(284).durations).toEqual([8, 100]);
    expect(statistics.publishedRanges(100_000).sizes).toEqual([70, 7000]);
    const published = statistics.fitAvalanches(activity, { units: 200, threshold: 10 });
    expect([published.durations?.xMin, published.durations?.xMax]).toEqual([6, 60]);
    const auto = statistics.fitAvalanches(activity, { units: 200, threshold: 10, ranges: "auto" });
    expect(auto.durations).toEqual(statistics.fitPowerLaw(durations));
  });

  test("without avalanches, or with few, there is no fit, and no number that is not one", () => {
    const still = statistics.fitAvalanches(new Float64Array(50), { units: 20 });
    expect(still).toMatchObject({
      durations: undefined,
      sizes: undefined,
      sizeDuration: undefined,
      predicted: undefined,
    });
    const few = statistics.fitAvalanches(activityOf([6, 7, 8]), { units: 200 });
    expect(few.avalanches.durations).toHaveLength(3);
    expect(few.durations).toBeUndefined();
    // All of one duration: a range without a second kind of value.
    const same = statistics.fitAvalanches(activityOf(new Array<number>(80).fill(6)), { units: 200 });
    expect([same.durations, same.sizeDuration]).toEqual([undefined, undefined]);
    // α of 0.2 predicts nothing.
    const flat = Array.from({ length: 3000 }, (_, index) => 6 + (index % 55));
    expect(statistics.fitAvalanches(activityOf(flat), { units: 200, threshold: 10 }).predicted).toBeUndefined();
  });

  test("networks are pooled with one threshold, and none begins in another's avalanche", () => {
    // Means of 10 and of 30, of both of 20: θ is 10 in both. The second's first avalanche has no beginning.
    const [low, high] = [
      [0, 20, 0, 20, 11, 9, 0, 20, 10, 10],
      [20, 60, 0, 60, 20, 20, 10, 50, 60, 0],
    ];
    const pooled = statistics.pooledAvalanches([low, high]);
    expect(pooled.threshold).toBe(10);
    expect([...pooled.starts]).toEqual([1, 3, 7, 3, 7]);
    expect([...pooled.durations]).toEqual([1, 2, 1, 3, 2]);
    expect([...pooled.sizes]).toEqual([10, 11, 10, 70, 90]);
    expect(() => statistics.pooledAvalanches([])).toThrow("at least one network");
  });

  test("networks together have the exponents of all their avalanches, with an error that knows how they differ", () => {
    const ranges = { durations: [1, 200], sizes: [3, 600] } as const;
    const options = { units: 200, threshold: 10, ranges };
    const networks = [1.2, 1.5, 1.6, 1.9].map((exponent) => {
      const draw = statistics.powerLawSampler({ exponent, xMin: 1, xMax: 200 });
      return activityOf(Array.from({ length: 2000 }, () => draw(random)));
    });
    const fits = statistics.fitPooledAvalanches(networks, options);
    const all = networks.flatMap((activity) => [...statistics.fitAvalanches(activity, options).avalanches.durations]);
    expect([...fits.avalanches.durations]).toEqual(all);
    expect(fits.durations).toEqual(statistics.fitPowerLaw(all, { xMin: 1, xMax: 200 }));
    expect(fits.sizeDuration?.exponent).toBeCloseTo(1, 10);
    expect(fits.overNetworks.sizeDuration).toBeCloseTo(0, 10);
    const without = networks.map(
      (_, left) =>
        statistics.fitPooledAvalanches(
          networks.filter((_, network) => network !== left),
          options,
        ).durations?.exponent ?? 0,
    );
    const mean = without.reduce((sum, value) => sum + value, 0) / 4;
    const error = Math.sqrt(0.75 * without.reduce((sum, value) => sum + (value - mean) ** 2, 0));
    expect(fits.overNetworks.durations).toBeCloseTo(error, 12);
    expect(error).toBeGreaterThan(5 * (fits.durations?.standardError ?? 1));

    const alone = statistics.fitPooledAvalanches([activity], options);
    expect(alone.durations).toEqual(statistics.fitAvalanches(activity, options).durations);
    expect(alone.overNetworks.durations).toBeUndefined();
    expect(() => statistics.fitPooledAvalanches([activity, [0.1]], options)).toThrow("network 1: step 0 has 0.1");
  });

  test("rates and wrong ranges are refused", () => {
    expect(() => statistics.fitAvalanches([0.1, 0.2], { units: 10 })).toThrow("step 0 has 0.1 active units");
    expect(() => statistics.fitAvalanches([1, 11], { units: 10 })).toThrow("step 1 has 11 active units");
    const ranges = { durations: [6, 6], sizes: [1, 10] } as const;
    expect(() => statistics.fitAvalanches(activity, { units: 200, ranges })).toThrow("xMax: expected a whole number");
  });
});

test("the mean correlation is that of the matrix, units that do not vary left out", () => {
  const random = new Random(8, 902);
  const [steps, units] = [300, 7];
  const values = Uint8Array.from({ length: steps * units }, (_, index) => {
    const unit = index % units;
    if (unit === 2) return 0;
    if (unit === 5) return 1;
    return Number(random.uniform() < 0.3);
  });
  const raster = { values, shape: [steps, units] };
  for (const bin of [1, 4]) {
    const { values: matrix, varies } = statistics.correlationMatrix(raster, { bin });
    let [sum, pairs] = [0, 0];
    for (let one = 0; one < units; one += 1)
      for (let other = 0; other < units; other += 1) {
        if (one === other || varies[one] === 0 || varies[other] === 0) continue;
        sum += matrix[one * units + other] as number;
        pairs += 1;
      }
    expect(pairs).toBe(20);
    expect(statistics.meanCorrelation(raster, { bin })).toBeCloseTo(sum / pairs, 12);
  }
});
