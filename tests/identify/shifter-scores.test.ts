import { describe, expect, test } from "vitest";
import { alignUnits } from "../../src/identify/align-units.ts";
import { preferredHeadings } from "../../src/identify/population-vector.ts";
import { headingCurve, shifterScores, velocityCurve } from "../../src/identify/shifter-scores.ts";
import { orderByHeading, orderByPeak } from "../../src/identify/unit-order.ts";
import { tuningOfUnits } from "../../src/identify/velocity-tuning.ts";
import { Random, streams } from "../../src/random.ts";
import summary from "../fixtures/golden/nsi/cann-summary.json" with { type: "json" };
import { pearson } from "../reference/connectivity.ts";
import { at } from "../reference/numbers.ts";

const rows = 6000;
const random = new Random(1, streams.task);
const velocities = Float64Array.from({ length: rows }, () => random.normal(0, 2));
const headings = Float64Array.from({ length: rows }, () => random.uniform(-20, 20));
/** Rates [rows, units] of units given by formula. */
const ratesOf = (...units: ((velocity: number, heading: number) => number)[]): Float64Array =>
  Float64Array.from({ length: rows * units.length }, (_, index) => {
    const row = Math.floor(index / units.length);
    return units[index % units.length]?.(at(velocities, row), at(headings, row)) ?? Number.NaN;
  });
const bump = (angle: number): number => Math.exp(3 * Math.cos(angle) - 3);

describe("shifter index", () => {
  const rates = ratesOf(
    (_, x) => bump(x - 1),
    (v, x) => bump(x - 1) * (10 + v),
    (v, x) => bump(x + 2) * (10 - v),
    (v) => v * v,
    () => 0,
    (v, x) => bump(x + 2) * Math.max(0, 5 - v),
  );
  const inputWeights = [0, 2, -1, 0, 5, 3];
  const activity = { units: 6, rates, velocities, headings, inputWeights, observed: 1 };
  const scores = shifterScores(activity);

  test("is ±1 for a rate that is linear in velocity, though the heading moves the rate far more", () => {
    const index = scores.units.map(({ shifterIndex }) => shifterIndex[0] ?? Number.NaN);
    expect(Math.abs(index[0] ?? 1)).toBeLessThan(0.6);
    // Samples of a bin do not hold every heading equally long.
    expect(index[1]).toBeGreaterThan(0.99);
    expect(index[2]).toBeLessThan(-0.99);
    expect(Math.abs(index[3] ?? 1)).toBeLessThan(0.4);
    expect(index[4]).toBeNaN();
    const [rate] = scores.units[1]?.rateCorrelation ?? [];
    expect(rate).toBeLessThan(0.3);
    expect(rate).toBeCloseTo(
      pearson(Array.from(velocities, (velocity, row) => [velocity, at(rates, row * 6 + 1)] as const)),
      12,
    );
  });

  test("agrees in sign with the input weight, or not; units without either are not counted", () => {
    // Units 1 and 2 agree, 5 does not, 3 and 4 have no input or no index.
    expect(scores.hidden?.signAgreement[0]).toBeCloseTo(2 / 3, 14);
    expect(scores.response.signAgreement).toEqual([undefined]);
    expect(scores.hidden?.silent).toBe(1);
    const turned = shifterScores({ ...activity, inputWeights: inputWeights.map((weight) => -weight) });
    expect(turned.hidden?.signAgreement[0]).toBeCloseTo(1 / 3, 14);
    expect(shifterScores({ ...activity, observed: 6 }).hidden).toBeUndefined();
  });

  test("the mean over a group is that of absolute values", () => {
    const index = scores.units
      .slice(1)
      .flatMap(({ shifterIndex: [value] }) => (value === undefined ? [] : [Math.abs(value)]));
    expect(scores.hidden?.shifterIndex[0]).toBeCloseTo(index.reduce((sum, value) => sum + value, 0) / 4, 12);
  });

  test("heading modulation is the length of the mean vector, I1(κ) / I0(κ) for a von Mises bump", () => {
    expect(scores.response.headingModulation).toBeCloseTo(0.81, 2);
    expect(scores.units[0]?.preferredHeading).toBeCloseTo(1, 2);
    expect(scores.units[2]?.preferredHeading).toBeCloseTo(-2, 1);
    expect(scores.units[3]?.headingModulation).toBeLessThan(0.1);
    expect(scores.units[4]?.headingModulation).toBe(0);
    expect(scores.units[4]?.preferredHeading).toBeUndefined();
    expect(scores.units[4]?.velocityVariation).toEqual([undefined]);
  });
});

test("tuning maps are means of their cells, by plain loops", () => {
  const rates = ratesOf(
    (v, x) => Math.max(0, v) * bump(x),
    (v, x) => x + v,
  );
  const { tuning } = shifterScores({ units: 2, rates, velocities, headings }, { velocityBins: 4, headingBins: 6 });
  const [maps] = tuning;
  if (maps === undefined) throw new RangeError("no map");
  const rank = Array.from(velocities.keys()).sort((a, b) => at(velocities, a) - at(velocities, b));
  for (let unit = 0; unit < 2; unit += 1)
    for (let bin = 0; bin < 4; bin += 1)
      for (let place = 0; place < 6; place += 1) {
        const own = rank
          .slice(bin * 1500, (bin + 1) * 1500)
          .filter((row) => {
            const turn = (((at(headings, row) % (2 * Math.PI)) + 2 * Math.PI) % (2 * Math.PI)) / (2 * Math.PI);
            return turn >= place / 6 && turn < (place + 1) / 6;
          })
          .map((row) => at(rates, row * 2 + unit));
        expect(at(maps.counts, bin * 6 + place)).toBe(own.length);
        const mean = own.reduce((sum, rate) => sum + rate, 0) / own.length;
        expect(at(maps.rates, (unit * 4 + bin) * 6 + place)).toBeCloseTo(mean, 10);
      }
  const curve = velocityCurve(maps, 1);
  expect(at(curve, 2)).toBeCloseTo(
    Array.from(maps.rates.subarray(36, 42)).reduce((sum, rate) => sum + rate / 6, 0),
    12,
  );
  expect(headingCurve(maps, 0)).toHaveLength(6);
});

test("hidden units that were numbered anew are matched by their maps, left and right shifters told apart", () => {
  const units = [0, 1, 2, 3].flatMap((place) =>
    [1, -1].map((side) => (v: number, x: number) => bump(x - 1.5 * place) * Math.max(0, 4 + side * v)),
  );
  const order = new Random(6, streams.task).permutation(8);
  const mapsOf = (rates: Float64Array): Float64Array => {
    const [tuning] = shifterScores(
      { units: 8, rates, velocities, headings },
      { velocityBins: 6, headingBins: 12 },
    ).tuning;
    return tuning === undefined
      ? new Float64Array()
      : tuningOfUnits(
          tuning,
          Array.from({ length: 8 }, (_, unit) => unit),
        );
  };
  const rates = ratesOf(...units);
  const moved = Float64Array.from(rates, (_, index) => at(rates, index - (index % 8) + at(order, index % 8)));
  const { match } = alignUnits(mapsOf(rates), mapsOf(moved), { points: 72 });
  expect(Array.from(match, (found) => at(order, found))).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  const [tuning] = shifterScores({ units: 8, rates, velocities, headings }).tuning;
  expect(() => tuning && tuningOfUnits(tuning, [8])).toThrow("tuningOfUnits: expected units of 0 to 7, got 8.");
});

test("several velocity components, and no headings", () => {
  const both = Float64Array.from({ length: rows }, (_, index) => at(velocities, index));
  const rates = Float64Array.from({ length: rows / 2 }, (_, row) => 20 + at(both, row * 2 + 1));
  const { units, response } = shifterScores({ units: 1, rates, velocities: both, inputWeights: [0, -1] });
  expect(Math.abs(units[0]?.shifterIndex[0] ?? 1)).toBeLessThan(0.6);
  expect(units[0]?.shifterIndex[1]).toBeCloseTo(1, 12);
  expect(response.signAgreement).toEqual([undefined, 0]);
  expect(response.headingModulation).toBeUndefined();
});

test("the mean vector of nsi's bump, whose units stand at equal steps (golden bump_profile)", () => {
  const profile = summary.bump_profile;
  const angles = profile.map((_, unit) => (2 * Math.PI * (unit + 0.5)) / 100);
  const { headings: found, strengths } = preferredHeadings(profile, angles, { units: 1, bins: 100 });
  // Symmetric about the middle of units 50 and 51, which stands at (51 / 100) 2π.
  expect(at(found, 0)).toBeCloseTo(2 * Math.PI * 0.51 - 2 * Math.PI, 6);
  // The response units of networks that learned it have 0.77 to 0.81 (golden resp_heading_modulation).
  expect(at(strengths, 0)).toBeCloseTo(0.8304, 4);
});

test("units in order of heading or peak", () => {
  const preferred = [3, -1, 0.5, 2, 1];
  expect([...orderByHeading(preferred)]).toEqual([2, 4, 3, 0, 1]);
  expect([...orderByHeading(preferred, { descending: true })]).toEqual([1, 0, 3, 4, 2]);
  expect([...orderByHeading(preferred, { strengths: [1, 1, 0, 1, 1] })]).toEqual([4, 3, 0, 1, 2]);
  expect([...orderByHeading(preferred, { groups: [1, -1, 1, -1, 1] })]).toEqual([3, 1, 2, 4, 0]);
  expect([...orderByPeak([0, 1, 0, 2, 1, 0, 1, 1, 3], { points: 3 })]).toEqual([1, 0, 2]);
  expect([...orderByPeak([0, 1, 0, 2, 1, 0, 1, 1, 3], { points: 3, descending: true })]).toEqual([2, 0, 1]);
  expect(() => orderByPeak([1, 2, 3], { points: 2 })).toThrow("curves: expected [units, 2], got 3 values.");
  expect(() => orderByHeading(preferred, { groups: [1] })).toThrow(
    "orderByHeading: groups: expected [5], got 1 values.",
  );
});

test("bad input is refused by name", () => {
  const rates = new Float64Array(20).fill(1);
  const good = { units: 2, rates, velocities: velocities.subarray(0, 10) };
  expect(() => shifterScores({ ...good, units: 3 })).toThrow("activity: rates: expected [steps, trials, 3]");
  expect(() => shifterScores({ ...good, velocities: [1, 2, 3] })).toThrow("10 rows as rates have, got 3 values.");
  expect(() => shifterScores({ ...good, velocities: new Float64Array(10) })).toThrow("component 0 is always 0");
  expect(() => shifterScores({ ...good, headings: [1] })).toThrow("activity: headings: expected [10]");
  expect(() => shifterScores({ ...good, inputWeights: [1] })).toThrow("activity: inputWeights: expected [2, 1]");
  expect(() => shifterScores({ ...good, rates: rates.with(3, Number.NaN) })).toThrow("activity: rates: value 3 is NaN");
  expect(() => shifterScores(good, { velocityBins: 11 })).toThrow(
    "velocityBins: expected an integer from 2 to the 10 samples",
  );
});
