import { scaleLinear, scaleLog } from "d3-scale";
import { fittingTicks, linearTicks, logTicks, type Scale, type Tick } from "./axes.ts";
import type { Box, Markup } from "./svg.ts";
import { fontSizes, shorten, text } from "./text.ts";

/** A scale with the ticks that suit it. */
export interface ScaledAxis {
  readonly scale: Scale;
  readonly ticks: readonly Tick[];
}

/** A horizontal axis across a box; logarithmic domains are above 0. */
export function horizontalAxis(box: Box, domain: readonly [number, number], logarithmic = false): ScaledAxis {
  const range = [box.left, box.left + box.width];
  return logarithmic
    ? { scale: scaleLog().domain(domain).range(range), ticks: logTicks(domain) }
    : { scale: scaleLinear().domain(domain).range(range), ticks: fittingTicks(domain, 8, box.width) };
}

/** A vertical axis along a box; logarithmic domains are above 0. */
export function verticalAxis(box: Box, domain: readonly [number, number], logarithmic = false): ScaledAxis {
  const range = [box.top + box.height, box.top];
  return logarithmic
    ? { scale: scaleLog().domain(domain).range(range), ticks: logTicks(domain) }
    : { scale: scaleLinear().domain(domain).range(range), ticks: linearTicks(domain, box.height > 100 ? 5 : 3) };
}

/** The title of a figure, in its first 34 px; nothing where there is none. */
export function titleLine(title: string | undefined, left: number, width: number): Markup[] {
  if (title === undefined || title === "") return [];
  const line = shorten(title, width - left - 8, fontSizes.title);
  return [text(line, { x: left, y: 24, size: fontSizes.title, bold: true })];
}
