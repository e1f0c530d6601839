import { ShapeError, ValueError } from "../../errors.ts";
import { periodOf, type TrialBatch } from "../task.ts";

/** @throws {@link ShapeError} where outputs are not [T, B, O] of the batch. @returns O */
export function checkOutputs(outputs: Float32Array, batch: TrialBatch): number {
  const { steps, trials, targets } = batch;
  const count = targets.length / (steps * trials);
  if (outputs.length === targets.length) return count;
  throw new ShapeError(
    `outputs: expected [${steps}, ${trials}, ${count}] (time, batch, output), got ${outputs.length} values.`,
  );
}

/** The sums of some outputs over the steps from … to - 1 of one trial. */
export function sumOutputs(
  outputs: Float32Array,
  batch: TrialBatch,
  trial: number,
  window: { readonly from: number; readonly to: number },
  channels: readonly number[],
): Float64Array {
  const width = batch.targets.length / (batch.steps * batch.trials);
  const sums = new Float64Array(channels.length);
  for (let step = window.from; step < window.to; step += 1) {
    const start = (step * batch.trials + trial) * width;
    for (let index = 0; index < channels.length; index += 1)
      sums[index] = (sums[index] as number) + (outputs[start + (channels[index] as number)] as number);
  }
  return sums;
}

/** How far the largest of some values is number `correct`: a tie between k counts 1 / k; NaN equals nothing. */
export function scoreLargest(values: Float64Array, correct: number): number {
  const best = Math.max(...values); // NaN where any value is NaN
  return values[correct] === best ? 1 / values.filter((value) => value === best).length : 0;
}

/** The first of the largest values; -1 where one is NaN. */
export function indexOfLargest(values: Float64Array): number {
  return values.indexOf(Math.max(...values));
}

/** The sums of the choices over a period, for any trial: what is largest in the sum is so in the mean. */
function windowSums(
  outputs: Float32Array,
  batch: TrialBatch,
  period: string,
  channels: readonly number[] | undefined,
): (trial: number) => Float64Array {
  const count = checkOutputs(outputs, batch);
  const all = channels ?? Array.from({ length: count }, (_, channel) => channel);
  return (trial) => {
    const window = periodOf(batch, period, trial);
    if (batch.correct === undefined || window === undefined)
      throw new ValueError(`accuracy: the batch has no correct choices or no period "${period}": is it of this task?`);
    return sumOutputs(outputs, batch, trial, window, all);
  };
}

/**
 * How far each trial is solved [B]: whether the output with the largest mean over a period is the correct choice. A tie
 * between k outputs counts 1 / k where the correct one is among them (a silent network is at chance, not at 0 or 1); NaN
 * counts 0.
 * @param outputs [T, B, O]
 * @param channels the outputs that are choices 0, 1, …; all unless given.
 */
export function choiceCorrect(
  outputs: Float32Array,
  batch: TrialBatch,
  period: string,
  channels?: readonly number[],
): Float64Array {
  const sums = windowSums(outputs, batch, period, channels);
  return Float64Array.from({ length: batch.trials }, (_, trial) =>
    scoreLargest(sums(trial), batch.correct?.[trial] ?? -1),
  );
}

/** The output with the largest mean over a period, of each trial [B]; -1 where one is NaN. */
export function choicesMade(
  outputs: Float32Array,
  batch: TrialBatch,
  period: string,
  channels?: readonly number[],
): Int32Array {
  const sums = windowSums(outputs, batch, period, channels);
  return Int32Array.from({ length: batch.trials }, (_, trial) => indexOfLargest(sums(trial)));
}
