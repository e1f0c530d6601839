import { describe, expect, test } from "vitest";
import { ShapeError, ValueError } from "../../src/errors.ts";
import { weightMatrix } from "../../src/plot/matrix.ts";
import { groupUnits, orderByAreaAndSign } from "../../src/plot/order.ts";
import { poolMatrix, quantile } from "../../src/plot/reduce.ts";
import { Random } from "../../src/random.ts";
import { checkXml, texts } from "./xml.ts";

function weights(units: number): Float32Array {
  const random = new Random(2, 1);
  return Float32Array.from({ length: units * units }, () => (random.uniform() < 0.3 ? random.normal(0, 0.2) : 0));
}

describe("order of units", () => {
  test("by area, then excitatory, inhibitory, free, then by number", () => {
    const areas = [
      { name: "back", from: 3, to: 6 },
      { name: "front", from: 0, to: 3 },
    ];
    const signs = [-1, 1, 0, -1, 1, 1, 1];
    const grouped = groupUnits({ units: 7, areas, signs });
    expect([...grouped.order]).toEqual([4, 5, 3, 1, 0, 2, 6]);
    expect(grouped.areas).toEqual([
      { name: "back", from: 0, to: 3 },
      { name: "front", from: 3, to: 6 },
    ]);
    expect(grouped.signs.map((band) => [band.from, band.to, band.sign])).toEqual([
      [0, 2, 1],
      [2, 3, -1],
      [3, 4, 1],
      [4, 5, -1],
      [5, 6, 0],
      [6, 7, 1],
    ]);
  });

  test("without areas and signs it is the natural order", () => {
    expect([...orderByAreaAndSign({ units: 4 })]).toEqual([0, 1, 2, 3]);
    expect(groupUnits({ units: 4 }).signs).toEqual([]);
    expect([...orderByAreaAndSign({ units: 4, signs: Int8Array.of(-1, 1, -1, 1) })]).toEqual([1, 3, 0, 2]);
  });

  test("what contradicts itself is refused by name", () => {
    const overlapping = [
      { name: "a", from: 0, to: 3 },
      { name: "b", from: 2, to: 4 },
    ];
    expect(() => orderByAreaAndSign({ units: 4, areas: overlapping })).toThrow(/unit 2 is in both "a" and "b"/);
    expect(() => orderByAreaAndSign({ units: 2, areas: overlapping })).toThrow(ShapeError);
    expect(() => orderByAreaAndSign({ units: 2, signs: [1] })).toThrow(ShapeError);
    expect(() => orderByAreaAndSign({ units: 2, signs: [1, 0.5] })).toThrow(/signs\[1\]/);
    expect(() => orderByAreaAndSign({ units: 0 })).toThrow(ValueError);
  });
});

describe("weight matrix", () => {
  const areas = [
    { name: "PFC <1>", from: 0, to: 40 },
    { name: "PPC", from: 40, to: 64 },
  ];
  const signs = Int8Array.from({ length: 64 }, (_, unit) => (unit % 5 === 0 ? -1 : 1));

  test("names axes, areas and signs; the same each time", () => {
    const figure = { weights: weights(64), units: 64, areas, signs, title: "after <training>" };
    const svg = weightMatrix(figure);
    checkXml(svg);
    const expected = ["presynaptic unit", "postsynaptic unit", "weight", "PFC &lt;1&gt;", "PPC", "excitatory (51)"];
    for (const label of expected) expect(texts(svg)).toContain(label);
    expect(weightMatrix(figure)).toBe(svg);
  });

  test.each([1, 2, 8, 64, 300])("%i units are drawn and small", (units) => {
    const svg = weightMatrix({ weights: weights(units), units });
    checkXml(svg);
    expect(svg.length).toBeLessThan(160_000);
  });

  test("more units than pixels are averaged", () => {
    const svg = weightMatrix({ weights: weights(1000), units: 1000 });
    checkXml(svg);
    expect(svg).toContain("mean of 3 × 3 weights");
    expect(svg.length).toBeLessThan(320_000);
    const pooled = poolMatrix(Float32Array.of(1, 3, 5, 1, 3, 7, 2, 2, 4), 3, 3, 2);
    expect([...pooled.values]).toEqual([2, 6, 2, 4]);
  });

  test("all weights zero, and many small areas, can be drawn", () => {
    checkXml(weightMatrix({ weights: new Float32Array(16), units: 4 }));
    const many = Array.from({ length: 50 }, (_, index) => ({ name: `area ${index}`, from: index, to: index + 1 }));
    checkXml(weightMatrix({ weights: weights(50), units: 50, areas: many }));
  });

  test("bad input is refused by name", () => {
    expect(() => weightMatrix({ weights: weights(3), units: 4 })).toThrow(/weights: expected \[4, 4\]/);
    const broken = weights(4);
    broken[6] = Number.NaN;
    expect(() => weightMatrix({ weights: broken, units: 4 })).toThrow(/weights\[1, 2\]/);
  });

  test("quantile interpolates", () => {
    expect([quantile([], 0.5), quantile([3, 1], 0.5), quantile([1, 2, 3, 4, 5], 1)]).toEqual([0, 2, 5]);
  });
});
