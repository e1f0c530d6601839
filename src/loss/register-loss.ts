import type { Device } from "../gpu/device.ts";
import { confirmFormula } from "../ops/confirm-formula.ts";
import { type Custom, type CustomOptions, custom, customFormula } from "./custom-term.ts";

/**
 * Checks a loss term of your own on a device, and gives it back as plain data for any list of terms. A term that was not
 * registered (`losses.custom`, a configuration file) passes the same check before it is used.
 *
 * Value and slope are each one WGSL expression (see `registerActivation`): of `y`, `target` and `mask` on the outputs, of
 * `r` on the rates; see `losses.custom`.
 *
 * ```ts
 * import { ctrnn, dense, losses, openDevice, registerLoss, tasks, train } from "cortrain";
 *
 * const device = await openDevice();
 * const huber = await registerLoss(device, {
 *   name: "huber",
 *   on: "outputs",
 *   value: "select(abs(y - target) - 0.5, 0.5 * (y - target) * (y - target), abs(y - target) < 1.0)",
 *   slope: "clamp(y - target, -1.0, 1.0)",
 * });
 * const saturation = losses.custom({
 *   name: "saturation",
 *   on: "rates",
 *   weight: 1e-3,
 *   value: "max(r - 1.0, 0.0) * max(r - 1.0, 0.0)",
 *   slope: "2.0 * max(r - 1.0, 0.0)",
 * });
 * const task = tasks.contextDecision();
 * const network = ctrnn(device, { structure: dense({ inputs: task.inputs, hidden: 8, outputs: task.outputs }) });
 * for await (const report of train(network, task, { steps: 2, batch: 4, loss: [huber, saturation] })) {
 *   console.log(report.loss);
 * }
 * ```
 *
 * @throws ConfigError for a wrong expression, naming the column; ValueError where slope is wrong or the device computes
 * something else, saying where and by how much.
 */
export async function registerLoss(device: Device, term: CustomOptions): Promise<Custom> {
  const checked = custom(term);
  await confirmFormula(device, customFormula(checked));
  return checked;
}
