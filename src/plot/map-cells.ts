import type { ColourScale } from "./heatmap.ts";
import { colourRamp, ink, mapAnchors } from "./palette.ts";
import { encodePng, pngDataUri } from "./png.ts";
import { type Box, element, group, type Markup, rectangle } from "./svg.ts";
import { text, textWidth } from "./text.ts";

/** Fewer than in a large heat map: each small image carries its own palette. */
const shades = 64;

/** Dark blue to yellow from 0, or from the lowest value where some are negative, to the highest; NaN is passed over. */
export function mapScale(values: ArrayLike<number>): ColourScale {
  let [low, high] = [0, 0];
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (value < low) low = value;
    if (value > high) high = value;
  }
  // All zero: the lowest colour.
  if (high === low) high = low + 1;
  return { low, high, anchors: mapAnchors, beyondLow: false, beyondHigh: false };
}

/** The highest rate, NaN passed over; `undefined` if there is none. */
export function peakOf(values: ArrayLike<number>): number | undefined {
  const known = Array.from(values).filter((value) => !Number.isNaN(value));
  return known.length === 0 ? undefined : known.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
}

/** Averages blocks of what was measured, so that neither side has more than `limit` cells; NaN where nothing was. */
export function poolMeasured(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
  limit: number,
): { values: Float32Array; rows: number; columns: number } {
  const [blockRows, blockColumns] = [Math.ceil(rows / limit), Math.ceil(columns / limit)];
  const [pooledRows, pooledColumns] = [Math.ceil(rows / blockRows), Math.ceil(columns / blockColumns)];
  const sums = new Float64Array(pooledRows * pooledColumns);
  const counts = new Float64Array(sums.length);
  for (let index = 0; index < rows * columns; index += 1) {
    const value = values[index] ?? Number.NaN;
    if (Number.isNaN(value)) continue;
    const row = Math.floor(index / columns / blockRows);
    const cell = row * pooledColumns + Math.floor((index % columns) / blockColumns);
    sums[cell] = (sums[cell] ?? 0) + value;
    counts[cell] = (counts[cell] ?? 0) + 1;
  }
  const pooled = Float32Array.from(sums, (sum, cell) => (counts[cell] ? sum / (counts[cell] ?? 1) : Number.NaN));
  return { values: pooled, rows: pooledRows, columns: pooledColumns };
}

/**
 * A small map [rows, columns] that fills the box, its first row at the bottom, as y grows upward; NaN is white. The frame
 * is left to the caller.
 */
export function mapImage(
  values: ArrayLike<number>,
  rows: number,
  columns: number,
  box: Box,
  scale: ColourScale,
): Markup {
  const { low, high } = scale;
  const indices = new Uint8Array(rows * columns);
  for (let index = 0; index < indices.length; index += 1) {
    const row = rows - 1 - Math.floor(index / columns);
    const value = values[row * columns + (index % columns)] ?? Number.NaN;
    const share = Math.min(1, Math.max(0, (value - low) / (high - low)));
    indices[index] = Number.isNaN(value) ? shades : Math.round(share * (shades - 1));
  }
  const png = encodePng({
    ...{ rows, columns, indices, palette: [...colourRamp(scale.anchors, shades), [255, 255, 255]] },
    scaleX: Math.max(1, Math.floor(box.width / columns)),
    scaleY: Math.max(1, Math.floor(box.height / rows)),
  });
  return element("image", {
    ...{ x: box.left, y: box.top, width: box.width, height: box.height, preserveAspectRatio: "none" },
    "image-rendering": "pixelated",
    href: pngDataUri(png),
  });
}

/** A thin frame around a panel. */
export function frame(box: Box): Markup {
  return rectangle(box, { fill: "none", stroke: ink.axis, "stroke-width": 0.75 });
}

const stripWidth = 90;

/** Width of a {@link colourStrip} in pixels. */
export function colourStripWidth(ends: readonly [string, string]): number {
  return stripWidth + 12 + textWidth(ends[0]) + textWidth(ends[1]);
}

/** The colours of a scale from left to right, the names of its ends beside it, centred at the height `y`. */
export function colourStrip(
  anchors: readonly string[],
  ends: readonly [string, string],
  left: number,
  y: number,
): Markup {
  const start = left + textWidth(ends[0]) + 6;
  const box: Box = { left: start, top: y - 5, width: stripWidth, height: 10 };
  const ramp = Float32Array.from({ length: shades }, (_, shade) => shade);
  const scale: ColourScale = { low: 0, high: shades - 1, anchors, beyondLow: false, beyondHigh: false };
  return group({}, [
    text(ends[0], { x: start - 6, y, anchor: "end", baseline: "middle" }),
    mapImage(ramp, 1, shades, box, scale),
    frame(box),
    text(ends[1], { x: start + stripWidth + 6, y, baseline: "middle" }),
  ]);
}
