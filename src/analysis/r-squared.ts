import { ShapeError, ValueError } from "../errors.ts";

/** How much of what was measured is explained; 1 = all of it, 0 = no more than by each channel's mean. */
export interface RSquared {
  /** 1 - Σ_k S_k / Σ_k Q_k: the mean of the channels' own values, weighted by how much each varies. */
  readonly varianceWeighted: number;
  /** 1 - S_k / Q_k of each channel; `undefined` where a channel does not vary, so that there is nothing to explain. */
  readonly perChannel: readonly (number | undefined)[];
}

/**
 * The coefficient of determination of channels over rows (time × trial), S_k = Σ m (z - p)², Q_k = Σ m (z - z̄_k)², z̄_k
 * the mean of channel k under the mask, over these very rows: on trials that were held out, a prediction is compared with
 * their own mean (scikit-learn's r2_score, "variance_weighted" and "raw_values").
 * @param measured, predicted [rows, channels], such as targets and outputs [T, B, O], or recorded rates and those of the
 * units fitted to them [T, B, K].
 * @param options.mask [rows, channels]: weights, 0 = left out (`measured` may then be NaN); absent = all 1.
 * @throws ShapeError for arrays that do not fit; ValueError for a value that is not finite, a negative weight, or where no
 * channel varies.
 */
export function rSquared(
  measured: ArrayLike<number>,
  predicted: ArrayLike<number>,
  options: { readonly channels: number; readonly mask?: ArrayLike<number> | undefined },
): RSquared {
  const { channels, mask } = options;
  checkShapes(measured, predicted, channels, mask);
  const weights = new Float64Array(channels);
  const means = new Float64Array(channels);
  const residuals = new Float64Array(channels);
  const squares = new Float64Array(channels);
  forEachMeasured(measured, channels, mask, (value, weight, channel) => {
    weights[channel] = (weights[channel] as number) + weight;
    means[channel] = (means[channel] as number) + weight * value;
  });
  for (let channel = 0; channel < channels; channel += 1) {
    means[channel] = (means[channel] as number) / Math.max(weights[channel] as number, Number.MIN_VALUE);
  }
  forEachMeasured(measured, channels, mask, (value, weight, channel, index) => {
    const guess = predicted[index] as number;
    if (!Number.isFinite(guess))
      throw new ValueError(`predicted: value ${index} is ${guess}; expected a finite number.`);
    residuals[channel] = (residuals[channel] as number) + weight * (value - guess) ** 2;
    squares[channel] = (squares[channel] as number) + weight * (value - (means[channel] as number)) ** 2;
  });
  const total = squares.reduce((sum, square) => sum + square, 0);
  if (!(total > 0)) throw new ValueError("rSquared: nothing that was measured varies, so there is nothing to explain.");
  return {
    varianceWeighted: 1 - residuals.reduce((sum, residual) => sum + residual, 0) / total,
    perChannel: Array.from(squares, (square, channel) =>
      square > 0 ? 1 - (residuals[channel] as number) / square : undefined,
    ),
  };
}

function checkShapes(
  measured: ArrayLike<number>,
  predicted: ArrayLike<number>,
  channels: number,
  mask: ArrayLike<number> | undefined,
): void {
  const rows = measured.length / channels;
  if (!Number.isInteger(channels) || !Number.isInteger(rows) || rows < 1) {
    throw new ShapeError(
      `measured: expected [rows, ${channels}] (time × trial, channel), got ${measured.length} values.`,
    );
  }
  for (const [name, values] of [["predicted", predicted] as const, ["mask", mask] as const]) {
    if (values === undefined || values.length === measured.length) continue;
    throw new ShapeError(`${name}: expected ${measured.length} values, as measured has, got ${values.length}.`);
  }
}

function forEachMeasured(
  measured: ArrayLike<number>,
  channels: number,
  mask: ArrayLike<number> | undefined,
  visit: (value: number, weight: number, channel: number, index: number) => void,
): void {
  for (let index = 0; index < measured.length; index += 1) {
    const weight = mask === undefined ? 1 : (mask[index] as number);
    if (weight === 0) continue;
    if (!(weight > 0 && Number.isFinite(weight))) {
      throw new ValueError(`mask: value ${index} is ${weight}; a weight must be finite and not negative.`);
    }
    const value = measured[index] as number;
    if (!Number.isFinite(value)) {
      throw new ValueError(`measured: value ${index} is ${value}; expected a finite number, or mask 0.`);
    }
    visit(value, weight, index % channels, index);
  }
}
