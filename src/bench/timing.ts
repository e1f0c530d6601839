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

/**
 * Times some dispatches, run one after the other in a pass, after a warm-up. The pass holds as many repeats as make it
 * last, and as long as any sample says that they do not, there are more of them and sampling begins again: a first time
 * taken while the machine did something else must not leave passes that are shorter than a tick of the timer.
 */
export async function timeKernel(
  device: Device,
  dispatches: readonly Dispatch[],
  rounds: number,
  time: typeof timeDispatches = timeDispatches,
): Promise<Timing> {
  await time(device, dispatches);
  let repeats = 1;
  let pass = dispatches;
  let times: number[] = [];
  while (times.length < rounds) {
    const { milliseconds } = await time(device, pass);
    if (milliseconds < shortestMs && repeats < mostRepeats) {
      const enough = Math.ceil((1.5 * repeats * shortestMs) / Math.max(milliseconds, 1e-6));
      repeats = Math.min(mostRepeats, Math.max(2 * repeats, enough));
      pass = Array.from({ length: repeats }, () => dispatches).flat();
      times = [];
    } else {
      times.push(milliseconds / repeats);
    }
  }
  return summarise(times);
}
