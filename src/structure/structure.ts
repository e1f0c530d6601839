import type { Area } from "../io/model-schema.ts";
import { checkCount, checkKeys, checkSeed } from "./options.ts";

/** The weights that a structure may mask and sign. The same names as `WeightName` of the network. */
export type MaskedWeight = "weightIH" | "weightHH" | "weightHO";

/**
 * Which synapses may exist and which sign each has: plain data, no weights.
 * Masks and signs are `[postsynaptic, presynaptic]`, row-major: weightIH [H, I], weightHH [H, H], weightHO [O, H].
 */
export interface Structure {
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
  /** Contiguous, disjoint ranges of hidden units; empty where there are none. */
  readonly areas: readonly Area[];
  /** 1 where a synapse may exist, 0 where it never does; absent = all 1. */
  readonly masks: Readonly<Partial<Record<MaskedWeight, Float32Array>>>;
  /** +1 excitatory, -1 inhibitory, 0 free; absent = all 0. */
  readonly signs: Readonly<Partial<Record<MaskedWeight, Float32Array>>>;
  /** The sign of each hidden unit [H]: +1 excitatory, -1 inhibitory, 0 free; absent = no unit has one. */
  readonly unitSigns?: Float32Array;
  /** The seed its random entries were drawn with; recorded, so that the run can be repeated. */
  readonly seed: number;
}

/** The three sizes that every structure needs. */
export interface StructureSizes {
  readonly inputs: number;
  readonly hidden: number;
  readonly outputs: number;
}

/** Rows and columns of one weight matrix. */
export function weightShape(sizes: StructureSizes, name: MaskedWeight): readonly [rows: number, columns: number] {
  if (name === "weightIH") return [sizes.hidden, sizes.inputs];
  if (name === "weightHH") return [sizes.hidden, sizes.hidden];
  return [sizes.outputs, sizes.hidden];
}

/** @throws {@link ValueError} unless all three sizes are positive integers. */
export function checkSizes(label: string, sizes: StructureSizes): StructureSizes {
  return {
    inputs: checkCount(`${label}: inputs`, sizes.inputs),
    hidden: checkCount(`${label}: hidden`, sizes.hidden),
    outputs: checkCount(`${label}: outputs`, sizes.outputs),
  };
}

/**
 * Every synapse may exist and none has a prescribed sign.
 * @throws {@link ValueError} for a size that is no positive integer, {@link ConfigError} for an unknown option.
 */
export function dense(options: StructureSizes & { readonly seed?: number }): Structure {
  checkKeys("dense", options, ["inputs", "hidden", "outputs", "seed"]);
  const sizes = checkSizes("dense", options);
  return { ...sizes, areas: [], masks: {}, signs: {}, seed: checkSeed("dense: seed", options.seed ?? 0) };
}
