import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { Uniform } from "../gpu/uniforms.ts";
import { alphaGradient, weightGradient } from "../wgsl/generated.ts";
import { elementwiseSize, groupsFor } from "./grid.ts";
import type { LayerSpan } from "./layers.ts";
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
  /** State of short-term plasticity; not read without it. */
  readonly synapses: Tensor;
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

/** What one layer's recurrent weights need: products with what acts one step later, and with what acts within the step. */
function recurrentProducts(
  layout: Layout,
  layers: readonly LayerSpan[],
  { stateGradients, rates, synapses }: WeightGradientBuffers,
): ProductPlan[] {
  const { steps, batch, hidden, hidden4, shortTermPlasticity } = layout;
  // With short-term plasticity the third of the four blocks of a row of `synapses` is what the postsynaptic side sees.
  const [b, blocks, place] = shortTermPlasticity === undefined ? [rates, 1, 0] : [synapses, 4, 2];
  const slot = batch * hidden4;
  const start = parameterOffsets(layout).weightHH;
  return layers.flatMap((layer) =>
    [layer.sourcesBefore, layer.sourcesWithin].flatMap((sources, part) =>
      sources.end === sources.first
        ? []
        : {
            a: stateGradients,
            b,
            values: {
              rows: steps * batch,
              a_start: slot + Math.floor(layer.first / 4),
              a_row: hidden4,
              a_replica: (steps + 1) * slot,
              a_columns: layer.end - layer.first,
              a_first: layer.first % 4,
              b_start: blocks * part * slot + place * hidden4 + Math.floor(sources.first / 4),
              b_row: blocks * hidden4,
              b_replica: blocks * (steps + 1) * slot,
              b_columns: sources.end - sources.first,
              b_first: sources.first % 4,
              out_start: start + layer.first * hidden + sources.first,
              out_width: hidden,
              bias_column: noBias,
              bias_start: 0,
            },
          },
    ),
  );
}

function products(
  layout: Layout,
  layers: readonly LayerSpan[],
  buffers: WeightGradientBuffers,
  withV0: boolean,
): ProductPlan[] {
  const { steps, batch, inputs, hidden, outputs, input4, hidden4, output4 } = layout;
  const offsets = parameterOffsets(layout);
  const rows = steps * batch;
  const slot = batch * hidden4;
  const atHidden = { a_first: 0, a_row: hidden4, a_replica: (steps + 1) * slot, a_columns: hidden };
  const atOutput = { a_first: 0, a_start: 0, a_row: output4, a_replica: rows * output4, a_columns: outputs };
  const fromRates = { b_row: hidden4, b_replica: (steps + 1) * slot, b_columns: hidden, b_first: 0 };
  const fromInputs = { b_row: input4, b_replica: rows * input4 };
  // The column of ones alone, which sums the rows of A.
  const ones = {
    ...fromInputs,
    b_start: Math.floor(inputs / 4),
    b_first: inputs % 4,
    b_columns: 1,
    bias_column: 0,
    out_width: 0,
  };
  const { inputs: u, rates: r, stateGradients: dv, outputGradients: dy } = buffers;
  const list: ProductPlan[] = [
    ...recurrentProducts(layout, layers, buffers),
    {
      a: dv,
      b: u,
      values: {
        ...{ rows, ...atHidden, a_start: slot, ...fromInputs, b_start: 0, b_first: 0, b_columns: inputs + 1 },
        ...{ out_start: offsets.weightIH, out_width: inputs, bias_column: inputs, bias_start: offsets.biasH },
      },
    },
    {
      a: dy,
      b: r,
      values: {
        ...{ rows, ...atOutput, ...fromRates, b_start: slot },
        ...{ out_start: offsets.weightHO, out_width: hidden, bias_column: noBias, bias_start: 0 },
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
  layers: readonly LayerSpan[],
  options: { readonly alpha: boolean; readonly v0: boolean },
  buffers: WeightGradientBuffers,
): Promise<WeightGradients> {
  const kernel = await Kernel.create(device, weightGradient, { WORKGROUP_X: workgroupX, WORKGROUP_Y: workgroupY });
  const { shape, partials } = buffers;
  const slices = layout.replicas * layout.splits;
  const uniforms: Uniform[] = [];
  const dispatches = products(layout, layers, buffers, options.v0).map(({ a, b, values }) => {
    const product = new Uniform(device, "product", weightGradient.bindings.product, [values]);
    uniforms.push(product);
    const x = groupsFor(groupsFor(values.b_first + values.b_columns, blockSize), workgroupX);
    const y = groupsFor(groupsFor(values.a_first + values.a_columns, blockSize), workgroupY);
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
