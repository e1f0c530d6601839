import { ShapeError } from "../errors.ts";

/** An angle in [-π, π). */
export function signedAngle(angle: number): number {
  return angle - 2 * Math.PI * Math.floor((angle + Math.PI) / (2 * Math.PI));
}

/**
 * The phase of a bump by its population vector, atan2(Σ r sin θ, Σ r cos θ), in [-π, π]; 0 of rates that are all 0.
 * @param rates [N]; @param angles θ [N], rad.
 */
export function bumpPhase(rates: ArrayLike<number>, angles: ArrayLike<number>): number {
  let [x, y] = [0, 0];
  for (let unit = 0; unit < angles.length; unit += 1) {
    x += (rates[unit] as number) * Math.cos(angles[unit] as number);
    y += (rates[unit] as number) * Math.sin(angles[unit] as number);
  }
  return Math.atan2(y, x);
}

/**
 * The phases of bumps over time, unwrapped: from the first step of each trial on they have no jumps.
 * @param rates [T, B, N]; @param angles [N], rad.
 * @param options.wrapped in [-π, π] and with jumps instead.
 * @returns [T, B], rad. @throws ShapeError
 */
export function bumpPath(
  rates: ArrayLike<number>,
  angles: ArrayLike<number>,
  { trials, wrapped = false }: { readonly trials: number; readonly wrapped?: boolean },
): Float64Array {
  const units = angles.length;
  const rows = rates.length / units;
  if (!Number.isInteger(rows / trials))
    throw new ShapeError(`bumpPath: rates: expected [T, ${trials}, ${units}], got ${rates.length} values.`);
  const cosines = Float64Array.from(angles, Math.cos);
  const sines = Float64Array.from(angles, Math.sin);
  const phases = new Float64Array(rows);
  for (let row = 0; row < rows; row += 1) {
    let [x, y] = [0, 0];
    for (let unit = 0; unit < units; unit += 1) {
      const rate = rates[row * units + unit] as number;
      x += rate * (cosines[unit] as number);
      y += rate * (sines[unit] as number);
    }
    const before = phases[row - trials];
    const phase = Math.atan2(y, x);
    phases[row] = wrapped || before === undefined ? phase : before + signedAngle(phase - before);
  }
  return phases;
}

/** The angle 2πi/n of each unit of a ring [n]: nsi's, along which its bump moves against the velocity. */
export function unitAngles(units: number): Float64Array {
  return Float64Array.from({ length: units }, (_, unit) => (2 * Math.PI * unit) / units);
}
