import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";
import type { Uniform } from "../../gpu/uniforms.ts";
import { directWeightGradient, recurrentProduct } from "../../wgsl/generated.ts";
import { elementwiseSize, gridFor, groupsFor, powerOfTwo } from "../grid.ts";
import { type Layout, parameterOffsets } from "../layout.ts";
import { noBias, productOp } from "../products.ts";
import { countedRows, type Segment, wholeTrial } from "../segment.ts";
import { wideTile, withTile } from "../tiles.ts";
import type { LossBuffers } from "./place.ts";

/** What terms on the recurrent drive need beyond rates and settings. */
export interface RecurrentBuffers extends LossBuffers {
  /** Effective weights: shaders/pack_weights.wgsl. */
  readonly packed: Tensor;
  /** [R, T, B, hidden4 * 4], used by one term after the other. */
  readonly recurrentProducts: Tensor;
  /** [R] factors on the gradient of the recurrent weights. */
  readonly termScales: Tensor;
  /** The partial sums of the weight gradients: free until those are computed, and used for the terms' own before. */
  readonly partials: Tensor;
  readonly penalties: Tensor;
  /** Uniforms that the operations make are added here; whoever owns the buffers disposes of them. */
  readonly uniforms: Uniform[];
}

/** All slots but the first, or the rows of every time step: the two layouts of a sequence. */
export type RowLayout = "slots" | "steps";

/** W x, or W^T (alpha x), for all rows at once: shaders/recurrent_product.wgsl. */
export async function recurrentProductOp(
  device: Device,
  layout: Layout,
  options: { readonly backward: boolean; readonly rows: RowLayout; readonly add: boolean },
  buffers: { readonly shape: Uniform; readonly packed: Tensor; readonly x: Tensor; readonly products: Tensor },
): Promise<Dispatch> {
  const tile = wideTile(device);
  const invocations = groupsFor(layout.hidden4, tile.columns / 4);
  const size = powerOfTwo(invocations, 4, elementwiseSize);
  const kernel = await Kernel.create(device, withTile(recurrentProduct, tile), {
    WORKGROUP_SIZE: size,
    BACKWARD: options.backward,
    SLOTS: options.rows === "slots",
    ADD: options.add,
  });
  const { shape, packed, x, products } = buffers;
  return kernel.dispatch({ shape, packed: read(packed), x: read(x), products: readWrite(products) }, [
    groupsFor(invocations, size),
    groupsFor(layout.steps * layout.batch, tile.rows),
    layout.replicas,
  ]);
}

/**
 * Sum over rows of post[i] pre[j], in slices: shaders/weight_gradient.wgsl.
 * @param accumulate adds to the sums of other segments, where this one is not the first to be done.
 */
export async function directSumOp(
  device: Device,
  layout: Layout,
  sides: Readonly<Record<"post" | "pre", { readonly tensor: Tensor; readonly rows: RowLayout }>>,
  { shape, partials, uniforms }: Pick<RecurrentBuffers, "shape" | "partials" | "uniforms">,
  { accumulate = false, segment = wholeTrial }: { readonly accumulate?: boolean; readonly segment?: Segment } = {},
): Promise<Dispatch> {
  const { steps, batch, hidden, hidden4 } = layout;
  const slot = batch * hidden4;
  const start = (rows: RowLayout): number => (rows === "slots" ? slot : 0);
  const replica = (rows: RowLayout): number => (rows === "slots" ? steps + 1 : steps) * slot;
  const { post, pre } = sides;
  const values = {
    rows: countedRows(layout, segment),
    ...{ a_start: start(post.rows), a_row: hidden4, a_replica: replica(post.rows), a_columns: hidden, a_first: 0 },
    ...{ b_start: start(pre.rows), b_row: hidden4, b_replica: replica(pre.rows), b_columns: hidden, b_first: 0 },
    ...{ out_start: parameterOffsets(layout).weightHH, out_width: hidden, bias_column: noBias, bias_start: 0 },
  };
  const product = { a: post.tensor, b: pre.tensor, values };
  const sum = await productOp(device, layout, product, { shape, partials }, accumulate);
  uniforms.push(sum.uniform);
  return sum.dispatch;
}

/**
 * dL/dW[i, j] = scale alpha[i] times those sums, added to the direct gradients of the recurrent weights:
 * shaders/direct_weight_gradient.wgsl.
 * @param options.first no other term has written that gradient. `scaled`: by `termScales`, else by 1.
 */
export async function directFinishOp(
  device: Device,
  { hidden, replicas }: Layout,
  options: { readonly first: boolean; readonly scaled: boolean },
  { shape, packed, partials, termScales, penalties }: RecurrentBuffers,
): Promise<Dispatch> {
  const finish = await Kernel.create(device, directWeightGradient, {
    WORKGROUP_SIZE: elementwiseSize,
    SCALED: options.scaled,
    FIRST: options.first,
  });
  return finish.dispatch(
    {
      shape,
      packed: read(packed),
      partials: read(partials),
      term_scales: read(termScales),
      penalties: readWrite(penalties),
    },
    gridFor(hidden * hidden, elementwiseSize, replicas),
  );
}
