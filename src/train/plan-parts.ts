import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import { submit } from "../gpu/recorder.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { StatePlace } from "../network/stimulus-rows.ts";
import type { Layout } from "../ops/layout.ts";

/** Dispatches of a plan that are submitted together. */
export interface PlanPart {
  readonly dispatches: readonly Dispatch[];
  /** The stretch of the trial whose gradients the segment's buffers hold after it: steps `from` … `from + count` - 1. */
  readonly gradients?: { readonly from: number; readonly count: number };
}

/** Where whole trials lie on the GPU. */
export interface WholeTrials {
  readonly layout: Layout;
  readonly inputs: Tensor;
  readonly targets: Tensor;
  readonly trialMask: Tensor;
  readonly rateTargets: Tensor;
  readonly rateMask: Tensor;
  /** [R, T, B, output4 * 4], after a step. */
  readonly outputs: Tensor;
  /** Where the trials start and, after a step, where they end. */
  readonly start: StatePlace;
  readonly end: StatePlace;
}

/**
 * Submits all parts of a plan but the last, whose dispatches it returns for whoever reads the results. One submit each, so
 * that no single one keeps the device long.
 */
export function submitAllButLast(device: Device, label: string, parts: readonly PlanPart[]): readonly Dispatch[] {
  for (const { dispatches } of parts.slice(0, -1)) submit(device, label, dispatches);
  return parts.at(-1)?.dispatches ?? [];
}
