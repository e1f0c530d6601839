import { expect, test } from "vitest";
import { connectivityScores } from "../../src/identify/connectivity-scores.ts";
import { flattenScores, scoreCsv, scoreTable, summariseScores } from "../../src/identify/score-table.ts";
import { ringTruth } from "../reference/nsi-recording.ts";

const trained = [
  { w: 0.9123, v: -0.5, steps: 1000 },
  { w: 0.8, v: undefined, steps: 1000 },
  { w: 0.95, v: -0.25, steps: 1000 },
  { w: 0.7, v: 1e-7, steps: 1000 },
];
const methods = [
  { name: "trained", seeds: trained },
  { name: "ridge", seeds: [{ w: 0.72, only: 3 }] },
];

test("the table is aligned; several seeds are median and range", () => {
  expect(scoreTable(methods).split("\n")).toEqual([
    "score  trained (4 seeds)        ridge",
    "w      0.856 [0.7, 0.95]        0.72",
    "v      -0.25 [-0.5, 1e-7] of 3  -",
    "steps  1000 [1000, 1000]        -",
    "only   -                        3",
  ]);
});

test("a summary is median, least and greatest of the seeds that have the score", () => {
  const { trained: found, ridge } = summariseScores(methods);
  expect(found?.["w"]).toEqual({
    median: (0.9123 + 0.8) / 2,
    minimum: 0.7,
    maximum: 0.95,
    values: [0.9123, 0.8, 0.95, 0.7],
  });
  expect(found?.["v"]).toEqual({ median: -0.25, minimum: -0.5, maximum: 1e-7, values: [-0.5, undefined, -0.25, 1e-7] });
  expect(ridge?.["v"]).toBeUndefined();
  expect(JSON.parse(JSON.stringify({ found })).found.w.median).toBeCloseTo(0.85615, 12);
});

test("the CSV has a line for each score and method, and quotes what must be quoted", () => {
  const text = scoreCsv([...methods, { name: 'a "b", c', seeds: [{ w: 1 }] }]);
  expect(text.split("\n").slice(0, 5)).toEqual([
    "score,method,median,minimum,maximum,seed_0,seed_1,seed_2,seed_3",
    "w,trained,0.85615,0.7,0.95,0.9123,0.8,0.95,0.7",
    "w,ridge,0.72,0.72,0.72,0.72,,,",
    'w,"a ""b"", c",1,1,1,1,,,',
    "v,trained,-0.25,-0.5,1e-7,-0.5,,-0.25,1e-7",
  ]);
  expect(text.endsWith("\n")).toBe(true);
});

test("scores of all kinds become names with dots; curves and units do not", () => {
  const flat = flattenScores({
    connectivity: { weights: 0.5, one: [1], two: [1, undefined], none: undefined, profile: new Float64Array(3) },
    freeRun: {
      errors: [
        { step: 50, phaseError: 0.1 },
        { step: 1000, phaseError: 0.2 },
      ],
      gain: 1,
    },
    shifter: { hidden: undefined, units: [{ shifterIndex: [1] }] },
  });
  expect(flat).toEqual({
    "connectivity.weights": 0.5,
    "connectivity.one": 1,
    "connectivity.two.0": 1,
    "connectivity.two.1": undefined,
    "connectivity.none": undefined,
    "freeRun.errors.50.phaseError": 0.1,
    "freeRun.errors.1000.phaseError": 0.2,
    "freeRun.gain": 1,
    "shifter.hidden": undefined,
  });
  const truth = ringTruth(6);
  const scores = flattenScores(connectivityScores({ units: 6, weights: truth.weights, observed: 6 }, { truth }));
  expect(scores["weightCorrelation"]).toBeCloseTo(1, 12);
  expect("profile" in scores).toBe(false);
  // Hidden units in one network, none in the other: the name of the list alone says nothing more.
  const table = scoreTable([
    { name: "a", seeds: [{ product: undefined, "shifter.hidden": undefined }] },
    { name: "b", seeds: [{ "product.0": 1, "product.1": 0.5, "shifter.hidden.signAgreement": 1 }] },
  ]);
  expect(table.split("\n").map((line) => line.split(" ")[0])).toEqual([
    "score",
    "product.0",
    "product.1",
    "shifter.hidden.signAgreement",
  ]);
});

test("bad input is refused by name", () => {
  expect(() => flattenScores({ a: { b: Number.NaN } })).toThrow("scores: a.b is NaN; expected a finite number.");
  expect(() => scoreTable([])).toThrow("expected at least one method");
  expect(() => scoreTable([{ name: "a", seeds: [] }])).toThrow('"a" has no seeds');
  expect(() => scoreCsv([methods[1], methods[1]].flatMap((method) => method ?? []))).toThrow(
    'two methods are named "ridge"',
  );
});
