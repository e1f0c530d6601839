import { inputPlaces, outputPlaces } from "./channels-by-name.ts";
import { areaRanges } from "./check.ts";
import type { MaskedWeight, Structure } from "./structure.ts";

interface Group {
  readonly name: string;
  readonly from: number;
  readonly to: number;
}

function short(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** Share of synapses that may exist, in the block of rows × columns; masks that are absent count as all 1. */
function blockDensity(mask: Float32Array | undefined, columns: number, post: Group, pre: Group): number {
  if (mask === undefined) return 1;
  let count = 0;
  for (let row = post.from; row < post.to; row += 1)
    for (let column = pre.from; column < pre.to; column += 1) count += mask[row * columns + column] as number;
  return count / ((post.to - post.from) * (pre.to - pre.from));
}

function units(structure: Structure, { from, to }: Group): string {
  const signs = structure.unitSigns?.subarray(from, to);
  if (signs === undefined) return `${to - from} units`;
  const excitatory = signs.filter((sign) => sign > 0).length;
  const inhibitory = signs.filter((sign) => sign < 0).length;
  const free = to - from - excitatory - inhibitory;
  const ratio = inhibitory > 0 && excitatory > 0 ? `, E/I ${(excitatory / inhibitory).toFixed(2)}` : "";
  return `${to - from} units: ${excitatory} E, ${inhibitory} I${free > 0 ? `, ${free} free` : ""}${ratio}`;
}

function table(structure: Structure, name: MaskedWeight, rows: readonly Group[], columns: readonly Group[]): string[] {
  const mask = structure.masks[name];
  const width = columns.at(-1)?.to ?? 0;
  const cells = rows.map((row) => [
    row.name,
    ...columns.map((column) => blockDensity(mask, width, row, column).toFixed(3)),
  ]);
  const lines = [["to \\ from", ...columns.map((column) => column.name)], ...cells];
  const widths = [0, ...columns].map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  return lines.map((line) => `    ${line.map((cell, column) => cell.padStart(widths[column] ?? 0)).join("  ")}`);
}

/** Whether a column of the mask has an entry; a mask that is absent counts as all 1. */
function reachesAny(mask: Float32Array | undefined, rows: number, columns: number, unit: number): boolean {
  if (mask === undefined) return true;
  for (let row = 0; row < rows; row += 1) if (mask[row * columns + unit] !== 0) return true;
  return false;
}

/** How many units have each activation: `tanh (3), the network's (2)`. */
function countActivations(activation: readonly (string | null)[]): string {
  const counts = new Map<string, number>();
  for (const own of activation) counts.set(own ?? "the network's", (counts.get(own ?? "the network's") ?? 0) + 1);
  return [...counts].map(([name, count]) => `${name} (${count})`).join(", ");
}

/** Layers in the order of their update, and how many recurrent synapses act when. */
function describeLayers({ layers, masks, hidden }: Structure): string[] {
  if (layers === undefined) return [];
  let within = 0;
  let later = 0;
  for (const post of layers)
    for (let row = post.from; row < post.to; row += 1)
      for (let column = 0; column < hidden; column += 1) {
        const exists = masks.weightHH?.[row * hidden + column] ?? 1;
        if (column < post.from) within += exists;
        else later += exists;
      }
  return [
    `  layers, in the order of their update: ${areaRanges(layers)}`,
    `  recurrent synapses that act within the time step: ${within}; one step later: ${later}`,
  ];
}

/** What else is known: strengths, gap junctions, names, time constants, activations, noise, positions. */
function known({ strengths, gapsHH, distances, units = {}, noise = {}, hidden }: Structure): string[] {
  const { names, tauMs, positions, activation, noisePre, noisePost } = units;
  const junctions = gapsHH?.reduce((count, value) => count + (value > 0 ? 1 : 0), 0) ?? 0;
  const span = (values: Float32Array): string => {
    const [low, high] = [values.reduce((a, b) => Math.min(a, b)), values.reduce((a, b) => Math.max(a, b))];
    return low === high ? short(low) : `${short(low)} to ${short(high)}`;
  };
  const deviations = (side: string, factors: Float32Array | undefined, base: number | undefined): string[] => {
    if (factors === undefined) return [];
    if (base === undefined) return [`  noise ${side}: ${span(factors)} times the network's`];
    return [`  noise ${side}: standard deviation ${span(factors.map((factor) => factor * base))}`];
  };
  return [
    ...(strengths === undefined ? [] : [`  relative strengths: ${Object.keys(strengths).join(", ")}`]),
    ...(gapsHH === undefined ? [] : [`  gap junctions: ${junctions} entries`]),
    ...(tauMs === undefined ? [] : [`  time constants: ${span(tauMs)} ms${tauMs.includes(0) ? " (0 = none)" : ""}`]),
    ...(activation === undefined ? [] : [`  activations: ${countActivations(activation)}`]),
    ...deviations("pre", noisePre, noise.pre),
    ...deviations("post", noisePost, noise.post),
    ...(positions === undefined ? [] : [`  positions: in ${positions.length / hidden} dimensions`]),
    ...(distances === undefined ? [] : [`  distances: ${span(distances)}`]),
    ...(names === undefined ? [] : [`  unit names: ${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""}`]),
  ];
}

/**
 * A structure in words: areas, numbers of excitatory and inhibitory units and their ratio, the density of each block,
 * self-connections, units without incoming or without any synapses, layers, and what else is known of it.
 */
export function describeStructure(structure: Structure): string {
  const { inputs, hidden, outputs, areas, masks, seed } = structure;
  const whole: Group = { name: "hidden", from: 0, to: hidden };
  const groups: readonly Group[] = areas.length > 0 ? areas : [whole];
  const inputGroups: readonly Group[] = inputPlaces(structure);
  const outputGroups: readonly Group[] = outputPlaces(structure);
  let selfConnections = 0;
  let silent = 0;
  let isolated = 0;
  for (let unit = 0; unit < hidden; unit += 1) {
    selfConnections += masks.weightHH?.[unit * hidden + unit] ?? 1;
    const recurrent = masks.weightHH?.subarray(unit * hidden, (unit + 1) * hidden).some((value) => value !== 0) ?? true;
    const driven = masks.weightIH?.subarray(unit * inputs, (unit + 1) * inputs).some((value) => value !== 0) ?? true;
    if (recurrent || driven) continue;
    silent += 1;
    if (!reachesAny(masks.weightHH, hidden, hidden, unit) && !reachesAny(masks.weightHO, outputs, hidden, unit))
      isolated += 1;
  }
  const synapses = masks.weightHH?.reduce((sum, value) => sum + value, 0) ?? hidden * hidden;
  const density = blockDensity(masks.weightHH, hidden, whole, whole);
  return [
    `${inputs} inputs, ${hidden} hidden units, ${outputs} outputs (structure seed ${seed})`,
    `  hidden: ${units(structure, whole)}`,
    ...areas.map((area) => `  area ${area.name} [${area.from}, ${area.to}): ${units(structure, area)}`),
    "  input weights, density:",
    ...table(structure, "weightIH", groups, inputGroups),
    `  recurrent weights, density (${density.toFixed(3)} overall, ${synapses} synapses):`,
    ...table(structure, "weightHH", groups, groups),
    "  readout weights, density:",
    ...table(structure, "weightHO", outputGroups, groups),
    `  self-connections: ${selfConnections === 0 ? "none" : `${selfConnections} of ${hidden}`}`,
    ...(silent > 0 ? [`  units without any incoming synapse: ${silent}`] : []),
    ...(isolated > 0 ? [`  isolated units, without any synapse: ${isolated}`] : []),
    ...describeLayers(structure),
    ...known(structure),
  ].join("\n");
}
