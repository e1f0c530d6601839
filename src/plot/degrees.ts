import { scaleLinear } from "d3-scale";
import { ConfigError, ValueError } from "../errors.ts";
import { checkKeys } from "../structure/options.ts";
import { bottomAxis, dashes, legendColumn, linearTicks } from "./axes.ts";
import { nameLimit, signColour, signLegend } from "./bands.ts";
import { checkFinite, checkShape, extent } from "./check.ts";
import { histogramPanel, type Layer, meanAndDeviation, shortNumber, wholeBins } from "./histogram.ts";
import { groupUnits, type UnitGroups, type UnitOrder, unitGroupKeys } from "./order.ts";
import { barColour, ink } from "./palette.ts";
import { type Box, type Markup, segment, svgDocument } from "./svg.ts";
import { fontSizes, shorten, text } from "./text.ts";

/** Recurrent synapses, given by a mask or by weights, and what is known about the units. */
export interface DegreeHistogram extends UnitGroups {
  /** [N, N] row-major: row = postsynaptic, column = presynaptic unit; not 0 = a synapse. */
  readonly mask?: Float32Array | undefined;
  /** In place of the mask; exactly 0 = no synapse. */
  readonly weights?: Float32Array | undefined;
  /** In place of both, [N] each: how many synapses end on each unit, and how many start from it. */
  readonly degrees?: { readonly inward: ArrayLike<number>; readonly outward: ArrayLike<number> } | undefined;
  readonly title?: string | undefined;
}

const width = 700;
const left = 62;
const columnGap = 58;
const noteSpace = 140;
const barLimit = 60;

/** How many synapses end on each unit, and how many start from it. */
function countDegrees(matrix: Float32Array, units: number): { inward: number[]; outward: number[] } {
  const inward = new Array<number>(units).fill(0);
  const outward = new Array<number>(units).fill(0);
  matrix.forEach((value, index) => {
    if (value === 0) return;
    const post = Math.floor(index / units);
    const pre = index % units;
    inward[post] = (inward[post] ?? 0) + 1;
    outward[pre] = (outward[pre] ?? 0) + 1;
  });
  return { inward, outward };
}

function readDegrees({ units, mask, weights, degrees }: DegreeHistogram): { inward: number[]; outward: number[] } {
  const matrix = mask ?? weights;
  if (matrix !== undefined) {
    const name = mask === undefined ? "weights" : "mask";
    checkShape(name, matrix, [units, units], "postsynaptic, presynaptic");
    checkFinite(name, matrix, units);
    return countDegrees(matrix, units);
  }
  const [inward, outward] = (["inward", "outward"] as const).map((name) => {
    const list = Array.from(degrees?.[name] ?? []);
    checkShape(`degrees.${name}`, list, [units], "units");
    const wrong = list.findIndex((degree) => !Number.isInteger(degree) || degree < 0);
    if (wrong >= 0)
      throw new ValueError(`degrees.${name}[${wrong}]: expected a number of synapses, got ${list[wrong]}.`);
    return list;
  });
  return { inward: inward ?? [], outward: outward ?? [] };
}

/** One row of the figure: an area, or all units. */
interface Group {
  readonly name: string | undefined;
  readonly units: readonly number[];
}

function groupsOf(order: UnitOrder): readonly Group[] {
  if (order.areas.length === 0) return [{ name: undefined, units: [...order.order] }];
  const groups = order.areas.map(({ name, from, to }) => ({ name, units: [...order.order.subarray(from, to)] }));
  const rest = [...order.order.subarray(order.areas[order.areas.length - 1]?.to ?? 0)];
  return rest.length > 0 ? [...groups, { name: "in no area", units: rest }] : groups;
}

/**
 * How many synapses end on each unit (in-degree, left) and how many start from it (out-degree, right), as an SVG document
 * 700 px wide: a row for each area, or one for all units; bars of excitatory units red, of inhibitory blue, stacked; a
 * dashed line at the mean. Synapses from and to other areas count.
 * @throws ConfigError unless one of mask, weights and degrees is given, and for an option that is not known; ShapeError if it is not [N, N], `signs` not [N] or an area
 * leaves 0 … N; ValueError for a NaN or infinite weight, a sign other than -1, 0, 1, or overlapping areas.
 */
export function degreeHistogram(figure: DegreeHistogram): string {
  checkKeys("degreeHistogram", figure, ["mask", "weights", "degrees", ...unitGroupKeys, "title"]);
  const { units, mask, weights, signs, title } = figure;
  if ([mask, weights, figure.degrees].filter((given) => given !== undefined).length !== 1)
    throw new ConfigError(
      "degreeHistogram: give either mask or weights [N, N] (postsynaptic, presynaptic), or degrees.",
    );
  const order = groupUnits(figure);
  const { inward, outward } = readDegrees(figure);
  const groups = groupsOf(order);
  const height = groups.length === 1 ? 170 : 92;
  const gap = 44;
  const start = title ? 56 : 30;
  const panelWidth = (width - left - columnGap - (signs ? noteSpace : 28)) / 2;
  const parts: Markup[] = [];
  if (title)
    parts.push(
      text(shorten(title, width - left - 8, fontSizes.title), { x: left, y: 24, size: fontSizes.title, bold: true }),
    );
  groups.forEach((group, row) => {
    if (group.name === undefined) return;
    const y = start + row * (height + gap) - 7;
    const name = `${shorten(group.name, nameLimit)} (${group.units.length} units)`;
    parts.push(text(name, { x: left, y, bold: true }));
  });
  [inward, outward].forEach((degrees, column) => {
    const boxLeft = left + column * (panelWidth + columnGap);
    const bins = wholeBins(...extent(degrees), barLimit);
    // Room for a bar's width at both ends, and for a lone bar not to fill the panel.
    const space = Math.max(1, bins.count < 10 ? 3 : 0) * bins.width;
    const domain: [number, number] = [bins.from - space, bins.from + bins.count * bins.width + space];
    const right = boxLeft + panelWidth;
    const x = scaleLinear().domain(domain).range([boxLeft, right]);
    const ticks = linearTicks(domain, 6).filter((tick) => Number.isInteger(tick.value) && tick.value >= 0);
    groups.forEach((group, row) => {
      const top = start + row * (height + gap);
      const box: Box = { left: boxLeft, top, width: panelWidth, height };
      const degreesOf = (sign?: number): number[] =>
        group.units.filter((unit) => sign === undefined || signs?.[unit] === sign).map((unit) => degrees[unit] ?? 0);
      const layers: Layer[] = signs
        ? [1, -1, 0].map((sign) => ({ values: degreesOf(sign), colour: signColour(sign) }))
        : [{ values: degreesOf(), colour: barColour }];
      const [mean] = meanAndDeviation(degreesOf());
      parts.push(histogramPanel(layers, bins, x, box, "units", boxLeft - 46));
      parts.push(segment(x(mean), top, x(mean), top + height, { stroke: ink.text, "stroke-dasharray": dashes }));
      parts.push(text(`mean ${shortNumber(mean)}`, { x: right, y: top - 7, anchor: "end" }));
      const label =
        row < groups.length - 1 ? undefined : column === 0 ? "in-degree (synapses)" : "out-degree (synapses)";
      parts.push(bottomAxis({ scale: x, ticks, left: boxLeft, right, y: top + height, label }));
    });
  });
  parts.push(legendColumn(signLegend(order), width - noteSpace + 14, start + 8));
  const bottom = start + groups.length * (height + gap) - gap;
  const synapses = inward.reduce((sum, degree) => sum + degree, 0);
  const [mean, inDeviation] = meanAndDeviation(inward);
  const [, outDeviation] = meanAndDeviation(outward);
  const description =
    `In- and out-degree of ${units} units with ${synapses} recurrent synapses: mean ${shortNumber(mean)}, standard ` +
    `deviation ${shortNumber(inDeviation)} of the in-degree and ${shortNumber(outDeviation)} of the out-degree.`;
  return svgDocument({ width, height: bottom + 46, title: title ?? "Degrees", description }, parts);
}
