import type { Device } from "../gpu/device.ts";
import { submit } from "../gpu/recorder.ts";
import { benchNetwork, benchStep } from "./bench-plan.ts";
import { summarise, type Timing } from "./timing.ts";

/** What a training step grows with: time steps, trials, hidden units, replicas. */
export const scalingAxes = ["T", "B", "N", "R"] as const;
export type ScalingAxis = (typeof scalingAxes)[number];
export type ScalingShape = Readonly<Record<ScalingAxis, number>>;

/** The shape from which one size at a time is varied. */
export const scalingBase: ScalingShape = { T: 50, B: 32, N: 64, R: 1 };

/** The sizes of each axis. */
export const scalingSizes: Readonly<Record<ScalingAxis, readonly number[]>> = {
  T: [6, 12, 25, 50, 100, 200, 400],
  B: [4, 8, 16, 32, 64, 128, 256],
  N: [16, 32, 64, 128, 256, 512],
  R: [1, 2, 4, 8, 16, 32, 64],
};

/** A whole training step (Adam, masked mean squared error, the loss read back) at one size. */
export interface ScalingPoint extends Timing {
  readonly size: number;
  readonly kernels: string;
}

/** How a training step grows along one axis. */
export interface Scaling {
  readonly axis: ScalingAxis;
  readonly points: readonly ScalingPoint[];
  /** The exponent of the time over the upper half of the sizes. */
  readonly slope: number;
}

/**
 * The exponent of a power law through the upper half of the points (the middle one included), by least squares on logarithms:
 * 0 where time does not grow, 1 where it grows in proportion.
 */
export function upperSlope(points: readonly { readonly size: number; readonly median: number }[]): number {
  const upper = points
    .slice(Math.floor(points.length / 2))
    .map(({ size, median }) => [Math.log(size), Math.log(median)]);
  const mean = (place: number): number => upper.reduce((sum, point) => sum + (point[place] ?? 0), 0) / upper.length;
  const [x, y] = [mean(0), mean(1)];
  const sum = (of: (dx: number, dy: number) => number): number =>
    upper.reduce((total, [px = 0, py = 0]) => total + of(px - x, py - y), 0);
  return sum((dx, dy) => dx * dy) / sum((dx) => dx * dx);
}

/** @param rounds samples of each size, after one to warm up. @param sizes the default ones unless given. */
export async function measureScaling(
  device: Device,
  axis: ScalingAxis,
  rounds: number,
  sizes: readonly number[] = scalingSizes[axis],
): Promise<Scaling> {
  const points: ScalingPoint[] = [];
  for (const size of sizes)
    points.push({ size, ...(await timeStep(device, { ...scalingBase, [axis]: size }, rounds)) });
  return { axis, points, slope: upperSlope(points) };
}

async function timeStep(device: Device, { T, B, N, R }: ScalingShape, rounds: number) {
  const shape = { steps: T, batch: B, hidden: N };
  const network = benchNetwork(device, shape, "ctrnn", { replicas: R });
  try {
    const step = await benchStep(device, network, shape);
    try {
      const { plan } = step;
      const times: number[] = [];
      for (let round = -1; round < rounds; round += 1) {
        const start = performance.now();
        step.set(Math.max(0, round));
        submit(device, "training step", plan.dispatches);
        await network.readback.read([{ tensor: plan.tensors.history }]);
        if (round >= 0) times.push(performance.now() - start);
      }
      return { ...summarise(times), kernels: plan.sequence.kernels.family };
    } finally {
      step.dispose();
    }
  } finally {
    network.dispose();
  }
}
