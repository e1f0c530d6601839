import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { Uniform } from "../gpu/uniforms.ts";
import { rlsGain, rlsUpdate } from "../wgsl/generated.ts";
import type { ShapeTable } from "./buffers.ts";
import { elementwiseSize, groupsFor, powerOfTwo } from "./grid.ts";
import type { Layout } from "./layout.ts";

/** What recursive least squares keeps from step to step, and what it reads and reports: shaders/rls_update.wgsl. */
export type LeastSquaresTensors = Record<
  "lessons" | "pending" | "inverse" | "products" | "readout" | "records",
  Tensor
>;

/** vec4f of rows of P that one invocation sums: shaders/rls_gain.wgsl. */
const rowsPerBlock = 8;
const mostInvocations = 256;

/** Floats of one time step in `lessons` and `records`: one a padded output, and four more. */
export function lessonWidth({ output4 }: Pick<Layout, "output4">): number {
  return 4 * output4 + 4;
}

/** The shapes of {@link LeastSquaresTensors}; all but the lessons are zero at creation, as they should be but for P. */
export function leastSquaresShapes(layout: Layout): ShapeTable<keyof LeastSquaresTensors> {
  const { replicas, steps, outputs, hidden4 } = layout;
  return {
    lessons: [steps, lessonWidth(layout)],
    pending: [replicas, 4 * hidden4],
    inverse: [replicas, 4 * hidden4, 4 * hidden4],
    products: [replicas, groupsFor(hidden4, rowsPerBlock), 4 * hidden4],
    readout: [replicas, outputs, 4 * hidden4],
    records: [replicas, steps, lessonWidth(layout)],
  };
}

/**
 * One step of recursive least squares for each slot 1 … T, two dispatches each (first that of the gain), and for slot 0 the
 * outputs alone.
 * @param feedback whether the outputs are the last inputs of the next time step.
 */
export async function leastSquaresOps(
  device: Device,
  layout: Layout,
  feedback: boolean,
  buffers: LeastSquaresTensors & {
    readonly shape: Uniform;
    /** Of one layer: shaders/ctrnn_forward_step.wgsl. */
    readonly slots: Uniform;
    readonly packed: Tensor;
    readonly rates: Tensor;
    readonly inputs: Tensor;
  },
): Promise<{ readonly first: Dispatch; readonly steps: readonly (readonly [Dispatch, Dispatch])[] }> {
  const { shape, slots, packed, rates, inputs, lessons, pending, inverse, products, readout, records } = buffers;
  const { steps, hidden4, replicas } = layout;
  const blocks = groupsFor(hidden4, rowsPerBlock);
  const gainSize = powerOfTwo(hidden4, 1, elementwiseSize);
  const gain = await Kernel.create(device, rlsGain, {
    WORKGROUP_SIZE: gainSize,
    BLOCK: rowsPerBlock,
    BLOCKS: blocks,
  });
  const update = await Kernel.create(device, rlsUpdate, {
    WORKGROUP_SIZE: powerOfTwo(hidden4, 1, mostInvocations),
    BLOCKS: blocks,
    FEEDBACK: feedback,
  });
  const offsets = Array.from({ length: steps + 1 }, (_, slot) => slot * slots.stride);
  const gains = gain.dispatchSequence(
    {
      ...{ shape, time: slots, rates: read(rates), lessons: read(lessons), pending: read(pending) },
      ...{ inverse: readWrite(inverse), products: readWrite(products) },
    },
    [groupsFor(hidden4, gainSize), blocks, replicas],
    offsets.slice(1),
  );
  const [first, ...updates] = update.dispatchSequence(
    {
      ...{ shape, time: slots, packed: read(packed), rates: read(rates), products: read(products) },
      ...{ lessons: read(lessons), pending: readWrite(pending), readout: readWrite(readout) },
      ...{ inputs: readWrite(inputs), records: readWrite(records) },
    },
    [1, 1, replicas],
    offsets,
  ) as [Dispatch, ...Dispatch[]];
  return { first, steps: gains.map((each, index) => [each, updates[index] as Dispatch]) };
}
