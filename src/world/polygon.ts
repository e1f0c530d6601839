import { vec2 } from "gl-matrix";
import { touching, type Vector } from "./vector.ts";

/** A side of a polygon. */
export interface Edge {
  readonly from: Vector;
  readonly length: number;
  /** Unit vector from its first to its last point. */
  readonly along: Vector;
  /** Unit vector out of the polygon. */
  readonly outward: Vector;
}

/** Twice the area of a polygon: positive where its vertices go counter-clockwise. */
export function signedArea(vertices: readonly Vector[]): number {
  let sum = 0;
  vertices.forEach(([x, y], index) => {
    const [nextX, nextY] = vertices[(index + 1) % vertices.length] as Vector;
    sum += x * nextY - nextX * y;
  });
  return sum;
}

/** The sides of a simple polygon, whichever way its vertices go. */
export function polygonEdges(vertices: readonly Vector[]): readonly Edge[] {
  const turn = Math.sign(signedArea(vertices));
  return vertices.map((from, index) => {
    const to = vertices[(index + 1) % vertices.length] as Vector;
    const length = vec2.distance(from, to);
    const along: Vector = [(to[0] - from[0]) / length, (to[1] - from[1]) / length];
    return { from, length, along, outward: [turn * along[1], -turn * along[0]] };
  });
}

/** Whether a place is inside, by the number of sides to the right of it (even or odd). */
function isInside(vertices: readonly Vector[], [x, y]: Vector): boolean {
  let inside = false;
  vertices.forEach(([fromX, fromY], index) => {
    const [toX, toY] = vertices[(index + 1) % vertices.length] as Vector;
    if (fromY > y !== toY > y && x < fromX + ((y - fromY) * (toX - fromX)) / (toY - fromY)) inside = !inside;
  });
  return inside;
}

/** The signed distance of a place from a simple polygon, negative inside, and its gradient. */
export function polygonBoundary(
  vertices: readonly Vector[],
  place: Vector,
): { readonly distance: number; readonly outward: Vector } {
  let least = Number.POSITIVE_INFINITY;
  let away: Vector = [1, 0];
  for (const { from, length, along, outward } of polygonEdges(vertices)) {
    const offset = vec2.subtract([0, 0], place, from);
    const onEdge = Math.min(length, Math.max(0, vec2.dot(offset, along)));
    const rest = vec2.scaleAndAdd([0, 0], offset, along, -onEdge) as [number, number];
    const distance = Math.hypot(...rest);
    if (distance < least) {
      least = distance;
      // On the boundary itself the slope is the side's.
      away = distance > touching ? [rest[0] / distance, rest[1] / distance] : outward;
    }
  }
  if (!isInside(vertices, place)) return { distance: least, outward: away };
  return { distance: -least, outward: least > touching ? [-away[0], -away[1]] : away };
}

/** What is wrong with the vertices of a polygon; `undefined` for a simple one with an area. */
export function polygonFault(vertices: readonly Vector[]): string | undefined {
  const count = vertices.length;
  for (let index = 0; index < count; index += 1)
    if (vec2.distance(vertices[index] as Vector, vertices[(index + 1) % count] as Vector) <= touching)
      return `vertices ${index} and ${(index + 1) % count} are the same place`;
  for (let one = 0; one < count; one += 1)
    for (let other = one + 1; other < count; other += 1) {
      const neighbours = other === one + 1 || (one === 0 && other === count - 1);
      if (neighbours ? foldBack(vertices, one, other) : sidesMeet(vertices, one, other))
        return `sides ${one} and ${other} meet; expected a polygon that does not cross itself`;
    }
  return Math.abs(signedArea(vertices)) > touching ? undefined : "it has no area";
}

function sideAt(vertices: readonly Vector[], index: number): readonly [Vector, Vector] {
  return [vertices[index] as Vector, vertices[(index + 1) % vertices.length] as Vector];
}

/** Twice the signed area of a triangle. */
function side(a: Vector, b: Vector, c: Vector): number {
  return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);
}

function sidesMeet(vertices: readonly Vector[], one: number, other: number): boolean {
  const [a, b] = sideAt(vertices, one);
  const [c, d] = sideAt(vertices, other);
  const [first, second, third, fourth] = [side(a, b, c), side(a, b, d), side(c, d, a), side(c, d, b)];
  if (first === 0 && second === 0) {
    // On one line: their shadows on it overlap.
    const axis = Math.abs(b[0] - a[0]) > Math.abs(b[1] - a[1]) ? 0 : 1;
    const [low, high] = [Math.min(a[axis], b[axis]), Math.max(a[axis], b[axis])];
    return Math.max(c[axis], d[axis]) >= low && Math.min(c[axis], d[axis]) <= high;
  }
  return first * second <= 0 && third * fourth <= 0;
}

/** Whether two sides with a common vertex lie on each other. */
function foldBack(vertices: readonly Vector[], one: number, other: number): boolean {
  const common = other === one + 1 ? other : 0;
  const count = vertices.length;
  const corner = vertices[common] as Vector;
  const before = vec2.subtract([0, 0], vertices[(common + count - 1) % count] as Vector, corner) as [number, number];
  const after = vec2.subtract([0, 0], vertices[(common + 1) % count] as Vector, corner) as [number, number];
  return before[0] * after[1] === before[1] * after[0] && vec2.dot(before, after) > 0;
}
