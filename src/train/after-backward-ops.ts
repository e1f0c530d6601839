import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import { comesAfterBackward, type Loss, lossMatrix } from "../loss/losses.ts";
import type { ModelSpec } from "../network/model.ts";
import type { Layout } from "../ops/layout.ts";
import { type OmegaBuffers, omegaEndOps, omegaRowOps } from "../ops/losses/omega.ts";
import type { WantedGradients } from "../ops/losses/place.ts";
import { type Segment, wholeTrial } from "../ops/segment.ts";
import type { AllLossBuffers } from "./loss-ops.ts";

/**
 * The dispatches of the loss terms on the gradients that all others leave: after the backward pass, before the weight
 * gradients. They write their share of the loss, and add their gradient by the recurrent weights to that of the others: of
 * trials in segments at the `end`, once the `rows` of all segments are known.
 */
export async function afterBackwardOps(
  device: Device,
  layout: Layout,
  losses: readonly Loss[],
  dynamics: Pick<ModelSpec, "activation" | "customActivations" | "form" | "units">,
  wanted: WantedGradients,
  buffers: OmegaBuffers & Pick<AllLossBuffers, "own">,
  { segment, stage }: { readonly segment: Segment; readonly stage: "all" | "rows" | "end" } = {
    segment: wholeTrial,
    stage: "all",
  },
): Promise<Dispatch[]> {
  const dispatches: Dispatch[] = [];
  let firstOnWeights = losses.every((loss) => comesAfterBackward(loss) || lossMatrix(loss) !== "weightHH");
  for (const [term, loss] of losses.entries()) {
    if (!comesAfterBackward(loss)) continue;
    const { slopeAt, bound } = loss;
    const place = { term, terms: losses.length, first: firstOnWeights, firstOnWeights };
    const options = { dynamics, slopeAt, bound, weights: wanted.weights };
    const own = { ...buffers, ...buffers.own?.[term] };
    if (stage !== "end") dispatches.push(...(await omegaRowOps(device, layout, place, options, own, segment)));
    if (stage !== "rows") dispatches.push(...(await omegaEndOps(device, layout, place, options, own)));
    firstOnWeights = false;
  }
  return dispatches;
}
