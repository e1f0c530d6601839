import { unzlibSync } from "fflate";

/** Colours of the n-th image of a figure, one list for each row of its cells, an element for each pixel across. */
export function imageRows(svg: string, index: number): string[][] {
  const href = [...svg.matchAll(/href="data:image\/png;base64,([^"]*)"/g)][index]?.[1] ?? "";
  const bytes = Uint8Array.from(atob(href), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const colours: string[] = [];
  let lines: number[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = view.getUint32(at);
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    const data = bytes.slice(at + 8, at + 8 + length);
    if (type === "PLTE")
      for (let i = 0; i < length; i += 3)
        colours.push(`#${[...data.subarray(i, i + 3)].map((value) => value.toString(16).padStart(2, "0")).join("")}`);
    if (type === "IDAT") lines = [...unzlibSync(data)];
    at += length + 12;
  }
  const width = view.getUint32(16);
  // Only lines that are not "the same as the line above" (filter 0): one for each row of cells.
  return Array.from({ length: lines.length / (width + 1) }, (_, line) =>
    lines.slice(line * (width + 1), (line + 1) * (width + 1)),
  )
    .filter((line) => line[0] === 0)
    .map((line) => line.slice(1).map((cell) => colours[cell] ?? "none"));
}

/** The colour of each cell of an image that has `columns` cells across. */
export function imageCells(svg: string, index: number, columns: number): string[][] {
  return imageRows(svg, index).map((row) =>
    Array.from({ length: columns }, (_, column) => row[Math.floor(((column + 0.5) * row.length) / columns)] ?? "none"),
  );
}

/** How dark a colour is: the sum of 255 minus each of its parts. */
export function darkness(colour: string): number {
  const value = Number.parseInt(colour.slice(1), 16);
  return 765 - (value >> 16) - ((value >> 8) & 255) - (value & 255);
}

/** The points of a path that draws straight lines only. */
export function pathPoints(path: string): [number, number][] {
  return [...path.matchAll(/[ML]([-\d.]+),([-\d.]+)/g)].map(([, x, y]) => [Number(x), Number(y)]);
}

/** Every path with this stroke, as points. */
export function strokes(svg: string, colour: string): [number, number][][] {
  return [...svg.matchAll(/<path d="([^"]*)"[^>]*? stroke="([^"]*)"/g)]
    .filter((match) => match[2] === colour)
    .map((match) => pathPoints(match[1] ?? ""));
}
