import { ConfigError, ShapeError, ValueError } from "../errors.ts";
import type { Area } from "../io/model-schema.ts";
import { suggestName } from "../io/nearest.ts";
import { Random, streams } from "../random.ts";
import { checkCount, checkFraction, checkKeys, checkSeed } from "./options.ts";
import { checkSizes, type Structure, type StructureSizes } from "./structure.ts";

/** Pathways between areas, named from→to: `EI` is from excitatory cells of one area to inhibitory cells of another. */
export interface InterAreaPathways {
  readonly EE?: boolean | number;
  readonly EI?: boolean | number;
  readonly IE?: boolean | number;
  readonly II?: boolean | number;
}

/** Densities between areas: forward is from a lower to a higher area index, backward the other way. */
export interface AreaConnectivity {
  readonly forward?: number;
  readonly backward?: number;
  readonly within?: number;
}

export interface MultiAreaEIOptions extends StructureSizes {
  /** A number of areas, their sizes, or their names and sizes; 2 unless given. Units are numbered area by area. */
  readonly areas?: number | readonly number[] | readonly { readonly name: string; readonly size: number }[];
  /** Fraction of excitatory units, one number or one per area; 0.8 unless given. See {@link excitatoryCount}. */
  readonly excitatory?: number | readonly number[];
  /** Unsigned 32-bit integer; 0 unless given. */
  readonly seed?: number;
  /** Probability of each synapse, as a matrix by [to][from] area, or by direction. */
  readonly connectivity?: readonly (readonly number[])[] | AreaConnectivity;
  /** A number is the fraction of that pathway's synapses which is kept: it multiplies the areas' connectivity. */
  readonly interAreaPathways?: InterAreaPathways;
  /** Whether a unit may excite or inhibit itself; false unless given. */
  readonly selfConnections?: boolean;
  /** Areas that the inputs reach, by index or name; the first unless given. */
  readonly inputAreas?: readonly (number | string)[];
  /** Areas that the readout sees, by index or name; the last unless given. */
  readonly readoutAreas?: readonly (number | string)[];
  /** Whether inhibitory units reach the readout; false unless given. */
  readonly inhibitoryReadout?: boolean;
  /** Whether input weights are signed +1, as in PsychRNN and pycog; false unless given: their signs are free. */
  readonly excitatoryInputs?: boolean;
}

const keys = ["inputs", "hidden", "outputs", "areas", "excitatory", "seed", "connectivity", "interAreaPathways"];
const switches = ["selfConnections", "inputAreas", "readoutAreas", "inhibitoryReadout", "excitatoryInputs"];
const pathwayNames = ["EE", "EI", "IE", "II"] as const;

/**
 * How many of `size` units are excitatory: `Math.round(size * fraction)`, halves up. A fraction strictly between 0 and
 * 1 leaves at least one unit of each kind in an area of two units or more.
 */
export function excitatoryCount(size: number, fraction: number): number {
  const rounded = Math.round(size * fraction);
  if (fraction <= 0 || fraction >= 1 || size < 2) return rounded;
  return Math.min(Math.max(rounded, 1), size - 1);
}

function readAreas(given: NonNullable<MultiAreaEIOptions["areas"]>, hidden: number): Area[] {
  let sizes: readonly number[];
  let names: readonly string[] = [];
  if (typeof given === "number") {
    const count = checkCount("multiAreaEI: areas", given);
    if (count > hidden) throw new ShapeError(`multiAreaEI: ${count} areas cannot share ${hidden} hidden units.`);
    // Sizes differ by one at most; the first areas take what is left over.
    sizes = Array.from({ length: count }, (_, area) => Math.floor(hidden / count) + (area < hidden % count ? 1 : 0));
  } else if (Array.isArray(given) && given.length > 0) {
    const list = given as readonly (number | { readonly name: string; readonly size: number })[];
    sizes = list.map((area) => (typeof area === "number" ? area : area.size));
    names = list.map((area, index) => (typeof area === "number" ? `area${index + 1}` : area.name));
  } else {
    throw new ConfigError("multiAreaEI: areas: expected a number, a list of sizes, or a list of { name, size }.");
  }
  sizes.forEach((size, index) => {
    checkCount(`multiAreaEI: areas[${index}] size`, size);
  });
  const total = sizes.reduce((sum, size) => sum + size, 0);
  if (total !== hidden)
    throw new ShapeError(`multiAreaEI: area sizes ${sizes.join(" + ")} add up to ${total}, but hidden is ${hidden}.`);
  let from = 0;
  return sizes.map((size, index) => {
    const name = names[index] ?? `area${index + 1}`;
    if (typeof name !== "string" || name === "" || names.indexOf(name) !== (names.length === 0 ? -1 : index))
      throw new ConfigError(`multiAreaEI: areas[${index}]: expected a name of its own, got "${name}".`);
    from += size;
    return { name, from: from - size, to: from };
  });
}

function readConnectivity(given: NonNullable<MultiAreaEIOptions["connectivity"]>, count: number): number[][] {
  const label = "multiAreaEI: connectivity";
  if (Array.isArray(given)) {
    const rows = given as readonly (readonly number[])[];
    if (rows.length !== count || rows.some((row) => !Array.isArray(row) || row.length !== count))
      throw new ShapeError(`${label}: expected [${count}, ${count}] (to area, from area).`);
    return rows.map((row, to) => row.map((value, from) => checkFraction(`${label}[${to}][${from}]`, value)));
  }
  checkKeys(label, given, ["forward", "backward", "within"]);
  const { forward = 0.5, backward = 0.2, within = 1 } = given as AreaConnectivity;
  checkFraction(`${label}.forward`, forward);
  checkFraction(`${label}.backward`, backward);
  checkFraction(`${label}.within`, within);
  return Array.from({ length: count }, (_, to) =>
    Array.from({ length: count }, (_, from) => (to === from ? within : to > from ? forward : backward)),
  );
}

function readPathways(given: InterAreaPathways): Record<string, number> {
  checkKeys("multiAreaEI: interAreaPathways", given, pathwayNames);
  const kept: Record<string, number> = {};
  for (const name of pathwayNames) {
    const value = given[name] ?? name.startsWith("E");
    kept[name] = checkFraction(`multiAreaEI: interAreaPathways.${name}`, Number(value));
  }
  return kept;
}

function readAreaList(label: string, given: readonly (number | string)[], areas: readonly Area[]): Set<number> {
  const names = areas.map(({ name }) => name);
  const found = new Set<number>();
  for (const item of given) {
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

/**
 * Areas of excitatory and inhibitory units under Dale's law. In each area the first units are excitatory, the others
 * inhibitory. Every entry of the hidden mask is an independent draw (Bernoulli) at its block's density: two structures
 * of one seed that differ only in densities share their draws, so a higher density only adds synapses.
 *
 * Defaults, as is usual in the field: dense within an area; between areas only excitatory cells project, forward
 * connections at 0.5 and sparse feedback at 0.2 (the feedback density of Song, Yang & Wang 2016); inputs reach the first
 * area; the excitatory units of the last area are read out. The signs of input weights are free, as in nn-brain, because
 * networks learn faster so than with inputs signed +1. With one area the inputs and the readout are that area's.
 * A low density or an area without a pathway may leave units without any incoming synapse: that is allowed, and
 * `describeStructure` says how many there are.
 *
 * @throws {@link ConfigError} unknown options or area names, {@link ShapeError} sizes that do not add up,
 * {@link ValueError} numbers out of range.
 */
export function multiAreaEI(options: MultiAreaEIOptions): Structure {
  checkKeys("multiAreaEI", options, [...keys, ...switches]);
  const sizes = checkSizes("multiAreaEI", options);
  const { inputs, hidden, outputs } = sizes;
  const seed = checkSeed("multiAreaEI: seed", options.seed ?? 0);
  const areas = readAreas(options.areas ?? Math.min(2, hidden), hidden);
  const connectivity = readConnectivity(options.connectivity ?? {}, areas.length);
  const pathways = readPathways(options.interAreaPathways ?? {});
  const inputAreas = readAreaList("multiAreaEI: inputAreas", options.inputAreas ?? [0], areas);
  const last = areas.length - 1;
  const readoutAreas = readAreaList("multiAreaEI: readoutAreas", options.readoutAreas ?? [last], areas);

  const { excitatory = 0.8 } = options;
  if (typeof excitatory !== "number" && excitatory.length !== areas.length)
    throw new ShapeError(`multiAreaEI: excitatory: expected ${areas.length} fractions, got ${excitatory.length}.`);
  const unitSigns = new Float32Array(hidden).fill(-1);
  const areaOf = new Uint32Array(hidden);
  areas.forEach(({ from, to, name }, index) => {
    const fraction = typeof excitatory === "number" ? excitatory : (excitatory[index] as number);
    checkFraction(`multiAreaEI: excitatory (area "${name}")`, fraction);
    unitSigns.fill(1, from, from + excitatoryCount(to - from, fraction));
    areaOf.fill(index, from, to);
  });

  const maskHH = new Float32Array(hidden * hidden);
  const signHH = new Float32Array(hidden * hidden);
  const random = new Random(seed, streams.structure);
  for (let post = 0; post < hidden; post += 1) {
    const to = areaOf[post] as number;
    for (let pre = 0; pre < hidden; pre += 1) {
      const from = areaOf[pre] as number;
      let density = connectivity[to]?.[from] ?? 0;
      if (to !== from) density *= pathways[`${kind(unitSigns, pre)}${kind(unitSigns, post)}`] ?? 0;
      const drawn = random.uniform() < density;
      maskHH[post * hidden + pre] = drawn && (pre !== post || options.selfConnections === true) ? 1 : 0;
      signHH[post * hidden + pre] = unitSigns[pre] as number;
    }
  }
  const maskIH = new Float32Array(hidden * inputs);
  const maskHO = new Float32Array(outputs * hidden);
  const signHO = new Float32Array(outputs * hidden);
  for (let unit = 0; unit < hidden; unit += 1) {
    const area = areaOf[unit] as number;
    const sign = unitSigns[unit] as number;
    if (inputAreas.has(area)) maskIH.fill(1, unit * inputs, (unit + 1) * inputs);
    const read = readoutAreas.has(area) && (sign > 0 || options.inhibitoryReadout === true);
    for (let output = 0; output < outputs; output += 1) {
      maskHO[output * hidden + unit] = read ? 1 : 0;
      signHO[output * hidden + unit] = sign;
    }
  }
  const signIH = options.excitatoryInputs === true ? { weightIH: new Float32Array(hidden * inputs).fill(1) } : {};
  return {
    ...sizes,
    areas,
    masks: { weightIH: maskIH, weightHH: maskHH, weightHO: maskHO },
    signs: { ...signIH, weightHH: signHH, weightHO: signHO },
    unitSigns,
    seed,
  };
}

function kind(unitSigns: Float32Array, unit: number): "E" | "I" {
  return (unitSigns[unit] as number) > 0 ? "E" : "I";
}
