import { vec2 } from "gl-matrix";
import { z } from "zod";
import { type Edge, polygonBoundary, polygonEdges, polygonFault } from "./polygon.ts";
import type { Vector } from "./vector.ts";

const place = z.tuple([z.number(), z.number()]);
const centre = place.default([0, 0]);

/**
 * A region of the plane: a box along the axes, a disc, or a polygon, convex or not, that does not cross itself. All
 * lengths are metres.
 */
export const regionSchema = z.discriminatedUnion("type", [
  z.strictObject({ type: z.literal("box"), width: z.number().positive(), height: z.number().positive(), centre }),
  z.strictObject({ type: z.literal("circle"), radius: z.number().positive(), centre }),
  z.strictObject({
    type: z.literal("polygon"),
    /** Its corners in order, clockwise or counter-clockwise. */
    vertices: z
      .array(place)
      .min(3)
      .superRefine((vertices, context) => {
        const message = polygonFault(vertices);
        if (message !== undefined) context.addIssue({ code: "custom", message, params: { complete: true } });
      }),
  }),
]);
export type Region = z.output<typeof regionSchema>;

/** The nearest boundary of a region, as seen from a place. */
export interface Boundary {
  /** Signed: negative inside of the region. */
  readonly distance: number;
  /** The unit vector in which the distance grows: out of the region. */
  readonly outward: Vector;
}

const sides: readonly Vector[] = [
  [1, 0],
  [0, 1],
  [-1, 0],
  [0, -1],
];

/** The signed distance of a place from a region, and its gradient. */
export function boundaryOf(region: Region, place: Vector): Boundary {
  if (region.type === "polygon") return polygonBoundary(region.vertices, place);
  const [x, y] = vec2.subtract([0, 0], place, region.centre) as [number, number];
  if (region.type === "circle") {
    const length = Math.hypot(x, y);
    return { distance: length - region.radius, outward: length > 0 ? [x / length, y / length] : [1, 0] };
  }
  const [halfWidth, halfHeight] = [region.width / 2, region.height / 2];
  const beyond: [number, number] = [Math.max(0, Math.abs(x) - halfWidth), Math.max(0, Math.abs(y) - halfHeight)];
  const outside = Math.hypot(...beyond);
  if (outside > 0)
    return { distance: outside, outward: [(Math.sign(x) * beyond[0]) / outside, (Math.sign(y) * beyond[1]) / outside] };
  const within = [halfWidth - x, halfHeight - y, halfWidth + x, halfHeight + y];
  const nearest = Math.min(...within);
  return { distance: -nearest, outward: sides[within.indexOf(nearest)] as Vector };
}

/** The place in a box or a disc that is nearest to a place. */
export function nearestWithin(region: Exclude<Region, { readonly type: "polygon" }>, place: Vector): Vector {
  if (region.type === "box") {
    const half: Vector = [region.width / 2, region.height / 2];
    const least = vec2.subtract([0, 0], region.centre, half);
    const most = vec2.add([0, 0], region.centre, half);
    return vec2.max([0, 0], least, vec2.min([0, 0], most, place)) as [number, number];
  }
  const { distance, outward } = boundaryOf(region, place);
  return distance <= 0 ? place : (vec2.scaleAndAdd([0, 0], region.centre, outward, region.radius) as [number, number]);
}

/** The least and the largest x and y of a region. */
export function boundsOf(region: Region): { readonly least: Vector; readonly most: Vector } {
  if (region.type === "polygon") {
    const [xs, ys] = [region.vertices.map(([x]) => x), region.vertices.map(([, y]) => y)];
    return { least: [Math.min(...xs), Math.min(...ys)], most: [Math.max(...xs), Math.max(...ys)] };
  }
  const [x, y] = region.centre;
  const [right, up] =
    region.type === "box" ? [region.width / 2, region.height / 2] : ([region.radius, region.radius] as const);
  return { least: [x - right, y - up], most: [x + right, y + up] };
}

/** The straight sides of a box or a polygon. */
export function edgesOf(region: Exclude<Region, { readonly type: "circle" }>): readonly Edge[] {
  if (region.type === "polygon") return polygonEdges(region.vertices);
  const { least, most } = boundsOf(region);
  return polygonEdges([least, [most[0], least[1]], most, [least[0], most[1]]]);
}
