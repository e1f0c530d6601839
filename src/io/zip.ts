import { inflateSync } from "fflate";
import { FileFormatError } from "../errors.ts";

/** One file in a zip archive, as the central directory describes it; nothing is inflated yet. */
export interface ZipEntry {
  readonly name: string;
  /** Compression method: 0 stored, 8 deflated. */
  readonly method: number;
  readonly checksum: number;
  readonly originalSize: number;
  /** Where its bytes lie in the archive. */
  readonly from: number;
  readonly to: number;
}

/** What a whole archive may inflate to: 2 GiB, the largest buffer a browser is sure to give. */
export const maxExpandedBytes = 2 ** 31;

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const localSignature = 0x04034b50;
const endBytes = 22;
const maxDeflateRatio = 1032; // 258 bytes from a match of two bits

/**
 * Lists a zip archive and checks everything that can be checked before inflating: bounds, overlaps, duplicate names,
 * names that lead out of a folder, sizes that no deflate stream can have. (fflate's own `unzipSync` trusts these.)
 * Format: PKWARE APPNOTE 6.3.
 * @throws {FileFormatError} naming `label` and the entry.
 */
export function listZip(bytes: Uint8Array, label: string): readonly ZipEntry[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const end = findEnd(view, label);
  const count = view.getUint16(end + 10, true);
  const directory = view.getUint32(end + 16, true);
  if (count === 0xffff || directory === 0xffffffff) {
    throw new FileFormatError(`${label}: zip archives over 4 GB or 65,534 entries are not read`);
  }
  if (directory + view.getUint32(end + 12, true) > end) {
    throw new FileFormatError(`${label}: the zip directory lies outside the file (truncated?)`);
  }
  const entries: ZipEntry[] = [];
  const names = new Set<string>();
  let at = directory;
  for (let i = 0; i < count; i++) {
    const { entry, next } = readEntry(bytes, view, at, end, directory, label);
    checkName(entry.name, label);
    if (names.has(entry.name)) throw new FileFormatError(`${label}: two entries are named ${entry.name}`);
    names.add(entry.name);
    entries.push(entry);
    at = next;
  }
  checkOverlap(entries, label);
  return entries;
}

/**
 * The contents of one entry, with length and checksum verified.
 * @throws {FileFormatError} where it does not inflate to what the directory promised.
 */
export function extractZipEntry(bytes: Uint8Array, entry: ZipEntry, label: string): Uint8Array {
  const stored = bytes.subarray(entry.from, entry.to);
  const contents = entry.method === 0 ? stored : inflate(stored, entry, label);
  if (contents.length !== entry.originalSize) {
    throw new FileFormatError(
      `${label}: ${entry.name} inflates to something else than the ${entry.originalSize} bytes it declares`,
    );
  }
  if (crc32(contents) !== entry.checksum) throw new FileFormatError(`${label}: ${entry.name} has a wrong checksum`);
  return contents;
}

function inflate(stored: Uint8Array, entry: ZipEntry, label: string): Uint8Array {
  try {
    // One byte to spare, so that a stream longer than it declares shows by its length.
    return inflateSync(stored, { out: new Uint8Array(entry.originalSize + 1) });
  } catch (cause) {
    throw new FileFormatError(`${label}: ${entry.name} cannot be inflated`, { cause });
  }
}

/** The end record is last, before a comment of up to 64 KiB whose length it states. */
function findEnd(view: DataView, label: string): number {
  const last = view.byteLength - endBytes;
  for (let at = last; at >= Math.max(0, last - 0xffff); at--) {
    if (
      view.getUint32(at, true) === endSignature &&
      at + endBytes + view.getUint16(at + 20, true) === view.byteLength
    ) {
      return at;
    }
  }
  throw new FileFormatError(`${label}: not a zip archive, or truncated (no end record)`);
}

function readEntry(bytes: Uint8Array, view: DataView, at: number, end: number, directory: number, label: string) {
  const fail = (what: string): never => {
    throw new FileFormatError(`${label}: ${what}`);
  };
  if (at + 46 > end || view.getUint32(at, true) !== entrySignature) fail("the zip directory is damaged");
  const flags = view.getUint16(at + 8, true);
  const method = view.getUint16(at + 10, true);
  const nameEnd = at + 46 + view.getUint16(at + 28, true);
  const extraEnd = nameEnd + view.getUint16(at + 30, true);
  const next = extraEnd + view.getUint16(at + 32, true);
  if (next > end) fail("the zip directory is truncated");
  const nameBytes = bytes.subarray(at + 46, nameEnd);
  const name = decodeName(nameBytes, (flags & 0x800) !== 0) ?? fail("an entry's name is not UTF-8");
  const large = largeFields(view, nameEnd, extraEnd);
  const field = (offset: number): number => {
    const value = view.getUint32(offset, true);
    return value === 0xffffffff ? (large.shift() ?? fail(`${name}: no size in the zip directory`)) : value;
  };
  // ZIP64 keeps the fields that do not fit in this order: original size, stored size, offset.
  const originalSize = field(at + 24);
  const storedSize = field(at + 20);
  const local = field(at + 42);
  if ((flags & 1) !== 0) fail(`${name} is encrypted`);
  if (method !== 0 && method !== 8) fail(`${name} uses zip compression method ${method} (only 0 and 8 are read)`);
  if (local + 30 > directory || view.getUint32(local, true) !== localSignature) fail(`${name} has no local header`);
  const localName = view.getUint16(local + 26, true);
  const from = local + 30 + localName + view.getUint16(local + 28, true);
  const to = from + storedSize;
  if (to > directory) fail(`${name} reaches beyond the data of the archive`);
  if (localName !== nameBytes.length || !nameBytes.every((byte, i) => bytes[local + 30 + i] === byte)) {
    fail(`${name} has another name in its local header`);
  }
  const most = method === 0 ? storedSize : storedSize * maxDeflateRatio;
  if (originalSize > most || (method === 0 && originalSize !== storedSize)) {
    fail(`${name} declares ${originalSize} bytes but ${storedSize} stored bytes can give at most ${most}`);
  }
  const entry: ZipEntry = { name, method, checksum: view.getUint32(at + 16, true), originalSize, from, to };
  return { entry, next };
}

/** The 64-bit values of the ZIP64 extra field (id 1), if there is one. */
function largeFields(view: DataView, from: number, to: number): number[] {
  for (let at = from; at + 4 <= to; ) {
    const size = view.getUint16(at + 2, true);
    const stop = Math.min(at + 4 + size, to);
    if (view.getUint16(at, true) === 1) {
      const values: number[] = [];
      for (let field = at + 4; field + 8 <= stop; field += 8) values.push(Number(view.getBigUint64(field, true)));
      return values;
    }
    at = stop;
  }
  return [];
}

function decodeName(bytes: Uint8Array, utf8: boolean): string | undefined {
  try {
    return new TextDecoder(utf8 ? "utf-8" : "latin1", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function checkName(name: string, label: string): void {
  const steps = name.split("/");
  const control = [...name].some((character) => character < " ");
  if (control || name === "" || /\\|^[a-z]:/i.test(name) || name.startsWith("/") || steps.includes("..")) {
    throw new FileFormatError(`${label}: entry name ${JSON.stringify(name)} is not a plain relative name`);
  }
}

/** Two entries over the same bytes are how a small archive inflates without bound (Fifield 2019). */
function checkOverlap(entries: readonly ZipEntry[], label: string): void {
  const sorted = [...entries].sort((a, b) => a.from - b.from);
  let reached = 0;
  for (const entry of sorted) {
    if (entry.from < reached) throw new FileFormatError(`${label}: ${entry.name} overlaps another entry`);
    reached = Math.max(entry.to, entry.from + 1);
  }
}

/** CRC-32 of IEEE 802.3, as zip uses it. */
function crc32(bytes: Uint8Array): number {
  const table = Uint32Array.from({ length: 256 }, (_, index) => {
    let remainder = index;
    for (let bit = 0; bit < 8; bit++) remainder = remainder & 1 ? 0xedb88320 ^ (remainder >>> 1) : remainder >>> 1;
    return remainder;
  });
  let checksum = 0xffffffff;
  for (const byte of bytes) checksum = (table[(checksum ^ byte) & 0xff] ?? 0) ^ (checksum >>> 8);
  return (checksum ^ 0xffffffff) >>> 0;
}
