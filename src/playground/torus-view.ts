import { smoothMap } from "../analysis/spatial/smooth.ts";
import { peakOf } from "../plot/map-cells.ts";
import { ink, mapAnchors, sequentialAnchors } from "../plot/palette.ts";
import type { Vector } from "../world/world.ts";
import { HeatImage, openSurface } from "./canvas.ts";
import { drawArrow, drawDisc } from "./drawing.ts";
import { boxFrame, type Frame, sheetFrame, toPixels, unitAt } from "./frames-of-reference.ts";
import type { PlaceMaps } from "./place-map.ts";
import { tellTale } from "./tell-tale.ts";
import type { TorusSheet } from "./torus-sheet.ts";
import { boxSize, obstacle, type TorusWalk } from "./torus-walk.ts";

const margin = 8;
/** Around the sheet there is room for parts of its copies. */
const sheetMargin = 40;
const neighbours = [-2, -1, 0, 1, 2].flatMap((column) => [-1, 0, 1].map((row) => [column, row] as const));
const { truth, decoded: decodedColour } = tellTale;

/** The activity of a sheet as a heat map, with the chosen unit. */
export class SheetView {
  readonly #canvas: HTMLCanvasElement;
  readonly #image: HeatImage;
  readonly #side: number;

  constructor(canvas: HTMLCanvasElement, side: number) {
    this.#canvas = canvas;
    this.#image = new HeatImage(side, side, sequentialAnchors);
    this.#side = side;
  }

  draw({ rates, torus }: TorusSheet, unit: number): void {
    const surface = openSurface(this.#canvas);
    if (surface === undefined) return;
    const { context } = surface;
    const side = this.#side;
    const frame = sheetFrame(torus, { ...surface, margin: sheetMargin });
    const most = rates.reduce((largest, rate) => Math.max(largest, rate), 0);
    const image = this.#image.paint((column, row) => rates[row * side + column] as number, most);
    context.save();
    context.transform(...frame);
    context.imageSmoothingEnabled = false;
    for (const [column, row] of neighbours) {
      context.globalAlpha = column === 0 && row === 0 ? 1 : 0.25;
      context.drawImage(image, column * side, row * side);
    }
    context.restore();
    outline(context, frame, side);
    const place = toPixels(frame, [(unit % side) + 0.5, Math.floor(unit / side) + 0.5]);
    drawDisc(context, place, 7, { colour: "#ffffff", width: 4 });
    drawDisc(context, place, 7, { colour: truth, width: 2.5 });
  }

  /** The unit at a place of the canvas, in CSS pixels. */
  unitAt({ torus }: TorusSheet, pixel: Vector): number | undefined {
    const { clientWidth: width, clientHeight: height } = this.#canvas;
    return unitAt(sheetFrame(torus, { width, height, margin: sheetMargin }), this.#side, pixel);
  }
}

/** The box with the animal, its path, and where the sheet says that it is. */
export class ArenaView {
  readonly #canvas: HTMLCanvasElement;

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  draw(walk: TorusWalk, decoded: Vector, withObstacle: boolean): void {
    const surface = openSurface(this.#canvas);
    if (surface === undefined) return;
    const { context } = surface;
    const frame = boxFrame(boxSize, { ...surface, margin });
    const scale = frame[0];
    if (withObstacle) {
      const [centre, radius] = [toPixels(frame, obstacle.centre), obstacle.radius * scale];
      drawDisc(context, centre, radius, { colour: ink.grid });
      drawDisc(context, centre, radius, { colour: ink.axis, width: 1.5 });
    }
    outline(context, frame, boxSize);
    context.strokeStyle = ink.reference;
    context.lineWidth = 1.2;
    context.lineJoin = "round";
    context.beginPath();
    for (let row = 0; row < walk.path.length; row += 1)
      context.lineTo(...toPixels(frame, [walk.path.at(row, 0), walk.path.at(row, 1)]));
    context.stroke();
    const place = toPixels(frame, walk.place);
    const length = 0.09 * scale;
    const nose: Vector = [place[0] + length * Math.cos(walk.heading), place[1] - length * Math.sin(walk.heading)];
    drawDisc(context, place, 0.024 * scale, { colour: truth });
    drawArrow(context, place, nose, { colour: truth, width: 0.016 * scale });
    drawDisc(context, toPixels(frame, decoded), 0.037 * scale, { colour: decodedColour, width: 2.5 });
  }
}

/** The rate map of a unit as far as it is known. */
export class PlaceMapView {
  readonly #canvas: HTMLCanvasElement;
  readonly #image: HeatImage;

  constructor(canvas: HTMLCanvasElement, bins: number) {
    this.#canvas = canvas;
    this.#image = new HeatImage(bins, bins, mapAnchors);
  }

  draw(maps: PlaceMaps, unit: number): void {
    const surface = openSurface(this.#canvas);
    if (surface === undefined) return;
    const { context } = surface;
    const frame = boxFrame(boxSize, { ...surface, margin });
    if (maps.visited > 0) {
      const map = smoothMap(maps.mapOf(unit), { sigma: 0.8 });
      const [rows = 0, columns = 0] = map.shape;
      const most = peakOf(map.values) ?? 0;
      const image = this.#image.paint((column, row) => map.values[row * columns + column] as number, most);
      context.save();
      context.transform(...frame);
      context.imageSmoothingEnabled = false;
      context.drawImage(image, 0, 0, columns, rows, 0, 0, boxSize, boxSize);
      context.restore();
    }
    outline(context, frame, boxSize);
  }
}

/** The edges of a frame's square from 0 to `size`. */
function outline(context: CanvasRenderingContext2D, frame: Frame, size: number): void {
  context.strokeStyle = ink.axis;
  context.lineWidth = 1.5;
  context.beginPath();
  for (const [x, y] of [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ] as const)
    context.lineTo(...toPixels(frame, [x * size, y * size]));
  context.closePath();
  context.stroke();
}
