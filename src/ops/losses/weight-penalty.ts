import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import { sizeOf, type Tensor } from "../../gpu/tensor.ts";
import type { Constraint } from "../../io/model-schema.ts";
import { type ParameterName, parameterNames, parameterShape } from "../../network/model.ts";
import { weightPenalty, weightPenaltySum } from "../../wgsl/generated.ts";
import { elementwiseSize, gridFor, groupsFor } from "../grid.ts";
import type { Layout } from "../layout.ts";
import { constraintCodes } from "../sequence.ts";
import type { LossBuffers, TermPlace } from "./place.ts";

/** The kinds of penalty in shaders/weight_penalty.wgsl, by number. */
export const penaltyKinds = ["weightL1", "weightL2", "weightNorm"] as const;

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
    readonly matrix: ParameterName;
    readonly constraint: Constraint;
  },
  buffers: LossBuffers & {
    readonly parameters: Tensor;
    readonly rules: Tensor;
    readonly penaltySums: Tensor;
    readonly penalties: Tensor;
  },
): Promise<Dispatch[]> {
  const size = sizeOf(parameterShape(layout, options.matrix));
  const common = {
    CHUNKS: Math.min(mostPenaltyChunks, groupsFor(size, elementsPerChunk)),
    KIND: penaltyKinds.indexOf(options.kind),
    TENSOR: parameterNames.indexOf(options.matrix),
    CONSTRAINT: constraintCodes[options.constraint],
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
  return [
    sum.dispatch({ shape, parameters: read(parameters), rules: read(rules), sums: readWrite(penaltySums) }, [
      common.CHUNKS,
      1,
      layout.replicas,
    ]),
    apply.dispatch(
      {
        shape,
        settings: read(settings),
        parameters: read(parameters),
        rules: read(rules),
        sums: read(penaltySums),
        penalties: readWrite(penalties),
        loss_rows: readWrite(lossRows),
      },
      gridFor(size, elementwiseSize, layout.replicas),
    ),
  ];
}
