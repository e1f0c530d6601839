import { joinRecords, type SornRecord, type SornRecordName } from "./record.ts";
import type { SornBlock } from "./sorn.ts";

export type Records = Readonly<Partial<Record<SornRecordName, SornRecord>>>;

/** Gathers what the blocks of a run recorded. */
export class RecordParts {
  readonly #parts = new Map<SornRecordName, SornRecord[]>();

  add(records: Records): void {
    for (const record of Object.values(records)) {
      const list = this.#parts.get(record.name);
      if (list === undefined) this.#parts.set(record.name, [record]);
      else list.push(record);
    }
  }

  /** Joined along time. */
  join(): Records {
    return Object.fromEntries([...this.#parts].map(([name, records]) => [name, joinRecords(records)]));
  }
}

/** Runs to the end and joins what all blocks recorded, along time. For short runs: it holds all of it. */
export async function collect(blocks: AsyncIterable<SornBlock>): Promise<Records> {
  const parts = new RecordParts();
  for await (const { records } of blocks) parts.add(records);
  return parts.join();
}
