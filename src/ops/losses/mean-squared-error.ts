import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import { meanSquaredError } from "../../wgsl/generated.ts";
import { elementwiseSize } from "../grid.ts";
import type { Layout } from "../layout.ts";
import { type LossBuffers, perRow, type TermPlace } from "./place.ts";

/** Masked squared error and its gradient: shaders/mean_squared_error.wgsl. */
export async function meanSquaredErrorOp(
  device: Device,
  layout: Layout,
  place: TermPlace,
  denominator: "elements" | "mask",
  buffers: LossBuffers,
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, meanSquaredError, {
    WORKGROUP_SIZE: elementwiseSize,
    TERM: place.term,
    TERMS: place.terms,
    ELEMENTS: denominator === "elements",
    FIRST: place.first,
  });
  return kernel.dispatch(
    {
      shape: buffers.shape,
      settings: read(buffers.settings),
      outputs: read(buffers.outputs),
      targets: read(buffers.targets),
      trial_mask: read(buffers.trialMask),
      output_gradients: readWrite(buffers.outputGradients),
      loss_rows: readWrite(buffers.lossRows),
    },
    perRow(layout),
  );
}
