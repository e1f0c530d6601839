/**
 * The training step that all packages do: h = 0.9 h + 0.1 (W_rec relu(h) + W_in x + b), h = 0 at first, y = W_out relu(h) +
 * b_out, mean squared error over all steps, back-propagation through time, Adam (lr 1e-3), and the loss on the host. Inputs,
 * targets and first weights are the same numbers for all.
 */
import { Random } from "../../dist/index.js";

export const shapes = {
  S: { batch: 32, steps: 50, hidden: 64 },
  M: { batch: 64, steps: 100, hidden: 128 },
  L: { batch: 64, steps: 100, hidden: 512 },
};
export const [inputs, outputs, alpha, lr] = [6, 2, 0.1, 1e-3];

/** Weights [postsynaptic, presynaptic], sequences [time, batch, channel]. */
export function makeProblem(size) {
  const { batch, steps, hidden } = shapes[size];
  const random = new Random(1, 1);
  const normal = (count, scale) => Float32Array.from({ length: count }, () => random.normal(0, scale));
  return {
    ...{ size, batch, steps, hidden },
    weights: {
      weightIH: normal(hidden * inputs, 1 / Math.sqrt(inputs)),
      weightHH: normal(hidden * hidden, 1 / Math.sqrt(hidden)),
      weightHO: normal(outputs * hidden, 1 / Math.sqrt(hidden)),
      biasH: normal(hidden, 0.1),
      biasO: normal(outputs, 0.1),
    },
    x: normal(steps * batch * inputs, 1),
    y: normal(steps * batch * outputs, 1),
  };
}
