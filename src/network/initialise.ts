import { ConfigError, ShapeError } from "../errors.ts";
import type { Constraint } from "../io/model-schema.ts";
import { Random, streams } from "../random.ts";
import { checkKeys, checkPositive, checkSeed } from "../structure/options.ts";
import { type Structure, weightShape } from "../structure/structure.ts";
import { type BalanceOption, balanceWeights, checkBalance } from "./balance.ts";
import { drawChecked } from "./initialise-draw.ts";
import { checkInitialiser, type Initialiser } from "./initialiser.ts";
import { type ParameterName, type WeightName, weightNames } from "./model.ts";
import { spectralRadius } from "./spectral-radius.ts";

export { spectralRadius } from "./spectral-radius.ts";

/** How the first weights are drawn. */
export interface InitialWeightOptions {
  /** Unsigned 32-bit integer; 0 unless given. */
  readonly seed?: number;
  /**
   * How each matrix is drawn; unless given, weightIH and weightHO are `uniform`, weightHH is `normal` (see
   * {@link Initialiser}).
   */
  readonly weights?: Readonly<Partial<Record<WeightName, Initialiser>>>;
  /**
   * Spectral radius of the effective recurrent matrix, or `null` to leave it as drawn. Unless given it is
   * {@link defaultSpectralRadius}; where `weights.weightHH` or `gain` is given, those decide the scale and it is `null`.
   */
  readonly spectralRadius?: number | null;
  /**
   * In place of a spectral radius: standard deviation of the entries of the effective recurrent matrix (absent synapses
   * count as 0), times √hidden. For weights of free sign it is the radius of the circular law; needs no eigenvalues.
   */
  readonly gain?: number;
  /** Short for `weights: { weightHH: { type } }` with the default spectral radius; `normal` unless given. */
  readonly distribution?: "normal" | "gamma";
  /**
   * Whether and how the recurrent inhibition is scaled to cancel excitation, see {@link balanceWeights}; `row` (or true)
   * unless given.
   */
  readonly balance?: BalanceOption;
  /** Decides which raw values stand for the effective weights; `project` unless given. */
  readonly constraint?: Constraint;
  /** First preactivation of every unit; 0 unless given. */
  readonly v0?: number;
}

const keys = ["seed", "weights", "spectralRadius", "gain", "distribution", "balance", "constraint", "v0"];

/** The spectral radius of new recurrent weights: PsychRNN's, here of the effective matrix, with or without signs. */
export const defaultSpectralRadius = 1.1;

/** The step of stream `weights` that each matrix is drawn from. */
const steps: Readonly<Record<WeightName, number>> = { weightIH: 0, weightHH: 1, weightHO: 2 };

function checkOptions(options: InitialWeightOptions): void {
  const { weights = {}, gain, distribution } = options;
  checkKeys("initialWeights", options, keys);
  checkKeys("initialWeights: weights", weights, weightNames);
  for (const name of weightNames) {
    const initialiser = weights[name];
    if (initialiser !== undefined) checkInitialiser(`weights.${name}`, initialiser);
  }
  const radius = options.spectralRadius ?? undefined;
  if (radius !== undefined) checkPositive("initialWeights: spectralRadius", radius);
  if (gain === undefined) {
    if (distribution === undefined || weights.weightHH === undefined) return;
    throw new ConfigError(
      `initialWeights: distribution "${distribution}" and weights.weightHH both say how recurrent weights are drawn: give one of them.`,
    );
  }
  checkPositive("initialWeights: gain", gain);
  if (radius !== undefined)
    throw new ConfigError(
      "initialWeights: spectralRadius and gain both set the scale of the recurrent weights: give one of them.",
    );
}

/** Effective weights of one matrix. */
function draw(structure: Structure, name: WeightName, initialiser: Initialiser, seed: number): Float32Array {
  const [rows, columns] = weightShape(structure, name);
  return drawChecked(initialiser, {
    rows,
    columns,
    mask: structure.masks[name],
    signs: structure.signs[name],
    random: new Random(seed, streams.weights, steps[name]),
    label: `weights.${name}`,
  });
}

/** Population standard deviation of all entries, times √n. */
function gainOf(weights: Float32Array, n: number): number {
  const mean = weights.reduce((sum, value) => sum + value, 0) / weights.length;
  const squares = weights.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return Math.sqrt((squares / weights.length) * n);
}

function drawRecurrent(structure: Structure, options: InitialWeightOptions, seed: number): Float32Array {
  const { hidden } = structure;
  const { gain, weights: given } = options;
  const signs = structure.signs.weightHH;
  const initialiser = given?.weightHH ?? { type: options.distribution ?? "normal" };
  const strengths = given?.weightHH === undefined ? structure.strengths?.weightHH : undefined;
  if (strengths !== undefined && strengths.length !== hidden * hidden)
    throw new ShapeError(
      `structure.strengths.weightHH: expected [${hidden}, ${hidden}] (hidden, hidden), got ${strengths.length} values.`,
    );
  const random = draw(structure, "weightHH", initialiser, seed);
  // Measured strengths stand in place of drawn ones; only a sign that is free is still drawn.
  const drawn =
    strengths === undefined ? random : random.map((value, index) => Math.sign(value) * (strengths[index] ?? 0));
  const balance = checkBalance("initialWeights: balance", options.balance ?? "row");
  const weights = signs === undefined || balance === false ? drawn : balanceWeights(drawn, signs, hidden, balance);
  const ownScale = given?.weightHH !== undefined || gain !== undefined;
  const radius = options.spectralRadius === undefined && !ownScale ? defaultSpectralRadius : options.spectralRadius;
  const target = gain ?? radius ?? undefined;
  if (target === undefined) return weights;
  const present = gain === undefined ? spectralRadius(weights, hidden) : gainOf(weights, hidden);
  // A nilpotent matrix, such as that of a feedforward network, has radius 0 at every scale.
  return present > 0 ? weights.map((value) => (value * target) / present) : weights;
}

/**
 * The first weights of a CTRNN: plain arrays, the same for the same (structure, seed).
 * - weightHH: drawn under mask and sign (or the structure's measured strengths, where it has them), balanced, then scaled to the spectral radius or gain of the effective matrix. A
 *   matrix whose radius or gain is 0 is left unscaled.
 * - weightIH, weightHO: drawn under mask and sign.
 * - biases 0, v0 as given.
 *
 * Under `project` these are the effective weights; under `abs` and `rectify` a signed synapse gets the magnitude, so that
 * its effective value is the same under all three.
 * @throws {@link ConfigError} for an unknown option, initialiser or balance, and for two that contradict each other;
 * {@link ValueError} for a radius, gain or parameter outside its range; {@link ConstraintError} for an identity whose
 * diagonal is masked.
 */
export function initialWeights(
  structure: Structure,
  options: InitialWeightOptions = {},
): Record<Exclude<ParameterName, "alpha" | "biasN" | "r0">, Float32Array> {
  checkOptions(options);
  const seed = checkSeed("initialWeights: seed", options.seed ?? 0);
  const uniform: Initialiser = { type: "uniform" };
  const effective = {
    weightIH: draw(structure, "weightIH", options.weights?.weightIH ?? uniform, seed),
    weightHH: drawRecurrent(structure, options, seed),
    weightHO: draw(structure, "weightHO", options.weights?.weightHO ?? uniform, seed),
  };
  const raw = (name: WeightName): Float32Array => {
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
