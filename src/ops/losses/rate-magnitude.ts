import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel } from "../../gpu/kernel.ts";
import { rateMagnitude } from "../../wgsl/generated.ts";
import type { Layout } from "../layout.ts";
import { type LossBuffers, perRow, placeOverrides, rateResources, type TermPlace, type UnitRange } from "./place.ts";

/** Mean squared rate, or mean absolute rate, and its gradient: shaders/rate_magnitude.wgsl. */
export async function rateMagnitudeOp(
  device: Device,
  layout: Layout,
  place: TermPlace,
  options: { readonly units: UnitRange; readonly absolute: boolean },
  buffers: LossBuffers,
): Promise<Dispatch> {
  const { first, end } = options.units;
  const kernel = await Kernel.create(device, rateMagnitude, {
    ...placeOverrides(place),
    UNIT_FIRST: first,
    UNIT_END: end,
    ABSOLUTE: options.absolute,
  });
  return kernel.dispatch(rateResources(buffers), perRow(layout));
}
