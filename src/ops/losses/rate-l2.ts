import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import { rateL2 } from "../../wgsl/generated.ts";
import { elementwiseSize } from "../grid.ts";
import type { Layout } from "../layout.ts";
import { type LossBuffers, perRow, type TermPlace } from "./place.ts";

/** Mean squared rate and its gradient: shaders/rate_l2.wgsl. */
export async function rateL2Op(
  device: Device,
  layout: Layout,
  place: TermPlace,
  buffers: LossBuffers,
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, rateL2, {
    WORKGROUP_SIZE: elementwiseSize,
    TERM: place.term,
    TERMS: place.terms,
    FIRST: place.first,
  });
  return kernel.dispatch(
    {
      shape: buffers.shape,
      settings: read(buffers.settings),
      rates: read(buffers.rates),
      direct_gradients: readWrite(buffers.directGradients),
      loss_rows: readWrite(buffers.lossRows),
    },
    perRow(layout),
  );
}
