import { scaleLinear } from "d3-scale";
import { ink } from "./palette.ts";
import { type Attributes, element, group, type Markup, rectangle, segment } from "./svg.ts";
import { fontSizes, text, textWidth } from "./text.ts";

/** From data units to pixels. */
export type Scale = (value: number) => number;

/** A labelled value on an axis, in data units. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** Between the numbers of a horizontal axis at least, in pixels. */
const labelGap = 8;

/** About `count` round numbers inside the domain, written with just the decimals they need. */
export function linearTicks(domain: readonly [number, number], count: number): readonly Tick[] {
  const scale = scaleLinear().domain(domain);
  const format = scale.tickFormat(count);
  return scale.ticks(count).map((value) => ({ value, label: format(value) }));
}

/** As {@link linearTicks}, and fewer where their numbers would not stand clear of each other along `width` pixels. */
export function fittingTicks(domain: readonly [number, number], count: number, width: number): readonly Tick[] {
  for (let most = count; most > 1; most -= 1) {
    const ticks = linearTicks(domain, most);
    const step = (ticks[1]?.value ?? domain[1]) - (ticks[0]?.value ?? domain[0]);
    const widest = Math.max(...ticks.map(({ label }) => textWidth(label)));
    if (widest + labelGap <= (step / (domain[1] - domain[0])) * width) return ticks;
  }
  return linearTicks(domain, 1);
}

const superscripts = "⁰¹²³⁴⁵⁶⁷⁸⁹";

function powerLabel(digit: number, exponent: number): string {
  const raised = [...`${Math.abs(exponent)}`].map((character) => superscripts[Number(character)] ?? "").join("");
  return `${digit === 1 ? "" : `${digit}×`}10${exponent < 0 ? "⁻" : ""}${raised}`;
}

/**
 * Ticks of a logarithmic axis: 1, 2, 5 of each decade over a decade and a half, 1 and 3 over three, powers of ten over
 * more. Very large or small numbers are written as powers, and then all are.
 */
export function logTicks(domain: readonly [number, number]): readonly Tick[] {
  const [low, high] = domain;
  if (!(low > 0 && high < Number.POSITIVE_INFINITY)) throw new RangeError(`A logarithmic axis from ${low} to ${high}.`);
  const decades = Math.log10(high / low);
  const digits = decades <= 1.5 ? [1, 2, 5] : decades <= 3 ? [1, 3] : [1];
  const stride = Math.max(1, Math.ceil(decades / 8));
  const plain = low >= 1e-4 && high < 1e5;
  const ticks: Tick[] = [];
  for (let exponent = Math.floor(Math.log10(low)); exponent <= Math.ceil(Math.log10(high)); exponent += 1) {
    if (exponent % stride !== 0) continue;
    for (const digit of digits) {
      const value = Number(`${digit}e${exponent}`);
      if (value < low || value > high) continue;
      ticks.push({ value, label: plain ? `${value}` : powerLabel(digit, exponent) });
    }
  }
  return ticks;
}

/** A vertical axis at the left of a panel that reaches from `left` to `right`, with a light grid across it. */
export interface LeftAxis {
  readonly scale: Scale;
  readonly ticks: readonly Tick[];
  readonly left: number;
  readonly right: number;
  readonly top: number;
  readonly bottom: number;
  readonly grid?: boolean;
}

/** Axis line, ticks, numbers and grid of a vertical axis; drawn before the data. */
export function leftAxis(axis: LeftAxis): Markup {
  const { left, right, top, bottom } = axis;
  const parts: Markup[] = [];
  for (const tick of axis.ticks) {
    const y = axis.scale(tick.value);
    if (axis.grid !== false) parts.push(segment(left, y, right, y, { stroke: ink.grid }));
    parts.push(segment(left - 4, y, left, y, { stroke: ink.axis }));
    parts.push(text(tick.label, { x: left - 7, y, anchor: "end", baseline: "middle" }));
  }
  parts.push(segment(left, top, left, bottom, { stroke: ink.axis }));
  return group({}, parts);
}

/** A horizontal axis at the height `y`, from `left` to `right`. */
export interface BottomAxis {
  readonly scale: Scale;
  readonly ticks: readonly Tick[];
  readonly left: number;
  readonly right: number;
  readonly y: number;
  /** With its unit in parentheses; without it the ticks carry no numbers either, as in the upper panels of a stack. */
  readonly label?: string | undefined;
}

/** Axis line, ticks and, where there is a label, numbers: 16 px below `y`, and the label 34 px below. */
export function bottomAxis(axis: BottomAxis): Markup {
  const { left, right, y, label } = axis;
  const parts: Markup[] = [segment(left, y, right, y, { stroke: ink.axis })];
  for (const tick of axis.ticks) {
    const x = axis.scale(tick.value);
    parts.push(segment(x, y, x, y + 4, { stroke: ink.axis }));
    if (label !== undefined) parts.push(text(tick.label, { x, y: y + 16, anchor: "middle" }));
  }
  if (label !== undefined) {
    parts.push(text(label, { x: (left + right) / 2, y: y + 34, size: fontSizes.label, anchor: "middle" }));
  }
  return group({}, parts);
}

/** The name of a vertical axis, reading upward, centred between `top` and `bottom`. */
export function sideLabel(label: string, x: number, top: number, bottom: number): Markup {
  return text(label, { x, y: (top + bottom) / 2, size: fontSizes.label, anchor: "middle", turn: -90 });
}

/** One entry of a legend: a sample of a line (`width` in pixels) or of a filled area, and its name. */
export interface LegendEntry {
  readonly label: string;
  readonly colour: string;
  readonly sample: "line" | "dashed" | "area";
  readonly width?: number;
  readonly opacity?: number;
}

/** Dashes of targets and reference lines. */
export const dashes = "5 3";

const sampleWidth = 18;
const sampleGap = 5;
const entryGap = 16;

function legendEntry(entry: LegendEntry, x: number, y: number): Markup {
  const shared: Attributes = { opacity: entry.opacity };
  const sample =
    entry.sample === "area"
      ? rectangle({ left: x, top: y - 5, width: sampleWidth, height: 10 }, { fill: entry.colour, ...shared })
      : segment(x, y, x + sampleWidth, y, {
          stroke: entry.colour,
          "stroke-width": entry.width ?? 2,
          "stroke-dasharray": entry.sample === "dashed" ? dashes : undefined,
          ...shared,
        });
  return element("g", {}, sample, text(entry.label, { x: x + sampleWidth + sampleGap, y, baseline: "middle" }));
}

/** Entries below each other, 16 px apart, the first at the height `y`. */
export function legendColumn(entries: readonly LegendEntry[], x: number, y: number): Markup {
  return group(
    {},
    entries.map((entry, index) => legendEntry(entry, x, y + 16 * index)),
  );
}

/** Entries beside each other, ending at `right`. */
export function legendRow(entries: readonly LegendEntry[], right: number, y: number): Markup {
  let x = right;
  const parts: Markup[] = [];
  for (const entry of [...entries].reverse()) {
    x -= sampleWidth + sampleGap + textWidth(entry.label);
    parts.unshift(legendEntry(entry, x, y));
    x -= entryGap;
  }
  return group({}, parts);
}
