import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel } from "../../gpu/kernel.ts";
import { rateDifference } from "../../wgsl/generated.ts";
import type { Layout } from "../layout.ts";
import { type LossBuffers, perRow, placeOverrides, rateResources, type TermPlace, type UnitRange } from "./place.ts";

/** Mean squared change of the rates over `lag` steps and its gradient: shaders/rate_difference.wgsl. */
export async function rateDifferenceOp(
  device: Device,
  layout: Layout,
  place: TermPlace,
  options: { readonly units: UnitRange; readonly lag: number },
  buffers: LossBuffers,
): Promise<Dispatch> {
  const { first, end } = options.units;
  const kernel = await Kernel.create(device, rateDifference, {
    ...placeOverrides(place),
    UNIT_FIRST: first,
    UNIT_END: end,
    LAG: options.lag,
  });
  return kernel.dispatch(rateResources(buffers), perRow(layout));
}
