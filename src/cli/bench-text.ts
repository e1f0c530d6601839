import type { KernelRow } from "../bench/kernels.ts";
import type { Roofs } from "../bench/roofs.ts";
import type { StepRow } from "../bench/steps.ts";

/** What the adapter can do, a line each. */
export function roofLines({ multiplyAdd, product, storage, workgroup, dispatch }: Roofs): string[] {
  const line = (name: string, value: number, unit: string): string =>
    `roof  ${name.padEnd(34)} ${digits(value)} ${unit}`;
  return [
    line("multiply-add in registers", multiplyAdd, "GFLOP/s"),
    line("matrix product by register tiles", product, "GFLOP/s"),
    line("storage, read and written", storage, "GB/s"),
    line("workgroup memory, read", workgroup, "GB/s"),
    line("a dispatch", dispatch, "µs"),
  ];
}

/** @param slower marks it. */
export function kernelLine(row: KernelRow, slower: boolean): string {
  const { size, kernel, dispatches, bytes, median, spread, gflops, gbps, ofRoof } = row;
  const rate = gflops === undefined ? `${digits(gbps ?? 0)} GB/s   ` : `${digits(gflops)} GFLOP/s`;
  const name = `${size.padEnd(5)}  ${kernel.padEnd(28)} ${String(dispatches).padStart(4)}×`;
  return `${name}  ${time(median)} ± ${digits(spread)} ms  ${rate}  ${percent(ofRoof)}  ${megabytes(bytes)}${slower ? "  SLOWER" : ""}`;
}

/** @param kind in place of "step". @param slower marks it. */
export function stepLine(row: StepRow, slower: boolean, kind = "whole step"): string {
  const { size, family, products, dispatches, bytes, median, spread, gflops, issue, made } = row;
  const rate = kind === "whole step" ? `  ${digits(gflops)} GFLOP/s` : "";
  const host = `issued in ${digits(issue.median)} ms, ${made} objects made`;
  return `${size.padEnd(5)}  ${`${kind}, ${family}${products === "sparse" ? ", sparse" : ""}`.padEnd(28)} ${String(dispatches).padStart(4)}×  ${time(median)} ± ${digits(spread)} ms${rate}  ${megabytes(bytes)}; ${host}${slower ? "  SLOWER" : ""}`;
}

function digits(value: number): string {
  return value.toPrecision(3);
}

function time(milliseconds: number): string {
  return milliseconds.toFixed(3).padStart(10);
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1).padStart(6)} % of roof`;
}

function megabytes(bytes: number): string {
  return `${(bytes / 1e6).toPrecision(3)} MB`;
}
