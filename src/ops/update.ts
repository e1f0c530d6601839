import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import { sizeOf, type Tensor } from "../gpu/tensor.ts";
import type { Uniform } from "../gpu/uniforms.ts";
import type { Constraint } from "../io/model-schema.ts";
import { parameterNames, parameterShape } from "../network/model.ts";
import { gradientFinish, sparseGradientFinish, sparseUpdate, update, verdict } from "../wgsl/generated.ts";

import { elementwiseSize, gridFor, groupsFor } from "./grid.ts";
import { type Layout, tensorCount } from "./layout.ts";
import { constraintCodes } from "./sequence.ts";

/** How gradients are clipped: not at all, by the norm of all together, by each tensor's norm, or each value. */
export const clipModes = ["none", "globalNorm", "tensorNorm", "value"] as const;
export type ClipMode = (typeof clipModes)[number];

/** The families of optimisers in shaders/update.wgsl. */
export const optimizerKinds = ["sgd", "rmsprop", "adam"] as const;
export type OptimizerKind = (typeof optimizerKinds)[number];

const reductionSize = 64;
const elementsPerChunk = 1024;
const mostChunks = 64;

/** Workgroups that share one tensor's gradient: the last axis of `squares` [R, tensors, chunks]. */
export function gradientChunks(layout: Layout): number {
  return Math.min(mostChunks, groupsFor(layout.parameters, elementsPerChunk));
}

/** Workgroups that share a tensor of so many elements; the twin of `chunks_of` in shaders/lib/parameter_gradient.wgsl. */
function chunksOf(layout: Layout, size: number): number {
  return Math.min(gradientChunks(layout), groupsFor(size, elementsPerChunk));
}

/**
 * How the elements of a tensor of `size` are shared out to the invocations of shaders/gradient_finish.wgsl: into how many
 * lists, and to which an element belongs.
 */
export function gradientLists(layout: Layout, size: number): { lists: number; listOf: (element: number) => number } {
  const lists = chunksOf(layout, size) * reductionSize;
  const length = Math.ceil(size / lists) * reductionSize;
  return { lists, listOf: (element) => Math.floor(element / length) * reductionSize + (element % reductionSize) };
}

/**
 * Sums the slices to gradients of the raw parameters: shaders/gradient_finish.wgsl, or, with the lists of recurrent synapses
 * that may exist (`presentElements`), shaders/sparse_gradient_finish.wgsl.
 */
export async function gradientFinishOp(
  device: Device,
  layout: Layout,
  options: {
    readonly constraint: Constraint;
    readonly clip: ClipMode;
    /** Whether loss terms on the weights have written `penalties`. */
    readonly penalty: boolean;
  },
  buffers: {
    readonly shape: Uniform;
    readonly settings: Tensor;
    readonly parameters: Tensor;
    readonly rules: Tensor;
    readonly partials: Tensor;
    readonly gradients: Tensor;
    readonly squares: Tensor;
    readonly penalties: Tensor;
  },
  present?: Tensor,
): Promise<Dispatch> {
  const chunks = gradientChunks(layout);
  const sizes = parameterNames.map((name) => sizeOf(parameterShape(layout, name)));
  const groups = sizes.reduce((sum, size) => sum + chunksOf(layout, size), 0);
  const overrides = {
    WORKGROUP_SIZE: reductionSize,
    CHUNKS: chunks,
    CHUNK_ELEMENTS: elementsPerChunk,
    TENSORS: tensorCount(layout),
    CONSTRAINT: constraintCodes[options.constraint],
    CLIP_VALUE: options.clip === "value",
    PENALTY: options.penalty,
  };
  const resources = {
    shape: buffers.shape,
    settings: read(buffers.settings),
    parameters: read(buffers.parameters),
    rules: read(buffers.rules),
    partials: read(buffers.partials),
    gradients: readWrite(buffers.gradients),
    squares: readWrite(buffers.squares),
    penalties: read(buffers.penalties),
  };
  const grid = [groups, 1, layout.replicas] as const;
  if (present === undefined) return (await Kernel.create(device, gradientFinish, overrides)).dispatch(resources, grid);
  const kernel = await Kernel.create(device, sparseGradientFinish, overrides);
  return kernel.dispatch({ ...resources, present: read(present) }, grid);
}

/** Loss terms, norms and health of a step: shaders/verdict.wgsl. */
export async function verdictOp(
  device: Device,
  layout: Layout,
  options: { readonly terms: number; readonly clip: ClipMode; readonly hasGradients: boolean },
  buffers: {
    readonly shape: Uniform;
    readonly settings: Tensor;
    readonly lossRows: Tensor;
    readonly squares: Tensor;
    readonly verdicts: Tensor;
    readonly history: Tensor;
  },
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, verdict, {
    WORKGROUP_SIZE: reductionSize,
    TERMS: options.terms,
    TENSORS: tensorCount(layout),
    CHUNKS: gradientChunks(layout),
    CHUNK_ELEMENTS: elementsPerChunk,
    CLIP: options.clip === "globalNorm" ? 1 : options.clip === "tensorNorm" ? 2 : 0,
    HAS_GRADIENTS: options.hasGradients,
  });
  return kernel.dispatch(
    {
      shape: buffers.shape,
      settings: read(buffers.settings),
      loss_rows: read(buffers.lossRows),
      squares: read(buffers.squares),
      verdicts: readWrite(buffers.verdicts),
      history: readWrite(buffers.history),
    },
    [1, 1, layout.replicas],
  );
}

/**
 * Clip, optimiser, plasticity and projection over all parameters: shaders/update.wgsl, or over a list of them
 * (`updatedParameters`), shaders/sparse_update.wgsl.
 */
export async function updateOp(
  device: Device,
  layout: Layout,
  options: { readonly constraint: Constraint; readonly optimizer: OptimizerKind; readonly nesterov: boolean },
  buffers: {
    readonly shape: Uniform;
    readonly settings: Tensor;
    readonly verdicts: Tensor;
    readonly rules: Tensor;
    readonly plasticity: Tensor;
    readonly gradients: Tensor;
    readonly parameters: Tensor;
    readonly previous: Tensor;
    readonly moments: Tensor;
  },
  updated?: Tensor,
): Promise<Dispatch> {
  const overrides = {
    WORKGROUP_SIZE: elementwiseSize,
    CONSTRAINT: constraintCodes[options.constraint],
    OPTIMIZER: optimizerKinds.indexOf(options.optimizer),
    NESTEROV: options.nesterov,
  };
  const resources = {
    shape: buffers.shape,
    settings: read(buffers.settings),
    verdicts: read(buffers.verdicts),
    rules: read(buffers.rules),
    gradients: read(buffers.gradients),
    parameters: readWrite(buffers.parameters),
    previous: readWrite(buffers.previous),
    moments: readWrite(buffers.moments),
  };
  if (updated === undefined) {
    const kernel = await Kernel.create(device, update, overrides);
    const grid = gridFor(layout.parameters, elementwiseSize, layout.replicas);
    return kernel.dispatch({ ...resources, plasticity: read(buffers.plasticity) }, grid);
  }
  const kernel = await Kernel.create(device, sparseUpdate, overrides);
  const [, items = 0] = updated.shape;
  return kernel.dispatch({ ...resources, updated: read(updated) }, gridFor(items, elementwiseSize, layout.replicas));
}
