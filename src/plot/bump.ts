import { fullTurn, signedAngle, unwrapAngles } from "../analysis/angles.ts";
import { checkKeys } from "../structure/options.ts";
import { bottomAxis, type LegendEntry, leftAxis, legendRow, sideLabel } from "./axes.ts";
import { checkCount, checkFinite, checkNumberOf, checkPositive, checkShape } from "./check.ts";
import { angleTicks, wrappedCurve } from "./circular.ts";
import { type ColourScale, colourBar, heatMap } from "./heatmap.ts";
import { shortNumber } from "./histogram.ts";
import { midpoints } from "./lines.ts";
import { checkUnitNumbers } from "./order.ts";
import { categoricalColour, ink, sequentialAnchors } from "./palette.ts";
import { horizontalAxis, titleLine, verticalAxis } from "./panel.ts";
import { decimate } from "./reduce.ts";
import { type Box, type Markup, svgDocument } from "./svg.ts";
import { shorten, text } from "./text.ts";
import { rowsOverTime, signalScale } from "./trial-heat.ts";

/** The activity of a ring over time, as it was or as a network makes it alone. */
export interface BumpPanel {
  /** Such as "truth" or "free run". */
  readonly name: string;
  /** [T, N] rates. */
  readonly activity: ArrayLike<number>;
  /** [T] true heading in radians, wrapped or not, where unit `order[k]` stands for 2πk/N. */
  readonly heading?: ArrayLike<number> | undefined;
  /** [T] heading decoded from the activity, in the same radians. */
  readonly phase?: ArrayLike<number> | undefined;
}

/** A bump that moves round a ring of N units: panels below each other with one time axis. */
export interface BumpFigure {
  readonly panels: readonly BumpPanel[];
  /** Number of units N. */
  readonly units: number;
  /** Milliseconds per step. */
  readonly dtMs: number;
  /** [N] the units in their order round the ring, all of them once; default by number. */
  readonly order?: ArrayLike<number> | undefined;
  readonly title?: string | undefined;
}

const width = 700;
const left = 62;
const right = width - 92;
const height = 150;
const gap = 30;
const mostPanels = 6;
const curveLimit = 1200;
/** Wide enough to be seen on both sides of the phase where the two agree. */
const headingStyle = { colour: ink.text, width: 4 };
const phaseStyle = { colour: categoricalColour(4), width: 1.5 };

/** Steps of a panel, all its arrays checked. */
function stepsOf(panel: BumpPanel, index: number, units: number): number {
  checkKeys(`panels[${index}]`, panel, ["name", "activity", "heading", "phase"]);
  const { activity } = panel;
  const name = `panels[${index}].activity`;
  const steps = Math.max(1, Math.round((activity?.length ?? 0) / units));
  checkShape(name, activity ?? [], [steps, units], "time, unit");
  checkFinite(name, activity, units);
  for (const key of ["heading", "phase"] as const) {
    const angles = panel[key];
    if (angles === undefined) continue;
    checkShape(`panels[${index}].${key}`, angles, [steps], "time");
    checkFinite(`panels[${index}].${key}`, angles);
  }
  return steps;
}

/** Root mean square of phase minus heading, the shorter way round, in radians. */
function rmsError(panel: BumpPanel): number | undefined {
  const { heading, phase } = panel;
  if (heading === undefined || phase === undefined) return undefined;
  const squares = Array.from(heading, (angle, step) => signedAngle((phase[step] ?? 0) - angle) ** 2);
  return Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length);
}

/** One colour scale for all panels; its darkest colours are left out, so that lines can be seen on a bump. */
function sharedScale(panels: readonly BumpPanel[]): ColourScale {
  const all = new Float32Array(panels.reduce((sum, { activity }) => sum + activity.length, 0));
  let start = 0;
  for (const { activity } of panels) {
    all.set(activity, start);
    start += activity.length;
  }
  const scale = signalScale(all);
  return scale.low < 0 ? scale : { ...scale, anchors: sequentialAnchors.slice(0, 6) };
}

/**
 * Activity of a ring over time as heat maps with one colour scale and one time axis (seconds), an SVG document 700 px wide:
 * units in ring order from the bottom upward, unit `order[k]` at 2πk/N; the true heading as a wide dark line and the
 * decoded phase as a thin orange one, cut where they pass the edge. More than 480 units or steps are averaged in blocks.
 * @throws ConfigError for an option that is not known; ShapeError for an array that is not [T, N], [T] or [N], or more than
 * 6 panels; ValueError for a value that is not finite, a unit named twice in `order`, or a `dtMs` that is not positive.
 */
export function bumpFigure(figure: BumpFigure): string {
  checkKeys("bumpFigure", figure, ["panels", "units", "dtMs", "order", "title"]);
  const { panels, units, dtMs, title } = figure;
  checkCount("units", units);
  checkPositive("dtMs", dtMs, "milliseconds");
  checkNumberOf("panels", panels, mostPanels);
  const lengths = panels.map((panel, index) => stepsOf(panel, index, units));
  const order = figure.order ?? Uint32Array.from({ length: units }, (_, unit) => unit);
  checkShape("order", order, [units], "units");
  checkUnitNumbers("order", order, units);

  const scale = sharedScale(panels);
  const seconds = (Math.max(...lengths) * dtMs) / 1000;
  const low = -Math.PI / units;
  const upward = Array.from({ length: units }, (_, row) => order[units - 1 - row] ?? 0);
  const start = (title ? 34 : 8) + 34;
  const frame: Box = { left, top: start, width: right - left, height };
  const x = horizontalAxis(frame, [0, seconds]);
  const entries: LegendEntry[] = [];
  if (panels.some(({ heading }) => heading !== undefined))
    entries.push({ label: "true heading", sample: "line", ...headingStyle });
  if (panels.some(({ phase }) => phase !== undefined))
    entries.push({ label: "decoded phase", sample: "line", ...phaseStyle });
  const parts: Markup[] = [...titleLine(title, left, width), legendRow(entries, right, start - 26)];
  const lines: string[] = [];
  for (const [index, panel] of panels.entries()) {
    const steps = lengths[index] ?? 1;
    const top = start + index * (height + gap);
    const bottom = top + height;
    const end = x.scale((steps * dtMs) / 1000);
    const box: Box = { left, top, width: end - left, height };
    const y = verticalAxis({ ...frame, top }, [low, low + fullTurn]);
    const rms = rmsError(panel);
    parts.push(text(shorten(panel.name, 300), { x: left, y: top - 8, bold: true }));
    if (rms !== undefined)
      parts.push(text(`rms error ${shortNumber(rms)} rad`, { x: right, y: top - 8, anchor: "end" }));
    parts.push(sideLabel("ring angle (rad)", 16, top, bottom));
    parts.push(heatMap(rowsOverTime(panel.activity, steps, upward), units, steps, box, scale));
    for (const [angles, style] of [
      [panel.heading, headingStyle],
      [panel.phase, phaseStyle],
    ] as const) {
      if (angles === undefined) continue;
      const points = decimate(midpoints([...unwrapAngles(angles)], dtMs / 1000), curveLimit);
      parts.push(wrappedCurve(points, low, x.scale, y.scale, style));
    }
    const ticks = angleTicks([low, low + fullTurn], true);
    parts.push(leftAxis({ scale: y.scale, ticks, left, right, top, bottom, grid: false }));
    const label = index === panels.length - 1 ? "time (s)" : undefined;
    parts.push(bottomAxis({ ...x, left, right, y: bottom, label }));
    lines.push(`${panel.name}: ${steps} steps${rms === undefined ? "" : `, rms error ${shortNumber(rms)} rad`}.`);
  }
  const bottom = start + panels.length * (height + gap) - gap;
  parts.push(colourBar(scale, { left: right + 20, top: start + 8, width: 12, height: height - 16 }, "rate"));
  const description = `Activity of a ring of ${units} units over ${shortNumber(seconds)} s. ${lines.join(" ")}`;
  return svgDocument({ width, height: bottom + 46, title: title ?? "Activity of a ring", description }, parts);
}
