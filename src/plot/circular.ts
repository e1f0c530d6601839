import { fullTurn } from "../analysis/angles.ts";
import type { Scale, Tick } from "./axes.ts";
import { type CurveStyle, curve } from "./lines.ts";
import type { Point } from "./reduce.ts";
import { group, type Markup } from "./svg.ts";

/**
 * A curve of unwrapped angles cut where it leaves the range low … low + 2π: each piece reaches the edge, and the next one
 * starts at the other edge at the same moment, so that no stroke crosses the panel.
 */
export function wrapPieces(points: readonly Point[], low: number): Point[][] {
  const turnOf = (angle: number): number => Math.floor((angle - low) / fullTurn);
  const pieces: Point[][] = [];
  let piece: Point[] = [];
  let turn = turnOf(points[0]?.[1] ?? 0);
  points.forEach(([x, angle], index) => {
    const [lastX, last] = points[index - 1] ?? [x, angle];
    const next = turnOf(angle);
    while (turn !== next) {
      const upward = next > turn;
      const edge = low + fullTurn * (upward ? turn + 1 : turn);
      const crossing = lastX + ((x - lastX) * (edge - last)) / (angle - last);
      piece.push([crossing, upward ? low + fullTurn : low]);
      pieces.push(piece);
      piece = [[crossing, upward ? low : low + fullTurn]];
      turn += upward ? 1 : -1;
    }
    piece.push([x, angle - fullTurn * turn]);
  });
  return piece.length > 0 ? [...pieces, piece] : pieces;
}

/** A curve of unwrapped angles in a panel from `low` to low + 2π, without strokes across it. */
export function wrappedCurve(points: readonly Point[], low: number, x: Scale, y: Scale, style: CurveStyle): Markup {
  const pieces = wrapPieces(points, low).filter((piece) => piece.length > 1 || points.length === 1);
  return group(
    {},
    pieces.map((piece) => curve(piece, x, y, style)),
  );
}

/** Multiples of π, of π/2 where `fine`, inside the domain (radians). */
export function angleTicks(domain: readonly [number, number], fine = false): readonly Tick[] {
  const part = fine ? 2 : 1;
  const [first, last] = domain.map((end) => (end * part) / Math.PI);
  const ticks: Tick[] = [];
  for (let count = Math.ceil((first ?? 0) - 1e-9); count <= Math.floor((last ?? 0) + 1e-9); count += 1) {
    const whole = count % part === 0;
    const times = whole ? count / part : count;
    const factor = Math.abs(times) === 1 ? "" : `${Math.abs(times)}`;
    const name = times === 0 ? "0" : `${times < 0 ? "−" : ""}${factor}π${whole ? "" : "/2"}`;
    ticks.push({ value: (count * Math.PI) / part, label: name });
  }
  return ticks;
}
