import type { MaskedWeight, Structure } from "./structure.ts";

interface Group {
  readonly name: string;
  readonly from: number;
  readonly to: number;
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

/** A structure in words: areas, excitatory and inhibitory counts, the density of each block, self-connections. */
export function describeStructure(structure: Structure): string {
  const { inputs, hidden, outputs, areas, masks, seed } = structure;
  const whole: Group = { name: "hidden", from: 0, to: hidden };
  const groups: readonly Group[] = areas.length > 0 ? areas : [whole];
  const input: Group = { name: "inputs", from: 0, to: inputs };
  const output: Group = { name: "outputs", from: 0, to: outputs };
  let selfConnections = 0;
  let silent = 0;
  for (let unit = 0; unit < hidden; unit += 1) {
    selfConnections += masks.weightHH?.[unit * hidden + unit] ?? 1;
    const recurrent = masks.weightHH?.subarray(unit * hidden, (unit + 1) * hidden).some((value) => value !== 0) ?? true;
    const driven = masks.weightIH?.subarray(unit * inputs, (unit + 1) * inputs).some((value) => value !== 0) ?? true;
    if (!recurrent && !driven) silent += 1;
  }
  const density = blockDensity(masks.weightHH, hidden, whole, whole);
  return [
    `${inputs} inputs, ${hidden} hidden units, ${outputs} outputs (structure seed ${seed})`,
    `  hidden: ${units(structure, whole)}`,
    ...areas.map((area) => `  area ${area.name} [${area.from}, ${area.to}): ${units(structure, area)}`),
    "  input weights, density:",
    ...table(structure, "weightIH", groups, [input]),
    `  recurrent weights, density (${density.toFixed(3)} overall):`,
    ...table(structure, "weightHH", groups, groups),
    "  readout weights, density:",
    ...table(structure, "weightHO", [output], groups),
    `  self-connections: ${selfConnections === 0 ? "none" : `${selfConnections} of ${hidden}`}`,
    ...(silent > 0 ? [`  units without any incoming synapse: ${silent}`] : []),
  ].join("\n");
}
