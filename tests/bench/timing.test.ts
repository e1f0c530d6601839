import { expect, test } from "vitest";
import { timeKernel } from "../../src/bench/timing.ts";
import type { Device } from "../../src/gpu/device.ts";
import type { Dispatch } from "../../src/gpu/kernel.ts";
import type { GpuTime } from "../../src/gpu/timing.ts";

const noDevice = {} as Device;
const dispatches = [{ label: "one" }, { label: "two" }] as unknown as Dispatch[];
/** Times passes by a clock that ticks in tenths of a millisecond. */
const quantised =
  (milliseconds: (timed: number, dispatches: number) => number, lengths: number[] = []) =>
  (_: Device, pass: readonly Dispatch[]): Promise<GpuTime> => {
    lengths.push(pass.length);
    const ticks = Math.floor(10 * milliseconds(lengths.length, pass.length));
    return Promise.resolve({ milliseconds: ticks / 10, method: "timestamps" });
  };

test("a machine that stalls in the first passes leaves no sample shorter than a tick", async () => {
  const lengths: number[] = [];
  const stalled = quantised((timed, length) => 0.02 * length + (timed <= 3 ? 7 : 0), lengths);
  const { median, samples } = await timeKernel(noDevice, dispatches, 5, stalled);
  expect(samples).toBe(5);
  expect(median).toBeCloseTo(0.04, 2);
  expect(lengths.at(-1)).toBeGreaterThanOrEqual(50);
  expect(new Set(lengths.slice(-5)).size).toBe(1);
});

test("what lasts long enough is run once a pass, and what lasts no time at all a bounded number of times", async () => {
  const lengths: number[] = [];
  expect(
    (
      await timeKernel(
        noDevice,
        dispatches,
        3,
        quantised(() => 40, lengths),
      )
    ).median,
  ).toBe(40);
  expect(lengths).toEqual([2, 2, 2, 2]);
  expect(
    (
      await timeKernel(
        noDevice,
        dispatches,
        3,
        quantised(() => 0, lengths),
      )
    ).median,
  ).toBe(0);
  expect(lengths.at(-1)).toBe(2 * 256);
});
