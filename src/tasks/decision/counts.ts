import type { Random } from "../../random.ts";

/** Probabilities of the counts 0, 1, … */
export type CountTable = Float64Array;

/** Of how many of `draws` events happen, each with the probability `p`. */
export function binomialTable(draws: number, p: number): CountTable {
  const table = new Float64Array(draws + 1);
  let ways = 1;
  for (let count = 0; count <= draws; count += 1) {
    table[count] = ways * p ** count * (1 - p) ** (draws - count);
    ways = (ways * (draws - count)) / (count + 1);
  }
  return table;
}

/** Of a Poisson process of this mean, up to where what is left out is below 1e-12. */
export function poissonTable(mean: number): CountTable {
  const most = Math.ceil(mean + 8 * Math.sqrt(mean) + 12);
  const table = new Float64Array(most + 1);
  let logFactorial = 0;
  for (let count = 0; count <= most; count += 1) {
    if (count > 0) logFactorial += Math.log(count);
    table[count] = mean === 0 ? Number(count === 0) : Math.exp(count * Math.log(mean) - mean - logFactorial);
  }
  return table;
}

function drawCount(weights: ArrayLike<number>, random: Random): number {
  let left = random.uniform() * Array.from(weights).reduce((sum, weight) => sum + weight, 0);
  let last = 0;
  for (let count = 0; count < weights.length; count += 1) {
    const weight = weights[count] as number;
    if (weight === 0) continue;
    last = count;
    left -= weight;
    if (left < 0) break;
  }
  return last;
}

/** The first of two independent counts that are not equal. */
export function drawFirst(first: CountTable, second: CountTable, random: Random): number {
  return drawCount(
    first.map((probability, count) => probability * (1 - (second[count] ?? 0))),
    random,
  );
}

/** The second of two independent counts that are not equal, given the first. */
export function drawSecond(second: CountTable, first: number, random: Random): number {
  return drawCount(
    second.map((probability, count) => (count === first ? 0 : probability)),
    random,
  );
}
