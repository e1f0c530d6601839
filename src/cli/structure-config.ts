import { resolve } from "node:path";
import type { OnNotice } from "../io/array.ts";
import { blocks } from "../structure/blocks.ts";
import { fromConnectome } from "../structure/connectome.ts";
import { distanceDependent } from "../structure/distance-dependent.ts";
import { fromMasks } from "../structure/from-masks.ts";
import { lowRank } from "../structure/low-rank.ts";
import { mlp } from "../structure/mlp.ts";
import { multiArea } from "../structure/multi-area.ts";
import { multiAreaEI } from "../structure/multi-area-ei.ts";
import { multiIO } from "../structure/multi-io.ts";
import { randomInput } from "../structure/random-input.ts";
import { sparse } from "../structure/sparse.ts";
import { stack } from "../structure/stack.ts";
import { dense, type Structure } from "../structure/structure.ts";
import { readConnectome } from "./connectome-files.ts";
import { definedOnly } from "./model-source.ts";
import type { ArrayFile, StructureConfig } from "./structure-schema.ts";

/** What each type is, in one line of the help, with its main options. */
export const structureSummaries: Readonly<Record<StructureConfig["type"], string>> = {
  multiAreaEI: "areas of E and I units, Dale's law: hidden, areas, excitatory, connectivity, interAreaPathways",
  multiArea: "areas without signs: hidden, areas, connectivity, inputAreas, readoutAreas",
  blocks: "populations and projections by name: populations, projections",
  stack: "recurrent layers, one above the other: layers [{size, tauMs, …}], feedback, skip, readout",
  mlp: "feed-forward layers without time: layers [64, 64], activation",
  lowRank: "recurrence W = M Nᵀ that keeps its rank: hidden, rank, background, readout",
  sparse: "synapses at random: hidden, weightHH {density, count or inDegree}, weightIH, weightHO",
  randomInput: "inputs and readout at random units: hidden, inputDensity, readoutDensity, hiddenDensity",
  distanceDependent: "units on a line, ring, sheet or sphere: hidden, layout, lengthScale, profile",
  multiIO: "groups of channels onto chosen units: hidden, inputs, outputs",
  fromConnectome: 'a measured one: matrix ("Gs.npy") or edges ("list.csv"), names, signs, inhibitory, gaps',
  fromMasks: "masks and signs of one's own: hidden, maskHH, signHH, maskIH, …",
  dense: "every synapse may exist: hidden",
};

/** The same configuration with the paths of its files made absolute, from the folder that they are relative to. */
export function withAbsolutePaths(config: StructureConfig, folder: string): StructureConfig {
  if (config.type !== "fromConnectome") return config;
  const text = (given: string): string => resolve(folder, given);
  const array = (given: ArrayFile): ArrayFile =>
    typeof given === "string" ? text(given) : { ...given, file: text(given.file) };
  const { matrix, edges, names, signs, inhibitory, gaps } = config;
  return {
    ...config,
    ...(matrix !== undefined && { matrix: array(matrix) }),
    ...(edges !== undefined && { edges: typeof edges === "string" ? text(edges) : edges }),
    ...(names !== undefined && { names: typeof names === "string" ? text(names) : names }),
    ...(signs !== undefined && { signs: Array.isArray(signs) ? signs : array(signs) }),
    ...(inhibitory !== undefined && { inhibitory: Array.isArray(inhibitory) ? inhibitory : array(inhibitory) }),
    ...(gaps !== undefined && { gaps: Array.isArray(gaps) ? gaps : array(gaps) }),
  };
}

/**
 * Makes the structure of a configuration; files are read from where the process runs, unless their paths are absolute.
 * @param defaults sizes and seed where the configuration has none.
 * @throws as the maker of its type, and FileFormatError naming the file.
 */
export async function buildStructure(
  config: StructureConfig,
  defaults: { readonly inputs: number; readonly outputs: number; readonly seed: number },
  onNotice?: OnNotice,
): Promise<Structure> {
  const { type, ...given } = config;
  // Options that are present but undefined are as good as absent for the makers.
  const options = { ...defaults, ...definedOnly(given) };
  switch (type) {
    case "multiAreaEI":
      return multiAreaEI(options as Parameters<typeof multiAreaEI>[0]);
    case "multiArea":
      return multiArea(options as Parameters<typeof multiArea>[0]);
    case "randomInput":
      return randomInput(options as Parameters<typeof randomInput>[0]);
    case "multiIO":
      return multiIO(options as unknown as Parameters<typeof multiIO>[0]);
    case "sparse":
      return sparse(options as Parameters<typeof sparse>[0]);
    case "distanceDependent":
      return distanceDependent(options as unknown as Parameters<typeof distanceDependent>[0]);
    case "blocks":
      return blocks(options as unknown as Parameters<typeof blocks>[0]);
    case "stack":
      return stack(options as unknown as Parameters<typeof stack>[0]);
    case "mlp":
      return mlp(options as unknown as Parameters<typeof mlp>[0]);
    case "lowRank":
      return lowRank(options as unknown as Parameters<typeof lowRank>[0]);
    case "fromConnectome": {
      const { inputs, outputs } = options as unknown as Parameters<typeof fromConnectome>[0];
      return fromConnectome({ seed: defaults.seed, ...(await readConnectome(config, onNotice)), inputs, outputs });
    }
    case "fromMasks":
      return fromMasks(options as Parameters<typeof fromMasks>[0]);
    case "dense":
      return dense(options as Parameters<typeof dense>[0]);
  }
}
