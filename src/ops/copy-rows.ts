import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { Uniform } from "../gpu/uniforms.ts";
import { copyRows } from "../wgsl/generated.ts";
import { elementwiseSize, gridFor } from "./grid.ts";

/** Where a run of elements starts in a tensor, and how far it is from one replica's to the next. */
export interface Run {
  readonly start: number;
  readonly stride: number;
}

/** A run of `count` elements of every replica, from one tensor to another. */
export interface CopyPlace {
  readonly count: number;
  readonly from: Run;
  readonly to: Run;
}

/** One copy for each of the places, in order: shaders/copy_rows.wgsl. The caller disposes of the uniform. */
export async function copyRowsOps(
  device: Device,
  replicas: number,
  tensors: { readonly source: Tensor; readonly copies: Tensor },
  places: readonly CopyPlace[],
): Promise<{ readonly dispatches: readonly Dispatch[]; readonly uniform: Uniform }> {
  const kernel = await Kernel.create(device, copyRows, { WORKGROUP_SIZE: elementwiseSize });
  const uniform = new Uniform(
    device,
    "copies",
    copyRows.bindings.place,
    places.map(({ count, from, to }) => ({
      count,
      ...{ source_start: from.start, source_stride: from.stride, copy_start: to.start, copy_stride: to.stride },
    })),
  );
  const { source, copies } = tensors;
  const resources = { source: read(source), copies: readWrite(copies), place: uniform };
  const grid = gridFor(Math.max(...places.map(({ count }) => count)), elementwiseSize, replicas);
  const offsets = places.map((_, index) => index * uniform.stride);
  const dispatches = kernel.dispatchSequence(resources, grid, offsets);
  // Of the tensors it touches what it copies.
  const bytes = (index: number): number => 8 * replicas * (places[index]?.count ?? 0);
  return { dispatches: dispatches.map((dispatch, index) => ({ ...dispatch, bytes: bytes(index) })), uniform };
}
