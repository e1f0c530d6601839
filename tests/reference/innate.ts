import { unitRate } from "./activation.ts";
import { effectiveWeights, type ReferenceModel } from "./ctrnn.ts";
import { add, at, type Numbers } from "./numbers.ts";

/** inputs [time, batch, inputs], targets [time, batch, units]; learned: whether a unit learns at a step. */
export interface InnateSequence {
  readonly time: number;
  readonly batch: number;
  readonly inputs: Numbers;
  readonly targets: Numbers;
  readonly learned: (t: number, b: number, unit: number) => boolean;
}

export interface InnateOutcome {
  readonly weightHH: Float64Array;
  /** r - target before the update [time, batch, units]. */
  readonly errors: Float64Array;
  /** Norm of the change of all weights [time, batch]. */
  readonly changes: Float64Array;
  /** P of each unit [sources, sources], and the units that reach it. */
  readonly inverses: readonly { readonly sources: readonly number[]; readonly inverse: Float64Array }[];
  /** Rates of all units [time, batch, hidden]. */
  readonly rates: Float64Array;
  readonly v: Float64Array;
  readonly r: Float64Array;
}

/**
 * Innate training (Laje & Buonomano 2013, methods), float64: at each step, for each unit i that learns and the units B(i)
 * that reach it,
 *   P(t) = P - P r rᵀ P / (1 + rᵀ P r),   ΔW_ij = -e_i Σ_{k in B(i)} P_jk(t) r_k,   e_i = r_i - R_i.
 */
export function innate(
  model: ReferenceModel,
  units: readonly number[],
  sequence: InnateSequence,
  options: {
    readonly regularisation: number;
    readonly reaches: (post: number, pre: number) => boolean;
  },
): InnateOutcome {
  const { hidden, inputs: inputCount, form } = model.spec;
  const { time, batch } = sequence;
  const { alpha, biasH, v0 } = model.parameters;
  const { weightIH, weightHH } = effectiveWeights(model);
  const inverses = units.map((unit) => {
    const sources = Array.from({ length: hidden }, (_, pre) => pre).filter((pre) => options.reaches(unit, pre));
    const inverse = new Float64Array(sources.length ** 2);
    for (const place of sources.keys()) inverse[place * (sources.length + 1)] = 1 / options.regularisation;
    return { sources, inverse };
  });
  const errors = new Float64Array(time * batch * units.length);
  const changes = new Float64Array(time * batch);
  const rates = new Float64Array(time * batch * hidden);
  let v = new Float64Array(hidden);
  let r = new Float64Array(hidden);
  for (let b = 0; b < batch; b += 1) {
    v = Float64Array.from({ length: hidden }, (_, i) => at(v0, i));
    r = v.map((value, i) => unitRate(model.spec, i, value));
    for (let t = 0; t < time; t += 1) {
      const row = t * batch + b;
      v = v.map((own, i) => {
        let drive = at(biasH, i);
        for (let j = 0; j < hidden; j += 1) drive += at(weightHH, i * hidden + j) * at(r, j);
        for (let k = 0; k < inputCount; k += 1)
          drive += at(weightIH, i * inputCount + k) * at(sequence.inputs, row * inputCount + k);
        return (1 - at(alpha, i)) * (form === "state" ? own : at(r, i)) + at(alpha, i) * drive;
      });
      r = v.map((value, i) => unitRate(model.spec, i, value));
      rates.set(r, row * hidden);
      let squares = 0;
      for (const [index, { sources, inverse }] of inverses.entries()) {
        const unit = units[index] ?? Number.NaN;
        const e = at(r, unit) - at(sequence.targets, row * units.length + index);
        errors[row * units.length + index] = e;
        if (!sequence.learned(t, b, index)) continue;
        const count = sources.length;
        const times = (): Float64Array => {
          const product = new Float64Array(count);
          for (let i = 0; i < count; i += 1)
            for (const [j, source] of sources.entries()) add(product, i, at(inverse, i * count + j) * at(r, source));
          return product;
        };
        const before = times();
        let scale = 1;
        for (const [j, source] of sources.entries()) scale += at(r, source) * at(before, j);
        for (let i = 0; i < count; i += 1)
          for (let j = 0; j < count; j += 1) add(inverse, i * count + j, -(at(before, i) * at(before, j)) / scale);
        const after = times();
        for (const [j, source] of sources.entries()) {
          const change = e * at(after, j);
          add(weightHH, unit * hidden + source, -change);
          squares += change * change;
        }
      }
      changes[row] = Math.sqrt(squares);
    }
  }
  return { weightHH, errors, changes, inverses, rates, v, r };
}
