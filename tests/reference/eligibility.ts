import type { ParameterName } from "../../src/network/model.ts";
import { unitNoise, unitSlope } from "./activation.ts";
import type { DirectGradients } from "./bptt.ts";
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

/** A local rule: its trace, and the feedback weights B [hidden, outputs]; absent = the readout weights, transposed. */
export interface ReferenceRule {
  readonly type: "eprop" | "rflo";
  readonly feedback?: Numbers | undefined;
}

/**
 * Gradients by the raw parameters under e-prop (Bellec et al. 2020) or RFLO (Murray 2019), float64, as the papers say them:
 * every parameter of a unit keeps a trace that runs forward in time, and
 *   gradient = sum over trials and time of L[t] times the trace's value,   L = B ∂L/∂y + ∂L/∂r.
 * With source[t] what the parameter does to v[t] at once (α r_j[t-1] for a weight, α for a bias, for α all that it
 * multiplies):
 *   e-prop  e[t] = (1-α) e[t-1] + source[t]   (rate form (1-α) f'(v[t-1]) e[t-1] + source[t]),  value f'(v[t]) e[t]
 *   RFLO    p[t] = (1-α) p[t-1] + f'(v[t]) source[t],                                           value p[t]
 * The trace of v0 has its only source, 1, in the initial state. The readout's gradients are exact.
 */
export function localGradients(
  model: ReferenceModel,
  sequence: InputSequence,
  options: ForwardOptions,
  trajectory: Trajectory,
  direct: DirectGradients,
  rule: ReferenceRule,
): Record<ParameterName, Float64Array> {
  const { spec, parameters, masks, signs } = model;
  const { inputs: inputCount, hidden, outputs: outputCount, form, noise } = spec;
  const { time, batch } = sequence;
  const weights = effectiveWeights(model);
  const initial = initialState(model, batch, options);
  const result: Record<ParameterName, Float64Array> = {
    weightIH: new Float64Array(hidden * inputCount),
    weightHH: new Float64Array(hidden * hidden),
    biasH: new Float64Array(hidden),
    weightHO: new Float64Array(outputCount * hidden),
    biasO: new Float64Array(outputCount),
    alpha: new Float64Array(hidden),
    v0: new Float64Array(hidden),
    biasN: new Float64Array(0),
    r0: new Float64Array(0),
  };
  const errorAt = (t: number, b: number, o: number): number =>
    direct.outputs ? at(direct.outputs, (t * batch + b) * outputCount + o) : 0;
  const v = (t: number, b: number, i: number): number =>
    t < 0 ? at(initial.v, b * hidden + i) : at(trajectory.v, (t * batch + b) * hidden + i);
  const r = (t: number, b: number, i: number): number =>
    t < 0 ? at(initial.r, b * hidden + i) : at(trajectory.r, (t * batch + b) * hidden + i);

  for (let b = 0; b < batch; b += 1) {
    for (let i = 0; i < hidden; i += 1) {
      const alpha = at(parameters.alpha, i);
      const slope = (t: number): number => unitSlope(spec, i, v(t, b, i));
      const signal = (t: number): number => {
        let total = direct.r ? at(direct.r, (t * batch + b) * hidden + i) : 0;
        for (let o = 0; o < outputCount; o += 1) {
          const weight = rule.feedback ? at(rule.feedback, i * outputCount + o) : at(weights.weightHO, o * hidden + i);
          total += weight * errorAt(t, b, o);
        }
        return total;
      };
      /** Sum over time of L times the trace of one parameter. */
      const learn = (source: (t: number) => number, first = 0): number => {
        let trace = rule.type === "rflo" ? first * slope(-1) : first;
        let total = 0;
        for (let t = 0; t < time; t += 1) {
          if (rule.type === "rflo") {
            trace = (1 - alpha) * trace + slope(t) * source(t);
            total += signal(t) * trace;
          } else {
            const kept = form === "rate" ? (1 - alpha) * slope(t - 1) : 1 - alpha;
            trace = kept * trace + source(t);
            total += signal(t) * slope(t) * trace;
          }
        }
        return total;
      };
      /** The presynaptic rate that acts on unit i at time t. */
      const seen = (t: number, j: number): number => {
        const from = layerOf(spec, j) < layerOf(spec, i) ? t : t - 1;
        const synapse = trajectory.synapses[((from + 1) * batch + b) * hidden + j];
        if (synapse === undefined) throw new RangeError("no synapse");
        return synapse.u * synapse.x * r(from, b, j);
      };
      const input = (t: number, k: number): number => at(sequence.inputs, (t * batch + b) * inputCount + k);
      const byAlpha = (t: number): number => {
        let total = at(parameters.biasH, i) - (form === "state" ? v(t - 1, b, i) : r(t - 1, b, i));
        for (let j = 0; j < hidden; j += 1) total += at(weights.weightHH, i * hidden + j) * seen(t, j);
        for (let k = 0; k < inputCount; k += 1) total += at(weights.weightIH, i * inputCount + k) * input(t, k);
        if (!options.preNoise) return total;
        const xi = at(options.preNoise, (t * batch + b) * hidden + i);
        return total + noiseFactorSlope(noise.scale, alpha) * unitNoise(spec, i).pre * xi;
      };
      for (let j = 0; j < hidden; j += 1)
        add(
          result.weightHH,
          i * hidden + j,
          learn((t) => alpha * seen(t, j)),
        );
      for (let k = 0; k < inputCount; k += 1)
        add(
          result.weightIH,
          i * inputCount + k,
          learn((t) => alpha * input(t, k)),
        );
      add(
        result.biasH,
        i,
        learn(() => alpha),
      );
      add(result.alpha, i, learn(byAlpha));
      add(
        result.v0,
        i,
        learn(() => 0, 1),
      );
      for (let t = 0; t < time; t += 1)
        for (let o = 0; o < outputCount; o += 1)
          add(result.weightHO, o * hidden + i, errorAt(t, b, o) * at(trajectory.r, (t * batch + b) * hidden + i));
    }
    for (let t = 0; t < time; t += 1) for (let o = 0; o < outputCount; o += 1) add(result.biasO, o, errorAt(t, b, o));
  }
  for (const name of ["weightIH", "weightHH", "weightHO"] as const)
    result[name] = rawWeightGradient(spec.constraint, result[name], parameters[name], masks[name], signs[name]);
  return result;
}
