import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import { sizeOf, type Tensor } from "../../gpu/tensor.ts";
import { parameterShape, type WeightName } from "../../network/model.ts";
import { spectralNorm, spectralNormGradient } from "../../wgsl/generated.ts";
import { elementwiseSize, gridFor, powerOfTwo } from "../grid.ts";
import { type Layout, vectors } from "../layout.ts";
import { type MatrixPart, partOverrides } from "./matrix-part.ts";
import type { LossBuffers, TermPlace } from "./place.ts";

const mostInvocations = 256;

/** The shape of `spectralVectors`: room for two singular vectors of any of the three matrices. */
export function spectralVectorsShape({ replicas, input4, hidden4, output4 }: Layout): readonly number[] {
  return [replicas, 4 * (hidden4 + Math.max(input4, hidden4, output4))];
}

/** The largest singular value of one matrix: shaders/spectral_norm.wgsl, then shaders/spectral_norm_gradient.wgsl. */
export async function spectralNormOps(
  device: Device,
  layout: Layout,
  place: TermPlace,
  options: {
    readonly matrix: WeightName;
    readonly part: MatrixPart;
    readonly iterations: number;
    readonly squared: boolean;
  },
  buffers: LossBuffers & {
    /** Effective weights: shaders/pack_weights.wgsl. */
    readonly packed: Tensor;
    readonly penalties: Tensor;
    readonly spectralVectors: Tensor;
  },
): Promise<Dispatch[]> {
  const { matrix, part } = options;
  const shapeOf = parameterShape(layout, matrix);
  const { shape, settings, packed, penalties, spectralVectors, lossRows } = buffers;
  const common = {
    TENSOR: partOverrides(part, matrix).TENSOR,
    VECTORS: spectralVectors.size / (4 * layout.replicas),
  };
  const iterate = await Kernel.create(device, spectralNorm, {
    ...common,
    ...partOverrides(part, matrix),
    WORKGROUP_SIZE: powerOfTwo(vectors(Math.max(...shapeOf)), 1, mostInvocations),
    ITERATIONS: options.iterations,
    SQUARED: options.squared,
    TERM: place.term,
    TERMS: place.terms,
  });
  const apply = await Kernel.create(device, spectralNormGradient, {
    ...common,
    WORKGROUP_SIZE: elementwiseSize,
    FIRST: place.first,
  });
  return [
    iterate.dispatch(
      {
        shape,
        settings: read(settings),
        packed: read(packed),
        vectors: readWrite(spectralVectors),
        loss_rows: readWrite(lossRows),
      },
      [1, 1, layout.replicas],
    ),
    apply.dispatch(
      { shape, vectors: read(spectralVectors), penalties: readWrite(penalties) },
      gridFor(sizeOf(shapeOf), elementwiseSize, layout.replicas),
    ),
  ];
}
