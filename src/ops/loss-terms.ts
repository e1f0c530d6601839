import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { Uniform } from "../gpu/uniforms.ts";
import { meanSquaredError, rateL2 } from "../wgsl/generated.ts";
import { elementwiseSize, gridFor } from "./grid.ts";
import type { Layout } from "./layout.ts";

/** Where a loss term stands among the others: its index, their number, and whether it is the first to write a gradient. */
export interface TermPlace {
  readonly term: number;
  readonly terms: number;
  readonly first: boolean;
}

function perRow(layout: Layout): [number, number, number] {
  return gridFor(layout.steps * layout.batch, elementwiseSize, layout.replicas);
}

/** Masked squared error and its gradient: shaders/mean_squared_error.wgsl. */
export async function meanSquaredErrorOp(
  device: Device,
  layout: Layout,
  place: TermPlace,
  denominator: "elements" | "mask",
  buffers: {
    readonly shape: Uniform;
    readonly settings: Tensor;
    readonly outputs: Tensor;
    readonly targets: Tensor;
    readonly trialMask: Tensor;
    readonly outputGradients: Tensor;
    readonly lossRows: Tensor;
  },
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

/** Mean squared rate and its gradient: shaders/rate_l2.wgsl. */
export async function rateL2Op(
  device: Device,
  layout: Layout,
  place: TermPlace,
  buffers: {
    readonly shape: Uniform;
    readonly settings: Tensor;
    readonly rates: Tensor;
    readonly directGradients: Tensor;
    readonly lossRows: Tensor;
  },
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
