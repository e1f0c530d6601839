import { type LossValue, meanSquaredError } from "./loss.ts";
import { add, at, euclideanNorm, type Numbers, sum } from "./numbers.ts";

/** Weights of nn4n's loss terms; all but `mse` default to 0. */
export interface Nn4nLambdas {
  readonly lambda_mse: number;
  readonly lambda_in?: number;
  readonly lambda_hid?: number;
  readonly lambda_out?: number;
  readonly lambda_fr?: number;
  readonly lambda_fr_sd?: number;
  readonly lambda_fr_cv?: number;
}

/** `v1.0.3`: fr_sd = std of μ², fr_cv over (batch, unit); `v1.2.0`: fr_sd = std of μ, fr_cv over units. */
export type Nn4nVersion = "v1.0.3" | "v1.2.0";

/** Σ W² / count, nn4n's penalty on each of the three weights, and its derivative. */
export function nn4nWeightPenalty(weight: Numbers): LossValue {
  const gradient = Float64Array.from(weight, (w) => (2 * w) / weight.length);
  return { value: euclideanNorm(weight) ** 2 / weight.length, gradient };
}

/** λ_fr mean μ² + λ_fr_sd std + λ_fr_cv std/mean of nn4n (standard deviations with N-1), and dL/dr [time, batch, hidden]. */
export function nn4nRatePenalty(
  version: Nn4nVersion,
  lambdas: Nn4nLambdas,
  rates: Numbers,
  time: number,
  batch: number,
  hidden: number,
): LossValue {
  const { lambda_fr = 0, lambda_fr_sd = 0, lambda_fr_cv = 0 } = lambdas;
  const gradient = new Float64Array(rates.length);
  const mean = new Float64Array(hidden);
  const groups = version === "v1.0.3" ? batch * hidden : hidden;
  const size = new Float64Array(groups);
  const groupLength = rates.length / groups;
  for (let index = 0; index < rates.length; index += 1) {
    add(mean, index % hidden, at(rates, index) / (time * batch));
    add(size, index % groups, Math.abs(at(rates, index)) / groupLength);
  }
  let value = (lambda_fr * euclideanNorm(mean) ** 2) / hidden;
  const spread = standardDeviation(version === "v1.0.3" ? mean.map((m) => m * m) : mean);
  value += lambda_fr_sd * spread.value;
  const sizeSpread = standardDeviation(size);
  const sizeMean = sum(size) / groups;
  value += (lambda_fr_cv * sizeSpread.value) / sizeMean;
  for (let index = 0; index < rates.length; index += 1) {
    const unit = index % hidden;
    const group = index % groups;
    const inner = version === "v1.0.3" ? 2 * at(mean, unit) : 1;
    const byMean = (lambda_fr * 2 * at(mean, unit)) / hidden + lambda_fr_sd * at(spread.gradient, unit) * inner;
    const bySize = at(sizeSpread.gradient, group) / sizeMean - sizeSpread.value / (sizeMean * sizeMean * groups);
    gradient[index] = byMean / (time * batch) + (lambda_fr_cv * bySize * Math.sign(at(rates, index))) / groupLength;
  }
  return { value, gradient };
}

/** nn4n's first term, unmasked. */
export function nn4nMeanSquaredError(lambdas: Nn4nLambdas, outputs: Numbers, targets: Numbers): LossValue {
  const { value, gradient } = meanSquaredError(outputs, targets);
  return { value: lambdas.lambda_mse * value, gradient: gradient.map((g) => lambdas.lambda_mse * g) };
}

/** The unbiased standard deviation and its derivative, which is 0 where all values agree. */
function standardDeviation(values: Numbers): LossValue {
  const mean = sum(values) / values.length;
  const centred = Float64Array.from(values, (x) => x - mean);
  const value = euclideanNorm(centred) / Math.sqrt(values.length - 1);
  return { value, gradient: centred.map((c) => (value === 0 ? 0 : c / ((values.length - 1) * value))) };
}
