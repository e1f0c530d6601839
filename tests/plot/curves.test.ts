import { describe, expect, test } from "vitest";
import { ShapeError, ValueError } from "../../src/errors.ts";
import { linearTicks, logTicks } from "../../src/plot/axes.ts";
import { trainingCurves } from "../../src/plot/curves.ts";
import { averageBlocks, decimate, type Point, smooth } from "../../src/plot/reduce.ts";
import { Random } from "../../src/random.ts";
import { checkXml, texts } from "./xml.ts";

function run(steps: number) {
  const random = new Random(1, 1);
  const step = Array.from({ length: steps }, (_, index) => index + 1);
  const loss = step.map((now) => Math.exp((-5 * now) / steps) * Math.exp(random.normal(0, 0.3)));
  const accuracy = step.map(() => random.uniform());
  const validationAccuracy = step.map((now) => (now % 25 === 0 ? now / steps : undefined));
  return { step, loss, accuracy, validationAccuracy, chance: 0.5 };
}

describe("training curves", () => {
  test("a run gives well-formed XML with both panels, the same each time", () => {
    const svg = trainingCurves({ ...run(400), title: "seed <1> & co" });
    expect(checkXml(svg)).toBeGreaterThan(30);
    for (const label of ["loss (log scale)", "accuracy", "training step", "95 %", "chance", "validation"]) {
      expect(texts(svg)).toContain(label);
    }
    expect(trainingCurves({ ...run(400), title: "seed <1> & co" })).toBe(svg);
  });

  test("long runs stay below 200 kB", () => {
    const svg = trainingCurves(run(50_000));
    checkXml(svg);
    expect(svg.length).toBeLessThan(200_000);
  });

  test("one report, a constant loss, a zero loss and a negative loss can be drawn", () => {
    checkXml(trainingCurves({ step: [7], loss: [0.5], accuracy: [1] }));
    checkXml(trainingCurves({ step: [0, 1, 2], loss: [2, 2, 2] }));
    checkXml(trainingCurves({ step: [0, 1], loss: [0, 0] }));
    const negative = trainingCurves({ step: [0, 1], loss: [-100, 3] });
    checkXml(negative);
    expect(texts(negative)).toContain("loss");
  });

  test("without accuracy there is no accuracy panel", () => {
    const { step, loss } = run(30);
    const accuracy = step.map(() => undefined);
    expect(texts(trainingCurves({ step, loss, accuracy }))).not.toContain("accuracy");
  });

  test("bad input is refused by name", () => {
    const { step, loss } = run(10);
    expect(() => trainingCurves({ step: [], loss: [] })).toThrow(ShapeError);
    expect(() => trainingCurves({ step, loss: [1] })).toThrow(/loss: expected \[10\]/);
    expect(() => trainingCurves({ step, loss: loss.with(3, Number.NaN) })).toThrow(/loss\[3\]/);
    expect(() => trainingCurves({ step, loss, accuracy: loss.map(() => 95) })).toThrow(ValueError);
    expect(() => trainingCurves({ step, loss, accuracy: loss.map(() => Number.NaN) })).toThrow(/accuracy\[0\]/);
    expect(() => trainingCurves({ step: step.with(4, 2), loss })).toThrow(/step\[4\]/);
    expect(() => trainingCurves({ step, loss, chance: 50 })).toThrow(/chance/);
  });
});

describe("reducing curves", () => {
  const points = Array.from({ length: 10_000 }, (_, index): Point => [index, index === 4321 ? 99 : Math.sin(index)]);

  test("decimation keeps spikes and ends", () => {
    const kept = decimate(points, 1000);
    expect(kept.length).toBeLessThanOrEqual(1000);
    expect(kept).toContainEqual([4321, 99]);
    expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
    expect(decimate(points.slice(0, 5), 1000)).toHaveLength(5);
  });

  test("averages of blocks keep the mean", () => {
    expect(
      averageBlocks(
        [
          [0, 1],
          [1, 3],
          [2, 5],
        ],
        2,
      ),
    ).toEqual([
      [0.5, 2],
      [2, 5],
    ]);
  });

  test("running mean and median leave a constant alone and ignore one spike", () => {
    const flat = points.map((point): Point => [point[0], 2]);
    expect(smooth(flat, 100, "mean").every((point) => point[1] === 2)).toBe(true);
    const spiked = flat.with(500, [500, 1e6]);
    expect(smooth(spiked, 400, "median").every((point) => point[1] === 2)).toBe(true);
  });
});

describe("ticks", () => {
  test("logarithmic", () => {
    expect(logTicks([0.04, 0.6]).map((tick) => tick.label)).toEqual(["0.05", "0.1", "0.2", "0.5"]);
    expect(logTicks([0.001, 10]).map((tick) => tick.label)).toEqual(["0.001", "0.01", "0.1", "1", "10"]);
    expect(logTicks([2e-6, 2e-5]).map((tick) => tick.label)).toEqual(["2×10⁻⁶", "5×10⁻⁶", "10⁻⁵", "2×10⁻⁵"]);
  });

  test("linear", () => {
    expect(linearTicks([0, 1], 5).map((tick) => tick.label)).toEqual(["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
  });
});
