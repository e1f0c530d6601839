import type { NoiseScale } from "../../src/io/model-schema.ts";
import type { ModelSpec, ParameterName, WeightName } from "../../src/network/model.ts";
import { unitNoise, unitRate } from "./activation.ts";
import { effectiveWeight } from "./effective-weights.ts";
import { add, at, type Numbers } from "./numbers.ts";
import { nextSynapse, restingSynapse, type Synapse } from "./synapses.ts";

/** What the reference needs of a model: a `Model` is one, and so is the same with float64 parameters. */
export interface ReferenceModel {
  readonly spec: Pick<
    ModelSpec,
    | "inputs"
    | "hidden"
    | "outputs"
    | "activation"
    | "form"
    | "noise"
    | "units"
    | "constraint"
    | "layers"
    | "shortTermPlasticity"
    | "dtMs"
  >;
  readonly parameters: Readonly<Record<ParameterName, Numbers>>;
  readonly masks: Readonly<Partial<Record<WeightName, Numbers>>>;
  readonly signs: Readonly<Partial<Record<WeightName, Numbers>>>;
}

/** inputs [time, batch, inputs]. */
export interface InputSequence {
  readonly time: number;
  readonly batch: number;
  readonly inputs: Numbers;
}

export interface ForwardOptions {
  /** [batch, hidden]; absent = the model's v0 for every trial. */
  readonly v0?: Numbers | undefined;
  /** [batch, hidden]; absent = f(v0). */
  readonly r0?: Numbers | undefined;
  /** [batch, hidden]; absent = at rest before r[-1]. */
  readonly synapses?: readonly Synapse[] | undefined;
  /** ξ [time, batch, hidden], standard normal; absent = no noise on the preactivation. */
  readonly preNoise?: Numbers | undefined;
  /** η [time, batch, hidden], standard normal; absent = no noise on the rate. */
  readonly postNoise?: Numbers | undefined;
}

export interface Trajectory {
  /** Preactivations [time, batch, hidden]. */
  readonly v: Float64Array;
  /** Rates [time, batch, hidden], post-noise included. */
  readonly r: Float64Array;
  /** [time, batch, outputs]. */
  readonly outputs: Float64Array;
  /** Resources and release probabilities of each unit's synapses after every step, slot 0 the state at rest [time + 1, batch, hidden]. */
  readonly synapses: readonly Synapse[];
}

/** The state before the first step: v [batch, hidden], r [batch, hidden]. */
export interface InitialState {
  readonly v: Float64Array;
  readonly r: Float64Array;
}

/**
 * The dynamics, float64, one loop per index of the formula. With α per unit and s the noise scale:
 * state form: v[t] = (1-α) v[t-1] + α (W_hh r[t-1] + W_ih u[t] + b_h) + s σ_pre ξ[t];
 * rate form:  v[t] = (1-α) r[t-1] + α (W_hh r[t-1] + W_ih u[t] + b_h) + s σ_pre ξ[t];
 * both: r[t] = f(v[t]) + σ_post η[t], which is fed back; y[t] = W_ho r[t] + b_o.
 * From a unit of an earlier layer it is r[t] that counts, in place of r[t-1]. With short-term plasticity it is u x r, x and
 * u as that r has left them.
 */
export function forward(model: ReferenceModel, sequence: InputSequence, options: ForwardOptions = {}): Trajectory {
  const { hidden, outputs: outputCount, form, noise } = model.spec;
  const { time, batch } = sequence;
  const weights = effectiveWeights(model);
  const initial = initialState(model, batch, options);
  const v = new Float64Array(time * batch * hidden);
  const r = new Float64Array(time * batch * hidden);
  const outputs = new Float64Array(time * batch * outputCount);
  const synapses: Synapse[] = [];
  for (let b = 0; b < batch; b += 1) {
    for (let i = 0; i < hidden; i += 1) {
      const first = nextSynapse(model.spec, i, restingSynapse(model.spec, i), at(initial.r, b * hidden + i));
      synapses.push(options.synapses?.[b * hidden + i] ?? first);
    }
  }
  for (let t = 0; t < time; t += 1) {
    for (let b = 0; b < batch; b += 1) {
      for (let i = 0; i < hidden; i += 1) {
        const index = (t * batch + b) * hidden + i;
        const alpha = at(model.parameters.alpha, i);
        const previous = previousValue(form === "state" ? v : r, form === "state" ? initial.v : initial.r, t, b, i);
        let next = (1 - alpha) * previous + alpha * drive(t, b, i);
        if (options.preNoise)
          next += noiseFactor(noise.scale, alpha) * unitNoise(model.spec, i).pre * at(options.preNoise, index);
        v[index] = next;
        r[index] =
          unitRate(model.spec, i, next) +
          (options.postNoise ? unitNoise(model.spec, i).post * at(options.postNoise, index) : 0);
        synapses.push(nextSynapse(model.spec, i, synapseAt(t, b, i), at(r, index)));
      }
      for (let o = 0; o < outputCount; o += 1) {
        const index = (t * batch + b) * outputCount + o;
        outputs[index] = at(model.parameters.biasO, o);
        for (let j = 0; j < hidden; j += 1) {
          add(outputs, index, at(weights.weightHO, o * hidden + j) * at(r, (t * batch + b) * hidden + j));
        }
      }
    }
  }
  return { v, r, outputs, synapses };

  function synapseAt(slot: number, b: number, i: number): Synapse {
    return synapses[(slot * batch + b) * hidden + i] ?? { x: Number.NaN, u: Number.NaN };
  }

  function previousValue(values: Float64Array, first: Float64Array, t: number, b: number, i: number): number {
    return t === 0 ? at(first, b * hidden + i) : at(values, ((t - 1) * batch + b) * hidden + i);
  }

  function drive(t: number, b: number, i: number): number {
    let total = at(model.parameters.biasH, i);
    for (let j = 0; j < hidden; j += 1) {
      const slot = layerOf(model.spec, j) < layerOf(model.spec, i) ? t + 1 : t;
      const { x, u } = synapseAt(slot, b, j);
      total += at(weights.weightHH, i * hidden + j) * u * x * previousValue(r, initial.r, slot, b, j);
    }
    const { inputs } = model.spec;
    for (let k = 0; k < inputs; k += 1) {
      total += at(weights.weightIH, i * inputs + k) * at(sequence.inputs, (t * batch + b) * inputs + k);
    }
    return total;
  }
}

/** The layer of a unit, 0 where there are none. */
export function layerOf({ layers }: Pick<ModelSpec, "layers">, unit: number): number {
  return layers?.findIndex(({ from, to }) => unit >= from && unit < to) ?? 0;
}

/** v[-1] and r[-1] of every trial. */
export function initialState(model: ReferenceModel, batch: number, options: ForwardOptions): InitialState {
  const { hidden } = model.spec;
  const v = new Float64Array(batch * hidden);
  const r = new Float64Array(batch * hidden);
  for (let b = 0; b < batch; b += 1) {
    for (let i = 0; i < hidden; i += 1) {
      const index = b * hidden + i;
      v[index] = options.v0 ? at(options.v0, index) : at(model.parameters.v0, i);
      r[index] = options.r0 ? at(options.r0, index) : unitRate(model.spec, i, at(v, index));
    }
  }
  return { v, r };
}

/** All three effective weights. */
export function effectiveWeights(model: ReferenceModel): Record<WeightName, Float64Array> {
  const effective = (name: WeightName): Float64Array =>
    effectiveWeight(model.spec.constraint, model.parameters[name], model.masks[name], model.signs[name]);
  return { weightIH: effective("weightIH"), weightHH: effective("weightHH"), weightHO: effective("weightHO") };
}

/** s in s σ ξ. */
export function noiseFactor(scale: NoiseScale, alpha: number): number {
  switch (scale) {
    case "alpha":
      return alpha;
    case "unit":
      return 1;
    case "sqrt2alpha":
      return Math.sqrt(2 * alpha);
  }
}

/** ds/dα. */
export function noiseFactorSlope(scale: NoiseScale, alpha: number): number {
  switch (scale) {
    case "alpha":
      return 1;
    case "unit":
      return 0;
    case "sqrt2alpha":
      return 1 / Math.sqrt(2 * alpha);
  }
}
