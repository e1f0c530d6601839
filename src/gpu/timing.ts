import type { Device } from "./device.ts";
import { bufferUsage, mapModeRead } from "./flags.ts";
import type { Dispatch } from "./kernel.ts";
import { submit } from "./recorder.ts";

/** How long something took on the GPU, in milliseconds, and how that was measured. */
export interface GpuTime {
  readonly milliseconds: number;
  readonly method: "timestamps" | "queue";
}

/**
 * Times one pass of dispatches: by timestamp queries where the device has them, else from submit to queue completion
 * (which includes the host's latency, so repeat the dispatches enough).
 */
export async function timeDispatches(device: Device, dispatches: readonly Dispatch[]): Promise<GpuTime> {
  if (!device.features.has("timestamp-query")) {
    const start = performance.now();
    submit(device, "timed", dispatches);
    await device.wait(device.queue.onSubmittedWorkDone());
    return { milliseconds: performance.now() - start, method: "queue" };
  }
  const { handle } = device;
  const querySet = handle.createQuerySet({ type: "timestamp", count: 2 });
  const bytes = 16;
  const resolved = handle.createBuffer({
    size: bytes,
    usage: bufferUsage.queryResolve | bufferUsage.copySource,
  });
  const staging = handle.createBuffer({ size: bytes, usage: bufferUsage.copyTarget | bufferUsage.mapRead });
  try {
    submit(device, "timed", dispatches, {
      timestamps: { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 },
      after: (encoder) => {
        encoder.resolveQuerySet(querySet, 0, 2, resolved, 0);
        encoder.copyBufferToBuffer(resolved, 0, staging, 0, bytes);
      },
    });
    await device.wait(staging.mapAsync(mapModeRead));
    const [begin = 0n, end = 0n] = new BigUint64Array(staging.getMappedRange());
    return { milliseconds: Number(end - begin) / 1e6, method: "timestamps" };
  } finally {
    querySet.destroy();
    resolved.destroy();
    staging.destroy();
  }
}
