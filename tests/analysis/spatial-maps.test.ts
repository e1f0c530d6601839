import { describe, expect, it, test } from "vitest";
import { ShapeError, ValueError } from "../../src/errors.ts";
import { spatial } from "../../src/index.ts";
import { Random } from "../../src/random.ts";
import file from "../fixtures/golden/nsi/ring-and-identification.json" with { type: "json" };
import { pearson } from "../reference/spatial.ts";
import { range } from "../support/series.ts";

const golden = file.ratemap;
const rows = golden.samples_v_x_r as [number, number, number][];
const [rowBins = 0, columnBins = 0] = golden.sizes;
const velocity = { values: rows.map(([value]) => value), low: -5, high: 5, bins: rowBins };
const heading = { values: rows.map(([, value]) => value), low: 0, high: 2 * Math.PI, bins: columnBins };
const goldenRates = { values: rows.map(([, , rate]) => rate), shape: [rows.length, 1] };

describe("rate maps", () => {
  it("are those of nsi, with its bins", () => {
    const found = spatial.rateMaps(goldenRates, [velocity, heading], { compat: "nsi" });
    expect(found.shape).toEqual(golden.sizes);
    expect([...found.counts]).toEqual(golden.seed_counts.flat());
    golden.seed_map.flat().forEach((value, bin) => {
      expect(found.values[bin]).toBeCloseTo(value, 12);
    });
  });

  it("have even bins, and know where nobody was", () => {
    for (const periodic of [false, true]) {
      const found = spatial.rateMaps(goldenRates, [velocity, { ...heading, periodic }]);
      expect([...found.counts]).toEqual(golden.correct_counts.flat());
      const unvisited = golden.correct_counts.flat().flatMap((count, bin) => (count === 0 ? [bin] : []));
      expect([...found.unvisited]).toEqual(unvisited);
      expect(found.outside).toBe(0);
      golden.correct_map.flat().forEach((value, bin) => {
        if (unvisited.includes(bin)) expect(found.values[bin]).toBeNaN();
        else expect(found.values[bin]).toBeCloseTo(value, 12);
      });
    }
  });

  it("are of every unit, and of one variable are tuning curves", () => {
    const values = Float32Array.from([1, 10, 2, 20, 3, 30, 4, 40, 5, 50]);
    const angles = [0.1, 2 * Math.PI + 0.2, -0.1, Math.PI, 7 * Math.PI];
    const found = spatial.rateMaps({ values, shape: [5, 1, 2] }, [
      { values: angles, low: 0, high: 2 * Math.PI, bins: 4, periodic: true },
    ]);
    expect([...found.counts]).toEqual([2, 0, 2, 1]);
    expect([...found.values]).toEqual([1.5, Number.NaN, 4.5, 3, 15, Number.NaN, 45, 30]);
    expect([...found.unvisited]).toEqual([1]);
    expect(found.centres[0]?.[1]).toBeCloseTo((3 * Math.PI) / 4, 12);
    expect(spatial.mapOf(found, 1)).toEqual({ values: found.values.slice(4), shape: [1, 4] });
    expect(() => spatial.mapOf(found, 2)).toThrow("expected a unit of 0 … 1, got 2");
  });

  it("count what is outside of the bins nowhere, and the upper end in the last", () => {
    const axis = { low: 0, high: 1, bins: 2 };
    const found = spatial.rateMaps({ values: [1, 2, 3, 4, 5], shape: [5, 1] }, [
      { ...axis, values: [-0.01, 0, 0.5, 1, 1.01] },
    ]);
    expect([...found.counts]).toEqual([1, 2]);
    expect([...found.values]).toEqual([2, 3.5]);
    expect(found.outside).toBe(2);
    // nsi takes them into the first and the last.
    const theirs = spatial.rateMaps(
      { values: [1, 2, 3, 4, 5], shape: [5, 1] },
      [{ ...axis, values: [-0.01, 0, 0.5, 1, 1.01] }],
      { compat: "nsi" },
    );
    expect([...theirs.counts]).toEqual([1, 4]);
  });

  test("errors", () => {
    const rates = { values: [1, 2], shape: [2, 1] };
    const variable = { values: [0, 1], low: 0, high: 1, bins: 2 };
    expect(() => spatial.rateMaps({ values: [1, 2], shape: [3, 1] }, [variable])).toThrow(ShapeError);
    expect(() => spatial.rateMaps(rates, [])).toThrow("expected 1 or 2 variables, got 0");
    expect(() => spatial.rateMaps(rates, [{ ...variable, values: [1] }])).toThrow(
      "variable 0: expected 2 samples, got 1",
    );
    expect(() => spatial.rateMaps(rates, [{ ...variable, bins: 0 }])).toThrow(
      "bins: expected a positive integer, got 0",
    );
    expect(() => spatial.rateMaps(rates, [{ ...variable, high: 0 }])).toThrow("expected low < high, got 0 and 0");
    expect(() => spatial.rateMaps(rates, [{ ...variable, values: [0, Number.NaN] }])).toThrow("sample 1 is NaN");
    expect(() => spatial.rateMaps({ values: [1, Number.NaN], shape: [2, 1] }, [variable])).toThrow(
      "sample 1, unit 0 is NaN; expected a finite number",
    );
  });
});

describe("recordings", () => {
  const [steps, trials, units] = [50, 4, 3];
  const random = new Random(1, 90);
  const velocities = Float32Array.from({ length: steps * trials }, () => random.normal());
  const headings = Float32Array.from({ length: steps * trials }, () => random.uniform(0, 2 * Math.PI));
  // A shifter, a compass unit, a silent one.
  const rates = Float32Array.from({ length: steps * trials * units }, (_, index) => {
    const sample = Math.floor(index / units);
    if (index % units === 0) return Math.max(0, 1 - 0.5 * (velocities[sample] ?? 0));
    return index % units === 1 ? 1 + Math.cos((headings[sample] ?? 0) - 2) : 0;
  });
  const recording = { steps, trials, units, rates, velocities, headings };

  it("have tuning curves over heading and velocity", () => {
    const curves = spatial.tuningCurves(recording, [{ of: "heading", bins: 8 }]);
    const compass = spatial.headingModulation(spatial.mapOf(curves, 1).values);
    expect(Math.abs(compass.preferred - 2)).toBeLessThan(0.2);
    const both = spatial.tuningCurves(recording, [
      { of: "velocity", low: -4, high: 4, bins: 4 },
      { of: "heading", bins: 2 },
    ]);
    expect(both.shape).toEqual([4, 2]);
    expect(both.counts.reduce((sum, count) => sum + count, 0)).toBe(200);
    const [backwards, forwards] = [2, 4].map((bin) => both.values[bin] ?? 0) as [number, number];
    expect(backwards).toBeGreaterThan(forwards);
    expect(spatial.tuningCurves(recording, spatial.nsiTuningAxes, { compat: "nsi" }).shape).toEqual([40, 62]);
  });

  it("say which units are shifters", () => {
    const { values, varies } = spatial.velocityCorrelation(recording);
    expect([...varies]).toEqual([1, 1, 0]);
    for (const unit of [0, 1]) {
      const own = range(steps * trials).map((sample) => rates[sample * units + unit] ?? 0);
      expect(values[unit]).toBeCloseTo(pearson(own, [...velocities]), 10);
    }
    expect(values[0]).toBeLessThan(-0.9);
    expect(Math.abs(values[1] ?? 1)).toBeLessThan(0.25);
    expect(values[2]).toBe(0);
  });

  it("may have several dimensions", () => {
    const two = Float32Array.from({ length: 2 * steps * trials }, (_, index) =>
      index % 2 === 0 ? 1 : (velocities[(index - 1) / 2] ?? 0),
    );
    const found = spatial.velocityCorrelation({ ...recording, velocities: two }, 1);
    expect(found).toEqual(spatial.velocityCorrelation(recording));
    expect(() => spatial.velocityCorrelation({ ...recording, velocities: two }, 0)).toThrow(
      "the velocity does not vary",
    );
    expect(() => spatial.velocityCorrelation({ ...recording, velocities: two }, 2)).toThrow(
      "a dimension of 0 … 1, got 2",
    );
  });

  test("errors", () => {
    expect(() => spatial.tuningCurves(recording, [{ of: "position", low: 0, high: 1, bins: 2 }])).toThrow(
      "the recording has no positions",
    );
    expect(() => spatial.tuningCurves(recording, [{ of: "velocity", bins: 2 }])).toThrow("expected low < high");
    expect(() => spatial.tuningCurves({ ...recording, headings: [1] }, [{ of: "heading", bins: 2 }])).toThrow(
      "headings: expected [50, 4], got 1 values",
    );
  });
});

describe("smoothing", () => {
  it("is the mean of the visited bins around, weighted by a Gaussian", () => {
    const random = new Random(2, 91);
    const values = Float64Array.from({ length: 30 }, () => random.uniform());
    for (const bin of [0, 7, 8]) values[bin] = Number.NaN;
    for (const periodic of [
      [false, false],
      [true, false],
      [false, true],
    ] as const)
      for (const fill of [false, true]) {
        const found = spatial.smoothMap({ values, shape: [5, 6] }, { sigma: 0.8, radius: 2, periodic, fill });
        for (const bin of range(30)) {
          const [row, column] = [Math.floor(bin / 6), bin % 6];
          let [sum, total] = [0, 0];
          for (const other of range(30)) {
            const [down, right] = [Math.floor(other / 6) - row, (other % 6) - column];
            for (const turns of [-1, 0, 1]) {
              const [r, c] = [down + (periodic[0] ? 5 * turns : 0), right + (periodic[1] ? 6 * turns : 0)];
              if (turns !== 0 && !periodic[0] && !periodic[1]) continue;
              if (Math.max(Math.abs(r), Math.abs(c)) > 2 || Number.isNaN(values[other])) continue;
              const weight = Math.exp(-(r * r + c * c) / (2 * 0.8 ** 2));
              sum += weight * (values[other] ?? 0);
              total += weight;
            }
          }
          if (!fill && Number.isNaN(values[bin])) expect(found.values[bin]).toBeNaN();
          else expect(found.values[bin]).toBeCloseTo(sum / total, 12);
        }
      }
  });

  test("errors", () => {
    const map = { values: [1, 2], shape: [1, 2] };
    expect(() => spatial.smoothMap(map, { sigma: 0 })).toThrow("sigma: expected a positive number, got 0");
    expect(() => spatial.smoothMap(map, { radius: 0.5 })).toThrow("radius: expected an integer of at least 0, got 0.5");
    expect(() => spatial.smoothMap({ values: [1, Number.POSITIVE_INFINITY], shape: [1, 2] })).toThrow("bin [0, 1] is");
  });
});

describe("information of places", () => {
  const shape = [1, 4];

  it("is two bits of a unit that is active in one of four places, and none of an even one", () => {
    const one = { values: [8, 0, 0, 0], shape };
    expect(spatial.spatialInformation(one, [5, 5, 5, 5])).toBeCloseTo(2, 12);
    expect(spatial.sparsity(one, [5, 5, 5, 5])).toBeCloseTo(0.25, 12);
    const even = { values: [3, 3, Number.NaN, 3], shape };
    expect(spatial.spatialInformation(even, [1, 2, 0, 4])).toBeCloseTo(0, 12);
    expect(spatial.sparsity(even, [1, 2, 0, 4])).toBeCloseTo(1, 12);
    const silent = { values: [0, 0, 0, 0], shape };
    expect([spatial.spatialInformation(silent, [1, 1, 1, 1]), spatial.sparsity(silent, [1, 1, 1, 1])]).toEqual([0, 1]);
  });

  it("is the mutual information of place and spikes", () => {
    // p = (1/2, 1/4, 1/4), r = (1, 2, 5), mean 2.25: Σ p r log₂(r / mean) / mean.
    const expected = (0.5 * Math.log2(1 / 2.25) + 0.5 * Math.log2(2 / 2.25) + 1.25 * Math.log2(5 / 2.25)) / 2.25;
    const map = { values: [1, 2, 5], shape: [1, 3] };
    expect(spatial.spatialInformation(map, [2, 1, 1])).toBeCloseTo(expected, 12);
    expect(spatial.sparsity(map, [2, 1, 1])).toBeCloseTo(2.25 ** 2 / (0.5 + 1 + 6.25), 12);
  });

  test("errors", () => {
    const map = { values: [1, -1], shape: [1, 2] };
    expect(() => spatial.spatialInformation(map, [1])).toThrow("expected 2 counts, one a bin, got 1");
    expect(() => spatial.spatialInformation(map, [1, 1])).toThrow("bin 1 was visited and has a rate of -1");
    expect(() => spatial.spatialInformation(map, [0, 0])).toThrow("no bin was visited");
    expect(() => spatial.sparsity(map, [1, -2])).toThrow("counts: bin 1 is -2");
  });
});

describe("the border score", () => {
  const map = (value: (row: number, column: number) => number) => ({
    values: range(100).map((bin) => value(Math.floor(bin / 10), bin % 10)),
    shape: [10, 10],
  });

  it("is 1 along a wall, and below 0 in the middle", () => {
    const wall = spatial.borderScore(map((row) => Number(row === 9)));
    expect([wall?.score, wall?.coverage, wall?.distance, wall?.fields.length]).toEqual([1, 1, 0, 1]);
    const middle = spatial.borderScore(
      map((row, column) => Number(Math.max(Math.abs(row - 4.5), Math.abs(column - 4.5)) < 1)),
    );
    expect([middle?.score, middle?.coverage]).toEqual([-1, 0]);
    expect(middle?.distance).toBeCloseTo(4 / 4.5, 12);
  });

  it("weighs coverage against distance", () => {
    // Two columns along half of a wall: rates 2 and 1.
    const half = spatial.borderScore(map((row, column) => (row < 5 && column < 2 ? 2 - column : 0)));
    const distances = range(5).flatMap((row) => [0, Math.min(row, 1)]);
    const rates = range(10).map((index) => 2 - (index % 2));
    const distance = distances.reduce((sum, each, index) => sum + each * (rates[index] ?? 0), 0) / 15 / 4.5;
    expect(half?.coverage).toBe(0.5);
    expect(half?.distance).toBeCloseTo(distance, 12);
    expect(half?.score).toBeCloseTo((0.5 - distance) / (0.5 + distance), 12);
  });

  it("keeps fields apart, and leaves out small ones", () => {
    const two = map((row, column) => Number((row < 2 && column < 4) || (row > 7 && column > 5 && column < 8)));
    expect(spatial.borderScore(two)?.fields.map((field) => field.length)).toEqual([8, 4]);
    expect(spatial.borderScore(two, { leastBins: 5 })?.fields.map((field) => field.length)).toEqual([8]);
    expect(spatial.borderScore(map(() => 0))).toBeUndefined();
    expect(() => spatial.borderScore(map(() => -1))).toThrow("bin 0 is -1; expected at least 0");
    expect(() => spatial.borderScore(two, { threshold: 1 })).toThrow("threshold: expected a number in [0, 1), got 1");
  });
});

describe("heading", () => {
  it("modulates a tuning curve", () => {
    const bins = 36;
    const curve = range(bins).map((bin) => 3 + 2 * Math.cos((2 * Math.PI * (bin + 0.5)) / bins - 5));
    const found = spatial.headingModulation(curve);
    // |Σ (3 + 2 cos) e^{iθ}| / Σ = 1 / 3.
    expect(found.vectorLength).toBeCloseTo(1 / 3, 12);
    expect(found.preferred).toBeCloseTo(5, 12);
    expect(found.index).toBeCloseTo(2 / 3, 1);
    expect(spatial.headingModulation([0, 0, 0])).toEqual({ index: 0, vectorLength: 0, preferred: 0 });
    expect(spatial.headingModulation([0, Number.NaN, 4, 0]).index).toBe(1);
    expect(() => spatial.headingModulation([1, 2])).toThrow("expected at least 3 bins, got 2");
    expect(() => spatial.headingModulation([1, 2, -1])).toThrow("bin 2 is -1");
  });
});

describe("scores of shuffled activity", () => {
  const steps = 400;
  const random = new Random(3, 92);
  let place = 0;
  const places = range(steps).map(() => {
    place = 0.9 * place + random.normal();
    return place;
  });
  const scoreOf = (rates: Float64Array) => pearson([...rates], places);

  it("are below that of a unit that follows the place, and not below that of one that does not", () => {
    const follows = spatial.shuffledScore(
      places.map((x) => x + 0.5 * random.normal()),
      scoreOf,
      { random: new Random(1, 93) },
    );
    expect(follows.score).toBeGreaterThan(follows.threshold);
    expect(follows.pValue).toBeCloseTo(1 / 201, 12);
    expect([...follows.scores]).toEqual([...follows.scores].sort((one, other) => one - other));
    // The 95th percentile of 201 sorted values, 0.95 · 200 = 190.
    const odd = spatial.shuffledScore(places, scoreOf, { random: new Random(1, 93), shuffles: 201 });
    expect(odd.threshold).toBe(odd.scores[190]);
    const other = spatial.shuffledScore(
      range(steps).map(() => random.normal()),
      scoreOf,
      { random: new Random(1, 93) },
    );
    expect(other.pValue).toBeGreaterThan(0.02);
  });

  it("are the same for the same seed, and shift by at least what is asked", () => {
    const shifts = new Set<number>();
    const ramp = range(steps);
    const noteShift = (rates: Float64Array): number => {
      shifts.add(rates.indexOf(0));
      return rates[0] ?? 0;
    };
    const once = spatial.shuffledScore(ramp, noteShift, { random: new Random(5, 93), shuffles: 300, leastShift: 190 });
    expect(
      spatial.shuffledScore(ramp, noteShift, { random: new Random(5, 93), shuffles: 300, leastShift: 190 }),
    ).toEqual(once);
    shifts.delete(0);
    expect(Math.min(...shifts)).toBe(190);
    expect(Math.max(...shifts)).toBe(210);
  });

  test("errors", () => {
    expect(() => spatial.shuffledScore(places, () => Number.NaN, { random: new Random(1, 93) })).toThrow(ValueError);
    expect(() => spatial.shuffledScore(places, scoreOf, { random: new Random(1, 93), leastShift: 201 })).toThrow(
      "expected 1 to 200 steps",
    );
    expect(() => spatial.shuffledScore(places, scoreOf, { random: new Random(1, 93), percentile: 101 })).toThrow(
      "percentile",
    );
  });
});
