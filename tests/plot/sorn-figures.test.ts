import { describe, expect, test } from "vitest";
import * as statistics from "../../src/analysis/statistics.ts";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { intervalHistogram, rateHistogram } from "../../src/plot/activity-histograms.ts";
import { avalancheFigure } from "../../src/plot/avalanches.ts";
import { correlationMatrix, pearsonMatrix } from "../../src/plot/correlations.ts";
import { degreeHistogram } from "../../src/plot/degrees.ts";
import { networkGraph } from "../../src/plot/graph.ts";
import { rasterFigure } from "../../src/plot/raster.ts";
import { connectionFraction, hammingDistance } from "../../src/plot/time-course.ts";
import { weightDistribution } from "../../src/plot/weight-distribution.ts";
import { Random } from "../../src/random.ts";
import { checkXml, texts } from "./xml.ts";

function spikes(steps: number, units: number, rate = 0.1, seed = 1): Uint8Array {
  const random = new Random(seed, 1);
  return Uint8Array.from({ length: steps * units }, () => (random.uniform(0, 1) < rate ? 1 : 0));
}

/** Every M…v of the marks drawn in a colour. */
function marks(svg: string, colour: string): { x: number; y: number }[] {
  const path = [...svg.matchAll(/<path d="([^"]*v[^"]*)" stroke="([^"]*)"/g)].find((match) => match[2] === colour)?.[1];
  return [...(path ?? "").matchAll(/M([\d.]+),([\d.]+)v/g)].map(([, x, y]) => ({ x: Number(x), y: Number(y) }));
}

describe("raster", () => {
  test("a line for each spike, where it belongs; a mean for each population", () => {
    const excitatory = Uint8Array.of(1, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 1);
    const inhibitory = Uint8Array.of(0, 1, 0);
    const figure = { excitatory, inhibitory, steps: 3, firstStep: 100, target: 0.2, title: "a < b" };
    const svg = rasterFigure(figure);
    checkXml(svg);
    const red = marks(svg, "#c2242f");
    expect(red).toHaveLength(3);
    expect(marks(svg, "#2166ac")).toHaveLength(1);
    // Unit 0 in the first step; unit 3 in the last two, below it and one step apart.
    expect((red[1]?.x ?? 0) - (red[0]?.x ?? 0)).toBeCloseTo((red[2]?.x ?? 0) - (red[1]?.x ?? 0), 1);
    expect(red[1]?.y).toBe(red[2]?.y);
    expect(red[1]?.y).toBeGreaterThan(red[0]?.y ?? 0);
    for (const label of ["4 units", "1 units", "mean 0.25", "mean 0.333", "target", "a &lt; b"])
      expect(texts(svg)).toContain(label);
    expect(svg).toContain("4 spikes in steps 100 to 102");
    expect(rasterFigure(figure)).toBe(svg);
  });

  test("many spikes are an image; silence, one step and one unit can be drawn", () => {
    const svg = rasterFigure({ excitatory: spikes(2000, 200), inhibitory: spikes(2000, 40, 0.3), steps: 2000 });
    checkXml(svg);
    expect(svg.match(/<image/g)).toHaveLength(2);
    expect(svg.length).toBeLessThan(200_000);
    checkXml(rasterFigure({ excitatory: new Uint8Array(30), steps: 10 }));
    checkXml(rasterFigure({ excitatory: Uint8Array.of(1), steps: 1 }));
  });

  test("bad input is refused by name", () => {
    expect(() => rasterFigure({ excitatory: spikes(5, 3), steps: 4 })).toThrow(ShapeError);
    expect(() => rasterFigure({ excitatory: Float32Array.of(0, 0.5), steps: 1 })).toThrow(/excitatory\[0, 1\].*0\.5/);
    expect(() => rasterFigure({ excitatory: spikes(2, 2), steps: 2, target: 2 })).toThrow(/target/);
    expect(() => rasterFigure({ excitatory: spikes(2, 2), steps: 2, firstStep: 0.5 })).toThrow(ValueError);
    expect(() => rasterFigure({ spikes: [], steps: 2 } as never)).toThrow(ConfigError);
  });
});

describe("connection fraction and Hamming distance", () => {
  test("one curve or several, named", () => {
    const svg = connectionFraction({ step: [10, 20, 30], values: [0.1, 0.05, 0.07], title: "E & E" });
    checkXml(svg);
    expect(svg).toContain("Steps 10 to 30. connection fraction: 0.05 to 0.1, at the end 0.07.");
    const step = Float64Array.from({ length: 5000 }, (_, index) => index);
    const values = [step.map((at) => Math.exp(-at / 900)), step.map(() => 0.5)];
    const long = connectionFraction({ step, values, names: ["<a>", "b"] });
    checkXml(long);
    expect(texts(long)).toEqual(expect.arrayContaining(["&lt;a&gt;", "b"]));
    expect(long.length).toBeLessThan(80_000);
    const distance = hammingDistance({ step: [0], values: [3], units: 10, chance: 1.8 });
    checkXml(distance);
    expect(texts(distance)).toContain("chance");
  });

  test("bad input is refused by name", () => {
    expect(() => connectionFraction({ step: [], values: [] })).toThrow(ShapeError);
    expect(() => connectionFraction({ step: [1, 2], values: [0.1] })).toThrow(/values: expected \[2\]/);
    expect(() => connectionFraction({ step: [1, 1], values: [0.1, 0.1] })).toThrow(/increasing/);
    expect(() => connectionFraction({ step: [1], values: [1.5] })).toThrow(/0…1, got 1\.5/);
    expect(() => connectionFraction({ step: [1], values: [[0.1], [Number.NaN]] })).toThrow(/values\[1\]\[0\]/);
    expect(() => connectionFraction({ step: [1], values: [[0.1]], names: [] })).toThrow(/names/);
    expect(() => hammingDistance({ step: [1], values: [11], units: 10 })).toThrow(ValueError);
    expect(() => hammingDistance({ step: [1], values: [1], units: 10, chance: 20 })).toThrow(/chance/);
  });
});

describe("weight distribution", () => {
  const random = new Random(3, 1);
  const weights = Float64Array.from({ length: 4000 }, () => Math.exp(random.normal(-2.5, 0.4)));

  test("the law that is drawn is that of statistics.fitLogNormal from the minimum on", () => {
    for (const minimum of [0, 0.08]) {
      const { mu, sigma } = statistics.fitLogNormal(weights, { least: minimum });
      const svg = weightDistribution({ weights, minimum });
      expect(weightDistribution({ weights, minimum, logMean: mu, logDeviation: sigma })).toBe(svg);
      expect(weightDistribution({ weights, minimum, logMean: mu + 0.1, logDeviation: sigma })).not.toBe(svg);
    }
    // Of one value, or of none from the minimum on, no law is drawn.
    for (const few of [[0.5, 0.5], [0.001]]) expect(weightDistribution({ weights: few })).not.toContain("#d55e00");
  });

  test("the law is as high as the bars it fits", () => {
    const svg = weightDistribution({ weights, minimum: 0, bins: 20 });
    checkXml(svg);
    expect(texts(svg)).toContain("4000 synapses");
    for (const [, path = ""] of svg.matchAll(/<path d="([^"]*)" fill="none" stroke="#d55e00"/g)) {
      const top = Math.min(...[...path.matchAll(/[ML,]?[\d.]+,([\d.]+)/g)].map((match) => Number(match[1])));
      // The highest bar reaches 1 / 1.06 of the panel, from 228 up to 28.
      expect(Math.abs(top - (228 - 200 / 1.06))).toBeLessThan(20);
    }
    const given = weightDistribution({ weights, logMean: -1, logDeviation: 0.2 });
    expect(texts(given)).toEqual(expect.arrayContaining(["mean of ln w -1", "SD of ln w 0.2"]));
  });

  test("weights below the minimum are said to be left out; few weights can be drawn", () => {
    expect(texts(weightDistribution({ weights: [0.001, 0.1, 0.2, 0] }))).toEqual(
      expect.arrayContaining(["3 synapses", "below 0.01"]),
    );
    checkXml(weightDistribution({ weights: [0.5] }));
    checkXml(weightDistribution({ weights: [0.001, 0.001] }));
    expect(() => weightDistribution({ weights: [0, 0] })).toThrow(/at least one above 0/);
    expect(() => weightDistribution({ weights: [0.1, -0.2] })).toThrow(/below 0, got -0\.2/);
    expect(() => weightDistribution({ weights: [Number.NaN] })).toThrow(ValueError);
    expect(() => weightDistribution({ weights: [1], bins: 0 })).toThrow(/bins/);
  });
});

describe("rates and intervals", () => {
  test("numbers beside the bars, a line at the target", () => {
    const svg = rateHistogram({ rates: [0.1, 0.1, 0.2, 0.2], target: 0.15, steps: 100 });
    checkXml(svg);
    for (const label of ["4 units", "mean 0.15", "SD 0.05", "target 0.15"]) expect(texts(svg)).toContain(label);
    checkXml(rateHistogram({ rates: [0.3] }));
    expect(() => rateHistogram({ rates: [] })).toThrow(ValueError);
    expect(() => rateHistogram({ rates: [1.2] })).toThrow(/0…1, got 1\.2/);
    expect(() => rateHistogram({ rates: [0.2], target: -1 })).toThrow(/target/);
  });

  test("a rate is in the middle of its bar, none falls between two", () => {
    const rates = Array.from({ length: 31 }, (_, index) => (280 + index) / 3000);
    const svg = rateHistogram({ rates, steps: 3000, bins: 400 });
    const bars = [...svg.matchAll(/M([\d.]+),[\d.]+V([\d.]+)H([\d.]+)/g)];
    expect(bars).toHaveLength(31);
    expect(new Set(bars.map((bar) => bar[2])).size).toBe(1);
  });

  test("intervals of random spikes follow the geometric law", () => {
    const random = new Random(5, 1);
    const intervals = Array.from(
      { length: 20_000 },
      () => Math.ceil(Math.log(1 - random.uniform(0, 1)) / Math.log(0.9)) || 1,
    );
    const svg = intervalHistogram({ intervals });
    checkXml(svg);
    expect(texts(svg)).toContain("geometric");
    const mean = Number(
      texts(svg)
        .find((label) => label.startsWith("mean"))
        ?.match(/[\d.]+/)?.[0],
    );
    expect(mean).toBeGreaterThan(9.7);
    expect(mean).toBeLessThan(10.3);
    // The tops of the first bars lie on the line, and are as high as they should be one to the other.
    const tops = [...svg.matchAll(/M[\d.]+,[\d.]+V([\d.]+)H/g)].slice(0, 10).map((match) => Number(match[1]));
    const line = svg
      .match(/<path d="M([^"]*)" fill="none"/)?.[1]
      ?.split("L")
      .map((point) => Number(point.split(",")[1]));
    for (const [index, top] of tops.entries()) expect(Math.abs(top - (line?.[index] ?? 0))).toBeLessThan(3);
    checkXml(intervalHistogram({ intervals: [1] }));
    expect(texts(intervalHistogram({ intervals: [2, 4], variation: 0.7 }))).toContain("CV 0.7");
    expect(() => intervalHistogram({ intervals: [] })).toThrow(/at least one/);
    expect(() => intervalHistogram({ intervals: [3, 0] })).toThrow(/intervals\[1\]/);
  });
});

describe("avalanches", () => {
  const random = new Random(2, 1);
  // P(T >= k) = k^-0.5 (1 / u^2): density T^-1.5. Sizes are T^1.5 exactly.
  const durations = Array.from({ length: 30_000 }, () => Math.min(1000, Math.floor((1 - random.uniform(0, 1)) ** -2)));
  const sizes = durations.map((duration) => duration ** 1.5);

  test("given laws go through the dots", () => {
    const law = (exponent: number) => ({ exponent, from: 4, to: 500 });
    const svg = avalancheFigure({ sizes, durations, durationFit: law(1.5), scalingFit: law(1.5), title: "a > b" });
    checkXml(svg);
    expect(texts(svg)).toEqual(expect.arrayContaining(["α = 1.5", "γ = 1.5", "size S", "a &gt; b"]));
    expect(texts(svg).some((label) => label.startsWith("τ"))).toBe(false);
    const lines = [...svg.matchAll(/<path d="M([\d.]+),([\d.]+)L([\d.]+),([\d.]+)" fill="none"/g)].map((match) =>
      match.slice(1).map(Number),
    );
    expect(lines).toHaveLength(2);
    const dots = [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map((match) => match.slice(1).map(Number));
    for (const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] of lines) {
      const inside = dots.filter(([x = 0]) => x > x0 && x < x1);
      expect(inside.length).toBeGreaterThan(8);
      const errors = inside.map(([x = 0, y = 0]) => Math.abs(y - (y0 + ((x - x0) / (x1 - x0)) * (y1 - y0))));
      // Pixels; the panels are 190 high.
      expect(errors.reduce((sum, error) => sum + error, 0) / errors.length).toBeLessThan(6);
    }
  });

  test("one avalanche can be drawn; bad input is refused by name", () => {
    checkXml(avalancheFigure({ sizes: [3], durations: [1] }));
    checkXml(avalancheFigure({ sizes: [0.5, 2.5], durations: [1, 2], sizeFit: { exponent: 1, from: 1, to: 2 } }));
    expect(() => avalancheFigure({ sizes: [], durations: [] })).toThrow(ShapeError);
    expect(() => avalancheFigure({ sizes: [1, 2], durations: [1] })).toThrow(/durations/);
    expect(() => avalancheFigure({ sizes: [0], durations: [1] })).toThrow(/sizes\[0\]/);
    expect(() => avalancheFigure({ sizes: [1], durations: [1.5] })).toThrow(/durations\[0\]/);
    const empty = { exponent: 1, from: 3, to: 3 };
    expect(() => avalancheFigure({ sizes: [1], durations: [1], sizeFit: empty })).toThrow(/sizeFit: .*3 to 3/);
  });
});

describe("correlations", () => {
  test("are Pearson's, and not defined with a silent unit", () => {
    const activity = [1, 2, 0, 2, 4, 0, 3, 6, 0, 4, 9, 0].map(Number);
    const matrix = pearsonMatrix(activity, 3);
    expect(matrix[0]).toBeCloseTo(1, 6);
    // x = 1 2 3 4, y = 2 4 6 9: covariance 11.5, squares 5 and 26.75.
    expect(matrix[1]).toBeCloseTo(11.5 / Math.sqrt(5 * 26.75), 6);
    expect(matrix[3]).toBe(matrix[1]);
    expect(matrix[2]).toBeNaN();
    const svg = correlationMatrix({ activity, units: 3 });
    checkXml(svg);
    expect(texts(svg)).toEqual(expect.arrayContaining(["mean of pairs 0.994", "2 pairs", "not defined"]));
    expect(correlationMatrix({ correlations: matrix, units: 3 })).toBe(svg);
  });

  test("silence can be drawn; bad input is refused by name", () => {
    checkXml(correlationMatrix({ activity: new Uint8Array(20), units: 4 }));
    checkXml(correlationMatrix({ activity: spikes(50, 40), units: 40, limit: 0.1 }));
    expect(() => correlationMatrix({ units: 3 })).toThrow(ConfigError);
    expect(() => correlationMatrix({ units: 3, activity: [1, 2] })).toThrow(ShapeError);
    expect(() => correlationMatrix({ units: 2, correlations: [1, 2, 2, 1] })).toThrow(/correlations\[0, 1\]/);
    expect(() => correlationMatrix({ units: 1, activity: [1] })).toThrow(ValueError);
    expect(() => correlationMatrix({ units: 2, activity: [1, 2], limit: 0 })).toThrow(/limit/);
  });
});

describe("network graph and degrees", () => {
  test("the strongest synapses, the same each time", () => {
    const weights = Float32Array.of(0, 0.5, 0, 0, 0, -0.9, 0.1, 0, 0);
    const figure = { weights, units: 3, signs: [1, 1, -1], edges: 2, title: "a & b" };
    const svg = networkGraph(figure);
    checkXml(svg);
    expect(svg.match(/<circle/g)).toHaveLength(3);
    const chords = [...svg.matchAll(/<path d="M[^"]*Q[^"]*" fill="none" stroke="([^"]*)"/g)].map((match) => match[1]);
    expect(chords).toEqual(["#c2242f", "#2166ac"]);
    for (const label of ["3 units", "3 synapses", "strongest 2 drawn", "largest |w| 0.9", "excitatory", "inhibitory"])
      expect(texts(svg)).toContain(label);
    expect(networkGraph(figure)).toBe(svg);
    checkXml(networkGraph({ weights: new Float32Array(1), units: 1 }));
    checkXml(
      networkGraph({ weights: new Float32Array(16).fill(1), units: 4, areas: [{ name: "<A>", from: 0, to: 2 }] }),
    );
    expect(() => networkGraph({ weights: weights.with(1, Number.NaN), units: 3 })).toThrow(/weights\[0, 1\]/);
    expect(() => networkGraph({ weights, units: 2 })).toThrow(ShapeError);
    expect(() => networkGraph({ weights, units: 3, edges: 0 })).toThrow(/edges/);
    expect(() => networkGraph({ weights: [], units: 1001 })).toThrow(/at most 1000/);
  });

  test("degrees that were counted already give the same figure as the weights", () => {
    const weights = Float32Array.of(0, 0.5, 0.1, 0, 0, 0.9, 0, 0, 0);
    const degrees = { inward: [2, 1, 0], outward: [0, 1, 2] };
    expect(degreeHistogram({ degrees, units: 3 })).toBe(degreeHistogram({ weights, units: 3 }));
    expect(() => degreeHistogram({ degrees, units: 4 })).toThrow(/degrees\.inward: expected \[4\]/);
    expect(() => degreeHistogram({ degrees: { ...degrees, outward: [0, 1, -1] }, units: 3 })).toThrow(
      /degrees\.outward\[2\]/,
    );
    expect(() => degreeHistogram({ degrees, weights, units: 3 })).toThrow(/or degrees/);
  });
});
