import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel } from "../../gpu/kernel.ts";
import { meanSquaredError } from "../../wgsl/generated.ts";
import type { Layout } from "../layout.ts";
import { type LossBuffers, outputResources, perRow, placeOverrides, type TermPlace } from "./place.ts";

/** Masked squared error and its gradient: shaders/mean_squared_error.wgsl. */
export async function meanSquaredErrorOp(
  device: Device,
  layout: Layout,
  place: TermPlace,
  denominator: "elements" | "mask",
  buffers: LossBuffers,
): Promise<Dispatch> {
  const overrides = { ...placeOverrides(place), ELEMENTS: denominator === "elements" };
  const kernel = await Kernel.create(device, meanSquaredError, overrides);
  return kernel.dispatch(outputResources(buffers), perRow(layout));
}
