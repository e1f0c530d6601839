import type { Constraint } from "../io/model-schema.ts";
import { Random, streams } from "../random.ts";
import { checkKeys, checkPositive, checkSeed } from "../structure/options.ts";
import { type MaskedWeight, type Structure, weightShape } from "../structure/structure.ts";
import type { ParameterName } from "./model.ts";
import { spectralRadius } from "./spectral-radius.ts";

export { spectralRadius } from "./spectral-radius.ts";

/** How the first weights are drawn. */
export interface InitialWeightOptions {
  /** Unsigned 32-bit integer; 0 unless given. */
  readonly seed?: number;
  /**
   * Spectral radius of the effective recurrent matrix, or `null` to leave it as drawn (variance 1 / fan-in);
   * {@link defaultSpectralRadius} unless given.
   */
  readonly spectralRadius?: number | null;
  /** Of the recurrent weights: normal, or gamma with shape 2 (Song, Yang & Wang 2016); `normal` unless given. */
  readonly distribution?: "normal" | "gamma";
  /** Whether inhibition is scaled to cancel excitation, row by row; true unless given. */
  readonly balance?: boolean;
  /** Decides which raw values stand for the effective weights; `project` unless given. */
  readonly constraint?: Constraint;
  /** First preactivation of every unit; 0 unless given. */
  readonly v0?: number;
}

const keys = ["seed", "spectralRadius", "distribution", "balance", "constraint", "v0"];

/** The spectral radius of new recurrent weights: PsychRNN's, here of the effective matrix, with or without signs. */
export const defaultSpectralRadius = 1.1;

/** How many synapses may exist in each row. */
function fanIn(mask: Float32Array | undefined, rows: number, columns: number): Float32Array {
  const counts = new Float32Array(rows).fill(mask === undefined ? columns : 0);
  mask?.forEach((value, index) => {
    const row = Math.floor(index / columns);
    counts[row] = (counts[row] as number) + value;
  });
  return counts;
}

/**
 * Effective weights: each draw, divided by the root of its row's number of synapses, takes the sign of its synapse
 * (|w|·sign, so that no weight is thrown away), or keeps its own where the sign is free. Draws do not depend on the mask.
 */
function drawWeights(structure: Structure, name: MaskedWeight, draw: () => number): Float32Array {
  const [rows, columns] = weightShape(structure, name);
  const mask = structure.masks[name];
  const signs = structure.signs[name];
  const counts = fanIn(mask, rows, columns);
  return Float32Array.from({ length: rows * columns }, (_, index) => {
    const value = draw() / Math.sqrt(counts[Math.floor(index / columns)] || 1);
    if (mask !== undefined && mask[index] === 0) return 0;
    const sign = signs?.[index] ?? 0;
    return sign === 0 ? value : Math.abs(value) * sign + 0; // never -0
  });
}

/**
 * Scales the inhibitory weights of each row so that their sum cancels that of the excitatory ones. Every row then adds
 * up to 0: the uniform mode, which makes the outlying eigenvalue of an unbalanced network, is removed (Rajan & Abbott
 * 2006). Only weights with a prescribed sign count; a row that lacks one of the two kinds is left as it is.
 */
function balanceRows(weights: Float32Array, signs: Float32Array, hidden: number): void {
  for (let row = 0; row < hidden; row += 1) {
    const values = weights.subarray(row * hidden, (row + 1) * hidden);
    const rowSigns = signs.subarray(row * hidden, (row + 1) * hidden);
    let excitation = 0;
    let inhibition = 0;
    values.forEach((value, column) => {
      if (rowSigns[column] === 1) excitation += value;
      if (rowSigns[column] === -1) inhibition -= value;
    });
    if (excitation === 0 || inhibition === 0) continue;
    const factor = excitation / inhibition;
    values.forEach((value, column) => {
      if (rowSigns[column] === -1) values[column] = value * factor;
    });
  }
}

function drawRecurrent(structure: Structure, options: InitialWeightOptions, seed: number): Float32Array {
  const { hidden } = structure;
  const random = new Random(seed, streams.weights, 1);
  const signs = structure.signs.weightHH;
  // Gamma with shape 2 is a sum of two exponentials; divided by √6 its mean square is 1, as that of the normal draw.
  const exponential = (): number => -Math.log(1 - random.uniform());
  const gamma = (): number => ((exponential() + exponential()) / Math.sqrt(6)) * (random.uniform() < 0.5 ? -1 : 1);
  const draw = options.distribution === "gamma" ? gamma : () => random.normal();
  const weights = drawWeights(structure, "weightHH", draw);
  if (signs !== undefined && options.balance !== false) balanceRows(weights, signs, hidden);
  const target = options.spectralRadius === undefined ? defaultSpectralRadius : options.spectralRadius;
  if (target === null) return weights;
  const radius = spectralRadius(weights, hidden);
  // A nilpotent matrix, such as that of a feedforward network, has radius 0 at every scale.
  return radius > 0 ? weights.map((value) => (value * target) / radius) : weights;
}

/**
 * The first weights of a network: plain arrays, the same for the same (structure, seed).
 * - weightHH: drawn under mask and sign, balanced, then scaled to the spectral radius of the effective matrix. A matrix
 *   whose radius is 0 is left unscaled.
 * - weightIH, weightHO: uniform in ±1/√n with n the synapses of the row (the mask's fan-in), under mask and sign.
 * - biases 0, v0 as given.
 *
 * Under `project` these are the effective weights; under `abs` and `rectify` a signed synapse gets the magnitude, so that
 * its effective value is the same under all three.
 * @throws {@link ConfigError} for an unknown option, {@link ValueError} for a radius that is not positive.
 */
export function initialWeights(
  structure: Structure,
  options: InitialWeightOptions = {},
): Record<Exclude<ParameterName, "alpha">, Float32Array> {
  checkKeys("initialWeights", options, keys);
  const seed = checkSeed("initialWeights: seed", options.seed ?? 0);
  if (typeof options.spectralRadius === "number")
    checkPositive("initialWeights: spectralRadius", options.spectralRadius);
  const uniform = (name: MaskedWeight, step: number): Float32Array => {
    const random = new Random(seed, streams.weights, step);
    return drawWeights(structure, name, () => random.uniform(-1, 1));
  };
  const effective = {
    weightIH: uniform("weightIH", 0),
    weightHH: drawRecurrent(structure, options, seed),
    weightHO: uniform("weightHO", 2),
  };
  const raw = (name: MaskedWeight): Float32Array => {
    const signs = structure.signs[name];
    if (signs === undefined || (options.constraint ?? "project") === "project") return effective[name];
    return effective[name].map((value, index) => (signs[index] === 0 ? value : Math.abs(value)));
  };
  return {
    weightIH: raw("weightIH"),
    weightHH: raw("weightHH"),
    biasH: new Float32Array(structure.hidden),
    weightHO: raw("weightHO"),
    biasO: new Float32Array(structure.outputs),
    v0: new Float32Array(structure.hidden).fill(options.v0 ?? 0),
  };
}
