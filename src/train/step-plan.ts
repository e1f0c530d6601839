import { ConfigError } from "../errors.ts";
import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { Uniform } from "../gpu/uniforms.ts";
import { checkLossesFit } from "../loss/check-model.ts";
import { checkCustomTerms } from "../loss/custom-term.ts";
import { type Loss, lossMatrix, lossSubject } from "../loss/losses.ts";
import { recordedUnits } from "../loss/target-rates-term.ts";
import { lossContext } from "../loss/term.ts";
import type { Connections } from "../network/connections.ts";
import type { ModelSpec } from "../network/model.ts";
import { Sequence } from "../network/sequence.ts";
import { StimulusRows } from "../network/stimulus-rows.ts";
import type { Trials } from "../network/trials.ts";
import { allocate } from "../ops/buffers.ts";
import type { LayerSpan } from "../ops/layers.ts";
import { type Layout, padRows } from "../ops/layout.ts";
import { localGradientOp, writeFeedback } from "../ops/local-gradient.ts";
import { Recordings } from "../ops/losses/target-rates.ts";
import { backwardOp } from "../ops/recurrence.ts";
import { sparseBackwardOp, sparseWeightGradientOp } from "../ops/sparse-recurrence.ts";
import { presentElements, updatedParameters } from "../ops/sparse-update.ts";
import { gradientFinishOp, updateOp, verdictOp } from "../ops/update.ts";
import { weightGradientOps } from "../ops/weight-gradients.ts";
import { afterBackwardOps } from "./after-backward-ops.ts";
import { lossOps } from "./loss-ops.ts";
import type { PlanPart, WholeTrials } from "./plan-parts.ts";
import { planShapes, splittingOfPlan } from "./segment-shapes.ts";
import { segmentedStep } from "./segmented-step.ts";
import { planSegments, type SegmentPlan } from "./segments.ts";
import {
  hasBackward,
  runsSparseBackward,
  type StepPlanOptions,
  type StepTensors,
  stepShapes,
  storesRates,
} from "./step-shapes.ts";
import { windowScale } from "./window-scale.ts";

export { recordFloats, type StepPlanOptions, type UpdateTensors } from "./step-shapes.ts";

/** Parameters, rules and optimiser state that a plan works on; owned by the caller. */
export interface PlanParameters {
  /** [R, P] raw parameters. */
  readonly parameters: Tensor;
  /** [R, P] masks, signs and what is learned. */
  readonly rules: Tensor;
  readonly layers: readonly LayerSpan[];
  /** Which recurrent synapses may exist; absent = all, so that products are dense. */
  readonly connections?: Connections | undefined;
  /** [R, 16] health of each replica, kept from step to step. */
  readonly verdicts: Tensor;
}

/** Floats of one struct `Verdict` (shaders/lib/verdict.wgsl). */
export const verdictFloats = 16;

/**
 * A training step as a fixed list of dispatches over buffers made once: effective weights, forward, loss terms, backward
 * (or a local rule), weight gradients, verdict, update. With fewer options it is a gradient, or only a loss.
 */
export class StepPlan {
  /** The forward pass: of the whole trials, or of one segment of them. */
  readonly sequence: Sequence;
  readonly tensors: StepTensors;
  /** The sizes of whole trials, and where they lie. */
  readonly layout: Layout;
  readonly whole: WholeTrials;
  /** How time is split. */
  readonly segments: SegmentPlan;
  readonly parts: readonly PlanPart[];
  /** Those of all parts. */
  readonly dispatches: readonly Dispatch[];
  readonly losses: readonly Loss[];
  readonly #owned: readonly { dispose(): void }[];
  readonly #inputRows: StimulusRows | undefined;
  readonly #targetRows: Float32Array;
  readonly #maskRows: Float32Array;
  readonly #recordings: Recordings | undefined;
  readonly #scales: number[][] = [];

  private constructor(parts: {
    sequence: Sequence;
    tensors: StepTensors;
    whole: WholeTrials;
    segments: SegmentPlan;
    parts: readonly PlanPart[];
    losses: readonly Loss[];
    owned: readonly { dispose(): void }[];
  }) {
    this.sequence = parts.sequence;
    this.tensors = parts.tensors;
    this.whole = parts.whole;
    this.layout = parts.whole.layout;
    this.segments = parts.segments;
    this.parts = parts.parts;
    this.dispatches = parts.parts.flatMap(({ dispatches }) => dispatches);
    this.losses = parts.losses;
    this.#owned = parts.owned;
    this.#inputRows = parts.segments.count > 1 ? new StimulusRows(parts.whole.layout) : undefined;
    const { replicas, steps, batch, output4 } = parts.whole.layout;
    const length = replicas * steps * batch * output4 * 4;
    this.#targetRows = new Float32Array(length);
    this.#maskRows = new Float32Array(length);
    const isFitted = parts.losses.some(({ type }) => type === "targetRates");
    this.#recordings = isFitted ? new Recordings(parts.whole.layout) : undefined;
  }

  /**
   * How the time of its trials is split, if at all.
   * @throws ConfigError where a term needs what the network does not have, LimitError where the adapter cannot hold the
   * plan, naming the limit and what would fit, ValueError where the slope of a custom term is wrong.
   */
  static check(device: Device, spec: ModelSpec, options: StepPlanOptions): SegmentPlan {
    checkLossesFit(options.losses, spec);
    checkCustomTerms(options.losses);
    if (options.distances === undefined && options.losses.some(({ type }) => type === "wiringCost")) {
      throw new ConfigError(
        "wiringCost: the network has no distances between its units. Give createModel distances [hidden, hidden], or a structure that has them, such as distanceDependent; in a model file they are the tensor distance_hh.",
      );
    }
    const segments = planSegments(device, splittingOfPlan(options), options, (plan) => planShapes(spec, options, plan));
    if (segments.count > 1 && options.products === "sparse") {
      throw new ConfigError(
        `products: trials in segments (here ${segments.count}) have dense products only; leave it out, or give segments: 1 and the memory for it.`,
      );
    }
    return segments;
  }

  /** @throws as {@link StepPlan.check}, before anything is allocated. */
  static async compile(
    device: Device,
    spec: ModelSpec,
    network: PlanParameters,
    options: StepPlanOptions,
  ): Promise<StepPlan> {
    const { losses, gradients, clip = "none", inspect = false } = options;
    const segments = StepPlan.check(device, spec, options);
    if (segments.count > 1) {
      const step = await segmentedStep(device, spec, network, options, segments);
      return new StepPlan({ ...step, segments, losses, owned: [...step.owned, ...step.uniforms] });
    }
    const keep = { storeSlopes: gradients?.alpha ?? false, storeGates: hasBackward(options) };
    const packsMatrix = losses.some((loss) => lossMatrix(loss) === "weightHH");
    // Sparse products keep the rates twice: not where the bytes are counted.
    const products = options.products ?? (options.memory === undefined ? undefined : "dense");
    const sequence = await Sequence.compile(device, spec, network, { ...options, ...keep, products, packsMatrix });
    const owned: { dispose(): void }[] = [sequence];
    const uniforms: Uniform[] = [];
    const lists: Tensor[] = [];
    const own = (list: Tensor): Tensor => {
      lists.push(list);
      return list;
    };
    try {
      const tensors = allocate(device, stepShapes(sequence.layout, options));
      owned.push(...Object.values(tensors));
      const { shape } = sequence;
      const settings = sequence.settings.tensor;
      const distances = options.distances ?? tensors.noDistances;
      const buffers = { ...sequence, ...sequence.tensors, ...tensors, ...network, settings, uniforms, distances };
      // With sparse products, what follows them leaves out the synapses that never exist, too.
      const models = sequence.layout.lists4 > 0 ? network.connections?.models : undefined;
      const runsBackward = hasBackward(options);
      const wanted = { activity: runsBackward, weights: gradients !== undefined };
      const lossDispatches = await lossOps(device, sequence.layout, losses, spec.constraint, wanted, buffers);
      const backward: Dispatch[] = [];
      if (runsBackward) {
        const direct = losses.some((loss) => lossSubject(loss) === "rates");
        const stored = { direct, storeRates: inspect || storesRates(sequence.layout, options) };
        const { layout, kernels } = sequence;
        const { rule } = options;
        const runBackward = kernels.products === "sparse" ? sparseBackwardOp : backwardOp;
        if (rule?.feedback !== undefined) writeFeedback(layout, rule.feedback, tensors.feedback);
        backward.push(
          ...(rule === undefined
            ? await runBackward(device, layout, kernels, spec, network.layers, stored, buffers)
            : [await localGradientOp(device, layout, rule, spec, stored, buffers)]),
          ...(await afterBackwardOps(device, layout, losses, spec, wanted, buffers)),
        );
      }
      if (gradients !== undefined) {
        const isSparse = runsSparseBackward(sequence.layout, options);
        const layers = isSparse ? [] : network.layers;
        const products = await weightGradientOps(device, sequence.layout, layers, gradients, buffers);
        if (isSparse)
          backward.push(await sparseWeightGradientOp(device, sequence.layout, spec, network.layers, buffers));
        backward.push(...products.dispatches);
        uniforms.push(...products.uniforms);
        const { constraint } = spec;
        const penalty = losses.some((loss) => lossMatrix(loss) !== undefined);
        const present = models && own(presentElements(device, sequence.layout, models));
        backward.push(await gradientFinishOp(device, sequence.layout, { constraint, clip, penalty }, buffers, present));
      }
      const verdictOptions = { terms: losses.length, clip, hasGradients: gradients !== undefined };
      const verdict = await verdictOp(device, sequence.layout, verdictOptions, {
        ...{ shape, settings, verdicts: network.verdicts },
        ...tensors,
      });
      const dispatches = [...sequence.dispatches, ...lossDispatches, ...backward, verdict];
      if (options.update !== undefined) {
        const { constraint } = spec;
        const { optimizer, nesterov } = options.update;
        const buffers = { shape, settings, ...network, ...tensors, ...options.update };
        const updated = models && own(updatedParameters(device, sequence.layout, models));
        dispatches.push(await updateOp(device, sequence.layout, { constraint, optimizer, nesterov }, buffers, updated));
      }
      const { steps } = options;
      const whole = {
        ...{ ...sequence.tensors, ...tensors, layout: sequence.layout },
        ...{ start: sequence.place(0), end: sequence.place(steps) },
      };
      const parts = [{ dispatches, gradients: { from: 0, count: steps } }];
      const all = [...owned, ...uniforms, ...lists];
      return new StepPlan({ sequence, tensors, whole, segments, parts, losses, owned: all });
    } catch (error) {
      for (const resource of [...owned, ...uniforms, ...lists]) resource.dispose();
      throw error;
    }
  }

  /**
   * Sends trials, one entry for every replica (or one for all), to the GPU. They must have been checked.
   * @param whole the trials that these are windows of; their own unless given.
   * @param weighted the loss terms of each replica, where their weights differ; else the plan's.
   * @throws what `lossScale` throws: a mask that is the denominator of a loss sums to 0, or there are no recordings for a
   * term on them; nothing is sent then.
   */
  upload(trials: readonly Trials[], whole: readonly Trials[] = trials, weighted?: readonly (readonly Loss[])[]): void {
    const { layout } = this;
    const { replicas, outputs, output4 } = layout;
    const pick = (list: readonly Trials[], replica: number): Trials => {
      const own = list.length === 1 ? list[0] : list[replica];
      if (own === undefined) throw new RangeError(`upload: no trials for replica ${replica}.`);
      return own;
    };
    const each = Array.from({ length: replicas }, (_, replica) => pick(trials, replica));
    for (const [replica, own] of each.entries()) {
      const all = pick(whole, replica);
      const context = lossContext(layout, own);
      const wholeContext = lossContext({ ...layout, steps: all.steps }, all);
      const terms = weighted?.[replica] ?? this.losses;
      this.#scales[replica] = terms.map((loss) => windowScale(loss, context, wholeContext));
      for (const loss of this.losses) {
        if (loss.type !== "targetRates" || own.rateTargets === undefined) continue;
        this.#recordings?.set(replica, own.rateTargets, own.rateMask, recordedUnits(loss, context));
      }
    }
    if (this.#inputRows === undefined) this.sequence.upload(trials);
    else this.#inputRows.upload(trials, this.whole.inputs, this.whole.start);
    const length = this.#targetRows.length / replicas;
    for (const [replica, own] of each.entries()) {
      const part = (rows: Float32Array): Float32Array => rows.subarray(replica * length, (replica + 1) * length);
      padRows(own.targets, outputs, part(this.#targetRows), 4 * output4);
      const mask = own.mask ?? new Float32Array(own.targets.length).fill(1);
      padRows(mask, outputs, part(this.#maskRows), 4 * output4);
    }
    this.whole.targets.write(this.#targetRows);
    this.whole.trialMask.write(this.#maskRows);
    this.#recordings?.upload(this.whole);
  }

  /** The factor of every loss term for the trials uploaded last. */
  lossScales(replica: number): readonly number[] {
    return this.#scales[replica] ?? [];
  }

  dispose(): void {
    for (const resource of this.#owned) resource.dispose();
  }
}
