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

const logistic = (x: number): number => 1 / (1 + Math.exp(-x));

/**
 * nn.LSTM and nn.GRU of one layer with a linear readout, as PyTorch documents them, float64. The rows of every weight and
 * bias are those of the gates i, f, g, o or r, z, n:
 * i, f, o = σ(W_i x + b_i + W_h h + b_h), g = tanh(same); c = f c + i g; h = o tanh(c);
 * r, z = σ(same); n = tanh(W_in x + b_in + r (W_hn h + b_hn)); h = (1 - z) n + z h. All start at 0.
 * @returns h and c (of a GRU: h) [time, batch, hidden], and y [time, batch, outputs].
 */
export function plainGated(
  cell: "lstm" | "gru",
  file: ReadonlyMap<string, ArrayData>,
  run: { time: number; batch: number; inputs: Float32Array },
): { rates: number[]; states: number[]; outputs: number[] } {
  const get = (name: string): ArrayData => {
    const found = file.get(name);
    if (found === undefined) throw new RangeError(`no ${name}`);
    return found;
  };
  const [weightIH, weightHH] = [get("rnn.weight_ih_l0"), get("rnn.weight_hh_l0")];
  const [biasIH, biasHH] = [get("rnn.bias_ih_l0").data, get("rnn.bias_hh_l0").data];
  const [, width = 0] = weightIH.shape;
  const [, hidden = 0] = weightHH.shape;
  const rates: number[] = [];
  const states: number[] = [];
  const outputs: number[] = [];
  const h = Array.from({ length: run.batch }, () => new Float64Array(hidden));
  const c = Array.from({ length: run.batch }, () => new Float64Array(hidden));
  for (let row = 0; row < run.time * run.batch; row += 1) {
    const trial = row % run.batch;
    const before = Float64Array.from(h[trial] ?? []);
    const fromInput = (index: number): number => {
      let sum = at(biasIH, index);
      for (let k = 0; k < width; k += 1) sum += at(weightIH.data, index * width + k) * at(run.inputs, row * width + k);
      return sum;
    };
    const fromHidden = (index: number): number => {
      let sum = at(biasHH, index);
      for (let j = 0; j < hidden; j += 1) sum += at(weightHH.data, index * hidden + j) * at(before, j);
      return sum;
    };
    const [now, memory] = [h[trial] as Float64Array, c[trial] as Float64Array];
    for (let unit = 0; unit < hidden; unit += 1) {
      const gate = (place: number): number => fromInput(place * hidden + unit) + fromHidden(place * hidden + unit);
      if (cell === "lstm") {
        memory[unit] = logistic(gate(1)) * at(memory, unit) + logistic(gate(0)) * Math.tanh(gate(2));
        now[unit] = logistic(gate(3)) * Math.tanh(at(memory, unit));
      } else {
        const [r, z] = [logistic(gate(0)), logistic(gate(1))];
        const n = Math.tanh(fromInput(2 * hidden + unit) + r * fromHidden(2 * hidden + unit));
        now[unit] = (1 - z) * n + z * at(before, unit);
      }
    }
    rates.push(...now);
    states.push(...(cell === "lstm" ? memory : now));
    const [weight, bias] = [get("fc.weight"), get("fc.bias").data];
    for (let o = 0; o < (weight.shape[0] ?? 0); o += 1) {
      let sum = at(bias, o);
      for (let j = 0; j < hidden; j += 1) sum += at(weight.data, o * hidden + j) * at(now, j);
      outputs.push(sum);
    }
  }
  return { rates, states, outputs };
}
