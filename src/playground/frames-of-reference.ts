import { mat2d, vec2 } from "gl-matrix";
import type { TorusParameters } from "../attractors/torus.ts";
import { latticeVectors } from "../attractors/torus-kernel.ts";
import { wrap } from "../world/periodic.ts";
import type { Vector } from "../world/world.ts";

/** A map of the plane, a b c d tx ty as a canvas takes it: x' = a x + c y + tx, y' = b x + d y + ty. */
export type Frame = readonly [a: number, b: number, c: number, d: number, tx: number, ty: number];

function scaledInto(
  { least, most }: { readonly least: Vector; readonly most: Vector },
  { width, height, margin }: { readonly width: number; readonly height: number; readonly margin: number },
): Frame {
  const extent = vec2.subtract([0, 0], most, least);
  const scale = Math.min((width - 2 * margin) / extent[0], (height - 2 * margin) / extent[1]);
  const middle = vec2.lerp([0, 0], least, most, 0.5);
  const frame = mat2d.fromTranslation([0, 0, 0, 0, 0, 0], [width / 2, height / 2]);
  // y grows upwards in the world and downwards on a canvas.
  mat2d.scale(frame, frame, [scale, -scale]);
  mat2d.translate(frame, frame, vec2.negate([0, 0], middle));
  return frame as unknown as Frame;
}

/** From metres of a box of `size`, one corner at 0, to pixels of a surface. */
export function boxFrame(
  size: number,
  surface: { readonly width: number; readonly height: number; readonly margin: number },
): Frame {
  return scaledInto({ least: [0, 0], most: [size, size] }, surface);
}

/** From columns and rows of a sheet, [0, side] each, to pixels: a square, or of a twisted torus a rhombus. */
export function sheetFrame(
  { side, lattice }: Pick<TorusParameters, "side" | "lattice">,
  surface: { readonly width: number; readonly height: number; readonly margin: number },
): Frame {
  const [right, up] = latticeVectors({ lattice });
  const corner = vec2.scale([0, 0], vec2.add([0, 0], right, up), side) as [number, number];
  const frame = scaledInto({ least: [0, 0], most: corner }, surface);
  const onLattice = mat2d.multiply([0, 0, 0, 0, 0, 0], frame as unknown as mat2d, [...right, ...up, 0, 0]);
  return onLattice as unknown as Frame;
}

/** A place in a frame's pixels. */
export function toPixels(frame: Frame, place: Vector): Vector {
  return vec2.transformMat2d([0, 0], place, frame as unknown as mat2d) as [number, number];
}

/** The place that is drawn at a pixel; `undefined` of a frame without extent. */
export function fromPixels(frame: Frame, pixel: Vector): Vector | undefined {
  const back = mat2d.invert([0, 0, 0, 0, 0, 0], frame as unknown as mat2d);
  return back === null ? undefined : (vec2.transformMat2d([0, 0], pixel, back) as [number, number]);
}

/** The unit of a sheet (row · side + column) that is drawn at a pixel, also in a copy beside the sheet. */
export function unitAt(frame: Frame, side: number, pixel: Vector): number | undefined {
  const place = fromPixels(frame, pixel);
  if (place === undefined) return undefined;
  const [column, row] = place.map((value) => Math.min(side - 1, Math.floor(wrap(value, side)))) as [number, number];
  return row * side + column;
}
