import { z } from "zod";
import { fromMasks } from "../structure/from-masks.ts";
import { multiAreaEI } from "../structure/multi-area-ei.ts";
import { dense, type Structure } from "../structure/structure.ts";

const count = z.int().positive();
const fraction = z.number().min(0).max(1);
const seed = z.int().nonnegative().max(0xffffffff).optional();
/** `inputs` and `outputs` may be left out: they are then the task's or the data's. */
const sizes = { inputs: count.optional(), hidden: count, outputs: count.optional(), seed };
const areaNames = z.array(z.union([z.int().nonnegative(), z.string()])).min(1);
const pathway = z.union([z.boolean(), fraction]).optional();
const matrix = z.array(z.array(z.number())).optional();

const multiAreaEISchema = z.strictObject({
  type: z.literal("multiAreaEI"),
  ...sizes,
  areas: z
    .union([count, z.array(z.union([count, z.strictObject({ name: z.string().min(1), size: count })]))])
    .optional(),
  excitatory: z.union([fraction, z.array(fraction)]).optional(),
  connectivity: z
    .union([
      z.array(z.array(fraction)),
      z.strictObject({ forward: fraction.optional(), backward: fraction.optional(), within: fraction.optional() }),
    ])
    .optional(),
  interAreaPathways: z.strictObject({ EE: pathway, EI: pathway, IE: pathway, II: pathway }).optional(),
  selfConnections: z.boolean().optional(),
  inputAreas: areaNames.optional(),
  readoutAreas: areaNames.optional(),
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

/** A structure as it stands in a configuration: its maker's name as `type`, and the maker's options. */
export const structureSchema = z.discriminatedUnion("type", [
  multiAreaEISchema,
  fromMasksSchema,
  z.strictObject({ type: z.literal("dense"), ...sizes }),
]);
export type StructureConfig = z.output<typeof structureSchema>;

/**
 * Makes the structure of a configuration.
 * @param defaults sizes and seed where the configuration has none.
 * @throws as `multiAreaEI`, `fromMasks` and `dense`.
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
    case "fromMasks":
      return fromMasks(options as Parameters<typeof fromMasks>[0]);
    case "dense":
      return dense(options as Parameters<typeof dense>[0]);
  }
}
