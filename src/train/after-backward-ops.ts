import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import { comesAfterBackward, type Loss, lossMatrix } from "../loss/losses.ts";
import type { ModelSpec } from "../network/model.ts";
import type { Layout } from "../ops/layout.ts";
import { type OmegaBuffers, omegaOps } from "../ops/losses/omega.ts";
import type { WantedGradients } from "../ops/losses/place.ts";

/**
 * The dispatches of the loss terms on the gradients that all others leave: after the backward pass, before the weight
 * gradients. They write their share of the loss, and add their gradient by the recurrent weights to that of the others.
 */
export async function afterBackwardOps(
  device: Device,
  layout: Layout,
  losses: readonly Loss[],
  dynamics: Pick<ModelSpec, "activation" | "customActivations" | "form" | "units">,
  wanted: WantedGradients,
  buffers: OmegaBuffers,
): Promise<Dispatch[]> {
  const dispatches: Dispatch[] = [];
  let firstOnWeights = losses.every((loss) => comesAfterBackward(loss) || lossMatrix(loss) !== "weightHH");
  for (const [term, loss] of losses.entries()) {
    if (!comesAfterBackward(loss)) continue;
    const { slopeAt, bound } = loss;
    const place = { term, terms: losses.length, first: firstOnWeights, firstOnWeights };
    const options = { dynamics, slopeAt, bound, weights: wanted.weights };
    dispatches.push(...(await omegaOps(device, layout, place, options, buffers)));
    firstOnWeights = false;
  }
  return dispatches;
}
