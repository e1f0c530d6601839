import { ShapeError, ValueError } from "../errors.ts";
import type { Area } from "../io/model-schema.ts";
import {
  checkAreas,
  checkDale,
  checkMask,
  checkReadoutSigns,
  checkSigns,
  columnSigns,
  flatten,
  type MatrixInput,
} from "./check.ts";
import { checkKeys, checkList, checkSeed } from "./options.ts";
import { checkSizes, type MaskedWeight, type Structure, type StructureSizes, weightShape } from "./structure.ts";

/** Masks (0 or 1) and signs (-1, 0, +1) of one's own, each `[postsynaptic, presynaptic]`, flat or a list of rows. */
export interface FromMasksOptions extends StructureSizes {
  readonly maskIH?: MatrixInput;
  readonly maskHH?: MatrixInput;
  readonly maskHO?: MatrixInput;
  readonly signIH?: MatrixInput;
  readonly signHH?: MatrixInput;
  readonly signHO?: MatrixInput;
  readonly areas?: readonly Area[];
  /** Recorded only: nothing is drawn here. */
  readonly seed?: number;
}

const keys = ["inputs", "hidden", "outputs", "maskIH", "maskHH", "maskHO", "signIH", "signHH", "signHO"];

/**
 * A structure from masks and signs of one's own, such as a measured connectome. The arrays are copied.
 * `unitSigns` follow from the columns of `signHH`.
 * @throws {@link ShapeError} for a wrong size, {@link ValueError} for an entry that is no mask or sign value or for
 * wrong areas, {@link ConstraintError} for a Dale conflict within signHH or between signHH and signHO, {@link ConfigError} for an unknown option.
 */
export function fromMasks(options: FromMasksOptions): Structure {
  checkKeys("fromMasks", options, [...keys, "areas", "seed"]);
  const sizes = checkSizes("fromMasks", options);
  const areas = checkList("fromMasks: areas", options.areas ?? [], "{ name, from, to }").map((area, index): Area => {
    checkKeys(`fromMasks: areas[${index}]`, area, ["name", "from", "to"]);
    return { ...area };
  });
  checkAreas("fromMasks", areas, sizes.hidden);
  const masks: Partial<Record<MaskedWeight, Float32Array>> = {};
  const signs: Partial<Record<MaskedWeight, Float32Array>> = {};
  for (const suffix of ["IH", "HH", "HO"] as const) {
    const name = `weight${suffix}` as const;
    const [rows, columns] = weightShape(sizes, name);
    const mask = options[`mask${suffix}`];
    if (mask !== undefined) {
      const flat = flatten(`mask${suffix}`, mask, rows, columns);
      checkMask(`mask${suffix}`, flat, columns);
      masks[name] = flat;
    }
    const sign = options[`sign${suffix}`];
    if (sign !== undefined) {
      const flat = flatten(`sign${suffix}`, sign, rows, columns);
      checkSigns(`sign${suffix}`, flat, columns);
      signs[name] = flat;
    }
  }
  const structure = { ...sizes, areas, masks, signs, seed: checkSeed("fromMasks: seed", options.seed ?? 0) };
  if (signs.weightHH === undefined) return structure;
  checkDale("signHH", signs.weightHH, sizes.hidden, areas);
  const unitSigns = columnSigns(signs.weightHH, sizes.hidden);
  if (signs.weightHO !== undefined) checkReadoutSigns("signHO", signs.weightHO, unitSigns, areas);
  return { ...structure, unitSigns };
}

/**
 * Splits the one-mask form of nn4n 1.0 (positive = excitatory, negative = inhibitory, 0 = no synapse) into a mask of
 * 0 and 1 and signs of -1, 0 and +1. Where there is no synapse the sign is 0.
 * @throws {@link ValueError} for NaN, {@link ShapeError} for rows of different lengths.
 */
export function splitSignedMask(signed: MatrixInput): { mask: Float32Array; sign: Float32Array } {
  const columns = signed instanceof Float32Array ? signed.length : (signed?.[0]?.length ?? 0);
  if (columns === 0) throw new ShapeError("splitSignedMask: the mask is empty.");
  const flat = flatten("splitSignedMask", signed, signed instanceof Float32Array ? 1 : signed.length, columns);
  const nan = flat.findIndex(Number.isNaN);
  if (nan >= 0) throw new ValueError(`splitSignedMask: entry ${nan} is NaN.`);
  return {
    mask: flat.map((value) => (value === 0 ? 0 : 1)),
    sign: flat.map((value) => (value === 0 ? 0 : Math.sign(value))),
  };
}
