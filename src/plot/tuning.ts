import { fullTurn } from "../analysis/angles.ts";
import { ConfigError, ValueError } from "../errors.ts";
import { checkKeys } from "../structure/options.ts";
import { bottomAxis, leftAxis, linearTicks, sideLabel } from "./axes.ts";
import { checkCount, checkFiniteOrNaN, checkNumberOf, checkRange, checkShape } from "./check.ts";
import { angleTicks } from "./circular.ts";
import { shortNumber } from "./histogram.ts";
import { curve } from "./lines.ts";
import { colourStrip, frame, mapImage, mapScale, peakOf, poolMeasured } from "./map-cells.ts";
import { checkUnitNumbers } from "./order.ts";
import { categoricalColour, ink, mapAnchors } from "./palette.ts";
import { horizontalAxis, titleLine, verticalAxis } from "./panel.ts";
import type { Point } from "./reduce.ts";
import { type Box, group, type Markup, segment, svgDocument } from "./svg.ts";
import { fontSizes, shorten, text, textWidth } from "./text.ts";

/** What units respond to: mean rate by heading, or by heading and velocity. */
export interface TuningCurves {
  /** Number of units N. */
  readonly units: number;
  /** Bins of heading H, equally wide. */
  readonly headings: number;
  /** Bins of velocity V, equally wide; absent: one curve over heading for each unit. */
  readonly velocities?: number | undefined;
  /** [N, V, H] mean rate at each velocity and heading, or [N, H] without `velocities`; NaN where the agent never was. */
  readonly rates: ArrayLike<number>;
  /** From the start of the first heading bin to the end of the last one, in radians; default 0 … 2π. */
  readonly headingRange?: readonly [low: number, high: number] | undefined;
  /** The same for velocity, in rad/s or the unit that `velocityUnit` names. */
  readonly velocityRange?: readonly [low: number, high: number] | undefined;
  /** Default "rad/s". */
  readonly velocityUnit?: string | undefined;
  /** Units that are drawn, in this order; default all, by number. */
  readonly order?: ArrayLike<number> | undefined;
  /** From these places of the order on a new row begins under this name, such as hidden units. */
  readonly sections?: readonly { readonly name: string; readonly from: number }[] | undefined;
  readonly title?: string | undefined;
}

const width = 700;
const left = 62;
const perRow = 10;
const cellWidth = 57;
const columnGap = 6;
const cellHeights = { map: 42, curve: 36 } as const;
const rowGap = 19;
const sectionGap = 20;
const mostDrawn = 400;
/** A map's side has at most so many cells: one for about two pixels. */
const mostCells = 32;

interface Grid {
  readonly order: readonly number[];
  readonly sections: readonly { readonly name: string; readonly from: number }[];
  readonly headingRange: readonly [number, number];
  readonly velocityRange: readonly [number, number];
}

function readTuning(figure: TuningCurves): Grid {
  const { units, headings, velocities, rates, order, sections = [] } = figure;
  checkCount("units", units);
  checkCount("headings", headings);
  if (velocities !== undefined) checkCount("velocities", velocities);
  const cells = (velocities ?? 1) * headings;
  if (velocities === undefined) checkShape("rates", rates, [units, headings], "unit, heading");
  else checkShape("rates", rates, [units, velocities, headings], "unit, velocity, heading");
  checkFiniteOrNaN("rates", rates, cells);
  const { headingRange = [0, fullTurn], velocityRange } = figure;
  checkRange("headingRange", headingRange);
  if (velocities !== undefined && velocityRange === undefined)
    throw new ConfigError("tuningCurves: velocities need velocityRange, the ends of their bins.");
  if (velocityRange !== undefined) checkRange("velocityRange", velocityRange);
  const drawn = Array.from(order ?? { length: units }, (unit, place) => (order === undefined ? place : Number(unit)));
  checkNumberOf("order", drawn, mostDrawn);
  checkUnitNumbers("order", drawn, units);
  sections.forEach(({ name, from }, index) => {
    const before = sections[index - 1]?.from ?? -1;
    if (Number.isInteger(from) && from > before && from < drawn.length) return;
    throw new ValueError(
      `sections: "${name}" starts at ${from}; expected a place of the order above ${before}, below ${drawn.length}.`,
    );
  });
  return { order: drawn, sections, headingRange, velocityRange: velocityRange ?? [0, 1] };
}

/** Rates over heading bins; a gap where the agent never was. */
function rateCurve(values: ArrayLike<number>, box: Box): Markup {
  const { low, high } = mapScale(values);
  const x = horizontalAxis(box, [0, values.length]).scale;
  const y = verticalAxis(box, [low, high]).scale;
  const pieces: Point[][] = [[]];
  for (let bin = 0; bin < values.length; bin += 1) {
    const value = values[bin] ?? Number.NaN;
    if (Number.isNaN(value)) pieces.push([]);
    else pieces[pieces.length - 1]?.push([bin + 0.5, value]);
  }
  return group({}, [
    segment(box.left, y(0), box.left + box.width, y(0), { stroke: ink.grid }),
    ...pieces
      .filter((piece) => piece.length > 0)
      .map((piece) => curve(piece, x, y, { colour: categoricalColour(0), width: 1.4 })),
  ]);
}

/** Number and highest rate above a cell, as far as there is room. */
function cellName(unit: number, peak: number | undefined, box: Box): Markup[] {
  const rate = peak === undefined ? "–" : `${Number(peak.toPrecision(2))}`;
  const y = box.top - 4;
  const parts = [text(`${unit}`, { x: box.left, y, colour: ink.text })];
  if (textWidth(`${unit}`) + textWidth(rate) + 3 <= box.width)
    parts.push(text(rate, { x: box.left + box.width, y, anchor: "end", colour: ink.reference }));
  return parts;
}

/**
 * The tuning of units as small multiples in rows of ten, in the order given, as an SVG document 700 px wide: maps over
 * heading and velocity, or curves over heading. Each has its own scale from 0 (or its lowest rate below) to its highest rate,
 * which is written above it at the right, the unit's number at the left; what was never visited is white.
 * @throws ConfigError for an option that is not known or a missing velocity range; ShapeError for rates that do not fit, or
 * more than 400 units to draw; ValueError for an infinite rate, a unit that does not exist or is named twice, or ranges and
 * sections out of order.
 */
export function tuningCurves(figure: TuningCurves): string {
  checkKeys("tuningCurves", figure, [
    ...["units", "headings", "velocities", "rates", "headingRange", "velocityRange", "velocityUnit"],
    ...["order", "sections", "title"],
  ]);
  const { order, sections, headingRange, velocityRange } = readTuning(figure);
  const { headings, velocities, rates, velocityUnit = "rad/s", title } = figure;
  const cells = (velocities ?? 1) * headings;
  const cellHeight = velocities === undefined ? cellHeights.curve : cellHeights.map;
  const parts: Markup[] = titleLine(title, left, width);
  const top = (title ? 34 : 8) + 4;
  parts.push(
    velocities === undefined
      ? text("number of the unit, highest rate", { x: left, y: top + 6, baseline: "middle", colour: ink.reference })
      : colourStrip(mapAnchors, ["0", "highest rate of the unit, printed; white: never visited"], left, top + 6),
  );
  let y = top + 16;
  let column = perRow;
  let last: Box = { left, top: y, width: cellWidth, height: cellHeight };
  // The last number of one cell would stand on the first of the next.
  const ticks = angleTicks(headingRange).filter(({ value }) => value < headingRange[1] - 0.1);
  const headingAxis = (box: Box): Markup => {
    const { scale } = horizontalAxis(box, headingRange);
    return bottomAxis({
      scale,
      ticks,
      left: box.left,
      right: box.left + box.width,
      y: box.top + box.height,
      label: "",
    });
  };
  const drawn: Box[] = [];
  order.forEach((unit, place) => {
    const section = sections.find(({ from }) => from === place);
    if (section || column === perRow) {
      y += place === 0 ? rowGap : cellHeight + rowGap;
      column = 0;
      if (section) {
        y += place === 0 ? 14 : sectionGap;
        parts.push(text(shorten(section.name, width - left), { x: left, y: y - rowGap - 1, bold: true }));
      }
    }
    const box: Box = { left: left + column * (cellWidth + columnGap), top: y, width: cellWidth, height: cellHeight };
    const values = Array.from({ length: cells }, (_, cell) => rates[unit * cells + cell] ?? Number.NaN);
    parts.push(...cellName(unit, peakOf(values), box));
    if (velocities === undefined) parts.push(rateCurve(values, box));
    else {
      const map = poolMeasured(values, velocities, headings, mostCells);
      parts.push(mapImage(map.values, map.rows, map.columns, box, mapScale(map.values)));
      if (column === 0) {
        const axis = verticalAxis(box, velocityRange);
        const velocityTicks = linearTicks(velocityRange, 2);
        parts.push(
          leftAxis({ scale: axis.scale, ticks: velocityTicks, left, right: left, top: y, bottom: y + cellHeight }),
        );
      }
    }
    parts.push(frame(box));
    drawn.push(box);
    last = box;
    column += 1;
  });
  // Under the lowest cell of each column.
  for (let at = 0; at < perRow; at += 1) {
    const lowest = drawn.filter((box) => box.left === left + at * (cellWidth + columnGap)).at(-1);
    if (lowest && lowest.top + cellHeight + rowGap >= last.top) parts.push(headingAxis(lowest));
  }
  const bottom = last.top + cellHeight;
  const middle = left + (Math.min(perRow, order.length) * (cellWidth + columnGap)) / 2;
  parts.push(text("heading (rad)", { x: middle, y: bottom + 34, size: fontSizes.label, anchor: "middle" }));
  const velocity = `velocity (${velocityUnit})`;
  if (velocities !== undefined && bottom - top > textWidth(velocity, fontSizes.label))
    parts.push(sideLabel(velocity, 16, top, bottom));
  else if (velocities !== undefined)
    parts.push(text(`upward: ${velocity}`, { x: width - 14, y: top + 6, anchor: "end", baseline: "middle" }));
  const peaks = order.flatMap(
    (unit) => peakOf(Array.from({ length: cells }, (_, cell) => rates[unit * cells + cell] ?? 0)) ?? [],
  );
  const silent = peaks.filter((peak) => peak === 0).length;
  const description =
    `Tuning of ${order.length} of ${figure.units} units to heading${velocities === undefined ? "" : " and velocity"}; ` +
    `highest rates from ${shortNumber(Math.min(...peaks))} to ${shortNumber(Math.max(...peaks))}, ${silent} silent.`;
  return svgDocument({ width, height: bottom + 46, title: title ?? "Tuning of units", description }, parts);
}
