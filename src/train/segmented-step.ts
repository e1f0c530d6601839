import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { Uniform } from "../gpu/uniforms.ts";
import type { ModelSpec } from "../network/model.ts";
import { Sequence } from "../network/sequence.ts";
import type { StatePlace } from "../network/stimulus-rows.ts";
import { allocate, type ShapeTable } from "../ops/buffers.ts";
import { writeFeedback } from "../ops/local-gradient.ts";
import { shapeUniform } from "../ops/sequence.ts";
import { segmentSettingsOps } from "../ops/settings.ts";
import { gathers, lossOps, type OwnTermBuffers } from "./loss-ops.ts";
import type { PlanPart, WholeTrials } from "./plan-parts.ts";
import { segmentCopies } from "./segment-copies.ts";
import { endOps, type SegmentOps, segmentOps } from "./segment-ops.ts";
import {
  carriesRates,
  ownTermShapes,
  segmentLayouts,
  segmentShapes,
  splitStepShapes,
  splittingOfPlan,
} from "./segment-shapes.ts";
import { countedSteps, type SegmentPlan, segmentAt } from "./segments.ts";
import type { PlanParameters } from "./step-plan.ts";
import { hasBackward, type StepPlanOptions, type StepTensors } from "./step-shapes.ts";

/** A training step over trials in segments, made once. */
export interface SegmentedStep {
  readonly sequence: Sequence;
  readonly tensors: StepTensors;
  readonly whole: WholeTrials;
  readonly parts: readonly PlanPart[];
  readonly uniforms: readonly Uniform[];
  /** Everything else that must be disposed of. */
  readonly owned: readonly { dispose(): void }[];
}

/**
 * A training step whose trials are split over time, with recomputation (Griewank & Walther 2000; Chen et al. 2016). First
 * forward over all segments but the last, keeping only the state at their boundaries, and what terms must know of all
 * time; then from the last segment to the first: forward again, to the same bits, losses, backward, and the weight gradients
 * added to those of the segments after it; at the end one verdict and one update. The plan must have been checked.
 */
export async function segmentedStep(
  device: Device,
  spec: ModelSpec,
  network: PlanParameters,
  options: StepPlanOptions,
  plan: SegmentPlan,
): Promise<SegmentedStep> {
  const { losses, gradients, rule } = options;
  const layouts = segmentLayouts(spec, options, plan);
  const { layout, whole } = layouts;
  const owned: { dispose(): void }[] = [];
  const uniforms: Uniform[] = [];
  const own = <Name extends string>(table: ShapeTable<Name>): Record<Name, Tensor> => {
    const tensors = allocate(device, table);
    owned.push(...(Object.values(tensors) as Tensor[]));
    return tensors;
  };
  try {
    const all = own(segmentShapes(spec, options, plan));
    const ownTerms = ownTermShapes(layout, options).map((table) => own(table as ShapeTable<keyof OwnTermBuffers>));
    const runsBackward = hasBackward(options);
    const sequence = await Sequence.compile(device, spec, network, {
      ...options,
      // The sparse kernels know whole trials only.
      ...{ steps: plan.steps, boundSettings: all.ownSettings, products: "dense" },
      ...{ storeSlopes: gradients?.alpha ?? false, storeGates: runsBackward },
    });
    owned.push(sequence);
    const tensors = own(splitStepShapes(layout, options));
    const { kernels, parts: forward } = sequence;
    const wholeShape = shapeUniform(device, whole);
    uniforms.push(wholeShape);
    const distances = options.distances ?? tensors.noDistances;
    const { earlier } = splittingOfPlan(options);
    const buffers = {
      ...{ ...sequence, ...sequence.tensors, ...tensors, ...network, settings: all.ownSettings, uniforms, distances },
      ...{ whole: wholeShape, wholeLossRows: all.wholeLossRows, own: ownTerms },
      ...(earlier > 0 && { earlierRates: all.earlierRates }),
    };
    // What is computed of the whole trial takes its settings, too.
    const settings = sequence.settings.tensor;
    const wholeBuffers = { ...buffers, settings, shape: wholeShape, lossRows: all.wholeLossRows };
    const { starts } = plan;
    const starting = await segmentSettingsOps(device, { settings, own: all.ownSettings }, starts);
    uniforms.push(starting.uniform);
    const side = { ...sequence.tensors, ...tensors };
    const wanted = { backward: runsBackward, rates: carriesRates(options), earlier };
    const copies = await segmentCopies(device, layouts, plan, losses, wanted, side, all, uniforms);
    const gradientsWanted = { activity: runsBackward, weights: gradients !== undefined };
    const { constraint } = spec;
    if (rule?.feedback !== undefined) writeFeedback(layout, rule.feedback, tensors.feedback);

    const made = { spec, network, options, kernels };
    const kindOf = (index: number): Promise<SegmentOps> =>
      segmentOps(device, layout, made, buffers, segmentAt(plan, index));
    const [first, last] = [await kindOf(0), await kindOf(plan.count - 1)];
    const middle = plan.count > 2 ? await kindOf(1) : last;
    const kinds = starts.map((_, index) => (index === 0 ? first : index === plan.count - 1 ? last : middle));
    const tail = await endOps(device, whole, made, wholeBuffers, segmentAt(plan, 0));

    const head = [
      ...forward.pack,
      ...(await lossOps(device, whole, losses, constraint, gradientsWanted, wholeBuffers, {
        segment: segmentAt(plan, plan.count - 1),
        stage: "weights",
      })),
      ...(options.initial === "parameter" ? [] : copies.enter(0)),
      ...forward.start,
      ...copies.leave(-1),
    ];
    const run = (index: number): Dispatch[] => [
      ...starting.dispatches.slice(index, index + 1),
      ...copies.inputs(index),
      ...copies.enter(index),
      ...forward.forward,
    ];
    const firstPass = (index: number): Dispatch[] => [
      ...run(index),
      ...(kinds[index]?.gather ?? []),
      ...copies.leave(index),
    ];
    const finalPass = (index: number): Dispatch[] => {
      const { gather, terms, backward, late, products } = kinds[index] ?? last;
      return [
        ...run(index),
        ...(index === plan.count - 1 ? [...gather, ...copies.leave(index)] : []),
        ...copies.targets(index),
        ...forward.readout,
        ...copies.outputs(index),
        ...terms,
        ...copies.lossRows(index),
        ...(runsBackward ? [...copies.bringGradients(index), ...backward] : []),
        ...late,
        ...copies.lateLossRows(index),
        ...products,
        ...(runsBackward && index > 0 ? copies.takeGradients(index) : []),
      ];
    };
    const finalPart = (from: number, index: number): PlanPart => ({
      dispatches: finalPass(index),
      gradients: { from, count: countedSteps(plan, index) },
    });
    const passes: PlanPart[] =
      runsBackward || losses.some(gathers)
        ? [
            ...starts.slice(1).map((_, index) => ({ dispatches: firstPass(index) })),
            ...starts.map((from, index) => finalPart(from, index)).reverse(),
          ]
        : // Nothing needs a second pass.
          starts.map((_, index) => ({
            dispatches: [...finalPass(index), ...(index < plan.count - 1 ? copies.leave(index) : [])],
          }));
    const parts = passes.map((part, index) => ({
      ...part,
      dispatches: [...(index === 0 ? head : []), ...part.dispatches, ...(index === passes.length - 1 ? tail : [])],
    }));
    const checkpoint = (at: number): StatePlace => ({
      states: all.checkpointStates,
      rates: all.checkpointRates,
      synapses: all.checkpointSynapses,
      offset: (replica) => (at * layout.replicas + replica) * layout.batch * 4 * layout.hidden4,
    });
    const trials: WholeTrials = {
      layout: whole,
      ...{ inputs: all.wholeInputs, targets: all.wholeTargets, trialMask: all.wholeMask },
      ...{ rateTargets: all.wholeRateTargets, rateMask: all.wholeRateMask, outputs: all.wholeOutputs },
      ...{ start: checkpoint(0), end: checkpoint(plan.count) },
    };
    return { sequence, tensors, whole: trials, parts, uniforms, owned };
  } catch (error) {
    for (const resource of [...owned, ...uniforms]) resource.dispose();
    throw error;
  }
}
