import { ValueError } from "../errors.ts";

/**
 * Where a monotone function crosses 0 between `low` and `high`, at which its signs must differ: false position with
 * Illinois weights and, where that is slow, bisection.
 */
export function findRoot(value: (x: number) => number, low: number, high: number): number {
  let [a, b] = [low, high];
  let [fa, fb] = [value(a), value(b)];
  if (fa === 0) return a;
  if (fb === 0) return b;
  if (fa > 0 === fb > 0) throw new ValueError(`findRoot: no change of sign between ${low} and ${high}.`);
  for (let turn = 0; turn < 200; turn += 1) {
    const middle = turn % 4 === 3 ? (a + b) / 2 : (a * fb - b * fa) / (fb - fa);
    const x = middle > Math.min(a, b) && middle < Math.max(a, b) ? middle : (a + b) / 2;
    const fx = value(x);
    if (fx === 0) return x;
    if (fx > 0 === fb > 0) fa /= 2;
    else [a, fa] = [b, fb];
    const moved = Math.abs(x - b);
    [b, fb] = [x, fx];
    const tolerance = 1e-13 * Math.max(1, Math.abs(x));
    if (Math.abs(b - a) < tolerance || moved < tolerance) return x;
  }
  return b;
}

/** 1 - erf(x), to better than 1e-12 of its value: the series of erf below 2, the continued fraction above. */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  if (x < 2) {
    let [term, sum] = [x, x];
    for (let n = 1; Math.abs(term) > 1e-17 * Math.abs(sum); n += 1) {
      term *= (-x * x) / n;
      sum += term / (2 * n + 1);
    }
    return 1 - (2 / Math.sqrt(Math.PI)) * sum;
  }
  return (Math.exp(-x * x) * fractionOf(x)) / Math.sqrt(Math.PI);
}

/** 1 / (x + (1/2) / (x + 1 / (x + (3/2) / (x + …)))), for x of at least about 2. */
function fractionOf(x: number): number {
  let rest = x;
  for (let n = 200; n >= 1; n -= 1) rest = x + n / 2 / rest;
  return 1 / rest;
}

/** Chance that a standard normal number is at most z. */
export function normalCdf(z: number): number {
  return erfc(-z / Math.SQRT2) / 2;
}

/** φ(h) / (1 - Φ(h)) of the standard normal distribution: the inverse of Mills' ratio, for any h. */
export function normalHazard(h: number): number {
  if (h > 3) return Math.SQRT2 / fractionOf(h / Math.SQRT2);
  return (Math.sqrt(2 / Math.PI) * Math.exp((-h * h) / 2)) / erfc(h / Math.SQRT2);
}
