import { describe, expect, test } from "vitest";
import { ShapeError, ValueError } from "../../src/errors.ts";
import { staircase } from "../../src/plot/lines.ts";
import { ink } from "../../src/plot/palette.ts";
import { textWidth } from "../../src/plot/text.ts";
import { type TrialFigure, trialFigure } from "../../src/plot/trial.ts";
import { Random } from "../../src/random.ts";
import { checkXml, texts } from "./xml.ts";

function trial(steps: number, inputs: number, units: number, outputs: number): TrialFigure {
  const random = new Random(3, 1);
  const values = (channels: number): Float32Array =>
    Float32Array.from({ length: steps * channels }, () => random.uniform());
  const mask = Float32Array.from({ length: steps * outputs }, (_, index) => (index >= 0.7 * steps * outputs ? 1 : 0));
  return {
    steps,
    dtMs: 20,
    inputs: values(inputs),
    rates: values(units),
    outputs: values(outputs),
    targets: values(outputs),
    mask,
  };
}

describe("trial figure", () => {
  test("names its panels, channels and time; the same each time", () => {
    const figure: TrialFigure = {
      ...trial(23, 2, 10, 2),
      inputNames: ["fixation", "a<b"],
      outputNames: ["left", "right"],
      areas: [{ name: "PFC", from: 0, to: 10 }],
      signs: [1, 1, 1, 1, 1, 1, 1, 1, -1, -1],
      title: "Trial & error",
    };
    const svg = trialFigure(figure);
    checkXml(svg);
    const labels = ["inputs", "units", "outputs", "time (ms)", "fixation", "a&lt;b", "left", "target", "rate", "PFC"];
    for (const label of [...labels, "scored window", "inhibitory (2)"]) expect(texts(svg)).toContain(label);
    expect(trialFigure(figure)).toBe(svg);
  });

  test.each([
    [1, 1, 1, 1],
    [23, 12, 64, 8],
    [50, 40, 8, 33],
    [2000, 3, 300, 2],
  ])("%i steps, %i inputs, %i units, %i outputs", (steps, inputs, units, outputs) => {
    const svg = trialFigure(trial(steps, inputs, units, outputs));
    checkXml(svg);
    expect(svg.length).toBeLessThan(400_000);
  });

  test.each([120, 480, 900, 2400, 3600, 9000, 24_000, 160_000])("numbers of %i ms stand clear of each other", (ms) => {
    const svg = trialFigure({ ...trial(40, 1, 4, 1), dtMs: ms / 40 });
    const numbers = [
      ...svg.matchAll(/<text x="([\d.]+)" y="([\d.]+)"[^>]*text-anchor="middle"[^>]*>([\d,]+)<\/text>/g),
    ];
    expect(numbers.length).toBeGreaterThan(3);
    for (const [index, number] of numbers.entries()) {
      const before = numbers[index - 1];
      if (before === undefined) continue;
      const halves = (textWidth(before[3] ?? "") + textWidth(number[3] ?? "")) / 2;
      expect(Number(number[1]) - Number(before[1])).toBeGreaterThan(halves + 6);
    }
  });

  test.each([2, 8])("each of %i targets is faint where it does not count", (outputs) => {
    const figure = trial(6, 1, 4, outputs);
    const targets = new Float32Array(6 * outputs).fill(0.5);
    const pieces = (mask: Float32Array): number[] => {
      const paths = trialFigure({ ...figure, targets, mask }).match(/<path [^>]*stroke-dasharray[^>]*>/g) ?? [];
      return [false, true].map((faint) => paths.filter((path) => path.includes("opacity") === faint).length);
    };
    const counted = new Float32Array(6 * outputs).fill(1);
    expect(pieces(counted)).toEqual([outputs, 0]);
    // The first output does not count in steps 2 and 3.
    const settling = counted.map((_, index) => (index === 2 * outputs || index === 3 * outputs ? 0 : 1));
    expect(pieces(settling)).toEqual([outputs + 1, 1]);
  });

  test("scored windows of heat maps are marked and named", () => {
    const figure = trial(20, 20, 30, 20);
    const strips = (svg: string): number => svg.split(`height="5" fill="${ink.window}"`).length - 1;
    const svg = trialFigure(figure);
    // Above inputs, units, outputs and targets.
    expect(strips(svg)).toBe(4);
    expect(texts(svg).filter((label) => label === "scored window")).toHaveLength(1);
    const { targets: _, ...bare } = figure;
    expect(strips(trialFigure(bare))).toBe(3);
    expect(texts(trialFigure(bare))).toContain("scored window");
    expect(strips(trialFigure({ ...figure, mask: undefined }))).toBe(0);
  });

  test("targets and mask may be absent; a mask that is 1 everywhere is not shaded", () => {
    const { targets: _, mask, ...bare } = trial(10, 1, 4, 1);
    expect(texts(trialFigure(bare))).not.toContain("target");
    expect(texts(trialFigure({ ...bare, mask: mask?.map(() => 1) }))).not.toContain("scored window");
  });

  test("negative rates, constant outputs and silent units can be drawn", () => {
    const figure = trial(10, 1, 4, 1);
    checkXml(trialFigure({ ...figure, rates: figure.rates.map((rate) => rate - 0.5) }));
    const silent = { rates: figure.rates.map(() => 0), outputs: figure.outputs.map(() => 0) };
    checkXml(trialFigure({ ...figure, ...silent, targets: undefined }));
  });

  test("bad input is refused by name", () => {
    const figure = trial(10, 2, 4, 3);
    expect(() => trialFigure({ ...figure, inputs: new Float32Array(11) })).toThrow(ShapeError);
    expect(() => trialFigure({ ...figure, rates: new Float32Array(0) })).toThrow(/rates/);
    expect(() => trialFigure({ ...figure, targets: new Float32Array(10) })).toThrow(/targets: expected \[10, 3\]/);
    expect(() => trialFigure({ ...figure, inputNames: ["one"] })).toThrow(/inputs/);
    expect(() => trialFigure({ ...figure, dtMs: 0 })).toThrow(ValueError);
    expect(() => trialFigure({ ...figure, steps: 2.5 })).toThrow(/steps/);
    expect(() => trialFigure({ ...figure, rates: figure.rates.with(6, Number.NaN) })).toThrow(/rates\[1, 2\]/);
  });

  test("a staircase holds each value for its whole step", () => {
    expect(staircase([1, 1, 0], 10)).toEqual([
      [0, 1],
      [20, 1],
      [20, 0],
      [30, 0],
    ]);
  });
});
