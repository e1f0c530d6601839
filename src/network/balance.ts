import { ConfigError, ConstraintError, ShapeError } from "../errors.ts";
import { suggestName } from "../io/nearest.ts";

const balances = ["row", "neuron", "synapse", "matrix"] as const;

/** How excitation and inhibition are brought into balance; see {@link balanceWeights}. */
export type Balance = (typeof balances)[number];

/** What options accept: `true` stands for `row`, `false` for none. */
export type BalanceOption = Balance | boolean;

/** @throws {@link ConfigError} for a name that is none of them. */
export function checkBalance(label: string, balance: BalanceOption): Balance | false {
  if (balance === true) return "row";
  if (balance === false || balances.includes(balance)) return balance;
  throw new ConfigError(`${label}: unknown balance "${String(balance)}"; ${suggestName(String(balance), balances)}`);
}

/** For each row, what its inhibition has to be multiplied by to cancel its excitation; 1 where one of them is missing. */
function rowFactors(
  weights: Float32Array,
  signs: Float32Array,
  columns: number,
): (index: number, sign: number) => number {
  const rows = weights.length / columns;
  const factors = Float64Array.from({ length: rows }, (_, row) => {
    let excitation = 0;
    let inhibition = 0;
    for (let index = row * columns; index < (row + 1) * columns; index += 1) {
      if (signs[index] === 1) excitation += weights[index] as number;
      if (signs[index] === -1) inhibition -= weights[index] as number;
    }
    return excitation === 0 || inhibition === 0 ? 1 : excitation / inhibition;
  });
  return (index, sign) => (sign < 0 ? (factors[Math.floor(index / columns)] as number) : 1);
}

/** What the stronger of excitation and inhibition in the whole matrix is multiplied by to cancel the weaker. */
function matrixFactors(weights: Float32Array, signs: Float32Array): (index: number, sign: number) => number {
  let excitation = 0;
  let inhibition = 0;
  for (const [index, value] of weights.entries()) {
    if (signs[index] === 1) excitation += value;
    if (signs[index] === -1) inhibition -= value;
  }
  if (excitation === 0 || inhibition === 0) return () => 1;
  return (_, sign) => Math.min(1, sign > 0 ? inhibition / excitation : excitation / inhibition);
}

/** 1/p for one kind and 1/(1-p) for the other, p the share of excitatory ones; 1 where one kind is missing. */
function shareFactors(excitatory: number, inhibitory: number): (index: number, sign: number) => number {
  if (excitatory === 0 || inhibitory === 0) return () => 1;
  const share = excitatory / (excitatory + inhibitory);
  return (_, sign) => 1 / (sign > 0 ? share : 1 - share);
}

/** How many columns (presynaptic neurons) excite, and how many inhibit. */
function countNeurons(signs: Float32Array, columns: number): readonly [number, number] {
  const kinds = new Float32Array(columns);
  signs.forEach((sign, index) => {
    if (sign !== 0) kinds[index % columns] = sign;
  });
  return [kinds.filter((kind) => kind > 0).length, kinds.filter((kind) => kind < 0).length];
}

/** How many synapses excite, and how many inhibit. */
function countSynapses(weights: Float32Array, signs: Float32Array): readonly [number, number] {
  const count = (kind: number): number =>
    weights.reduce((sum, weight, index) => sum + (weight !== 0 && signs[index] === kind ? 1 : 0), 0);
  return [count(1), count(-1)];
}

function factorsOf(
  mode: Balance,
  weights: Float32Array,
  signs: Float32Array,
  columns: number,
): (index: number, sign: number) => number {
  switch (mode) {
    case "row":
      return rowFactors(weights, signs, columns);
    case "matrix":
      return matrixFactors(weights, signs);
    case "neuron":
      return shareFactors(...countNeurons(signs, columns));
    case "synapse":
      return shareFactors(...countSynapses(weights, signs));
  }
}

/**
 * Balances excitation and inhibition of effective weights, which must carry their signs:
 * - `row`: the inhibitory weights of each row are scaled so that their sum cancels that of the excitatory ones. Every row
 *   adds up to 0, so the uniform mode, which is the outlying eigenvalue of an unbalanced network, is removed, and in one
 *   population none is left outside the circle of the random part (Rajan & Abbott 2006). Between areas that only
 *   excitatory cells join, differences of activity keep an eigenvalue, which is negative: of two areas, minus the sum of
 *   what a unit of each gets from the other. A row that lacks one of the kinds is left as it is.
 * - `neuron` (nn4n 1.0.2): weights of excitatory neurons × 1/p, of inhibitory ones × 1/(1-p), p the share of excitatory
 *   neurons (columns) among those with a sign.
 * - `synapse` (nn4n 1.0.2): the same with p the share of excitatory synapses among those that exist and have a sign; nn4n
 *   counts them before the mask is applied.
 * - `matrix` (nn4n 1.2.0): the stronger of the two kinds is scaled down until the whole matrix adds up to 0.
 *
 * All but `row` cancel on average only: each row keeps its random rest, so an eigenvalue may still lie outside
 * the circle. Weights of free sign neither count nor change. A matrix with one kind only is left as it is; nn4n 1.0.3 to
 * 1.2.0 divides it by 10.
 * @param weights [rows, columns], row-major. @param signs the same shape: +1, -1, 0.
 * @returns a new array.
 * @throws {@link ShapeError} where the shapes do not fit; {@link ConfigError} for an unknown balance;
 * {@link ConstraintError} for a weight that is not finite, or against its sign.
 */
export function balanceWeights(
  weights: Float32Array,
  signs: Float32Array,
  columns: number,
  balance: Balance = "row",
): Float32Array {
  if (signs.length !== weights.length || weights.length === 0 || !Number.isInteger(weights.length / columns))
    throw new ShapeError(
      `balanceWeights: expected weights and signs of [n, ${columns}], got ${weights.length} and ${signs.length} values.`,
    );
  const mode = checkBalance("balanceWeights: balance", balance);
  if (mode === false) return weights.slice();
  const wrong = weights.findIndex((value, index) => !Number.isFinite(value) || value * (signs[index] as number) < 0);
  if (wrong >= 0)
    throw new ConstraintError(
      `balanceWeights: weights[${Math.floor(wrong / columns)}, ${wrong % columns}] is ${weights[wrong]}, but its sign is ${signs[wrong]}: expected finite weights that carry their signs.`,
    );
  const factor = factorsOf(mode, weights, signs, columns);
  return weights.map((value, index) => {
    const sign = signs[index] as number;
    return sign === 0 ? value : value * factor(index, sign);
  });
}
