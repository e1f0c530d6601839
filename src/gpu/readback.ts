import type { Device } from "./device.ts";
import { bufferUsage, mapModeRead } from "./flags.ts";
import type { Dispatch } from "./kernel.ts";
import { BufferPool } from "./pool.ts";
import { submit } from "./recorder.ts";
import type { Tensor } from "./tensor.ts";

/** A part of a tensor, in elements; the whole tensor unless said otherwise. */
export interface TensorRange {
  readonly tensor: Tensor;
  readonly offset?: number;
  readonly count?: number;
}

/** Brings tensors to the host through a ring of staging buffers: once warm, it makes none. */
export class Readback {
  readonly #device: Device;
  readonly #staging: BufferPool;

  constructor(device: Device) {
    this.#device = device;
    this.#staging = new BufferPool(device, "readback", bufferUsage.mapRead | bufferUsage.copyTarget);
  }

  /**
   * Submits the dispatches and then copies the ranges; everything submitted before is seen.
   * @returns one float array per range, in order.
   */
  async read(ranges: readonly TensorRange[], dispatches: readonly Dispatch[] = []): Promise<Float32Array[]> {
    const device = this.#device;
    const copies = ranges.map(({ tensor, offset = 0, count = tensor.size - offset }) => ({
      source: tensor,
      sourceOffset: offset,
      count,
      target: this.#staging.take(4 * count),
    }));
    submit(device, "readback", dispatches, { copies });
    const values = await Promise.all(
      copies.map(async ({ target, count }) => {
        await device.wait(target.mapAsync(mapModeRead, 0, 4 * count));
        const values = new Float32Array(target.getMappedRange(0, 4 * count).slice(0));
        target.unmap();
        this.#staging.give(target);
        return values;
      }),
    );
    // An error in what was submitted has been reported by now.
    device.check();
    return values;
  }

  /** Frees the idle staging buffers. */
  dispose(): void {
    this.#staging.dispose();
  }
}
