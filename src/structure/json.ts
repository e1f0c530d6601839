import { z } from "zod";
import { ShapeError } from "../errors.ts";
import { parseJson, parseWith } from "../io/config.ts";
import { activations, areaSchema } from "../io/model-schema.ts";
import {
  checkAreas,
  checkDale,
  checkLayers,
  checkMask,
  checkRange,
  checkReadoutSigns,
  checkSigns,
  checkSymmetric,
  checkUnitSigns,
} from "./check.ts";
import { checkSizes, type MaskedWeight, type NoiseBase, type Structure, weightShape } from "./structure.ts";

const numbers = z.array(z.number());
const matrices = z.strictObject({
  weightIH: numbers.optional(),
  weightHH: numbers.optional(),
  weightHO: numbers.optional(),
});
const groups = z.array(areaSchema).optional();
const deviation = z.number().nonnegative().optional();

const structureJsonSchema = z.strictObject({
  format: z.literal("cortrain/structure@1"),
  inputs: z.int().positive(),
  hidden: z.int().positive(),
  outputs: z.int().positive(),
  areas: z.array(areaSchema),
  layers: groups,
  masks: matrices,
  signs: matrices,
  unitSigns: numbers.optional(),
  strengths: matrices.optional(),
  gapsHH: numbers.optional(),
  distances: numbers.optional(),
  inputGroups: groups,
  outputGroups: groups,
  units: z
    .strictObject({
      names: z.array(z.string()).optional(),
      tauMs: numbers.optional(),
      positions: numbers.optional(),
      activation: z.array(z.enum(activations).nullable()).optional(),
      noisePre: numbers.optional(),
      noisePost: numbers.optional(),
    })
    .optional(),
  noise: z.strictObject({ pre: deviation, post: deviation }).optional(),
  seed: z.int().nonnegative().max(0xffffffff),
});

/** A structure as JSON holds it: tensors are flat, row-major lists of numbers. */
export type StructureJson = z.output<typeof structureJsonSchema>;

/** Typed arrays become lists; a float32 as a JSON number reads back as the same float32. */
function toLists(value: unknown): unknown {
  if (value instanceof Float32Array) return Array.from(value);
  if (Array.isArray(value)) return value.map(toLists);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, item]) => item !== undefined)
      .map(([key, item]) => [key, toLists(item)]),
  );
}

/** The structure as plain JSON data, which {@link structureFromJson} reads back exactly. */
export function structureToJson(structure: Structure): StructureJson {
  return { format: "cortrain/structure@1", ...(toLists(structure) as Omit<StructureJson, "format">) };
}

/** Finite float32 values, of at least `least` (any unless given). */
function tensor(
  label: string,
  values: readonly number[],
  length: number,
  least = Number.NEGATIVE_INFINITY,
): Float32Array {
  if (values.length !== length) throw new ShapeError(`${label}: expected ${length} values, got ${values.length}.`);
  const flat = Float32Array.from(values);
  checkRange(label, flat, least, Number.POSITIVE_INFINITY);
  return flat;
}

/**
 * Reads what {@link structureToJson} wrote, and checks all of it.
 * @param json an object, or the text of one.
 * @throws {@link FileFormatError} text that is no JSON, {@link ConfigError} unknown or missing keys, {@link ShapeError} lengths,
 * {@link ValueError} entries out of range and areas, {@link ConstraintError} a Dale conflict, or gap junctions that are not
 * symmetric.
 */
export function structureFromJson(json: unknown): Structure {
  const label = "structureFromJson";
  const parsed = parseWith(structureJsonSchema, typeof json === "string" ? parseJson(json, label) : json, label);
  const { areas, layers, inputGroups, outputGroups, units, seed } = parsed;
  const sizes = checkSizes(label, parsed);
  const { hidden } = sizes;
  const square = hidden * hidden;
  const read = (
    kind: "masks" | "signs" | "strengths",
    check?: (label: string, values: Float32Array, columns: number) => void,
  ): Partial<Record<MaskedWeight, Float32Array>> => {
    const result: Partial<Record<MaskedWeight, Float32Array>> = {};
    for (const name of ["weightIH", "weightHH", "weightHO"] as const) {
      const values = parsed[kind]?.[name];
      if (values === undefined) continue;
      const [rows, columns] = weightShape(sizes, name);
      const flat = tensor(`${label}: ${kind}.${name}`, values, rows * columns);
      check?.(`${label}: ${kind}.${name}`, flat, columns);
      result[name] = flat;
    }
    return result;
  };
  checkAreas(label, areas, hidden);
  if (layers !== undefined) checkLayers(`${label}: layers`, layers, hidden);
  checkAreas(`${label}: inputGroups`, inputGroups ?? [], sizes.inputs);
  checkAreas(`${label}: outputGroups`, outputGroups ?? [], sizes.outputs);
  const masks = read("masks", checkMask);
  const signs = read("signs", checkSigns);
  const unitSigns = parsed.unitSigns && tensor(`${label}: unitSigns`, parsed.unitSigns, hidden);
  if (unitSigns) checkSigns(`${label}: unitSigns`, unitSigns, hidden);
  if (signs.weightHH) checkDale(`${label}: signs.weightHH`, signs.weightHH, hidden, areas);
  if (signs.weightHH && unitSigns) checkUnitSigns(`${label}: unitSigns`, unitSigns, signs.weightHH, areas);
  if (signs.weightHO && unitSigns) checkReadoutSigns(`${label}: signs.weightHO`, signs.weightHO, unitSigns, areas);
  const gapsHH = parsed.gapsHH && tensor(`${label}: gapsHH`, parsed.gapsHH, square, 0);
  if (gapsHH) checkSymmetric(`${label}: gapsHH`, gapsHH, hidden, "gap junctions are symmetric");
  const names = units?.names;
  if (names !== undefined && names.length !== hidden)
    throw new ShapeError(`${label}: units.names: expected ${hidden} names, got ${names.length}.`);
  const activation = units?.activation;
  if (activation !== undefined && activation.length !== hidden)
    throw new ShapeError(`${label}: units.activation: expected ${hidden} names, got ${activation.length}.`);
  const positions = units?.positions;
  if (positions !== undefined && (positions.length === 0 || positions.length % hidden !== 0))
    throw new ShapeError(
      `${label}: units.positions: expected a multiple of ${hidden} values, got ${positions.length}.`,
    );
  return {
    ...sizes,
    areas,
    ...(layers && { layers }),
    masks,
    signs,
    ...(unitSigns && { unitSigns }),
    ...(parsed.strengths && { strengths: read("strengths", (path, values) => checkRange(path, values, 0, 1)) }),
    ...(gapsHH && { gapsHH }),
    ...(parsed.distances && { distances: tensor(`${label}: distances`, parsed.distances, square, 0) }),
    ...(inputGroups && { inputGroups }),
    ...(outputGroups && { outputGroups }),
    ...(units && {
      units: {
        ...(names && { names }),
        ...(activation && { activation }),
        ...Object.fromEntries(
          (["tauMs", "noisePre", "noisePost"] as const).flatMap((name) => {
            const values = units[name];
            return values === undefined ? [] : [[name, tensor(`${label}: units.${name}`, values, hidden, 0)]];
          }),
        ),
        ...(positions && { positions: tensor(`${label}: units.positions`, positions, positions.length) }),
      },
    }),
    ...(parsed.noise && { noise: parsed.noise as NoiseBase }),
    seed,
  };
}
