import { ShapeError, ValueError } from "../errors.ts";
import type { Random } from "../random.ts";
import { erfc, findRoot, normalHazard } from "./numeric.ts";
import { momentsOf } from "./series.ts";

export interface LogNormalOptions {
  /** Only weights of at least this count; default all above 0. sorn takes 0.01. */
  readonly least?: number;
  /**
   * Fits the law of ln w given that w ≥ `least` (Cohen 1959). Default false: mean and deviation of ln w of the weights that
   * are left, as sorn's linear_lognormal_fit and Zheng et al. 2013 do, too narrow where `least` cuts into the law.
   */
  readonly truncated?: boolean;
}

/** ln w ~ N(mu, sigma²). */
export interface LogNormalFit {
  readonly mu: number;
  readonly sigma: number;
  /** How many weights were fitted. */
  readonly count: number;
  readonly mode: number;
  readonly mean: number;
  readonly median: number;
  /** Largest distance of the two cumulative distributions (Kolmogorov–Smirnov). */
  readonly distance: number;
}

/**
 * The log-normal law of weights by maximum likelihood. Weights that are not above 0 are no synapses and are left out.
 * @throws ShapeError, ValueError where fewer than two different weights are left, or with `truncated` where they fall off as
 * an exponential of ln w or faster, so that no log-normal is the most likely.
 */
export function fitLogNormal(weights: ArrayLike<number>, options: LogNormalOptions = {}): LogNormalFit {
  const logs = logsOf(weights, options);
  const fit = fitLogs(logs, options);
  if (fit === undefined)
    throw new ValueError(
      "fitLogNormal: truncated: no log-normal is the most likely above least; fit without truncated.",
    );
  return fit;
}

function logsOf(weights: ArrayLike<number>, { least = 0 }: LogNormalOptions): Float64Array {
  if (!(least >= 0 && Number.isFinite(least)))
    throw new ValueError(`fitLogNormal: least: expected a number from 0 on, got ${least}.`);
  const wrong = Array.prototype.findIndex.call(weights, (weight: number) => !Number.isFinite(weight));
  if (wrong >= 0) throw new ValueError(`fitLogNormal: weight ${wrong} is ${weights[wrong]}; expected a finite number.`);
  const logs = Float64Array.from(weights)
    .filter((weight) => weight > 0 && weight >= least)
    .map(Math.log)
    .sort();
  if (logs.length < 2 || logs[0] === logs[logs.length - 1])
    throw new ShapeError(
      `fitLogNormal: expected at least two different weights above 0${least > 0 ? ` and from ${least} on` : ""}, got ${logs.length === 0 ? "none" : `${logs.length} of one value`}.`,
    );
  return logs;
}

/** @param logs rising. */
function fitLogs(logs: Float64Array, { least = 0, truncated = false }: LogNormalOptions): LogNormalFit | undefined {
  const { mean, variance, count } = momentsOf(logs);
  const cut = truncated && least > 0 ? Math.log(least) : Number.NEGATIVE_INFINITY;
  let [mu, sigma, below] = [mean, Math.sqrt(variance), Number.NEGATIVE_INFINITY];
  if (cut > Number.NEGATIVE_INFINITY) {
    // Of h = (cut - μ) / σ alone: variance / (mean - cut)² = (1 - λ (λ - h)) / (λ - h)², λ the hazard at h; it rises to 1.
    const shape = (h: number): number => {
      const hazard = normalHazard(h);
      return (1 - hazard * (hazard - h)) / (hazard - h) ** 2 - variance / (mean - cut) ** 2;
    };
    if (shape(steepest) <= 0) return undefined;
    below = shape(-40) >= 0 ? -40 : findRoot(shape, -40, steepest);
    sigma = (mean - cut) / (normalHazard(below) - below);
    mu = cut - sigma * below;
  }
  const whole = erfc(below / Math.SQRT2);
  let distance = 0;
  for (let index = 0; index < count; index += 1) {
    const law = 1 - erfc(((logs[index] as number) - mu) / sigma / Math.SQRT2) / whole;
    distance = Math.max(distance, Math.abs(law - index / count), Math.abs(law - (index + 1) / count));
  }
  return {
    ...{ mu, sigma, count, distance },
    mode: Math.exp(mu - sigma ** 2),
    mean: Math.exp(mu + sigma ** 2 / 2),
    median: Math.exp(mu),
  };
}

/** Beyond this h the tail of a normal law can no longer be told from an exponential one. */
const steepest = 25;

/**
 * The goodness of a log-normal law by a parametric bootstrap: the share of as many weights drawn from the fitted law, and
 * fitted again, that lie as far from their fit. Below 0.1 the law is doubtful.
 * @param options as of {@link fitLogNormal}, and how many `samples` (default 1000).
 * @throws as fitLogNormal; ValueError for `samples`.
 */
export function logNormalGoodness(
  weights: ArrayLike<number>,
  random: Random,
  { samples = 1000, ...options }: LogNormalOptions & { readonly samples?: number } = {},
): { readonly p: number; readonly standardError: number; readonly samples: number; readonly fit: LogNormalFit } {
  if (!Number.isInteger(samples) || samples < 1)
    throw new ValueError(`logNormalGoodness: samples: expected a positive integer, got ${samples}.`);
  const fit = fitLogNormal(weights, options);
  const { mu, sigma, count } = fit;
  const { least = 0, truncated = false } = options;
  const below = truncated && least > 0 ? (Math.log(least) - mu) / sigma : Number.NEGATIVE_INFINITY;
  const logs = new Float64Array(count);
  let [further, made] = [0, 0];
  for (let turn = 0; turn < samples; turn += 1) {
    for (let index = 0; index < count; index += 1) logs[index] = mu + sigma * normalAbove(below, random);
    const refit = fitLogs(logs.sort(), options);
    if (refit === undefined) continue;
    made += 1;
    if (refit.distance >= fit.distance) further += 1;
  }
  if (made === 0) throw new ValueError("logNormalGoodness: no sample could be fitted; are there too few weights?");
  const p = further / made;
  return { p, standardError: Math.sqrt((p * (1 - p)) / made), samples: made, fit };
}

/** A standard normal number of at least `low`, by rejection: of normal ones, or far out of exponential ones (Robert 1995). */
function normalAbove(low: number, random: Random): number {
  for (;;) {
    if (low <= 0.5) {
      const value = random.normal();
      if (value >= low) return value;
    } else {
      const rate = (low + Math.sqrt(low * low + 4)) / 2;
      const value = low - Math.log(1 - random.uniform()) / rate;
      if (random.uniform() < Math.exp(-((value - rate) ** 2) / 2)) return value;
    }
  }
}
