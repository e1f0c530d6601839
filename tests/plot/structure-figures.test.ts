import { describe, expect, test } from "vitest";
import { ShapeError, ValueError } from "../../src/errors.ts";
import { createModel } from "../../src/network/create.ts";
import { eigenvalues } from "../../src/network/eigenvalues.ts";
import { degreeHistogram } from "../../src/plot/degrees.ts";
import { maskFigure } from "../../src/plot/masks.ts";
import { weightMatrix } from "../../src/plot/matrix.ts";
import { eigenvalueSpectrum } from "../../src/plot/spectrum.ts";
import { weightHistogram } from "../../src/plot/weight-histogram.ts";
import { fromMasks } from "../../src/structure/from-masks.ts";
import { multiAreaEI } from "../../src/structure/multi-area-ei.ts";
import { stack } from "../../src/structure/stack.ts";
import { dense } from "../../src/structure/structure.ts";
import { imageRows } from "./pixels.ts";
import { checkXml, texts } from "./xml.ts";

function circles(svg: string): { x: number; y: number; r: number }[] {
  return [...svg.matchAll(/<circle cx="([^"]*)" cy="([^"]*)" r="([^"]*)"/g)].map((match) => ({
    x: Number(match[1]),
    y: Number(match[2]),
    r: Number(match[3]),
  }));
}

describe("eigenvalue spectrum", () => {
  test("has a dot for each value where it belongs, with equal units on both axes", () => {
    for (const [re, im] of [
      [
        [0.5, -0.25, -0.25],
        [0, 0.7, -0.7],
      ],
      [[9, 0, 0], [0, 0.5, -0.5]], // biome-ignore format: pairs
      [
        [0, 0, 0],
        [0, 7, -7],
      ],
    ] as const) {
      const svg = eigenvalueSpectrum({ re, im });
      checkXml(svg);
      const [unit, ...dots] = circles(svg);
      if (!unit) throw new Error("no unit circle");
      expect(dots).toHaveLength(3);
      dots.forEach((dot, index) => {
        expect((dot.x - unit.x) / unit.r).toBeCloseTo(re[index] ?? 0, 1);
        expect((unit.y - dot.y) / unit.r).toBeCloseTo(im[index] ?? 0, 1);
        expect(dot.x).toBeGreaterThan(62);
        expect(dot.x).toBeLessThan(540);
      });
      expect(texts(svg)).toContain("unit circle");
    }
  });

  test("of a model: title escaped, the same each time, small", () => {
    const structure = multiAreaEI({ inputs: 1, hidden: 100, outputs: 1 });
    const figure = { ...eigenvalues(createModel({ structure }).parameters.weightHH, 100), title: "a <b> & c" };
    const svg = eigenvalueSpectrum(figure);
    checkXml(svg);
    for (const label of ["100 eigenvalues", "largest |λ| 1.1", "real part", "imaginary part", "a &lt;b&gt; &amp; c"])
      expect(texts(svg)).toContain(label);
    expect(eigenvalueSpectrum(figure)).toBe(svg);
    expect(svg.length).toBeLessThan(20_000);
  });

  test("one value, and all 0, can be drawn", () => {
    checkXml(eigenvalueSpectrum({ re: [0], im: [0] }));
    checkXml(eigenvalueSpectrum({ re: new Float64Array(50), im: new Float64Array(50) }));
  });

  test("bad input is refused by name", () => {
    expect(() => eigenvalueSpectrum({ re: [], im: [] })).toThrow(ShapeError);
    expect(() => eigenvalueSpectrum({ re: [1, 2], im: [0] })).toThrow(/im: expected \[2\]/);
    expect(() => eigenvalueSpectrum({ re: [1, 2], im: [0, Number.POSITIVE_INFINITY] })).toThrow(/im\[1\]/);
  });
});

/** Colours of the n-th image, row by row; equal neighbours in a row count once. */
function pixels(svg: string, index: number): string[] {
  return imageRows(svg, index).flatMap((row) => row.filter((colour, at) => colour !== row[at - 1]));
}

describe("mask figure", () => {
  test("draws input, recurrent and readout masks in the order of areas and signs", () => {
    // Unit 0 is inhibitory and drawn last: rows and columns are turned round.
    const structure = fromMasks({
      inputs: 1,
      hidden: 2,
      outputs: 1,
      maskIH: Float32Array.of(1, 0),
      maskHH: Float32Array.of(0, 1, 1, 0),
      signHH: Float32Array.of(-1, 1, -1, 1),
    });
    const unitSigns = Float32Array.of(-1, 1);
    const svg = maskFigure({ structure: { ...structure, unitSigns } });
    checkXml(svg);
    const [white, red, blue, grey] = ["#ffffff", "#c2242f", "#2166ac", "#9a9a9a"];
    expect(pixels(svg, 0)).toEqual([white, grey]);
    expect(pixels(svg, 1)).toEqual([white, blue, red, white]);
    expect(pixels(svg, 2)).toEqual([grey]);
    expect(texts(svg)).toContain("recurrent 0.5");
  });

  test("names areas, signs, sizes and densities; the same each time", () => {
    const areas = [
      { name: "PPC <1>", size: 30 },
      { name: "PFC", size: 20 },
    ];
    const structure = multiAreaEI({ inputs: 4, hidden: 50, outputs: 3, areas, seed: 3, excitatoryInputs: true });
    const svg = maskFigure({ structure, title: "E & I" });
    checkXml(svg);
    const labels = [
      "PPC &lt;1&gt;",
      "PFC",
      "excitatory",
      "inhibitory",
      "inputs (4)",
      "outputs (3)",
      "input 0.6",
      "E &amp; I",
    ];
    for (const label of [...labels, "postsynaptic unit", "presynaptic unit"]) expect(texts(svg)).toContain(label);
    expect(texts(svg)).not.toContain("free sign");
    expect(maskFigure({ structure, title: "E & I" })).toBe(svg);
  });

  test.each([
    [1, 1, 1],
    [30, 20, 12],
    [3, 1000, 2],
  ])("%i inputs, %i units, %i outputs", (inputs, hidden, outputs) => {
    const svg = maskFigure({ structure: dense({ inputs, hidden, outputs }) });
    checkXml(svg);
    expect(texts(svg)).toContain("free sign");
    expect(svg.length).toBeLessThan(100_000);
  });

  test("bounds what acts within the time step, where there are layers", () => {
    const layers = [
      { name: "V1", size: 6, excitatory: 0.5 },
      { name: "V2", size: 2 },
      { name: "IT", size: 4 },
    ];
    const structure = stack({ inputs: 1, outputs: 1, layers });
    const thick = (svg: string) => [...svg.matchAll(/<line [^>]*stroke-width="2.5"[^>]*>/g)].map(([line]) => line);
    const coordinates = (line = "") =>
      ["x1", "y1", "x2", "y2"].map((name) => Number(new RegExp(` ${name}="([^"]*)"`).exec(line)?.[1]));
    const svg = maskFigure({ structure });
    checkXml(svg);
    for (const label of ["V1", "IT", "3 layers:", "time step"]) expect(texts(svg)).toContain(label);
    expect(svg).toContain("Layers in the order of their update: V1 [0, 6), V2 [6, 8), IT [8, 12).");
    // Two steps, each a line across and a line down; they lie at 1/2 and 2/3 of the panel, and end at its lower edge.
    const lines = thick(svg).map(coordinates);
    expect(lines).toHaveLength(4);
    const [across, down, second, last] = lines as [number[], number[], number[], number[]];
    const [left = 0, top6 = 0, x6 = 0] = across;
    const size = 2 * (x6 - left);
    expect([across[1], down[0], down[1]]).toEqual([across[3], x6, top6]);
    expect((second[2] ?? 0) - left).toBeCloseTo((size * 2) / 3, 1);
    expect((second[1] ?? 0) - top6).toBeCloseTo(size / 6, 1);
    expect((last[3] ?? 0) - top6).toBeCloseTo(size / 2, 1);
    // Layers without areas have their names; areas that mix the units of layers leave the line out.
    const bare = maskFigure({ structure: { ...structure, areas: [] } });
    expect(texts(bare)).toContain("V2");
    expect(thick(bare)).toHaveLength(4);
    const mixed = [{ name: "late", from: 8, to: 12 }];
    const withoutLine = maskFigure({ structure: { ...structure, areas: mixed } });
    checkXml(withoutLine);
    expect(thick(withoutLine)).toHaveLength(0);
    expect(thick(maskFigure({ structure: dense({ inputs: 1, hidden: 3, outputs: 1 }) }))).toHaveLength(0);
    expect(() => maskFigure({ structure: { ...structure, layers: structure.layers?.slice(1) ?? [] } })).toThrow(
      /"V2" starts/,
    );
  });

  test("a structure without any synapse, and many small areas, can be drawn", () => {
    const none = { inputs: 2, hidden: 3, outputs: 1 };
    const masks = { weightIH: new Float32Array(6), weightHH: new Float32Array(9), weightHO: new Float32Array(3) };
    checkXml(maskFigure({ structure: { ...none, areas: [], masks, signs: {} } }));
    const areas = Array.from({ length: 40 }, (_, index) => ({ name: `area ${index}`, from: index, to: index + 1 }));
    checkXml(maskFigure({ structure: { inputs: 2, hidden: 40, outputs: 2, areas, masks: {}, signs: {} } }));
  });

  test("bad input is refused by name", () => {
    const base = { ...dense({ inputs: 2, hidden: 3, outputs: 1 }) };
    const masks = { weightHH: new Float32Array(8) };
    expect(() => maskFigure({ structure: { ...base, masks } })).toThrow(/maskHH: expected \[3, 3\]/);
    expect(() => maskFigure({ structure: { ...base, signs: masks } })).toThrow(ShapeError);
    expect(() => maskFigure({ structure: { ...base, inputs: 0 } })).toThrow(ValueError);
    expect(() => maskFigure({ structure: { ...base, areas: [{ name: "x", from: 2, to: 5 }] } })).toThrow(/"x"/);
  });
});

test("no figure of a structure passes over a misspelt option", () => {
  const square = new Float32Array(9).fill(1);
  const untyped =
    (draw: (figure: never) => string, figure: object): (() => string) =>
    () =>
      draw(figure as never);
  const structure = dense({ inputs: 2, hidden: 3, outputs: 1 });
  expect(untyped(maskFigure, { structure, tilte: "x" })).toThrow('maskFigure: unknown option "tilte"');
  expect(untyped(maskFigure, {})).toThrow("maskFigure: structure is missing");
  expect(untyped(weightMatrix, { weights: square, units: 3, unitSigns: [1, 1, 1] })).toThrow('"unitSigns"');
  expect(untyped(weightHistogram, { weights: square, masks: square })).toThrow('did you mean "mask"');
  expect(untyped(degreeHistogram, { mask: square, units: 3, area: [] })).toThrow('did you mean "areas"');
  expect(untyped(eigenvalueSpectrum, { matrix: square })).toThrow('unknown option "matrix"');
});
