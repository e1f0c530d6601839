/** A full turn in radians. */
export const fullTurn = 2 * Math.PI;

/** The angle in [-π, π) that points the same way: of a difference, the shorter way round. */
export function signedAngle(angle: number): number {
  return angle - fullTurn * Math.floor((angle + Math.PI) / fullTurn);
}

/** Angles over time (radians) without their jumps: from each to the next the shorter way round. */
export function unwrapAngles(angles: ArrayLike<number>): Float64Array {
  const unwrapped = new Float64Array(angles.length);
  for (let step = 0; step < unwrapped.length; step += 1) {
    const before = unwrapped[step - 1];
    const angle = angles[step] ?? 0;
    unwrapped[step] = before === undefined ? angle : before + signedAngle(angle - before);
  }
  return unwrapped;
}
