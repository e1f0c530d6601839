import type { Device } from "../gpu/device.ts";
import { createModel } from "../network/create.ts";
import type { Model } from "../network/model.ts";
import { Network } from "../network/network.ts";
import type { Stimuli } from "../network/trials.ts";
import { Random, streams } from "../random.ts";
import { multiAreaEI } from "../structure/multi-area-ei.ts";

/** A comparison of the GPU with float64: its sizes, and the largest difference in v, r and y. */
export interface SelfTest {
  readonly steps: number;
  readonly trials: number;
  readonly hidden: number;
  readonly difference: number;
}

const sizes = { inputs: 3, hidden: 37, outputs: 2 };
const [steps, trials] = [20, 5];

/** Runs a small network without noise on a device, and in plain loops. */
export async function largestDifference(device: Device): Promise<SelfTest> {
  const model = createModel({ structure: multiAreaEI({ ...sizes, seed: 1 }), seed: 1, activation: "tanh" });
  const random = new Random(1, streams.task);
  const inputs = Float32Array.from({ length: steps * trials * sizes.inputs }, () => random.normal());
  const network = new Network(device, [model]);
  try {
    const activity = await network.run({ steps, trials, inputs });
    const expected = plainLoops(model, { steps, trials, inputs });
    const difference = Math.max(
      distance(activity.states, expected.states),
      distance(activity.rates, expected.rates),
      distance(activity.outputs, expected.outputs),
    );
    return { steps, trials, hidden: sizes.hidden, difference };
  } finally {
    network.dispose();
  }
}

/** The largest |a - b|; infinite where a value is missing or not a number. */
function distance(actual: Float32Array, expected: Float64Array): number {
  let largest = 0;
  for (const [index, value] of expected.entries()) {
    const difference = Math.abs((actual[index] ?? Number.NaN) - value);
    if (!(difference <= largest)) largest = Number.isNaN(difference) ? Number.POSITIVE_INFINITY : difference;
  }
  return largest;
}

/** v = (1-α) v + α (W_hh r + W_ih u + b_h), r = tanh v, y = W_ho r + b_o, all [T, B, *]. */
function plainLoops(
  { spec, parameters }: Model,
  { inputs }: Stimuli,
): { states: Float64Array; rates: Float64Array; outputs: Float64Array } {
  const { inputs: width, hidden, outputs: readouts } = spec;
  const { weightIH, weightHH, biasH, weightHO, biasO, alpha, v0 } = parameters;
  const states = new Float64Array(steps * trials * hidden);
  const rates = new Float64Array(steps * trials * hidden);
  const outputs = new Float64Array(steps * trials * readouts);
  const dot = (weights: Float32Array, row: number, values: ArrayLike<number>, from: number, count: number): number => {
    let sum = 0;
    for (let index = 0; index < count; index += 1)
      sum += (weights[row * count + index] ?? 0) * (values[from + index] ?? 0);
    return sum;
  };
  for (let trial = 0; trial < trials; trial += 1) {
    let v = Float64Array.from(v0);
    let r = v.map(Math.tanh);
    for (let step = 0; step < steps; step += 1) {
      const row = step * trials + trial;
      v = v.map((before, unit) => {
        const a = alpha[unit] ?? 0;
        const recurrent = dot(weightHH, unit, r, 0, hidden);
        const driven = dot(weightIH, unit, inputs, row * width, width);
        return (1 - a) * before + a * (recurrent + driven + (biasH[unit] ?? 0));
      });
      r = v.map(Math.tanh);
      states.set(v, row * hidden);
      rates.set(r, row * hidden);
      for (let output = 0; output < readouts; output += 1) {
        outputs[row * readouts + output] = dot(weightHO, output, r, 0, hidden) + (biasO[output] ?? 0);
      }
    }
  }
  return { states, rates, outputs };
}
