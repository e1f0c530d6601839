import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";
import type { ModelSpec } from "../../network/model.ts";
import { omegaMean, omegaRow } from "../../wgsl/generated.ts";
import { withActivations } from "../custom-activations.ts";
import type { Layout } from "../layout.ts";
import { unitOverrides } from "../units.ts";
import { type DirectPlace, perRow, placeOverrides } from "./place.ts";
import { directWeightGradientOps, type RecurrentBuffers, recurrentProductOp } from "./recurrent.ts";

/** What Ω needs beyond the weights. */
export interface OmegaBuffers extends RecurrentBuffers {
  readonly states: Tensor;
  /** dE/dv of every slot, as the backward pass leaves it. */
  readonly stateGradients: Tensor;
}

const reductionSize = 64;

/**
 * Ω and its immediate gradient by the recurrent weights, after the backward pass and before the weight gradients:
 * shaders/omega_row.wgsl, shaders/omega_mean.wgsl.
 */
export async function omegaOps(
  device: Device,
  layout: Layout,
  place: DirectPlace,
  options: {
    readonly dynamics: Pick<ModelSpec, "activation" | "customActivations" | "form" | "units">;
    readonly slopeAt: "before" | "after";
    readonly bound: number;
    /** Whether the gradient by the weights is wanted. */
    readonly weights: boolean;
  },
  buffers: OmegaBuffers,
): Promise<Dispatch[]> {
  const {
    shape,
    settings,
    packed,
    states,
    stateGradients,
    recurrentProducts: products,
    lossRows,
    termScales,
  } = buffers;
  const common = placeOverrides(place);
  const row = await Kernel.create(device, withActivations(omegaRow, options.dynamics), {
    ...common,
    ...unitOverrides(options.dynamics),
    RATE_FORM: options.dynamics.form === "rate",
    SLOPE_AFTER: options.slopeAt === "after",
    BOUND: options.bound,
  });
  const mean = await Kernel.create(device, omegaMean, { ...common, WORKGROUP_SIZE: reductionSize });
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
    mean.dispatch(
      { shape, settings: read(settings), loss_rows: readWrite(lossRows), term_scales: readWrite(termScales) },
      [1, 1, layout.replicas],
    ),
  ];
  if (options.weights) {
    const sides = {
      post: { tensor: stateGradients, rows: "slots" },
      pre: { tensor: products, rows: "steps" },
    } as const;
    const direct = { first: place.firstOnWeights, scaled: true };
    dispatches.push(...(await directWeightGradientOps(device, layout, direct, sides, buffers)));
  }
  return dispatches;
}
