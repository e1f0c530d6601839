import type { JudgedTrial } from "./definition.ts";

/**
 * The share of the targets' variance that the outputs explain, over all that counts: 1 - Σ m (y - z)² / Σ m (y - ȳ)²,
 * each output about its own mean, and 0 where that is below 0. NaN, so that the trial is not scored, where the targets
 * are constant.
 */
export function explainedVariance({ outputs, targets, mask, steps }: JudgedTrial): number {
  const width = targets.length / steps;
  let residual = 0;
  let total = 0;
  for (let channel = 0; channel < width; channel += 1) {
    let weight = 0;
    let sum = 0;
    for (let at = channel; at < targets.length; at += width) {
      weight += mask[at] as number;
      sum += (mask[at] as number) * (targets[at] as number);
    }
    const mean = weight === 0 ? 0 : sum / weight;
    for (let at = channel; at < targets.length; at += width) {
      const [y, z, m] = [targets[at] as number, outputs[at] as number, mask[at] as number];
      residual += m * (y - z) ** 2;
      total += m * (y - mean) ** 2;
    }
  }
  if (total === 0) return Number.NaN;
  const explained = 1 - residual / total;
  return Number.isNaN(explained) ? 0 : Math.max(0, explained);
}

/** The mean of one output over the steps from … to - 1. */
export function meanOutput(
  { outputs, steps }: JudgedTrial,
  channel: number,
  { from, to }: { readonly from: number; readonly to: number },
): number {
  const width = outputs.length / steps;
  let sum = 0;
  for (let step = from; step < to; step += 1) sum += outputs[step * width + channel] as number;
  return sum / (to - from);
}
