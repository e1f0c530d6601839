import type { OnNotice } from "./array.ts";

/** The element types a file may hold, with the bytes each takes. All are converted to float32 when read. */
export const elementBytes = {
  bool: 1,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float16: 2,
  bfloat16: 2,
  float32: 4,
  float64: 8,
} as const;
export type ElementType = keyof typeof elementBytes;

/**
 * Reads packed elements as float32. `onNotice` hears of values that float32 cannot hold: how many were rounded, and how
 * many became infinite.
 * @param bytes a whole number of elements; the caller has checked the length.
 * @param label what the array is called in the notice.
 */
export function readElements(
  bytes: Uint8Array,
  type: ElementType,
  littleEndian: boolean,
  label: string,
  onNotice?: OnNotice,
): Float32Array<ArrayBuffer> {
  const step = elementBytes[type];
  const read = elementReader(new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), type, littleEndian);
  const data = new Float32Array(bytes.byteLength / step);
  let rounded = 0;
  let overflowed = 0;
  for (let i = 0; i < data.length; i++) {
    const value = read(i * step);
    data[i] = value;
    const stored = Math.fround(value);
    if (stored !== value && !Number.isNaN(value)) {
      if (Number.isFinite(stored)) rounded++;
      else overflowed++;
    } else if (step === 8 && type !== "float64" && !Number.isSafeInteger(value)) {
      rounded++; // a 64-bit integer above 2^53 is rounded already as a double
    }
  }
  if (rounded + overflowed > 0) {
    const infinite = overflowed > 0 ? ` and ${overflowed} became infinite` : "";
    onNotice?.(`${label}: ${type} read as float32; ${rounded} of ${data.length} values were rounded${infinite}`);
  }
  return data;
}

function elementReader(view: DataView, type: ElementType, littleEndian: boolean): (offset: number) => number {
  switch (type) {
    case "bool":
      return (offset) => (view.getUint8(offset) === 0 ? 0 : 1);
    case "int8":
      return (offset) => view.getInt8(offset);
    case "uint8":
      return (offset) => view.getUint8(offset);
    case "int16":
      return (offset) => view.getInt16(offset, littleEndian);
    case "uint16":
      return (offset) => view.getUint16(offset, littleEndian);
    case "int32":
      return (offset) => view.getInt32(offset, littleEndian);
    case "uint32":
      return (offset) => view.getUint32(offset, littleEndian);
    case "int64":
      return (offset) => Number(view.getBigInt64(offset, littleEndian));
    case "uint64":
      return (offset) => Number(view.getBigUint64(offset, littleEndian));
    case "float16":
      return (offset) => float16ToNumber(view.getUint16(offset, littleEndian));
    case "bfloat16": {
      const word = new DataView(new ArrayBuffer(4));
      return (offset) => {
        word.setUint32(0, view.getUint16(offset, littleEndian) << 16);
        return word.getFloat32(0);
      };
    }
    case "float32":
      return (offset) => view.getFloat32(offset, littleEndian);
    case "float64":
      return (offset) => view.getFloat64(offset, littleEndian);
  }
}

/** IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
function float16ToNumber(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 0x1f;
  const fraction = bits & 0x3ff;
  if (exponent === 0x1f) return fraction === 0 ? sign * Number.POSITIVE_INFINITY : Number.NaN;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1024 + fraction) * 2 ** (exponent - 25);
}
