import { colourRamp, type Rgb } from "../plot/palette.ts";
import { PageError } from "./page-error.ts";

/** A canvas that is drawn in CSS pixels, whatever the pixels of the screen. */
export interface Surface {
  readonly context: CanvasRenderingContext2D;
  readonly width: number;
  readonly height: number;
}

function contextOf(canvas: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = canvas.getContext("2d");
  if (context === null) throw new PageError("page: the browser cannot draw in a canvas.");
  return context;
}

/**
 * A cleared surface of the size that the canvas has on the page now; `undefined` while it is not shown.
 * @throws PageError where canvases cannot be drawn.
 */
export function openSurface(canvas: HTMLCanvasElement): Surface | undefined {
  const context = contextOf(canvas);
  const { clientWidth: width, clientHeight: height } = canvas;
  if (width === 0 || height === 0) return undefined;
  const ratio = window.devicePixelRatio;
  const [columns, rows] = [Math.round(width * ratio), Math.round(height * ratio)];
  // Setting a size, even the same, is slow.
  if (canvas.width !== columns || canvas.height !== rows) [canvas.width, canvas.height] = [columns, rows];
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.clearRect(0, 0, width, height);
  return { context, width, height };
}

/** Colours of values from 0 to a largest one. */
export class HeatColours {
  readonly #colours: readonly Rgb[];

  constructor(anchors: readonly string[]) {
    this.#colours = colourRamp(anchors, 256);
  }

  /** The colour of `value` where `most` is the largest; what is beyond has that one's. */
  at(value: number, most: number): Rgb {
    const level = most > 0 ? Math.round((255 * value) / most) : 0;
    return this.#colours[Math.min(255, Math.max(0, level))] as Rgb;
  }
}

/** A picture with a pixel for each value, to be scaled onto a surface. */
export class HeatImage {
  readonly #canvas: HTMLCanvasElement = document.createElement("canvas");
  readonly #context: CanvasRenderingContext2D;
  readonly #image: ImageData;
  /** The same memory, a number a pixel. */
  readonly #pixels: Uint32Array;
  /** [256] */
  readonly #levels: Uint32Array;

  /** @throws PageError where canvases cannot be drawn. */
  constructor(columns: number, rows: number, anchors: readonly string[]) {
    [this.#canvas.width, this.#canvas.height] = [columns, rows];
    this.#context = contextOf(this.#canvas);
    this.#image = this.#context.createImageData(columns, rows);
    this.#pixels = new Uint32Array(this.#image.data.buffer);
    const colours = colourRamp(anchors, 256).flatMap(([red, green, blue]) => [red, green, blue, 255]);
    this.#levels = new Uint32Array(Uint8Array.from(colours).buffer);
  }

  /** @param valueAt from 0 to `most`; NaN is left transparent. */
  paint(valueAt: (column: number, row: number) => number, most: number): HTMLCanvasElement {
    const { width, height } = this.#image;
    const scale = most > 0 ? 255 / most : 0;
    for (let row = 0; row < height; row += 1)
      for (let column = 0; column < width; column += 1) {
        const level = Math.round(scale * valueAt(column, row));
        this.#pixels[row * width + column] = Number.isNaN(level)
          ? 0
          : (this.#levels[Math.min(255, Math.max(0, level))] as number);
      }
    this.#context.putImageData(this.#image, 0, 0);
    return this.#canvas;
  }
}
