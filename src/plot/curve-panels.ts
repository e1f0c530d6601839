import { scaleLinear, scaleLog } from "d3-scale";
import {
  dashes,
  type LegendEntry,
  leftAxis,
  legendRow,
  linearTicks,
  logTicks,
  type Scale,
  sideLabel,
  type Tick,
} from "./axes.ts";
import { extent } from "./check.ts";
import { curve } from "./lines.ts";
import { categoricalColour, ink } from "./palette.ts";
import { averageBlocks, decimate, type Point, paddedExtent, smooth } from "./reduce.ts";
import { type Box, group, type Markup, segment } from "./svg.ts";
import { text } from "./text.ts";

/** Points of a drawn curve at most, and of a running mean or median. */
const curveLimit = 1000;
const smoothLimit = 400;
/** With more points than this a curve also gets its running mean or median. */
export const smoothFrom = 60;

const lossColour = categoricalColour(0);
const validationColour = categoricalColour(1);
const raw = { width: 1, opacity: 0.35 };
const thick = { width: 2.25 };

/** Logarithmic if every loss is positive and they span more than one decade. */
export function lossAxis(
  loss: ArrayLike<number>,
  box: Box,
): { scale: Scale; ticks: readonly Tick[]; logarithmic: boolean } {
  const [low, high] = extent(loss);
  const range = [box.top + box.height, box.top];
  if (low > 0 && high / low > 10) {
    const domain: [number, number] = [low / 1.15, high * 1.15];
    return { scale: scaleLog().domain(domain).range(range), ticks: logTicks(domain), logarithmic: true };
  }
  const padded = paddedExtent(loss);
  const domain: [number, number] = low >= 0 ? [0, padded[1]] : [padded[0], padded[1]];
  return { scale: scaleLinear().domain(domain).range(range), ticks: linearTicks(domain, 5), logarithmic: false };
}

/** Loss over steps, on the axis that suits it; long curves thin, under their running median. */
export function lossPanel(points: readonly Point[], x: Scale, box: Box): Markup {
  const { scale, ticks, logarithmic } = lossAxis(
    points.map((point) => point[1]),
    box,
  );
  const { left } = box;
  const right = left + box.width;
  const bottom = box.top + box.height;
  const parts = [
    sideLabel(logarithmic ? "loss (log scale)" : "loss", 16, box.top, bottom),
    leftAxis({ scale, ticks, left, right, top: box.top, bottom }),
  ];
  if (points.length <= smoothFrom) {
    parts.push(curve(points, x, scale, { colour: lossColour, ...thick, dots: points.length <= 25 }));
  } else {
    parts.push(curve(decimate(points, curveLimit), x, scale, { colour: lossColour, ...raw }));
    parts.push(curve(smooth(points, smoothLimit, "median"), x, scale, { colour: lossColour, ...thick }));
    const entries: LegendEntry[] = [
      { label: "each step", colour: lossColour, sample: "line", ...raw },
      { label: "running median", colour: lossColour, sample: "line", ...thick },
    ];
    parts.push(legendRow(entries, right, box.top - 12));
  }
  return group({}, parts);
}

function referenceLines(chance: number | undefined, y: Scale, left: number, right: number): Markup[] {
  const parts: Markup[] = [];
  const reference = (value: number, label: string, labelY: number): void => {
    parts.push(segment(left, y(value), right, y(value), { stroke: ink.reference, "stroke-dasharray": dashes }));
    parts.push(text(label, { x: right + 7, y: labelY, baseline: "middle", colour: ink.reference }));
  };
  reference(0.95, "95 %", y(0.95));
  if (chance === undefined) return parts;
  // The two names keep 13 px apart, whatever the chance level.
  const distance = y(chance) - y(0.95);
  const clear = Math.abs(distance) >= 13;
  reference(chance, "chance", clear ? y(chance) : y(0.95) + 13);
  return parts;
}

/** Accuracy of training and validation between 0 and 1, with lines at 95 % and at chance. */
export function accuracyPanel(
  training: readonly Point[],
  validation: readonly Point[],
  chance: number | undefined,
  x: Scale,
  box: Box,
): Markup {
  const { left } = box;
  const right = left + box.width;
  const bottom = box.top + box.height;
  const y = scaleLinear().domain([0, 1]).range([bottom, box.top]);
  const parts = [
    sideLabel("accuracy", 16, box.top, bottom),
    leftAxis({ scale: y, ticks: linearTicks([0, 1], 5), left, right, top: box.top, bottom }),
    ...referenceLines(chance, y, left, right),
  ];
  const entries: LegendEntry[] = [];
  const long = training.length > smoothFrom;
  if (long) {
    parts.push(curve(averageBlocks(training, curveLimit), x, y, { colour: lossColour, ...raw }));
    parts.push(curve(smooth(training, smoothLimit, "mean"), x, y, { colour: lossColour, ...thick }));
  } else if (training.length > 0) {
    parts.push(curve(training, x, y, { colour: lossColour, ...thick, dots: training.length <= 25 }));
  }
  if (training.length > 0) {
    const label = long ? "training, running mean" : "training";
    entries.push({ label, colour: lossColour, sample: "line", ...thick });
  }
  if (validation.length > 0) {
    const style = { colour: validationColour, ...thick, dots: validation.length <= smoothFrom };
    parts.push(curve(decimate(validation, curveLimit), x, y, style));
    entries.push({ label: "validation", colour: validationColour, sample: "line", ...thick });
  }
  parts.push(legendRow(entries, right, box.top - 12));
  return group({}, parts);
}
