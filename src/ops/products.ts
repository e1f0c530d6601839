import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { Uniform } from "../gpu/uniforms.ts";
import { weightGradient } from "../wgsl/generated.ts";
import { groupsFor, powerOfTwo } from "./grid.ts";
import type { Layout } from "./layout.ts";
import { type Tile, withTile } from "./tiles.ts";

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
  /** dL/dr and the gradients of the gates of an LSTM or a GRU; not read for a CTRNN. */
  readonly rateGradients: Tensor;
  readonly gateGradients: Tensor;
}

type ProductValues = Record<keyof (typeof weightGradient)["bindings"]["product"]["fields"], number>;

/** One matrix product, `a` at the postsynaptic side: the struct `Product` of the shader without which side is which. */
export interface ProductPlan {
  readonly a: Tensor;
  readonly b: Tensor;
  /** It is about slot 0; absent = no. */
  readonly atStart?: boolean;
  readonly values: Omit<ProductValues, "post_is_b">;
}

/** The same product with its wider matrix as B, which the invocations of a workgroup share out. */
function widerLast({ a, b, values }: ProductPlan): { a: Tensor; b: Tensor; values: ProductValues } {
  if (values.a_columns <= values.b_columns) return { a, b, values: { ...values, post_is_b: 0 } };
  const { a_start, a_row, a_replica, a_columns, a_first, b_start, b_row, b_replica, b_columns, b_first } = values;
  const atA = { a_start: b_start, a_row: b_row, a_replica: b_replica, a_columns: b_columns, a_first: b_first };
  const atB = { b_start: a_start, b_row: a_row, b_replica: a_replica, b_columns: a_columns, b_first: a_first };
  return { a: b, b: a, values: { ...values, ...atA, ...atB, post_is_b: 1 } };
}

const mostInvocations = 64;

/**
 * The tile for a product whose narrower matrix has so many columns: as large as it fills on a software adapter, where loads
 * cost most; smaller on hardware, where more invocations are worth more.
 */
function tileFor({ info, features }: Device, columns: number): Tile {
  const quads = features.has("subgroups");
  if (!info.isSoftware) return { rows: columns >= 256 ? 16 : 8, columns: 8, quads: false };
  return { rows: columns > 16 ? 32 : columns > 8 ? 16 : 8, columns: 8, quads };
}

/** One product, summed over slices of its rows to `partials`, or with `accumulate` added to what is there, with its uniform, which the caller disposes of. */
export async function productOp(
  device: Device,
  layout: Pick<Layout, "replicas" | "splits">,
  plan: ProductPlan,
  { shape, partials }: { readonly shape: Uniform; readonly partials: Tensor },
  accumulate = false,
): Promise<{ readonly dispatch: Dispatch; readonly uniform: Uniform }> {
  const { a, b, values } = widerLast(plan);
  const rows = values.a_first + values.a_columns;
  const tile = tileFor(device, rows);
  const invocations = groupsFor(values.b_first + values.b_columns, tile.columns);
  const size = powerOfTwo(invocations, tile.quads ? 4 : 1, mostInvocations);
  const kernel = await Kernel.create(device, withTile(weightGradient, tile), {
    WORKGROUP_SIZE: size,
    ACCUMULATE: accumulate,
  });
  const product = new Uniform(device, "product", weightGradient.bindings.product, [values]);
  const resources = { shape, product, a: read(a), b: read(b), partials: readWrite(partials) };
  const slices = layout.replicas * layout.splits;
  const grid = [groupsFor(invocations, size), groupsFor(rows, tile.rows), slices] as const;
  return { dispatch: kernel.dispatch(resources, grid), uniform: product };
}

/** In place of a bias column where there is none. */
export const noBias = 0xffffffff;

/** Of which parts of the initial state gradients are wanted. */
export interface InitialStateGradients {
  readonly v0: boolean;
  /** First rates of an LSTM or a GRU; absent = no. */
  readonly r0?: boolean;
}

/** Which rows of which buffers a product reads. */
export function sides(layout: Layout) {
  const { steps, batch, inputs, hidden, outputs, input4, hidden4, output4 } = layout;
  const rows = steps * batch;
  const slots = (steps + 1) * batch;
  const fromInputs = { b_row: input4, b_replica: rows * input4 };
  return {
    atHidden: { a_first: 0, a_row: hidden4, a_replica: slots * hidden4, a_columns: hidden },
    atOutput: { a_first: 0, a_start: 0, a_row: output4, a_replica: rows * output4, a_columns: outputs },
    fromRates: { b_row: hidden4, b_replica: slots * hidden4, b_columns: hidden, b_first: 0 },
    fromInputs,
    /** The column of ones alone, which sums the rows of A. */
    ones: {
      ...fromInputs,
      ...{ b_start: Math.floor(inputs / 4), b_first: inputs % 4, b_columns: 1, bias_column: 0, out_width: 0 },
    },
  };
}
