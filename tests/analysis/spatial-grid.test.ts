import { describe, expect, it, test } from "vitest";
import { rotateSpline, splineCoefficients2d } from "../../src/analysis/spatial/rotate.ts";
import { spatial } from "../../src/index.ts";
import { Random } from "../../src/random.ts";
import golden from "../fixtures/golden/nsi/grid-score.json" with { type: "json" };
import { hexagons, lagCorrelation, mapFrom, scoredMaps, splineSurface } from "../reference/spatial.ts";
import { range } from "../support/series.ts";

const names = Object.keys(scoredMaps) as (keyof typeof scoredMaps)[];
const noise = (random: Random, rows: number, columns = rows) => ({
  values: Float64Array.from({ length: rows * columns }, () => random.uniform()),
  shape: [rows, columns],
});

describe("the grid score", () => {
  it.each(names)("of %s is that of DeepMind's scorer in nsi", (name) => {
    const expected = golden[name];
    const map = scoredMaps[name];
    const score = spatial.gridScore(map);
    expect(Math.abs(score.score60 - expected.score60)).toBeLessThan(1e-9);
    expect(Math.abs(score.score90 - expected.score90_at_best60)).toBeLessThan(1e-9);
    expect(Math.abs(score.score90Best - expected.score90_max)).toBeLessThan(1e-9);
    expect([score.mask.inner, score.mask.outer]).toEqual(expected.mask);
    const sac = spatial.autocorrelogram(map);
    const at = (row: number, column: number) => sac.values[(19 + row) * 39 + 19 + column];
    expect(at(0, 0)).toBeCloseTo(expected.sac_center, 12);
    expect(at(5, 0)).toBeCloseTo(expected.sac_lag_5_0, 12);
    expect(at(3, 4)).toBeCloseTo(expected.sac_lag_3_4, 12);
  });

  it.each([
    ["hex_lambda0.35", 1.5598892424649111],
    ["hex_lambda0.45_shift_rot15", 1.4307470336487744],
    ["square_lambda0.35", -0.9586579766513894],
    ["stripes", 0.18886362434804924],
  ] as const)("of %s is that of nsi's scorer with min_max, too", (name, expected) => {
    expect(Math.abs(spatial.gridScore(scoredMaps[name], { variant: "minMax" }).score60 - expected)).toBeLessThan(1e-9);
  });

  it("of noise is small, in the mean of 20", () => {
    const random = new Random(4, 77);
    const scores = range(20).map(() => spatial.gridScore(noise(random, 20)).score60);
    const mean = scores.reduce((sum, score) => sum + score, 0) / 20;
    // The scorer gives 0.086 for twenty other maps: the best of nine rings is above 0.
    expect(Math.abs(mean - golden.white_noise_mean_of_20)).toBeLessThan(0.12);
  });

  it("with the least and the largest correlations is never above that of the means", () => {
    const map = scoredMaps["hex_lambda0.35"];
    const means = spatial.gridScore(map);
    const extremes = spatial.gridScore(map, { variant: "minMax" });
    extremes.scores.forEach(({ score60, score90 }, index) => {
      expect(score60).toBeLessThanOrEqual((means.scores[index]?.score60 ?? Number.NaN) + 1e-12);
      expect(score90).toBe(means.scores[index]?.score90);
    });
    expect(extremes.score60).toBeGreaterThan(1);
  });

  it("takes unvisited bins for unvisited ones, and with compat for silent ones", () => {
    const grid = scoredMaps["hex_lambda0.45_shift_rot15"];
    // A unit that is nowhere silent.
    const map = { values: grid.values.map((value) => value + 1), shape: grid.shape };
    const random = new Random(1, 78);
    const holes = {
      values: map.values.map((value) => (random.uniform() < 0.15 ? Number.NaN : value)),
      shape: map.shape,
    };
    const zeros = { values: holes.values.map((value) => (Number.isNaN(value) ? 0 : value)), shape: map.shape };
    expect(spatial.gridScore(holes, { compat: "nsi" })).toEqual(spatial.gridScore(zeros, { compat: "nsi" }));
    const [whole, kept, silent] = [map, holes, zeros].map((each) => spatial.gridScore(each).score60) as [
      number,
      number,
      number,
    ];
    expect(Math.abs(kept - whole)).toBeLessThan(0.02);
    expect(Math.abs(silent - whole)).toBeGreaterThan(4 * Math.abs(kept - whole));
  });

  it("of a map that does not vary is 0", () => {
    expect(spatial.gridScore(mapFrom(10, () => 3)).score60).toBe(0);
  });

  test("errors", () => {
    const map = mapFrom(5, (x) => x);
    expect(() => spatial.gridScore({ values: map.values, shape: [5, 4] })).toThrow(
      "gridScore: expected a map of [rows, columns], got 25 values of [5, 4].",
    );
    expect(() => spatial.gridScore(map, { masks: [{ inner: 0.5, outer: 0.4 }] })).toThrow("no bin lies in the ring");
    expect(() => spatial.gridScore(map, { masks: [] })).toThrow("masks: expected at least one");
    expect(() => spatial.gridScore({ values: [Number.NaN], shape: [1, 1] })).toThrow("every value is NaN");
    expect(() => spatial.gridScore(mapFrom(2, (x) => x))).toThrow("expected at least 3 by 3 bins, got 2 by 2");
    expect(() => spatial.autocorrelogram(map, { leastPairs: 1 })).toThrow(
      "leastPairs: expected an integer of at least 2",
    );
  });
});

describe("the autocorrelogram", () => {
  it.each([
    [1, 2],
    [4, 7],
    [9, 5],
  ] as const)("of a map of %d by %d is Pearson's correlation at each lag, of what was visited", (rows, columns) => {
    const random = new Random(rows, 79);
    const { values } = noise(random, rows, columns);
    if (rows > 1) for (const bin of [0, 3, 11]) values[bin] = Number.NaN;
    const sac = spatial.autocorrelogram({ values, shape: [rows, columns] });
    expect(sac.shape).toEqual([2 * rows - 1, 2 * columns - 1]);
    for (const row of range(2 * rows - 1))
      for (const column of range(2 * columns - 1)) {
        const lag = [row - rows + 1, column - columns + 1] as const;
        const expected = lagCorrelation(values, [rows, columns], lag);
        const found = sac.values[row * (2 * columns - 1) + column] ?? 0;
        if (Number.isNaN(expected)) expect(found).toBeNaN();
        else expect(found).toBeCloseTo(expected, 9);
      }
  });

  it("leaves out lags with too few pairs", () => {
    const { values } = spatial.autocorrelogram(noise(new Random(1, 80), 4), { leastPairs: 9 });
    expect(values.filter((value) => !Number.isNaN(value))).toHaveLength(9);
  });
});

describe("turning an image", () => {
  const rows = 7;
  const columns = 9;
  const { values } = noise(new Random(3, 81), rows, columns);
  const coefficients = splineCoefficients2d(values, rows, columns);

  it.each([0, 30, 45, 90, 135, 150, -20, 180])("by %d degrees is the cubic spline through it", (degrees) => {
    const surface = splineSurface(values, rows, columns);
    const turned = rotateSpline(coefficients, rows, columns, degrees);
    const angle = (degrees * Math.PI) / 180;
    for (const row of range(rows))
      for (const column of range(columns)) {
        const [down, right] = [row - 3, column - 4];
        const fromRow = Math.cos(angle) * down + Math.sin(angle) * right + 3;
        const fromColumn = -Math.sin(angle) * down + Math.cos(angle) * right + 4;
        const edge = Math.min(fromRow, rows - 1 - fromRow, fromColumn, columns - 1 - fromColumn);
        if (Math.abs(edge) < 1e-9) continue;
        const expected = edge > 0 ? surface(fromRow, fromColumn) : 0;
        expect(turned[row * columns + column]).toBeCloseTo(expected, 10);
      }
  });

  it("by nothing, and by a right angle, moves bins to bins", () => {
    rotateSpline(coefficients, rows, columns, 0).forEach((value, bin) => {
      expect(value).toBeCloseTo(values[bin] ?? Number.NaN, 12);
    });
    const square = noise(new Random(3, 82), 5);
    const turned = rotateSpline(splineCoefficients2d(square.values, 5, 5), 5, 5, 90);
    for (const row of range(5))
      for (const column of range(5))
        expect(turned[row * 5 + column]).toBeCloseTo(square.values[column * 5 + 4 - row] ?? Number.NaN, 12);
  });
});

describe("how a grid lies", () => {
  it.each([
    [0.25, 0],
    [0.3, 0.2],
    [0.35, 0.9],
  ])("spacing %d, turned by %d", (lambda, turn) => {
    const map = mapFrom(40, hexagons(lambda, turn, [0.03, 0.07]));
    const found = spatial.gridGeometry(map, { binSize: 1 / 40 });
    expect(found).toBeDefined();
    expect(Math.abs((found?.spacing ?? 0) - lambda)).toBeLessThan(0.03 * lambda);
    // The fields lie between the waves, whose angles are from the row axis.
    const expected = (((Math.PI / 2 - turn - Math.PI / 6) % (Math.PI / 3)) + Math.PI / 3) % (Math.PI / 3);
    const off = Math.abs((found?.orientation ?? 0) - expected);
    expect(Math.min(off, Math.PI / 3 - off)).toBeLessThan(0.04);
    expect(found?.ellipticity).toBeLessThan(1.06);
  });

  it("is an ellipse where the grid is stretched", () => {
    const regular = hexagons(0.25);
    // Along an angle from the column axis towards the row axis; x is that of the row.
    for (const angle of [0.5, Math.PI / 2, 2.6]) {
      const [down, right] = [Math.sin(angle), Math.cos(angle)];
      const map = mapFrom(50, (x, y) => {
        const less = (1 / 1.3 - 1) * (x * down + y * right);
        return regular(x + less * down, y + less * right);
      });
      const found = spatial.gridGeometry(map);
      expect(Math.abs((found?.ellipticity ?? 0) - 1.3)).toBeLessThan(0.06);
      expect(Math.abs((found?.ellipseAngle ?? 0) - angle)).toBeLessThan(0.06);
    }
  });

  it("is not known of a map that is no grid", () => {
    expect(
      spatial.gridGeometry(mapFrom(20, (x, y) => Math.exp(-((x - 0.5) ** 2 + (y - 0.4) ** 2) / 0.02))),
    ).toBeUndefined();
    expect(() =>
      spatial.gridGeometry(
        mapFrom(5, (x) => x),
        { binSize: 0 },
      ),
    ).toThrow("binSize: expected a positive number");
  });
});
