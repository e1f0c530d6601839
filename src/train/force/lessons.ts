import { ValueError } from "../../errors.ts";
import type { Stimuli, Trials } from "../../network/trials.ts";

/** Whether to learn from each row of trials [T, B]: their mask, which must be the same for all outputs. @throws ValueError */
export function lessonRows({ steps, trials, mask }: Trials, outputs: number): Uint8Array {
  const rows = new Uint8Array(steps * trials).fill(1);
  if (mask === undefined) return rows;
  for (let row = 0; row < rows.length; row += 1) {
    const own = mask.subarray(row * outputs, (row + 1) * outputs);
    const [first] = own;
    if ((first !== 0 && first !== 1) || own.some((value) => value !== first)) {
      throw new ValueError(
        `force: mask: step ${Math.floor(row / trials)} of trial ${row % trials} is [${own.join(", ")}]: a step is learned from, all 1, or not, all 0.`,
      );
    }
    rows[row] = first;
  }
  return rows;
}

/** Some steps of one trial. */
export interface Stretch {
  readonly trial: number;
  /** First time step. */
  readonly from: number;
  readonly count: number;
}

/** The inputs of a stretch, with 0 in the last of `width` channels, which the GPU fills in; and its start, if the trial's. */
export function stretchOf(trials: Stimuli, { trial, from, count }: Stretch, width: number): Stimuli {
  const given = trials.inputs.length / (trials.steps * trials.trials);
  const inputs = new Float32Array(count * width);
  for (let step = 0; step < count; step += 1) {
    const start = ((from + step) * trials.trials + trial) * given;
    inputs.set(trials.inputs.subarray(start, start + given), step * width);
  }
  const own = (values: Float32Array): Float32Array =>
    values.slice((trial * values.length) / trials.trials, ((trial + 1) * values.length) / trials.trials);
  const { v0, r0 } = from === 0 ? trials : {};
  return { steps: count, trials: 1, inputs, ...(v0 && { v0: own(v0) }), ...(r0 && { r0: own(r0) }) };
}

/**
 * The targets of a stretch, and at which of its steps to learn: `lessons` of shaders/rls_update.wgsl.
 * @param rows of {@link lessonRows}; of them every `every`-th of a trial counts.
 * @param width floats of one step.
 */
export function lessonsOf(
  { targets, trials, steps }: Trials,
  { trial, from, count }: Stretch,
  rows: Uint8Array,
  every: number,
  width: number,
): Float32Array {
  const outputs = targets.length / (steps * trials);
  const values = new Float32Array(count * width);
  for (let step = 0; step < count; step += 1) {
    const row = (from + step) * trials + trial;
    values.set(targets.subarray(row * outputs, (row + 1) * outputs), step * width);
    values[(step + 1) * width - 4] = (from + step + 1) % every === 0 ? (rows[row] ?? 0) : 0;
  }
  return values;
}
