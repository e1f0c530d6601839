import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { Uniform } from "../gpu/uniforms.ts";
import { bilinearBackward, bilinearError, bilinearGradient, weightGradient } from "../wgsl/generated.ts";
import type { BilinearFeatures, BilinearLayout, BilinearTensors } from "./bilinear.ts";
import { bilinearTile } from "./bilinear.ts";
import type { ShapeTable } from "./buffers.ts";
import { activationCode } from "./custom-activations.ts";
import { elementwiseSize, gridFor, groupsFor, powerOfTwo } from "./grid.ts";
import { noBias, productOp } from "./products.ts";
import { withTile } from "./tiles.ts";

/** What the backward pass adds to the tensors of the forward pass. */
export type BilinearGradientName =
  | "targets"
  | "lossRows"
  | "rateGradients"
  | "deltas"
  | "stateGradients"
  | "ones"
  | "partials"
  | "rules"
  | "gradients";

const rowsPerSplit = 512;
const mostSplits = 16;

/** Slices of time × trials over which the gradients are summed apart; of the shape alone. */
export function bilinearSplits({ steps, batch }: BilinearLayout): number {
  return Math.max(1, Math.min(mostSplits, Math.ceil((steps * batch) / rowsPerSplit)));
}

export function bilinearGradientShapes(layout: BilinearLayout, observed: number): ShapeTable<BilinearGradientName> {
  const { replicas, steps, batch, units4, inputs, parameters } = layout;
  return {
    targets: [replicas, steps, batch, observed],
    lossRows: [replicas, steps, batch],
    rateGradients: [replicas, steps, batch, 4 * units4],
    deltas: [replicas, 1 + inputs, steps, batch, 4 * units4],
    stateGradients: [replicas, steps, batch, 4 * units4],
    ones: [4],
    partials: [replicas, bilinearSplits(layout), parameters],
    rules: [replicas, parameters],
    gradients: [replicas, parameters],
  };
}

/** The sizes of the parameter vector for the kernels that know no more of the network: shaders/lib/shape.wgsl. */
export function bilinearShapeUniform(device: Device, layout: BilinearLayout): Uniform {
  const { replicas, steps, batch, units, units4, inputs, parameters, packed4 } = layout;
  return new Uniform(device, "shape", weightGradient.bindings.shape, [
    {
      ...{ replicas, steps, batch, inputs, hidden: units, outputs: 0, input4: 1, hidden4: units4, output4: 0 },
      ...{ parameters, packed4, splits: bilinearSplits(layout), gates: 1 },
    },
  ]);
}

/** Mean squared error of the first `observed` units, and dL/dr: shaders/bilinear_error.wgsl. */
export async function bilinearErrorOp(
  device: Device,
  { steps, batch, replicas }: BilinearLayout,
  observed: number,
  buffers: { readonly bilinear: Uniform } & Record<"rates" | "targets" | "rateGradients" | "lossRows", Tensor>,
): Promise<Dispatch> {
  const { bilinear, rates, targets, rateGradients, lossRows } = buffers;
  const kernel = await Kernel.create(device, bilinearError, { WORKGROUP_SIZE: elementwiseSize, OBSERVED: observed });
  return kernel.dispatch(
    {
      ...{ bilinear, rates: read(rates), targets: read(targets) },
      ...{ rate_gradients: readWrite(rateGradients), loss_rows: readWrite(lossRows) },
    },
    gridFor(steps * batch, elementwiseSize, replicas),
  );
}

/**
 * From dL/dr of the loss to gradients of all parameters: shaders/bilinear_backward.wgsl, then one product for each matrix and
 * one for the bias (shaders/weight_gradient.wgsl), then their sums. The caller disposes of the uniforms.
 */
export async function bilinearBackwardOps(
  device: Device,
  layout: BilinearLayout,
  { activation, decay }: Pick<BilinearFeatures, "activation"> & { readonly decay: number },
  buffers: Pick<BilinearTensors, "parameters" | "packed" | "inputs" | "drives" | "states"> &
    Record<Exclude<BilinearGradientName, "targets" | "lossRows">, Tensor> & {
      readonly bilinear: Uniform;
      readonly shape: Uniform;
    },
): Promise<{ readonly dispatches: readonly Dispatch[]; readonly uniforms: readonly Uniform[] }> {
  const { bilinear, shape, packed, inputs, drives, states, rateGradients, deltas, stateGradients } = buffers;
  const { steps, batch, units, units4, replicas, slots } = layout;
  const tile = bilinearTile(device, layout, false);
  const size = powerOfTwo(groupsFor(units4, tile.columns / 4), tile.quads ? 4 : 1, 256);
  const kernel = await Kernel.create(device, withTile(bilinearBackward, tile), {
    WORKGROUP_SIZE: size,
    ACTIVATION: activationCode(activation, { activation }),
    INPUTS: layout.inputs,
  });
  const backward = kernel.dispatch(
    {
      ...{ bilinear, packed: read(packed), inputs: read(inputs), drives: read(drives) },
      ...{ rate_gradients: read(rateGradients), deltas: readWrite(deltas), state_gradients: readWrite(stateGradients) },
    },
    [groupsFor(batch, tile.rows), 1, replicas],
  );
  const rows = steps * batch;
  const atUnits = (d: number) => ({
    ...{ rows, a_start: d * rows * units4, a_row: units4, a_replica: (1 + layout.inputs) * rows * units4 },
    ...{ a_columns: units, a_first: 0 },
  });
  const plans = Array.from({ length: 1 + layout.inputs }, (_, d) => ({
    ...{ a: deltas, b: states },
    values: {
      ...atUnits(d),
      ...{ b_start: 0, b_row: units4, b_replica: slots * batch * units4, b_columns: units, b_first: 0 },
      ...{ out_start: d * units ** 2, out_width: units, bias_column: noBias, bias_start: 0 },
    },
  }));
  // A column of ones, one vector for all rows.
  const bias = {
    ...{ a: deltas, b: buffers.ones },
    values: {
      ...atUnits(0),
      ...{ b_start: 0, b_row: 0, b_replica: 0, b_columns: 1, b_first: 0 },
      ...{ out_start: 0, out_width: 0, bias_column: 0, bias_start: (1 + layout.inputs) * units ** 2 },
    },
  };
  const slices = { replicas, splits: bilinearSplits(layout) };
  const products: Awaited<ReturnType<typeof productOp>>[] = [];
  for (const plan of [...plans, bias])
    products.push(await productOp(device, slices, plan, { shape, partials: buffers.partials }));
  const finish = await Kernel.create(device, bilinearGradient, { WORKGROUP_SIZE: elementwiseSize, DECAY: decay });
  const sums = finish.dispatch(
    {
      ...{ shape, rules: read(buffers.rules), partials: read(buffers.partials) },
      ...{ parameters: read(buffers.parameters), gradients: readWrite(buffers.gradients) },
    },
    gridFor(layout.parameters, elementwiseSize, replicas),
  );
  return {
    dispatches: [backward, ...products.map(({ dispatch }) => dispatch), sums],
    uniforms: products.map(({ uniform }) => uniform),
  };
}
