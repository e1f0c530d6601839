import { ShapeError } from "../errors.ts";
import { signedAngle } from "./angles.ts";

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
  const { phases } = populationVectors(rates, angles);
  if (wrapped) return phases;
  for (let row = trials; row < rows; row += 1) {
    const before = phases[row - trials] as number;
    phases[row] = before + signedAngle((phases[row] as number) - before);
  }
  return phases;
}

/**
 * Direction and length of the population vector Σ r e^{iθ} of every row.
 * @param rates [rows, N]; @param angles θ [N], rad.
 * @returns phases [rows] in [-π, π]; lengths [rows] as shares of Σ |r|, 0 of rates that are all 0.
 */
export function populationVectors(
  rates: ArrayLike<number>,
  angles: ArrayLike<number>,
): { readonly phases: Float64Array; readonly lengths: Float64Array } {
  const units = angles.length;
  const rows = rates.length / units;
  const [cosines, sines] = [Float64Array.from(angles, Math.cos), Float64Array.from(angles, Math.sin)];
  const [phases, lengths] = [new Float64Array(rows), new Float64Array(rows)];
  for (let row = 0; row < rows; row += 1) {
    let [x, y, total] = [0, 0, 0];
    for (let unit = 0; unit < units; unit += 1) {
      const rate = rates[row * units + unit] as number;
      x += rate * (cosines[unit] as number);
      y += rate * (sines[unit] as number);
      total += Math.abs(rate);
    }
    phases[row] = Math.atan2(y, x);
    lengths[row] = total > 0 ? Math.hypot(x, y) / total : 0;
  }
  return { phases, lengths };
}

/** The angle 2πi/n of each unit of a ring [n]: nsi's, along which its bump moves against the velocity. */
export function unitAngles(units: number): Float64Array {
  return Float64Array.from({ length: units }, (_, unit) => (2 * Math.PI * unit) / units);
}
