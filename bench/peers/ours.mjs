/** cortrain: the training step that `train` issues, on trials that are on the device already. */
import { Tensor } from "../../dist/gpu/tensor.js";
import { createModel, dense, Network, openDevice } from "../../dist/index.js";
import { quietSettings } from "../../dist/ops/settings.js";
import { adam, updateSettings } from "../../dist/train/optimizer.js";
import { StepPlan, verdictFloats } from "../../dist/train/step-plan.js";
import { alpha, inputs, lr, outputs } from "./problem.mjs";

export async function open({ batch, steps, hidden, weights, x, y }) {
  const device = await openDevice({ quiet: true });
  const structure = dense({ inputs, hidden, outputs });
  const network = new Network(device, [createModel({ structure, alpha, initial: weights })]);
  const { spec, parameters, rules, layers, plasticity } = network;
  const verdicts = new Tensor(device, "verdicts", [1, verdictFloats]);
  const previous = new Tensor(device, "previous", parameters.shape);
  const moments = new Tensor(device, "moments", [...parameters.shape, 2]);
  const plan = await StepPlan.compile(
    device,
    spec,
    { parameters, rules, layers, verdicts },
    {
      ...{ replicas: 1, steps, batch, initial: "parameter", historySlots: 1 },
      losses: [{ type: "meanSquaredError", weight: 1, denominator: "elements" }],
      gradients: { alpha: false, v0: false },
      update: { plasticity, previous, moments, optimizer: "adam", nesterov: false },
    },
  );
  plan.upload([{ steps, trials: batch, inputs: x, targets: y }]);
  const optimizer = adam({ lr });
  let step = 0;
  return {
    name: "cortrain",
    async step() {
      const { settings } = plan.sequence;
      settings.set(0, { ...quietSettings, ...updateSettings(optimizer, step), loss_scale: plan.lossScales(0) });
      settings.upload();
      step += 1;
      const [history] = await network.readback.read([{ tensor: plan.tensors.history, count: 1 }], plan.dispatches);
      return history[0];
    },
    dispose() {
      for (const owned of [plan, verdicts, previous, moments, network, device]) owned.dispose();
    },
  };
}
