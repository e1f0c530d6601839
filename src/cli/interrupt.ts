import { exitCodes } from "./exit-codes.ts";

/**
 * An abort signal that the first Ctrl-C (or SIGTERM) raises; the second ends the process at once.
 * `release` gives the signals back to Node.
 */
export function watchInterrupt(onFirst: () => void): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController();
  const handle = (): void => {
    if (controller.signal.aborted) process.exit(exitCodes.interrupted);
    controller.abort();
    onFirst();
  };
  process.on("SIGINT", handle);
  process.on("SIGTERM", handle);
  return {
    signal: controller.signal,
    release() {
      process.off("SIGINT", handle);
      process.off("SIGTERM", handle);
    },
  };
}
