import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import type { Cell } from "../io/cells.ts";
import type { Loss, LossInput } from "../loss/losses.ts";
import { benchNetwork, benchStep } from "./bench-plan.ts";
import type { Roofs } from "./roofs.ts";
import { type BenchSize, type BenchSystem, benchShapes, productOperations } from "./shapes.ts";
import { type Timing, timeKernel } from "./timing.ts";

/** A kernel of a training step at a shape, or of another system. */
export interface KernelRow extends Timing {
  readonly size: BenchSize | BenchSystem;
  readonly kernel: string;
  /** In one step. */
  readonly dispatches: number;
  /** Storage bound to it in one step, each tensor once. */
  readonly bytes: number;
  /** 10⁹ operations a second, of the products. */
  readonly gflops?: number;
  /** GB a second, of the others: each bound tensor read or written once. */
  readonly gbps?: number;
  /** The share of the roof that it should come near: the product by register tiles, or storage. */
  readonly ofRoof: number;
}

/** Groups dispatches by their kernel, in the order in which they first come. */
function byLabel(dispatches: readonly Dispatch[]): Map<string, Dispatch[]> {
  const groups = new Map<string, Dispatch[]>();
  for (const one of dispatches) groups.set(one.label, [...(groups.get(one.label) ?? []), one]);
  return groups;
}

function rowOf(
  size: KernelRow["size"],
  kernel: string,
  dispatches: readonly Dispatch[],
  timing: Timing,
  operations: number,
  roofs: Roofs,
): KernelRow {
  const bytes = dispatches.reduce((sum, one) => sum + one.bytes, 0);
  const common = { size, kernel, dispatches: dispatches.length, bytes, ...timing };
  if (operations > 0) {
    const gflops = operations / timing.median / 1e6;
    return { ...common, gflops, ofRoof: gflops / roofs.product };
  }
  const gbps = bytes / timing.median / 1e6;
  return { ...common, gbps, ofRoof: gbps / roofs.storage };
}

/** Every kernel of some dispatches, timed alone. @param operations those of a kernel that is a matrix product. */
export async function kernelRows(
  device: Device,
  size: KernelRow["size"],
  dispatches: readonly Dispatch[],
  { rounds, roofs }: { readonly rounds: number; readonly roofs: Roofs },
  operations: (label: string) => number | undefined,
): Promise<KernelRow[]> {
  const rows: KernelRow[] = [];
  for (const [label, own] of byLabel(dispatches)) {
    const timing = await timeKernel(device, own, rounds);
    rows.push(rowOf(size, label, own, timing, operations(label) ?? 0, roofs));
  }
  return rows;
}

/** Every kernel of a training step, timed alone. */
export async function measureKernels(
  device: Device,
  size: BenchSize,
  options: { readonly cell: Cell; readonly rounds: number; readonly roofs: Roofs },
): Promise<KernelRow[]> {
  const { cell, rounds, roofs } = options;
  const shape = benchShapes[size];
  const network = benchNetwork(device, shape, cell);
  try {
    const step = await benchStep(device, network, shape);
    try {
      const operations = productOperations(shape, cell);
      return await kernelRows(
        device,
        size,
        step.plan.dispatches,
        { rounds, roofs },
        (label) => operations[label.replace(/_(persistent|step)$/, "")],
      );
    } finally {
      step.dispose();
    }
  } finally {
    network.dispose();
  }
}

/** One of each kind of loss term. */
const terms: Readonly<Record<Loss["type"], LossInput>> = {
  meanSquaredError: { type: "meanSquaredError" },
  crossEntropy: { type: "crossEntropy" },
  binaryCrossEntropy: { type: "binaryCrossEntropy" },
  cosine: { type: "cosine" },
  rateL1: { type: "rateL1" },
  rateL2: { type: "rateL2" },
  rateSmoothness: { type: "rateSmoothness" },
  statePrediction: { type: "statePrediction" },
  rateEntropy: { type: "rateEntropy" },
  hebbian: { type: "hebbian" },
  drivePenalty: { type: "drivePenalty" },
  meanRate: { type: "meanRate" },
  rateSpread: { type: "rateSpread" },
  targetRates: { type: "targetRates" },
  populationKL: { type: "populationKL" },
  weightL1: { type: "weightL1" },
  weightL2: { type: "weightL2" },
  weightNorm: { type: "weightNorm" },
  wiringCost: { type: "wiringCost" },
  spectralNorm: { type: "spectralNorm" },
  omega: { type: "omega" },
  custom: { type: "custom", on: "outputs", value: "abs(y - target)", slope: "sign(y - target)" },
};

/** What each kind of loss term adds to a step of a CTRNN: the dispatches that a plan has with it and not without. */
export async function measureLosses(
  device: Device,
  size: BenchSize,
  options: { readonly rounds: number; readonly roofs: Roofs },
): Promise<KernelRow[]> {
  const shape = benchShapes[size];
  const network = benchNetwork(device, shape, "ctrnn", { ring: true });
  const rows: KernelRow[] = [];
  try {
    for (const [type, term] of Object.entries(terms)) {
      const base: LossInput[] = [{ type: type === "meanSquaredError" ? "rateL2" : "meanSquaredError" }];
      const without = await benchStep(device, network, shape, { losses: base, updates: false });
      try {
        const step = await benchStep(device, network, shape, { losses: [...base, term], updates: false });
        try {
          const left = without.plan.dispatches.map(({ label }) => label);
          const own = step.plan.dispatches.filter(({ label }) => {
            const at = left.indexOf(label);
            if (at >= 0) left.splice(at, 1);
            return at < 0;
          });
          const timing = await timeKernel(device, own, options.rounds);
          rows.push(rowOf(size, `loss ${type}`, own, timing, 0, options.roofs));
        } finally {
          step.dispose();
        }
      } finally {
        without.dispose();
      }
    }
  } finally {
    network.dispose();
  }
  return rows;
}
