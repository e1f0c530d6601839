import { ValueError } from "../errors.ts";
import { checkKeys } from "../structure/options.ts";
import { bottomAxis, type LegendEntry, legendColumn, type Scale } from "./axes.ts";
import { checkCount, checkFinite, extent } from "./check.ts";
import { type Bins, histogramPanel, meanAndDeviation, shortNumber } from "./histogram.ts";
import { curve } from "./lines.ts";
import { barColour } from "./palette.ts";
import { horizontalAxis, titleLine, verticalAxis } from "./panel.ts";
import type { Point } from "./reduce.ts";
import { type Box, element, type Markup, svgDocument } from "./svg.ts";
import { text } from "./text.ts";

/** Weights above 0, and the log-normal law that fits them. */
export interface WeightDistribution {
  /** Of any shape; a 0 is no synapse. */
  readonly weights: ArrayLike<number>;
  /** Weights below it are left out of the fit, and grey; default 0.01 (Zheng, Dimitrakakis & Triesch 2013). */
  readonly minimum?: number | undefined;
  /** Mean and standard deviation of ln w; default: those of the weights from `minimum` on. */
  readonly logMean?: number | undefined;
  readonly logDeviation?: number | undefined;
  /** About how many bins in each panel; 40 unless given. */
  readonly bins?: number | undefined;
  readonly title?: string | undefined;
}

const width = 700;
const left = 62;
const gap = 62;
const noteSpace = 150;
const height = 200;
const binLimit = 400;
const leftOut = "#c9c9c9";
const fitColour = "#d55e00";
const curvePoints = 160;

/**
 * Histogram of weights on a linear and on a logarithmic axis, each with the log-normal law that fits them, as an SVG document
 * 700 px wide. The law is drawn as the number of weights expected in a bin.
 * @throws ConfigError for an option that is not known; ValueError for a weight that is negative or not finite, no weight above
 * 0, or bins outside 1 … 400.
 */
export function weightDistribution(figure: WeightDistribution): string {
  checkKeys("weightDistribution", figure, ["weights", "minimum", "logMean", "logDeviation", "bins", "title"]);
  const { weights, minimum = 0.01, bins: wanted = 40, title } = figure;
  checkCount("bins", wanted);
  if (wanted > binLimit) throw new ValueError(`bins: expected at most ${binLimit}, got ${wanted}.`);
  checkFinite("weights", weights);
  if (!(minimum >= 0 && Number.isFinite(minimum)))
    throw new ValueError(`minimum: expected a weight of at least 0, got ${minimum}.`);
  const existing = Array.from(weights).filter((weight) => weight !== 0);
  const negative = existing.find((weight) => weight < 0);
  if (negative !== undefined) throw new ValueError(`weights: expected none below 0, got ${negative}.`);
  if (existing.length === 0) throw new ValueError("weights: expected at least one above 0; all are 0.");
  const fitted = existing.filter((weight) => weight >= minimum);
  const [ownMean, ownDeviation] = meanAndDeviation(fitted.map(Math.log));
  const { logMean = ownMean, logDeviation = ownDeviation } = figure;
  const hasFit = fitted.length > 1 && Number.isFinite(logMean) && logDeviation > 0;

  const top = title ? 52 : 28;
  const panelWidth = (width - left - gap - noteSpace) / 2;
  const boxes = [left, left + panelWidth + gap].map((at): Box => ({ left: at, top, width: panelWidth, height }));
  const logs = existing.map(Math.log10);
  const rows = [
    { box: boxes[0], values: existing, from: 0, logarithmic: false, label: "weight" },
    { box: boxes[1], values: logs, from: extent(logs)[0], logarithmic: true, label: "weight (log scale)" },
  ] as const;
  const parts: Markup[] = titleLine(title, left, width);
  for (const { box, values, from, logarithmic, label } of rows) {
    if (box === undefined) continue;
    const high = extent(values)[1];
    const bins = binsFrom(from, high > from ? high : from + 1, wanted);
    const domain: [number, number] = [bins.from, bins.from + bins.count * bins.width];
    const place = horizontalAxis(box, domain);
    const of = (keep: (weight: number) => boolean): number[] => values.filter((_, index) => keep(existing[index] ?? 0));
    const layers = [
      { values: of((weight) => weight < minimum), colour: leftOut },
      { values: of((weight) => weight >= minimum), colour: barColour },
    ];
    parts.push(histogramPanel(layers, bins, place.scale, box, "synapses", box.left - 46));
    if (hasFit)
      parts.push(
        fitCurve({ layers, bins, box, place: place.scale, logarithmic, logMean, logDeviation, count: fitted.length }),
      );
    const drawn = logarithmic ? horizontalAxis(box, [10 ** domain[0], 10 ** domain[1]], true) : place;
    parts.push(bottomAxis({ ...drawn, left: box.left, right: box.left + box.width, y: top + height, label }));
  }
  const x = width - noteSpace + 14;
  const lines = [
    `${existing.length} synapses`,
    ...(hasFit ? [`mean of ln w ${shortNumber(logMean)}`, `SD of ln w ${shortNumber(logDeviation)}`] : []),
  ];
  lines.forEach((line, index) => {
    parts.push(text(line, { x, y: top + 8 + 16 * index, baseline: "middle" }));
  });
  const entries: LegendEntry[] = [
    ...(hasFit ? [{ label: "log-normal", colour: fitColour, sample: "line" as const }] : []),
    ...(fitted.length < existing.length
      ? [{ label: `below ${shortNumber(minimum)}`, colour: leftOut, sample: "area" as const }]
      : []),
  ];
  parts.push(legendColumn(entries, x, top + 16 + 16 * lines.length));
  const description = `${existing.length} weights from ${shortNumber(extent(existing)[0])} to ${shortNumber(extent(existing)[1])}${
    hasFit
      ? `; log-normal law of ${fitted.length} weights of at least ${shortNumber(minimum)}: ln w has mean ${shortNumber(logMean)}, standard deviation ${shortNumber(logDeviation)}`
      : ""
  }.`;
  return svgDocument({ width, height: top + height + 46, title: title ?? "Weight distribution", description }, parts);
}

function binsFrom(from: number, to: number, count: number): Bins {
  return { from, width: ((to - from) * (1 + 1e-9)) / count, count };
}

/** The expected number in a bin: n times the density times the width of the bin, in w or in log10 w. */
function fitCurve(parts: {
  readonly layers: readonly { readonly values: readonly number[] }[];
  readonly bins: Bins;
  readonly box: Box;
  readonly place: Scale;
  readonly logarithmic: boolean;
  readonly logMean: number;
  readonly logDeviation: number;
  readonly count: number;
}): Markup {
  const { layers, bins, box, place, logarithmic, logMean, logDeviation, count } = parts;
  const counts = new Float64Array(bins.count);
  for (const { values } of layers)
    for (const value of values) {
      const bin = Math.min(bins.count - 1, Math.floor((value - bins.from) / bins.width));
      counts[bin] = (counts[bin] ?? 0) + 1;
    }
  // As histogramPanel has it.
  const most = Math.max(1, ...counts) * 1.06;
  const y = verticalAxis(box, [0, most]).scale;
  const points: Point[] = [];
  for (let index = 0; index <= curvePoints; index += 1) {
    const at = bins.from + (bins.width * bins.count * index) / curvePoints;
    const weight = logarithmic ? 10 ** at : at;
    if (weight <= 0) continue;
    const normal =
      Math.exp(-(((Math.log(weight) - logMean) / logDeviation) ** 2) / 2) / (logDeviation * Math.sqrt(2 * Math.PI));
    const density = logarithmic ? normal * Math.LN10 : normal / weight;
    points.push([at, Math.min(most, count * density * bins.width)]);
  }
  return element("g", {}, curve(points, place, y, { colour: fitColour, width: 2 }));
}
