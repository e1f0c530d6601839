import { z } from "zod";
import { activations } from "../io/model-schema.ts";
import { distanceProfiles } from "../structure/distance-dependent.ts";
import { layouts } from "../structure/geometry.ts";

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
const notNegative = z.number().nonnegative().optional();
const booleanOrFraction = z.union([z.boolean(), fraction]).optional();
const unitGroup = {
  excitatory: booleanOrFraction,
  activation: z.enum(activations).optional(),
  noise: z.strictObject({ pre: notNegative, post: notNegative }).optional(),
};
const blocksSchema = z.strictObject({
  type: z.literal("blocks"),
  ...sizes,
  hidden: count.optional(),
  populations: z.array(z.strictObject({ name: z.string().min(1), size: count, tauMs: notNegative, ...unitGroup })),
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

const channelSizes = { inputs: namedChannels, outputs: namedChannels, seed };
const layer = {
  name: z.string().min(1).optional(),
  size: count,
  density: fraction.optional(),
  mask: matrix,
  ...unitGroup,
};
const layerProjections = z.array(z.strictObject({ from: unit, to: unit, density: fraction.optional() }));
const stackSchema = z.strictObject({
  type: z.literal("stack"),
  ...channelSizes,
  layers: z.array(z.strictObject({ ...layer, tauMs: notNegative, recurrent: booleanOrFraction })).min(1),
  feedback: z.union([z.boolean(), fraction, layerProjections]).optional(),
  skip: z.union([z.boolean(), layerProjections]).optional(),
  readout: z.union([z.enum(["last", "all"]), areaNames]).optional(),
  selfConnections: z.boolean().optional(),
  localInhibition: z.boolean().optional(),
});

const mlpSchema = z.strictObject({
  type: z.literal("mlp"),
  ...channelSizes,
  layers: z.array(z.union([count, z.strictObject(layer)])).min(1),
  activation: z.enum(activations).optional(),
  readoutMask: matrix,
});

const lowRankSchema = z.strictObject({
  type: z.literal("lowRank"),
  ...channelSizes,
  hidden: count,
  rank: count,
  tauMs: z.number().positive().optional(),
  background: fraction.optional(),
  selfConnections: z.boolean().optional(),
  readout: z.enum(["neurons", "latents"]).optional(),
});

const path = z.string().min(1);
/** An array in a file: a path, or, in an archive of several, a path and the array's name. */
const arrayFile = z.union([path, z.strictObject({ file: path, key: z.string().min(1) })]);
export type ArrayFile = z.output<typeof arrayFile>;

const fromConnectomeSchema = z.strictObject({
  type: z.literal("fromConnectome"),
  ...sizes,
  hidden: count.optional(),
  /** The file of a matrix; or `weights`, the matrix itself; or `edges`. */
  matrix: arrayFile.optional(),
  weights: matrix,
  /** A list, or the file of one. */
  edges: z.union([path, z.array(z.strictObject({ from: unit, to: unit, weight: z.number().optional() }))]).optional(),
  rows: z.enum(["postsynaptic", "presynaptic"]).optional(),
  /** One name for each unit, or the file of them. */
  names: z.union([path, z.array(z.string())]).optional(),
  /** +1, -1 or 0 of each unit, or the file of them. */
  signs: z.union([z.array(z.number()), arrayFile]).optional(),
  /** Units, or the file of a mask (1 = inhibitory) or of names. */
  inhibitory: z.union([z.array(unit), arrayFile]).optional(),
  gaps: z.union([z.array(z.array(z.number())), arrayFile]).optional(),
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
  stackSchema,
  mlpSchema,
  lowRankSchema,
  fromConnectomeSchema,
  fromMasksSchema,
  z.strictObject({ type: z.literal("dense"), ...sizes }),
]);
export type StructureConfig = z.output<typeof structureSchema>;
export type ConnectomeConfig = z.output<typeof fromConnectomeSchema>;
