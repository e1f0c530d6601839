/** One entry as a test wants it written: each field may lie about the others. */
export interface RawEntry {
  readonly name: string;
  readonly stored: Uint8Array;
  readonly method?: number;
  readonly originalSize?: number;
  readonly storedSize?: number;
  readonly checksum?: number;
  readonly flags?: number;
  readonly localName?: string;
  /** Where the directory says that the local header is. */
  readonly offset?: number;
  readonly extra?: Uint8Array;
}

/** A zip archive written field by field, so that any field can be wrong. */
export function buildZip(entries: readonly RawEntry[]): Uint8Array {
  const text = new TextEncoder();
  const parts: Uint8Array[] = [];
  const directory: Uint8Array[] = [];
  let offset = 0;
  for (const entry of entries) {
    const localName = text.encode(entry.localName ?? entry.name);
    const name = text.encode(entry.name);
    const fields = [
      { size: 2, value: 20 },
      { size: 2, value: entry.flags ?? 0x800 },
      { size: 2, value: entry.method ?? 0 },
      { size: 4, value: 0 },
      { size: 4, value: entry.checksum ?? 0 },
      { size: 4, value: entry.storedSize ?? entry.stored.length },
      { size: 4, value: entry.originalSize ?? entry.stored.length },
    ];
    const local = pack([
      { size: 4, value: 0x04034b50 },
      ...fields,
      { size: 2, value: localName.length },
      { size: 2, value: 0 },
    ]);
    directory.push(
      pack([
        { size: 4, value: 0x02014b50 },
        { size: 2, value: 20 },
        ...fields,
        { size: 2, value: name.length },
        { size: 2, value: entry.extra?.length ?? 0 },
        { size: 2, value: 0 },
        { size: 2, value: 0 },
        { size: 2, value: 0 },
        { size: 4, value: 0 },
        { size: 4, value: entry.offset ?? offset },
      ]),
      name,
      entry.extra ?? new Uint8Array(),
    );
    parts.push(local, localName, entry.stored);
    offset += local.length + localName.length + entry.stored.length;
  }
  const end = pack([
    { size: 4, value: 0x06054b50 },
    { size: 4, value: 0 },
    { size: 2, value: entries.length },
    { size: 2, value: entries.length },
    { size: 4, value: directory.reduce((sum, part) => sum + part.length, 0) },
    { size: 4, value: offset },
    { size: 2, value: 0 },
  ]);
  return concatenate([...parts, ...directory, end]);
}

export function concatenate(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

function pack(fields: readonly { readonly size: number; readonly value: number }[]): Uint8Array {
  return Uint8Array.from(
    fields.flatMap(({ size, value }) => Array.from({ length: size }, (_, i) => Math.floor(value / 256 ** i) & 255)),
  );
}
