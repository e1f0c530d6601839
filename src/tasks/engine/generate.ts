import { ValueError } from "../../errors.ts";
import type { Period, TrialBatch } from "../task.ts";
import { type BatchRequest, type DefinedBatchOptions, readRequest } from "./batch-request.ts";
import type { CompiledInput, CompiledOutput } from "./channels.ts";
import { type CompiledTask, catchName } from "./compiled-task.ts";
import { type MutableValues, purposes, type TrialKey } from "./conditions.ts";
import { type DrawnTrials, drawTrials, emptyValues, stepsOfBatch } from "./draw-trials.ts";
import { NoiseStream } from "./noise-stream.ts";
import { Clock } from "./periods.ts";
import { BatchTimeline } from "./timeline.ts";
import { fillRange, gather, levelOf, scatter, type TrialSlice } from "./trial-slice.ts";

/** Makes batches of a compiled task. Between batches it keeps nothing. */
export class Generator {
  readonly task: CompiledTask;
  readonly #noise = new NoiseStream();
  readonly #inputCount: number;
  readonly #outputCount: number;

  constructor(task: CompiledTask) {
    this.task = task;
    const count = (groups: readonly { readonly size: number }[]): number =>
      groups.reduce((sum, { size }) => sum + size, 0);
    this.#inputCount = count(task.inputs);
    this.#outputCount = count(task.outputs);
  }

  /** @throws as {@link Task.batch}. */
  batch(given: DefinedBatchOptions & Readonly<Record<string, unknown>>): TrialBatch {
    const { task } = this;
    const request = readRequest(task, given);
    const { trials, dtMs } = request;
    const drawn = drawTrials(task, request);
    const correct = this.#correctChoices(drawn);
    const steps = stepsOfBatch(task, request, drawn);
    const inputs = new Float32Array(steps * trials * this.#inputCount);
    const targets = new Float32Array(steps * trials * this.#outputCount);
    const mask = new Float32Array(steps * trials * this.#outputCount);
    this.#layOut(request, drawn, { inputs, targets, mask });
    return {
      ...{ steps, trials, dtMs, inputs, targets, mask, lengths: drawn.lengths },
      conditions: Object.fromEntries(drawn.columns),
      ...(drawn.vectors.size > 0 && { vectors: Object.fromEntries(drawn.vectors) }),
      ...(correct && { correct }),
      periods: Object.fromEntries(
        task.periods.map(({ name }, index) => [
          name,
          periodOfTrials(drawn.starts[index] as Int32Array, drawn.ends[index] as Int32Array),
        ]),
      ),
    };
  }

  #correctChoices({ columns }: DrawnTrials): Int32Array | undefined {
    const { correct, choices, name } = this.task;
    const values = correct === undefined ? undefined : columns.get(correct);
    const wrong = values?.find((value) => !Number.isInteger(value) || value < 0 || value >= choices);
    if (wrong !== undefined)
      throw new ValueError(
        `${name} batch: ${correct}: expected the number of a choice, 0 … ${choices - 1}, got ${wrong}.`,
      );
    return values && Int32Array.from(values);
  }

  /** Writes every trial over time. */
  #layOut(
    request: BatchRequest,
    drawn: DrawnTrials,
    arrays: { readonly inputs: Float32Array; readonly targets: Float32Array; readonly mask: Float32Array },
  ): void {
    const { task } = this;
    const { trials, dtMs } = request;
    const values = emptyValues(task, dtMs);
    const place = { trials, width: this.#inputCount };
    const out = { trials, width: this.#outputCount };
    const grace = task.graceMs.map((ms) => (ms === 0 ? 0 : this.#steps(ms, dtMs)));
    for (let trial = 0; trial < trials; trial += 1) {
      for (const [name, column] of drawn.columns) values[name] = column[trial] as number;
      for (const { name, count } of task.vectors)
        (values[name] as Float64Array).set(
          (drawn.vectors.get(name) as Float64Array).subarray(trial * count, (trial + 1) * count),
        );
      const layer = {
        trial,
        values,
        drawn,
        caught: values[catchName] === 1 && task.inputs.some(({ silent }) => silent),
        inputs: { values: arrays.inputs, ...place, trial },
        targets: { values: arrays.targets, ...out, trial },
        mask: { values: arrays.mask, ...out, trial },
      };
      const timeline = new BatchTimeline(task, { ...layer, dtMs, key: drawn.keys[trial] as TrialKey });
      this.#layInputs(layer, timeline);
      this.#layOutputs(layer, timeline, grace);
      this.#addNoise(layer, timeline, dtMs);
    }
  }

  #steps(ms: number, dtMs: number): number {
    const clock = new Clock(this.task.rounding, dtMs);
    clock.pass(ms);
    return clock.step;
  }

  #layInputs({ values, drawn, trial, caught, inputs }: Layer, timeline: BatchTimeline): void {
    this.task.inputs.forEach((group, index) => {
      if (caught && group.silent) return;
      this.#layLevels(`inputs.${group.name}`, group, group.levels, { values, drawn, trial, into: inputs });
      if (group.fill === undefined) return;
      const whole = gather(inputs, group, timeline.steps);
      group.fill(whole, values, timeline.for(purposes.fills + index));
      scatter(inputs, group, timeline.steps, whole);
    });
  }

  #layOutputs(
    { values, drawn, trial, caught, targets, mask }: Layer,
    timeline: BatchTimeline,
    grace: readonly number[],
  ): void {
    const inputCount = this.task.inputs.length;
    this.task.outputs.forEach((group, index) => {
      const { name, fill, fillMask } = group;
      const levels = caught ? group.catchLevels : group.levels;
      this.#layLevels(`outputs.${name}`, group, levels, { values, drawn, trial, into: targets });
      if (fill !== undefined && !caught) {
        const whole = gather(targets, group, timeline.steps);
        fill(whole, values, timeline.for(purposes.fills + inputCount + 2 * index));
        scatter(targets, group, timeline.steps, whole);
      }
      const into = { values, drawn, trial, into: mask, scale: group.weight };
      this.#layLevels(`mask of ${name}`, group, group.mask, into);
      if (fillMask !== undefined) {
        const whole = gather(mask, group, timeline.steps);
        fillMask(whole, values, timeline.for(purposes.fills + inputCount + 2 * index + 1));
        scatter(mask, group, timeline.steps, whole);
      }
      grace.forEach((steps, period) => {
        if (steps === 0) return;
        const from = drawn.starts[period]?.[trial] as number;
        fillRange(mask, group, from, Math.min(from + steps, drawn.ends[period]?.[trial] as number), 0);
      });
    });
  }

  #layLevels(
    label: string,
    group: CompiledInput | CompiledOutput,
    levels: CompiledInput["levels"],
    to: Pick<Layer, "values" | "drawn" | "trial"> & { readonly into: TrialSlice; readonly scale?: number },
  ): void {
    for (let period = 0; period < levels.length; period += 1) {
      const level = levels[period];
      const from = to.drawn.starts[period]?.[to.trial] as number;
      const end = to.drawn.ends[period]?.[to.trial] as number;
      if (level === undefined || from === end) continue;
      const name = this.task.periods[period]?.name;
      const value = levelOf(`${this.task.name}: ${label}.${name}`, level, to.values, group.size);
      // What it would be written to is 0.
      if (value === 0) continue;
      fillRange(to.into, group, from, end, value, to.scale);
    }
  }

  #addNoise({ values, drawn, trial, inputs }: Layer, timeline: BatchTimeline, dtMs: number): void {
    const { trials, width, values: all } = inputs;
    const stride = trials * width;
    const [key0, key1] = drawn.keys[trial] as TrialKey;
    this.task.inputs.forEach(({ noise, offset, size, name }, index) => {
      if (noise === undefined) return;
      const sd = noise.sd(values, dtMs);
      if (!(sd >= 0 && sd < Number.POSITIVE_INFINITY))
        throw new ValueError(`${this.task.name}: inputs.${name}: noise: expected a standard deviation, got ${sd}.`);
      if (sd === 0) return;
      this.#noise.start(key0, key1, purposes.noise + index);
      const add = (from: number, to: number): void =>
        this.#noise.add(all, (from * trials + trial) * width + offset, stride, to - from, size, sd);
      if (noise.during === undefined) add(0, timeline.steps);
      for (const period of noise.during ?? [])
        add(drawn.starts[period]?.[trial] as number, drawn.ends[period]?.[trial] as number);
    });
    if (!this.task.rectifyInputs) return;
    for (let step = 0, at = trial * width; step < timeline.steps; step += 1, at += stride)
      for (let channel = at; channel < at + width; channel += 1) all[channel] = Math.max(0, all[channel] as number);
  }
}

/** One trial of a batch while it is laid out. */
interface Layer {
  readonly trial: number;
  readonly values: MutableValues;
  readonly drawn: DrawnTrials;
  /** A catch trial. */
  readonly caught: boolean;
  readonly inputs: TrialSlice;
  readonly targets: TrialSlice;
  readonly mask: TrialSlice;
}

/** A period of all trials: one pair of steps where they agree, else the steps of each, too. */
function periodOfTrials(starts: Int32Array, ends: Int32Array): Period {
  const from = Math.min(...starts);
  const to = Math.max(...ends);
  const same = starts.every((start) => start === from) && ends.every((end) => end === to);
  return same ? { from, to } : { from, to, starts, ends };
}
