import { ShapeError, ValueError } from "../errors.ts";
import type { ModelSpec } from "./model.ts";

/** Inputs over time: `inputs` [T, B, I], and optionally where each trial starts. */
export interface Stimuli {
  /** Time steps T. */
  readonly steps: number;
  /** Trials B. */
  readonly trials: number;
  readonly inputs: Float32Array;
  /**
   * Initial preactivation of every trial, [B, H]; absent = the model's v0. Of an LSTM the cell state; of a GRU the rate, absent =
   * the model's r0.
   */
  readonly v0?: Float32Array;
  /** Initial rate of every trial, [B, H], given together with v0; absent = f(v0), of an LSTM the model's r0, of a GRU v0. */
  readonly r0?: Float32Array;
}

/** Inputs with what the outputs should be: `targets` [T, B, O], `mask` [T, B, O] (absent = all 1). */
export interface Trials extends Stimuli {
  readonly targets: Float32Array;
  readonly mask?: Float32Array;
  /** What K units should do, such as rates recorded in a brain, [T, B, K]; NaN only where `rateMask` is 0. */
  readonly rateTargets?: Float32Array;
  /** [T, B, K]: 0 where nothing was recorded; absent = all 1. */
  readonly rateMask?: Float32Array;
}

/** @throws ShapeError naming the array. */
export function checkLength(label: string, values: ArrayLike<number>, shape: readonly number[], axes: string): void {
  const expected = shape.reduce((product, length) => product * length, 1);
  if (values.length !== expected) {
    throw new ShapeError(
      `${label}: expected [${shape.join(", ")}] (${axes}), that is ${expected} values, got ${values.length}.`,
    );
  }
}

/** @throws ValueError naming the first NaN or infinite value. */
export function checkFinite(label: string, values: Float32Array): void {
  for (let index = 0; index < values.length; index += 1) {
    if (!Number.isFinite(values[index])) {
      throw new ValueError(`${label}: value ${index} is ${values[index]}; every value must be finite.`);
    }
  }
}

function checkCount(label: string, count: number): void {
  if (!Number.isInteger(count) || count < 1) {
    throw new ShapeError(`${label}: expected a whole number of at least 1, got ${count}.`);
  }
}

/** A GRU's state is its rate. @throws ValueError naming the first entry where the two differ. */
export function checkSameState(state: string, v: Float32Array, rate: string, r: Float32Array): void {
  const odd = v.findIndex((value, index) => value !== r[index]);
  if (odd < 0) return;
  throw new ValueError(
    `${state}: value ${odd} is ${v[odd]}, but ${r[odd]} in ${rate}; a gru's state is its rate, so both must be the same.`,
  );
}

/** What trials must fit; without a cell, a CTRNN. */
type TrialSizes = Pick<ModelSpec, "inputs" | "hidden"> & { readonly cell?: ModelSpec["cell"] };

/** Checks inputs against a network before anything reaches the GPU. @throws ShapeError, ValueError */
export function checkStimuli(stimuli: Stimuli, spec: TrialSizes): void {
  const { steps, trials, inputs, v0, r0 } = stimuli;
  checkCount("time steps", steps);
  checkCount("trials", trials);
  checkLength("inputs", inputs, [steps, trials, spec.inputs], "time, batch, inputs");
  checkFinite("inputs", inputs);
  for (const [name, values] of Object.entries({ v0, r0 })) {
    if (values === undefined) continue;
    checkLength(name, values, [trials, spec.hidden], "batch, hidden");
    checkFinite(name, values);
  }
  if (r0 !== undefined && v0 === undefined) throw new ShapeError("r0: the rates are given without v0; give both.");
  if (spec.cell === "gru" && v0 !== undefined && r0 !== undefined) checkSameState("v0", v0, "r0", r0);
}

/** Checks trials against a network before anything reaches the GPU. @throws ShapeError, ValueError */
export function checkTrials(data: Trials, spec: TrialSizes & Pick<ModelSpec, "outputs">): void {
  checkStimuli(data, spec);
  const shape = [data.steps, data.trials, spec.outputs];
  checkLength("targets", data.targets, shape, "time, batch, outputs");
  checkFinite("targets", data.targets);
  if (data.mask !== undefined) {
    checkLength("mask", data.mask, shape, "time, batch, outputs");
    checkMask("mask", data.mask);
  }
  checkRecording(data);
}

function checkMask(label: string, mask: Float32Array): void {
  checkFinite(label, mask);
  const negative = mask.findIndex((value) => value < 0);
  if (negative < 0) return;
  throw new ValueError(`${label}: value ${negative} is ${mask[negative]}; a trial mask must not be negative.`);
}

/** Checks what was recorded in trials; a network need not have as many units. @throws ShapeError, ValueError */
export function checkRecording({
  steps,
  trials,
  rateTargets,
  rateMask,
}: Pick<Trials, "steps" | "trials" | "rateTargets" | "rateMask">): void {
  if (rateTargets === undefined) {
    if (rateMask === undefined) return;
    throw new ShapeError(
      "rateMask: there are no rateTargets [time, batch, recorded units] that it could be the mask of.",
    );
  }
  const recorded = rateTargets.length / (steps * trials);
  if (!Number.isInteger(recorded) || recorded < 1) {
    throw new ShapeError(
      `rateTargets: expected [${steps}, ${trials}, K] (time, batch, recorded units), K at least 1, got ${rateTargets.length} values.`,
    );
  }
  if (rateMask !== undefined) {
    checkLength("rateMask", rateMask, [steps, trials, recorded], "time, batch, recorded units");
    checkMask("rateMask", rateMask);
  }
  const wrong = rateTargets.findIndex(
    (value, index) => !Number.isFinite(value) && !(Number.isNaN(value) && rateMask?.[index] === 0),
  );
  if (wrong < 0) return;
  throw new ValueError(
    `rateTargets: value ${wrong} is ${rateTargets[wrong]}; every value must be finite, or NaN where rateMask is 0.`,
  );
}
