import { ValueError } from "../errors.ts";
import { checkKeys } from "../structure/options.ts";
import { bottomAxis, dashes, type LegendEntry, leftAxis, legendColumn, sideLabel } from "./axes.ts";
import { checkCount, checkFinite, extent } from "./check.ts";
import { type Bins, countInBins, histogramPanel, meanAndDeviation, shortNumber, wholeBins } from "./histogram.ts";
import { curve } from "./lines.ts";
import { barColour, categoricalColour, ink } from "./palette.ts";
import { horizontalAxis, titleLine, verticalAxis } from "./panel.ts";
import type { Point } from "./reduce.ts";
import { type Box, element, formatNumber, type Markup, segment, svgDocument } from "./svg.ts";
import { text } from "./text.ts";

/** Firing rates of units. */
export interface RateHistogram {
  /** [N] spikes a step, 0…1. */
  readonly rates: ArrayLike<number>;
  /** A rate that they are held at: a dashed line. */
  readonly target?: number | undefined;
  /** How many steps they were counted over: bins are then as wide as whole numbers of spikes, so that none is left empty. */
  readonly steps?: number | undefined;
  /** About how many bins; 30 unless given. */
  readonly bins?: number | undefined;
  readonly title?: string | undefined;
}

/** Times between the spikes of units. */
export interface IntervalHistogram {
  /** Whole numbers of steps, of one unit or of all together. */
  readonly intervals: ArrayLike<number>;
  /** Mean over units of the coefficient of variation, where it is known; default: that of all intervals together. */
  readonly variation?: number | undefined;
  readonly title?: string | undefined;
}

const width = 700;
const left = 62;
const right = width - 160;
const height = 200;
const binLimit = 400;
const mostIntervalBins = 120;
const lawColour = categoricalColour(1);

function notes(lines: readonly string[], top: number): Markup[] {
  return lines.map((line, index) => text(line, { x: right + 14, y: top + 8 + 16 * index, baseline: "middle" }));
}

/**
 * How many units fire at which rate, as an SVG document 700 px wide.
 * @throws ConfigError for an option that is not known; ValueError for no rates, one outside 0…1, or bins outside 1 … 400.
 */
export function rateHistogram(figure: RateHistogram): string {
  checkKeys("rateHistogram", figure, ["rates", "target", "steps", "bins", "title"]);
  const { rates, target, steps, bins: wanted = 30, title } = figure;
  checkCount("bins", wanted);
  if (steps !== undefined) checkCount("steps", steps);
  if (wanted > binLimit) throw new ValueError(`bins: expected at most ${binLimit}, got ${wanted}.`);
  if (rates.length === 0) throw new ValueError("rates: expected at least one, got none.");
  checkFinite("rates", rates);
  const [low, high] = extent(rates);
  if (low < 0 || high > 1) throw new ValueError(`rates: expected numbers in 0…1, got ${low < 0 ? low : high}.`);
  if (target !== undefined && !(target >= 0 && target <= 1))
    throw new ValueError(`target: expected a rate in 0…1, got ${target}.`);

  const top = title ? 40 : 16;
  const box: Box = { left, top, width: right - left, height };
  const from = Math.min(low, target ?? low);
  const to = Math.max(high, target ?? high);
  const margin = to > from ? (to - from) * 0.08 : 0.02;
  const bins = rateBins(Math.max(0, from - margin), Math.min(1, to + margin), wanted, steps);
  const domain: [number, number] = [Math.max(0, bins.from), bins.from + bins.count * bins.width];
  const x = horizontalAxis(box, domain);
  const values = Array.from(rates);
  const [mean, deviation] = meanAndDeviation(values);
  const layers = [{ values, colour: barColour }];
  const parts: Markup[] = [
    ...titleLine(title, left, width),
    histogramPanel(layers, bins, x.scale, box, "units", 16),
    bottomAxis({ ...x, left, right, y: top + height, label: "firing rate (spikes a step)" }),
    ...notes([`${values.length} units`, `mean ${shortNumber(mean)}`, `SD ${shortNumber(deviation)}`], top),
  ];
  if (target !== undefined) {
    const at = x.scale(target);
    parts.push(segment(at, top, at, top + height, { stroke: ink.text, "stroke-dasharray": dashes }));
    const entry: LegendEntry = { label: `target ${shortNumber(target)}`, colour: ink.text, sample: "dashed", width: 1 };
    parts.push(legendColumn([entry], right + 14, top + 60));
  }
  const description = `Rates of ${values.length} units: mean ${shortNumber(mean)}, standard deviation ${shortNumber(deviation)} spikes a step.`;
  return svgDocument({ width, height: top + height + 46, title: title ?? "Firing rates", description }, parts);
}

/** Bins of equal width; of counts over some steps, each a whole number of spikes wide, its borders between two counts. */
function rateBins(low: number, high: number, count: number, steps: number | undefined): Bins {
  if (steps === undefined) return { from: low, width: ((high - low) * (1 + 1e-9)) / count, count };
  const { from, width: spikes, count: bins } = wholeBins(Math.floor(low * steps), Math.ceil(high * steps), count);
  return { from: from / steps, width: spikes / steps, count: bins };
}

/**
 * How long the pauses between spikes are, on a logarithmic axis of counts, with the geometric law of the same mean (spikes at
 * random in discrete time: a straight line), as an SVG document 700 px wide. The longest 0.1 % are left out.
 * @throws ConfigError for an option that is not known; ValueError for no intervals, or one that is not a positive integer.
 */
export function intervalHistogram(figure: IntervalHistogram): string {
  checkKeys("intervalHistogram", figure, ["intervals", "variation", "title"]);
  const { intervals, variation, title } = figure;
  const values = Array.from(intervals);
  if (values.length === 0) throw new ValueError("intervals: expected at least one, got none. Are there two spikes?");
  const wrong = values.findIndex((value) => !Number.isInteger(value) || value < 1);
  if (wrong >= 0) throw new ValueError(`intervals[${wrong}]: expected steps of at least 1, got ${values[wrong]}.`);

  const sorted = Float64Array.from(values).sort();
  const last = Math.max(2, sorted[Math.ceil(0.999 * sorted.length) - 1] ?? 2);
  const bins = wholeBins(1, last, mostIntervalBins);
  const end = bins.from + bins.count * bins.width;
  const longer = values.filter((value) => value > end);
  const counts = countInBins(
    values.filter((value) => value < end),
    bins,
  );
  const [mean, deviation] = meanAndDeviation(values);
  const top = title ? 40 : 16;
  const bottom = top + height;
  const box: Box = { left, top, width: right - left, height };
  const x = horizontalAxis(box, [bins.from, bins.from + bins.count * bins.width]);
  const most = counts.reduce((one, other) => Math.max(one, other), 1);
  const y = verticalAxis(box, [0.5, Math.max(10, most * 1.6)], true);
  const parts: Markup[] = [
    ...titleLine(title, left, width),
    sideLabel("intervals (log scale)", 16, top, bottom),
    leftAxis({ ...y, left, right, top, bottom }),
  ];
  const edge = (value: number): number => x.scale(value);
  const space = edge(bins.width) - edge(0) > 6 ? 0.5 : 0;
  const bars = [...counts].flatMap((count, bin) => {
    if (count === 0) return [];
    const start = bins.from + bin * bins.width;
    const [x0, x1] = [formatNumber(edge(start) + space), formatNumber(edge(start + bins.width) - space)];
    return [`M${x0},${bottom}V${formatNumber(y.scale(count))}H${x1}V${bottom}Z`];
  });
  parts.push(element("path", { d: bars.join(""), fill: barColour }));
  // Geometric law: P(k) = p (1-p)^(k-1), mean 1/p; expected in a bin of some k, their sum.
  const p = 1 / mean;
  const law = [...counts].flatMap((_, bin): Point[] => {
    const first = bins.from + bin * bins.width + 0.5;
    const expected = values.length * ((1 - p) ** (first - 1) - (1 - p) ** (first - 1 + bins.width));
    return expected < 0.5 ? [] : [[first - 0.5 + bins.width / 2, expected]];
  });
  if (law.length > 1) parts.push(curve(law, x.scale, y.scale, { colour: lawColour, width: 2 }));
  const ticks = x.ticks.filter(({ value }) => Number.isInteger(value) && value >= 1);
  const unit =
    bins.width > 1 ? `interval between spikes (steps, ${bins.width} a bar)` : "interval between spikes (steps)";
  parts.push(bottomAxis({ ...x, ticks, left, right, y: bottom, label: unit }));
  const cv = variation ?? deviation / mean;
  const lines = [`${values.length} intervals`, `mean ${shortNumber(mean)} steps`, `CV ${shortNumber(cv)}`];
  if (longer.length > 0) lines.push(`${longer.length} longer, to ${extent(longer)[1]}`);
  parts.push(...notes(lines, top));
  if (law.length > 1)
    parts.push(
      legendColumn(
        [{ label: "geometric", colour: lawColour, sample: "line" }],
        right + 14,
        top + 12 + 16 * lines.length,
      ),
    );
  const description = `${values.length} intervals between spikes: mean ${shortNumber(mean)} steps, coefficient of variation ${shortNumber(cv)}.`;
  return svgDocument({ width, height: bottom + 46, title: title ?? "Intervals between spikes", description }, parts);
}
