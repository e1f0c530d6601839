import { ConfigError } from "../errors.ts";
import type { Area } from "../io/model-schema.ts";
import { areaRanges, checkLayers } from "../structure/check.ts";
import { checkKeys } from "../structure/options.ts";
import type { MaskedWeight, Structure } from "../structure/structure.ts";
import { weightShape } from "../structure/structure.ts";
import { type LegendEntry, legendRow, sideLabel } from "./axes.ts";
import { areaLines, columnBands, columnBandsHeight, nameSpace, rowBands, signColour } from "./bands.ts";
import { checkCount, checkShape } from "./check.ts";
import { shortNumber } from "./histogram.ts";
import { type MaskCells, maskImage } from "./mask-cells.ts";
import { groupUnits } from "./order.ts";
import { ink } from "./palette.ts";
import { type Box, group, type Markup, segment, svgDocument } from "./svg.ts";
import { fontSizes, shorten, text } from "./text.ts";

/** A structure to draw. */
export interface MaskFigure {
  readonly structure: Pick<
    Structure,
    "inputs" | "hidden" | "outputs" | "areas" | "layers" | "masks" | "signs" | "unitSigns"
  >;
  readonly title?: string | undefined;
}

const width = 700;
const noteSpace = 112;
const gap = 30;
const names = ["weightIH", "weightHH", "weightHO"] as const;

/** Cells of one weight in drawing order; hidden units, rows or columns, are reordered. */
function cellsOf(figure: MaskFigure, name: MaskedWeight, order: Uint32Array): MaskCells {
  const { structure } = figure;
  const [rows, columns] = weightShape(structure, name);
  const mask = structure.masks[name];
  const signs = structure.signs[name];
  if (mask) checkShape(name.replace("weight", "mask"), mask, [rows, columns], "postsynaptic, presynaptic");
  if (signs) checkShape(name.replace("weight", "sign"), signs, [rows, columns], "postsynaptic, presynaptic");
  const place = (row: number, column: number): number => {
    const post = name === "weightHO" ? row : (order[row] ?? 0);
    const pre = name === "weightIH" ? column : (order[column] ?? 0);
    return post * columns + pre;
  };
  return {
    rows,
    columns,
    exists: (row, column) => mask?.[place(row, column)] ?? 1,
    sign: (row, column) => signs?.[place(row, column)] ?? 0,
  };
}

/**
 * What the panel of recurrent weights is divided by: the areas, sorted by layer so that each layer's units stay together,
 * or the layers where there are no areas.
 */
function dividingAreas({ areas, layers }: MaskFigure["structure"]): readonly Area[] {
  if (layers === undefined) return areas;
  return areas.length === 0 ? layers : [...areas].sort((a, b) => a.from - b.from);
}

/** Where one layer ends and the next begins in the drawn order; none where areas mix the units of layers. */
function layerBorders(order: Uint32Array, layers: readonly Area[] = []): number[] {
  const layerOf = (unit: number): number => layers.findIndex(({ from, to }) => unit >= from && unit < to);
  const drawn = Array.from(order, layerOf);
  if (drawn.some((layer, position) => layer < (drawn[position - 1] ?? 0))) return [];
  return layers.slice(1).map(({ from }) => from);
}

/** The staircase under which synapses act within the time step: those from an earlier layer. */
function layerSteps(borders: readonly number[], units: number, box: Box): Markup {
  const at = (position: number, start: number, length: number): number => start + (position / units) * length;
  const parts: Markup[] = [];
  const stroke = { stroke: ink.text, "stroke-width": 2.5, "stroke-linecap": "square" } as const;
  borders.forEach((border, index) => {
    const x = at(border, box.left, box.width);
    const y = at(border, box.top, box.height);
    const before = at(borders[index - 1] ?? 0, box.left, box.width);
    const after = at(borders[index + 1] ?? units, box.top, box.height);
    parts.push(segment(before, y, x, y, stroke), segment(x, y, x, after, stroke));
  });
  return group({}, parts);
}

/** Synapses of each sign that may exist: [excitatory, inhibitory, free]. */
function countKinds(cells: MaskCells): readonly [number, number, number] {
  const counts: [number, number, number] = [0, 0, 0];
  for (let row = 0; row < cells.rows; row += 1)
    for (let column = 0; column < cells.columns; column += 1) {
      if (cells.exists(row, column) === 0) continue;
      const sign = cells.sign(row, column);
      counts[sign > 0 ? 0 : sign < 0 ? 1 : 2] += 1;
    }
  return counts;
}

/**
 * Masks and signs of a structure as an SVG document 700 px wide: input weights at the left, recurrent weights beside them
 * with the same rows, readout weights below with the same columns. Hidden units are ordered by area and, inside each area,
 * excitatory before inhibitory. Excitatory synapses are red, inhibitory blue, those of free sign grey, absent ones white.
 * Where there are layers, a thick staircase bounds the synapses from earlier layers, below it, which act within the step.
 * @throws ConfigError for an option that is not known; ShapeError for a mask or signs that do not fit the sizes, or an area
 * that leaves them; ValueError for a size
 * that is no positive integer, a unit sign other than -1, 0, 1, overlapping areas, or layers with gaps between them.
 */
export function maskFigure(figure: MaskFigure): string {
  checkKeys("maskFigure", figure, ["structure", "title"]);
  const { structure, title } = figure;
  if (typeof structure !== "object" || structure === null)
    throw new ConfigError("maskFigure: structure is missing; expected { structure }.");
  const { inputs, hidden, outputs } = structure;
  for (const [name, size] of Object.entries({ inputs, hidden, outputs })) checkCount(name, size);
  const order = groupUnits({ units: hidden, areas: dividingAreas(structure), signs: structure.unitSigns });
  if (structure.layers) checkLayers("layers", structure.layers, hidden);
  const borders = layerBorders(order.order, structure.layers);
  const cells = names.map((name) => cellsOf(figure, name, order.order));
  const counts = cells.map(countKinds);

  const left = 46 + Math.max(30, nameSpace(order.areas.map((area) => area.name)));
  // Inputs and outputs get cells as large as those of the units, within what can be read.
  const thickness = (channels: number): number => Math.min(130, Math.max(28, (channels * 400) / hidden));
  const inputWidth = thickness(inputs);
  const size = width - left - inputWidth - gap - noteSpace;
  const top = 14 + (title ? 24 : 0) + 24;
  const boxIH: Box = { left, top, width: inputWidth, height: size };
  const boxHH: Box = { left: left + inputWidth + gap, top, width: size, height: size };
  const boxHO: Box = { left: boxHH.left, top: top + size + gap, width: size, height: thickness(outputs) };

  const parts: Markup[] = [];
  if (title)
    parts.push(
      text(shorten(title, width - left - 8, fontSizes.title), { x: left, y: 24, size: fontSizes.title, bold: true }),
    );
  const legend = ["excitatory", "inhibitory", "free sign"].flatMap((label, kind): LegendEntry[] =>
    counts.some((count) => (count[kind] ?? 0) > 0)
      ? [{ label, colour: signColour([1, -1, 0][kind] ?? 0), sample: "area" }]
      : [],
  );
  parts.push(legendRow(legend, boxHH.left + size, top - 13));
  [boxIH, boxHH, boxHO].forEach((box, index) => {
    const drawn = cells[index];
    if (drawn) parts.push(maskImage(drawn, box));
  });
  parts.push(rowBands(order, boxIH), areaLines(boxHH, order, order), columnBands(order, boxHO));
  parts.push(layerSteps(borders, hidden, boxHH));
  const bottom = boxHO.top + boxHO.height;
  const labelY = bottom + columnBandsHeight(order, boxHO) + 18;
  parts.push(sideLabel("postsynaptic unit", 16, top, top + size));
  const caption = { size: fontSizes.label, anchor: "middle" } as const;
  parts.push(text("presynaptic unit", { x: boxHO.left + size / 2, y: labelY, ...caption }));
  parts.push(text(`inputs (${inputs})`, { x: left + inputWidth / 2, y: top + size + 16, ...caption }));
  parts.push(
    text(`outputs (${outputs})`, {
      x: boxHO.left - 8,
      y: boxHO.top + boxHO.height / 2,
      size: fontSizes.label,
      anchor: "end",
      baseline: "middle",
    }),
  );
  const densities = cells.map((cell, index) => {
    const count = counts[index]?.reduce((sum, value) => sum + value, 0) ?? 0;
    return { count, density: count / (cell.rows * cell.columns) };
  });
  const noteX = boxHH.left + size + 14;
  parts.push(text("density", { x: noteX, y: top + 8, bold: true, baseline: "middle" }));
  ["input", "recurrent", "readout"].forEach((name, index) => {
    const line = `${name} ${shortNumber(densities[index]?.density ?? 0)}`;
    parts.push(text(line, { x: noteX, y: top + 25 + 16 * index, baseline: "middle" }));
  });
  if (borders.length > 0) {
    parts.push(text(`${borders.length + 1} layers:`, { x: noteX, y: top + 85, bold: true, baseline: "middle" }));
    ["below the thick", "line, synapses", "act within the", "time step"].forEach((line, index) => {
      parts.push(text(line, { x: noteX, y: top + 102 + 16 * index, baseline: "middle" }));
    });
  }
  const description = ["Input", "Recurrent", "Readout"]
    .map((name, index) => {
      const [excitatory, inhibitory, free] = counts[index] ?? [0, 0, 0];
      const { count, density } = densities[index] ?? { count: 0, density: 0 };
      return `${name}: ${count} synapses (density ${shortNumber(density)}): ${excitatory} excitatory, ${inhibitory} inhibitory, ${free} of free sign.`;
    })
    .join(" ");
  const layers = structure.layers ? ` Layers in the order of their update: ${areaRanges(structure.layers)}.` : "";
  return svgDocument(
    { width, height: labelY + 14, title: title ?? "Structure", description: description + layers },
    parts,
  );
}
