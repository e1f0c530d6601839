import { ink, sequentialAnchors } from "../plot/palette.ts";
import type { Vector } from "../world/world.ts";
import { HeatColours, openSurface } from "./canvas.ts";
import { dialPoint } from "./compass.ts";
import { drawArrow, drawDisc, drawStar, fontOf } from "./drawing.ts";
import type { RingModel } from "./ring-model.ts";
import { tellTale } from "./tell-tale.ts";

/** Rate that a bar of full length stands for: the largest that a unit can have. */
const fullRate = 1;

/** The units on a circle, each at the heading that it stands for, with their rates as bars; and both headings. */
export class RingView {
  readonly #canvas: HTMLCanvasElement;
  readonly #colours = new HeatColours(sequentialAnchors.slice(3));

  constructor(canvas: HTMLCanvasElement) {
    this.#canvas = canvas;
  }

  draw(model: RingModel, landmark: boolean): void {
    const surface = openSurface(this.#canvas);
    if (surface === undefined) return;
    const { context, width, height } = surface;
    const size = Math.min(width, height);
    const centre: Vector = [width / 2, height / 2];
    const [inner, bar] = [0.28 * size, 0.13 * size];
    drawDisc(context, centre, inner, { colour: ink.axis, width: 1 });
    drawDisc(context, centre, inner + bar, { colour: ink.grid, width: 1 });
    this.#drawLabels(context, centre, size);
    this.#drawBars(context, centre, inner, bar, model);
    const { truth, decoded } = tellTale;
    drawArrow(context, centre, dialPoint(centre, 0.96 * inner, model.heading), { colour: truth, width: 0.016 * size });
    drawArrow(context, centre, dialPoint(centre, 0.78 * inner, model.decoded), { colour: decoded, width: 0.01 * size });
    drawDisc(context, centre, 0.02 * size, { colour: ink.text });
    if (landmark) drawStar(context, dialPoint(centre, inner + 1.22 * bar, model.heading), 0.032 * size, truth);
  }

  #drawLabels(context: CanvasRenderingContext2D, centre: Vector, size: number): void {
    context.fillStyle = ink.axis;
    context.font = fontOf(Math.max(11, 0.032 * size));
    context.textAlign = "center";
    context.textBaseline = "middle";
    for (const heading of [0, 90, 180, 270])
      context.fillText(`${heading}°`, ...dialPoint(centre, 0.458 * size, (heading * Math.PI) / 180));
  }

  #drawBars(context: CanvasRenderingContext2D, centre: Vector, inner: number, bar: number, model: RingModel): void {
    const { preferred, units } = model.ring;
    context.lineWidth = (2 * Math.PI * inner) / units - 0.8;
    for (let unit = 0; unit < units; unit += 1) {
      const rate = model.rates[unit] as number;
      if (!(rate > 0)) continue;
      const heading = preferred[unit] as number;
      context.strokeStyle = `rgb(${this.#colours.at(rate, fullRate).join(" ")})`;
      context.beginPath();
      context.moveTo(...dialPoint(centre, inner, heading));
      context.lineTo(...dialPoint(centre, inner + (bar * rate) / fullRate, heading));
      context.stroke();
    }
  }
}
