import { type Zippable, zipSync } from "fflate";
import { FileFormatError, ValueError } from "../errors.ts";
import type { ArrayData, OnNotice } from "./array.ts";
import { decodeNpy, encodeNpy } from "./npy.ts";
import { npyElements, readNpyHeader } from "./npy-header.ts";
import { extractZipEntry, listZip, maxExpandedBytes } from "./zip.ts";

/**
 * Reads the arrays of a NumPy `.npz`, by name, as float32. Entries that are not arrays of numbers (pickled objects,
 * text, other files) are skipped, and `onNotice` hears of each.
 * @param label the file's name, for messages.
 * @throws {FileFormatError} for a truncated, damaged or hostile archive: duplicate names, path-like names, overlapping
 * entries, sizes that lie, wrong checksums.
 */
export function decodeNpz(bytes: Uint8Array, label: string, onNotice?: OnNotice): Map<string, ArrayData> {
  const arrays = new Map<string, ArrayData>();
  let expanded = 0;
  for (const entry of listZip(bytes, label)) {
    const name = entry.name.slice(0, -".npy".length);
    if (!entry.name.endsWith(".npy") || name === "") {
      onNotice?.(`${label}: skipped ${entry.name}, which is not a .npy array`);
      continue;
    }
    expanded += entry.originalSize;
    if (expanded > maxExpandedBytes) {
      throw new FileFormatError(`${label}: inflates to more than ${maxExpandedBytes} bytes (at ${entry.name})`);
    }
    const contents = extractZipEntry(bytes, entry, label);
    const entryLabel = `${label}: ${name}`;
    const unusable = whyUnusable(contents, entryLabel);
    if (unusable === undefined) arrays.set(name, decodeNpy(contents, entryLabel, onNotice));
    else onNotice?.(`${unusable}; skipped`);
  }
  return arrays;
}

/** How {@link encodeNpz} writes. */
export interface NpzOptions {
  /** Deflate the entries, as `numpy.savez_compressed` does; otherwise they are stored. */
  readonly compress?: boolean;
}

/**
 * Writes a `.npz` that `numpy.load` reads: every array as little-endian float32. The same arrays give the same bytes.
 * @throws {ShapeError} where an array does not fill its shape.
 * @throws {ValueError} for an empty or path-like name, or over 4 GB.
 */
export function encodeNpz(arrays: ReadonlyMap<string, ArrayData>, options: NpzOptions = {}): Uint8Array<ArrayBuffer> {
  const files: Zippable = {};
  let total = 0;
  for (const [name, array] of arrays) {
    if (!isPlainName(name)) throw new ValueError(`encodeNpz: ${JSON.stringify(name)} cannot name an entry`);
    const contents = encodeNpy(array);
    total += contents.length;
    files[`${name}.npy`] = contents;
  }
  if (total > 0xf0000000) throw new ValueError(`encodeNpz: ${total} bytes do not fit in a zip archive (4 GB)`);
  // Local time, because the zip clock has no zone: the bytes are the same wherever this runs.
  return zipSync(files, { level: options.compress ? 6 : 0, mtime: new Date(1980, 0, 1) });
}

function isPlainName(name: string): boolean {
  return name !== "" && !/^\/|\\|^[a-z]:|(^|\/)\.\.(\/|$)/i.test(name) && ![...name].some((letter) => letter < " ");
}

/** A damaged header throws; a sound one that describes something else than numbers gives the reason as text. */
function whyUnusable(contents: Uint8Array, label: string): string | undefined {
  const header = readNpyHeader(contents, label);
  try {
    npyElements(header, label);
    return undefined;
  } catch (error) {
    if (error instanceof FileFormatError) return error.message;
    throw error;
  }
}
