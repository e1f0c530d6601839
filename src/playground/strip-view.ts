import { fullTurn } from "../analysis/angles.ts";
import { ink, sequentialAnchors } from "../plot/palette.ts";
import { HeatImage, openSurface, type Surface } from "./canvas.ts";
import { fontOf } from "./drawing.ts";
import { type RingModel, ringStepMs } from "./ring-model.ts";
import { tellTale } from "./tell-tale.ts";

/** Both lines must stand out against the largest rate. */
const paleAnchors = sequentialAnchors.slice(0, 5);
const margin = { left: 44, right: 10, top: 8, bottom: 24 } as const;

/** The row of the picture, 0 at the bottom, of each unit of a ring: units in the order of their headings. */
export function rowsByHeading(preferred: ArrayLike<number>): Uint32Array {
  const order = Array.from({ length: preferred.length }, (_, unit) => unit);
  return Uint32Array.from(order.sort((a, b) => (preferred[a] as number) - (preferred[b] as number)));
}

/** Activity of the last seconds, time to the right and headings upwards, with the true and the decoded heading. */
export class StripView {
  readonly #canvas: HTMLCanvasElement;
  readonly #image: HeatImage;
  readonly #units: Uint32Array;

  constructor(canvas: HTMLCanvasElement, { strip, ring }: RingModel) {
    this.#canvas = canvas;
    this.#image = new HeatImage(strip.capacity, ring.units, paleAnchors);
    this.#units = rowsByHeading(ring.preferred);
  }

  draw(model: RingModel): void {
    const surface = openSurface(this.#canvas);
    if (surface === undefined) return;
    const { context } = surface;
    const [width, height] = [surface.width - margin.left - margin.right, surface.height - margin.top - margin.bottom];
    const { strip, ring } = model;
    const { units } = ring;
    const empty = strip.capacity - strip.length;
    const image = this.#image.paint(
      (column, row) => strip.at(column - empty, this.#units[units - 1 - row] as number),
      1,
    );
    context.imageSmoothingEnabled = false;
    context.drawImage(image, margin.left, margin.top, width, height);
    this.#drawFrame(surface, width, height, (strip.capacity * ringStepMs) / 1000);
    const x = (row: number): number => margin.left + ((empty + row + 0.5) / strip.capacity) * width;
    const y = (heading: number): number =>
      margin.top + (1 - (((heading % fullTurn) + fullTurn) % fullTurn) / fullTurn) * height;
    for (const [column, colour, line] of [
      [units, tellTale.truth, 3],
      [units + 1, tellTale.decoded, 1.5],
    ] as const) {
      context.strokeStyle = colour;
      context.lineWidth = line;
      context.lineJoin = "round";
      context.beginPath();
      let before = Number.NaN;
      for (let row = 0; row < strip.length; row += 1) {
        const place = y(strip.at(row, column));
        // Where a heading passes 0° the line is broken.
        if (Math.abs(place - before) < height / 2) context.lineTo(x(row), place);
        else context.moveTo(x(row), place);
        before = place;
      }
      context.stroke();
    }
  }

  #drawFrame({ context }: Surface, width: number, height: number, seconds: number): void {
    context.strokeStyle = ink.axis;
    context.lineWidth = 1;
    context.strokeRect(margin.left + 0.5, margin.top + 0.5, width - 1, height - 1);
    context.fillStyle = ink.axis;
    context.font = fontOf(12);
    context.textBaseline = "middle";
    context.textAlign = "right";
    for (const heading of [0, 90, 180, 270, 360])
      context.fillText(`${heading}°`, margin.left - 6, margin.top + (1 - heading / 360) * height);
    context.textBaseline = "top";
    for (const [share, align] of [
      [0, "left"],
      [0.5, "center"],
      [1, "right"],
    ] as const) {
      context.textAlign = align;
      const ago = Math.round((1 - share) * seconds);
      context.fillText(ago === 0 ? "now" : `${ago} s ago`, margin.left + share * width, margin.top + height + 7);
    }
  }
}
