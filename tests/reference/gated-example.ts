import type { Model } from "../../src/network/model.ts";
import { specOf } from "./generate.ts";

const [ln2, ln3] = [Math.log(2), Math.log(3)];
const none = new Float32Array(0);

/**
 * One unit, one step, u = 2 and h[-1] = -0.5, worked out by hand from the equations of torch.nn.LSTM and torch.nn.GRU:
 * σ(ln 3) = 3/4, σ(-ln 3) = 1/4, σ(0) = 1/2, tanh(ln 2) = 3/5.
 *
 * LSTM, c[-1] = 0.8: i = σ(2 ln 3 - ln 3) = 3/4, f = σ(0 - ln 3) = 1/4, g = tanh(2 ln 2 - ln 2) = 3/5, o = σ(2 - 1 - 1) = 1/2;
 * c = 1/4 · 0.8 + 3/4 · 3/5 = 0.65; h = tanh(0.65) / 2; y = 2 h + 1.
 */
export const lstmExample = {
  model: {
    spec: specOf({ cell: "lstm", inputs: 1, hidden: 1, outputs: 1 }),
    parameters: {
      weightIH: Float32Array.of(ln3, 0, ln2, 1),
      weightHH: Float32Array.of(2 * ln3, 2 * ln3, 2 * ln2, 2),
      biasH: Float32Array.of(0, 0, 0, -1),
      weightHO: Float32Array.of(2),
      biasO: Float32Array.of(1),
      ...{ alpha: none, v0: Float32Array.of(0.8), biasN: none, r0: Float32Array.of(-0.5) },
    },
    ...{ masks: {}, signs: {}, plasticity: {} },
  } satisfies Model,
  input: 2,
  state: 0.65,
  rate: 0.2858349830425586,
  output: 1.5716699660851172,
};

/**
 * GRU: r = σ(2 ln 3 - ln 3) = 3/4, z = σ(0 - ln 3) = 1/4; the candidate's recurrent part is 2 · (-0.5) + 3 = 2, its own bias
 * within r's reach: n = tanh((2 ln 2 - ln 2 - 3/2) + 3/4 · 2) = 3/5; h = 3/4 · 3/5 + 1/4 · (-0.5) = 0.325; y = 2 h + 1.
 */
export const gruExample = {
  model: {
    spec: specOf({ cell: "gru", inputs: 1, hidden: 1, outputs: 1 }),
    parameters: {
      weightIH: Float32Array.of(ln3, 0, ln2),
      weightHH: Float32Array.of(2 * ln3, 2 * ln3, 2),
      biasH: Float32Array.of(0, 0, -ln2 - 1.5),
      weightHO: Float32Array.of(2),
      biasO: Float32Array.of(1),
      ...{ alpha: none, v0: none, biasN: Float32Array.of(3), r0: Float32Array.of(-0.5) },
    },
    ...{ masks: {}, signs: {}, plasticity: {} },
  } satisfies Model,
  input: 2,
  state: 0.325,
  rate: 0.325,
  output: 1.65,
};
