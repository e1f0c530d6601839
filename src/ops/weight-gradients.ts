import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import type { Uniform } from "../gpu/uniforms.ts";
import { alphaGradient } from "../wgsl/generated.ts";
import { gatedProducts } from "./gated-gradients.ts";
import { elementwiseSize, groupsFor } from "./grid.ts";
import type { LayerSpan } from "./layers.ts";
import { type Layout, parameterOffsets } from "./layout.ts";
import {
  type InitialStateGradients,
  noBias,
  type ProductPlan,
  productOp,
  sides,
  type WeightGradientBuffers,
} from "./products.ts";
import { countedRows, type Segment, wholeTrial } from "./segment.ts";

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
  rows: number,
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
              rows,
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

/** What the weights onto the hidden units of a CTRNN need. */
function leakyProducts(
  layout: Layout,
  layers: readonly LayerSpan[],
  buffers: WeightGradientBuffers,
  options: { readonly rows: number; readonly v0: boolean },
): ProductPlan[] {
  const { batch, inputs, hidden4 } = layout;
  const { atHidden, fromInputs, ones } = sides(layout);
  const offsets = parameterOffsets(layout);
  const { inputs: u, stateGradients: dv } = buffers;
  const list: ProductPlan[] = [
    ...recurrentProducts(layout, layers, buffers, options.rows),
    {
      a: dv,
      b: u,
      values: {
        ...{ rows: options.rows, ...atHidden, a_start: batch * hidden4 },
        ...{ ...fromInputs, b_start: 0, b_first: 0, b_columns: inputs + 1 },
        ...{ out_start: offsets.weightIH, out_width: inputs, bias_column: inputs, bias_start: offsets.biasH },
      },
    },
  ];
  if (options.v0) {
    list.push({
      a: dv,
      b: u,
      values: { rows: batch, ...atHidden, a_start: 0, ...ones, out_start: 0, bias_start: offsets.v0 },
      atStart: true,
    });
  }
  return list;
}

function products(
  layout: Layout,
  layers: readonly LayerSpan[],
  buffers: WeightGradientBuffers,
  options: InitialStateGradients & { readonly rows: number },
): ProductPlan[] {
  const { batch, hidden, hidden4 } = layout;
  const { atOutput, fromRates, ones } = sides(layout);
  const offsets = parameterOffsets(layout);
  const { rows } = options;
  const slot = batch * hidden4;
  const { inputs: u, rates: r, outputGradients: dy } = buffers;
  return [
    ...(layout.gates > 1 ? gatedProducts(layout, buffers, options) : leakyProducts(layout, layers, buffers, options)),
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
}

/**
 * Gradients of all weights and biases, and on request of alpha (needs the slopes of the forward pass), v0 and r0 (of an
 * LSTM: needs dL/dr), as sums over slices of time × batch: shaders/weight_gradient.wgsl, shaders/alpha_gradient.wgsl. What
 * the cell does not have is left out. Of a trial in segments, which come last to first, each adds its share to the sums.
 */
export async function weightGradientOps(
  device: Device,
  layout: Layout,
  layers: readonly LayerSpan[],
  options: InitialStateGradients & { readonly alpha: boolean },
  buffers: WeightGradientBuffers,
  segment: Segment = wholeTrial,
): Promise<WeightGradients> {
  // Where trials start is known to their first segment, and to no other.
  const starts = segment.isFirst ? { v0: options.v0, r0: options.r0 ?? false } : { v0: false, r0: false };
  const { shape, partials } = buffers;
  const slices = layout.replicas * layout.splits;
  const uniforms: Uniform[] = [];
  const dispatches: Dispatch[] = [];
  for (const product of products(layout, layers, buffers, { ...starts, rows: countedRows(layout, segment) })) {
    const accumulate = !segment.isLast && product.atStart !== true;
    const { dispatch, uniform } = await productOp(device, layout, product, { shape, partials }, accumulate);
    uniforms.push(uniform);
    dispatches.push(dispatch);
  }
  if (options.alpha && layout.gates === 1) {
    const alpha = await Kernel.create(device, alphaGradient, {
      WORKGROUP_SIZE: elementwiseSize,
      SHARED: segment.shared,
      ACCUMULATE: !segment.isLast,
    });
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
