/**
 * Places and directions of the plane are plain arrays of numbers, so that gl-matrix computes in float64; what it makes
 * itself is float32.
 */
export type Vector = readonly [x: number, y: number];

/** Metres within which two places are the same. */
export const touching = 1e-9;

/** The unit vector of an angle, in radians counter-clockwise from the x axis. */
export function directionOf(angle: number): Vector {
  return [Math.cos(angle), Math.sin(angle)];
}
