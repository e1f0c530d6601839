import { DisposedError, LimitError, ShapeError } from "../errors.ts";
import type { Device } from "./device.ts";
import { bufferUsage } from "./flags.ts";

const bytesPerElement = 4;
const smallestBuffer = 16;

/** Number of elements of a shape; 1 for a scalar. */
export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, length) => product * length, 1);
}

/** @throws LimitError where the adapter cannot hold a tensor of this shape; the message says what would fit. */
export function checkFits(device: Device, label: string, shape: readonly number[]): void {
  const bytes = sizeOf(shape) * bytesPerElement;
  const { maxStorageBufferBindingSize, maxBufferSize } = device.limits;
  const limit = Math.min(maxStorageBufferBindingSize, maxBufferSize);
  if (bytes <= limit) return;
  const name = maxStorageBufferBindingSize <= maxBufferSize ? "maxStorageBufferBindingSize" : "maxBufferSize";
  throw new LimitError(
    `${label} [${shape.join(", ")}] needs ${bytes} bytes; ${name} of this adapter is ${limit}. ` +
      `It fits with ${Math.ceil(bytes / limit)} times fewer elements: use a smaller batch or fewer time steps.`,
  );
}

/**
 * An array of 32-bit elements on the GPU: a buffer, a shape and a label. Elements are zero at creation.
 * The owner disposes of it; using it afterwards throws DisposedError with the label.
 */
export class Tensor {
  readonly device: Device;
  readonly label: string;
  readonly shape: readonly number[];
  readonly #buffer: GPUBuffer;
  #disposed = false;

  /** @throws LimitError where the adapter cannot hold the tensor; nothing is allocated then. */
  constructor(device: Device, label: string, shape: readonly number[]) {
    device.check();
    checkFits(device, label, shape);
    const bytes = sizeOf(shape) * bytesPerElement;
    this.device = device;
    this.label = label;
    this.shape = shape;
    this.#buffer = device.handle.createBuffer({
      label,
      size: Math.max(bytes, smallestBuffer),
      usage: bufferUsage.storage | bufferUsage.copySource | bufferUsage.copyTarget,
    });
    device.counters.buffers += 1;
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** The WebGPU buffer behind the tensor. */
  get buffer(): GPUBuffer {
    if (this.#disposed) throw new DisposedError(`Tensor "${this.label}" was used after its dispose().`);
    return this.#buffer;
  }

  /**
   * Copies values to the GPU, in queue order.
   * @param offset first element written.
   * @throws ShapeError where the values do not fit.
   */
  write(values: Float32Array | Uint32Array | Int32Array, offset = 0): void {
    this.device.check();
    if (!(offset >= 0) || offset + values.length > this.size) {
      throw new ShapeError(
        `${this.label}: expected at most ${this.size - offset} values from element ${offset} of [${this.shape.join(", ")}], got ${values.length}.`,
      );
    }
    this.device.queue.writeBuffer(
      this.buffer,
      offset * bytesPerElement,
      values.buffer as ArrayBuffer,
      values.byteOffset,
      values.byteLength,
    );
  }

  /** Frees the buffer; a second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#buffer.destroy();
  }
}
