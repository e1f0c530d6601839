import { measureScaling, type Scaling, scalingAxes, scalingBase } from "../bench/scaling.ts";
import type { Device } from "../gpu/device.ts";
import { scalingFigure } from "../plot/scaling.ts";
import type { Output } from "./output.ts";

/** Measures how a training step grows with each of its sizes, and prints it. */
export async function benchScaling(device: Device, rounds: number, output: Output): Promise<Scaling[]> {
  const base = scalingAxes.map((axis) => `${axis} ${scalingBase[axis]}`).join(", ");
  output.text(`\ntraining step in ms; one size varied, the others ${base}`);
  const all: Scaling[] = [];
  for (const axis of scalingAxes) {
    const scaling = await measureScaling(device, axis, rounds);
    all.push(scaling);
    for (const { size, median, spread, kernels } of scaling.points) {
      output.text(
        `${axis} ${String(size).padStart(4)}  ${median.toFixed(2).padStart(9)} ± ${spread.toFixed(2)}  ${kernels}`,
      );
    }
    output.text(`${axis}  grows with the power ${scaling.slope.toFixed(2)} over the upper half of the sizes`);
  }
  return all;
}

/** Time against each size, in multiples of the base, as SVG. */
export function benchScalingFigure(all: readonly Scaling[], device: string): string {
  const base = scalingAxes.map((axis) => `${axis} = ${scalingBase[axis]}`).join(", ");
  return scalingFigure({
    title: `Training step, ${device}`,
    xLabel: `size, as a multiple of ${base}`,
    yLabel: "time of a step (ms)",
    curves: all.map(({ axis, points, slope }) => ({
      label: `${axis}, slope ${slope.toFixed(2)}`,
      points: points.map(({ size, median }) => [size / scalingBase[axis], median] as const),
    })),
  });
}
