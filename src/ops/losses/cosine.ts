import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel } from "../../gpu/kernel.ts";
import { cosine } from "../../wgsl/generated.ts";
import type { Layout } from "../layout.ts";
import { type LossBuffers, outputResources, perRow, placeOverrides, type TermPlace } from "./place.ts";

/** Distance in direction and its gradient: shaders/cosine.wgsl. */
export async function cosineOp(
  device: Device,
  layout: Layout,
  place: TermPlace,
  epsilon: number,
  buffers: LossBuffers,
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, cosine, { ...placeOverrides(place), EPSILON: epsilon });
  return kernel.dispatch(outputResources(buffers), perRow(layout));
}
