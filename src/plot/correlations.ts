import { ConfigError, ValueError } from "../errors.ts";
import { checkKeys } from "../structure/options.ts";
import { bottomAxis, leftAxis, sideLabel } from "./axes.ts";
import { checkCount, checkFinite, checkShape, countColumns } from "./check.ts";
import { colourBar, divergingScale, heatMap } from "./heatmap.ts";
import { shortNumber } from "./histogram.ts";
import { horizontalAxis, titleLine } from "./panel.ts";
import { quantile } from "./reduce.ts";
import { type Box, type Markup, svgDocument } from "./svg.ts";
import { text } from "./text.ts";

/** How the units of a network vary together: given, or computed from their activity. */
export interface CorrelationMatrix {
  /** [N, N] correlations in -1…1; NaN where one was not defined. */
  readonly correlations?: ArrayLike<number> | undefined;
  /** In place of them: [T, N] spikes or rates. */
  readonly activity?: ArrayLike<number> | undefined;
  /** Number of units N. */
  readonly units: number;
  /** Colours reach from -limit to limit; default: 99 % of the pairs lie within. */
  readonly limit?: number | undefined;
  readonly title?: string | undefined;
}

const left = 62;
const size = 380;
const width = 600;
const mostUnits = 3000;

/** Pearson correlations [N, N] of the columns of [T, N]; NaN with a unit that never changes. */
export function pearsonMatrix(activity: ArrayLike<number>, units: number): Float32Array {
  const steps = activity.length / units;
  const scaled = new Float32Array(activity.length);
  for (let unit = 0; unit < units; unit += 1) {
    let [sum, squares] = [0, 0];
    for (let step = 0; step < steps; step += 1) sum += activity[step * units + unit] ?? 0;
    const mean = sum / steps;
    for (let step = 0; step < steps; step += 1) squares += ((activity[step * units + unit] ?? 0) - mean) ** 2;
    const norm = squares > 0 ? 1 / Math.sqrt(squares) : Number.NaN;
    for (let step = 0; step < steps; step += 1)
      scaled[unit * steps + step] = ((activity[step * units + unit] ?? 0) - mean) * norm;
  }
  const correlations = new Float32Array(units * units);
  for (let one = 0; one < units; one += 1)
    for (let other = 0; other <= one; other += 1) {
      let sum = 0;
      for (let step = 0; step < steps; step += 1)
        sum += (scaled[one * steps + step] ?? 0) * (scaled[other * steps + step] ?? 0);
      correlations[one * units + other] = sum;
      correlations[other * units + one] = sum;
    }
  return correlations;
}

/**
 * Correlations of all pairs of units, blue below 0, red above, the diagonal left white, as an SVG document 600 px wide.
 * Pairs without a correlation, such as those of a silent unit, are white, too, and counted out of the mean.
 * @throws ConfigError unless one of correlations and activity is given, and for an option that is not known; ShapeError for
 * an array that does not fit; ValueError for one unit or more than 3000, an infinite value, or a limit outside 0…1.
 */
export function correlationMatrix(figure: CorrelationMatrix): string {
  checkKeys("correlationMatrix", figure, ["correlations", "activity", "units", "limit", "title"]);
  const { units, activity, title } = figure;
  checkCount("units", units);
  if (units < 2 || units > mostUnits)
    throw new ValueError(`units: expected 2 … ${mostUnits}, got ${units}. Choose some of them.`);
  if ((figure.correlations === undefined) === (activity === undefined))
    throw new ConfigError("correlationMatrix: give either correlations [N, N] or activity [T, N].");
  if (figure.limit !== undefined && !(figure.limit > 0 && figure.limit <= 1))
    throw new ValueError(`limit: expected a correlation above 0, at most 1, got ${figure.limit}.`);
  if (activity !== undefined) {
    checkShape("activity", activity, [countSteps(activity, units), units], "time, unit");
    checkFinite("activity", activity, units);
  }
  const given = activity === undefined ? (figure.correlations ?? []) : pearsonMatrix(activity, units);
  checkShape("correlations", given, [units, units], "unit, unit");
  const drawn = new Float32Array(units * units);
  const pairs: number[] = [];
  for (let index = 0; index < drawn.length; index += 1) {
    const value = given[index] ?? Number.NaN;
    const isPair = index % units !== Math.floor(index / units);
    if (Math.abs(value) > 1.0001)
      throw new ValueError(
        `correlations[${Math.floor(index / units)}, ${index % units}]: expected one in -1…1 or NaN, got ${value}.`,
      );
    if (!isPair || Number.isNaN(value)) continue;
    drawn[index] = value;
    pairs.push(value);
  }
  const sizes = pairs.map(Math.abs);
  const largest = sizes.reduce((one, other) => Math.max(one, other), 0);
  const limit = figure.limit ?? quantile(sizes, 0.99);
  const scale = divergingScale(
    limit,
    pairs.some((value) => value < -limit),
    largest > limit && pairs.some((v) => v > limit),
  );

  const top = title ? 48 : 24;
  const box: Box = { left, top, width: size, height: size };
  const x = horizontalAxis(box, [0, units]);
  const ticks = x.ticks.filter(({ value }) => Number.isInteger(value));
  const mean = pairs.length > 0 ? pairs.reduce((sum, value) => sum + value, 0) / pairs.length : 0;
  const undefinedPairs = units * (units - 1) - pairs.length;
  const barLeft = left + size + 24;
  const parts: Markup[] = [
    ...titleLine(title, left, width),
    sideLabel("unit", 16, top, top + size),
    heatMap(drawn, units, units, box, scale),
    leftAxis({
      ...{ scale: (value) => top + (value / units) * size, ticks, left, right: left + size, top, bottom: top + size },
      grid: false,
    }),
    bottomAxis({ ...x, ticks, left, right: left + size, y: top + size, label: "unit" }),
    colourBar(scale, { left: barLeft, top: top + 20, width: 14, height: 180 }, "correlation"),
    text(`mean of pairs ${shortNumber(mean)}`, { x: barLeft, y: top + 232, baseline: "middle" }),
  ];
  if (undefinedPairs > 0) {
    parts.push(text(`${undefinedPairs / 2} pairs`, { x: barLeft, y: top + 250, baseline: "middle" }));
    parts.push(text("not defined", { x: barLeft, y: top + 265, baseline: "middle" }));
  }
  const description = `Correlations of ${units} units: mean of all pairs ${shortNumber(mean)}, largest ${shortNumber(largest)} in size.`;
  return svgDocument({ width, height: top + size + 46, title: title ?? "Correlations", description }, parts);
}

function countSteps(activity: ArrayLike<number>, units: number): number {
  countColumns("activity", activity, units, "time, unit");
  return activity.length / units;
}
