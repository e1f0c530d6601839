import { ConfigError, ValueError } from "../errors.ts";
import { suggestName } from "../io/nearest.ts";

/** A value as messages show it: a text in quotes, so that "1" is not taken for 1. */
export function shown(value: unknown): string {
  return typeof value === "string" ? JSON.stringify(value) : String(value);
}

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
    throw new ValueError(`${label}: expected a positive integer, got ${shown(value)}.`);
  return value;
}

/** @returns `value`, a number in [0, 1]. @throws {@link ValueError} */
export function checkFraction(label: string, value: number): number {
  if (typeof value !== "number" || !(value >= 0 && value <= 1))
    throw new ValueError(`${label}: expected a number in [0, 1], got ${shown(value)}.`);
  return value;
}

/** @throws {@link ConfigError} for an option of these that is given and neither true nor false. */
export function checkFlags<Name extends string>(
  label: string,
  options: Readonly<Partial<Record<Name, unknown>>>,
  names: readonly Name[],
): void {
  for (const name of names) {
    const value = options[name];
    if (value === undefined || typeof value === "boolean") continue;
    throw new ConfigError(`${label}: ${name}: expected true or false, got ${shown(value)}.`);
  }
}

/** @returns a fraction in [0, 1], where `true` stands for 1 and `false` for 0. @throws {@link ValueError} */
export function checkShare(label: string, value: boolean | number): number {
  return checkFraction(label, typeof value === "boolean" ? Number(value) : value);
}

/** @returns `value`, a list. @throws {@link ConfigError} saying what it should hold. */
export function checkList<Item>(label: string, value: readonly Item[], of: string): readonly Item[] {
  if (!Array.isArray(value)) throw new ConfigError(`${label}: expected a list of ${of}, got ${shown(value)}.`);
  return value;
}

/** @returns `value`, a positive finite number. @throws {@link ValueError} */
export function checkPositive(label: string, value: number): number {
  if (typeof value !== "number" || !(value > 0 && value < Number.POSITIVE_INFINITY))
    throw new ValueError(`${label}: expected a positive number, got ${shown(value)}.`);
  return value;
}

/** @returns `value`, an unsigned 32-bit integer. @throws {@link ValueError} */
export function checkSeed(label: string, value: number): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new ValueError(`${label}: expected an integer in [0, 4294967295], got ${shown(value)}.`);
  return value;
}
