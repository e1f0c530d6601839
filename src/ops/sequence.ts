import type { Device } from "../gpu/device.ts";
import type { Dispatch } from "../gpu/kernel.ts";
import { Kernel, read, readWrite } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { Uniform } from "../gpu/uniforms.ts";
import type { Constraint } from "../io/model-schema.ts";
import type { ModelSpec } from "../network/model.ts";
import { initialState, packWeights, readout } from "../wgsl/generated.ts";
import { type Activations, withActivations } from "./custom-activations.ts";
import { elementwiseSize, gridFor, groupsFor } from "./grid.ts";
import { type Layout, parameterOffsets } from "./layout.ts";
import { plainTile, withTile } from "./tiles.ts";
import { synapseOverride, unitOverrides } from "./units.ts";

/** The number of each constraint in shaders/lib/constraint.wgsl. */
export const constraintCodes: Readonly<Record<Constraint, number>> = { project: 0, abs: 1, rectify: 2 };

/** The sizes of a plan as every kernel binds them. */
export function shapeUniform(device: Device, layout: Layout): Uniform {
  return new Uniform(device, "shape", packWeights.bindings.shape, [layout]);
}

/**
 * Raw parameters → effective weights in the layouts of the products: shaders/pack_weights.wgsl.
 * @param recurrent whether the recurrent weights are wanted, too.
 */
export async function packWeightsOp(
  device: Device,
  layout: Layout,
  constraint: Constraint,
  recurrent: boolean,
  buffers: { readonly shape: Uniform; readonly parameters: Tensor; readonly rules: Tensor; readonly packed: Tensor },
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, packWeights, {
    WORKGROUP_SIZE: elementwiseSize,
    CONSTRAINT: constraintCodes[constraint],
    RECURRENT: recurrent,
  });
  const { shape, parameters, rules, packed } = buffers;
  const { weightHH, biasH, end } = parameterOffsets(layout);
  return kernel.dispatch(
    { shape, parameters: read(parameters), rules: read(rules), packed: readWrite(packed) },
    gridFor(recurrent ? end : end - (biasH - weightHH), elementwiseSize, layout.replicas),
  );
}

/** Slot 0 of states, rates and synapses: shaders/initial_state.wgsl. `given`: 1 v0 of every trial was written before, 2 r0 too. */
export async function initialStateOp(
  device: Device,
  layout: Layout,
  spec: Activations & Pick<ModelSpec, "shortTermPlasticity">,
  given: number,
  buffers: {
    readonly shape: Uniform;
    readonly packed: Tensor;
    readonly states: Tensor;
    readonly rates: Tensor;
    readonly synapses: Tensor;
  },
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, withActivations(initialState, spec), {
    WORKGROUP_SIZE: elementwiseSize,
    ...unitOverrides(spec),
    ...synapseOverride(spec),
    INITIAL: given,
  });
  const { shape, packed, states, rates, synapses } = buffers;
  const dispatch = kernel.dispatch(
    {
      shape,
      packed: read(packed),
      states: readWrite(states),
      rates: readWrite(rates),
      synapses: readWrite(synapses),
    },
    gridFor(layout.batch * layout.hidden4, elementwiseSize, layout.replicas),
  );
  // Of all time steps it touches one.
  return { ...dispatch, bytes: dispatch.bytes / (layout.steps + 1) };
}

/** y = W_ho r + b_o for all rows: shaders/readout.wgsl. */
export async function readoutOp(
  device: Device,
  layout: Layout,
  buffers: { readonly shape: Uniform; readonly packed: Tensor; readonly rates: Tensor; readonly outputs: Tensor },
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, withTile(readout, plainTile), { WORKGROUP_SIZE: elementwiseSize });
  const { shape, packed, rates, outputs } = buffers;
  const rows = groupsFor(layout.steps * layout.batch, plainTile.rows);
  return kernel.dispatch({ shape, packed: read(packed), rates: read(rates), outputs: readWrite(outputs) }, [
    layout.output4,
    groupsFor(rows, elementwiseSize),
    layout.replicas,
  ]);
}
