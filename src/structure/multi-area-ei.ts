import { ConfigError, ShapeError } from "../errors.ts";
import { Random, streams } from "../random.ts";
import { type AreaOptions, areaIndex, areaKeys, readAreaList, readAreas, readConnectivity } from "./areas.ts";
import { checkFlags, checkFraction, checkKeys, checkSeed, checkShare, shown } from "./options.ts";
import { checkSizes, type Structure } from "./structure.ts";

export type { AreaConnectivity } from "./areas.ts";

/** Pathways between areas, named from→to: `EI` is from excitatory cells of one area to inhibitory cells of another. */
export interface InterAreaPathways {
  readonly EE?: boolean | number;
  readonly EI?: boolean | number;
  readonly IE?: boolean | number;
  readonly II?: boolean | number;
}

export interface MultiAreaEIOptions extends AreaOptions {
  /** Fraction of excitatory units, one number or one per area; 0.8 unless given. See {@link excitatoryCount}. */
  readonly excitatory?: number | readonly number[];
  /** A number is the fraction of that pathway's synapses which is kept: it multiplies the areas' connectivity. */
  readonly interAreaPathways?: InterAreaPathways;
  /** Whether inhibitory units reach the readout; false unless given. */
  readonly inhibitoryReadout?: boolean;
  /** Whether input weights are signed +1, as in PsychRNN and pycog; false unless given: their signs are free. */
  readonly excitatoryInputs?: boolean;
}

const keys = [...areaKeys, "excitatory", "interAreaPathways", "inhibitoryReadout", "excitatoryInputs"];
const connectivityDefaults = { forward: 0.5, backward: 0.2, within: 1 };
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

function readPathways(given: InterAreaPathways): Record<string, number> {
  checkKeys("multiAreaEI: interAreaPathways", given, pathwayNames);
  const kept: Record<string, number> = {};
  for (const name of pathwayNames) {
    const { [name]: value = name.startsWith("E") } = given;
    kept[name] = checkShare(`multiAreaEI: interAreaPathways.${name}`, value);
  }
  return kept;
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
  checkKeys("multiAreaEI", options, keys);
  checkFlags("multiAreaEI", options, ["selfConnections", "inhibitoryReadout", "excitatoryInputs"]);
  const sizes = checkSizes("multiAreaEI", options);
  const { inputs, hidden, outputs } = sizes;
  const seed = checkSeed("multiAreaEI: seed", options.seed ?? 0);
  const areas = readAreas("multiAreaEI", options.areas ?? Math.min(2, hidden), hidden);
  const connectivity = readConnectivity("multiAreaEI", options.connectivity ?? {}, areas.length, connectivityDefaults);
  const pathways = readPathways(options.interAreaPathways ?? {});
  const inputAreas = readAreaList("multiAreaEI: inputAreas", options.inputAreas ?? [0], areas);
  const last = areas.length - 1;
  const readoutAreas = readAreaList("multiAreaEI: readoutAreas", options.readoutAreas ?? [last], areas);

  const { excitatory = 0.8 } = options;
  if (typeof excitatory !== "number" && !Array.isArray(excitatory))
    throw new ConfigError(
      `multiAreaEI: excitatory: expected a fraction or one for each area, got ${shown(excitatory)}.`,
    );
  if (typeof excitatory !== "number" && excitatory.length !== areas.length)
    throw new ShapeError(`multiAreaEI: excitatory: expected ${areas.length} fractions, got ${excitatory.length}.`);
  const unitSigns = new Float32Array(hidden).fill(-1);
  const areaOf = areaIndex(areas, hidden);
  areas.forEach(({ from, to, name }, index) => {
    const fraction = typeof excitatory === "number" ? excitatory : (excitatory[index] as number);
    checkFraction(`multiAreaEI: excitatory (area "${name}")`, fraction);
    unitSigns.fill(1, from, from + excitatoryCount(to - from, fraction));
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
