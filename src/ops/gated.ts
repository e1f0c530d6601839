import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import type { Uniform } from "../gpu/uniforms.ts";
import { activations } from "../io/model-schema.ts";
import type { ModelSpec } from "../network/model.ts";
import {
  gatedBackwardPersistent,
  gatedBackwardStep,
  gatedForwardPersistent,
  gatedForwardStep,
  gatedInitialState,
} from "../wgsl/generated.ts";
import { elementwiseSize, gridFor, groupsFor, powerOfTwo } from "./grid.ts";
import type { Layout } from "./layout.ts";
import type { BackwardBuffers, ForwardBuffers, RecurrentKernels } from "./recurrence.ts";
import { backwardSlots, type Segment, slotOverrides } from "./segment.ts";
import { withTile } from "./tiles.ts";

/** What the kernels of gated cells need of a model. */
export type GatedDynamics = Pick<ModelSpec, "cell" | "lstmOutput">;

/** Blocks of gates in a row of `gates` and of `gateGradients`, of an LSTM as of a GRU (shaders/lib/gated.wgsl). */
export const gateBlocks = 4;
const mostInvocations = 256;
const stepwiseSize = 64;

/** The block that gate k of the parameters acts through: by its input weights, and by its recurrent ones. */
export function blocksOf(
  layout: Pick<Layout, "gates">,
): readonly { readonly input: number; readonly recurrent: number }[] {
  return Array.from({ length: layout.gates }, (_, gate) => ({
    input: gate,
    recurrent: layout.gates === 3 && gate === 2 ? 3 : gate,
  }));
}

/** The shape of the gates that a forward pass keeps: of all steps, or room for one. */
export function gatesShape(layout: Layout, keep: boolean): readonly number[] {
  const { replicas, steps, batch, hidden4 } = layout;
  return [replicas, keep ? steps : 1, batch, gateBlocks, 4 * hidden4];
}

/** The overrides that say which cell it is; φ of the LSTM is one of the activations. */
function cellOverrides({ cell, lstmOutput = "tanh" }: GatedDynamics): { GRU: boolean; ACTIVATION: number } {
  return { GRU: cell === "gru", ACTIVATION: activations.indexOf(cell === "lstm" ? lstmOutput : "tanh") };
}

interface Grid {
  readonly overrides: { readonly WORKGROUP_SIZE: number; readonly PARTS: number };
  /** Columns of four units of a workgroup of the stepwise family. */
  readonly COLUMNS: number;
  readonly groups: [number, number, number];
}

function gridOf(layout: Layout, { family, tile }: RecurrentKernels): Grid {
  const { batch, hidden4, replicas } = layout;
  const most = family === "persistent" ? mostInvocations : stepwiseSize;
  const PARTS = tile.quads ? 1 : gateBlocks;
  const vectors = tile.columns / 4;
  const size = powerOfTwo(PARTS * groupsFor(hidden4, vectors), 4, most);
  const COLUMNS = (size / PARTS) * vectors;
  const rows = groupsFor(batch, tile.rows);
  const x = family === "persistent" ? rows : groupsFor(hidden4, COLUMNS);
  const y = family === "persistent" ? 1 : rows;
  return { overrides: { WORKGROUP_SIZE: size, PARTS }, COLUMNS, groups: [x, y, replicas] };
}

/** Slot 0 of states and rates: shaders/gated_initial_state.wgsl. `given`: v0 of every trial was written to slot 0 before. */
export async function gatedInitialStateOp(
  device: Device,
  layout: Layout,
  given: boolean,
  buffers: { readonly shape: Uniform; readonly packed: Tensor; readonly states: Tensor; readonly rates: Tensor },
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, gatedInitialState, {
    WORKGROUP_SIZE: elementwiseSize,
    GRU: layout.cell === "gru",
    INITIAL: given ? 1 : 0,
  });
  const { shape, packed, states, rates } = buffers;
  return kernel.dispatch(
    { shape, packed: read(packed), states: readWrite(states), rates: readWrite(rates) },
    gridFor(layout.batch * layout.hidden4, elementwiseSize, layout.replicas),
  );
}

/** Forward over all time steps; slot 0 of states and rates must hold the initial state. */
export async function gatedForwardOp(
  device: Device,
  layout: Layout,
  kernels: RecurrentKernels,
  dynamics: GatedDynamics,
  keepGates: boolean,
  buffers: ForwardBuffers & { readonly slots: Uniform },
): Promise<Dispatch[]> {
  const { slots, shape, settings, packed, inputs, states, rates, gates } = buffers;
  const resources = {
    shape,
    settings: read(settings),
    packed: read(packed),
    inputs: read(inputs),
    states: readWrite(states),
    rates: readWrite(rates),
    gates: readWrite(gates),
  };
  const { overrides: sizes, COLUMNS, groups } = gridOf(layout, kernels);
  const overrides = { ...cellOverrides(dynamics), KEEP_GATES: keepGates, ...sizes };
  if (kernels.family === "persistent") {
    const kernel = await Kernel.create(device, withTile(gatedForwardPersistent, kernels.tile), overrides);
    return [kernel.dispatch(resources, groups)];
  }
  const kernel = await Kernel.create(device, withTile(gatedForwardStep, kernels.tile), { ...overrides, COLUMNS });
  const offsets = Array.from({ length: layout.steps }, (_, step) => (step + 1) * slots.stride);
  return kernel.dispatchSequence({ ...resources, time: slots }, groups, offsets);
}

/** Backward over all time steps, from dL/dy to the gradients by the preactivations of all gates, and by every state. */
export async function gatedBackwardOp(
  device: Device,
  layout: Layout,
  kernels: RecurrentKernels,
  dynamics: GatedDynamics,
  options: { readonly direct: boolean; readonly storeRates: boolean },
  buffers: BackwardBuffers & { readonly slots: Uniform },
  segment: Segment,
): Promise<Dispatch[]> {
  const { slots, shape } = buffers;
  const resources = {
    shape,
    packed: read(buffers.packed),
    states: read(buffers.states),
    gates: read(buffers.gates),
    output_gradients: read(buffers.outputGradients),
    direct_gradients: read(buffers.directGradients),
    gate_gradients: readWrite(buffers.gateGradients),
    state_gradients: readWrite(buffers.stateGradients),
    rate_gradients: readWrite(buffers.rateGradients),
  };
  const { overrides: sizes, COLUMNS, groups } = gridOf(layout, kernels);
  const { direct, storeRates } = options;
  const overrides = { ...cellOverrides(dynamics), DIRECT: direct, STORE_RATES: storeRates, ...sizes };
  if (kernels.family === "persistent") {
    const kernel = await Kernel.create(device, withTile(gatedBackwardPersistent, kernels.tile), {
      ...overrides,
      ...slotOverrides(segment),
    });
    return [kernel.dispatch(resources, groups)];
  }
  const kernel = await Kernel.create(device, withTile(gatedBackwardStep, kernels.tile), { ...overrides, COLUMNS });
  const offsets = backwardSlots(layout, segment).map((slot) => slot * slots.stride);
  return kernel.dispatchSequence({ ...resources, time: slots }, groups, offsets);
}
