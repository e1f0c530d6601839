import { expect, test } from "vitest";
import { ShapeError, ValueError } from "../../src/errors.ts";
import { type ScalingFigure, scalingFigure } from "../../src/plot/scaling.ts";
import { checkXml, texts } from "./xml.ts";

const curves: ScalingFigure["curves"] = [
  {
    label: "N = 512",
    points: [
      [0.01, 3],
      [1, 300],
    ],
    group: 0,
  },
  {
    label: "N = 512, dense",
    points: [
      [0.01, 120],
      [1, 120],
    ],
    group: 0,
    dashed: true,
  },
];
const figure = { curves, xLabel: "density", yLabel: "step (ms)" };

test("curves over logarithmic axes are well-formed, named, and the same each time", () => {
  const svg = scalingFigure({ ...figure, title: "a < b" });
  checkXml(svg);
  for (const label of ["density", "step (ms)", "N = 512", "N = 512, dense", "0.01", "a &lt; b"])
    expect(texts(svg)).toContain(label);
  expect(scalingFigure({ ...figure, title: "a < b" })).toBe(svg);
});

test("a power law is a straight line", () => {
  const points = [0.01, 0.1, 1].map((x) => [x, 7 * x ** 2] as const);
  const svg = scalingFigure({ ...figure, curves: [{ label: "square", points }] });
  const dots = [...svg.matchAll(/cx="([\d.]+)" cy="([\d.]+)"/g)].map(([, x, y]) => [Number(x), Number(y)]);
  const [a = [], b = [], c = []] = dots;
  expect(dots).toHaveLength(3);
  for (const axis of [0, 1]) expect((a[axis] ?? 0) + (c[axis] ?? 0)).toBeCloseTo(2 * (b[axis] ?? 0), 1);
});

test("one point can be drawn", () => {
  checkXml(scalingFigure({ ...figure, curves: [{ label: "one", points: [[2, 5]] }] }));
});

test("bad input is refused by name", () => {
  const drawn = (changed: Partial<typeof figure>) => () => scalingFigure({ ...figure, ...changed });
  expect(drawn({ curves: [] })).toThrow(ShapeError);
  expect(drawn({ curves: [{ label: "none", points: [], group: 0 }] })).toThrow(
    "curve none: expected at least one point",
  );
  const zero = drawn({ curves: [{ label: "zero", points: [[1, 0]], group: 0 }] });
  expect(zero).toThrow(ValueError);
  expect(zero).toThrow("curve zero, point 0: expected finite numbers above 0 for logarithmic axes, got 1, 0.");
});
