import type { Model } from "../../src/network/model.ts";
import { unitRate } from "./activation.ts";
import { effectiveWeights, type ForwardOptions, type InputSequence, initialState, type Trajectory } from "./ctrnn.ts";
import { at } from "./numbers.ts";

/**
 * The dynamics of a network with layers, float64, without noise. At time t the layers are taken in order; a unit i of a
 * layer sees r_j[t] of units j of the layers before, which are done, and r_j[t-1] of all others:
 * v_i[t] = (1-α) p_i + α (Σ_j W_ij r_j + Σ_k W_ik u_k[t] + b_i), p = v[t-1] (state form) or r[t-1] (rate form).
 */
export function layeredForward(model: Model, sequence: InputSequence, options: ForwardOptions = {}): Trajectory {
  const { spec, parameters } = model;
  const { hidden, inputs: inputCount, outputs: outputCount } = spec;
  const { time, batch, inputs } = sequence;
  const weights = effectiveWeights(model);
  const layers = spec.layers ?? [{ name: "all", from: 0, to: hidden }];
  const initial = initialState(model, batch, options);
  const v = new Float64Array(time * batch * hidden);
  const r = new Float64Array(time * batch * hidden);
  const outputs = new Float64Array(time * batch * outputCount);
  for (let b = 0; b < batch; b += 1) {
    let before = {
      v: initial.v.slice(b * hidden, (b + 1) * hidden),
      r: initial.r.slice(b * hidden, (b + 1) * hidden),
    };
    for (let t = 0; t < time; t += 1) {
      const row = t * batch + b;
      const now = { v: new Float64Array(hidden), r: new Float64Array(hidden) };
      for (const { from, to } of layers) {
        for (let i = from; i < to; i += 1) {
          let drive = at(parameters.biasH, i);
          for (let j = 0; j < hidden; j += 1)
            drive += at(weights.weightHH, i * hidden + j) * at(j < from ? now.r : before.r, j);
          for (let k = 0; k < inputCount; k += 1)
            drive += at(weights.weightIH, i * inputCount + k) * at(inputs, row * inputCount + k);
          const alpha = at(parameters.alpha, i);
          now.v[i] = (1 - alpha) * at(spec.form === "state" ? before.v : before.r, i) + alpha * drive;
          now.r[i] = unitRate(spec, i, at(now.v, i));
        }
      }
      v.set(now.v, row * hidden);
      r.set(now.r, row * hidden);
      for (let o = 0; o < outputCount; o += 1) {
        let sum = at(parameters.biasO, o);
        for (let j = 0; j < hidden; j += 1) sum += at(weights.weightHO, o * hidden + j) * at(now.r, j);
        outputs[row * outputCount + o] = sum;
      }
      before = now;
    }
  }
  return { v, r, outputs };
}
