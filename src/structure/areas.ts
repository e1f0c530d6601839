import { ConfigError, ShapeError, ValueError } from "../errors.ts";
import type { Area } from "../io/model-schema.ts";
import { suggestName } from "../io/nearest.ts";
import { checkCount, checkFraction, checkKeys, checkList } from "./options.ts";
import type { StructureSizes } from "./structure.ts";

/** Densities between areas: forward is from a lower to a higher area index, backward the other way. */
export interface AreaConnectivity {
  readonly forward?: number;
  readonly backward?: number;
  readonly within?: number;
}

/** The options that `multiArea` and `multiAreaEI` share. Their defaults differ: see each. */
export interface AreaOptions extends StructureSizes {
  /** A number of areas, their sizes, or their names and sizes; 2 unless given. Units are numbered area by area. */
  readonly areas?: number | readonly number[] | readonly { readonly name: string; readonly size: number }[];
  /** Probability of each synapse, as a matrix by [to][from] area, or by direction. */
  readonly connectivity?: readonly (readonly number[])[] | AreaConnectivity;
  /** Areas that the inputs reach, by index or name. */
  readonly inputAreas?: readonly (number | string)[];
  /** Areas that the readout sees, by index or name. */
  readonly readoutAreas?: readonly (number | string)[];
  /** Whether a unit may have a synapse onto itself. */
  readonly selfConnections?: boolean;
  /** Unsigned 32-bit integer; 0 unless given. */
  readonly seed?: number;
}

const sizeKeys = ["inputs", "hidden", "outputs"];
/** Every key of {@link AreaOptions}. */
export const areaKeys: readonly string[] = [
  ...sizeKeys,
  "areas",
  "connectivity",
  "inputAreas",
  "readoutAreas",
  "selfConnections",
  "seed",
];

/**
 * Contiguous areas that cover all hidden units. Sizes from a number of areas differ by one at most.
 * @throws {@link ShapeError} sizes that do not add up, {@link ValueError} a size, {@link ConfigError} a name.
 */
export function readAreas(label: string, given: NonNullable<AreaOptions["areas"]>, hidden: number): Area[] {
  let sizes: readonly number[];
  let names: readonly string[] = [];
  if (typeof given === "number") {
    const count = checkCount(`${label}: areas`, given);
    if (count > hidden) throw new ShapeError(`${label}: ${count} areas cannot share ${hidden} hidden units.`);
    // The first areas take what is left over.
    sizes = Array.from({ length: count }, (_, area) => Math.floor(hidden / count) + (area < hidden % count ? 1 : 0));
  } else if (Array.isArray(given) && given.length > 0) {
    const list = given as readonly (number | { readonly name: string; readonly size: number })[];
    list.forEach((area, index) => {
      if (typeof area !== "number") checkKeys(`${label}: areas[${index}]`, area, ["name", "size"]);
    });
    sizes = list.map((area) => (typeof area === "number" ? area : area.size));
    names = list.map((area, index) => (typeof area === "number" ? `area${index + 1}` : area.name));
  } else {
    throw new ConfigError(`${label}: areas: expected a number, a list of sizes, or a list of { name, size }.`);
  }
  sizes.forEach((size, index) => {
    checkCount(`${label}: areas[${index}] size`, size);
  });
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== hidden)
    throw new ShapeError(`${label}: area sizes ${sizes.join(" + ")} add up to ${total}, but hidden is ${hidden}.`);
  let from = 0;
  return sizes.map((size, index) => {
    const name = names[index] ?? `area${index + 1}`;
    if (typeof name !== "string" || name === "" || names.indexOf(name) !== (names.length === 0 ? -1 : index))
      throw new ConfigError(`${label}: areas[${index}]: expected a name of its own, got "${name}".`);
    from += size;
    return { name, from: from - size, to: from };
  });
}

/** Densities as a matrix by [to][from]. @throws {@link ShapeError}, {@link ValueError}, {@link ConfigError}. */
export function readConnectivity(
  label: string,
  given: NonNullable<AreaOptions["connectivity"]>,
  count: number,
  defaults: Required<AreaConnectivity>,
): number[][] {
  const path = `${label}: connectivity`;
  if (Array.isArray(given)) {
    const rows = given as readonly (readonly number[])[];
    if (rows.length !== count || rows.some((row) => !Array.isArray(row) || row.length !== count))
      throw new ShapeError(`${path}: expected [${count}, ${count}] (to area, from area).`);
    // Array.from, because map() passes over the holes of a list such as [1, , 0].
    return rows.map((row, to) => Array.from(row, (value, from) => checkFraction(`${path}[${to}][${from}]`, value)));
  }
  checkKeys(path, given, ["forward", "backward", "within"]);
  const {
    forward = defaults.forward,
    backward = defaults.backward,
    within = defaults.within,
  } = given as AreaConnectivity;
  checkFraction(`${path}.forward`, forward);
  checkFraction(`${path}.backward`, backward);
  checkFraction(`${path}.within`, within);
  return Array.from({ length: count }, (_, to) =>
    Array.from({ length: count }, (_, from) => (to === from ? within : to > from ? forward : backward)),
  );
}

/** Indices of areas given by index or name. @throws {@link ConfigError} unknown name or no list, {@link ValueError} no such index. */
export function readAreaList(
  label: string,
  given: readonly (number | string)[],
  areas: readonly Area[],
): ReadonlySet<number> {
  const names = areas.map(({ name }) => name);
  const found = new Set<number>();
  for (const item of checkList(label, given, "area indices or names")) {
    const index = typeof item === "number" ? item : names.indexOf(item);
    if (typeof item === "string" && index < 0)
      throw new ConfigError(`${label}: there is no area "${item}"; ${suggestName(item, names)}`);
    if (!Number.isInteger(index) || index < 0 || index >= areas.length)
      throw new ValueError(`${label}: expected area indices 0 to ${areas.length - 1}, got ${String(item)}.`);
    found.add(index);
  }
  if (found.size === 0) throw new ValueError(`${label}: expected at least one area.`);
  return found;
}

/** The index of each unit's area [H]. */
export function areaIndex(areas: readonly Area[], hidden: number): Uint32Array {
  const areaOf = new Uint32Array(hidden);
  areas.forEach(({ from, to }, index) => {
    areaOf.fill(index, from, to);
  });
  return areaOf;
}
