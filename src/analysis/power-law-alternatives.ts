import { ValueError } from "../errors.ts";
import { type ExponentialFamily, fitQuadratic } from "./log-quadratic.ts";
import { erfc, findRoot } from "./numeric.ts";
import { type Counted, countValues, type PowerLawFit } from "./power-law.ts";
import { powerSums } from "./power-sums.ts";

/** A power law against another law on the same values. */
export interface LikelihoodRatio {
  /** Log likelihood of the power law less that of the other: above 0 the power law is more likely. */
  readonly ratio: number;
  /** Chance of a ratio at least as far from 0 if both are as close to the truth (Vuong 1989); above 0.1 none is preferred. */
  readonly p: number;
  /** The other law's own: `rate` of e^(-λk); `mu` and `sigma` of ln k, absent where it is the power law itself. */
  readonly parameters: Readonly<Record<string, number>>;
}

/**
 * Likelihood ratios of a fitted power law against the exponential p(k) ∝ e^(-λk) and the discrete log-normal
 * p(k) ∝ 1/k e^(-(ln k - μ)² / 2σ²), both from xMin to xMax and by maximum likelihood (Clauset, Shalizi, Newman 2009, section
 * 5). The power law is the log-normal of σ → ∞, so that the second ratio is never above 0; it is exactly 0 where no
 * log-normal is more likely.
 * @param values those that were fitted. @throws ShapeError, ValueError where they are not those of the fit.
 */
export function comparePowerLaw(
  values: ArrayLike<number>,
  fit: PowerLawFit,
): { readonly exponential: LikelihoodRatio; readonly logNormal: LikelihoodRatio } {
  const all = countValues(values, fit.xMax);
  const first = all.values.findIndex((value) => value >= fit.xMin);
  const tail = { values: all.values.slice(first), counts: all.counts.slice(first) };
  const count = tail.counts.reduce((sum, seen) => sum + seen, 0);
  if (first < 0 || count !== fit.count)
    throw new ValueError(
      `comparePowerLaw: ${first < 0 ? 0 : count} values lie from xMin ${fit.xMin} on, and the fit had ${fit.count}. Give the values that were fitted.`,
    );
  const { exponent, xMin, xMax } = fit;
  const norm = Math.log(powerSums(exponent, xMin, xMax).total);
  const powerLaw = tail.values.map((value) => -exponent * Math.log(value / xMin) - norm);
  const { rate, logs } = exponentialLaw(tail, count, xMin, xMax);
  const logNormal = logNormalLaw(tail, count, fit);
  return {
    exponential: { ...vuong(tail.counts, powerLaw, logs), parameters: { rate } },
    logNormal:
      logNormal === undefined
        ? { ratio: 0, p: 1, parameters: {} }
        : { ...vuong(tail.counts, powerLaw, logNormal.logs), parameters: { mu: logNormal.mu, sigma: logNormal.sigma } },
  };
}

function vuong(
  counts: Float64Array,
  ours: Float64Array,
  theirs: Float64Array,
): { readonly ratio: number; readonly p: number } {
  const count = counts.reduce((sum, seen) => sum + seen, 0);
  const differences = ours.map((log, index) => log - (theirs[index] as number));
  const ratio = differences.reduce((sum, difference, index) => sum + (counts[index] as number) * difference, 0);
  const mean = ratio / count;
  const variance =
    differences.reduce((sum, difference, index) => sum + (counts[index] as number) * (difference - mean) ** 2, 0) /
    count;
  return { ratio, p: variance > 0 ? erfc(Math.abs(ratio) / Math.sqrt(2 * count * variance)) : 1 };
}

/** e^(-λ(k - xMin)) over its sum, λ from the mean. */
function exponentialLaw(
  { values, counts }: Counted,
  count: number,
  xMin: number,
  xMax: number,
): { readonly rate: number; readonly logs: Float64Array } {
  const mean = values.reduce((sum, value, index) => sum + (counts[index] as number) * (value - xMin), 0) / count;
  const length = xMax - xMin + 1;
  // ⟨j⟩ of e^(-λj) over j = 0 … n-1 is g(λ) - n g(nλ), g(x) = 1 / (e^x - 1) - 1 / x; it falls with λ.
  const rate =
    xMax === Number.POSITIVE_INFINITY
      ? Math.log1p(1 / mean)
      : findRoot((lambda) => bose(lambda) - length * bose(length * lambda) - mean, -40, 40);
  const norm =
    xMax === Number.POSITIVE_INFINITY
      ? -Math.log(-Math.expm1(-rate))
      : Math.abs(rate) * length < 1e-12
        ? Math.log(length)
        : Math.log(Math.expm1(-length * rate) / Math.expm1(-rate));
  return { rate, logs: values.map((value) => -rate * (value - xMin) - norm) };
}

/** 1 / (e^x - 1) - 1 / x, smooth at 0. */
function bose(x: number): number {
  if (Math.abs(x) > 0.1) return 1 / Math.expm1(x) - 1 / x;
  return -1 / 2 + x / 12 - x ** 3 / 720 + x ** 5 / 30240 - x ** 7 / 1209600;
}

function logNormalLaw(
  { values, counts }: Counted,
  count: number,
  { exponent, xMin, xMax }: PowerLawFit,
): { readonly mu: number; readonly sigma: number; readonly logs: Float64Array } | undefined {
  const centre = values.reduce((sum, value, index) => sum + (counts[index] as number) * Math.log(value), 0) / count;
  const square =
    values.reduce((sum, value, index) => sum + (counts[index] as number) * (Math.log(value) - centre) ** 2, 0) / count;
  const family: ExponentialFamily = { centre, xMin, xMax };
  const law = fitQuadratic(family, { linear: 0, square }, exponent);
  if (law === undefined) return undefined;
  // e^(-a (l - c) - b (l - c)²) is 1/k times a normal density of l: b = 1 / 2σ², a - 2bc = 1 - μ / σ².
  const variance = 1 / (2 * law.b);
  return {
    mu: centre + (1 - law.a) * variance,
    sigma: Math.sqrt(variance),
    logs: values.map((value) => {
      const distance = Math.log(value) - centre;
      return -law.a * distance - law.b * distance ** 2 - law.logNorm;
    }),
  };
}
