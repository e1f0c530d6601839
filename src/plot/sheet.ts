import { ShapeError } from "../errors.ts";
import { checkKeys } from "../structure/options.ts";
import { bottomAxis, leftAxis, linearTicks, sideLabel } from "./axes.ts";
import { checkCount, checkFinite, checkNumberOf, checkShape } from "./check.ts";
import { colourBar, heatMap } from "./heatmap.ts";
import { shortNumber } from "./histogram.ts";
import { horizontalAxis, titleLine } from "./panel.ts";
import { type Box, type Markup, svgDocument } from "./svg.ts";
import { shorten, text } from "./text.ts";
import { signalScale } from "./trial-heat.ts";

/** Activity of a square sheet of units, such as a torus, at one moment or several. */
export interface SheetFigure {
  /** Units along each side, n. */
  readonly size: number;
  /** Of each moment [n, n] rates, row after row; row 0 is drawn at the bottom. */
  readonly patterns: readonly ArrayLike<number>[];
  /** Of each moment its name, such as "0.5 s". */
  readonly names?: readonly string[] | undefined;
  readonly title?: string | undefined;
}

const width = 700;
const left = 62;
const barSpace = 84;
const gap = 18;
const nameHeight = 20;
const mostPatterns = 16;
const largest = 380;

/** The last row first, as y grows upward. */
function upward(values: ArrayLike<number>, size: number): Float32Array {
  return Float32Array.from({ length: size * size }, (_, index) => {
    const row = size - 1 - Math.floor(index / size);
    return values[row * size + (index % size)] ?? 0;
  });
}

/**
 * Activity of a sheet of n by n units as heat maps, up to four in a row, with one colour scale for all moments, as an SVG
 * document 700 px wide. Sheets beyond 480 units a side are averaged in blocks.
 * @throws ConfigError for an option that is not known; ShapeError for a pattern that is not [n, n], more than 16, or names
 * that are not as many; ValueError for a rate that is not finite.
 */
export function sheetFigure(figure: SheetFigure): string {
  checkKeys("sheetFigure", figure, ["size", "patterns", "names", "title"]);
  const { size, patterns, names, title } = figure;
  checkCount("size", size);
  checkNumberOf("patterns", patterns, mostPatterns);
  for (const [index, pattern] of patterns.entries()) {
    checkShape(`patterns[${index}]`, pattern, [size, size], "row, column");
    checkFinite(`patterns[${index}]`, pattern, size);
  }
  if (names && names.length !== patterns.length)
    throw new ShapeError(`names: expected ${patterns.length}, one for each pattern, got ${names.length}.`);

  const all = new Float32Array(patterns.length * size * size);
  patterns.forEach((pattern, index) => {
    all.set(pattern, index * size * size);
  });
  const scale = signalScale(all);
  const columns = Math.min(patterns.length, patterns.length === 4 ? 2 : patterns.length > 9 ? 4 : 3);
  const side = Math.min(largest, (width - left - barSpace - gap * (columns - 1)) / columns);
  const top = (title ? 34 : 8) + (names ? nameHeight : 6);
  const rowHeight = side + gap + (names ? nameHeight : 0);
  const rows = Math.ceil(patterns.length / columns);
  const parts: Markup[] = titleLine(title, left, width);
  patterns.forEach((pattern, index) => {
    const [row, column] = [Math.floor(index / columns), index % columns];
    const box: Box = { left: left + column * (side + gap), top: top + row * rowHeight, width: side, height: side };
    const [right, bottom] = [box.left + side, box.top + side];
    const lowest = index + columns >= patterns.length;
    const ticks = linearTicks([0, size], 4).filter(({ value }) => Number.isInteger(value));
    const y = (value: number): number => bottom - (value / size) * side;
    if (names) parts.push(text(shorten(names[index] ?? "", side), { x: box.left, y: box.top - 7, bold: true }));
    parts.push(heatMap(upward(pattern, size), size, size, box, scale));
    parts.push(
      leftAxis({
        ...{ scale: y, left: box.left, right, top: box.top, bottom, grid: false },
        ticks: column === 0 ? ticks : ticks.map(({ value }) => ({ value, label: "" })),
      }),
    );
    const { scale: x } = horizontalAxis(box, [0, size]);
    parts.push(bottomAxis({ scale: x, ticks, left: box.left, right, y: bottom, label: lowest ? "unit" : undefined }));
    if (column === 0) parts.push(sideLabel("unit", 16, box.top, bottom));
  });
  const barHeight = Math.min(180, side - 30);
  const right = left + columns * (side + gap) - gap;
  parts.push(colourBar(scale, { left: right + 22, top: top + 16, width: 14, height: barHeight }, "rate"));
  const active = patterns.map((pattern, index) => {
    const share = Array.from(pattern).filter((rate) => rate > 0).length / (size * size);
    const highest = Array.from(pattern).reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
    const name = names?.[index] ?? `pattern ${index + 1}`;
    return `${name}: ${shortNumber(share * 100)} % active, highest ${shortNumber(highest)}.`;
  });
  const bottom = top + rows * rowHeight - gap - (names ? nameHeight : 0);
  const description = `Activity of ${size} × ${size} units. ${active.join(" ")}`;
  return svgDocument({ width, height: bottom + 46, title: title ?? "Activity of a sheet", description }, parts);
}
