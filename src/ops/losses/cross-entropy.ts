import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel } from "../../gpu/kernel.ts";
import { crossEntropy } from "../../wgsl/generated.ts";
import type { Layout } from "../layout.ts";
import { type LossBuffers, outputResources, perRow, placeOverrides, type TermPlace } from "./place.ts";

/** Softmax cross-entropy on logits and its gradient: shaders/cross_entropy.wgsl. */
export async function crossEntropyOp(
  device: Device,
  layout: Layout,
  place: TermPlace,
  buffers: LossBuffers,
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, crossEntropy, placeOverrides(place));
  return kernel.dispatch(outputResources(buffers), perRow(layout));
}
