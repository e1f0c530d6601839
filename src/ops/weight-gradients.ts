import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { Uniform } from "../gpu/uniforms.ts";
import { alphaGradient, weightGradient } from "../wgsl/generated.ts";
import { elementwiseSize, groupsFor } from "./grid.ts";
import { type Layout, parameterOffsets } from "./layout.ts";

/** Buffers of the weight gradients; shapes in shaders/weight_gradient.wgsl and shaders/alpha_gradient.wgsl. */
export interface WeightGradientBuffers {
  readonly shape: Uniform;
  readonly inputs: Tensor;
  readonly rates: Tensor;
  readonly outputGradients: Tensor;
  readonly stateGradients: Tensor;
  readonly slopes: Tensor;
  readonly partials: Tensor;
}

/** One product of the list below: the struct `Product` of the shader without what its buffers imply. */
interface ProductPlan {
  readonly a: Tensor;
  readonly b: Tensor;
  readonly values: Record<keyof (typeof weightGradient)["bindings"]["product"]["fields"], number>;
}

const noBias = 0xffffffff;
const blockSize = 8;
const workgroupX = 8;
const workgroupY = 8;

/** The products of one training step, with their uniforms, which the caller disposes of. */
export interface WeightGradients {
  readonly dispatches: readonly Dispatch[];
  readonly uniforms: readonly Uniform[];
}

function products(layout: Layout, buffers: WeightGradientBuffers, withV0: boolean): ProductPlan[] {
  const { steps, batch, inputs, hidden, outputs, input4, hidden4, output4 } = layout;
  const offsets = parameterOffsets(layout);
  const rows = steps * batch;
  const slot = batch * hidden4;
  const atHidden = { a_row: hidden4, a_replica: (steps + 1) * slot, a_columns: hidden };
  const atOutput = { a_start: 0, a_row: output4, a_replica: rows * output4, a_columns: outputs };
  const fromRates = { b_row: hidden4, b_replica: (steps + 1) * slot, b_columns: hidden, b_first: 0 };
  const fromInputs = { b_row: input4, b_replica: rows * input4 };
  // The column of ones alone, which sums the rows of A.
  const ones = { ...fromInputs, b_start: Math.floor(inputs / 4), b_first: inputs % 4, b_columns: 1, bias_column: 0 };
  const { inputs: u, rates: r, stateGradients: dv, outputGradients: dy } = buffers;
  const list: ProductPlan[] = [
    {
      a: dv,
      b: r,
      values: {
        ...{ rows, ...atHidden, a_start: slot, ...fromRates, b_start: 0 },
        ...{ out_start: offsets.weightHH, bias_column: noBias, bias_start: 0 },
      },
    },
    {
      a: dv,
      b: u,
      values: {
        ...{ rows, ...atHidden, a_start: slot, ...fromInputs, b_start: 0, b_first: 0, b_columns: inputs + 1 },
        ...{ out_start: offsets.weightIH, bias_column: inputs, bias_start: offsets.biasH },
      },
    },
    {
      a: dy,
      b: r,
      values: {
        ...{ rows, ...atOutput, ...fromRates, b_start: slot },
        ...{ out_start: offsets.weightHO, bias_column: noBias, bias_start: 0 },
      },
    },
    { a: dy, b: u, values: { rows, ...atOutput, ...ones, out_start: 0, bias_start: offsets.biasO } },
  ];
  if (withV0) {
    list.push({
      a: dv,
      b: u,
      values: { rows: batch, ...atHidden, a_start: 0, ...ones, out_start: 0, bias_start: offsets.v0 },
    });
  }
  return list;
}

/**
 * Gradients of all weights and biases, and on request of alpha (needs the slopes of the forward pass) and v0, as sums
 * over slices of time × batch: shaders/weight_gradient.wgsl, shaders/alpha_gradient.wgsl.
 */
export async function weightGradientOps(
  device: Device,
  layout: Layout,
  options: { readonly alpha: boolean; readonly v0: boolean },
  buffers: WeightGradientBuffers,
): Promise<WeightGradients> {
  const kernel = await Kernel.create(device, weightGradient, { WORKGROUP_X: workgroupX, WORKGROUP_Y: workgroupY });
  const { shape, partials } = buffers;
  const slices = layout.replicas * layout.splits;
  const uniforms: Uniform[] = [];
  const dispatches = products(layout, buffers, options.v0).map(({ a, b, values }) => {
    const product = new Uniform(device, "product", weightGradient.bindings.product, [values]);
    uniforms.push(product);
    const x = groupsFor(groupsFor(values.b_first + values.b_columns, blockSize), workgroupX);
    const y = groupsFor(groupsFor(values.a_columns, blockSize), workgroupY);
    return kernel.dispatch({ shape, product, a: read(a), b: read(b), partials: readWrite(partials) }, [x, y, slices]);
  });
  if (options.alpha) {
    const alpha = await Kernel.create(device, alphaGradient, { WORKGROUP_SIZE: elementwiseSize });
    dispatches.push(
      alpha.dispatch(
        {
          shape,
          state_gradients: read(buffers.stateGradients),
          slopes: read(buffers.slopes),
          partials: readWrite(partials),
        },
        [groupsFor(layout.hidden4, elementwiseSize), 1, slices],
      ),
    );
  }
  return { dispatches, uniforms };
}
