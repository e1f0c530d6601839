import { signColour } from "./bands.ts";
import { cellLimit } from "./heatmap.ts";
import { colourRamp, ink, type Rgb } from "./palette.ts";
import { encodePng, pngDataUri } from "./png.ts";
import { type Box, element, group, type Markup, rectangle } from "./svg.ts";

/** Shades of each colour, from white: 3 × 84 and white are a palette's 256 at most. */
const shades = 84;
const kinds = [1, -1, 0] as const;

function palette(): readonly Rgb[] {
  return [[255, 255, 255], ...kinds.flatMap((sign) => colourRamp(["#ffffff", signColour(sign)], shades))];
}

/** Synapses of one weight matrix [rows, columns] in drawing order. */
export interface MaskCells {
  readonly rows: number;
  readonly columns: number;
  /** Row and column as drawn to 1 where a synapse may exist, else 0. */
  readonly exists: (row: number, column: number) => number;
  /** Row and column as drawn to +1, -1 or 0. */
  readonly sign: (row: number, column: number) => number;
}

/**
 * A mask as cells that fill the box: excitatory red, inhibitory blue, free grey, absent white. More than 480 rows or
 * columns are joined into blocks: each has the colour of the kind it holds most of, as dark as the block is dense.
 */
export function maskImage(cells: MaskCells, box: Box): Markup {
  const { rows, columns } = cells;
  const [blockRows, blockColumns] = [Math.ceil(rows / cellLimit), Math.ceil(columns / cellLimit)];
  const [drawnRows, drawnColumns] = [Math.ceil(rows / blockRows), Math.ceil(columns / blockColumns)];
  const indices = new Uint8Array(drawnRows * drawnColumns);
  for (let cell = 0; cell < indices.length; cell += 1) {
    const top = Math.floor(cell / drawnColumns) * blockRows;
    const left = (cell % drawnColumns) * blockColumns;
    const [bottom, right] = [Math.min(rows, top + blockRows), Math.min(columns, left + blockColumns)];
    const counts = [0, 0, 0];
    let total = 0;
    for (let row = top; row < bottom; row += 1)
      for (let column = left; column < right; column += 1) {
        if (cells.exists(row, column) === 0) continue;
        const kind = kinds.indexOf(Math.sign(cells.sign(row, column)) as 1 | -1 | 0);
        counts[kind] = (counts[kind] ?? 0) + 1;
        total += 1;
      }
    if (total === 0) continue;
    const shade = Math.round((total / ((bottom - top) * (right - left))) * (shades - 1));
    indices[cell] = 1 + counts.indexOf(Math.max(...counts)) * shades + shade;
  }
  const png = encodePng({
    rows: drawnRows,
    columns: drawnColumns,
    indices,
    palette: palette(),
    scaleX: Math.max(1, Math.floor(box.width / drawnColumns)),
    scaleY: Math.max(1, Math.floor(box.height / drawnRows)),
  });
  return group({}, [
    element("image", {
      x: box.left,
      y: box.top,
      width: box.width,
      height: box.height,
      preserveAspectRatio: "none",
      "image-rendering": "pixelated",
      href: pngDataUri(png),
    }),
    rectangle(box, { fill: "none", stroke: ink.axis, "stroke-width": 0.75 }),
  ]);
}
