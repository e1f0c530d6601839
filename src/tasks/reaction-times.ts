import { ConfigError, ValueError } from "../errors.ts";
import { suggestName } from "../io/nearest.ts";
import { checkOutputs } from "./engine/choice.ts";
import { periodOf, type TrialBatch } from "./task.ts";

export interface ReactionTimes {
  /** Milliseconds [B] from the start of the period to the start of the first step above the threshold; NaN where there is none. */
  readonly ms: Float64Array;
  /** The output that crossed it [B], the largest where several did in the same step; -1 where none did. */
  readonly choices: Int32Array;
}

/**
 * When an output first exceeds a threshold, from the start of a period to the end of the trial (as in pycog's analysis of
 * Roitman & Shadlen's task).
 * @param outputs [T, B, O] of a network that saw the batch.
 * @param options `from`: a period of the task. `channels`: the outputs that count; all unless given.
 * @throws {@link ConfigError} for a period that the batch does not have, {@link ValueError} for a threshold that is no number,
 * {@link ShapeError} where the outputs are not of the batch's size.
 */
export function reactionTimes(
  outputs: Float32Array,
  batch: TrialBatch,
  options: { readonly from: string; readonly threshold: number; readonly channels?: readonly number[] },
): ReactionTimes {
  const width = checkOutputs(outputs, batch);
  const { from, threshold, channels = Array.from({ length: width }, (_, channel) => channel) } = options;
  if (!Number.isFinite(threshold))
    throw new ValueError(`reactionTimes: threshold: expected a finite number, got ${threshold}.`);
  const wrong = channels.find((channel) => !Number.isInteger(channel) || channel < 0 || channel >= width);
  if (wrong !== undefined) throw new ValueError(`reactionTimes: channels: expected 0 … ${width - 1}, got ${wrong}.`);
  const ms = new Float64Array(batch.trials).fill(Number.NaN);
  const choices = new Int32Array(batch.trials).fill(-1);
  for (let trial = 0; trial < batch.trials; trial += 1) {
    const period = periodOf(batch, from, trial);
    if (period === undefined)
      throw new ConfigError(
        `reactionTimes: the batch has no period "${from}"; ${suggestName(from, Object.keys(batch.periods))}`,
      );
    const end = batch.lengths?.[trial] ?? batch.steps;
    for (let step = period.from; step < end && choices[trial] === -1; step += 1) {
      let largest = threshold;
      for (const channel of channels) {
        const value = outputs[(step * batch.trials + trial) * width + channel] as number;
        if (!(value > largest)) continue;
        largest = value;
        choices[trial] = channel;
        ms[trial] = (step - period.from) * batch.dtMs;
      }
    }
  }
  return { ms, choices };
}
