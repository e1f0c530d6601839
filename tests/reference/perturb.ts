import type { Model } from "../../src/network/model.ts";
import { effectiveWeights, type ForwardOptions, forward, initialState, layerOf } from "./ctrnn.ts";
import { type GatedModel, gatedForward, gatedInitialState } from "./gated.ts";
import { at, type Numbers } from "./numbers.ts";
import { nextSynapse, restingSynapse, type Synapse } from "./synapses.ts";

/** What is done at each step, written out for every step. */
export interface ReferencePerturbation {
  /** Units whose rate is 0 at a step. */
  silent?(step: number): readonly number[];
  /** Factor on the recurrent weight at a step. */
  factor?(step: number, post: number, pre: number): number;
  /** Added to the drive. */
  current?(step: number, trial: number, unit: number): number;
  /** Added to v before a step; undefined where nothing is done, so that the rate stays as it was. */
  kick?(step: number, trial: number, unit: number): number | undefined;
}

export interface PerturbedRun {
  readonly v: Float64Array;
  readonly r: Float64Array;
  readonly outputs: Float64Array;
}

/**
 * A perturbed run, float64: single steps of single trials. At step t the weights are W ∘ C[t], the bias is b + I[t], and
 * afterwards r = 0 for silent units, whose synapses within the step (layers) are left out and whose short-term plasticity
 * sees that rate of 0; y[t] follows from these rates.
 */
export function perturbed(
  model: Model,
  run: { time: number; batch: number; inputs: Numbers },
  options: Pick<ForwardOptions, "v0" | "r0" | "preNoise" | "postNoise">,
  acts: ReferencePerturbation,
  rateOf: (unit: number, v: number) => number,
): PerturbedRun {
  const { spec } = model;
  const { inputs, hidden, outputs } = spec;
  const { time, batch } = run;
  const plain = effectiveWeights(model);
  const v = new Float64Array(time * batch * hidden);
  const r = new Float64Array(time * batch * hidden);
  const y = new Float64Array(time * batch * outputs);
  const start = initialState(model, batch, options);
  const part = (values: Numbers | undefined, row: number): Float64Array | undefined =>
    values && Float64Array.from({ length: hidden }, (_, unit) => at(values, row * hidden + unit));
  for (let b = 0; b < batch; b += 1) {
    let state: Float64Array = start.v.slice(b * hidden, (b + 1) * hidden);
    let rates: Float64Array = start.r.slice(b * hidden, (b + 1) * hidden);
    for (const unit of acts.silent?.(0) ?? []) rates[unit] = 0;
    let synapses: Synapse[] = Array.from({ length: hidden }, (_, unit) =>
      nextSynapse(spec, unit, restingSynapse(spec, unit), at(rates, unit)),
    );
    // A kick before the first step is another start: its synapses are at rest before that rate.
    for (let unit = 0; unit < hidden; unit += 1) {
      const kick = acts.kick?.(0, b, unit);
      if (kick === undefined || (acts.silent?.(0) ?? []).includes(unit)) continue;
      synapses[unit] = nextSynapse(spec, unit, restingSynapse(spec, unit), rateOf(unit, at(state, unit) + kick));
    }
    for (let t = 0; t < time; t += 1) {
      const silent = new Set(acts.silent?.(t) ?? []);
      const before = new Set(t === 0 ? silent : (acts.silent?.(t - 1) ?? []));
      for (let unit = 0; unit < hidden; unit += 1) {
        const kick = acts.kick?.(t, b, unit);
        if (kick === undefined) continue;
        state[unit] = at(state, unit) + kick;
        if (!before.has(unit)) rates[unit] = rateOf(unit, at(state, unit));
      }
      const weightHH = plain.weightHH.map((weight, index) => {
        const [post, pre] = [Math.floor(index / hidden), index % hidden];
        const within = layerOf(spec, pre) < layerOf(spec, post);
        return within && silent.has(pre) ? 0 : weight * (acts.factor?.(t, post, pre) ?? 1);
      });
      const biasH = Float64Array.from(model.parameters.biasH, (bias, unit) => bias + (acts.current?.(t, b, unit) ?? 0));
      const row = t * batch + b;
      const [preNoise, postNoise] = [part(options.preNoise, row), part(options.postNoise, row)];
      const next = forward(
        {
          spec: { ...spec, constraint: "project" },
          parameters: { ...model.parameters, ...plain, weightHH, biasH },
          masks: {},
          signs: {},
        },
        {
          time: 1,
          batch: 1,
          inputs: Array.from({ length: inputs }, (_, channel) => at(run.inputs, row * inputs + channel)),
        },
        { v0: state, r0: rates, synapses, ...(preNoise && { preNoise }), ...(postNoise && { postNoise }) },
      );
      const held = synapses;
      state = next.v;
      rates = next.r;
      synapses = next.synapses.slice(hidden);
      for (const unit of silent) {
        rates[unit] = 0;
        synapses[unit] = nextSynapse(spec, unit, held[unit] ?? { x: Number.NaN, u: Number.NaN }, 0);
      }
      v.set(state, row * hidden);
      r.set(rates, row * hidden);
      for (let o = 0; o < outputs; o += 1) {
        let sum = at(model.parameters.biasO, o);
        for (let unit = 0; unit < hidden; unit += 1) sum += at(plain.weightHO, o * hidden + unit) * at(rates, unit);
        y[row * outputs + o] = sum;
      }
    }
  }
  return { v, r, outputs: y };
}

/** What is done to an LSTM or a GRU at each step. */
export interface GatedPerturbation extends Pick<ReferencePerturbation, "silent" | "factor"> {
  /** Added to what a gate (in PyTorch's order) is the sigmoid or the tanh of; of a GRU's n outside of the reset gate. */
  current?(step: number, trial: number, gate: number, unit: number): number;
  /** Added to c of an LSTM, h of a GRU, before a step. */
  kick?(step: number, trial: number, unit: number): number;
  /** Added to h of an LSTM before a step. */
  rateKick?(step: number, trial: number, unit: number): number;
}

/**
 * A perturbed run of an LSTM or a GRU, float64: single steps of single trials. At step t all gates' recurrent weights are
 * W ∘ C[t], the biases b + I[t]; afterwards c = h = 0 for silent units, and y[t] follows from these rates.
 */
export function perturbedGated(
  model: GatedModel,
  run: { time: number; batch: number; inputs: Numbers },
  options: Pick<ForwardOptions, "v0" | "r0" | "preNoise" | "postNoise">,
  acts: GatedPerturbation,
): PerturbedRun {
  const { spec, parameters } = model;
  const { inputs, hidden, outputs, cell } = spec;
  const { time, batch } = run;
  const v = new Float64Array(time * batch * hidden);
  const r = new Float64Array(time * batch * hidden);
  const y = new Float64Array(time * batch * outputs);
  const plain = effectiveWeights(model);
  const part = (values: Numbers | undefined, row: number): Float64Array | undefined =>
    values && Float64Array.from({ length: hidden }, (_, unit) => at(values, row * hidden + unit));
  for (let b = 0; b < batch; b += 1) {
    const start = Array.from({ length: hidden }, (_, unit) => gatedInitialState(model, options, b, unit));
    const state = Float64Array.from(start, (own) => own.v);
    const rates = Float64Array.from(start, (own) => own.r);
    for (let t = 0; t < time; t += 1) {
      const silent = acts.silent?.(t) ?? [];
      const before = t === 0 ? silent : (acts.silent?.(t - 1) ?? []);
      for (let unit = 0; unit < hidden; unit += 1) {
        state[unit] = at(state, unit) + (acts.kick?.(t, b, unit) ?? 0);
        rates[unit] = before.includes(unit) ? 0 : at(rates, unit) + (acts.rateKick?.(t, b, unit) ?? 0);
        if (cell !== "gru") continue;
        if (before.includes(unit)) state[unit] = 0;
        else rates[unit] = at(state, unit);
      }
      const weightHH = plain.weightHH.map((weight, index) => {
        const [post, pre] = [Math.floor(index / hidden) % hidden, index % hidden];
        return weight * (acts.factor?.(t, post, pre) ?? 1);
      });
      const biasH = Float64Array.from(
        parameters.biasH,
        (bias, row) => bias + (acts.current?.(t, b, Math.floor(row / hidden), row % hidden) ?? 0),
      );
      const row = t * batch + b;
      const [preNoise, postNoise] = [part(options.preNoise, row), part(options.postNoise, row)];
      const next = gatedForward(
        {
          spec: { ...spec, constraint: "project" },
          parameters: { ...parameters, ...plain, weightHH, biasH },
          masks: {},
          signs: {},
        },
        {
          time: 1,
          batch: 1,
          inputs: Array.from({ length: inputs }, (_, channel) => at(run.inputs, row * inputs + channel)),
        },
        { v0: state, r0: rates, ...(preNoise && { preNoise }), ...(postNoise && { postNoise }) },
      );
      for (let unit = 0; unit < hidden; unit += 1) {
        state[unit] = silent.includes(unit) ? 0 : at(next.v, unit);
        rates[unit] = silent.includes(unit) ? 0 : at(next.r, unit);
      }
      v.set(state, row * hidden);
      r.set(rates, row * hidden);
      for (let o = 0; o < outputs; o += 1) {
        let sum = at(parameters.biasO, o);
        for (let unit = 0; unit < hidden; unit += 1) sum += at(plain.weightHO, o * hidden + unit) * at(rates, unit);
        y[row * outputs + o] = sum;
      }
    }
  }
  return { v, r, outputs: y };
}
