import { line } from "d3-shape";
import { linearTicks, type Scale } from "./axes.ts";
import { shortNumber } from "./histogram.ts";
import { frame } from "./map-cells.ts";
import { ink } from "./palette.ts";
import { type Box, element, group, type Markup, segment } from "./svg.ts";
import { text } from "./text.ts";

/** The place an agent moves in. */
export interface Arena {
  /** Ends of what is drawn along x and y, in metres; of binned data the outer ends of the bins. */
  readonly xRange: readonly [low: number, high: number];
  readonly yRange: readonly [low: number, high: number];
  /** Walls and obstacles: closed polygons of [x, y] in metres. */
  readonly outlines?: readonly (readonly (readonly [x: number, y: number])[])[] | undefined;
}

const pathLimit = 4000;

/** Metres to pixels in a box, y upward. */
function placeIn(box: Box, { xRange, yRange }: Arena): { x: Scale; y: Scale } {
  const [x0, x1] = xRange;
  const [y0, y1] = yRange;
  return {
    x: (value) => box.left + ((value - x0) / (x1 - x0)) * box.width,
    y: (value) => box.top + ((y1 - value) / (y1 - y0)) * box.height,
  };
}

function path(
  points: readonly (readonly [number, number])[],
  { x, y }: { x: Scale; y: Scale },
  closed: boolean,
): string {
  const d = line<readonly [number, number]>(
    (point) => x(point[0]),
    (point) => y(point[1]),
  ).digits(1)([...points]);
  return `${d ?? ""}${closed ? "Z" : ""}`;
}

/** The arena's walls, or the frame of the bins where none are given. */
export function walls(box: Box, arena: Arena): Markup {
  if (arena.outlines === undefined || arena.outlines.length === 0) return frame(box);
  const place = placeIn(box, arena);
  const d = arena.outlines.map((polygon) => path(polygon, place, true)).join("");
  return element("path", { d, fill: "none", stroke: ink.text, "stroke-width": 1.25, "stroke-linejoin": "round" });
}

/** Where the agent was, [T, 2], within the walls; of a long path every k-th place. */
export function trajectoryPanel(places: ArrayLike<number>, box: Box, arena: Arena): Markup {
  const steps = places.length / 2;
  const stride = Math.ceil(steps / pathLimit);
  const points = Array.from({ length: Math.ceil(steps / stride) }, (_, index): readonly [number, number] => [
    places[2 * index * stride] ?? 0,
    places[2 * index * stride + 1] ?? 0,
  ]);
  const d = path(points, placeIn(box, arena), false);
  const stroke = { fill: "none", stroke: ink.reference, "stroke-width": 0.5, "stroke-linejoin": "round" };
  return group({}, [
    text("trajectory", { x: box.left, y: box.top - 20, bold: true }),
    text(`${steps} steps`, { x: box.left, y: box.top - 6 }),
    element("path", { d, ...stroke }),
    walls(box, arena),
  ]);
}

/** A length of round metres, about a third of a panel. */
export function lengthBar(arena: Arena, panelWidth: number, x: number, y: number): Markup {
  const metres = arena.xRange[1] - arena.xRange[0];
  const ticks = linearTicks([0, metres], 3);
  const length = ticks[1]?.value ?? metres;
  const pixels = (length / metres) * panelWidth;
  return group({}, [
    segment(x, y, x + pixels, y, { stroke: ink.text, "stroke-width": 2 }),
    text(`${shortNumber(length)} m`, { x: x + pixels + 6, y, baseline: "middle" }),
  ]);
}
