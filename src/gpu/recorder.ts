import type { Device } from "./device.ts";
import type { Dispatch } from "./kernel.ts";
import type { Tensor } from "./tensor.ts";

/** A copy that follows the dispatches of a submit, in elements. */
export interface CopyToBuffer {
  readonly source: Tensor;
  readonly sourceOffset: number;
  readonly count: number;
  readonly target: GPUBuffer;
}

/** Where a pass writes its start and end times. */
export type PassTimestamps = GPUComputePassTimestampWrites;

/**
 * Encodes dispatches into one compute pass and submits them once. WebGPU orders the dispatches of a pass as if each
 * waited for the one before, so a later one sees what an earlier one wrote.
 */
export function submit(
  device: Device,
  label: string,
  dispatches: readonly Dispatch[],
  options: {
    readonly copies?: readonly CopyToBuffer[];
    readonly timestamps?: PassTimestamps;
    /** Commands that follow the pass and the copies, such as resolving a query set. */
    readonly after?: (encoder: GPUCommandEncoder) => void;
  } = {},
): void {
  device.check();
  const encoder = device.handle.createCommandEncoder({ label });
  if (dispatches.length > 0) {
    const { timestamps } = options;
    const pass = encoder.beginComputePass({ label, ...(timestamps && { timestampWrites: timestamps }) });
    encode(pass, dispatches);
    pass.end();
  }
  for (const { source, sourceOffset, count, target } of options.copies ?? []) {
    encoder.copyBufferToBuffer(source.buffer, 4 * sourceOffset, target, 0, 4 * count);
  }
  options.after?.(encoder);
  device.queue.submit([encoder.finish()]);
  device.counters.submits += 1;
  device.counters.dispatches += dispatches.length;
}

function encode(pass: GPUComputePassEncoder, dispatches: readonly Dispatch[]): void {
  let pipeline: GPUComputePipeline | undefined;
  let fixedGroup: GPUBindGroup | undefined;
  for (const dispatch of dispatches) {
    if (dispatch.pipeline !== pipeline) {
      pipeline = dispatch.pipeline;
      pass.setPipeline(pipeline);
      fixedGroup = undefined;
    }
    const [first, second] = dispatch.bindGroups;
    if (first !== fixedGroup) {
      fixedGroup = first;
      pass.setBindGroup(0, first);
    }
    if (second !== undefined) pass.setBindGroup(1, second, [dispatch.dynamicOffset ?? 0]);
    const [x, y, z] = dispatch.workgroups;
    pass.dispatchWorkgroups(x, y, z);
  }
}

/** Copies elements from one tensor to another, in queue order: all, or `count` of them from one place to another. */
export function copyTensor(
  device: Device,
  source: Tensor,
  target: Tensor,
  { from = 0, to = from, count = source.size - from }: { from?: number; to?: number; count?: number } = {},
): void {
  device.check();
  const encoder = device.handle.createCommandEncoder({ label: `copy ${source.label} to ${target.label}` });
  encoder.copyBufferToBuffer(source.buffer, 4 * from, target.buffer, 4 * to, 4 * count);
  device.queue.submit([encoder.finish()]);
  device.counters.submits += 1;
}
