import type { ParameterName } from "../../src/network/model.ts";
import { unitNoise, unitSlope } from "./activation.ts";
import {
  effectiveWeights,
  type ForwardOptions,
  type InputSequence,
  initialState,
  layerOf,
  noiseFactorSlope,
  type ReferenceModel,
  type Trajectory,
} from "./ctrnn.ts";
import { rawWeightGradient } from "./effective-weights.ts";
import { add, at, type Numbers } from "./numbers.ts";
import { restingSynapse, type Synapse, synapseGradient } from "./synapses.ts";

/** The loss's own derivatives, everything else held fixed; an absent one is 0. */
export interface DirectGradients {
  /** ∂L/∂y [time, batch, outputs]. */
  readonly outputs?: Numbers | undefined;
  /** ∂L/∂r [time, batch, hidden], from penalties on the rates. */
  readonly r?: Numbers | undefined;
  /** ∂L/∂v [time, batch, hidden], from penalties on the preactivations. */
  readonly v?: Numbers | undefined;
}

export interface Gradients {
  /** By the raw parameters, in their shapes; `v0` [hidden] is summed over the batch. */
  readonly parameters: Readonly<Record<ParameterName, Float64Array>>;
  /** By v[-1] of every trial [batch, hidden]; it flows through r[-1] = f(v0) unless r0 was given. */
  readonly v0: Float64Array;
  /** By r[-1] of every trial [batch, hidden]. */
  readonly r0: Float64Array;
  /** Total dL/dv[t] [time, batch, hidden]. */
  readonly v: Float64Array;
  /** Total dL/dr[t] [time, batch, hidden]. */
  readonly r: Float64Array;
}

/**
 * Backpropagation through time, float64. With d[t] = W_hh r[t-1] + W_ih u[t] + b_h, in the order of the loops:
 * dr[t] = W_hoᵀ ∂L/∂y[t] + ∂L/∂r[t] + W_hhᵀ (α dv[t+1])   (rate form: + (1-α) dv[t+1]);
 * dv[t] = f'(v[t]) dr[t] + ∂L/∂v[t]                        (state form: + (1-α) dv[t+1]);
 * with layers the last term of dr[t] is W_hhᵀ (α dv[t]) from units of later layers; with short-term plasticity it is the
 * derivative by u x r, and goes on to r, x and u;
 * dα += dv[t] (d[t] - previous + s'(α) σ ξ[t]), previous = v[t-1] (state form) or r[t-1] (rate form).
 */
export function backward(
  model: ReferenceModel,
  sequence: InputSequence,
  options: ForwardOptions,
  trajectory: Trajectory,
  direct: DirectGradients,
): Gradients {
  const { spec, parameters } = model;
  const { inputs: inputCount, hidden, outputs: outputCount, noise } = spec;
  const { time, batch } = sequence;
  const weights = effectiveWeights(model);
  const initial = initialState(model, batch, options);
  const weightIH = new Float64Array(hidden * inputCount);
  const weightHH = new Float64Array(hidden * hidden);
  const weightHO = new Float64Array(outputCount * hidden);
  const biasH = new Float64Array(hidden);
  const biasO = new Float64Array(outputCount);
  const alphaGradient = new Float64Array(hidden);
  const v0 = new Float64Array(hidden);
  const dv = new Float64Array(time * batch * hidden);
  const dr = new Float64Array(time * batch * hidden);
  const v0Trials = new Float64Array(batch * hidden);
  const r0Trials = new Float64Array(batch * hidden);
  const synapses: Synapse[] = Array.from({ length: batch * hidden }, () => ({ x: 0, u: 0 }));

  for (let b = 0; b < batch; b += 1) {
    for (let t = time - 1; t >= 0; t -= 1) {
      const row = t * batch + b;
      for (let i = hidden - 1; i >= 0; i -= 1) {
        const index = row * hidden + i;
        let total = rateGradientFromStep(t, b, i) + (direct.r ? at(direct.r, index) : 0);
        for (let o = 0; o < outputCount; o += 1) {
          total += at(weights.weightHO, o * hidden + i) * outputGradient(row, o);
        }
        dr[index] = total;
        dv[index] =
          unitSlope(spec, i, at(trajectory.v, index)) * total +
          stateGradientFromStep(t + 1, b, i) +
          (direct.v ? at(direct.v, index) : 0);
      }
      for (let i = 0; i < hidden; i += 1) accumulateStep(t, b, i);
      for (let o = 0; o < outputCount; o += 1) {
        add(biasO, o, outputGradient(row, o));
        for (let j = 0; j < hidden; j += 1) {
          add(weightHO, o * hidden + j, outputGradient(row, o) * at(trajectory.r, row * hidden + j));
        }
      }
    }
    for (let i = 0; i < hidden; i += 1) {
      const index = b * hidden + i;
      const throughRate = rateGradientFromStep(-1, b, i);
      const slope = options.r0 ? 0 : unitSlope(spec, i, at(initial.v, index));
      r0Trials[index] = throughRate;
      v0Trials[index] = stateGradientFromStep(0, b, i) + slope * throughRate;
      add(v0, i, at(v0Trials, index));
    }
  }

  const raw = (name: "weightIH" | "weightHH" | "weightHO", effective: Float64Array): Float64Array =>
    rawWeightGradient(spec.constraint, effective, parameters[name], model.masks[name], model.signs[name]);
  return {
    parameters: {
      weightIH: raw("weightIH", weightIH),
      weightHH: raw("weightHH", weightHH),
      biasH,
      weightHO: raw("weightHO", weightHO),
      biasO,
      alpha: alphaGradient,
      v0,
      biasN: new Float64Array(0),
      r0: new Float64Array(0),
    },
    v0: v0Trials,
    r0: r0Trials,
    v: dv,
    r: dr,
  };

  function outputGradient(row: number, o: number): number {
    return direct.outputs ? at(direct.outputs, row * outputCount + o) : 0;
  }

  /** What steps that are already done send back to unit j's rate at t, through its synapses and the leak. */
  function rateGradientFromStep(t: number, b: number, j: number): number {
    let seen = 0;
    for (let i = 0; i < hidden; i += 1) {
      const step = layerOf(spec, j) < layerOf(spec, i) ? t : t + 1;
      if (step === time || step < 0) continue;
      seen += at(weights.weightHH, i * hidden + j) * at(parameters.alpha, i) * at(dv, (step * batch + b) * hidden + i);
    }
    const rate = t < 0 ? at(initial.r, b * hidden + j) : at(trajectory.r, (t * batch + b) * hidden + j);
    const before = t < 0 ? restingSynapse(spec, j) : trajectory.synapses[(t * batch + b) * hidden + j];
    const later = synapses[b * hidden + j];
    if (before === undefined || later === undefined) throw new RangeError("no synapse");
    const back = synapseGradient(spec, j, before, rate, seen, later);
    synapses[b * hidden + j] = back.before;
    const leaks = spec.form === "rate" && t + 1 < time;
    return back.r + (leaks ? (1 - at(parameters.alpha, j)) * at(dv, ((t + 1) * batch + b) * hidden + j) : 0);
  }

  /** What step t sends back to unit i's preactivation at t-1, other than through its rate. */
  function stateGradientFromStep(t: number, b: number, i: number): number {
    if (t === time || spec.form === "rate") return 0;
    return (1 - at(parameters.alpha, i)) * at(dv, (t * batch + b) * hidden + i);
  }

  /** Adds what dv[t, b, i] gives to the parameters that enter v[t, b, i]. */
  function accumulateStep(t: number, b: number, i: number): void {
    const row = t * batch + b;
    const alpha = at(parameters.alpha, i);
    const gradient = at(dv, row * hidden + i);
    const previous = (values: Float64Array, first: Float64Array, j: number): number =>
      t === 0 ? at(first, b * hidden + j) : at(values, (row - batch) * hidden + j);
    let drive = at(parameters.biasH, i);
    add(biasH, i, alpha * gradient);
    for (let j = 0; j < hidden; j += 1) {
      const within = layerOf(spec, j) < layerOf(spec, i);
      const synapse = trajectory.synapses[((within ? t + 1 : t) * batch + b) * hidden + j];
      const rate =
        (within ? at(trajectory.r, row * hidden + j) : previous(trajectory.r, initial.r, j)) *
        (synapse === undefined ? Number.NaN : synapse.u * synapse.x);
      drive += at(weights.weightHH, i * hidden + j) * rate;
      add(weightHH, i * hidden + j, alpha * gradient * rate);
    }
    for (let k = 0; k < inputCount; k += 1) {
      const input = at(sequence.inputs, row * inputCount + k);
      drive += at(weights.weightIH, i * inputCount + k) * input;
      add(weightIH, i * inputCount + k, alpha * gradient * input);
    }
    const leaked = spec.form === "state" ? previous(trajectory.v, initial.v, i) : previous(trajectory.r, initial.r, i);
    let slope = drive - leaked;
    if (options.preNoise) {
      slope += noiseFactorSlope(noise.scale, alpha) * unitNoise(spec, i).pre * at(options.preNoise, row * hidden + i);
    }
    add(alphaGradient, i, gradient * slope);
  }
}
