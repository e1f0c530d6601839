import type { Device } from "./device.ts";

/**
 * Buffers of one usage, kept for reuse: `take` gives one of at least the asked size (the smallest idle one that fits, or a
 * new one of the next power of two), `give` brings it back. Contents are whatever the last user left.
 */
export class BufferPool {
  readonly #device: Device;
  readonly #label: string;
  readonly #usage: GPUBufferUsageFlags;
  #idle: GPUBuffer[] = [];

  constructor(device: Device, label: string, usage: GPUBufferUsageFlags) {
    this.#device = device;
    this.#label = label;
    this.#usage = usage;
  }

  /** @param bytes smallest useful size. */
  take(bytes: number): GPUBuffer {
    const best = this.#idle
      .filter((buffer) => buffer.size >= bytes)
      .reduce<GPUBuffer | undefined>((a, b) => (a === undefined || b.size < a.size ? b : a), undefined);
    if (best !== undefined) {
      this.#idle = this.#idle.filter((buffer) => buffer !== best);
      return best;
    }
    this.#device.check();
    this.#device.counters.buffers += 1;
    const size = 2 ** Math.ceil(Math.log2(Math.max(bytes, 256)));
    return this.#device.handle.createBuffer({ label: this.#label, size, usage: this.#usage });
  }

  /** The buffer must not be mapped. */
  give(buffer: GPUBuffer): void {
    this.#idle.push(buffer);
  }

  /** Frees the idle buffers. */
  dispose(): void {
    for (const buffer of this.#idle) buffer.destroy();
    this.#idle = [];
  }
}
