import { ConfigError, ShapeError, ValueError } from "../../errors.ts";
import { suggestName } from "../../io/nearest.ts";

/** One value for all trials, or one per trial. A condition that is a choice of names also takes the name. */
export type PerTrial = number | string | ArrayLike<number> | readonly string[];

/** A list for all trials, or one per trial. */
export type ListPerTrial = ArrayLike<number> | readonly ArrayLike<number>[];

function isList(value: unknown): value is ArrayLike<unknown> {
  return Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));
}

/** @throws {@link ConfigError} for a name that is not known, {@link ValueError} for a number out of range. */
function readValue(label: string, value: unknown, labels: readonly string[] | undefined): number {
  if (typeof value === "string") {
    const index = labels?.indexOf(value) ?? -1;
    if (index >= 0) return index;
    const expected = labels === undefined ? "expected a number" : suggestName(value, labels);
    throw new ConfigError(`${label}: "${value}" is not known; ${expected}`);
  }
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new ValueError(`${label}: expected a finite number, got ${String(value)}.`);
}

/**
 * A condition as a batch fixes it, one number for each trial.
 * @throws {@link ShapeError} for a list that is not of one value per trial, {@link ConfigError}, {@link ValueError}.
 */
export function readFixed(
  label: string,
  given: unknown,
  trials: number,
  rule: { readonly labels?: readonly string[] | undefined; readonly only?: readonly number[] | undefined } = {},
): Float64Array {
  const { labels, only } = rule;
  if (isList(given) && given.length !== trials)
    throw new ShapeError(`${label}: expected one value or ${trials} (one per trial), got ${given.length}.`);
  const values = isList(given)
    ? Float64Array.from({ length: trials }, (_, trial) => readValue(`${label}[${trial}]`, given[trial], labels))
    : new Float64Array(trials).fill(readValue(label, given, labels));
  const wrong = only && values.find((value) => !only.includes(value));
  if (wrong === undefined) return values;
  const names = labels === undefined ? "" : ` (${labels.join(", ")})`;
  throw new ValueError(`${label}: expected one of ${only?.join(", ")}${names}, got ${wrong}.`);
}

/** A vector as a batch fixes it: `count` numbers for each trial. @throws {@link ShapeError}, {@link ValueError} */
export function readFixedList(label: string, given: unknown, trials: number, count: number): Float64Array {
  const wrong = (got: string): ShapeError =>
    new ShapeError(`${label}: expected ${count} numbers, or ${trials} lists (one per trial) of ${count}, got ${got}.`);
  if (!isList(given)) throw wrong(String(given));
  const perTrial = isList(given[0]);
  if (given.length !== (perTrial ? trials : count)) throw wrong(`${given.length}`);
  const values = new Float64Array(trials * count);
  for (let trial = 0; trial < trials; trial += 1) {
    const list = perTrial ? given[trial] : given;
    if (!isList(list) || list.length !== count) throw wrong(`a list that is not of ${count} at ${trial}`);
    for (let item = 0; item < count; item += 1)
      values[trial * count + item] = readValue(`${label}[${item}]`, list[item], undefined);
  }
  return values;
}
