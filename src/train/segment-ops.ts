import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { Uniform } from "../gpu/uniforms.ts";
import { lossMatrix, lossSubject } from "../loss/losses.ts";
import type { ModelSpec } from "../network/model.ts";
import type { Layout } from "../ops/layout.ts";
import { localGradientOp } from "../ops/local-gradient.ts";
import type { OmegaBuffers } from "../ops/losses/omega.ts";
import type { WeightGradientBuffers } from "../ops/products.ts";
import { type BackwardBuffers, backwardOp, type RecurrentKernels } from "../ops/recurrence.ts";
import type { Segment } from "../ops/segment.ts";
import { gradientFinishOp, updateOp, verdictOp } from "../ops/update.ts";
import { weightGradientOps } from "../ops/weight-gradients.ts";
import { afterBackwardOps } from "./after-backward-ops.ts";
import { type AllLossBuffers, lossOps } from "./loss-ops.ts";
import { carriesRates } from "./segment-shapes.ts";
import type { PlanParameters } from "./step-plan.ts";
import { hasBackward, type StepPlanOptions, type StepTensors, storesRates } from "./step-shapes.ts";

/** The buffers of one segment. */
export type SegmentBuffers = AllLossBuffers &
  OmegaBuffers &
  WeightGradientBuffers &
  BackwardBuffers & { readonly slots: Uniform; readonly feedback: Tensor };

/** What the dispatches of a segment are made of. */
export interface SegmentParts {
  readonly spec: ModelSpec;
  readonly network: PlanParameters;
  readonly options: StepPlanOptions;
  readonly kernels: RecurrentKernels;
}

/** Dispatches that differ with where the segment stands, and with nothing else; the copies between them are not among them. */
export interface SegmentOps {
  /** What terms must know of all segments. */
  readonly gather: readonly Dispatch[];
  /** Loss terms and their gradients. */
  readonly terms: readonly Dispatch[];
  readonly backward: readonly Dispatch[];
  /** Terms on the gradients that the others leave. */
  readonly late: readonly Dispatch[];
  /** Weight gradients. */
  readonly products: readonly Dispatch[];
}

/** Makes the dispatches of a segment; uniforms go to `buffers.uniforms`. */
export async function segmentOps(
  device: Device,
  layout: Layout,
  { spec, network, options, kernels }: SegmentParts,
  buffers: SegmentBuffers,
  segment: Segment,
): Promise<SegmentOps> {
  const { losses, gradients, inspect = false, rule } = options;
  const wanted = { activity: hasBackward(options), weights: gradients !== undefined };
  const lossesOf = (stage: "gather" | "activity"): Promise<Dispatch[]> =>
    lossOps(device, layout, losses, spec.constraint, wanted, buffers, { segment, stage });
  const [gather, terms] = [await lossesOf("gather"), await lossesOf("activity")];
  if (!wanted.activity) return { gather, terms, backward: [], late: [], products: [] };
  const stored = {
    direct: losses.some((loss) => lossSubject(loss) === "rates"),
    storeRates: inspect || carriesRates(options) || storesRates(layout, options),
  };
  const backward =
    rule === undefined
      ? await backwardOp(device, layout, kernels, spec, network.layers, stored, buffers, segment)
      : [await localGradientOp(device, layout, rule, spec, stored, buffers, segment)];
  const rows = { segment, stage: "rows" } as const;
  const late = await afterBackwardOps(device, layout, losses, spec, wanted, buffers, rows);
  if (gradients === undefined) return { gather, terms, backward, late, products: [] };
  const { dispatches, uniforms } = await weightGradientOps(device, layout, network.layers, gradients, buffers, segment);
  buffers.uniforms.push(...uniforms);
  return { gather, terms, backward, late, products: dispatches };
}

/** What ends a step, once all segments are done: terms on all gradients, the sums of the gradients, the verdict, the update. */
export async function endOps(
  device: Device,
  whole: Layout,
  { spec, network, options }: SegmentParts,
  buffers: SegmentBuffers & Pick<StepTensors, "gradients" | "squares" | "history">,
  segment: Segment,
): Promise<Dispatch[]> {
  const { losses, gradients, clip = "none", update } = options;
  const { constraint } = spec;
  const wanted = { activity: hasBackward(options), weights: gradients !== undefined };
  const end = { segment, stage: "end" } as const;
  const dispatches = await afterBackwardOps(device, whole, losses, spec, wanted, buffers, end);
  const all = { ...buffers, ...network };
  if (gradients !== undefined) {
    const penalty = losses.some((loss) => lossMatrix(loss) !== undefined);
    dispatches.push(await gradientFinishOp(device, whole, { constraint, clip, penalty }, all));
  }
  const verdictOptions = { terms: losses.length, clip, hasGradients: gradients !== undefined };
  dispatches.push(await verdictOp(device, whole, verdictOptions, all));
  if (update !== undefined) {
    const { optimizer, nesterov } = update;
    dispatches.push(await updateOp(device, whole, { constraint, optimizer, nesterov }, { ...all, ...update }));
  }
  return dispatches;
}
