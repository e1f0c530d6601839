import type { Tensor } from "../gpu/tensor.ts";
import type { Loss } from "../loss/losses.ts";
import type { ModelSpec } from "../network/model.ts";
import { sequenceShapes } from "../network/sequence.ts";
import type { ShapeTable } from "../ops/buffers.ts";
import { gateBlocks } from "../ops/gated.ts";
import { type Layout, layoutOf } from "../ops/layout.ts";
import { populationFloats } from "../ops/losses/population-kl.ts";
import { settingsFloats } from "../ops/settings.ts";
import type { OwnTermBuffers } from "./loss-ops.ts";
import { type SegmentPlan, type Splitting, splittingOf } from "./segments.ts";
import { hasBackward, type StepPlanOptions, stepShapes } from "./step-shapes.ts";

/** What a trial in segments holds beyond the buffers of one segment. */
export type SegmentTensors = Record<
  | "ownSettings"
  | "wholeInputs"
  | "wholeTargets"
  | "wholeMask"
  | "wholeOutputs"
  | "wholeLossRows"
  | "wholeRateTargets"
  | "wholeRateMask"
  | "checkpointStates"
  | "checkpointRates"
  | "checkpointSynapses"
  | "checkpointEarlier"
  | "earlierRates"
  | "carriedStates"
  | "carriedRates"
  | "carriedGates",
  Tensor
>;

/** The layout of one segment, and that of the whole trial with the slices of the segment. */
export function segmentLayouts(
  spec: ModelSpec,
  options: StepPlanOptions,
  { steps }: SegmentPlan,
): { readonly layout: Layout; readonly whole: Layout } {
  const layout = layoutOf({ ...spec, ...options, steps });
  return { layout, whole: { ...layoutOf({ ...spec, ...options }), splits: layout.splits } };
}

export function splittingOfPlan(options: StepPlanOptions): Splitting {
  return splittingOf(options.steps, options.losses, hasBackward(options));
}

/** Whether dL/dr of the step after a segment goes into its own: RFLO's filter is on it. */
export function carriesRates({ rule }: StepPlanOptions): boolean {
  return rule?.trace === "rflo";
}

/** All buffers of a plan by name, whether its trials are split over time or not. */
export function planShapes(
  spec: ModelSpec,
  options: StepPlanOptions,
  plan: SegmentPlan,
): Readonly<Record<string, readonly number[]>> {
  const { layout } = segmentLayouts(spec, options, plan);
  const forward = sequenceShapes(layout, options.gradients?.alpha ?? false, hasBackward(options));
  if (plan.count === 1) return { ...forward, ...stepShapes(layout, options) };
  const own = ownTermShapes(layout, options).flatMap((table, term) =>
    Object.entries(table).map(([name, shape]) => [`${name} of term ${term}`, shape] as const),
  );
  return {
    ...{ ...forward, ...splitStepShapes(layout, options), ...segmentShapes(spec, options, plan) },
    ...Object.fromEntries(own),
  };
}

/** The shapes of a step's tensors for one segment. */
export function splitStepShapes(layout: Layout, options: StepPlanOptions): ReturnType<typeof stepShapes> {
  const shapes = stepShapes(layout, options);
  return carriesRates(options) ? { ...shapes, rateGradients: shapes.stateGradients } : shapes;
}

/** The shapes of {@link SegmentTensors}. */
export function segmentShapes(
  spec: ModelSpec,
  options: StepPlanOptions,
  plan: SegmentPlan,
): ShapeTable<keyof SegmentTensors> {
  const { layout, whole } = segmentLayouts(spec, options, plan);
  const { replicas, batch, input4, hidden4, output4 } = layout;
  const { losses } = options;
  const unused = [4];
  const backward = hasBackward(options);
  const outputs = [replicas, whole.steps, batch, 4 * output4];
  const recordings = losses.some(({ type }) => type === "targetRates")
    ? [replicas, whole.steps, batch, 4 * hidden4]
    : unused;
  const checkpoints = [plan.count + 1, replicas, batch, 4 * hidden4];
  const { earlier } = splittingOfPlan(options);
  const slot = [replicas, batch, 4 * hidden4];
  return {
    ownSettings: [replicas, settingsFloats],
    wholeInputs: [replicas, whole.steps, batch, 4 * input4],
    wholeTargets: outputs,
    wholeMask: outputs,
    wholeOutputs: outputs,
    wholeLossRows: [replicas, losses.length, whole.steps * batch],
    wholeRateTargets: recordings,
    wholeRateMask: recordings,
    checkpointStates: checkpoints,
    checkpointRates: checkpoints,
    checkpointSynapses:
      layout.shortTermPlasticity === undefined ? unused : [plan.count + 1, replicas, batch, 4, 4 * hidden4],
    checkpointEarlier: earlier > 0 ? [plan.count, replicas, earlier, batch, 4 * hidden4] : unused,
    earlierRates: earlier > 0 ? [replicas, earlier, batch, 4 * hidden4] : unused,
    carriedStates: backward ? slot : unused,
    carriedRates: carriesRates(options) ? slot : unused,
    carriedGates: backward && layout.gates > 1 ? [replicas, batch, gateBlocks, 4 * hidden4] : unused,
  };
}

/** The shapes of what each term has to itself from segment to segment; elsewhere one term after the other uses the same. */
export function ownTermShapes(layout: Layout, { losses, gradients }: StepPlanOptions): OwnTermShapes[] {
  const { replicas, batch, hidden4, splits, parameters } = layout;
  const ofLoss = (loss: Loss): OwnTermShapes => {
    switch (loss.type) {
      case "meanRate":
      case "rateSpread":
        return { trialMeans: [replicas, batch, 4 * hidden4], factors: [replicas, batch, 4 * hidden4] };
      case "populationKL":
        return {
          populationFactors: [replicas, hidden4, populationFloats.factors],
          populationShares: [replicas, hidden4, populationFloats.shares],
        };
      case "hebbian":
        return { hebbianTotals: [replicas, batch] };
      case "drivePenalty":
        return gradients === undefined ? {} : { partials: [replicas, splits, parameters] };
      case "omega":
        return {
          termScales: [replicas],
          ...(gradients !== undefined && { partials: [replicas, splits, parameters] }),
        };
      default:
        return {};
    }
  };
  return losses.map(ofLoss);
}

type OwnTermShapes = Partial<ShapeTable<keyof OwnTermBuffers>>;
