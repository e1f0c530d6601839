import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel } from "../../gpu/kernel.ts";
import { rateEntropy } from "../../wgsl/generated.ts";
import type { Layout } from "../layout.ts";
import { type LossBuffers, perRow, placeOverrides, rateResources, type TermPlace, type UnitRange } from "./place.ts";

/** Entropy of the activity over units, with squares, and its gradient: shaders/rate_entropy.wgsl. */
export async function rateEntropyOp(
  device: Device,
  layout: Layout,
  place: TermPlace,
  options: { readonly units: UnitRange; readonly squareWeight: number },
  buffers: LossBuffers,
): Promise<Dispatch> {
  const { first, end } = options.units;
  const kernel = await Kernel.create(device, rateEntropy, {
    ...placeOverrides(place),
    UNIT_FIRST: first,
    UNIT_END: end,
    SQUARE_WEIGHT: options.squareWeight,
  });
  return kernel.dispatch(rateResources(buffers), perRow(layout));
}
