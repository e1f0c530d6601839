import { unitRate } from "./activation.ts";
import { effectiveWeights, type ReferenceModel } from "./ctrnn.ts";
import { add, at, type Numbers } from "./numbers.ts";

/** inputs [time, batch, inputs], targets [time, batch, outputs]; learned: whether each step [time, batch] is learned from. */
export interface ForceSequence {
  readonly time: number;
  readonly batch: number;
  readonly inputs: Numbers;
  readonly targets: Numbers;
  readonly learned: (t: number, b: number) => boolean;
}

export interface ForceOutcome {
  /** [outputs, hidden] */
  readonly weightHO: Float64Array;
  /** y after the update [time, batch, outputs]. */
  readonly outputs: Float64Array;
  /** Root mean square of the errors before the update [time, batch]. */
  readonly errors: Float64Array;
  /** Norm of the change of all readout weights [time, batch]. */
  readonly changes: Float64Array;
  /** P [hidden, hidden] */
  readonly inverse: Float64Array;
  /** v and r after the last step [hidden]. */
  readonly v: Float64Array;
  readonly r: Float64Array;
}

/**
 * FORCE learning by recursive least squares (Sussillo & Abbott 2009, eq. 2-6; Haykin 2002), float64, one trial after the
 * other: drive = W_hh r[t-1] + W_ih u[t] + b_h + W_fb y[t-1];
 * e = W_ho(t-1) r - f;  P(t) = P - P r rᵀ P / (1 + rᵀ P r);  W_ho(t) = W_ho(t-1) - e (P(t) r)ᵀ;  y = W_ho(t) r + b_o.
 * P starts at 1 / regularisation for units that the first output reads.
 */
export function force(
  model: ReferenceModel,
  sequence: ForceSequence,
  options: { readonly feedback?: Numbers | undefined; readonly regularisation: number },
): ForceOutcome {
  const { hidden, inputs: inputCount, outputs: outputCount, form } = model.spec;
  const { time, batch } = sequence;
  const { alpha, biasH, biasO, v0 } = model.parameters;
  const { weightIH, weightHH, weightHO } = effectiveWeights(model);
  const inverse = new Float64Array(hidden * hidden);
  for (let i = 0; i < hidden; i += 1) {
    if (model.masks.weightHO?.[i] !== 0) inverse[i * hidden + i] = 1 / options.regularisation;
  }
  const outputs = new Float64Array(time * batch * outputCount);
  const errors = new Float64Array(time * batch);
  const changes = new Float64Array(time * batch);
  let v = new Float64Array(hidden);
  let r = new Float64Array(hidden);
  const readout = (o: number): number => {
    let y = at(biasO, o);
    for (let j = 0; j < hidden; j += 1) y += at(weightHO, o * hidden + j) * at(r, j);
    return y;
  };
  const timesInverse = (): Float64Array => {
    const product = new Float64Array(hidden);
    for (let i = 0; i < hidden; i += 1)
      for (let j = 0; j < hidden; j += 1) add(product, i, at(inverse, i * hidden + j) * at(r, j));
    return product;
  };
  for (let b = 0; b < batch; b += 1) {
    v = Float64Array.from({ length: hidden }, (_, i) => at(v0, i));
    r = v.map((value, i) => unitRate(model.spec, i, value));
    let y = Float64Array.from({ length: outputCount }, (_, o) => readout(o));
    for (let t = 0; t < time; t += 1) {
      const row = t * batch + b;
      const next = new Float64Array(hidden);
      for (let i = 0; i < hidden; i += 1) {
        let drive = at(biasH, i);
        for (let j = 0; j < hidden; j += 1) drive += at(weightHH, i * hidden + j) * at(r, j);
        for (let k = 0; k < inputCount; k += 1)
          drive += at(weightIH, i * inputCount + k) * at(sequence.inputs, row * inputCount + k);
        if (options.feedback)
          for (let o = 0; o < outputCount; o += 1) drive += at(options.feedback, i * outputCount + o) * at(y, o);
        next[i] = (1 - at(alpha, i)) * at(form === "state" ? v : r, i) + at(alpha, i) * drive;
      }
      v = next;
      r = v.map((value, i) => unitRate(model.spec, i, value));
      const e = Float64Array.from(
        { length: outputCount },
        (_, o) => readout(o) - at(sequence.targets, row * outputCount + o),
      );
      errors[row] = Math.sqrt(e.reduce((sum, value) => sum + value * value, 0) / outputCount);
      if (sequence.learned(t, b)) {
        const before = timesInverse();
        let scale = 1;
        for (let j = 0; j < hidden; j += 1) scale += at(r, j) * at(before, j);
        for (let i = 0; i < hidden; i += 1)
          for (let j = 0; j < hidden; j += 1) add(inverse, i * hidden + j, -(at(before, i) * at(before, j)) / scale);
        const after = timesInverse();
        let squares = 0;
        for (let o = 0; o < outputCount; o += 1) {
          for (let j = 0; j < hidden; j += 1) {
            const change = at(e, o) * at(after, j);
            add(weightHO, o * hidden + j, -change);
            squares += change * change;
          }
        }
        changes[row] = Math.sqrt(squares);
      }
      y = Float64Array.from({ length: outputCount }, (_, o) => readout(o));
      outputs.set(y, row * outputCount);
    }
  }
  return { weightHO, outputs, errors, changes, inverse, v, r };
}
