import { ConfigError, ValueError } from "../errors.ts";
import { suggestName } from "../io/nearest.ts";

/** @throws {@link ConfigError} for the first key of `options` that is not known, naming the nearest known one. */
export function checkKeys(label: string, options: object, known: readonly string[]): void {
  if (typeof options !== "object" || options === null)
    throw new ConfigError(`${label}: expected an object of options, got ${String(options)}.`);
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    throw new ConfigError(`${label}: unknown option "${key}"; ${suggestName(key, known)}`);
  }
}

/** @returns `value`, a positive integer. @throws {@link ValueError} */
export function checkCount(label: string, value: number): number {
  if (!Number.isSafeInteger(value) || value < 1)
    throw new ValueError(`${label}: expected a positive integer, got ${String(value)}.`);
  return value;
}

/** @returns `value`, a number in [0, 1]. @throws {@link ValueError} */
export function checkFraction(label: string, value: number): number {
  if (typeof value !== "number" || !(value >= 0 && value <= 1))
    throw new ValueError(`${label}: expected a number in [0, 1], got ${String(value)}.`);
  return value;
}

/** @returns `value`, a positive finite number. @throws {@link ValueError} */
export function checkPositive(label: string, value: number): number {
  if (typeof value !== "number" || !(value > 0 && value < Number.POSITIVE_INFINITY))
    throw new ValueError(`${label}: expected a positive number, got ${String(value)}.`);
  return value;
}

/** @returns `value`, an unsigned 32-bit integer. @throws {@link ValueError} */
export function checkSeed(label: string, value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new ValueError(`${label}: expected an integer in [0, 4294967295], got ${String(value)}.`);
  return value;
}
