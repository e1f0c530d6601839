import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import { timeDispatches } from "../gpu/timing.ts";

/** A time of several samples, in milliseconds. */
export interface Timing {
  readonly median: number;
  /** Half the range between the quartiles. */
  readonly spread: number;
  readonly samples: number;
}

/** Shorter passes are repeated until they last as long, so that what is timed is not the timer. */
const shortestMs = 1;
const mostRepeats = 256;

export function summarise(times: readonly number[]): Timing {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { median: at(0.5), spread: (at(0.75) - at(0.25)) / 2, samples: times.length };
}

/** Times some dispatches, run one after the other in a pass, after a warm-up. */
export async function timeKernel(device: Device, dispatches: readonly Dispatch[], rounds: number): Promise<Timing> {
  const { milliseconds: first } = await timeDispatches(device, dispatches);
  const repeats = Math.max(1, Math.min(mostRepeats, Math.ceil(shortestMs / Math.max(first, 1e-6))));
  const pass = Array.from({ length: repeats }, () => dispatches).flat();
  await timeDispatches(device, pass);
  const times: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const { milliseconds } = await timeDispatches(device, pass);
    times.push(milliseconds / repeats);
  }
  return summarise(times);
}
