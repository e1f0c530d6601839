import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import { type Loss, lossSubject } from "../loss/losses.ts";
import type { Layout } from "../ops/layout.ts";
import { meanSquaredErrorOp } from "../ops/losses/mean-squared-error.ts";
import type { LossBuffers, TermPlace } from "../ops/losses/place.ts";
import { rateL2Op } from "../ops/losses/rate-l2.ts";

/**
 * The dispatches of all loss terms, in order: each writes its share of the loss, and its gradient by the outputs or the
 * rates. The first term on each side writes that gradient, later ones add to it.
 */
export async function lossOps(
  device: Device,
  layout: Layout,
  losses: readonly Loss[],
  buffers: LossBuffers,
): Promise<Dispatch[]> {
  const dispatches: Dispatch[] = [];
  for (const [term, loss] of losses.entries()) {
    const first = losses.findIndex((other) => lossSubject(other) === lossSubject(loss)) === term;
    dispatches.push(...(await termOps(device, layout, loss, { term, terms: losses.length, first }, buffers)));
  }
  return dispatches;
}

async function termOps(
  device: Device,
  layout: Layout,
  loss: Loss,
  place: TermPlace,
  buffers: LossBuffers,
): Promise<Dispatch[]> {
  switch (loss.type) {
    case "meanSquaredError":
      return [await meanSquaredErrorOp(device, layout, place, loss.denominator, buffers)];
    case "rateL2":
      return [await rateL2Op(device, layout, place, buffers)];
  }
}
