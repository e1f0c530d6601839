import { describe, expect, test } from "vitest";
import { ShapeError, ValueError } from "../../src/errors.ts";
import { ensembleCurves } from "../../src/plot/ensemble.ts";
import { checkXml, texts } from "./xml.ts";

const step = [1, 2, 3, 4];
const groups = [
  { label: "lr 0.1", losses: [[4, 3, 2, 1], [5, 4, 3, 2], [6, 5, Number.NaN, Number.NaN]] }, // biome-ignore format: members
  { label: "lr <0.2>", losses: [[1, 1, 1, 1]] }, // biome-ignore format: members
];

describe("a figure of networks trained together", () => {
  test("has a mean for each group, and a band where it has several members", () => {
    const svg = ensembleCurves({ step, groups, title: "A & B" });
    checkXml(svg);
    for (const label of ["lr 0.1", "lr &lt;0.2&gt;", "training step", "A &amp; B"]) expect(texts(svg)).toContain(label);
    expect(svg.match(/<path/g)).toHaveLength(3);
    expect(ensembleCurves({ step, groups, title: "A & B" })).toBe(svg);
  });

  test("draws the mean and the quartiles of the members that are finite", () => {
    const svg = ensembleCurves({ step: [1], groups: [{ label: "", losses: [[1], [2], [3], [Number.NaN]] }] });
    checkXml(svg);
    // One step: the mean, 2, is a dot at the height of the middle between the quartiles 1.5 and 2.5.
    const height = Number(/cy="([\d.]+)"/.exec(svg)?.[1]);
    const ends = [...(/<path d="([^"]+)"/.exec(svg)?.[1]?.matchAll(/,([\d.]+)/g) ?? [])].map(([, y]) => Number(y));
    expect(Math.max(...ends)).toBeGreaterThan(Math.min(...ends));
    expect(height).toBeCloseTo((Math.max(...ends) + Math.min(...ends)) / 2, 1);
  });

  test("is small for many steps", () => {
    const many = Array.from({ length: 20_000 }, (_, index) => index + 1);
    const losses = Array.from({ length: 5 }, (_, member) => many.map((at) => 1 / at + member * 0.01));
    const svg = ensembleCurves({ step: many, groups: [{ label: "all", losses }] });
    expect(svg.length).toBeLessThan(60_000);
  });

  test("refuses what does not fit, by name", () => {
    expect(() => ensembleCurves({ step: [], groups })).toThrow(ShapeError);
    expect(() => ensembleCurves({ step, groups: [] })).toThrow("groups: expected 1 … 8");
    expect(() => ensembleCurves({ step, groups: [{ label: "a", losses: [] }] })).toThrow("a: expected at least one");
    expect(() => ensembleCurves({ step, groups: [{ label: "a", losses: [[1]] }] })).toThrow("a: losses[0]: expected 4");
    const nothing = [{ label: "a", losses: [step.map(() => Number.NaN)] }];
    expect(() => ensembleCurves({ step, groups: nothing })).toThrow(ValueError);
  });
});
