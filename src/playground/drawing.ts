import { vec2 } from "gl-matrix";
import type { Vector } from "../world/world.ts";

/** An arrow with a filled head. */
export function drawArrow(
  context: CanvasRenderingContext2D,
  from: Vector,
  to: Vector,
  { colour, width, dash = [] }: { readonly colour: string; readonly width: number; readonly dash?: number[] },
): void {
  const length = vec2.distance(from, to);
  if (length === 0) return;
  const ahead = vec2.scale([0, 0], vec2.subtract([0, 0], to, from), 1 / length) as [number, number];
  const head = Math.min(length, 3.5 * width);
  const neck = vec2.scaleAndAdd([0, 0], to, ahead, -head) as [number, number];
  context.save();
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(...from);
  context.lineTo(...neck);
  context.stroke();
  context.beginPath();
  context.moveTo(...to);
  for (const side of [-1, 1] as const) {
    const across = vec2.scale([0, 0], [-ahead[1], ahead[0]], side * 0.55 * head);
    context.lineTo(...(vec2.add([0, 0], neck, across) as [number, number]));
  }
  context.fill();
  context.restore();
}

/** A filled circle, or with `width` an open one. */
export function drawDisc(
  context: CanvasRenderingContext2D,
  [x, y]: Vector,
  radius: number,
  { colour, width }: { readonly colour: string; readonly width?: number },
): void {
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  if (width === undefined) {
    context.fillStyle = colour;
    context.fill();
    return;
  }
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.stroke();
}

/** A five-pointed star: a landmark. */
export function drawStar(context: CanvasRenderingContext2D, centre: Vector, radius: number, colour: string): void {
  context.fillStyle = colour;
  context.beginPath();
  for (let corner = 0; corner < 10; corner += 1) {
    const reach: Vector = [centre[0], centre[1] - (corner % 2 === 0 ? radius : 0.45 * radius)];
    context.lineTo(...(vec2.rotate([0, 0], reach, centre, (corner * Math.PI) / 5) as [number, number]));
  }
  context.fill();
}

/** The page's font, of a size in CSS pixels. */
export function fontOf(size: number): string {
  return `${size}px system-ui, sans-serif`;
}
