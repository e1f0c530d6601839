import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";
import type { ModelSpec } from "../../network/model.ts";
import { omegaMean, omegaRow } from "../../wgsl/generated.ts";
import { withActivations } from "../custom-activations.ts";
import type { Layout } from "../layout.ts";
import { type Segment, wholeTrial } from "../segment.ts";
import { unitOverrides } from "../units.ts";
import { type DirectPlace, perRow, placeOverrides, type TermPlace } from "./place.ts";
import { directFinishOp, directSumOp, type RecurrentBuffers, recurrentProductOp } from "./recurrent.ts";

/** What Ω needs beyond the weights. */
export interface OmegaBuffers extends RecurrentBuffers {
  readonly states: Tensor;
  /** dE/dv of every slot, as the backward pass leaves it. */
  readonly stateGradients: Tensor;
}

const reductionSize = 64;

/**
 * Ω of every row of a segment and the sums of its immediate gradient by the recurrent weights, after the backward pass:
 * shaders/omega_row.wgsl. {@link omegaEndOps} makes a mean of them.
 */
export async function omegaRowOps(
  device: Device,
  layout: Layout,
  place: TermPlace,
  options: {
    readonly dynamics: Pick<ModelSpec, "activation" | "customActivations" | "form" | "units">;
    readonly slopeAt: "before" | "after";
    readonly bound: number;
    /** Whether the gradient by the weights is wanted. */
    readonly weights: boolean;
  },
  buffers: OmegaBuffers,
  segment: Segment = wholeTrial,
): Promise<Dispatch[]> {
  const { shape, packed, states, stateGradients, recurrentProducts: products, lossRows } = buffers;
  const row = await Kernel.create(device, withActivations(omegaRow, options.dynamics), {
    ...placeOverrides(place),
    ...unitOverrides(options.dynamics),
    RATE_FORM: options.dynamics.form === "rate",
    SLOPE_AFTER: options.slopeAt === "after",
    BOUND: options.bound,
  });
  const dispatches = [
    await recurrentProductOp(
      device,
      layout,
      { backward: true, rows: "slots", add: false },
      { shape, packed, x: stateGradients, products },
    ),
    row.dispatch(
      {
        shape,
        packed: read(packed),
        states: read(states),
        state_gradients: read(stateGradients),
        products: readWrite(products),
        loss_rows: readWrite(lossRows),
      },
      perRow(layout),
    ),
  ];
  if (options.weights) {
    const sides = {
      post: { tensor: stateGradients, rows: "slots" },
      pre: { tensor: products, rows: "steps" },
    } as const;
    dispatches.push(await directSumOp(device, layout, sides, buffers, { segment, accumulate: !segment.isLast }));
  }
  return dispatches;
}

/**
 * Ω, the mean over all rows, and its gradient by the recurrent weights: shaders/omega_mean.wgsl. After the rows of all
 * segments, and before the weight gradients that take the same sums.
 */
export async function omegaEndOps(
  device: Device,
  layout: Layout,
  place: DirectPlace,
  options: { readonly weights: boolean },
  buffers: RecurrentBuffers,
): Promise<Dispatch[]> {
  const { settings, termScales, shape, lossRows } = buffers;
  const { whole = shape, wholeLossRows = lossRows } = buffers;
  const mean = await Kernel.create(device, omegaMean, { ...placeOverrides(place), WORKGROUP_SIZE: reductionSize });
  const dispatches = [
    mean.dispatch(
      {
        shape: whole,
        settings: read(settings),
        loss_rows: readWrite(wholeLossRows),
        term_scales: readWrite(termScales),
      },
      [1, 1, layout.replicas],
    ),
  ];
  if (options.weights) {
    const direct = { first: place.firstOnWeights, scaled: true };
    dispatches.push(await directFinishOp(device, layout, direct, buffers));
  }
  return dispatches;
}
