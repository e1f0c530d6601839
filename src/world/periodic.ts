/** A value of a periodic axis in [0, length). */
export function wrap(value: number, length: number): number {
  return ((value % length) + length) % length;
}
