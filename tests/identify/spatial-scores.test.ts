import { expect, test } from "vitest";
import { placeGridScore, placeMaps, spatialScores } from "../../src/identify/spatial-scores.ts";
import { Random, streams } from "../../src/random.ts";
import { at } from "../reference/numbers.ts";

const rows = 40_000;
const random = new Random(5, streams.task);
const headings = Float64Array.from({ length: rows }, () => random.uniform(-6 * Math.PI, 6 * Math.PI));
/** In a box of 2 by 1 metres whose corners are visited. */
const corners = [-1, 0, 1, 1];
const positions = Float64Array.from(
  { length: 2 * rows },
  (_, index) => corners[index] ?? (index % 2 === 0 ? random.uniform(-1, 1) : random.uniform(0, 1)),
);
type Rate = (x: number, y: number, heading: number) => number;
const ratesOf = (...units: Rate[]): Float64Array =>
  Float64Array.from({ length: rows * units.length }, (_, index) => {
    const row = Math.floor(index / units.length);
    const rate = units[index % units.length] as Rate;
    return rate(at(positions, 2 * row), at(positions, 2 * row + 1), at(headings, row));
  });
const wrapped = (angle: number): number => angle - 2 * Math.PI * Math.floor(angle / (2 * Math.PI));
const silent: Rate = () => 0;

test("a unit of half of the headings or places has one bit a spike, of a quarter two", () => {
  const rates = ratesOf(
    (x, _, heading) => (x < 0 ? 3 : 0) * (wrapped(heading) < Math.PI / 2 ? 1 : 0),
    (x, y, heading) => (x < 0 && y < 0.5 ? 2 : 0) * (wrapped(heading) < Math.PI ? 1 : 0),
    silent,
    (x) => x,
  );
  const activity = { units: 4, rates, headings, positions };
  const { response } = spatialScores({ ...activity, observed: 1 });
  expect(response.headingInformation).toBeCloseTo(2, 1);
  expect(response.placeInformation).toBeCloseTo(1, 1);
  // Of the hidden units the silent one and that with rates below 0 are left out.
  const { hidden } = spatialScores({ ...activity, observed: [0, 3] });
  expect(hidden?.headingInformation).toBeCloseTo(1, 1);
  expect(hidden?.placeInformation).toBeCloseTo(2, 1);
  expect(spatialScores(activity)).not.toHaveProperty("hidden");
  const nothing = spatialScores({ ...activity, observed: [2] }).response;
  expect(nothing).toEqual({
    ...{ headingInformation: undefined, placeInformation: undefined, gridScore: undefined, bestGridScore: undefined },
  });
});

test("hexagonal fields have a grid score, stripes have none; maps have square bins and y in rows", () => {
  const wave = (x: number, y: number, angle: number): number =>
    Math.cos((4 * Math.PI * (x * Math.cos(angle) + y * Math.sin(angle))) / (Math.sqrt(3) * 0.5));
  const hexagons: Rate = (x, y) =>
    Math.max(0, wave(x, y, 0.1) + wave(x, y, 0.1 + Math.PI / 3) + wave(x, y, 0.1 + (2 * Math.PI) / 3));
  const rates = ratesOf(
    hexagons,
    (x, y) => 1 + wave(x, y, 0),
    (_, y) => (y > 0.9 ? 1 : 0),
  );
  const activity = { units: 3, rates, positions };
  const maps = placeMaps(activity);
  expect(maps?.shape).toEqual([10, 20]);
  expect(maps?.values.slice(2 * 200 + 180).every((rate) => rate === 1)).toBe(true);
  expect(maps?.values.slice(2 * 200, 2 * 200 + 180).every((rate) => rate === 0)).toBe(true);
  const { response, hidden } = spatialScores({ ...activity, observed: [0] });
  expect(response.gridScore).toBeGreaterThan(0.8);
  expect(response.gridScore).toBe(placeGridScore(maps as NonNullable<typeof maps>, 0));
  expect(hidden?.bestGridScore).toBeLessThan(0.4);
  const all = spatialScores(activity).response;
  expect([all.gridScore, all.bestGridScore]).toEqual([hidden?.bestGridScore, response.gridScore]);
  expect(all).not.toHaveProperty("headingInformation");
});

test("on a line there is information and no grid; without positions, or where nothing moves, there is neither", () => {
  const rates = ratesOf((x) => (x < 0 ? 1 : 0));
  const line = positions.filter((_, index) => index % 2 === 0);
  const { response } = spatialScores({ units: 1, rates, positions: line });
  expect(Object.keys(response)).toEqual(["placeInformation"]);
  expect(response.placeInformation).toBeCloseTo(1, 1);
  expect(spatialScores({ units: 1, rates })).toEqual({ response: {} });
  expect(spatialScores({ units: 1, rates, positions: new Float64Array(2 * rows) }).response).toEqual({});
});

test("arrays that do not fit are refused by name", () => {
  const rates = new Float64Array(12);
  expect(() => spatialScores({ units: 5, rates })).toThrow("rates: expected [steps, trials, 5]");
  expect(() => spatialScores({ units: 3, rates, headings: [1] })).toThrow("headings: expected [4]");
  expect(() => spatialScores({ units: 3, rates, positions: new Float64Array(12) })).toThrow(
    "positions: expected [4, 1] or [4, 2], got 12 values",
  );
  expect(() => placeMaps({ units: 3, rates, positions: new Float64Array(8).fill(Number.NaN) })).toThrow("positions");
  expect(() => placeMaps({ units: 3, rates, positions: new Float64Array(8) }, 2)).toThrow("bins");
});
