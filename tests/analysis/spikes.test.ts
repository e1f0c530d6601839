import { describe, expect, test } from "vitest";
import { statistics } from "../../src/index.ts";
import { Random } from "../../src/random.ts";
import { sornStatistics as golden } from "../reference/golden-sorn.ts";
import { poisson } from "../reference/synthetic.ts";

function rasterOf(words: readonly string[]): statistics.Raster {
  return {
    values: Uint8Array.from(words.join(""), Number),
    shape: [words.length, words[0]?.length ?? 0],
  };
}

const spikes = rasterOf(golden.spikes);
const activity = statistics.populationActivity(spikes);

describe("the package's own numbers", () => {
  test("rates, times, intervals and windows of one unit", () => {
    expect([...activity]).toEqual(golden.firing_rate_network);
    const [, , perBin] = golden.firing_rate_neuron_n3_bin5;
    expect(statistics.firingRates(spikes, { bin: 5 })[3]).toBeCloseTo(perBin as number, 12);
    const first = statistics.spikeTrain(spikes, 0);
    expect([...statistics.spikeTimes(first)]).toEqual(golden.spike_times_n0);
    expect([...statistics.interspikeIntervals(first)]).toEqual(golden.isi_n0);
    const third = statistics.spikeTrain(spikes, 3);
    const [mean, variance, fano] = golden.fano_n3_10windows_of_6 as [number, number, number];
    const ours = statistics.fanoFactor(third, { window: 10, compat: true });
    expect([ours.windows, ours.mean]).toEqual([10, expect.closeTo(mean, 12)]);
    expect([ours.variance, ours.fano]).toEqual([expect.closeTo(variance, 12), expect.closeTo(fano, 12)]);
    expect(statistics.fanoFactor(third, { window: 6 }).fano).toBeCloseTo((fano * 10) / 9, 12);
  });

  test("smoothness and autocorrelation", () => {
    expect(statistics.smoothness(activity)).toBeCloseTo(golden.scale_dependent_smoothness, 12);
    expect(statistics.relativeSmoothness(activity, { compat: true })).toBeCloseTo(
      golden.scale_independent_smoothness,
      10,
    );
    expect(statistics.autocorrelation(activity, 1)).toBeCloseTo(golden.autocorr_t1[0]?.[1] as number, 12);
    expect(statistics.autocorrelation(activity, 2)).toBeCloseTo(golden.autocorr_t2[0]?.[1] as number, 12);
  });

  test("correlations, with its divisor of 200² and without", () => {
    const { values, varies } = statistics.correlationMatrix(spikes);
    expect([...varies]).toEqual(Array(8).fill(1));
    for (const [index, value] of golden.corr_matrix.flat().entries()) expect(values[index]).toBeCloseTo(value, 12);
    expect(statistics.meanCorrelation(spikes, { compat: true })).toBeCloseTo(
      golden.avg_corr_coeff_sorn_hardcoded_200,
      14,
    );
    expect(statistics.meanCorrelation(spikes)).toBeCloseTo(golden.avg_corr_coeff_offdiag, 12);
  });

  test("Hamming distance, entropy of sources, avalanches", () => {
    expect([...statistics.hammingDistance(spikes, rasterOf(golden.perturbed))]).toEqual(golden.hamming);
    expect(statistics.spikeSourceEntropy(spikes)).toBeCloseTo(golden.spike_source_entropy, 12);
    const { theta, durations, sizes } = golden.avalanches_theta_half_mean;
    const found = statistics.avalanches(activity, { first: true });
    expect(found.threshold).toBeCloseTo(theta, 12);
    expect([...found.durations]).toEqual(durations);
    expect([...found.sizes]).toEqual(sizes.map((size) => expect.closeTo(size, 12)));
  });
});

describe("spikes of known kind", () => {
  const random = new Random(1, 900);

  test("a Poisson count has a Fano factor of 1, a Bernoulli train 1 - p and intervals of CV √(1 - p)", () => {
    const counts = Array.from({ length: 40_000 }, () => poisson(0.7, random));
    expect(Math.abs((statistics.fanoFactor(counts, { window: 10 }).fano ?? 0) - 1)).toBeLessThan(0.07);
    const rare = Uint8Array.from({ length: 200_000 }, () => (random.uniform() < 0.02 ? 1 : 0));
    expect(Math.abs((statistics.coefficientOfVariation(rare) ?? 0) - Math.sqrt(0.98))).toBeLessThan(0.05);
    const dense = Uint8Array.from({ length: 100_000 }, () => (random.uniform() < 0.4 ? 1 : 0));
    expect(Math.abs((statistics.fanoFactor(dense, { window: 20 }).fano ?? 0) - 0.6)).toBeLessThan(0.04);
    expect(Math.abs((statistics.coefficientOfVariation(dense) ?? 0) - Math.sqrt(0.6))).toBeLessThan(0.02);
  });

  test("a clock has CV 0 and Fano factor 0; too few spikes have none", () => {
    const clock = Uint8Array.from({ length: 60 }, (_, step) => (step % 5 === 0 ? 1 : 0));
    expect(statistics.coefficientOfVariation(clock)).toBeCloseTo(0, 12);
    expect(statistics.fanoFactor(clock, { window: 10 })).toEqual({ windows: 6, mean: 2, variance: 0, fano: 0 });
    expect(statistics.coefficientOfVariation([0, 1, 0, 1])).toBeUndefined();
    expect(statistics.fanoFactor([0, 0, 0, 0, 0], { window: 2 })).toMatchObject({ windows: 2, fano: undefined });
  });

  test("correlations of copies, opposites and a silent unit", () => {
    const trains = Array.from({ length: 500 }, () => {
      const one = random.uniform() < 0.3 ? 1 : 0;
      return [one, one, 1 - one, 0];
    });
    const raster = { values: Uint8Array.from(trains.flat()), shape: [500, 4] };
    const { values, varies } = statistics.correlationMatrix(raster);
    expect([...varies]).toEqual([1, 1, 1, 0]);
    expect([...values]).toEqual([1, 1, -1, 0, 1, 1, -1, 0, -1, -1, 1, 0, 0, 0, 0, 0].map((r) => expect.closeTo(r, 12)));
    expect(statistics.meanCorrelation(raster)).toBeCloseTo(-1 / 3, 12);
    expect(() => statistics.meanCorrelation(raster, { compat: true })).toThrow("unit 3 does not vary");
    expect(statistics.spikeSourceEntropy(raster)).toBeLessThan(1);
  });

  test("bins join steps: spikes that follow each other are correlated in bins only", () => {
    const raster = { values: [1, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0], shape: [8, 2] };
    expect(() => statistics.correlationMatrix(raster)).toThrow("expected values of [steps, units], got 17 of [8, 2]");
    const whole = { ...raster, values: raster.values.slice(0, 16) };
    expect(statistics.meanCorrelation(whole)).toBeLessThan(0);
    expect(statistics.meanCorrelation(whole, { bin: 2 })).toBeCloseTo(1, 12);
  });

  test("entropies by hand", () => {
    expect(statistics.entropy([1, 1, 1, 1])).toBe(2);
    expect(statistics.entropy([3, 0, 0])).toBe(0);
    expect(statistics.entropy([2, 1, 1], { correction: "millerMadow" })).toBeCloseTo(1.5 + 2 / (8 * Math.LN2), 12);
    expect(statistics.seriesEntropy([0, 3, 0, 3])).toBe(1);
    const one = { values: [1, 0, 1, 0], shape: [2, 2] };
    expect(statistics.spikeSourceEntropy(one)).toBe(0);
  });

  test("smoothness of a ramp and of white noise; susceptibility of independent units", () => {
    expect(statistics.smoothness([0, 2, 4, 6])).toBe(0);
    const noise = Array.from({ length: 20_000 }, () => random.normal());
    expect(Math.abs(statistics.relativeSmoothness(noise) - Math.SQRT2)).toBeLessThan(0.03);
    const independent = Array.from({ length: 5000 }, () => {
      let count = 0;
      for (let unit = 0; unit < 50; unit += 1) if (random.uniform() < 0.2) count += 1;
      return count;
    });
    expect(Math.abs(statistics.susceptibility(independent, 50) - 0.16)).toBeLessThan(0.015);
    expect(statistics.susceptibility([0, 10, 0, 10], 10)).toBeCloseTo(2.5, 12);
  });

  test("damage that doubles, that heals, and that stays", () => {
    const still = { values: new Uint8Array(3 * 8), shape: [3, 8] };
    const doubling = { values: Uint8Array.from("100000001100000011110000", Number), shape: [3, 8] };
    const grown = statistics.damageSpreading([[still, doubling]]);
    expect([...grown.distance]).toEqual([1, 2, 4]);
    expect([grown.exponent, grown.healed]).toEqual([expect.closeTo(Math.LN2, 12), 0]);
    const gone = { values: Uint8Array.from("100000000000000000000000", Number), shape: [3, 8] };
    expect(statistics.damageSpreading([[gone, still]])).toMatchObject({ exponent: -Infinity, healed: 1 });
    const both = statistics.damageSpreading([
      [still, doubling],
      [still, gone],
    ]);
    expect([...both.distance]).toEqual([1, 1, 2]);
    expect([both.exponent, both.healed]).toEqual([0, 0.5]);
    expect(() => statistics.damageSpreading([[still, still]])).toThrow("pair 0 does not differ in its first step");
  });

  test("bit sets and replicas are read as their spikes", () => {
    const units = 35;
    const values = Uint8Array.from({ length: 2 * units }, () => (random.uniform() < 0.5 ? 1 : 0));
    const words = new Uint32Array(4);
    for (const [index, value] of values.entries()) {
      const [step, unit] = [Math.floor(index / units), index % units];
      words[2 * step + (unit >>> 5)] = ((words[2 * step + (unit >>> 5)] as number) | (value << (unit & 31))) >>> 0;
    }
    expect(statistics.rasterFromBits(words, units)).toEqual({ values, shape: [2, units] });
    const record = { values, shape: [2, 7, 5] };
    expect(() => statistics.populationActivity(record)).toThrow("take one with rasterOfReplica");
    const second = statistics.rasterOfReplica(record, 1);
    expect(second).toEqual({ values: values.slice(35), shape: [7, 5] });
    expect(() => statistics.rasterOfReplica(record, 2)).toThrow("replica: expected 0 to 1, got 2");
  });

  test("bad input is refused by name", () => {
    expect(() => statistics.populationActivity({ values: [0, 2], shape: [1, 2] })).toThrow("step 0, unit 1 is 2");
    expect(() => statistics.spikeTimes([0, 0.5])).toThrow("step 1 is 0.5; expected 0 or 1");
    expect(() => statistics.spikeTrain(spikes, 8)).toThrow("unit: expected 0 to 7, got 8");
    expect(() => statistics.fanoFactor([1, 2, 3], { window: 2 })).toThrow("at least two windows of 2 steps");
    expect(() => statistics.fanoFactor([1, 2, 3], { window: 2, compat: true })).toThrow("cannot be split into 2");
    expect(() => statistics.autocorrelation([1, 1, 1, 1], 1)).toThrow("does not vary");
    expect(() => statistics.relativeSmoothness([1, 2, 1], { compat: true })).toThrow("ends where it began");
    expect(() => statistics.susceptibility([1, 60], 50)).toThrow("step 1 has 60 active units");
    expect(() => statistics.entropy([0, 0])).toThrow("all counts are 0");
    expect(() => statistics.seriesEntropy([0.5])).toThrow("Count or bin it first");
    expect(() => statistics.spikeSourceEntropy({ values: [0, 0], shape: [1, 2] })).toThrow("no unit spikes");
    expect(() => statistics.smoothness([1, Number.NaN])).toThrow("value 1 is NaN");
  });
});
