import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { localGradient } from "../wgsl/generated.ts";
import { withActivations } from "./custom-activations.ts";
import { elementwiseSize, gridFor } from "./grid.ts";
import type { Layout } from "./layout.ts";
import type { BackwardBuffers, Dynamics } from "./recurrence.ts";
import { type Segment, slotOverrides, wholeTrial } from "./segment.ts";
import { unitOverrides } from "./units.ts";

/** What a local learning rule needs besides the network. */
export interface LocalRule {
  /** Which trace a synapse keeps: shaders/local_gradient.wgsl. */
  readonly trace: "eprop" | "rflo";
  /** Fixed weights B [H, O] of each replica, through which errors come back; absent = the readout's, transposed. */
  readonly feedback?: readonly Float32Array[] | undefined;
}

/** The shape of the feedback weights on the GPU: B transposed, padded to whole vec4f. */
export function feedbackShape({ replicas, output4, hidden4 }: Layout): readonly number[] {
  return [replicas, 4 * output4, 4 * hidden4];
}

/** Sends B [H, O] of each replica to a tensor of {@link feedbackShape}. */
export function writeFeedback(layout: Layout, values: readonly Float32Array[], tensor: Tensor): void {
  const { outputs, output4, hidden, hidden4 } = layout;
  const length = 16 * output4 * hidden4;
  for (const [replica, feedback] of values.entries()) {
    const padded = new Float32Array(length);
    for (let unit = 0; unit < hidden; unit += 1)
      for (let output = 0; output < outputs; output += 1)
        padded[output * 4 * hidden4 + unit] = feedback[unit * outputs + output] ?? Number.NaN;
    tensor.write(padded, replica * length);
  }
}

/** From dL/dy to what a local rule takes for dL/dv of every slot: shaders/local_gradient.wgsl. */
export async function localGradientOp(
  device: Device,
  layout: Layout,
  rule: LocalRule,
  dynamics: Dynamics,
  options: { readonly direct: boolean; readonly storeRates: boolean },
  buffers: Omit<BackwardBuffers, "synapses" | "synapseGradients"> & { readonly feedback: Tensor },
  segment: Segment = wholeTrial,
): Promise<Dispatch> {
  const eprop = dynamics.form === "rate" ? 1 : 0;
  const kernel = await Kernel.create(device, withActivations(localGradient, dynamics), {
    ...unitOverrides(dynamics),
    WORKGROUP_SIZE: elementwiseSize,
    TRACE: rule.trace === "rflo" ? 2 : eprop,
    SYMMETRIC: rule.feedback === undefined,
    DIRECT: options.direct,
    STORE_RATES: options.storeRates,
    ...slotOverrides(segment),
  });
  return kernel.dispatch(
    {
      shape: buffers.shape,
      packed: read(buffers.packed),
      states: read(buffers.states),
      output_gradients: read(buffers.outputGradients),
      direct_gradients: read(buffers.directGradients),
      feedback: read(buffers.feedback),
      state_gradients: readWrite(buffers.stateGradients),
      rate_gradients: readWrite(buffers.rateGradients),
    },
    gridFor(layout.batch * layout.hidden4, elementwiseSize, layout.replicas),
  );
}
