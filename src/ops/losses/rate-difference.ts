import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read } from "../../gpu/kernel.ts";
import { rateDifference } from "../../wgsl/generated.ts";
import type { Layout } from "../layout.ts";
import { type Segment, wholeTrial } from "../segment.ts";
import { type LossBuffers, perRow, placeOverrides, rateResources, type TermPlace, type UnitRange } from "./place.ts";

/** Mean squared change of the rates over `lag` steps and its gradient: shaders/rate_difference.wgsl. */
export async function rateDifferenceOp(
  device: Device,
  layout: Layout,
  place: TermPlace,
  options: { readonly units: UnitRange; readonly lag: number },
  buffers: LossBuffers,
  segment: Segment = wholeTrial,
): Promise<Dispatch> {
  const { earlierRates } = buffers;
  const { first, end } = options.units;
  const kernel = await Kernel.create(device, rateDifference, {
    ...placeOverrides(place),
    UNIT_FIRST: first,
    UNIT_END: end,
    LAG: options.lag,
    EARLIER: segment.isFirst ? 0 : (earlierRates?.shape[1] ?? 0),
  });
  return kernel.dispatch(
    // Where nothing is earlier, any other tensor.
    { ...rateResources(buffers), earlier: read(earlierRates ?? buffers.targets) },
    perRow(layout),
  );
}
