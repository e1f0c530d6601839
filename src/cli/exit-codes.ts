import { AdapterError, CortrainError, DeviceLostError, DisposedError, DivergenceError, GpuError } from "../errors.ts";

/** What the process exits with. */
export const exitCodes = { done: 0, failed: 1, wrongInput: 2, interrupted: 130 } as const;

const failures = [AdapterError, DeviceLostError, DisposedError, DivergenceError, GpuError];

/** 2 where the command, a configuration or a file is at fault, 1 where the work failed. */
export function exitCodeOf(error: unknown): number {
  const isInput = error instanceof CortrainError && !failures.some((failure) => error instanceof failure);
  return isInput ? exitCodes.wrongInput : exitCodes.failed;
}
