import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import { sizeOf, type Tensor } from "../../gpu/tensor.ts";
import type { Constraint } from "../../io/model-schema.ts";
import { parameterShape, type WeightName } from "../../network/model.ts";
import { weightPenalty, weightPenaltySum } from "../../wgsl/generated.ts";
import { elementwiseSize, gridFor, groupsFor } from "../grid.ts";
import type { Layout } from "../layout.ts";
import { constraintCodes } from "../sequence.ts";
import { isWhole, type MatrixPart, partOverrides, partSize } from "./matrix-part.ts";
import type { LossBuffers, TermPlace } from "./place.ts";

/** The kinds of penalty in shaders/weight_penalty.wgsl, by number: Σ |w|, Σ w², √Σ w². */
export const penaltyKinds = ["l1", "l2", "frobenius"] as const;

const reductionSize = 64;
const elementsPerChunk = 4096;
/** Most partial sums of one matrix: the size of `penaltySums` for one replica. */
export const mostPenaltyChunks = 16;

/** A penalty on one matrix's effective weights: shaders/weight_penalty_sum.wgsl, then shaders/weight_penalty.wgsl. */
export async function weightPenaltyOps(
  device: Device,
  layout: Layout,
  place: TermPlace,
  options: {
    readonly kind: (typeof penaltyKinds)[number];
    readonly matrix: WeightName;
    readonly part: MatrixPart;
    readonly constraint: Constraint;
    /** Whether each entry counts by the distance of its units; then `matrix` is weightHH. */
    readonly byDistance: boolean;
  },
  buffers: LossBuffers & {
    readonly parameters: Tensor;
    readonly rules: Tensor;
    readonly penaltySums: Tensor;
    readonly penalties: Tensor;
    /** [1, H, H] for all replicas or [R, H, H]; any other tensor where nothing counts by distance. */
    readonly distances: Tensor;
  },
): Promise<Dispatch[]> {
  const { matrix, part, byDistance } = options;
  const size = sizeOf(parameterShape(layout, matrix));
  const { distances } = buffers;
  const common = {
    ...partOverrides(part, matrix),
    WHOLE: isWhole(part, layout, matrix),
    CHUNKS: Math.min(mostPenaltyChunks, groupsFor(partSize(part), elementsPerChunk)),
    KIND: penaltyKinds.indexOf(options.kind),
    CONSTRAINT: constraintCodes[options.constraint],
    DISTANCES: byDistance,
    DISTANCE_STRIDE: byDistance && distances.shape[0] === layout.replicas ? size : 0,
  };
  const sum = await Kernel.create(device, weightPenaltySum, { ...common, WORKGROUP_SIZE: reductionSize });
  const apply = await Kernel.create(device, weightPenalty, {
    ...common,
    WORKGROUP_SIZE: elementwiseSize,
    TERM: place.term,
    TERMS: place.terms,
    FIRST: place.first,
  });
  const { shape, settings, parameters, rules, penaltySums, penalties, lossRows } = buffers;
  const weights = { parameters: read(parameters), rules: read(rules), distances: read(distances) };
  return [
    sum.dispatch({ shape, ...weights, sums: readWrite(penaltySums) }, [common.CHUNKS, 1, layout.replicas]),
    apply.dispatch(
      {
        shape,
        ...weights,
        settings: read(settings),
        sums: read(penaltySums),
        penalties: readWrite(penalties),
        loss_rows: readWrite(lossRows),
      },
      gridFor(size, elementwiseSize, layout.replicas),
    ),
  ];
}
