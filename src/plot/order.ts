import { ShapeError, ValueError } from "../errors.ts";
import type { Area } from "../io/model-schema.ts";
import { checkCount, checkShape } from "./check.ts";

/** What is known about the units of a network. */
export interface UnitGroups {
  /** Number of units N. */
  readonly units: number;
  /** Areas as in `model.json`: units from … to-1. They may not overlap; units in none of them come last. */
  readonly areas?: readonly Area[] | undefined;
  /** [N]: +1 excitatory, -1 inhibitory, 0 free, for each unit as presynaptic partner. */
  readonly signs?: ArrayLike<number> | undefined;
}

/** Every key of {@link UnitGroups}. */
export const unitGroupKeys: readonly string[] = ["units", "areas", "signs"];

/** A stretch of neighbouring positions from … to-1 in the drawn order. */
export interface Band {
  readonly from: number;
  readonly to: number;
}

/** Units in drawing order, and where each area and each run of equal sign lies in it. */
export interface UnitOrder {
  /** [N]: order[position] = unit. */
  readonly order: Uint32Array;
  /** Areas that have units, in drawing order; the units of no area follow without a name. */
  readonly areas: readonly (Band & { readonly name: string })[];
  /** Runs of one sign inside one area; empty if no signs were given. */
  readonly signs: readonly (Band & { readonly sign: number })[];
}

function areaOfUnit(units: number, areas: readonly Area[]): Int32Array {
  const owner = new Int32Array(units).fill(areas.length);
  areas.forEach((area, index) => {
    const { name, from, to } = area;
    if (!(Number.isInteger(from) && Number.isInteger(to) && from >= 0 && to > from && to <= units)) {
      throw new ShapeError(`areas: "${name}" spans units ${from} to ${to}; expected 0 <= from < to <= ${units}.`);
    }
    for (let unit = from; unit < to; unit += 1) {
      const other = areas[owner[unit] ?? areas.length];
      if (other) throw new ValueError(`areas: unit ${unit} is in both "${other.name}" and "${name}".`);
      owner[unit] = index;
    }
  });
  return owner;
}

function checkSigns(units: number, signs: ArrayLike<number>): void {
  checkShape("signs", signs, [units], "units");
  for (let unit = 0; unit < units; unit += 1) {
    const sign = signs[unit];
    if (sign === 1 || sign === -1 || sign === 0) continue;
    throw new ValueError(`signs[${unit}]: expected +1 (excitatory), -1 (inhibitory) or 0 (free), got ${sign}.`);
  }
}

/**
 * Orders units by area, and inside each area excitatory, then inhibitory, then free; otherwise by their number.
 * @returns the order and the stretches in it.
 * @throws ShapeError if an area leaves 0 … N or `signs` is not [N]; ValueError if areas overlap or a sign is not -1, 0, 1.
 */
export function groupUnits(groups: UnitGroups): UnitOrder {
  const { units, areas = [], signs } = groups;
  checkCount("units", units);
  const owner = areaOfUnit(units, areas);
  if (signs) checkSigns(units, signs);
  const signOf = (unit: number): number => signs?.[unit] ?? 0;
  const rank = (unit: number): number => [1, -1, 0].indexOf(signOf(unit));
  const ownerOf = (unit: number): number => owner[unit] ?? areas.length;
  const order = Uint32Array.from({ length: units }, (_, unit) => unit).sort(
    (a, b) => ownerOf(a) - ownerOf(b) || rank(a) - rank(b) || a - b,
  );
  const areaBands: (Band & { name: string })[] = [];
  const signBands: (Band & { sign: number })[] = [];
  let start = 0;
  let signStart = 0;
  for (let position = 1; position <= units; position += 1) {
    const unit = order[position - 1] ?? 0;
    const next = position < units ? order[position] : undefined;
    const areaEnds = next === undefined || ownerOf(next) !== ownerOf(unit);
    if (areaEnds || signOf(next) !== signOf(unit)) {
      signBands.push({ from: signStart, to: position, sign: signOf(unit) });
      signStart = position;
    }
    if (!areaEnds) continue;
    const area = areas[ownerOf(unit)];
    if (area) areaBands.push({ from: start, to: position, name: area.name });
    start = position;
  }
  return { order, areas: areaBands, signs: signs ? signBands : [] };
}

/**
 * The order of {@link groupUnits} alone.
 * @returns [N], order[position] = unit.
 */
export function orderByAreaAndSign(groups: UnitGroups): Uint32Array {
  return groupUnits(groups).order;
}

/**
 * @throws ValueError unless every element is the number of one of `units` units, none of them twice.
 */
export function checkUnitNumbers(name: string, list: ArrayLike<number>, units: number): void {
  const seen = new Set<number>();
  for (let place = 0; place < list.length; place += 1) {
    const unit = list[place] ?? Number.NaN;
    if (!(Number.isInteger(unit) && unit >= 0 && unit < units))
      throw new ValueError(`${name}[${place}]: expected the number of a unit, 0 … ${units - 1}, got ${unit}.`);
    if (seen.has(unit)) throw new ValueError(`${name}[${place}]: unit ${unit} is named twice.`);
    seen.add(unit);
  }
}
