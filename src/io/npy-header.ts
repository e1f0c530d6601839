import { FileFormatError } from "../errors.ts";
import type { ElementType } from "./elements.ts";

/** What the header of a `.npy` says about the bytes that follow it. */
export interface NpyHeader {
  /** NumPy's type description such as `<f4`; `undefined` for a structured (record) dtype. */
  readonly descr: string | undefined;
  /** Whether the array holds pickled Python objects, which are never decoded. */
  readonly pickled: boolean;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  /** Where the elements begin, in bytes from the start of the file. */
  readonly dataOffset: number;
}

/** How the elements of a `.npy` lie in memory. */
export interface NpyElements {
  readonly type: ElementType;
  readonly littleEndian: boolean;
}

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59]; // "\x93NUMPY"
const maxHeaderBytes = 1 << 17; // NumPy itself refuses more than 10,000
const maxAxes = 64; // NumPy's own limit

/**
 * Reads the magic, the version and the header of a `.npy` (format versions 1, 2 and 3; Python 2's `279L` too).
 * @throws {FileFormatError} naming `label`.
 */
export function readNpyHeader(bytes: Uint8Array, label: string): NpyHeader {
  if (bytes.length < 10) throw new FileFormatError(`${label}: ${bytes.length} bytes are too few for a .npy file`);
  if (!magic.every((byte, i) => bytes[i] === byte)) {
    throw new FileFormatError(`${label}: not a .npy file (it does not begin with \\x93NUMPY)`);
  }
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) {
    throw new FileFormatError(`${label}: .npy format version ${version} is not known (versions 1, 2 and 3 are)`);
  }
  const prefix = version === 1 ? 10 : 12;
  if (bytes.length < prefix) throw new FileFormatError(`${label}: truncated before the end of the .npy header`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (length > maxHeaderBytes)
    throw new FileFormatError(`${label}: a .npy header of ${length} bytes is not believable`);
  const dataOffset = prefix + length;
  if (dataOffset > bytes.length) throw new FileFormatError(`${label}: truncated inside the .npy header`);
  const text = new TextDecoder(version === 3 ? "utf-8" : "latin1").decode(bytes.subarray(prefix, dataOffset));
  return { ...parseHeaderText(text, label), dataOffset };
}

/**
 * How to read the elements a header describes.
 * @throws {FileFormatError} where they are not numbers: pickled objects, text, dates, records, complex numbers.
 */
export function npyElements(header: NpyHeader, label: string): NpyElements {
  const descr = header.descr ?? "record";
  if (header.pickled) {
    throw new FileFormatError(`${label}: holds pickled Python objects (dtype ${descr}), which are never decoded`);
  }
  const [, order = "", code = ""] = /^([<>=|]?)(.+)$/s.exec(descr) ?? [];
  const type = numericTypes.get(code);
  if (type === undefined) {
    throw new FileFormatError(`${label}: dtype ${descr} is not a plain number; save it with .astype("float32")`);
  }
  return { type, littleEndian: order !== ">" };
}

/** The literal that `numpy.load` expects for a C-order little-endian float32 array. */
export function formatNpyHeader(shape: readonly number[]): string {
  const axes = shape.length === 1 ? `${shape[0]},` : shape.join(", ");
  return `{'descr': '<f4', 'fortran_order': False, 'shape': (${axes}), }`;
}

const numericTypes: ReadonlyMap<string, ElementType> = new Map([
  ["b1", "bool"],
  ["?", "bool"],
  ["i1", "int8"],
  ["u1", "uint8"],
  ["i2", "int16"],
  ["u2", "uint16"],
  ["i4", "int32"],
  ["u4", "uint32"],
  ["i8", "int64"],
  ["u8", "uint64"],
  ["f2", "float16"],
  ["f4", "float32"],
  ["f8", "float64"],
]);

/** The header is the literal of a Python dict with exactly three keys; any order, either quote. */
function parseHeaderText(text: string, label: string): Omit<NpyHeader, "dataOffset"> {
  // A list with lists in it, three deep: records within records. (Here, since a sticky expression has state.)
  const recordLiteral = /\[[^[\]]*(?:\[[^[\]]*(?:\[[^[\]]*\][^[\]]*)*\][^[\]]*)*\]/y;
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match === null) return undefined;
    at = pattern.lastIndex;
    return match;
  };
  const fail = (expected: string): never => {
    const given = JSON.stringify(text.slice(at, at + 20));
    throw new FileFormatError(`${label}: .npy header: expected ${expected}, got ${given}`);
  };
  let descr: { readonly text: string | undefined; readonly pickled: boolean } | undefined;
  let fortranOrder: boolean | undefined;
  let shape: number[] | undefined;

  take(/\s*\{/y) ?? fail("'{'");
  while (take(/\s*\}/y) === undefined) {
    const key = take(/\s*(['"])(\w+)\1\s*:\s*/y)?.[2] ?? fail("a key");
    if (key === "descr" && descr === undefined) {
      const scalar = take(/(['"])([^'"]*)\1/y)?.[2];
      const record = scalar === undefined ? (take(recordLiteral)?.[0] ?? fail("a dtype")) : undefined;
      const pickled = scalar === undefined ? /['"]\|?O['"]/.test(record ?? "") : /^[|<>=]?O/.test(scalar);
      descr = { text: scalar, pickled };
    } else if (key === "fortran_order" && fortranOrder === undefined) {
      fortranOrder = (take(/True|False/y)?.[0] ?? fail("True or False")) === "True";
    } else if (key === "shape" && shape === undefined) {
      const axes = take(/\(([\dL,\s]*)\)/y)?.[1] ?? fail("a tuple of integers");
      shape = parseAxes(axes) ?? fail("axis lengths separated by commas");
    } else {
      fail(`each of descr, fortran_order and shape once (found ${key})`);
    }
    if (take(/\s*,/y) === undefined) {
      take(/\s*\}/y) ?? fail("',' or '}'");
      break;
    }
  }
  if (text.slice(at).trim() !== "") fail("nothing after '}'");
  if (descr === undefined || fortranOrder === undefined || shape === undefined) {
    return fail("the keys descr, fortran_order and shape");
  }
  return { descr: descr.text, pickled: descr.pickled, fortranOrder, shape };
}

function parseAxes(text: string): number[] | undefined {
  const parts = text.split(",").map((part) => part.trim());
  if (parts.at(-1) === "") parts.pop();
  if (parts.length > maxAxes || !parts.every((part) => /^\d+L?$/.test(part))) return undefined;
  return parts.map((part) => Number.parseInt(part, 10));
}
