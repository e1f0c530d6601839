import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { Uniform } from "../gpu/uniforms.ts";
import { rlsRecurrent } from "../wgsl/generated.ts";
import type { ShapeTable } from "./buffers.ts";
import { powerOfTwo } from "./grid.ts";
import type { Layout } from "./layout.ts";

/** What recursive least squares of recurrent weights keeps, reads and reports: shaders/rls_recurrent.wgsl. */
export type RecurrentSquaresTensors = Record<"lessons" | "sources" | "inverse" | "gains" | "records", Tensor>;

/** How many units learn, and the most synapses that one of them learns. */
export interface RecurrentSquaresSizes {
  readonly units: number;
  readonly synapses: number;
}

/** What stands behind a unit's last synapse. */
export const noSynapse = 0xffffffff;
const mostInvocations = 256;
/** Synapses of an invocation, where there are enough: barriers cost more than they. */
const synapsesEach = 4;

/** The shapes of {@link RecurrentSquaresTensors}. */
export function recurrentSquaresShapes(
  { replicas, steps }: Layout,
  { units, synapses }: RecurrentSquaresSizes,
): ShapeTable<keyof RecurrentSquaresTensors> {
  return {
    lessons: [steps, units, 2],
    sources: [replicas, units, 1 + synapses],
    inverse: [replicas, units, synapses, synapses],
    gains: [replicas, units, 2, synapses],
    records: [replicas, steps, units, 2],
  };
}

/** One dispatch for each slot 1 … T, in which the weights in `packed` are learned. */
export async function recurrentSquaresOps(
  device: Device,
  { steps, replicas }: Layout,
  { units, synapses }: RecurrentSquaresSizes,
  buffers: RecurrentSquaresTensors & {
    readonly shape: Uniform;
    /** Of one layer: shaders/ctrnn_forward_step.wgsl. */
    readonly slots: Uniform;
    readonly packed: Tensor;
    readonly rates: Tensor;
  },
): Promise<readonly Dispatch[]> {
  const { shape, slots, packed, rates, lessons, sources, inverse, gains, records } = buffers;
  const kernel = await Kernel.create(device, rlsRecurrent, {
    WORKGROUP_SIZE: powerOfTwo(synapses / synapsesEach, 1, mostInvocations),
    SOURCES: synapses,
  });
  return kernel.dispatchSequence(
    {
      ...{ shape, time: slots, rates: read(rates), lessons: read(lessons), sources: read(sources) },
      ...{ inverse: readWrite(inverse), gains: readWrite(gains) },
      ...{ packed: readWrite(packed), records: readWrite(records) },
    },
    [units, 1, replicas],
    Array.from({ length: steps }, (_, step) => (step + 1) * slots.stride),
  );
}
