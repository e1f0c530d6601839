import { line } from "d3-shape";
import type { Scale } from "./axes.ts";
import type { Point } from "./reduce.ts";
import { type Attributes, element, group, type Markup } from "./svg.ts";

/** How a curve is drawn. */
export interface CurveStyle {
  readonly colour: string;
  readonly width?: number;
  readonly opacity?: number;
  readonly dashes?: string | undefined;
  /** A dot on every point. */
  readonly dots?: boolean;
}

/** A curve through points in data units; a single point becomes a dot. */
export function curve(points: readonly Point[], x: Scale, y: Scale, style: CurveStyle): Markup {
  const attributes: Attributes = {
    d:
      line<Point>(
        (point) => x(point[0]),
        (point) => y(point[1]),
      ).digits(2)([...points]) ?? "",
    fill: "none",
    stroke: style.colour,
    "stroke-width": style.width ?? 1.75,
    "stroke-linejoin": "round",
    "stroke-dasharray": style.dashes,
    opacity: style.opacity,
  };
  const path = element("path", attributes);
  if (!style.dots && points.length > 1) return path;
  const dots = points.map((point) =>
    element("circle", { cx: x(point[0]), cy: y(point[1]), r: 2.5, fill: style.colour }),
  );
  return group({}, points.length > 1 ? [path, ...dots] : dots);
}

/**
 * A value per time step as a staircase: each value holds from its own step to the next, as it does in the simulation.
 * @param dtMs milliseconds per step; the points are in milliseconds.
 */
export function staircase(values: readonly number[], dtMs: number): readonly Point[] {
  const points: Point[] = [];
  values.forEach((value, step) => {
    // Corners inside a flat stretch say nothing.
    if (step > 0 && values[step - 1] === value) return;
    if (step > 0) points.push([step * dtMs, values[step - 1] ?? value]);
    points.push([step * dtMs, value]);
  });
  const last = values[values.length - 1];
  if (last !== undefined) points.push([values.length * dtMs, last]);
  return points;
}

/** A value per time step as points in the middle of their steps, in milliseconds. */
export function midpoints(values: readonly number[], dtMs: number): readonly Point[] {
  return values.map((value, step): Point => [(step + 0.5) * dtMs, value]);
}
