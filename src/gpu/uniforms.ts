import type { Device } from "./device.ts";
import { bufferUsage } from "./flags.ts";
import type { StructFields, UniformBinding } from "./shader.ts";

/** One value per member of a struct: a number, or one number per element of an array member. */
export type StructValues<Fields extends StructFields> = {
  readonly [Name in keyof Fields]: Fields[Name]["count"] extends 1 ? number : ArrayLike<number>;
};

/** Writes a struct's members at `start` (bytes) of a view, by the offsets and types that the shader declares. */
export function writeStruct<Fields extends StructFields>(
  view: DataView,
  start: number,
  fields: Fields,
  values: StructValues<Fields>,
): void {
  for (const [name, field] of Object.entries(fields)) {
    const value = values[name] as number | ArrayLike<number>;
    const set = field.type === "f32" ? view.setFloat32 : field.type === "i32" ? view.setInt32 : view.setUint32;
    if (typeof value === "number") {
      set.call(view, start + field.offset, value, true);
    } else {
      for (let index = 0; index < field.count; index += 1) {
        set.call(view, start + field.offset + 4 * index, value[index] ?? 0, true);
      }
    }
  }
}

/** A uniform buffer with one struct, or with several at the device's alignment for dynamic offsets. */
export class Uniform<Fields extends StructFields = StructFields> {
  readonly buffer: GPUBuffer;
  /** Bytes of one struct as bound. */
  readonly size: number;
  /** Bytes from one struct to the next. */
  readonly stride: number;
  #disposed = false;

  constructor(
    device: Device,
    label: string,
    layout: UniformBinding & { readonly fields: Fields },
    elements: readonly StructValues<Fields>[],
  ) {
    device.check();
    const alignment = device.limits.minUniformBufferOffsetAlignment;
    this.size = layout.size;
    this.stride = Math.ceil(layout.size / alignment) * alignment;
    const bytes = new DataView(new ArrayBuffer(this.stride * (elements.length - 1) + layout.size));
    for (const [index, values] of elements.entries()) writeStruct(bytes, index * this.stride, layout.fields, values);
    this.buffer = device.handle.createBuffer({
      label,
      size: bytes.byteLength,
      usage: bufferUsage.uniform | bufferUsage.copyTarget,
    });
    device.counters.buffers += 1;
    device.queue.writeBuffer(this.buffer, 0, bytes.buffer);
  }

  /** Frees the buffer; a second call does nothing. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.buffer.destroy();
  }
}
