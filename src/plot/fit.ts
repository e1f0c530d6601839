import { scaleLinear } from "d3-scale";
import { ShapeError, ValueError } from "../errors.ts";
import {
  bottomAxis,
  dashes,
  fittingTicks,
  type LegendEntry,
  leftAxis,
  legendRow,
  linearTicks,
  sideLabel,
} from "./axes.ts";
import { checkCount, checkFinite, checkShape, extent } from "./check.ts";
import { curve } from "./lines.ts";
import { categoricalColour, ink } from "./palette.ts";
import { type Point, paddedExtent } from "./reduce.ts";
import { type Box, group, type Markup, segment, svgDocument } from "./svg.ts";
import { fontSizes, shorten, text } from "./text.ts";

/** What was measured in some trials, and what a network does in them: T time steps, B trials, K channels. */
export interface FitFigure {
  /** Number of time steps T. */
  readonly steps: number;
  /** Milliseconds per time step. */
  readonly dtMs: number;
  /** [B] a name for each trial: a column of the figure. */
  readonly trialNames: readonly string[];
  /** [K] a name for each channel, with its unit: a row of the figure. */
  readonly channelNames: readonly string[];
  /** [T, B, K]; may be NaN where `mask` is 0. */
  readonly measured: Float32Array;
  /** [T, B, K] */
  readonly predicted: Float32Array;
  /** [T, B, K]: 0 where nothing was measured; absent = all 1. */
  readonly mask?: Float32Array | undefined;
  /** A moment of every trial, [B] in steps from its start, such as a go cue: a dashed line. */
  readonly event?: { readonly name: string; readonly steps: readonly number[] } | undefined;
  readonly title?: string | undefined;
}

const left = 74;
const rightSpace = 14;
const gap = 12;
const panelHeight = 90;
/** Up to this many columns and rows can be read. */
const mostColumns = 8;
const mostRows = 16;
const measuredColour = ink.reference;
const predictedColour = categoricalColour(1);

function checkFit(fit: FitFigure): void {
  const { steps, dtMs, trialNames, channelNames, measured, predicted, mask, event } = fit;
  checkCount("steps", steps);
  if (!(dtMs > 0 && Number.isFinite(dtMs))) throw new ValueError(`dtMs: expected milliseconds above 0, got ${dtMs}.`);
  for (const [name, list, most] of [
    ["trialNames", trialNames, mostColumns],
    ["channelNames", channelNames, mostRows],
  ] as const) {
    if (list.length >= 1 && list.length <= most) continue;
    throw new ShapeError(`${name}: expected 1 … ${most} names, got ${list.length}. Choose some to draw.`);
  }
  const shape = [steps, trialNames.length, channelNames.length];
  checkShape("measured", measured, shape, "time, trial, channel");
  checkShape("predicted", predicted, shape, "time, trial, channel");
  checkFinite("predicted", predicted, channelNames.length);
  if (mask) {
    checkShape("mask", mask, shape, "time, trial, channel");
    checkFinite("mask", mask, channelNames.length);
  }
  checkFinite(
    "measured",
    measured.map((value, index) => (mask?.[index] === 0 ? 0 : value)),
    channelNames.length,
  );
  if (event) {
    checkShape("event.steps", event.steps, [trialNames.length], "one per trial");
    checkFinite("event.steps", event.steps);
  }
}

/** The points of one channel in one trial, in milliseconds, each in the middle of its step. */
function points(fit: FitFigure, values: Float32Array, trial: number, channel: number, masked: boolean): Point[] {
  const [trials, channels] = [fit.trialNames.length, fit.channelNames.length];
  return Array.from({ length: fit.steps }, (_, step) => step).flatMap((step): Point[] => {
    const index = (step * trials + trial) * channels + channel;
    if (masked && fit.mask?.[index] === 0) return [];
    return [[(step + 0.5) * fit.dtMs, values[index] ?? 0]];
  });
}

/**
 * What was measured (grey dots) and what a network does (line), as an SVG document: a column for each trial, a row with
 * one vertical axis for each channel, time in milliseconds.
 * @throws ShapeError if an array does not fit the names, or there are too many to be read; ValueError for a value that is
 * not finite where something was measured, or a `dtMs` that is not positive.
 */
export function fitFigure(fit: FitFigure): string {
  checkFit(fit);
  const { steps, dtMs, trialNames, channelNames, measured, predicted, event, title } = fit;
  const columns = trialNames.length;
  const panelWidth = columns > 4 ? 120 : 150;
  const width = left + columns * (panelWidth + gap) - gap + rightSpace;
  const top = (title ? 34 : 8) + 44;
  const parts: Markup[] = [];
  const end = width - rightSpace;
  if (title) {
    const size = fontSizes.title;
    parts.push(text(shorten(title, end - left, size), { x: left, y: 24, size, bold: true }));
  }
  const entries: LegendEntry[] = [
    { label: "measured", colour: measuredColour, sample: "line", width: 1 },
    { label: "network", colour: predictedColour, sample: "line" },
    ...(event ? [{ label: event.name, colour: ink.axis, sample: "dashed", width: 1 } as const] : []),
  ];
  parts.push(legendRow(entries, end, top - 32));
  const ticks = fittingTicks([0, steps * dtMs], columns > 4 ? 2 : 3, panelWidth);
  for (const [channel, name] of channelNames.entries()) {
    const rowTop = top + channel * (panelHeight + gap);
    const drawn = trialNames.map((_, trial) => ({
      measured: points(fit, measured, trial, channel, true),
      predicted: points(fit, predicted, trial, channel, false),
    }));
    const heights = drawn.flatMap((one) => [...one.measured, ...one.predicted].map(([, y]) => y));
    const [low, high] = paddedExtent(extent(heights));
    const y = scaleLinear()
      .domain([low, high])
      .range([rowTop + panelHeight, rowTop]);
    parts.push(sideLabel(shorten(name, panelHeight + gap, fontSizes.label), 16, rowTop, rowTop + panelHeight));
    for (const [trial, lines] of drawn.entries()) {
      const box: Box = { left: left + trial * (panelWidth + gap), top: rowTop, width: panelWidth, height: panelHeight };
      const x = scaleLinear()
        .domain([0, steps * dtMs])
        .range([box.left, box.left + box.width]);
      if (channel === 0) {
        const middle = { x: box.left + panelWidth / 2, y: top - 12, anchor: "middle" } as const;
        parts.push(text(shorten(trialNames[trial] ?? "", panelWidth), middle));
      }
      const yTicks = linearTicks([low, high], 3).map((tick) => (trial === 0 ? tick : { ...tick, label: "" }));
      const bottom = rowTop + panelHeight;
      parts.push(
        leftAxis({ scale: y, ticks: yTicks, left: box.left, right: box.left + box.width, top: rowTop, bottom }),
      );
      const label = channel === channelNames.length - 1 ? "time (ms)" : undefined;
      parts.push(bottomAxis({ scale: x, ticks, left: box.left, right: box.left + box.width, y: bottom, label }));
      parts.push(group({}, panelLines(lines, x, y, box, event && (event.steps[trial] ?? 0) * dtMs)));
    }
  }
  const bottom = top + channelNames.length * (panelHeight + gap) - gap;
  const description =
    `${channelNames.length} channels in ${columns} trials of ${steps} steps of ${dtMs} ms: what was measured, as dots, and ` +
    "what the network does, as a line.";
  return svgDocument({ width, height: bottom + 46, title: title ?? "Measured and fitted", description }, parts);
}

function panelLines(
  lines: { readonly measured: readonly Point[]; readonly predicted: readonly Point[] },
  x: (value: number) => number,
  y: (value: number) => number,
  box: Box,
  eventMs: number | undefined,
): Markup[] {
  const parts: Markup[] = [];
  if (eventMs !== undefined) {
    const place = x(eventMs);
    parts.push(segment(place, box.top, place, box.top + box.height, { stroke: ink.axis, "stroke-dasharray": dashes }));
  }
  if (lines.measured.length > 0) {
    parts.push(curve(lines.measured, x, y, { colour: measuredColour, width: 1, dots: true }));
  }
  parts.push(curve(lines.predicted, x, y, { colour: predictedColour }));
  return parts;
}
