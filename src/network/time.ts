import { ConfigError, ShapeError, ValueError } from "../errors.ts";
import type { ModelJson } from "../io/model-schema.ts";
import { unitLabel } from "../structure/check.ts";
import { checkPositive } from "../structure/options.ts";
import type { Model, ModelSpec } from "./model.ts";

/** What is taken where nothing is given. */
export const defaultTime = { dtMs: 20, tauMs: 100 } as const;

type OneOrPerUnit = number | readonly number[];

/** Time constants: `dtMs` and `tauMs` (20 and 100 ms unless given), or `alpha`, with or without `dtMs`. */
export interface TimeOptions {
  readonly dtMs?: number | undefined;
  readonly tauMs?: OneOrPerUnit | undefined;
  readonly alpha?: OneOrPerUnit | undefined;
}

/**
 * alpha = dtMs / tauMs of every unit [H], in float32.
 * @throws {@link ValueError} where dtMs > tauMs or alpha lies outside (0, 1], naming the unit and its area;
 * {@link ConfigError} where tauMs and alpha are both given, {@link ShapeError} for a list that is not of length H.
 */
export function alphaOf(time: TimeOptions, spec: Pick<ModelSpec, "hidden" | "areas">): Float32Array {
  const { dtMs = defaultTime.dtMs, tauMs, alpha } = time;
  if (tauMs !== undefined && alpha !== undefined)
    throw new ConfigError("tauMs and alpha are both given: alpha = dtMs / tauMs, so give one of them.");
  const given = alpha ?? tauMs ?? defaultTime.tauMs;
  const label = alpha === undefined ? "tauMs" : "alpha";
  if (typeof given !== "number" && given.length !== spec.hidden)
    throw new ShapeError(`${label}: expected one number or ${spec.hidden} (one per hidden unit), got ${given.length}.`);
  checkPositive("dtMs", dtMs);
  return Float32Array.from({ length: spec.hidden }, (_, unit) => {
    const value = typeof given === "number" ? given : (given[unit] as number);
    const entry = typeof given === "number" ? label : `${label}[${unit}] (${unitLabel(unit, spec.areas)})`;
    checkPositive(entry, value);
    if (alpha !== undefined && value > 1) throw new ValueError(`${entry} is ${value}: it must lie in (0, 1].`);
    if (alpha === undefined && dtMs > value)
      throw new ValueError(
        `${entry}: dtMs ${dtMs} > tauMs ${value}, so alpha = ${dtMs / value} lies outside (0, 1]. Take a time step of ${value} ms or less.`,
      );
    return alpha === undefined ? dtMs / value : value;
  });
}

/** The shortest number of milliseconds from which the same float32 alpha follows: 100, not 99.99999850988388. */
function tauFromAlpha(dtMs: number, alpha: number): number {
  const exact = dtMs / alpha;
  for (let digits = 1; digits <= 17; digits += 1) {
    const rounded = Number(exact.toPrecision(digits));
    if (Math.fround(dtMs / rounded) === alpha) return rounded;
  }
  return exact;
}

/** The shortest decimal that is the same float32: 0.2, not 0.20000000298023224. */
function shortest(value: number): number {
  for (let digits = 1; digits <= 9; digits += 1) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  return value;
}

function oneOrPerUnit(values: readonly number[]): number | number[] {
  const [first] = values;
  return first !== undefined && values.every((value) => value === first) ? first : [...values];
}

/** The times of a model as its JSON has them: dtMs and tauMs where the time step is known, else alpha. */
export function timeOf({ spec, parameters }: Model): Pick<ModelJson, "dtMs" | "tauMs" | "alpha"> {
  const alpha = [...parameters.alpha];
  const { dtMs } = spec;
  if (dtMs === undefined) return { alpha: oneOrPerUnit(alpha.map(shortest)) };
  return { dtMs, tauMs: oneOrPerUnit(alpha.map((value) => tauFromAlpha(dtMs, value))) };
}
