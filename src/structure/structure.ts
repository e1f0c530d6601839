import { LimitError } from "../errors.ts";
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
  /**
   * Layers in the order in which they are updated: contiguous ranges over all hidden units. A synapse from an earlier layer
   * acts within the time step, any other one step later. Absent = one layer.
   */
  readonly layers?: readonly Area[];
  /** The sign of each hidden unit [H]: +1 excitatory, -1 inhibitory, 0 free; absent = no unit has one. */
  readonly unitSigns?: Float32Array;
  /** Relative strength of each synapse, in [0, 1], the largest 1; absent = not known. A shape for initial weights. */
  readonly strengths?: Readonly<Partial<Record<MaskedWeight, Float32Array>>>;
  /** Relative conductance of gap junctions [H, H], symmetric, in [0, 1]; absent = none are known. */
  readonly gapsHH?: Float32Array;
  /** Distance between each two hidden units [H, H], for a wiring cost. */
  readonly distances?: Float32Array;
  /** Inputs by name: contiguous ranges of input channels; absent = they have no names. */
  readonly inputGroups?: readonly Area[];
  /** Outputs by name: contiguous ranges of output channels; absent = they have no names. */
  readonly outputGroups?: readonly Area[];
  /** What is known of each hidden unit. */
  readonly units?: UnitProperties;
  /**
   * What `units.noisePre` and `units.noisePost` are factors on, where the structure knows it: 1 where they are standard
   * deviations themselves. Absent = the network's noise.
   */
  readonly noise?: NoiseBase;
  /** The seed its random entries were drawn with; recorded, so that the run can be repeated. */
  readonly seed: number;
}

/** Standard deviations that per-unit factors multiply; an absent one is the network's. */
export interface NoiseBase {
  readonly pre?: number;
  readonly post?: number;
}

/** Per-unit values of a structure; each is absent where it is not known. */
export interface UnitProperties {
  /** One name per hidden unit [H]. */
  readonly names?: readonly string[];
  /** Time constant of each hidden unit [H], in milliseconds; 0 = it has none: alpha is 1, whatever the time step. */
  readonly tauMs?: Float32Array;
  /** Activation of each hidden unit [H]; `null` = the network's. */
  readonly activation?: readonly (string | null)[];
  /** Factor on the network's noise on the preactivation, of each hidden unit [H]. */
  readonly noisePre?: Float32Array;
  /** Factor on the network's noise on the rate, of each hidden unit [H]. */
  readonly noisePost?: Float32Array;
  /** Coordinates [H, D], D = positions.length / H. */
  readonly positions?: Float32Array;
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

/** No GPU buffer has more than 4 GiB. */
const mostEntries = 2 ** 30;

/**
 * @throws {@link ValueError} unless all three sizes are positive integers, {@link LimitError} where a matrix of such sizes
 * fits no GPU.
 */
export function checkSizes(label: string, sizes: StructureSizes): StructureSizes {
  const checked = {
    inputs: checkCount(`${label}: inputs`, sizes.inputs),
    hidden: checkCount(`${label}: hidden`, sizes.hidden),
    outputs: checkCount(`${label}: outputs`, sizes.outputs),
  };
  for (const name of ["weightIH", "weightHH", "weightHO"] as const) {
    const [rows, columns] = weightShape(checked, name);
    if (rows * columns <= mostEntries) continue;
    throw new LimitError(
      `${label}: ${name} [${rows}, ${columns}] has ${rows * columns} entries, and no GPU buffer holds more than ${mostEntries}: take fewer units.`,
    );
  }
  return checked;
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
