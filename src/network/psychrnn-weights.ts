import { Random, streams } from "../random.ts";
import { spectralRadius } from "./spectral-radius.ts";

/** How PsychRNN's WeightInitializer draws a matrix. */
export const psychrnnDraws = ["const_unif", "const_gauss", "glorot_unif", "glorot_gauss"] as const;
export type PsychRNNDraw = (typeof psychrnnDraws)[number];

/** √(2 / (fan-in + fan-out)) of every entry [rows, columns], counted in a mask; 0 where both are 0, for PsychRNN's infinity. */
export function glorotScale(mask: ArrayLike<number>, rows: number, columns: number): Float64Array {
  const fanIn = new Float64Array(rows);
  const fanOut = new Float64Array(columns);
  for (let index = 0; index < rows * columns; index += 1) {
    const [row, column] = [Math.floor(index / columns), index % columns];
    fanIn[row] = (fanIn[row] ?? 0) + (mask[index] ?? 0);
    fanOut[column] = (fanOut[column] ?? 0) + (mask[index] ?? 0);
  }
  return Float64Array.from({ length: rows * columns }, (_, index) => {
    const both = (fanIn[Math.floor(index / columns)] ?? 0) + (fanOut[index % columns] ?? 0);
    return both === 0 ? 0 : Math.sqrt(2 / both);
  });
}

/**
 * A matrix as PsychRNN's WeightInitializer draws it, before masks and signs: from [low, high), N(0, 1), or by Glorot &
 * Bengio (2010) with fans counted in the mask, uniform or normal.
 */
export function drawPsychRNN(
  kind: PsychRNNDraw,
  mask: ArrayLike<number>,
  rows: number,
  columns: number,
  { random, low, high }: { readonly random: Random; readonly low: number; readonly high: number },
): Float64Array {
  const scale = glorotScale(mask, rows, columns);
  const value = (entry: number): number => {
    switch (kind) {
      case "const_unif":
        return random.uniform(low, high);
      case "const_gauss":
        return random.normal();
      case "glorot_unif":
        return Math.sqrt(3) * entry * random.uniform(-1, 1);
      case "glorot_gauss":
        return entry * random.normal();
    }
  };
  return scale.map(value);
}

/** Excitatory units of n by Dale's law: int(ratio n), truncated as in PsychRNN. */
export function excitatoryUnits(ratio: number, n: number): number {
  return Math.trunc(ratio * n);
}

/**
 * PsychRNN's balance_dale_ratio: W[i, j] d_j / norm_j, with d 1 for excitatory units and ratio / (1 - ratio) for inhibitory
 * ones, and norm_j the length of *row* j of connectivity ∘ d, which scales *column* j.
 */
export function balanceDaleRatio(
  weights: ArrayLike<number>,
  connectivity: ArrayLike<number>,
  n: number,
  ratio: number,
): Float64Array {
  const excitatory = excitatoryUnits(ratio, n);
  const d = Float64Array.from({ length: n }, (_, unit) => (unit < excitatory ? 1 : ratio / (1 - ratio)));
  const norms = Float64Array.from({ length: n }, (_, row) => {
    let squares = 0;
    for (let column = 0; column < n; column += 1)
      squares += ((connectivity[row * n + column] ?? 0) * (d[column] ?? 0)) ** 2;
    return Math.sqrt(squares);
  });
  return Float64Array.from({ length: n * n }, (_, index) => {
    const unit = index % n;
    // A unit whose row is empty is not balanced, where PsychRNN divides by 0.
    return ((weights[index] ?? 0) * (d[unit] ?? 0)) / (norms[unit] || 1);
  });
}

/** What the recurrent weights of PsychRNN's initialisers depend on. */
export interface RecurrentInitialiser {
  readonly name: "GaussianSpectralRadius" | "AlphaIdentity" | "WeightInitializer";
  /** GaussianSpectralRadius: of the raw matrix, before |W|, signs and masks. */
  readonly radius: number;
  /** AlphaIdentity: the diagonal before balancing. */
  readonly alpha: number;
  readonly draw: PsychRNNDraw;
  readonly low: number;
  readonly high: number;
}

/**
 * Raw recurrent weights [n, n] as PsychRNN's initialiser of this name makes them.
 * @param normals draws of N(0, 1) for GaussianSpectralRadius; its own unless given.
 */
export function recurrentWeights(
  initialiser: RecurrentInitialiser,
  connectivity: ArrayLike<number>,
  n: number,
  ratio: number | undefined,
  seed: number,
  normals?: ArrayLike<number>,
): Float64Array {
  const random = new Random(seed, streams.weights, 1);
  const balanced = (weights: ArrayLike<number>): Float64Array =>
    ratio === undefined ? Float64Array.from(weights) : balanceDaleRatio(weights, connectivity, n, ratio);
  switch (initialiser.name) {
    case "WeightInitializer":
      return drawPsychRNN(initialiser.draw, connectivity, n, n, { random, ...initialiser });
    case "AlphaIdentity":
      return balanced(
        Float64Array.from({ length: n * n }, (_, index) => (index % (n + 1) === 0 ? initialiser.alpha : 0)),
      );
    case "GaussianSpectralRadius": {
      const drawn = normals ?? Float64Array.from({ length: n * n }, () => random.normal());
      const weights = balanced(drawn);
      const radius = spectralRadius(weights, n);
      return weights.map((weight) => (weight * initialiser.radius) / radius);
    }
  }
}
