import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel } from "../../gpu/kernel.ts";
import { binaryCrossEntropy } from "../../wgsl/generated.ts";
import type { Layout } from "../layout.ts";
import { type LossBuffers, outputResources, perRow, placeOverrides, type TermPlace } from "./place.ts";

/** Sigmoid cross-entropy on logits and its gradient: shaders/binary_cross_entropy.wgsl. */
export async function binaryCrossEntropyOp(
  device: Device,
  layout: Layout,
  place: TermPlace,
  buffers: LossBuffers,
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, binaryCrossEntropy, placeOverrides(place));
  return kernel.dispatch(outputResources(buffers), perRow(layout));
}
