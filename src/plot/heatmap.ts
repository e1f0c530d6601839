import { linearTicks } from "./axes.ts";
import { colourRamp, divergingAnchors, ink, sequentialAnchors } from "./palette.ts";
import { encodePng, pngDataUri } from "./png.ts";
import { poolMatrix } from "./reduce.ts";
import { type Box, element, group, type Markup, rectangle, segment } from "./svg.ts";
import { text } from "./text.ts";

/** Colours for the values low … high; values outside take the colour of the nearer end. */
export interface ColourScale {
  readonly low: number;
  readonly high: number;
  readonly anchors: readonly string[];
  /** Values beyond an end exist: the colour bar gets a pointed end there. */
  readonly beyondLow: boolean;
  readonly beyondHigh: boolean;
}

/** Odd, so that the middle of a diverging scale is one of the levels. */
const levels = 255;

/** More cells than this on a side are averaged in blocks: beyond it a cell is smaller than a pixel. */
export const cellLimit = 480;

/** Blue – white – red, symmetric about 0. */
export function divergingScale(limit: number, beyondLow: boolean, beyondHigh: boolean): ColourScale {
  const high = limit > 0 ? limit : 1;
  return { low: -high, high, anchors: divergingAnchors, beyondLow, beyondHigh };
}

/** White to purple, from 0 to `limit`. */
export function sequentialScale(limit: number, beyondHigh: boolean): ColourScale {
  return { low: 0, high: limit > 0 ? limit : 1, anchors: sequentialAnchors, beyondLow: false, beyondHigh };
}

function dataImage(values: Float32Array, rows: number, columns: number, box: Box, scale: ColourScale): Markup {
  const { low, high } = scale;
  const indices = Uint8Array.from(values, (value) =>
    Math.round(Math.min(1, Math.max(0, (value - low) / (high - low))) * (levels - 1)),
  );
  const png = encodePng({
    rows,
    columns,
    indices,
    palette: colourRamp(scale.anchors, levels),
    scaleX: Math.max(1, Math.floor(box.width / columns)),
    scaleY: Math.max(1, Math.floor(box.height / rows)),
  });
  return element("image", {
    x: box.left,
    y: box.top,
    width: box.width,
    height: box.height,
    preserveAspectRatio: "none",
    "image-rendering": "pixelated",
    href: pngDataUri(png),
  });
}

/** A matrix as coloured cells that fill the box, framed by a thin line. `values` is [rows, columns], row-major. */
export function heatMap(values: Float32Array, rows: number, columns: number, box: Box, scale: ColourScale): Markup {
  const pooled = poolMatrix(values, rows, columns, cellLimit);
  // The last block may be cut off; its cell keeps full size, so the others shrink by less than a pixel.
  return group({}, [
    dataImage(pooled.values, pooled.rows, pooled.columns, box, scale),
    rectangle(box, { fill: "none", stroke: ink.axis, "stroke-width": 0.75 }),
  ]);
}

/** A vertical colour bar with numbers at its right and its name above; a pointed end says that values lie beyond. */
export function colourBar(scale: ColourScale, box: Box, label: string): Markup {
  const { left, top, width, height } = box;
  const gradient = Float32Array.from({ length: levels }, (_, level) => {
    return scale.high + ((scale.low - scale.high) * level) / (levels - 1);
  });
  const tip = width * 0.7;
  const upper = top + (scale.beyondHigh ? tip : 0);
  const lower = top + height - (scale.beyondLow ? tip : 0);
  const bar: Box = { left, top: upper, width, height: lower - upper };
  const right = left + width;
  const middle = left + width / 2;
  const outline = [
    `M${left},${upper}`,
    scale.beyondHigh ? `L${middle},${top}` : "",
    `L${right},${upper}V${lower}`,
    scale.beyondLow ? `L${middle},${top + height}` : "",
    `L${left},${lower}Z`,
  ].join("");
  const first = scale.anchors[0] ?? ink.axis;
  const last = scale.anchors[scale.anchors.length - 1] ?? ink.axis;
  const parts: Markup[] = [dataImage(gradient, levels, 1, bar, scale)];
  if (scale.beyondHigh) {
    parts.push(element("path", { d: `M${left},${upper}L${middle},${top}L${right},${upper}Z`, fill: last }));
  }
  if (scale.beyondLow) {
    parts.push(element("path", { d: `M${left},${lower}L${middle},${top + height}L${right},${lower}Z`, fill: first }));
  }
  parts.push(element("path", { d: outline, fill: "none", stroke: ink.axis, "stroke-width": 0.75 }));
  for (const tick of linearTicks([scale.low, scale.high], height > 160 ? 6 : 4)) {
    const y = upper + ((scale.high - tick.value) / (scale.high - scale.low)) * (lower - upper);
    parts.push(segment(right, y, right + 4, y, { stroke: ink.axis }));
    parts.push(text(tick.label, { x: right + 7, y, baseline: "middle" }));
  }
  parts.push(text(label, { x: left, y: top - 9 }));
  return group({}, parts);
}
