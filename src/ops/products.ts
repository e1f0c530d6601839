import type { Tensor } from "../gpu/tensor.ts";
import type { Uniform } from "../gpu/uniforms.ts";
import type { weightGradient } from "../wgsl/generated.ts";
import type { Layout } from "./layout.ts";

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

/** One matrix product: the struct `Product` of the shader without what its buffers imply. */
export interface ProductPlan {
  readonly a: Tensor;
  readonly b: Tensor;
  /** It is about slot 0; absent = no. */
  readonly atStart?: boolean;
  readonly values: Record<keyof (typeof weightGradient)["bindings"]["product"]["fields"], number>;
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
