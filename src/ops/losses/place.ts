import type { Tensor } from "../../gpu/tensor.ts";
import type { Uniform } from "../../gpu/uniforms.ts";
import { elementwiseSize, gridFor } from "../grid.ts";
import type { Layout } from "../layout.ts";

/** Where a loss term stands among the others: its index, their number, and whether it is the first to write a gradient. */
export interface TermPlace {
  readonly term: number;
  readonly terms: number;
  readonly first: boolean;
}

/** The buffers that loss terms read and write; shapes in their shaders. */
export interface LossBuffers {
  readonly shape: Uniform;
  readonly settings: Tensor;
  readonly outputs: Tensor;
  readonly targets: Tensor;
  readonly trialMask: Tensor;
  readonly rates: Tensor;
  readonly outputGradients: Tensor;
  readonly directGradients: Tensor;
  readonly lossRows: Tensor;
}

/** A grid with one invocation for every row, time × trial. */
export function perRow(layout: Layout): [number, number, number] {
  return gridFor(layout.steps * layout.batch, elementwiseSize, layout.replicas);
}
