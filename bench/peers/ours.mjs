/** cortrain: the training step that `train` issues, on trials that are on the device already. */
import { benchStep } from "../../dist/bench/bench-plan.js";
import { createModel, dense, Network, openDevice } from "../../dist/index.js";
import { alpha, inputs, lr, outputs } from "./problem.mjs";

export async function open({ batch, steps, hidden, weights, x, y }) {
  const device = await openDevice({ quiet: true });
  const structure = dense({ inputs, hidden, outputs });
  const network = new Network(device, [createModel({ structure, alpha, initial: weights })]);
  const trials = { steps, trials: batch, inputs: x, targets: y };
  const losses = [{ type: "meanSquaredError", denominator: "elements" }];
  const step = await benchStep(device, network, { batch, steps, hidden }, { losses, lr, trials });
  const { plan } = step;
  let update = 0;
  return {
    name: "cortrain",
    async step() {
      step.set(update);
      update += 1;
      const [history] = await network.readback.read([{ tensor: plan.tensors.history, count: 1 }], plan.dispatches);
      return history[0];
    },
    dispose() {
      for (const owned of [step, network, device]) owned.dispose();
    },
  };
}
