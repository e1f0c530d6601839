import { z } from "zod";
import { parseJsonBytes, parseWith } from "../io/config.ts";
import { readFileBytes } from "../io/node/files.ts";

const timing = { size: z.string(), median: z.number(), spread: z.number() };
const fileSchema = z.looseObject({
  kernels: z.array(z.looseObject({ ...timing, kernel: z.string() })),
  steps: z.array(z.looseObject(timing)),
});

/** A row that can be compared. */
interface Row {
  readonly size: string;
  /** Absent for a whole step. */
  readonly kernel?: string;
  readonly median: number;
  readonly spread: number;
}

/** Reads what `cortrain bench --out` wrote. @throws FileFormatError, ConfigError naming the key at fault. */
export async function readBenchFile(path: string): Promise<{ kernels: readonly Row[]; steps: readonly Row[] }> {
  return parseWith(fileSchema, parseJsonBytes(await readFileBytes(path), path), path);
}

/** Whether a row is slower than the one of the same name by more than both spreads. */
export function slowerThan(old: readonly Row[] | undefined, row: Row): boolean {
  const before = old?.find(({ size, kernel }) => size === row.size && kernel === row.kernel);
  return before !== undefined && row.median - before.median > row.spread + before.spread;
}
