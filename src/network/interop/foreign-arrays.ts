import { FileFormatError, ShapeError } from "../../errors.ts";
import { type ArrayData, checkArrayData, formatShape, type OnNotice } from "../../io/array.ts";
import { suggestName } from "../../io/nearest.ts";
import { decodeNpz } from "../../io/npz.ts";
import { decodeSafetensors } from "../../io/safetensors.ts";
import { listZip } from "../../io/zip.ts";

/** The bytes of a `.npz` or `.safetensors`, or the arrays of one that has been read. */
export type ArraySource = Uint8Array | ReadonlyMap<string, ArrayData>;

const saveAdvice =
  'save its state_dict as numbers: safetensors.torch.save_file(model.state_dict(), "model.safetensors"), or np.savez("model.npz", **{k: v.cpu().numpy() for k, v in model.state_dict().items()})';

function decode(bytes: Uint8Array, label: string, onNotice: OnNotice): ReadonlyMap<string, ArrayData> {
  // A pickle begins with its protocol (0x80), a zip with "PK"; PyTorch's own files are one or the other.
  const isZip = bytes[0] === 0x50 && bytes[1] === 0x4b;
  const holdsPickle = isZip
    ? listZip(bytes, label).some(({ name }) => /(^|\/)data\.pkl$/.test(name))
    : bytes[0] === 0x80 && (bytes[1] ?? 0) <= 5;
  if (holdsPickle)
    throw new FileFormatError(`${label}: is a pickled PyTorch file, which is never decoded; ${saveAdvice}`);
  return isZip ? decodeNpz(bytes, label, onNotice) : decodeSafetensors(bytes, label, onNotice).tensors;
}

/** The arrays of another package's file, which remembers what was read. */
export class ForeignArrays {
  readonly label: string;
  readonly #arrays: ReadonlyMap<string, ArrayData>;
  readonly #read = new Set<string>();
  readonly #onNotice: OnNotice;

  /** @throws FileFormatError for a damaged file, and for a pickled one. */
  constructor(source: ArraySource, label: string, onNotice: OnNotice = () => {}) {
    this.label = label;
    this.#onNotice = onNotice;
    this.#arrays = source instanceof Uint8Array ? decode(source, label, onNotice) : source;
  }

  get names(): readonly string[] {
    return [...this.#arrays.keys()];
  }

  has(name: string): boolean {
    return this.#arrays.has(name);
  }

  notice(text: string): void {
    this.#onNotice(`${this.label}: ${text}`);
  }

  /** The lengths of an array's axes. @throws FileFormatError where there is no such array. */
  shapeOf(name: string): readonly number[] {
    return this.#find(name).shape;
  }

  /**
   * A copy of an array's numbers.
   * @param shape what it has to be; with axes of length 1 in front it is accepted, too.
   * @throws FileFormatError where there is no such array, ShapeError where it has another shape.
   */
  read(name: string, shape: readonly number[], axes: string): Float32Array {
    const array = this.#find(name);
    checkArrayData(array, `${this.label}: ${name}`);
    const given = array.shape.slice(Math.max(0, array.shape.length - shape.length));
    const extra = array.shape.slice(0, array.shape.length - given.length);
    const fits = given.length === shape.length && given.every((length, axis) => length === shape[axis]);
    if (!fits || extra.some((length) => length !== 1)) {
      const transposed = shape.length === 2 && array.shape[0] === shape[1] && array.shape[1] === shape[0];
      throw new ShapeError(
        `${this.label}: ${name}: expected ${formatShape(shape)} (${axes}), got ${formatShape(array.shape)}.${transposed ? " It is the transpose: rows are postsynaptic." : ""}`,
      );
    }
    this.#read.add(name);
    return array.data.slice();
  }

  /** As {@link read}, or undefined where there is no such array. */
  readIfThere(name: string, shape: readonly number[], axes: string): Float32Array | undefined {
    return this.has(name) ? this.read(name, shape, axes) : undefined;
  }

  /** Counts arrays as read, although nothing is taken from them. */
  skip(names: Iterable<string>): void {
    for (const name of names) this.#read.add(name);
  }

  /** Says which arrays nobody has read. */
  noticeUnread(): void {
    const unread = this.names.filter((name) => !this.#read.has(name));
    if (unread.length > 0) this.notice(`not used: ${unread.slice(0, 12).join(", ")}${unread.length > 12 ? " …" : ""}`);
  }

  #find(name: string): ArrayData {
    const array = this.#arrays.get(name);
    if (array !== undefined) return array;
    const known = this.names.slice(0, 30);
    throw new FileFormatError(`${this.label}: ${name} is missing; ${suggestName(name, known)}`);
  }
}
