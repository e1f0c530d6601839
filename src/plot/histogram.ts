import { scaleLinear } from "d3-scale";
import { leftAxis, linearTicks, type Scale, sideLabel } from "./axes.ts";
import { ink } from "./palette.ts";
import { type Box, element, formatNumber, group, type Markup } from "./svg.ts";

/** `count` bins of equal width; bin k holds from + k·width up to, not including, from + (k+1)·width. */
export interface Bins {
  readonly from: number;
  readonly width: number;
  readonly count: number;
}

/**
 * About `count` bins that cover low … high, with 0 between two of them, so that none mixes signs. Equal values lie in the
 * middle of one bin.
 */
export function binsAroundZero(low: number, high: number, count: number): Bins {
  if (low === high) {
    const width = (Math.abs(high) || 1) / count;
    return { from: low - width / 2, width, count: 1 };
  }
  const width = (high - low) / count;
  const first = Math.floor(low / width);
  return { from: first * width, width, count: Math.floor(high / width) - first + 1 };
}

/** Bins centred on whole numbers that cover low … high, each of the same number of them, at most `limit` bins. */
export function wholeBins(low: number, high: number, limit: number): Bins {
  const width = Math.max(1, Math.ceil((high - low + 1) / limit));
  return { from: low - 0.5, width, count: Math.ceil((high - low + 1) / width) };
}

/** [count]: how many of the values lie in each bin; those beyond an end count for the bin there. */
export function countInBins(values: Iterable<number>, bins: Bins): Float64Array {
  const counts = new Float64Array(bins.count);
  for (const value of values) {
    const bin = Math.min(bins.count - 1, Math.max(0, Math.floor((value - bins.from) / bins.width)));
    counts[bin] = (counts[bin] ?? 0) + 1;
  }
  return counts;
}

/** Part of a histogram in one colour. */
export interface Layer {
  readonly values: readonly number[];
  readonly colour: string;
}

/** Bars of all layers, stacked, with a vertical axis of counts and its name at `labelX`. */
export function histogramPanel(
  layers: readonly Layer[],
  bins: Bins,
  x: Scale,
  box: Box,
  label: string,
  labelX: number,
): Markup {
  const counts = layers.map((layer) => countInBins(layer.values, bins));
  const heights = Array.from({ length: bins.count }, (_, bin) => counts.reduce((sum, of) => sum + (of[bin] ?? 0), 0));
  const domain: [number, number] = [0, Math.max(1, ...heights) * 1.06];
  const bottom = box.top + box.height;
  const y = scaleLinear().domain(domain).range([bottom, box.top]);
  const right = box.left + box.width;
  const ticks = linearTicks(domain, box.height > 100 ? 5 : 3).filter((tick) => Number.isInteger(tick.value));
  const parts = [
    sideLabel(label, labelX, box.top, bottom),
    leftAxis({ scale: y, ticks, left: box.left, right, top: box.top, bottom }),
  ];
  const gap = x(bins.width) - x(0) > 6 ? 0.5 : 0;
  const floors = new Float64Array(bins.count);
  layers.forEach((layer, index) => {
    let path = "";
    for (let bin = 0; bin < bins.count; bin += 1) {
      const count = counts[index]?.[bin] ?? 0;
      if (count === 0) continue;
      const floor = floors[bin] ?? 0;
      const start = bins.from + bin * bins.width;
      const [left, top, end, base] = [x(start) + gap, y(floor + count), x(start + bins.width) - gap, y(floor)];
      path += `M${formatNumber(left)},${formatNumber(base)}V${formatNumber(top)}H${formatNumber(end)}V${formatNumber(base)}Z`;
      floors[bin] = floor + count;
    }
    if (path !== "") parts.push(element("path", { d: path, fill: layer.colour }));
  });
  parts.push(element("path", { d: `M${box.left},${bottom}H${right}`, stroke: ink.axis }));
  return group({}, parts);
}

/** A number with 3 significant digits and no needless zeros: 0.0123, 12.3, 1230. */
export function shortNumber(value: number): string {
  const rounded = Number(value.toPrecision(3));
  return `${Object.is(rounded, -0) ? 0 : rounded}`;
}

/** Mean and population standard deviation; 0 and 0 of no numbers. */
export function meanAndDeviation(values: readonly number[]): readonly [mean: number, deviation: number] {
  if (values.length === 0) return [0, 0];
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return [mean, Math.sqrt(squares / values.length)];
}
