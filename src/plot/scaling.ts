import { scaleLog } from "d3-scale";
import { ShapeError, ValueError } from "../errors.ts";
import { bottomAxis, dashes, type LegendEntry, leftAxis, legendColumn, logTicks, sideLabel } from "./axes.ts";
import { extent } from "./check.ts";
import { curve } from "./lines.ts";
import { categoricalColour } from "./palette.ts";
import type { Point } from "./reduce.ts";
import { type Markup, svgDocument } from "./svg.ts";
import { fontSizes, shorten, text, textWidth } from "./text.ts";

/** One curve of a {@link ScalingFigure}. */
export interface ScalingCurve {
  readonly label: string;
  /** Points in data units, all numbers above 0. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Curves of the same group have the same colour; the first is 0. */
  readonly group?: number;
  readonly dashed?: boolean;
}

/** How something grows with something else. */
export interface ScalingFigure {
  readonly curves: readonly ScalingCurve[];
  /** With its unit. */
  readonly xLabel: string;
  readonly yLabel: string;
  readonly title?: string | undefined;
}

const width = 700;
const left = 74;
const height = 300;
const legendGap = 20;
const sample = 23;

function checkScaling({ curves }: ScalingFigure): void {
  if (curves.length === 0) throw new ShapeError("curves: expected at least one, got none.");
  for (const { label, points } of curves) {
    if (points.length === 0) throw new ShapeError(`curve ${label}: expected at least one point, got none.`);
    for (const [index, point] of points.entries()) {
      if (point.every((value) => value > 0 && Number.isFinite(value))) continue;
      throw new ValueError(
        `curve ${label}, point ${index}: expected finite numbers above 0 for logarithmic axes, got ${point.join(", ")}.`,
      );
    }
  }
}

/** A little more than the values on both sides, so that no dot lies on the frame. */
function logExtent(values: readonly number[]): [number, number] {
  const [low, high] = extent(values);
  const room = Math.max(1.1, (high / low) ** 0.04);
  return [low / room, high * room];
}

/**
 * Curves with a dot on every point over two logarithmic axes, so that a power law is a straight line, as an SVG document
 * 700 px wide.
 * @throws ShapeError without curves or points; ValueError for a number that is not above 0, naming curve and point.
 */
export function scalingFigure(figure: ScalingFigure): string {
  checkScaling(figure);
  const { curves, xLabel, yLabel, title } = figure;
  const points = curves.flatMap((each) => each.points);
  const xs = logExtent(points.map(([x]) => x));
  const ys = logExtent(points.map(([, y]) => y));
  const right = width - legendGap - sample - 14 - Math.max(...curves.map(({ label }) => textWidth(label)));
  const top = title === undefined ? 16 : 40;
  const bottom = top + height;
  const x = scaleLog().domain(xs).range([left, right]);
  const y = scaleLog().domain(ys).range([bottom, top]);
  const colourOf = ({ group }: ScalingCurve, index: number): string => categoricalColour(group ?? index);
  const parts: Markup[] = [
    leftAxis({ scale: y, ticks: logTicks(ys), left, right, top, bottom }),
    bottomAxis({ scale: x, ticks: logTicks(xs), left, right, y: bottom, label: xLabel }),
    sideLabel(yLabel, 18, top, bottom),
    ...curves.map((each, index) =>
      curve(each.points as readonly Point[], x, y, {
        ...{ colour: colourOf(each, index), dots: true },
        ...(each.dashed && { dashes }),
      }),
    ),
    legendColumn(
      curves.map(
        (each, index): LegendEntry => ({
          ...{ label: each.label, colour: colourOf(each, index) },
          sample: each.dashed ? "dashed" : "line",
        }),
      ),
      right + legendGap,
      top + 8,
    ),
  ];
  if (title !== undefined) {
    const shown = shorten(title, width - left - 8, fontSizes.title);
    parts.push(text(shown, { x: left, y: 24, size: fontSizes.title, bold: true }));
  }
  const ends = curves.map((each) => {
    const [first, last] = [each.points[0], each.points[each.points.length - 1]];
    const number = (value = 0): string => String(Number(value.toPrecision(3)));
    return `${each.label} from ${number(first?.[1])} at ${number(first?.[0])} to ${number(last?.[1])} at ${number(last?.[0])}`;
  });
  const description = `${yLabel} against ${xLabel}, both logarithmic: ${ends.join("; ")}.`;
  return svgDocument({ width, height: bottom + 46, title: title ?? `${yLabel} against ${xLabel}`, description }, parts);
}
