import { FileFormatError, ValueError } from "../errors.ts";
import { type ArrayData, checkArrayData, formatShape, type OnNotice, tryElementCount } from "./array.ts";
import { type ElementType, elementBytes, readElements } from "./elements.ts";
import { parseJsonBytes } from "./json.ts";

/** The contents of a `.safetensors` file. */
export interface Safetensors {
  readonly tensors: Map<string, ArrayData>;
  /** Free text under `__metadata__`; empty where the file has none. */
  readonly metadata: Record<string, string>;
}

const metadataKey = "__metadata__";
const maxHeaderBytes = 100_000_000; // the reference implementation's cap

const elementTypes: ReadonlyMap<unknown, ElementType> = new Map<unknown, ElementType>([
  ["BOOL", "bool"],
  ["I8", "int8"],
  ["U8", "uint8"],
  ["I16", "int16"],
  ["U16", "uint16"],
  ["I32", "int32"],
  ["U32", "uint32"],
  ["I64", "int64"],
  ["U64", "uint64"],
  ["F16", "float16"],
  ["BF16", "bfloat16"],
  ["F32", "float32"],
  ["F64", "float64"],
]);

interface TensorEntry {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly number[];
  /** Bytes from the end of the header. */
  readonly begin: number;
  readonly end: number;
}

/**
 * Reads a `.safetensors` file, every tensor as float32.
 * Format: https://huggingface.co/docs/safetensors, whose rules are all enforced.
 * @param label the file's name, for messages.
 * @param onNotice hears of values that float32 cannot hold.
 * @throws {FileFormatError} naming `label` and the tensor.
 */
export function decodeSafetensors(bytes: Uint8Array, label: string, onNotice?: OnNotice): Safetensors {
  const { header, dataOffset } = readHeader(bytes, label);
  const entries: TensorEntry[] = [];
  let metadata: Record<string, string> = {};
  for (const [name, value] of Object.entries(header)) {
    if (name === metadataKey) metadata = readMetadata(value, label);
    else entries.push(readEntry(name, value, label));
  }
  checkLayout(entries, bytes.length - dataOffset, label);
  const tensors = new Map<string, ArrayData>();
  for (const { name, type, shape, begin, end } of entries) {
    const contents = bytes.subarray(dataOffset + begin, dataOffset + end);
    tensors.set(name, { shape, data: readElements(contents, type, true, `${label}: ${name}`, onNotice) });
  }
  return { tensors, metadata };
}

/**
 * Writes a `.safetensors` file: every tensor as F32, in the map's order.
 * @throws {ShapeError} where an array does not fill its shape.
 * @throws {ValueError} where a tensor has the reserved name `__metadata__`.
 */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, ArrayData>,
  metadata: Readonly<Record<string, string>> = {},
): Uint8Array<ArrayBuffer> {
  const items: string[] = []; // joined as text: an object would move keys such as "0" to the front
  if (Object.keys(metadata).length > 0) items.push(`"${metadataKey}":${JSON.stringify(metadata)}`);
  let dataBytes = 0;
  for (const [name, array] of tensors) {
    checkArrayData(array, name);
    if (name === metadataKey) throw new ValueError(`encodeSafetensors: a tensor cannot be named ${metadataKey}`);
    const end = dataBytes + array.data.length * 4;
    const entry = { dtype: "F32", shape: array.shape, data_offsets: [dataBytes, end] };
    items.push(`${JSON.stringify(name)}:${JSON.stringify(entry)}`);
    dataBytes = end;
  }
  const header = new TextEncoder().encode(`{${items.join(",")}}`);
  const dataOffset = 8 + Math.ceil(header.length / 8) * 8;
  const bytes = new Uint8Array(dataOffset + dataBytes);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(dataOffset - 8), true);
  bytes.set(header, 8);
  bytes.fill(0x20, 8 + header.length, dataOffset);
  let at = dataOffset;
  for (const { data } of tensors.values()) {
    for (const value of data) {
      view.setFloat32(at, value, true);
      at += 4;
    }
  }
  return bytes;
}

function readHeader(bytes: Uint8Array, label: string) {
  if (bytes.length < 8) throw new FileFormatError(`${label}: ${bytes.length} bytes are too few for a safetensors file`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = view.getBigUint64(0, true);
  if (length > BigInt(maxHeaderBytes)) {
    throw new FileFormatError(`${label}: a safetensors header of ${length} bytes (at most ${maxHeaderBytes})`);
  }
  const dataOffset = 8 + Number(length);
  if (dataOffset > bytes.length) {
    throw new FileFormatError(`${label}: the header needs ${length} bytes, ${bytes.length - 8} are left (truncated?)`);
  }
  if (bytes[8] !== 0x7b || length === 0n) throw new FileFormatError(`${label}: the header does not begin with "{"`);
  const header = parseJsonBytes(bytes.subarray(8, dataOffset), `${label}: header`);
  if (!isRecord(header)) throw new FileFormatError(`${label}: the header is not a JSON object`);
  return { header, dataOffset };
}

function readMetadata(value: unknown, label: string): Record<string, string> {
  if (!isRecord(value)) throw new FileFormatError(`${label}: ${metadataKey} is not an object`);
  const texts = Object.entries(value).map(([key, text]): [string, string] => {
    if (typeof text !== "string") throw new FileFormatError(`${label}: ${metadataKey}: ${key} is not a string`);
    return [key, text];
  });
  return Object.fromEntries(texts);
}

function readEntry(name: string, value: unknown, label: string): TensorEntry {
  const fail = (what: string): never => {
    throw new FileFormatError(`${label}: ${name}: ${what}`);
  };
  if (!isRecord(value)) return fail("its entry in the header is not an object");
  const type = elementTypes.get(value["dtype"]) ?? fail(`dtype ${JSON.stringify(value["dtype"])} is not read`);
  const shape = isNumbers(value["shape"]) ? value["shape"] : fail("shape is not a list of numbers");
  const offsets = isNumbers(value["data_offsets"]) ? value["data_offsets"] : [];
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined || offsets.length !== 2) return fail("data_offsets is not two numbers");
  if (!Number.isSafeInteger(begin) || !Number.isSafeInteger(end) || begin < 0 || end < begin) {
    return fail(`data_offsets ${formatShape(offsets)} are not 0 ≤ begin ≤ end`);
  }
  const count = tryElementCount(shape) ?? fail(`shape ${formatShape(shape)} is not a shape`);
  const expected = count * elementBytes[type];
  if (expected !== end - begin) {
    return fail(`${value["dtype"]} ${formatShape(shape)} needs ${expected} bytes, data_offsets give ${end - begin}`);
  }
  return { name, type, shape, begin, end };
}

/** The tensors must lie one after another, without overlap or holes, and fill the file. */
function checkLayout(entries: readonly TensorEntry[], dataBytes: number, label: string): void {
  const sorted = [...entries].sort((a, b) => a.begin - b.begin || a.end - b.end);
  let reached = 0;
  for (const { name, begin, end } of sorted) {
    if (begin !== reached) {
      const fault = begin < reached ? "overlaps the tensor before it" : "leaves a hole before it";
      throw new FileFormatError(`${label}: ${name}: ${fault} (begins at ${begin}, expected ${reached})`);
    }
    if (end > dataBytes) {
      throw new FileFormatError(`${label}: ${name}: ends at byte ${end} of ${dataBytes} (truncated?)`);
    }
    reached = end;
  }
  if (reached !== dataBytes) {
    throw new FileFormatError(`${label}: ${dataBytes - reached} bytes at the end belong to no tensor`);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}
