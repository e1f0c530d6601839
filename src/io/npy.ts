import { FileFormatError } from "../errors.ts";
import { type ArrayData, checkArrayData, formatShape, type OnNotice, tryElementCount } from "./array.ts";
import { elementBytes, readElements } from "./elements.ts";
import { formatNpyHeader, npyElements, readNpyHeader } from "./npy-header.ts";

/**
 * Reads a NumPy `.npy` of any numeric or boolean dtype, either byte order and either memory order, as float32 in C
 * order. Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 * @param label the file's name, for messages.
 * @param onNotice hears of values that float32 cannot hold.
 * @throws {FileFormatError} for a truncated or hostile file, pickled objects, or elements that are not numbers.
 */
export function decodeNpy(bytes: Uint8Array, label: string, onNotice?: OnNotice): ArrayData {
  const header = readNpyHeader(bytes, label);
  const { type, littleEndian } = npyElements(header, label);
  const { shape, dataOffset } = header;
  const count = tryElementCount(shape);
  const expected = count === undefined ? undefined : count * elementBytes[type];
  const given = bytes.length - dataOffset;
  if (expected !== given) {
    const needed = expected === undefined ? "more elements than can be counted" : `${expected} bytes`;
    throw new FileFormatError(`${label}: ${type} ${formatShape(shape)} needs ${needed}, the file holds ${given} bytes`);
  }
  const data = readElements(bytes.subarray(dataOffset), type, littleEndian, label, onNotice);
  return { shape, data: header.fortranOrder ? fortranToC(data, shape) : data };
}

/**
 * Writes a `.npy` that `numpy.load` reads: little-endian float32, C order, elements aligned to 64 bytes.
 * @throws {ShapeError} where the data does not fill the shape.
 */
export function encodeNpy(array: ArrayData): Uint8Array<ArrayBuffer> {
  checkArrayData(array, "encodeNpy");
  const text = formatNpyHeader(array.shape);
  const version = text.length + 64 > 0xffff ? 2 : 1;
  const prefix = version === 1 ? 10 : 12;
  const dataOffset = Math.ceil((prefix + text.length + 1) / 64) * 64;
  const bytes = new Uint8Array(dataOffset + array.data.length * 4);
  const view = new DataView(bytes.buffer);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, version, 0]);
  if (version === 1) view.setUint16(8, dataOffset - prefix, true);
  else view.setUint32(8, dataOffset - prefix, true);
  bytes.set(new TextEncoder().encode(`${text.padEnd(dataOffset - prefix - 1)}\n`), prefix);
  array.data.forEach((value, i) => {
    view.setFloat32(dataOffset + i * 4, value, true);
  });
  return bytes;
}

/** Reorders elements whose first axis varies fastest into elements whose last axis does. */
function fortranToC(source: Float32Array<ArrayBuffer>, shape: readonly number[]): Float32Array<ArrayBuffer> {
  if (shape.length < 2 || source.length === 0) return source;
  let stride = 1;
  const axes = shape.map((length) => {
    const axis = { length, stride, index: 0 };
    stride *= length;
    return axis;
  });
  axes.reverse();
  const target = new Float32Array(source.length);
  let from = 0;
  for (let to = 0; to < target.length; to++) {
    target[to] = source[from] ?? 0;
    for (const axis of axes) {
      axis.index++;
      from += axis.stride;
      if (axis.index < axis.length) break;
      from -= axis.stride * axis.length;
      axis.index = 0;
    }
  }
  return target;
}
