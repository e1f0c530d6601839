import { describe, expect, test } from "vitest";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { poolMeasured } from "../../src/plot/map-cells.ts";
import { mapAnchors, sequentialAnchors } from "../../src/plot/palette.ts";
import { type RateMapFigure, rateMapFigure } from "../../src/plot/rate-maps.ts";
import { type SheetFigure, sheetFigure } from "../../src/plot/sheet.ts";
import { type TuningCurves, tuningCurves } from "../../src/plot/tuning.ts";
import { Random } from "../../src/random.ts";
import { imageCells, imageRows } from "./pixels.ts";
import { checkXml, texts } from "./xml.ts";

const [lowest, highest] = [mapAnchors[0], mapAnchors[8]];

function rates(length: number): Float32Array {
  const random = new Random(5, 1);
  return Float32Array.from({ length }, () => random.uniform());
}

test("pooling averages what was measured and leaves the rest blank", () => {
  const pooled = poolMeasured([1, Number.NaN, Number.NaN, 3, 4, 4, Number.NaN, Number.NaN, Number.NaN], 3, 3, 2);
  expect([pooled.rows, pooled.columns]).toEqual([2, 2]);
  expect([...pooled.values].map((value) => Number(value.toFixed(4)))).toEqual([2.6667, 4, Number.NaN, Number.NaN]);
});

describe("tuning curves", () => {
  const given = rates(12 * 3 * 4);
  const figure: TuningCurves = {
    ...{ units: 12, velocities: 3, headings: 4, rates: given, velocityRange: [-5, 5] },
    title: "tuning & <more>",
  };

  test("has a map for each unit, in rows of ten, with its number and its highest rate", () => {
    const svg = tuningCurves(figure);
    checkXml(svg);
    // The colour strip comes first.
    const maps = [...svg.matchAll(/<image x="([^"]*)" y="([^"]*)"/g)].slice(1);
    expect(maps).toHaveLength(12);
    expect(new Set(maps.map((map) => map[2])).size).toBe(2);
    expect(maps[10]?.[1]).toBe(maps[0]?.[1]);
    const peak = Math.max(...given.slice(5 * 12, 6 * 12));
    for (const label of ["11", `${Number(peak.toPrecision(2))}`, "heading (rad)", "velocity (rad/s)", "π"])
      expect(texts(svg)).toContain(label);
    expect(tuningCurves(figure)).toBe(svg);
    expect(tuningCurves({ ...figure, rates: given.map((rate) => rate ** 2) })).not.toBe(svg);
  });

  test("the lowest velocity is at the bottom, what was never visited is white, each unit has its own scale", () => {
    const map = [0, 0, 0, 1, 0.5, 0.5, 0.5, 0.5, Number.NaN, 0.5, 0.5, 0.5];
    const svg = tuningCurves({ ...figure, units: 2, rates: [...map, ...map.map((rate) => rate * 7)] });
    const cells = imageCells(svg, 1, 4);
    expect(cells[2]).toEqual([lowest, lowest, lowest, highest]);
    expect(cells[0]?.[0]).toBe("#ffffff");
    expect(imageCells(svg, 2, 4)).toEqual(cells);
    const silent = tuningCurves({ ...figure, units: 1, rates: new Float32Array(12) });
    expect(imageCells(silent, 1, 4).flat().every((colour) => colour === lowest)).toBe(true); // biome-ignore format: short
  });

  test("the order says which units are drawn, and sections begin new rows", () => {
    const svg = tuningCurves({ ...figure, order: [7, 3, 11], sections: [{ name: "hidden <", from: 2 }] });
    checkXml(svg);
    const labels = texts(svg);
    expect(labels.indexOf("7")).toBeLessThan(labels.indexOf("3"));
    expect(labels).toContain("hidden &lt;");
    const tops = [...svg.matchAll(/<image x="[^"]*" y="([^"]*)"/g)].slice(1).map((match) => match[1]);
    expect([tops[0] === tops[1], tops[1] === tops[2]]).toEqual([true, false]);
    expect(svg).toContain("Tuning of 3 of 12 units");
  });

  test("without velocities there is a curve for each unit, with gaps", () => {
    const one = rates(5 * 8);
    one[2] = Number.NaN;
    const svg = tuningCurves({ units: 5, headings: 8, rates: one });
    checkXml(svg);
    expect(svg).not.toContain("<image");
    expect(svg.match(/<path/g)).toHaveLength(5 + 1);
    expect(texts(svg)).not.toContain("velocity (rad/s)");
    checkXml(tuningCurves({ units: 1, headings: 1, rates: [Number.NaN] }));
  });

  test("200 units of 40 by 62 bins stay well below a megabyte", () => {
    const many = { units: 200, velocities: 40, headings: 62, velocityRange: [-5, 5] as const };
    expect(tuningCurves({ ...many, rates: rates(200 * 40 * 62) }).length).toBeLessThan(600_000);
  });

  test("bad input is refused by name", () => {
    const refused = (part: Partial<TuningCurves>) => expect(() => tuningCurves({ ...figure, ...part }));
    refused({ rates: rates(3) }).toThrow(/rates: expected \[12, 3, 4\] \(unit, velocity, heading\)/);
    refused({ velocities: undefined }).toThrow(/rates: expected \[12, 4\]/);
    refused({ rates: rates(144).with(13, Number.POSITIVE_INFINITY) }).toThrow(/rates\[1, 1\]/);
    refused({ velocityRange: undefined }).toThrow(ConfigError);
    refused({ velocityRange: [5, -5] }).toThrow(/velocityRange/);
    refused({ order: [0, 12] }).toThrow(/order\[1\]: expected the number of a unit, 0 … 11, got 12/);
    refused({ order: [3, 3] }).toThrow(/unit 3 is named twice/);
    refused({ order: [] }).toThrow(ShapeError);
    refused({ sections: [{ name: "x", from: 12 }] }).toThrow(/sections: "x" starts at 12/);
  });
});

describe("rate maps", () => {
  const [units, rows, columns] = [7, 3, 2];
  const figure: RateMapFigure = {
    ...{ units, rows, columns, maps: rates(units * rows * columns), xRange: [0, 1], yRange: [0, 1.5] },
    title: "maps <of> units",
  };

  test("draws the first row at the bottom, unvisited bins white, the peak printed", () => {
    const map = [1, 0, 0, Number.NaN, 0, 0];
    const svg = rateMapFigure({ ...figure, units: 1, maps: map, rateUnit: "Hz", gridScores: [1.234] });
    checkXml(svg);
    expect(imageCells(svg, 0, columns)).toEqual([
      [lowest, lowest],
      [lowest, "#ffffff"],
      [highest, lowest],
    ]);
    for (const label of ["unit 0", "peak 1 Hz", "grid 1.23", "0.5 m"]) expect(texts(svg)).toContain(label);
    const never = rateMapFigure({ ...figure, units: 1, maps: map.map(() => Number.NaN), gridScores: [Number.NaN] });
    checkXml(never);
    for (const label of ["never visited", "grid –"]) expect(texts(never)).toContain(label);
  });

  test("autocorrelations stand beside the maps, and the order chooses units", () => {
    const autocorrelations = rates(units * 5 * 3).map((value) => 2 * value - 1);
    const svg = rateMapFigure({ ...figure, autocorrelations, gridScores: rates(units), order: [6, 2] });
    checkXml(svg);
    // Two maps, two autocorrelations, two strips.
    expect(svg.match(/<image/g)).toHaveLength(6);
    expect(imageRows(svg, 1)).toHaveLength(5);
    expect(texts(svg)).toEqual(expect.arrayContaining(["unit 6", "unit 2", "autocorrelation −1"]));
    expect(texts(svg)).not.toContain("unit 0");
  });

  test("walls are drawn over every map, the path in a panel of its own", () => {
    const outlines = [[[0, 0], [1, 0], [1, 1.5], [0, 1.5]], [[0.2, 0.2], [0.4, 0.2], [0.4, 0.4]]] as const; // biome-ignore format: polygons
    const svg = rateMapFigure({ ...figure, outlines, trajectory: rates(2 * 10_000) });
    checkXml(svg);
    expect(svg.match(/<path [^>]*Z"/g)).toHaveLength(units + 1);
    expect(texts(svg)).toEqual(expect.arrayContaining(["trajectory", "10000 steps"]));
    expect(svg.length).toBeLessThan(120_000);
    // The corner of the arena is the corner of the panel.
    const image =
      /<image x="([^"]*)" y="([^"]*)" width="([^"]*)" height="([^"]*)"/.exec(svg)?.slice(1).map(Number) ?? [];
    const corner = /<path d="M([\d.]+),([\d.]+)L[^"]*Z"/g;
    const starts = [...svg.matchAll(corner)].map((match) => [Number(match[1]), Number(match[2])]);
    const [left = 0, top = 0, , height = 0] = image;
    expect(starts.some(([x = 0, y = 0]) => Math.abs(x - left) < 0.1 && Math.abs(y - top - height) < 0.1)).toBe(true);
  });

  test("bad input is refused by name", () => {
    const refused = (part: Partial<RateMapFigure>) => expect(() => rateMapFigure({ ...figure, ...part }));
    refused({ maps: rates(5) }).toThrow(/maps: expected \[7, 3, 2\] \(unit, y, x\)/);
    refused({ maps: rates(42).with(7, Number.NEGATIVE_INFINITY) }).toThrow(/maps\[1, 1\]/);
    refused({ xRange: [1, 1] }).toThrow(ValueError);
    refused({ gridScores: [1] }).toThrow(/gridScores: expected \[7\]/);
    refused({ autocorrelations: rates(7 * 6) }).toThrow(/autocorrelations: expected \[7, 5, 3\]/);
    refused({ outlines: [[[0, 0], [1, 1]]] }).toThrow(/outlines\[0\]: expected at least 3 corners/); // biome-ignore format: a polygon
    refused({ trajectory: [1, 2, 3] }).toThrow(/trajectory: expected \[T, 2\]/);
    refused({ trajectory: [1, Number.NaN] }).toThrow(/trajectory\[0, 1\]/);
    refused({ order: [7] }).toThrow(/order\[0\]/);
    expect(() => rateMapFigure({ ...figure, gridScore: [] } as never)).toThrow(/did you mean "gridScores"/);
  });
});

describe("sheet", () => {
  const pattern = Float32Array.from({ length: 16 }, (_, index) => index / 15);

  test("has a map for each moment, the first row at the bottom, one scale", () => {
    const figure: SheetFigure = {
      size: 4,
      patterns: [pattern, pattern.map((rate) => rate / 2)],
      names: ["0 s", "1 <s>"],
    };
    const svg = sheetFigure(figure);
    checkXml(svg);
    expect(svg.match(/<image/g)).toHaveLength(3);
    for (const label of ["0 s", "1 &lt;s&gt;", "unit", "rate"]) expect(texts(svg)).toContain(label);
    const [first, second] = [imageCells(svg, 0, 4), imageCells(svg, 1, 4)];
    expect(first[3]?.[0]).toBe(sequentialAnchors[0]);
    expect(first[0]?.[3]).toBe(sequentialAnchors.at(-1));
    expect(second[0]?.[3]).not.toBe(first[0]?.[3]);
    expect(svg).toContain("0 s: 93.8 % active, highest 1.");
    checkXml(sheetFigure({ size: 1, patterns: [[0]] }));
  });

  test("sixteen moments of 128 by 128 units stay small", () => {
    const patterns = Array.from({ length: 16 }, () => rates(128 * 128));
    const svg = sheetFigure({ size: 128, patterns });
    checkXml(svg);
    expect(svg.length).toBeLessThan(600_000);
  });

  test("bad input is refused by name", () => {
    expect(() => sheetFigure({ size: 3, patterns: [pattern] })).toThrow(/patterns\[0\]: expected \[3, 3\]/);
    expect(() => sheetFigure({ size: 4, patterns: [] })).toThrow(ShapeError);
    expect(() => sheetFigure({ size: 4, patterns: [pattern.with(6, Number.NaN)] })).toThrow(/patterns\[0\]\[1, 2\]/);
    expect(() => sheetFigure({ size: 4, patterns: [pattern], names: [] })).toThrow(/names: expected 1/);
    expect(() => sheetFigure({ size: 0, patterns: [pattern] })).toThrow(ValueError);
  });
});
