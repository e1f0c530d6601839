import type { Random } from "../../src/random.ts";

/** A Poisson number, by multiplying uniform numbers (Knuth); of small means. */
export function poisson(mean: number, random: Random): number {
  const end = Math.exp(-mean);
  let count = -1;
  for (let product = 1; product > end; count += 1) product *= 1 - random.uniform();
  return count;
}

/** A zeta-distributed number, p(k) ∝ k^-α for k from 1 on, by rejection (Devroye 1986, p. 551). */
export function zetaNumber(exponent: number, random: Random): number {
  const b = 2 ** (exponent - 1);
  for (;;) {
    const u = 1 - random.uniform() - random.uniform() * 2 ** -24;
    const v = random.uniform();
    const x = Math.floor(u ** (-1 / (exponent - 1)));
    const t = (1 + 1 / x) ** (exponent - 1);
    if ((v * x * (t - 1)) / (b - 1) <= t / b) return x;
  }
}

/** A branching process with Poisson offspring of mean `ratio` and Poisson input, from its stationary mean on. */
export function branchingProcess(ratio: number, input: number, steps: number, random: Random): number[] {
  const activity: number[] = [];
  let now = Math.round(input / (1 - ratio));
  for (let step = 0; step < steps; step += 1) {
    // Poisson numbers add up; in parts, so that e^-mean stays a number.
    let [next, left] = [0, ratio * now + input];
    for (; left > 20; left -= 20) next += poisson(20, random);
    now = next + poisson(left, random);
    activity.push(now);
  }
  return activity;
}

/** How many of `count` are seen, each with probability `share`. */
export function seen(count: number, share: number, random: Random): number {
  let number = 0;
  for (let index = 0; index < count; index += 1) if (random.uniform() < share) number += 1;
  return number;
}
