import { wrap } from "../world/periodic.ts";

/** The angle in [0, 2π) at which the vector sum of a ring's units points; unit k stands at 2πk / n. */
export function populationVector(values: ArrayLike<number>): number {
  let x = 0;
  let y = 0;
  for (let unit = 0; unit < values.length; unit += 1) {
    const angle = (2 * Math.PI * unit) / values.length;
    x += (values[unit] as number) * Math.cos(angle);
    y += (values[unit] as number) * Math.sin(angle);
  }
  return wrapAngle(Math.atan2(y, x));
}

/** An angle in [0, 2π). */
export function wrapAngle(angle: number): number {
  return wrap(angle, 2 * Math.PI);
}

/** The distance of two angles, in [0, π]. */
export function angleBetween(one: number, other: number): number {
  const distance = wrapAngle(one - other);
  return Math.min(distance, 2 * Math.PI - distance);
}
