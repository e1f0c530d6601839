import { describe, expect, test } from "vitest";
import { ShapeError, ValueError } from "../../src/errors.ts";
import { type FitFigure, fitFigure } from "../../src/plot/fit.ts";
import { Random } from "../../src/random.ts";
import { checkXml, texts } from "./xml.ts";

const [steps, trials, channels] = [6, 3, 2];
const random = new Random(1, 1);
const normal = (length: number): Float32Array => Float32Array.from({ length }, () => random.normal());
const predicted = normal(steps * trials * channels);
const fit: FitFigure = {
  ...{ steps, dtMs: 50, predicted, measured: predicted.map((y) => y + 0.1) },
  trialNames: ["left", "right <2>", "up"],
  channelNames: ["x (cm/s)", "y (cm/s)"],
};

describe("a figure of what was measured and what a network does", () => {
  test("has a column for each trial, a row for each channel, and a dot for each measurement", () => {
    const svg = fitFigure({ ...fit, title: "Velocity & rates", event: { name: "go cue", steps: [1, 2, 3] } });
    checkXml(svg);
    for (const label of ["left", "right &lt;2&gt;", "up", "x (cm/s)", "y (cm/s)", "measured", "network", "go cue"]) {
      expect(texts(svg), label).toContain(label);
    }
    expect(texts(svg).filter((label) => label === "time (ms)")).toHaveLength(trials);
    expect(svg.match(/<circle/g)).toHaveLength(steps * trials * channels);
    expect(svg).toContain("Velocity &amp; rates");
    expect(fitFigure({ ...fit, title: "Velocity & rates", event: { name: "go cue", steps: [1, 2, 3] } })).toBe(svg);
  });

  test("leaves out what was not measured, even where it is NaN", () => {
    const mask = predicted.map((_, index) => (index < 7 ? 0 : 1));
    const measured = predicted.map((y, index) => (index < 7 ? Number.NaN : y));
    const svg = fitFigure({ ...fit, measured, mask });
    checkXml(svg);
    expect(svg.match(/<circle/g)).toHaveLength(steps * trials * channels - 7);
    const nothing = fitFigure({ ...fit, measured, mask: mask.map(() => 0) });
    checkXml(nothing);
    expect(nothing).not.toContain("<circle");
  });

  test("one step of one constant channel can be drawn", () => {
    const one = new Float32Array(1);
    const small = { ...{ steps: 1, dtMs: 1, predicted: one, measured: one }, trialNames: ["a"], channelNames: ["b"] };
    checkXml(fitFigure(small));
  });

  test("bad input is refused by name", () => {
    const refused = (part: Partial<FitFigure>) => expect(() => fitFigure({ ...fit, ...part }));
    refused({ measured: new Float32Array(35) }).toThrow(/measured: expected \[6, 3, 2\] \(time, trial, channel\)/);
    refused({ predicted: new Float32Array(35) }).toThrow(ShapeError);
    refused({ mask: new Float32Array(5) }).toThrow(/mask: expected/);
    refused({ measured: predicted.with(3, Number.NaN) }).toThrow(/measured\[1, 1\]: expected a finite number/);
    refused({ predicted: predicted.with(3, Number.NaN), mask: new Float32Array(36) }).toThrow(/predicted\[1, 1\]/);
    refused({ trialNames: [] }).toThrow("trialNames: expected 1 … 8 names, got 0");
    refused({ channelNames: Array.from({ length: 17 }, String) }).toThrow(
      "channelNames: expected 1 … 16 names, got 17",
    );
    refused({ event: { name: "go", steps: [1] } }).toThrow(/event.steps: expected \[3\]/);
    refused({ dtMs: 0 }).toThrow(ValueError);
    refused({ steps: 0 }).toThrow(ValueError);
  });
});
