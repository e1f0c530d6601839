import { ValueError } from "../errors.ts";

/** The laws p(k) ∝ e^(-a l - b l²), l = ln k - centre, for whole k from xMin to xMax: b = 0 are the power laws. */
export interface ExponentialFamily {
  readonly centre: number;
  readonly xMin: number;
  readonly xMax: number;
}

export interface QuadraticLaw {
  readonly a: number;
  readonly b: number;
  /** ln Σ e^(-a l - b l²) */
  readonly logNorm: number;
}

/**
 * The law of greatest likelihood for given means of l and l², or `undefined` where that is a power law (b = 0). The negative
 * log likelihood per value, ln Σ e^(-a l - b l²) + a ⟨l⟩ + b ⟨l²⟩, is convex: Newton's method with halved steps finds its one
 * minimum from the power law on.
 */
export function fitQuadratic(
  family: ExponentialFamily,
  means: { readonly linear: number; readonly square: number },
  exponent: number,
): QuadraticLaw | undefined {
  let [a, b] = [exponent, 0];
  let moments = momentsOf(family, a, b);
  if (means.square >= (moments[2] as number)) return undefined;
  const costOf = (logNorm: number, x: number, y: number): number => logNorm + x * means.linear + y * means.square;
  let value = costOf(moments[0] as number, a, b);
  for (let turn = 0; turn < 200; turn += 1) {
    const [, m1 = 0, m2 = 0, m3 = 0, m4 = 0] = moments;
    const [gradientA, gradientB] = [means.linear - m1, means.square - m2];
    const [aa, ab, bb] = [m2 - m1 * m1, m3 - m1 * m2, m4 - m2 * m2];
    const determinant = aa * bb - ab * ab;
    if (!(determinant > 0)) break;
    const stepA = (ab * gradientB - bb * gradientA) / determinant;
    const stepB = (ab * gradientA - aa * gradientB) / determinant;
    const slope = gradientA * stepA + gradientB * stepB;
    if (-slope < 1e-14 && b > 0) return { a, b, logNorm: moments[0] as number };
    let found = false;
    for (let size = 1; size > 1e-12; size /= 2) {
      const [nextA, nextB] = [a + size * stepA, b + size * stepB];
      if (nextB <= 0) continue;
      const next = momentsOf(family, nextA, nextB);
      const nextValue = costOf(next[0] as number, nextA, nextB);
      if (!(nextValue <= value + 1e-4 * size * slope)) continue;
      [a, b, moments, value, found] = [nextA, nextB, next, nextValue, true];
      break;
    }
    // No step is better to the last digit: this is the minimum, as closely as it can be told.
    if (!found) break;
  }
  return b > 0 ? { a, b, logNorm: moments[0] as number } : undefined;
}

const directTerms = 2000;
const mostPanels = 100_000;
/** Gauss–Legendre with 8 points on [-1, 1], the positive half. */
const nodes = [0.1834346424956498, 0.525532409916329, 0.7966664774136267, 0.9602898564975363];
const nodeWeights = [0.362683783378362, 0.3137066458778873, 0.2223810344533745, 0.1012285362903763];

/** ln Σ w, and ⟨l⟩ … ⟨l⁴⟩ under w = e^(-a l - b l²): the first terms one by one, the rest as an integral over ln k. */
function momentsOf({ centre, xMin, xMax }: ExponentialFamily, a: number, b: number): readonly number[] {
  const sums = [0, 0, 0, 0, 0];
  // The largest weight is 1: at the top of the parabola, or at an end of the range.
  const [lowest, highest] = [Math.log(xMin) - centre, Math.log(xMax) - centre];
  const top = b > 0 ? Math.min(highest, Math.max(lowest, -a / (2 * b))) : a >= 0 ? lowest : highest;
  const largest = -a * top - b * top ** 2;
  const add = (l: number, factor: number, logFactor = 0): void => {
    const weight = factor * Math.exp(logFactor - a * l - b * l * l - largest);
    for (let power = 0, value = weight; power < 5; power += 1, value *= l)
      sums[power] = (sums[power] as number) + value;
  };
  const last = Math.min(xMax, xMin + directTerms);
  for (let k = xMin; k <= last; k += 1) add(Math.log(k) - centre, 1);
  if (last < xMax) addRest(Math.log(last), Math.log(xMax));
  const total = sums[0] as number;
  return [Math.log(total) + largest, ...sums.slice(1).map((sum) => sum / total)];

  /** Σ over k of (from, to] as ∫ dk - f(from) / 2 + f(to) / 2; plus (f'(to) - f'(from)) / 12; f''' is left out. */
  function addRest(from: number, to: number): void {
    const [f, t] = [Math.exp(from), Math.exp(to)];
    // f' as a difference over one step: f hardly bends that far out.
    for (const [k, sign] of [[f, -1] as const, [t, 1] as const]) {
      if (k === Number.POSITIVE_INFINITY) continue;
      add(Math.log(k) - centre, sign / 2);
      add(Math.log(k + 0.5) - centre, sign / 12);
      add(Math.log(k - 0.5) - centre, -sign / 12);
    }
    let [at, panels] = [from, 0];
    while (at < to) {
      const steepness = Math.abs(1 - a - 2 * b * (at - centre)) + Math.sqrt(b) + 1e-3;
      const end = Math.min(to, at + 1 / steepness);
      const before = sums[4] as number;
      const half = (end - at) / 2;
      for (const [index, node] of nodes.entries())
        for (const side of [-1, 1]) {
          const u = at + half * (1 + side * node);
          add(u - centre, half * (nodeWeights[index] as number), u);
        }
      at = end;
      panels += 1;
      if ((sums[4] as number) - before < 1e-17 * before) return;
      if (panels > mostPanels) throw new ValueError("comparePowerLaw: the law falls too slowly; give an xMax.");
    }
  }
}
