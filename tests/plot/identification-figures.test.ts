import { describe, expect, test } from "vitest";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { type ConnectivityFigure, connectivityFigure } from "../../src/plot/connectivity.ts";
import { categorical, divergingAnchors, ink } from "../../src/plot/palette.ts";
import { type ScoreFigure, scoreFigure } from "../../src/plot/scores.ts";
import { Random } from "../../src/random.ts";
import { imageCells, strokes } from "./pixels.ts";
import { checkXml, texts } from "./xml.ts";

const [blue, orange] = categorical;

function normal(length: number, deviation = 1): Float32Array {
  const random = new Random(4, 1);
  return Float32Array.from({ length }, () => random.normal(0, deviation));
}

/** A ring's weights: a band along the diagonal. */
function band(units: number): Float32Array {
  return Float32Array.from({ length: units * units }, (_, index) =>
    Math.cos((2 * Math.PI * (Math.floor(index / units) - (index % units))) / units),
  );
}

describe("connectivity figure", () => {
  const units = 6;
  const truth = band(units);
  const learned = truth.map((weight, index) => weight + 0.1 * Math.sin(index));
  const profile = truth.subarray(0, units);
  const figure: ConnectivityFigure = {
    ...{ units, title: "ring <1>" },
    weights: { truth, learned, correlation: 0.91234 },
    shift: { truth, learned, correlation: -0.5 },
    whole: { weights: normal(100), units: 10 },
    weightProfile: { truth: profile, learned: profile.map((weight) => weight / 2) },
    shiftProfile: { truth: profile, learned: profile.map((weight) => weight * 100) },
  };

  test("has a panel for what is given, and only for that", () => {
    const svg = connectivityFigure(figure);
    checkXml(svg);
    const names = ["true weights", "learned weights", "true shift kernel", "weighted product", "all 10 units"];
    for (const label of [...names, "mean profile of weights", "mean profile of shift", "observed", "hidden"])
      expect(texts(svg)).toContain(label);
    for (const label of ["r = 0.912", "r = -0.5", "true", "learned"]) expect(texts(svg)).toContain(label);
    // Five matrices and their colour bars.
    expect(svg.match(/<image/g)).toHaveLength(10);
    expect(connectivityFigure(figure)).toBe(svg);
    const less = connectivityFigure({ units, weights: { learned }, weightProfile: { learned: profile } });
    checkXml(less);
    for (const label of ["true weights", "true", "hidden", "weighted product", "mean profile of shift"])
      expect(texts(less)).not.toContain(label);
    expect(less.match(/<image/g)).toHaveLength(2);
    const whole = connectivityFigure({ units, whole: { weights: normal(36), units } });
    checkXml(whole);
    expect(texts(whole)).not.toContain("hidden");
  });

  test("true and learned weights have one scale, the shift kernel and the product their own", () => {
    const half = { truth, learned: truth.map((weight) => weight / 2) };
    const svg = connectivityFigure({ units, weights: half, shift: half });
    const [true0, learned0, true1, learned1] = [0, 2, 4, 6].map((index) => imageCells(svg, index, units)[0]?.[0]);
    expect([true0, true1, learned1]).toEqual(new Array(3).fill(divergingAnchors.at(-1)));
    expect(learned0).not.toBe(divergingAnchors.at(-1));
  });

  test("the whole matrix is drawn in the order given", () => {
    // One weight, from unit 3 to unit 1.
    const weights = new Float32Array(16);
    weights[1 * 4 + 3] = 1;
    const order = [1, 0, 3, 2];
    const cells = imageCells(connectivityFigure({ units: 2, whole: { weights, units: 4, order } }), 0, 4);
    const coloured = cells.flatMap((row, post) => row.flatMap((c, pre) => (c === "#ffffff" ? [] : [[post, pre]])));
    expect(coloured).toEqual([[0, 2]]);
    const blocks = [
      { name: "observed", from: 0, to: 2 },
      { name: "left <", from: 2, to: 3 },
      { name: "right", from: 3, to: 4 },
    ];
    const svg = connectivityFigure({ units: 2, whole: { weights, units: 4, order, blocks } });
    checkXml(svg);
    expect(texts(svg)).toContain("left &lt;");
  });

  test("profiles run over offsets from -n/2, those of the shift relative to their largest value", () => {
    const shifted = Float32Array.of(0, 1, 0, 0, 0, 0);
    const svg = connectivityFigure({ units, weightProfile: { learned: shifted }, shiftProfile: { truth: shifted, learned: shifted.map((w) => 9 * w) } }); // biome-ignore format: one line
    // Offsets -2 … 3: the weight at offset +1 is the fourth point.
    const [weights = [], shift = []] = strokes(svg, orange);
    const peak = (points: [number, number][]): number =>
      points.findIndex(([, y]) => y === Math.min(...points.map((p) => p[1])));
    expect(weights).toHaveLength(6);
    expect([peak(weights), peak(shift)]).toEqual([3, 3]);
    expect(
      strokes(svg, ink.text)
        .at(-1)
        ?.map(([, y]) => y),
    ).toEqual(shift.map(([, y]) => y));
  });

  test("200 units are drawn small", () => {
    const whole = { weights: normal(200 * 200, 0.1), units: 200 };
    const svg = connectivityFigure({ units: 100, weights: { truth: band(100), learned: normal(10_000) }, whole });
    checkXml(svg);
    expect(svg.length).toBeLessThan(200_000);
  });

  test("bad input is refused by name", () => {
    const refused = (part: object) => expect(() => connectivityFigure({ ...figure, ...part }));
    expect(() => connectivityFigure({ units })).toThrow(ConfigError);
    refused({ weights: {} }).toThrow(/weights: give truth, learned/);
    refused({ weights: { learned: [1] } }).toThrow(/weights\.learned: expected \[6, 6\]/);
    refused({ shift: { truth: truth.with(8, Number.NaN) } }).toThrow(/shift\.truth\[1, 2\]/);
    refused({ shift: { truth, correlation: Number.NaN } }).toThrow(/shift\.correlation/);
    refused({ whole: { weights: normal(16), units: 4 } }).toThrow(/whole\.units: expected at least the 6 observed/);
    refused({ whole: { weights: normal(99), units: 10 } }).toThrow(ShapeError);
    refused({ whole: { weights: normal(100), units: 10, order: [0] } }).toThrow(/whole\.order: expected \[10\]/);
    refused({ whole: { weights: normal(100), units: 10, order: new Array(10).fill(10) } }).toThrow(/whole\.order\[0\]/);
    refused({ weightProfile: { truth: [1, 2] } }).toThrow(/weightProfile\.truth: expected \[6\]/);
    refused({ wieghts: {} }).toThrow(/did you mean "weights"/);
  });
});

describe("score figure", () => {
  const figure: ScoreFigure = {
    conditions: ["no separation", "separated"],
    scores: [
      { name: "W correlation", values: [[0.2, 0.3, 0.25], [0.9, 0.95, 0.91]], target: 0.9, range: [0, 1] },
      { name: "weighted product", values: [[], [0.9, 0.7, 0.8]] },
      { name: "error <rad>", values: [[0.3, 0.4, 0.5], [0.2, 0.2, 0.1]] },
    ],
  }; // biome-ignore format: tables

  test("has a panel for each score, a dot for each seed and the medians", () => {
    const svg = scoreFigure({ ...figure, title: "five & more" });
    checkXml(svg);
    expect(svg.match(/<circle/g)).toHaveLength(15);
    for (const label of [
      "W correlation",
      "error &lt;rad&gt;",
      "0.25",
      "0.91",
      "0.8",
      "–",
      "0.4",
      "asked for",
      "separated",
    ])
      expect(texts(svg)).toContain(label);
    expect(svg).toContain("no separation 0.25 (3), separated 0.91 (3).");
    const lower = scoreFigure({ ...figure, scores: figure.scores.slice(0, 1) });
    expect(lower).not.toBe(svg);
    expect(lower.match(/<circle/g)).toHaveLength(6);
  });

  test("a dot stands where its value is, and lines join the same seed if paired", () => {
    const score = { name: "s", values: [[0, 1], [1, 0.5]], range: [0, 1] as const }; // biome-ignore format: a table
    const svg = scoreFigure({ conditions: ["a", "b"], scores: [score], paired: true });
    const at = [...svg.matchAll(/<circle cx="([^"]*)" cy="([^"]*)"/g)].map((dot) => [Number(dot[1]), Number(dot[2])]);
    const [first = [], second = [], third = [], fourth = []] = at;
    expect(second[1]).toBe(third[1]);
    expect(fourth[1]).toBeCloseTo(((first[1] ?? 0) + (second[1] ?? 0)) / 2, 1);
    expect(strokes(svg, ink.reference)).toEqual([
      [first, third],
      [second, fourth],
    ]);
    expect(strokes(scoreFigure({ conditions: ["a", "b"], scores: [score] }), ink.reference)).toEqual([]);
    // The axis reaches as far as the values do.
    const below = scoreFigure({ conditions: ["a", "b"], scores: [{ ...score, values: [[-0.4], [1]] }] });
    expect(texts(below)).toContain("−0.4");
  });

  test("names that do not fit under their dots stand in a legend", () => {
    const conditions = ["nsi, no separation at all", "nsi", "small weights", "leak", "ridge regression"];
    const svg = scoreFigure({ conditions, scores: [{ name: "s", values: conditions.map((_, index) => [index]) }] });
    checkXml(svg);
    expect(texts(svg)).toContain("nsi, no separation at all");
    expect(svg).toContain(`height="10" fill="${blue}"`);
  });

  test("bad input is refused by name", () => {
    const score = figure.scores[0] ?? { name: "", values: [] };
    const refused = (part: object) =>
      expect(() => scoreFigure({ ...figure, paired: true, scores: [{ ...score, ...part }] }));
    refused({ values: [[1]] }).toThrow(/scores\[0\]\.values: expected 2 lists/);
    refused({ values: [[], []] }).toThrow(/at least one value/);
    refused({ values: [[1], [1, 2]] }).toThrow(/paired needs as many/);
    refused({ values: [[1], [Number.NaN]] }).toThrow(/scores\[0\]\.values\[1\]\[0\]/);
    refused({ range: [1, 1] }).toThrow(ValueError);
    refused({ target: Number.NaN }).toThrow(/target/);
    expect(() => scoreFigure({ ...figure, conditions: [] })).toThrow(ShapeError);
    expect(() => scoreFigure({ ...figure, scores: [] })).toThrow(/scores: expected 1 … 16/);
  });
});
