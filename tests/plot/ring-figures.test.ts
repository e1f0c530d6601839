import { describe, expect, test } from "vitest";
import { fullTurn, signedAngle, unwrapAngles } from "../../src/analysis/angles.ts";
import { ConfigError, ShapeError, ValueError } from "../../src/errors.ts";
import { type BumpFigure, bumpFigure } from "../../src/plot/bump.ts";
import { angleTicks, wrapPieces } from "../../src/plot/circular.ts";
import { type GainFigure, gainFigure } from "../../src/plot/gain.ts";
import { categorical, ink } from "../../src/plot/palette.ts";
import { type PhaseFigure, phaseFigure } from "../../src/plot/phase.ts";
import { eigenvalueSpectrum } from "../../src/plot/spectrum.ts";
import { Random } from "../../src/random.ts";
import { darkness, imageCells, strokes } from "./pixels.ts";
import { checkXml, texts } from "./xml.ts";

const [units, steps] = [20, 60];
const [blue, orange, , , yellow] = categorical;

/** A heading that goes round one and a half times. */
const heading = Float32Array.from({ length: steps }, (_, step) => 1 + (3 * Math.PI * step) / steps);
const wrapped = heading.map((angle) => angle % fullTurn);

/** A bump of `units` units at each angle. */
function bump(angles: Float32Array, noise = 0): Float32Array {
  const random = new Random(1, 1);
  return Float32Array.from({ length: angles.length * units }, (_, index) => {
    const distance = (angles[Math.floor(index / units)] ?? 0) - (fullTurn * (index % units)) / units;
    return Math.max(0, Math.cos(distance) - 0.4) + noise * random.uniform();
  });
}

describe("angles", () => {
  test("are wrapped into a turn and unwrapped by the shorter way", () => {
    expect(signedAngle(7)).toBeCloseTo(7 - fullTurn, 12);
    expect(signedAngle(-Math.PI)).toBe(-Math.PI);
    const unwrapped = unwrapAngles(wrapped);
    unwrapped.forEach((angle, step) => {
      expect(angle).toBeCloseTo(heading[step] ?? 0, 4);
    });
    const backward = unwrapAngles([0.1, fullTurn - 0.1, fullTurn - 0.3]);
    expect(backward[2]).toBeCloseTo(-0.3, 12);
  });

  test("a curve is cut at the edge, where it ends and begins again at the same moment", () => {
    const pieces = wrapPieces([[0, 6], [1, 7]], 0); // biome-ignore format: points
    const crossing = fullTurn - 6;
    expect(pieces).toHaveLength(2);
    expect(pieces[0]?.[1]?.[0]).toBeCloseTo(crossing, 12);
    expect(pieces[0]?.[1]?.[1]).toBeCloseTo(fullTurn, 12);
    expect(pieces[1]?.[0]).toEqual([pieces[0]?.[1]?.[0], 0]);
    expect(pieces[1]?.[1]?.[1]).toBeCloseTo(7 - fullTurn, 12);
    // Down through two edges between neighbours.
    const down = wrapPieces([[0, 1], [1, -8]], 0); // biome-ignore format: points
    expect(down.map((piece) => piece.length)).toEqual([2, 2, 2]);
    expect(down[2]?.[1]?.[1]).toBeCloseTo(-8 + 2 * fullTurn, 12);
  });

  test("ticks are named in π", () => {
    expect(angleTicks([-Math.PI, fullTurn]).map(({ label }) => label)).toEqual(["−π", "0", "π", "2π"]);
    expect(angleTicks([0, 5], true).map(({ label }) => label)).toEqual(["0", "π/2", "π", "3π/2"]);
  });
});

describe("bump figure", () => {
  const figure: BumpFigure = {
    ...{ units, dtMs: 25, title: "a ring & <its> bump" },
    panels: [
      { name: "truth", activity: bump(heading), heading: wrapped },
      { name: "free run", activity: bump(heading, 0.1), heading: wrapped, phase: heading.map((angle) => angle + 0.25) },
    ],
  };

  test("has a map for each panel, the bump where the heading is, and lines that do not cross the panel", () => {
    const svg = bumpFigure(figure);
    checkXml(svg);
    for (const label of ["truth", "free run", "true heading", "decoded phase", "time (s)", "rms error 0.25 rad"])
      expect(texts(svg)).toContain(label);
    expect(svg).toContain("a ring &amp; &lt;its&gt; bump");
    const cells = imageCells(svg, 0, steps);
    expect(cells).toHaveLength(units);
    for (const step of [0, 17, 40, 59]) {
      const dark = cells.map((row) => darkness(row[step] ?? "#ffffff"));
      const unit = units - 1 - dark.indexOf(Math.max(...dark));
      expect(Math.abs(signedAngle((fullTurn * unit) / units - (heading[step] ?? 0)))).toBeLessThan(fullTurn / units);
    }
    // The true heading passes the upper edge twice: three pieces in each panel; none steps back in time or across.
    const pieces = strokes(svg, ink.text);
    expect(pieces).toHaveLength(2 * 2);
    for (const piece of [...pieces, ...strokes(svg, yellow)])
      for (let at = 1; at < piece.length; at += 1)
        expect(Math.abs((piece[at]?.[1] ?? 0) - (piece[at - 1]?.[1] ?? 0))).toBeLessThan(20);
    expect(bumpFigure(figure)).toBe(svg);
  });

  test("order sets units in their place on the ring; more noise is another picture", () => {
    const order = Array.from({ length: units }, (_, unit) => (units - unit) % units);
    const turned = bumpFigure({ ...figure, order });
    const [panel] = imageCells(bumpFigure(figure), 0, steps);
    expect(imageCells(turned, 0, steps)[units - 2]).toEqual(panel);
    const other = { name: "truth", activity: bump(heading, 0.5) };
    expect(bumpFigure({ ...figure, panels: [other] })).not.toBe(
      bumpFigure({ ...figure, panels: [figure.panels[0] ?? other] }),
    );
  });

  test("one step of one unit, and a long run of many units, can be drawn small", () => {
    checkXml(bumpFigure({ panels: [{ name: "", activity: [0], heading: [1], phase: [1] }], units: 1, dtMs: 1 }));
    const long = Float32Array.from({ length: 3000 }, (_, step) => step / 20);
    const svg = bumpFigure({ units, dtMs: 25, panels: [{ name: "a", activity: bump(long), heading: long }] });
    checkXml(svg);
    expect(svg.length).toBeLessThan(150_000);
  });

  test("bad input is refused by name", () => {
    const panel = figure.panels[0] ?? { name: "", activity: [] };
    const refused = (part: object) => expect(() => bumpFigure({ ...figure, panels: [{ ...panel, ...part }] }));
    refused({ activity: new Float32Array(units * 3 + 1) }).toThrow(/panels\[0\]\.activity: expected \[3, 20\]/);
    refused({ activity: [] }).toThrow(ShapeError);
    refused({ heading: [1] }).toThrow(/panels\[0\]\.heading: expected \[60\]/);
    refused({ phase: wrapped.with(5, Number.NaN) }).toThrow(/panels\[0\]\.phase\[5\]/);
    refused({ activity: bump(heading).with(21, Number.NaN) }).toThrow(/panels\[0\]\.activity\[1, 1\]/);
    refused({ headings: wrapped }).toThrow(/did you mean "heading"/);
    expect(() => bumpFigure({ ...figure, panels: [] })).toThrow(/panels: expected 1 … 6, got 0/);
    expect(() => bumpFigure({ ...figure, dtMs: 0 })).toThrow(/dtMs: expected milliseconds above 0/);
    expect(() => bumpFigure({ ...figure, order: new Array(units).fill(0) })).toThrow(
      /order\[1\]: unit 0 is named twice/,
    );
  });
});

describe("phase figure", () => {
  const figure: PhaseFigure = {
    heading: wrapped,
    phases: [heading.map((angle) => signedAngle(angle + 0.3))],
    dtMs: 25,
  };

  test("prints the root mean square of the error, whatever the windings", () => {
    const svg = phaseFigure({ ...figure, title: "one" });
    checkXml(svg);
    for (const label of ["0.3 rad", "rms error", "time (s)", "error (rad)", "decoded phase"])
      expect(texts(svg)).toContain(label);
    expect(phaseFigure({ ...figure, phases: [heading.map((angle) => angle + 0.25 - 4 * Math.PI)] })).toContain(
      "error: 0.25 rad",
    );
    // An error that grows to a turn and more is not wrapped back.
    const runaway = phaseFigure({
      ...figure,
      phases: [heading.map((angle, step) => angle + (7 * step) / (steps - 1))],
    });
    expect(runaway).toContain("At the end the error is 7 rad");
  });

  test("several networks are thin lines under their median", () => {
    const phases = [0.1, 0.2, 0.6].map((error) => heading.map((angle) => angle + error));
    const svg = phaseFigure({ ...figure, phases });
    checkXml(svg);
    for (const label of ["median 0.2 rad", "from 0.1", "to 0.6 rad", "decoded phase, 3 networks", "median"])
      expect(texts(svg)).toContain(label);
    // Three and their median, in both panels.
    expect(strokes(svg, orange)).toHaveLength(8);
  });

  test("one step can be drawn, a long run is small", () => {
    checkXml(phaseFigure({ heading: [1], phases: [[2]], dtMs: 1 }));
    const long = Float64Array.from({ length: 20_000 }, (_, step) => Math.sin(step));
    expect(phaseFigure({ heading: long, phases: [long, long, long], dtMs: 1 }).length).toBeLessThan(150_000);
  });

  test("bad input is refused by name", () => {
    const refused = (part: Partial<PhaseFigure>) => expect(() => phaseFigure({ ...figure, ...part }));
    refused({ phases: [] }).toThrow(/phases: expected 1 … 64, got 0/);
    refused({ phases: [heading, heading.subarray(1)] }).toThrow(/phases\[1\]: expected \[60\]/);
    refused({ heading: [] }).toThrow(ValueError);
    refused({ heading: wrapped.with(2, Number.NaN) }).toThrow(/heading\[2\]/);
    refused({ dtMs: -1 }).toThrow(/dtMs/);
  });
});

describe("gain curve", () => {
  const input = [0.1, 1, 4, 12];
  const gains = [-1.001, -1.016, -1.023, -1.066];
  const run = { input, bump: input.map((velocity, index) => velocity * (gains[index] ?? 0)) };

  test("draws a dot for each velocity in both panels and names the gains", () => {
    const svg = gainFigure({ runs: [run], linearRange: [0, 4], title: "gain < 1" });
    checkXml(svg);
    expect(svg.match(/<circle/g)).toHaveLength(2 * input.length);
    for (const label of ["measured, gain −1.066 to −1.001", "gain −1", "linear range, 0 to 4 rad/s"])
      expect(texts(svg)).toContain(label);
    expect(texts(svg)).toContain("input velocity (rad/s)");
  });

  test("the gain at velocity 0 is left out, and several networks have their names", () => {
    const still = { name: "ring", input: [-1, 0, 1], bump: [-0.9, 0, 0.9] };
    const svg = gainFigure({ runs: [still, { ...still, name: "double ring" }], slope: 1, velocityUnit: "m/s" });
    checkXml(svg);
    expect(svg.match(/<circle/g)).toHaveLength(2 * (3 + 2));
    for (const label of ["double ring, gain 0.9 to 0.9", "gain 1", "bump velocity (m/s)"])
      expect(texts(svg)).toContain(label);
    expect(strokes(svg, blue)).toHaveLength(2);
    checkXml(gainFigure({ runs: [{ input: [0], bump: [0] }] }));
  });

  test("bad input is refused by name", () => {
    const refused = (part: Partial<GainFigure>) => expect(() => gainFigure({ runs: [run], ...part }));
    refused({ runs: [] }).toThrow(ShapeError);
    refused({ runs: [{ input, bump: [1] }] }).toThrow(/runs\[0\]\.bump: expected \[4\]/);
    refused({ runs: [{ input: [1, 1], bump: [1, 1] }] }).toThrow(/runs\[0\]\.input\[1\]: expected increasing/);
    refused({ runs: [{ input: [], bump: [] }] }).toThrow(/at least one velocity/);
    refused({ runs: [{ input: [1], bump: [Number.NaN] }] }).toThrow(/runs\[0\]\.bump\[0\]/);
    refused({ linearRange: [4, -4] }).toThrow(/linearRange/);
    expect(() => gainFigure({ run: [] } as never)).toThrow(ConfigError);
  });
});

test("the spectrum marks the eigenvalue nearest to a neutral one", () => {
  const figure = { re: [0.2, 1.0003, 0.9, 0.9], im: [0, 0, 0.3, -0.3] };
  const svg = eigenvalueSpectrum({ ...figure, neutral: 1 });
  checkXml(svg);
  expect(texts(svg)).toEqual(expect.arrayContaining(["nearest to 1:", "1.0003"]));
  const dot = [...svg.matchAll(/<circle cx="([^"]*)" cy="([^"]*)" r="4"/g)];
  const line = /<line x1="([^"]*)"[^>]*stroke="#d55e00"/.exec(svg)?.[1];
  expect(dot).toHaveLength(1);
  expect(Number(dot[0]?.[1])).toBeCloseTo(Number(line), 0);
  expect(texts(eigenvalueSpectrum({ ...figure, re: [0.2, 3, 0.9, 0.9], neutral: 1 }))).toContain("0.9000 + 0.3000 i");
  expect(eigenvalueSpectrum(figure)).not.toContain("nearest");
  expect(() => eigenvalueSpectrum({ ...figure, neutral: Number.NaN })).toThrow(/neutral/);
  // Far from every eigenvalue, and from the circle, it is still inside the panel.
  checkXml(eigenvalueSpectrum({ ...figure, neutral: 40 }));
});
