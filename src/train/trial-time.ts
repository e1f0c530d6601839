import { ShapeError } from "../errors.ts";
import type { Trials } from "../network/trials.ts";

/** The arrays of trials that have time as their first axis, [T, B, ·], and the mask of each that has one. */
const timed = ["inputs", "targets", "mask", "rateTargets", "rateMask"] as const;
const maskOf: Readonly<Record<string, string>> = { targets: "mask", rateTargets: "rateMask" };
/** The arrays that have one row a trial, [B, ·]. */
const starts = ["v0", "r0"] as const;

type Arrays = Readonly<Record<string, Float32Array | undefined>>;

function arraysOf(trials: Trials): Arrays {
  return trials as unknown as Arrays;
}

function widthOf(values: Float32Array, { steps, trials }: Trials): number {
  return values.length / (steps * trials);
}

/**
 * The time steps from … to - 1 of trials, as views; all steps are the trials themselves. Where trials start belongs to their
 * first step.
 */
export function timeWindow(trials: Trials, from: number, to: number): Trials {
  if (from === 0 && to === trials.steps) return trials;
  const arrays = arraysOf(trials);
  const parts: Record<string, Float32Array> = {};
  for (const name of timed) {
    const values = arrays[name];
    if (values === undefined) continue;
    const step = trials.trials * widthOf(values, trials);
    parts[name] = values.subarray(from * step, to * step);
  }
  for (const name of starts) {
    const values = arrays[name];
    if (values !== undefined && from === 0) parts[name] = values;
  }
  return { ...parts, steps: to - from, trials: trials.trials } as unknown as Trials;
}

/**
 * Trials made longer by steps in which inputs and targets are 0 and nothing is asked: the mask is 0 there. Penalties on
 * rates and weights know no mask and see these steps.
 */
export function padTime(trials: Trials, steps: number): Trials {
  if (steps === trials.steps) return trials;
  const arrays = arraysOf(trials);
  const padded: Record<string, Float32Array> = {};
  for (const name of timed) {
    const values = arrays[name];
    if (values === undefined) continue;
    const longer = new Float32Array((values.length / trials.steps) * steps);
    longer.set(values);
    padded[name] = longer;
    const mask = maskOf[name];
    if (mask === undefined || arrays[mask] !== undefined) continue;
    padded[mask] = new Float32Array(longer.length).fill(1, 0, values.length);
  }
  return { ...trials, ...padded, steps } as unknown as Trials;
}

/**
 * Trials of the same number of steps side by side, in order.
 * @throws ShapeError where they differ in steps or widths, or only some say where they start.
 */
export function joinTrials(parts: readonly Trials[]): Trials {
  const [first, ...others] = parts;
  if (first === undefined) throw new ShapeError("joinTrials: expected at least one batch of trials.");
  if (others.length === 0) return first;
  const { steps } = first;
  const trials = parts.reduce((sum, part) => sum + part.trials, 0);
  const joined: Record<string, Float32Array> = {};
  for (const name of [...timed, ...starts]) {
    const times = (starts as readonly string[]).includes(name) ? 1 : steps;
    const rows = parts.map((part) => rowsOf(part, name));
    if (rows.every((values) => values === undefined)) continue;
    const widths = new Set(rows.map((values, index) => (values?.length ?? 0) / (times * (parts[index]?.trials ?? 1))));
    const [width = 0] = widths;
    if (widths.size > 1 || parts.some((part) => part.steps !== steps))
      throw new ShapeError(`joinTrials: the stages' ${name} differ in steps or width, or some stages have none.`);
    const all = new Float32Array(times * trials * width);
    for (let time = 0; time < times; time += 1) {
      let at = time * trials * width;
      for (const [index, values] of rows.entries()) {
        const count = (parts[index]?.trials ?? 0) * width;
        if (values !== undefined) all.set(values.subarray(time * count, (time + 1) * count), at);
        at += count;
      }
    }
    joined[name] = all;
  }
  // A mask that no part has is left out.
  for (const mask of Object.values(maskOf))
    if (parts.every((part) => arraysOf(part)[mask] === undefined)) delete joined[mask];
  return { ...joined, steps, trials } as unknown as Trials;
}

/** An array of trials; where a mask is absent, all ones. */
function rowsOf(part: Trials, name: string): Float32Array | undefined {
  const arrays = arraysOf(part);
  const target = Object.keys(maskOf).find((key) => maskOf[key] === name);
  const values = target === undefined ? undefined : arrays[target];
  return arrays[name] ?? (values && new Float32Array(values.length).fill(1));
}

/** The outputs of some trials and the first steps of a batch, [steps, count, O] of [T, B, O]. */
export function outputsOf(
  outputs: Float32Array,
  batch: { readonly steps: number; readonly trials: number },
  part: { readonly first: number; readonly count: number; readonly steps: number },
): Float32Array {
  const width = outputs.length / (batch.steps * batch.trials);
  if (part.count === batch.trials) return outputs.subarray(0, part.steps * batch.trials * width);
  const own = new Float32Array(part.steps * part.count * width);
  for (let time = 0; time < part.steps; time += 1) {
    const start = (time * batch.trials + part.first) * width;
    own.set(outputs.subarray(start, start + part.count * width), time * part.count * width);
  }
  return own;
}
