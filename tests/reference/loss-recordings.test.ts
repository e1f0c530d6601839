import { describe, expect, it } from "vitest";
import { Random } from "../../src/random.ts";
import goldenLosses from "../fixtures/golden/nn4n/losses.json" with { type: "json" };
import { centralDifferences } from "./central-differences.ts";
import { timeFirst } from "./golden-model.ts";
import type { LossValue } from "./loss.ts";
import type { RateShape } from "./loss-rates.ts";
import { type PopulationOptions, populationKL, targetRates } from "./loss-recordings.ts";
import { largestDifference, type Numbers } from "./numbers.ts";

const random = new Random(8, 1);
const list = (length: number): Float64Array => Float64Array.from({ length }, () => random.normal());
const [time, batch, hidden] = [4, 6, 5];
const rates = list(time * batch * hidden);
const units = [3, 0, 4];
const targets = list(time * batch * units.length);
const mask = targets.map(() => random.choice([0, 0.5, 1, 2]));
const all: RateShape = { time, batch, hidden, units: [0, hidden] };
const nn4n: PopulationOptions = {
  ...{ symmetric: true, squareWeight: 1e-3, reduction: "mean", floor: 0 },
  sets: [
    [0, 3],
    [3, 6],
  ],
};

describe("gradients of the reference agree with central differences", () => {
  const cases: Readonly<Record<string, (rates: Numbers) => LossValue>> = {
    "target rates": (r) => targetRates(r, hidden, units, targets, undefined, "elements"),
    "target rates over elements, masked": (r) => targetRates(r, hidden, units, targets, mask, "elements"),
    "target rates over the mask": (r) => targetRates(r, hidden, units, targets, mask, "mask"),
    "population KL": (r) => populationKL(r, all, nn4n),
    "population KL, one way, summed": (r) => populationKL(r, all, { ...nn4n, symmetric: false, reduction: "sum" }),
    "population KL of overlapping sets, some units, floor": (r) =>
      populationKL(r, { ...all, units: [1, 3] }, { ...nn4n, ...overlapping, floor: 0.3, squareWeight: 0.4 }),
  };
  const overlapping: Pick<PopulationOptions, "sets"> = {
    sets: [
      [0, 5],
      [4, 6],
    ],
  };
  for (const [name, loss] of Object.entries(cases)) {
    it(name, () => {
      const differences = centralDifferences(rates, (moved) => loss(moved).value);
      expect(largestDifference(loss(rates).gradient, differences)).toBeLessThan(1e-8);
    });
  }
});

describe("target rates by hand", () => {
  it("mean over elements, and over the mask: both weigh a squared difference by m, not m²", () => {
    // Units 2 and 0 of three; differences 1, -2 in the first row, 3, and nothing recorded in the second.
    const given = [5, 9, 2, 7, 9, 4];
    const [z, m] = [
      [1, 7, 1, Number.NaN],
      [1, 0.5, 2, 0],
    ];
    const over = (denominator: "elements" | "mask") => targetRates(given, 3, [2, 0], z, m, denominator);
    expect(over("elements").value).toBeCloseTo((1 + 0.5 * 4 + 2 * 9) / 4, 12);
    expect(over("mask").value).toBeCloseTo((1 + 0.5 * 4 + 2 * 9) / 3.5, 12);
    const expected = [0.5 * -2, 0, 1, 0, 0, 2 * 3].map((x) => (2 * x) / 4);
    expect(largestDifference(over("elements").gradient, expected)).toBeLessThan(1e-12);
  });
});

describe("population KL", () => {
  it("is what numpy makes of nn4n's formula, on the states of losses.json", () => {
    // [time, trial, unit] of both sets, one after the other among the trials.
    const { states_BTN, states2_BTN } = goldenLosses;
    const together = timeFirst([...states_BTN, ...states2_BTN]);
    const shape: RateShape = { time: 5, batch: 6, hidden: 4, units: [0, 4] };
    expect(populationKL(together, shape, nn4n).value).toBeCloseTo(1.1666987464418466, 12);
    expect(populationKL(together, shape, { ...nn4n, symmetric: false }).value).toBeCloseTo(1.7670948198712915, 12);
    const turned: PopulationOptions = { ...nn4n, symmetric: false, squareWeight: 0.5, reduction: "sum" };
    const sets = [nn4n.sets[1], nn4n.sets[0]] as const;
    expect(populationKL(together, shape, { ...turned, sets }).value).toBeCloseTo(5.861382661990163, 11);
  });

  it("is 0 between equal sets, and known in a case worked by hand", () => {
    // One unit, one step: rates 0, 2 in one set (m 1, v 1) and 3, 7 in the other (m 5, v 4).
    const given = [0, 2, 3, 7];
    const shape: RateShape = { time: 1, batch: 4, hidden: 1, units: [0, 1] };
    const sets = (a: number, b: number): PopulationOptions => ({
      ...nn4n,
      squareWeight: 0,
      sets: [
        [a, a + 2],
        [b, b + 2],
      ],
    });
    expect(populationKL(given, shape, sets(2, 2)).value).toBe(0);
    const oneWay = populationKL(given, shape, { ...sets(0, 2), symmetric: false }).value;
    expect(oneWay).toBeCloseTo(0.5 * (Math.log(4) + (1 + 16) / 4 - 1), 12);
    expect(populationKL(given, shape, sets(0, 2)).value).toBeCloseTo(0.25 * (17 / 4 + 20 - 2), 12);
  });
});
