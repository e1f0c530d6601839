import { ShapeError, ValueError } from "../errors.ts";
import type { TrialBatch } from "./task.ts";

/**
 * Fraction of trials in which the output with the largest mean over a period is the correct choice. A tie between k
 * outputs counts 1 / k where the correct one is among them (a silent network is at chance, not at 0 or 1); NaN counts 0.
 * @param outputs [T, B, O]
 */
export function choiceAccuracy(outputs: Float32Array, batch: TrialBatch, period: string): number {
  const { steps, trials, correct } = batch;
  const outputCount = batch.targets.length / (steps * trials);
  const window = batch.periods[period];
  if (correct === undefined || window === undefined)
    throw new ValueError(`accuracy: the batch has no correct choices or no period "${period}": is it of this task?`);
  if (outputs.length !== batch.targets.length)
    throw new ShapeError(
      `outputs: expected [${steps}, ${trials}, ${outputCount}] (time, batch, output), got ${outputs.length} values.`,
    );
  let solved = 0;
  const sums = new Float64Array(outputCount);
  for (let trial = 0; trial < trials; trial += 1) {
    sums.fill(0);
    for (let step = window.from; step < window.to; step += 1) {
      const start = (step * trials + trial) * outputCount;
      for (let output = 0; output < outputCount; output += 1)
        sums[output] = (sums[output] as number) + (outputs[start + output] as number);
    }
    const best = Math.max(...sums); // NaN where any sum is NaN, and NaN equals nothing
    if (sums[correct[trial] as number] === best) solved += 1 / sums.filter((sum) => sum === best).length;
  }
  return solved / trials;
}
