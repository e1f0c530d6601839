import type { ArrayData } from "../../src/io/array.ts";
import { at } from "./numbers.ts";

/**
 * nn.RNN with a linear readout, from PyTorch's documentation, float64:
 * h_l[t] = f(W_ih x_l[t] + b_ih + W_hh h_l[t-1] + b_hh), x_0 the inputs, x_{l+1} = h_l, h[-1] = 0; y = W h + b.
 * @returns the last layer's h [time, batch, hidden], and y [time, batch, outputs].
 */
export function plainRnn(
  file: ReadonlyMap<string, ArrayData>,
  prefix: string,
  readout: string,
  run: { time: number; batch: number; inputs: Float32Array; activation: "tanh" | "relu" },
): { rates: Float64Array; outputs: Float64Array } {
  const get = (name: string): ArrayData => {
    const found = file.get(name);
    if (found === undefined) throw new RangeError(`no ${name}`);
    return found;
  };
  const rows = run.time * run.batch;
  const f = (x: number): number => (run.activation === "tanh" ? Math.tanh(x) : Math.max(x, 0));
  let sequence = Float64Array.from(run.inputs);
  for (let layer = 0; file.has(`${prefix}weight_ih_l${layer}`); layer += 1) {
    const weightIH = get(`${prefix}weight_ih_l${layer}`);
    const weightHH = get(`${prefix}weight_hh_l${layer}`).data;
    const biasIH = get(`${prefix}bias_ih_l${layer}`).data;
    const biasHH = get(`${prefix}bias_hh_l${layer}`).data;
    const [hidden = 0, width = 0] = weightIH.shape;
    const next = new Float64Array(rows * hidden);
    for (let row = 0; row < rows; row += 1) {
      for (let unit = 0; unit < hidden; unit += 1) {
        let sum = at(biasIH, unit) + at(biasHH, unit);
        for (let k = 0; k < width; k += 1) sum += at(weightIH.data, unit * width + k) * at(sequence, row * width + k);
        for (let j = 0; j < hidden && row >= run.batch; j += 1)
          sum += at(weightHH, unit * hidden + j) * at(next, (row - run.batch) * hidden + j);
        next[row * hidden + unit] = f(sum);
      }
    }
    sequence = next;
  }
  const weight = get(`${readout}.weight`);
  const bias = get(`${readout}.bias`).data;
  const [outputs = 0, hidden = 0] = weight.shape;
  const y = new Float64Array(rows * outputs);
  for (let row = 0; row < rows; row += 1)
    for (let o = 0; o < outputs; o += 1) {
      let sum = at(bias, o);
      for (let j = 0; j < hidden; j += 1) sum += at(weight.data, o * hidden + j) * at(sequence, row * hidden + j);
      y[row * outputs + o] = sum;
    }
  return { rates: sequence, outputs: y };
}
