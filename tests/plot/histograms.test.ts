import { describe, expect, test } from "vitest";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { degreeHistogram } from "../../src/plot/degrees.ts";
import { binsAroundZero, countInBins, wholeBins } from "../../src/plot/histogram.ts";
import { weightHistogram } from "../../src/plot/weight-histogram.ts";
import { Random } from "../../src/random.ts";
import { checkXml, texts } from "./xml.ts";

function normal(count: number, seed = 1): Float32Array {
  const random = new Random(seed, 1);
  return Float32Array.from({ length: count }, () => random.normal(0, 0.2));
}

describe("bins", () => {
  test("0 lies between two bins, every value in one", () => {
    for (const [low, high] of [
      [-1, 1],
      [-0.37, 2.2],
      [0.1, 0.9],
      [-5, -1],
      [0, 3],
    ] as const) {
      const bins = binsAroundZero(low, high, 40);
      expect(Math.abs(bins.count - 40)).toBeLessThanOrEqual(2);
      expect(bins.from).toBeLessThanOrEqual(low);
      expect(bins.from + bins.count * bins.width).toBeGreaterThan(high);
      const zero = -bins.from / bins.width;
      expect(Math.abs(zero - Math.round(zero))).toBeLessThan(1e-9);
    }
    const values = normal(1000);
    const counts = countInBins(values, binsAroundZero(Math.min(...values), Math.max(...values), 30));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1000);
    expect(counts).toEqual(
      countInBins([...values].reverse(), binsAroundZero(Math.min(...values), Math.max(...values), 30)),
    );
    expect(binsAroundZero(0.4, 0.4, 10)).toEqual({ from: 0.4 - 0.02, width: 0.04, count: 1 });
  });

  test("whole numbers lie in the middle of their bins, or share them evenly", () => {
    expect(wholeBins(3, 7, 60)).toEqual({ from: 2.5, width: 1, count: 5 });
    expect(wholeBins(0, 199, 60)).toEqual({ from: -0.5, width: 4, count: 50 });
    expect([...countInBins([3, 3, 4, 7], wholeBins(3, 7, 60))]).toEqual([2, 1, 0, 0, 1]);
  });
});

describe("weight histogram", () => {
  test("leaves absent synapses out, counts signs, names matrices; the same each time", () => {
    const weights = Float32Array.of(0.5, -0.25, 0, 0, 1, -1);
    const signs = Float32Array.of(1, -1, 1, -1, 1, -1);
    const figure = { weights: [weights, weights], mask: [Float32Array.of(1, 1, 1, 0, 1, 0), undefined], signs: [signs, undefined] }; // biome-ignore format: one line
    const svg = weightHistogram({ ...figure, names: ["in <1>", "out"], title: "w & w" });
    checkXml(svg);
    // With a mask its zeros are synapses; without one they are none.
    for (const label of ["in &lt;1&gt;", "out", "4 synapses", "excitatory (3)", "inhibitory (1)", "free sign (4)"])
      expect(texts(svg)).toContain(label);
    expect(texts(svg)).toContain("mean 0.313");
    expect(texts(svg).filter((label) => label === "weight")).toHaveLength(1);
    expect(svg).toContain("w &amp; w");
    expect(weightHistogram({ ...figure, names: ["in <1>", "out"], title: "w & w" })).toBe(svg);
  });

  test("one matrix without signs has one colour and no legend", () => {
    const svg = weightHistogram({ weights: normal(5000) });
    checkXml(svg);
    expect(texts(svg)).toContain("5000 synapses");
    expect(texts(svg).some((label) => /excitatory|free/.test(label))).toBe(false);
    expect(svg.length).toBeLessThan(20_000);
  });

  test("no synapses, equal weights, one weight and a million can be drawn", () => {
    checkXml(weightHistogram({ weights: new Float32Array(9) }));
    checkXml(weightHistogram({ weights: new Float32Array(9), mask: new Float32Array(9).fill(1) }));
    checkXml(weightHistogram({ weights: Float32Array.of(-0.3, -0.3), signs: Float32Array.of(-1, -1) }));
    checkXml(weightHistogram({ weights: Float32Array.of(2), bins: 1 }));
    checkXml(weightHistogram({ weights: normal(1_000_000), bins: 400 }));
  });

  test("bad input is refused by name", () => {
    const weights = normal(6);
    expect(() => weightHistogram({ weights: [] })).toThrow(ShapeError);
    expect(() => weightHistogram({ weights, mask: new Float32Array(5) })).toThrow(/mask: expected \[6\]/);
    expect(() => weightHistogram({ weights: [weights, weights], signs: weights })).toThrow(/signs: .*2 matrices/);
    expect(() => weightHistogram({ weights: [weights], signs: [new Float32Array(5)] })).toThrow(/signs\[0\]/);
    expect(() => weightHistogram({ weights, names: ["a", "b"] })).toThrow(/names/);
    expect(() => weightHistogram({ weights: [weights, weights.with(2, Number.NaN)] })).toThrow(/weights\[1\]\[2\]/);
    expect(() => weightHistogram({ weights, bins: 0 })).toThrow(ValueError);
    expect(() => weightHistogram({ weights, bins: 401 })).toThrow(/bins/);
  });
});

describe("degree histogram", () => {
  test("rows are counted as in-degree, columns as out-degree", () => {
    // Unit 0 receives from all three, the others from nobody.
    const mask = Float32Array.of(1, 1, 1, 0, 0, 0, 0, 0, 0);
    const svg = degreeHistogram({ mask, units: 3 });
    checkXml(svg);
    expect(svg).toContain(
      "3 recurrent synapses: mean 1, standard deviation 1.41 of the in-degree and 0 of the out-degree",
    );
    for (const label of ["in-degree (synapses)", "out-degree (synapses)", "mean 1"])
      expect(texts(svg)).toContain(label);
    const weights = mask.map((value) => value * -0.2);
    expect(degreeHistogram({ weights, units: 3 })).toBe(svg);
  });

  test("a row for each area, with the units of none last; colours by sign", () => {
    const areas = [
      { name: "a<b", from: 0, to: 10 },
      { name: "PFC", from: 10, to: 25 },
    ];
    const signs = Array.from({ length: 30 }, (_, unit) => (unit % 5 === 0 ? -1 : 1));
    const figure = { weights: normal(900), units: 30, areas, signs, title: "Degrees & more" };
    const svg = degreeHistogram(figure);
    checkXml(svg);
    const labels = ["a&lt;b (10 units)", "PFC (15 units)", "in no area (5 units)", "excitatory (24)", "inhibitory (6)"];
    for (const label of labels) expect(texts(svg)).toContain(label);
    expect(degreeHistogram(figure)).toBe(svg);
  });

  test.each([1, 4, 1000])("%i units, none and all connected", (units) => {
    checkXml(degreeHistogram({ mask: new Float32Array(units * units), units }));
    checkXml(degreeHistogram({ mask: new Float32Array(units * units).fill(1), units }));
  });

  test("bad input is refused by name", () => {
    expect(() => degreeHistogram({ units: 3 })).toThrow(ConfigError);
    expect(() => degreeHistogram({ units: 3, mask: normal(9), weights: normal(9) })).toThrow(/either mask or weights/);
    expect(() => degreeHistogram({ units: 3, mask: normal(8) })).toThrow(/mask: expected \[3, 3\]/);
    expect(() => degreeHistogram({ units: 3, weights: normal(9).with(5, Number.NaN) })).toThrow(/weights\[1, 2\]/);
    expect(() => degreeHistogram({ units: 3, mask: normal(9), signs: [1] })).toThrow(ShapeError);
  });
});
