import type { Device } from "../gpu/device.ts";
import { submit } from "../gpu/recorder.ts";
import type { Cell } from "../io/cells.ts";
import type { Family, Products } from "../ops/recurrence.ts";
import { tileName } from "../ops/tiles.ts";
import { benchNetwork, benchStep } from "./bench-plan.ts";
import { type BenchSize, benchShapes, productOperations } from "./shapes.ts";
import { summarise, type Timing } from "./timing.ts";

/** A whole training step: forward, back-propagation, Adam, and the loss read back; trials are on the device. */
export interface StepRow extends Timing {
  readonly size: BenchSize;
  /** Which kernels serve it on this adapter, as a short measurement chose. */
  readonly family: Family;
  readonly products: Products;
  readonly tile: string;
  readonly dispatches: number;
  /** Storage bound to its dispatches, each tensor once a dispatch. */
  readonly bytes: number;
  readonly gflops: number;
  /** Milliseconds of the host until the step is submitted. */
  readonly issue: Timing;
  /** Buffers, bind groups and pipelines that a step makes once warm. */
  readonly made: number;
}

export async function measureStep(
  device: Device,
  size: BenchSize,
  options: { readonly cell: Cell; readonly rounds: number },
): Promise<StepRow> {
  const { cell, rounds } = options;
  const shape = benchShapes[size];
  const network = benchNetwork(device, shape, cell);
  try {
    const step = await benchStep(device, network, shape);
    const { plan } = step;
    try {
      const { history } = plan.tensors;
      const whole: number[] = [];
      const issue: number[] = [];
      const { counters } = device;
      const madeSoFar = (): number => counters.buffers + counters.bindGroups + counters.pipelines;
      let before = 0;
      for (let round = -2; round < rounds; round += 1) {
        if (round === 0) before = madeSoFar();
        const start = performance.now();
        step.set(Math.max(0, round));
        submit(device, "training step", plan.dispatches);
        const submitted = performance.now();
        await network.readback.read([{ tensor: history }]);
        if (round < 0) continue;
        whole.push(performance.now() - start);
        issue.push(submitted - start);
      }
      const timing = summarise(whole);
      const operations = Object.values(productOperations(shape, cell)).reduce((sum, count) => sum + count, 0);
      return {
        ...{ size, ...plan.sequence.kernels, tile: tileName(plan.sequence.kernels.tile) },
        ...timing,
        dispatches: plan.dispatches.length,
        bytes: plan.dispatches.reduce((sum, one) => sum + one.bytes, 0),
        gflops: operations / timing.median / 1e6,
        issue: summarise(issue),
        made: madeSoFar() - before,
      };
    } finally {
      step.dispose();
    }
  } finally {
    network.dispose();
  }
}
