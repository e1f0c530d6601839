import { vec2 } from "gl-matrix";
import { signedAngle } from "../analysis/angles.ts";
import type { Vector } from "../world/world.ts";

/** Where a heading lies on a dial: 0 is up and headings grow clockwise, as on a compass; y grows downwards as on a canvas. */
export function dialPoint(centre: Vector, radius: number, heading: number): Vector {
  const up: Vector = [centre[0], centre[1] - radius];
  return vec2.rotate([0, 0], up, centre, heading) as [number, number];
}

/** An angle in whole degrees and tenths, in [0, 360). */
export function degrees(angle: number): number {
  const tenths = Math.round((angle * 1800) / Math.PI);
  return (((tenths % 3600) + 3600) % 3600) / 10;
}

/** An angle in degrees and tenths, in [-180, 180). */
export function signedDegrees(angle: number): number {
  return Math.round((signedAngle(angle) * 1800) / Math.PI) / 10;
}

/**
 * How far one heading turns for a turn of another: the least-squares slope of its steps on the other's.
 * @param count of pairs of headings; steps are less than half a turn.
 * @returns `undefined` where the other turns by less than about 3°.
 */
export function turnGain(
  count: number,
  headingAt: (step: number) => number,
  followerAt: (step: number) => number,
): number | undefined {
  let [products, squares, turned] = [0, 0, 0];
  for (let step = 1; step < count; step += 1) {
    const turn = signedAngle(headingAt(step) - headingAt(step - 1));
    products += turn * signedAngle(followerAt(step) - followerAt(step - 1));
    squares += turn * turn;
    turned += Math.abs(turn);
  }
  return turned > 0.05 ? products / squares : undefined;
}
