import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { Uniform } from "../gpu/uniforms.ts";
import type { Constraint } from "../io/model-schema.ts";
import {
  sparseBackwardPersistent,
  sparseBackwardStep,
  sparseForwardPersistent,
  sparseForwardStep,
  sparsePack,
  sparseStart,
  sparseWeightGradient,
} from "../wgsl/generated.ts";
import { withActivations } from "./custom-activations.ts";
import { elementwiseSize, gridFor, groupsFor, powerOfTwo } from "./grid.ts";
import { type LayerSpan, spanColumns } from "./layers.ts";
import { type Layout, vectors } from "./layout.ts";
import {
  type BackwardBuffers,
  backwardOffsets,
  backwardOverrides,
  backwardResources,
  type Dynamics,
  type Family,
  type ForwardBuffers,
  forwardOverrides,
  forwardResources,
  forwardSlots,
  type RecurrentKernels,
} from "./recurrence.ts";
import { constraintCodes } from "./sequence.ts";
import type { SparseLists } from "./sparse-lists.ts";
import { synapseOverride } from "./units.ts";

const mostInvocations = 256;
const stepwiseSize = 64;
/** Trials that one invocation owns, of four units. */
const trialsPerTile = 8;

function gridOf(layout: Layout, family: Family, layers: readonly LayerSpan[]) {
  const columns = Math.max(...layers.map(spanColumns));
  const tiles = groupsFor(layout.batch, trialsPerTile);
  const isPersistent = family === "persistent";
  const size = powerOfTwo(columns, 1, isPersistent ? mostInvocations : stepwiseSize);
  const groups: readonly [number, number, number] = isPersistent
    ? [tiles, 1, layout.replicas]
    : [groupsFor(columns, size), tiles, layout.replicas];
  return { size, groups };
}

/** The shape of what lies by unit: [R, T + 1, unit, trial], both padded to a multiple of four. */
export function unitRowsShape({ replicas, steps, batch, hidden4 }: Layout): readonly number[] {
  return [replicas, steps + 1, 4 * hidden4, 4 * vectors(batch)];
}

/** Effective recurrent weights into the lists: shaders/sparse_pack.wgsl. */
export async function sparsePackOp(
  device: Device,
  layout: Layout,
  constraint: Constraint,
  layers: readonly LayerSpan[],
  lists: SparseLists,
  buffers: {
    readonly shape: Uniform;
    readonly parameters: Tensor;
    readonly rules: Tensor;
    readonly places: Tensor;
    readonly packed: Tensor;
  },
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, sparsePack, {
    WORKGROUP_SIZE: elementwiseSize,
    CONSTRAINT: constraintCodes[constraint],
    LAYERS: layers.length,
  });
  const { shape, parameters, rules, places, packed } = buffers;
  return kernel.dispatch(
    { shape, parameters: read(parameters), rules: read(rules), places: read(places), packed: readWrite(packed) },
    gridFor(lists.entries, elementwiseSize, layout.replicas),
  );
}

/** The rates of slot 0 by unit: shaders/sparse_start.wgsl. */
export async function sparseStartOp(
  device: Device,
  layout: Layout,
  dynamics: Pick<Dynamics, "shortTermPlasticity">,
  buffers: Pick<ForwardBuffers, "shape" | "rates" | "synapses"> & { readonly unitRates: Tensor },
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, sparseStart, {
    WORKGROUP_SIZE: elementwiseSize,
    ...synapseOverride(dynamics),
  });
  const { shape, rates, synapses, unitRates } = buffers;
  const dispatch = kernel.dispatch(
    { shape, rates: read(rates), synapses: read(synapses), unit_rates: readWrite(unitRates) },
    gridFor(layout.hidden4 * vectors(layout.batch), elementwiseSize, layout.replicas),
  );
  // Of all time steps it touches one.
  return { ...dispatch, bytes: dispatch.bytes / (layout.steps + 1) };
}

/** Forward as `forwardOp`, bit for bit, over the synapses that may exist: shaders/lib/sparse_forward.wgsl. */
export async function sparseForwardOp(
  device: Device,
  layout: Layout,
  { family }: RecurrentKernels,
  dynamics: Dynamics,
  layers: readonly LayerSpan[],
  keep: { readonly slopes: boolean },
  buffers: ForwardBuffers & { readonly slots: Uniform; readonly unitRates: Tensor },
): Promise<Dispatch[]> {
  const overrides = forwardOverrides(dynamics, layers, keep);
  const resources = { ...forwardResources(buffers), unit_rates: readWrite(buffers.unitRates) };
  const { size, groups } = gridOf(layout, family, layers);
  if (family === "persistent") {
    const shader = withActivations(sparseForwardPersistent, dynamics);
    const kernel = await Kernel.create(device, shader, { ...overrides, WORKGROUP_SIZE: size });
    return [kernel.dispatch(resources, groups)];
  }
  const shader = withActivations(sparseForwardStep, dynamics);
  const kernel = await Kernel.create(device, shader, { ...overrides, WORKGROUP_SIZE: size });
  const { slots } = buffers;
  return kernel.dispatchSequence({ ...resources, time: slots }, groups, forwardSlots(layout, layers, slots));
}

/**
 * Backward as `backwardOp`, bit for bit, over the synapses that may exist: shaders/lib/sparse_backward.wgsl. The tensor
 * `synapseGradients` must have room for dL/dv by unit behind what it holds else.
 */
export async function sparseBackwardOp(
  device: Device,
  layout: Layout,
  { family }: RecurrentKernels,
  dynamics: Dynamics,
  layers: readonly LayerSpan[],
  options: { readonly direct: boolean; readonly storeRates: boolean },
  buffers: BackwardBuffers & { readonly slots: Uniform },
): Promise<Dispatch[]> {
  const overrides = backwardOverrides(dynamics, layers, options);
  const resources = backwardResources(buffers);
  const { size, groups } = gridOf(layout, family, layers);
  if (family === "persistent") {
    const shader = withActivations(sparseBackwardPersistent, dynamics);
    const kernel = await Kernel.create(device, shader, { ...overrides, WORKGROUP_SIZE: size });
    return [kernel.dispatch(resources, groups)];
  }
  const shader = withActivations(sparseBackwardStep, dynamics);
  const kernel = await Kernel.create(device, shader, { ...overrides, WORKGROUP_SIZE: size });
  const { slots } = buffers;
  return kernel.dispatchSequence({ ...resources, time: slots }, groups, backwardOffsets(layout, layers, slots));
}

/** The gradients of the recurrent weights that may exist, into `partials`: shaders/sparse_weight_gradient.wgsl. */
export async function sparseWeightGradientOp(
  device: Device,
  layout: Layout,
  dynamics: Pick<Dynamics, "shortTermPlasticity">,
  layers: readonly LayerSpan[],
  buffers: {
    readonly shape: Uniform;
    readonly packed: Tensor;
    readonly unitRates: Tensor;
    readonly synapseGradients: Tensor;
    readonly chunks: Tensor;
    readonly partials: Tensor;
  },
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, sparseWeightGradient, {
    WORKGROUP_SIZE: elementwiseSize,
    LAYERS: layers.length,
    ...synapseOverride(dynamics),
  });
  const { shape, packed, unitRates, synapseGradients, chunks, partials } = buffers;
  const [, chunkCount = 0] = chunks.shape;
  return kernel.dispatch(
    {
      shape,
      packed: read(packed),
      unit_rates: read(unitRates),
      synapse_gradients: read(synapseGradients),
      chunks: read(chunks),
      partials: readWrite(partials),
    },
    gridFor(chunkCount, elementwiseSize, layout.replicas * layout.splits),
  );
}
