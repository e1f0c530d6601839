import { checkKeys } from "../structure/options.ts";
import { legendRow } from "./axes.ts";
import { columnBands, columnBandsHeight, nameSpace, rowBands, signLegend } from "./bands.ts";
import { checkFinite, checkShape, extent } from "./check.ts";
import { cellLimit, colourBar, divergingScale, heatMap } from "./heatmap.ts";
import { groupUnits, type UnitGroups, unitGroupKeys } from "./order.ts";
import { poolMatrix, quantile } from "./reduce.ts";
import { type Box, type Markup, svgDocument } from "./svg.ts";
import { fontSizes, shorten, text } from "./text.ts";

/** A recurrent weight matrix and what is known about its units. */
export interface WeightMatrix extends UnitGroups {
  /** [N, N] row-major: row = postsynaptic, column = presynaptic unit; exactly 0 = no synapse. */
  readonly weights: Float32Array;
  readonly title?: string | undefined;
}

const width = 700;
const barSpace = 104;

/** Rows and columns of a square matrix in a new order. */
export function permute(weights: ArrayLike<number>, order: ArrayLike<number>): Float32Array {
  const units = order.length;
  const permuted = new Float32Array(weights.length);
  for (let row = 0; row < units; row += 1) {
    const from = (order[row] ?? 0) * units;
    for (let column = 0; column < units; column += 1) {
      permuted[row * units + column] = weights[from + (order[column] ?? 0)] ?? 0;
    }
  }
  return permuted;
}

/**
 * A recurrent weight matrix as a heat map, as an SVG document 700 px wide: units ordered by area and, inside each area,
 * excitatory before inhibitory; red positive, blue negative, white no synapse. The colours reach to the 99th percentile
 * of |w| over existing synapses. Matrices beyond 480 units are averaged in blocks.
 * @throws ConfigError for an option that is not known; ShapeError if `weights` is not [N, N], `signs` not [N] or an area leaves 0 … N; ValueError for a NaN or
 * infinite weight (named by its post- and presynaptic unit), a sign other than -1, 0, 1, or overlapping areas.
 */
export function weightMatrix(matrix: WeightMatrix): string {
  checkKeys("weightMatrix", matrix, ["weights", ...unitGroupKeys, "title"]);
  const { weights, units, title } = matrix;
  const order = groupUnits(matrix);
  checkShape("weights", weights, [units, units], "postsynaptic, presynaptic");
  checkFinite("weights", weights, units);

  const cells = poolMatrix(permute(weights, order.order), units, units, cellLimit);
  const present = cells.values.filter((weight) => weight !== 0);
  const limit = quantile(
    present.map((weight) => Math.abs(weight)),
    0.99,
  );
  const [low, high] = extent(cells.values);
  const scale = divergingScale(limit, low < -limit, high > limit);

  const left = 46 + Math.max(24, nameSpace(order.areas.map((area) => area.name)));
  const size = width - left - barSpace;
  const legend = signLegend(order);
  const top = 14 + (title ? 24 : 0) + (legend.length > 0 ? 24 : 12);
  const box: Box = { left, top, width: size, height: size };
  const labelY = top + size + columnBandsHeight(order, box) + 18;

  const parts: Markup[] = [];
  if (title)
    parts.push(
      text(shorten(title, width - left - 8, fontSizes.title), { x: left, y: 24, size: fontSizes.title, bold: true }),
    );
  parts.push(legendRow(legend, left + size, top - 13));
  parts.push(heatMap(cells.values, cells.rows, cells.columns, box, scale));
  parts.push(rowBands(order, box));
  parts.push(columnBands(order, box));
  parts.push(
    text("postsynaptic unit", { x: 16, y: top + size / 2, size: fontSizes.label, anchor: "middle", turn: -90 }),
  );
  parts.push(text("presynaptic unit", { x: left + size / 2, y: labelY, size: fontSizes.label, anchor: "middle" }));
  parts.push(colourBar(scale, { left: left + size + 22, top, width: 14, height: size }, "weight"));

  const synapses = weights.reduce((count, weight) => count + (weight === 0 ? 0 : 1), 0);
  const blocks =
    cells.blockRows > 1 ? ` Each cell is the mean of ${cells.blockRows} × ${cells.blockColumns} weights.` : "";
  const areas = order.areas.map((area) => `${area.name} (${area.to - area.from})`).join(", ");
  const description =
    `Recurrent weights among ${units} units, rows postsynaptic, columns presynaptic; ${synapses} of ` +
    `${units * units} are not zero.${areas ? ` Areas: ${areas}.` : ""} ` +
    `Colours reach to ±${limit.toPrecision(3)}.${blocks}`;
  return svgDocument({ width, height: labelY + 14, title: title ?? "Recurrent weights", description }, parts);
}
