import { z } from "zod";
import { blocks } from "../structure/blocks.ts";
import { fromConnectome } from "../structure/connectome.ts";
import { distanceDependent, distanceProfiles } from "../structure/distance-dependent.ts";
import { fromMasks } from "../structure/from-masks.ts";
import { layouts } from "../structure/geometry.ts";
import { multiArea } from "../structure/multi-area.ts";
import { multiAreaEI } from "../structure/multi-area-ei.ts";
import { multiIO } from "../structure/multi-io.ts";
import { randomInput } from "../structure/random-input.ts";
import { sparse } from "../structure/sparse.ts";
import { dense, type Structure } from "../structure/structure.ts";

const count = z.int().positive();
const fraction = z.number().min(0).max(1);
const seed = z.int().nonnegative().max(0xffffffff).optional();
/** `inputs` and `outputs` may be left out: they are then the task's or the data's. */
const sizes = { inputs: count.optional(), hidden: count, outputs: count.optional(), seed };
const areaNames = z.array(z.union([z.int().nonnegative(), z.string()])).min(1);
const pathway = z.union([z.boolean(), fraction]).optional();
const matrix = z.array(z.array(z.number())).optional();

const densities = z.strictObject({
  forward: fraction.optional(),
  backward: fraction.optional(),
  within: fraction.optional(),
});
const areaOptions = {
  ...sizes,
  areas: z
    .union([count, z.array(z.union([count, z.strictObject({ name: z.string().min(1), size: count })]))])
    .optional(),
  connectivity: z.union([z.array(z.array(fraction)), densities]).optional(),
  inputAreas: areaNames.optional(),
  readoutAreas: areaNames.optional(),
  selfConnections: z.boolean().optional(),
};

const multiAreaEISchema = z.strictObject({
  type: z.literal("multiAreaEI"),
  ...areaOptions,
  excitatory: z.union([fraction, z.array(fraction)]).optional(),
  interAreaPathways: z.strictObject({ EE: pathway, EI: pathway, IE: pathway, II: pathway }).optional(),
  inhibitoryReadout: z.boolean().optional(),
  excitatoryInputs: z.boolean().optional(),
});

const fromMasksSchema = z.strictObject({
  type: z.literal("fromMasks"),
  ...sizes,
  maskIH: matrix,
  maskHH: matrix,
  maskHO: matrix,
  signIH: matrix,
  signHH: matrix,
  signHO: matrix,
  areas: z.array(z.strictObject({ name: z.string().min(1), from: z.int().nonnegative(), to: count })).optional(),
});

const unit = z.union([z.int().nonnegative(), z.string()]);
const channelGroup = z.strictObject({
  name: z.string().min(1).optional(),
  channels: count,
  units: z.union([z.array(unit), z.strictObject({ from: z.int().nonnegative(), to: count })]).optional(),
});
const channelTable = z.strictObject({ channels: z.array(count), table: z.array(z.array(z.number())) });
const channels = z.union([count, z.array(channelGroup), channelTable]).optional();

const randomInputSchema = z.strictObject({
  type: z.literal("randomInput"),
  ...sizes,
  inputDensity: fraction.optional(),
  readoutDensity: fraction.optional(),
  hiddenDensity: fraction.optional(),
  overlap: z.boolean().optional(),
  selfConnections: z.boolean().optional(),
});

const multiIOSchema = z.strictObject({
  type: z.literal("multiIO"),
  ...sizes,
  inputs: channels,
  outputs: channels,
});

const exact = z.int().nonnegative().optional();
const sparsity = z.strictObject({ density: fraction.optional(), count: exact, inDegree: exact }).optional();
const sparseSchema = z.strictObject({
  type: z.literal("sparse"),
  ...sizes,
  weightIH: sparsity,
  weightHH: sparsity,
  weightHO: sparsity,
  selfConnections: z.boolean().optional(),
});

const distanceDependentSchema = z.strictObject({
  type: z.literal("distanceDependent"),
  ...sizes,
  layout: z.enum(layouts),
  extent: z.number().positive().optional(),
  profile: z.enum(distanceProfiles).optional(),
  peak: fraction.optional(),
  lengthScale: z.number().positive(),
  selfConnections: z.boolean().optional(),
});

const namedChannels = z
  .union([count, z.array(z.strictObject({ name: z.string().min(1), channels: count }))])
  .optional();
const blocksSchema = z.strictObject({
  type: z.literal("blocks"),
  ...sizes,
  hidden: count.optional(),
  populations: z.array(
    z.strictObject({
      name: z.string().min(1),
      size: count,
      excitatory: z.union([z.boolean(), fraction]).optional(),
      tauMs: z.number().positive().optional(),
    }),
  ),
  projections: z.array(
    z.strictObject({
      from: z.string(),
      to: z.string(),
      density: fraction.optional(),
      sign: z.number().optional(),
    }),
  ),
  inputs: namedChannels,
  outputs: namedChannels,
  selfConnections: z.boolean().optional(),
});

const fromConnectomeSchema = z.strictObject({
  type: z.literal("fromConnectome"),
  ...sizes,
  hidden: count.optional(),
  weights: matrix,
  edges: z.array(z.strictObject({ from: unit, to: unit, weight: z.number().optional() })).optional(),
  rows: z.enum(["postsynaptic", "presynaptic"]).optional(),
  names: z.array(z.string()).optional(),
  signs: z.array(z.number()).optional(),
  inhibitory: z.array(unit).optional(),
  gaps: matrix,
  inputs: channels,
  outputs: channels,
  signedReadout: z.boolean().optional(),
});

/** A structure as it stands in a configuration: its maker's name as `type`, and the maker's options. */
export const structureSchema = z.discriminatedUnion("type", [
  multiAreaEISchema,
  z.strictObject({ type: z.literal("multiArea"), ...areaOptions }),
  randomInputSchema,
  multiIOSchema,
  sparseSchema,
  distanceDependentSchema,
  blocksSchema,
  fromConnectomeSchema,
  fromMasksSchema,
  z.strictObject({ type: z.literal("dense"), ...sizes }),
]);
export type StructureConfig = z.output<typeof structureSchema>;

/**
 * Makes the structure of a configuration.
 * @param defaults sizes and seed where the configuration has none.
 * @throws as the maker of its type.
 */
export function buildStructure(
  config: StructureConfig,
  defaults: { readonly inputs: number; readonly outputs: number; readonly seed: number },
): Structure {
  const { type, ...given } = config;
  // Options that are present but undefined are as good as absent for the makers.
  const options = { ...defaults, ...(JSON.parse(JSON.stringify(given)) as object) };
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
    case "fromConnectome":
      return fromConnectome(options as Parameters<typeof fromConnectome>[0]);
    case "fromMasks":
      return fromMasks(options as Parameters<typeof fromMasks>[0]);
    case "dense":
      return dense(options as Parameters<typeof dense>[0]);
  }
}
