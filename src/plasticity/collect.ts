import { joinRecords, type SornRecord, type SornRecordName } from "./record.ts";
import type { SornBlock } from "./sorn.ts";

/** Runs to the end and joins what all blocks recorded, along time. For short runs: it holds all of it. */
export async function collect(
  blocks: AsyncIterable<SornBlock>,
): Promise<Readonly<Partial<Record<SornRecordName, SornRecord>>>> {
  const parts = new Map<SornRecordName, SornRecord[]>();
  for await (const { records } of blocks)
    for (const record of Object.values(records)) parts.set(record.name, [...(parts.get(record.name) ?? []), record]);
  return Object.fromEntries([...parts].map(([name, records]) => [name, joinRecords(records)]));
}
