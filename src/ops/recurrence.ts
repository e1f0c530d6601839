import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { Uniform } from "../gpu/uniforms.ts";
import { noiseScales } from "../io/model-schema.ts";
import type { ModelSpec } from "../network/model.ts";
import {
  ctrnnBackwardPersistent,
  ctrnnBackwardStep,
  ctrnnForwardPersistent,
  ctrnnForwardStep,
} from "../wgsl/generated.ts";
import { withActivations } from "./custom-activations.ts";
import { type GatedDynamics, gatedBackwardOp, gatedForwardOp } from "./gated.ts";
import { groupsFor, powerOfTwo } from "./grid.ts";
import { type LayerSpan, layerOverrides, spanColumns } from "./layers.ts";
import type { Layout } from "./layout.ts";
import { backwardSlots, type Segment, slotOverrides, wholeTrial } from "./segment.ts";
import { type Tile, withTile } from "./tiles.ts";
import { synapseOverride, unitOverrides } from "./units.ts";

/**
 * How the recurrence is run: `persistent`, one dispatch in which a workgroup keeps its trials for all time steps, or
 * `stepwise`, one dispatch per time step spread over the whole device. Both run the same arithmetic.
 */
export const families = ["persistent", "stepwise"] as const;
export type Family = (typeof families)[number];

/**
 * What the recurrent products run over: `dense`, all pairs of units, or `sparse`, the synapses that the mask lets exist
 * (sparse-recurrence.ts).
 */
export const productKinds = ["dense", "sparse"] as const;
export type Products = (typeof productKinds)[number];

/** The kernels of a recurrence; all choices compute the same bits. The tile is that of dense products. */
export interface RecurrentKernels {
  readonly family: Family;
  readonly products: Products;
  readonly tile: Tile;
}

/** What the recurrent kernels need of a model. */
export type Dynamics = Pick<
  ModelSpec,
  "activation" | "form" | "noise" | "units" | "customActivations" | "shortTermPlasticity"
> &
  GatedDynamics;

/** Buffers of the forward recurrence; shapes in shaders/lib/ctrnn_forward_cell.wgsl. */
export interface ForwardBuffers {
  readonly shape: Uniform;
  readonly settings: Tensor;
  readonly packed: Tensor;
  readonly inputs: Tensor;
  readonly states: Tensor;
  readonly rates: Tensor;
  /** dv/dalpha, only written if `storeSlopes`; any small tensor otherwise. */
  readonly slopes: Tensor;
  /** State of short-term plasticity; any small tensor without it. */
  readonly synapses: Tensor;
  /** Gates of an LSTM or a GRU (shaders/lib/gated_forward.wgsl); any small tensor for a CTRNN. */
  readonly gates: Tensor;
}

/** Buffers of back-propagation through time; shapes in shaders/lib/ctrnn_backward_cell.wgsl. */
export interface BackwardBuffers {
  readonly shape: Uniform;
  readonly packed: Tensor;
  readonly states: Tensor;
  readonly outputGradients: Tensor;
  /** dL/dr of loss terms on the rates, only read if `direct`; any small tensor otherwise. */
  readonly directGradients: Tensor;
  readonly stateGradients: Tensor;
  /** dL/dr, only written if `storeRates`; any small tensor otherwise. */
  readonly rateGradients: Tensor;
  /** State of short-term plasticity, and its gradient; any small tensors without it. */
  readonly synapses: Tensor;
  readonly synapseGradients: Tensor;
  /** Gates of an LSTM or a GRU, and their gradients (shaders/lib/gated_backward.wgsl); any small tensors for a CTRNN. */
  readonly gates: Tensor;
  readonly gateGradients: Tensor;
}

const mostInvocations = 256;
const stepwiseSize = 64;

/** The uniform of the stepwise kernels: one element per slot 0 … T and layer, chosen by dynamic offset. */
export function slotUniform(device: Device, layout: Layout, layers: readonly LayerSpan[]): Uniform {
  const times = Array.from({ length: layout.steps + 1 }, (_, slot) => layers.map((_span, layer) => ({ slot, layer })));
  return new Uniform(device, "slots", ctrnnForwardStep.bindings.time, times.flat());
}

interface Grid {
  readonly size: number;
  readonly groups: [number, number, number];
}

/** Columns of the widest layer. */
function widest(layers: readonly LayerSpan[]): number {
  return Math.max(...layers.map(spanColumns));
}

function gridOf({ family, tile }: RecurrentKernels, layout: Layout, layers: readonly LayerSpan[]): Grid {
  const items = groupsFor(widest(layers), tile.columns / 4);
  const least = tile.quads ? 4 : 1;
  const rows = groupsFor(layout.batch, tile.rows);
  if (family === "persistent") {
    return { size: powerOfTwo(items, least, mostInvocations), groups: [rows, 1, layout.replicas] };
  }
  const size = powerOfTwo(items, least, stepwiseSize);
  return { size, groups: [groupsFor(items, size), rows, layout.replicas] };
}

/** What the forward kernels of every family bind. */
export function forwardResources(buffers: ForwardBuffers) {
  const { shape, settings, packed, inputs, states, rates, slopes, synapses } = buffers;
  return {
    shape,
    settings: read(settings),
    packed: read(packed),
    inputs: read(inputs),
    states: readWrite(states),
    rates: readWrite(rates),
    slopes: readWrite(slopes),
    synapses: readWrite(synapses),
  };
}

export function forwardOverrides(dynamics: Dynamics, layers: readonly LayerSpan[], keep: { readonly slopes: boolean }) {
  return {
    ...unitOverrides(dynamics),
    ...synapseOverride(dynamics),
    ...layerOverrides(layers),
    RATE_FORM: dynamics.form === "rate",
    NOISE_SCALE: noiseScales.indexOf(dynamics.noise.scale),
    STORE_SLOPES: keep.slopes,
  };
}

/** Offsets of the slots in the order of the stepwise forward kernels: layers within slots, from slot 1 on. */
export function forwardSlots(layout: Layout, layers: readonly LayerSpan[], { stride }: Uniform): number[] {
  const first = layers.length;
  return Array.from({ length: layout.steps * layers.length }, (_, place) => (first + place) * stride);
}

/** What the backward kernels of every family bind. */
export function backwardResources(buffers: BackwardBuffers) {
  const { shape, packed, states, outputGradients, directGradients, stateGradients, rateGradients } = buffers;
  return {
    shape,
    synapses: read(buffers.synapses),
    synapse_gradients: readWrite(buffers.synapseGradients),
    packed: read(packed),
    states: read(states),
    output_gradients: read(outputGradients),
    direct_gradients: read(directGradients),
    state_gradients: readWrite(stateGradients),
    rate_gradients: readWrite(rateGradients),
  };
}

export function backwardOverrides(
  dynamics: Dynamics,
  layers: readonly LayerSpan[],
  options: { readonly direct: boolean; readonly storeRates: boolean },
) {
  return {
    ...unitOverrides(dynamics),
    ...synapseOverride(dynamics),
    ...layerOverrides(layers),
    RATE_FORM: dynamics.form === "rate",
    DIRECT: options.direct,
    STORE_RATES: options.storeRates,
  };
}

/** Offsets of the slots of a segment, and of the layers in each, in the order of the stepwise backward kernels. */
export function backwardOffsets(
  layout: Layout,
  layers: readonly LayerSpan[],
  { stride }: Uniform,
  segment: Segment = wholeTrial,
): number[] {
  return backwardSlots(layout, segment).flatMap((slot) =>
    layers.map((_span, done) => ((slot + 1) * layers.length - 1 - done) * stride),
  );
}

/**
 * Forward over all time steps; slot 0 of states and rates must hold the initial state.
 * @param keep what the backward pass will need: dv/dalpha of every step, and the gates of every step.
 */
export async function forwardOp(
  device: Device,
  layout: Layout,
  kernels: RecurrentKernels,
  dynamics: Dynamics,
  layers: readonly LayerSpan[],
  keep: { readonly slopes: boolean; readonly gates: boolean },
  buffers: ForwardBuffers & { readonly slots: Uniform },
): Promise<Dispatch[]> {
  if (layout.gates > 1) return gatedForwardOp(device, layout, kernels, dynamics, keep.gates, buffers);
  const { slots } = buffers;
  const resources = forwardResources(buffers);
  const overrides = forwardOverrides(dynamics, layers, keep);
  const { size, groups } = gridOf(kernels, layout, layers);
  const specialised = { ...overrides, WORKGROUP_SIZE: size };
  if (kernels.family === "persistent") {
    const shader = withTile(withActivations(ctrnnForwardPersistent, dynamics), kernels.tile);
    const kernel = await Kernel.create(device, shader, specialised);
    return [kernel.dispatch(resources, groups)];
  }
  const shader = withTile(withActivations(ctrnnForwardStep, dynamics), kernels.tile);
  const kernel = await Kernel.create(device, shader, specialised);
  return kernel.dispatchSequence({ ...resources, time: slots }, groups, forwardSlots(layout, layers, slots));
}

/** Backward over all time steps, from dL/dy to dL/dv of every slot. */
export async function backwardOp(
  device: Device,
  layout: Layout,
  kernels: RecurrentKernels,
  dynamics: Dynamics,
  layers: readonly LayerSpan[],
  options: { readonly direct: boolean; readonly storeRates: boolean },
  buffers: BackwardBuffers & { readonly slots: Uniform },
  segment: Segment = wholeTrial,
): Promise<Dispatch[]> {
  if (layout.gates > 1) return gatedBackwardOp(device, layout, kernels, dynamics, options, buffers, segment);
  const { slots } = buffers;
  const resources = backwardResources(buffers);
  const overrides = backwardOverrides(dynamics, layers, options);
  const { size, groups } = gridOf(kernels, layout, layers);
  const specialised = { ...overrides, WORKGROUP_SIZE: size };
  if (kernels.family === "persistent") {
    const shader = withTile(withActivations(ctrnnBackwardPersistent, dynamics), kernels.tile);
    const kernel = await Kernel.create(device, shader, { ...specialised, ...slotOverrides(segment) });
    return [kernel.dispatch(resources, groups)];
  }
  const shader = withTile(withActivations(ctrnnBackwardStep, dynamics), kernels.tile);
  const kernel = await Kernel.create(device, shader, specialised);
  const offsets = backwardOffsets(layout, layers, slots, segment);
  return kernel.dispatchSequence({ ...resources, time: slots }, groups, offsets);
}
