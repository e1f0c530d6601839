import type { Device } from "../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../gpu/kernel.ts";
import type { Tensor } from "../gpu/tensor.ts";
import { Uniform } from "../gpu/uniforms.ts";
import type { Activation } from "../io/model-schema.ts";
import { bilinearForward, bilinearNoise, bilinearPack } from "../wgsl/generated.ts";
import type { ShapeTable } from "./buffers.ts";
import { activationCode } from "./custom-activations.ts";
import { elementwiseSize, gridFor, groupsFor, powerOfTwo } from "./grid.ts";
import { vectors } from "./layout.ts";
import { hasQuads, type Tile, withTile } from "./tiles.ts";

/** What a network with multiplicative input is compiled for: shaders/lib/bilinear.wgsl. */
export interface BilinearSizes {
  /** Independent networks side by side, R. */
  readonly replicas: number;
  /** Time steps, T. */
  readonly steps: number;
  /** Trials, B. */
  readonly batch: number;
  /** N. */
  readonly units: number;
  /** Inputs that multiply the state, D: 0, 1 or 2. */
  readonly inputs: number;
  /** The rates of the last of so many steps are kept. */
  readonly stride: number;
  /** At most as many steps in one dispatch. */
  readonly mostSteps: number;
  /** Whether the states of all steps are kept, for the backward pass. */
  readonly keep: boolean;
}

/** The sizes with all that follows from them. */
export interface BilinearLayout extends BilinearSizes {
  readonly units4: number;
  /** Floats in the parameters of one replica: W_0 … W_D [N, N] each, bias [N], alpha [N]. */
  readonly parameters: number;
  readonly packed4: number;
  readonly slots: number;
  readonly frames: number;
}

export function bilinearLayout(sizes: BilinearSizes): BilinearLayout {
  const { units, inputs, steps, stride, mostSteps, keep } = sizes;
  const units4 = vectors(units);
  return {
    ...sizes,
    units4,
    parameters: (1 + inputs) * units ** 2 + 2 * units,
    packed4: 8 * (1 + inputs) * units4 ** 2 + 2 * units4,
    slots: keep ? steps + 1 : 2,
    frames: Math.max(1, Math.ceil(mostSteps / stride)),
  };
}

/** Some steps of a run, which one dispatch does. */
export interface Stretch {
  readonly first: number;
  readonly count: number;
}

/** The stretches of a run, in order. */
export function stretchesOf({ steps, mostSteps }: BilinearSizes): readonly Stretch[] {
  return Array.from({ length: Math.ceil(steps / mostSteps) }, (_, index) => ({
    first: index * mostSteps,
    count: Math.min(mostSteps, steps - index * mostSteps),
  }));
}

/** Frames that a stretch stores. */
export function framesOf({ stride }: BilinearSizes, { first, count }: Stretch): number {
  return Math.floor((first + count) / stride) - Math.floor(first / stride);
}

/** The tensors of the forward pass: shaders/bilinear_forward.wgsl. */
export type BilinearName =
  | "parameters"
  | "packed"
  | "inputs"
  | "currents"
  | "noise"
  | "seeds"
  | "states"
  | "rates"
  | "drives";
export type BilinearTensors = Record<BilinearName, Tensor>;

/** What a run of the network has besides its weights. */
export interface BilinearFeatures {
  readonly activation: Activation;
  /** Whether any input is not 0. */
  readonly driven: boolean;
  readonly currents: boolean;
  /** How numbers for the noise are got. */
  readonly noise: "none" | "drawn" | "given";
  /** Strength of divisive inhibition; 0 = none. */
  readonly inhibition: number;
}

export function bilinearShapes(layout: BilinearLayout, features: BilinearFeatures): ShapeTable<BilinearName> {
  const { replicas, steps, batch, units4, inputs, parameters, packed4, slots, frames, mostSteps, keep } = layout;
  const row = 4 * units4;
  const none = [1, 1, 1, 1];
  return {
    parameters: [replicas, parameters],
    packed: [replicas, packed4, 4],
    inputs: [replicas, steps, batch, Math.max(1, inputs)],
    currents: features.currents ? [replicas, mostSteps, batch, row] : none,
    noise: features.noise === "none" ? none : [replicas, mostSteps, batch, row],
    seeds: [replicas],
    states: [replicas, slots, batch, row],
    rates: [replicas, frames, batch, row],
    drives: keep ? [replicas, steps, batch, row] : none,
  };
}

/** The uniform that every kernel of a plan binds. */
export function bilinearUniform(device: Device, layout: BilinearLayout, inhibition: number): Uniform {
  const { units4, packed4, mostSteps, replicas, steps, batch, units, inputs, parameters, slots, stride, frames } =
    layout;
  return new Uniform(device, "bilinear", bilinearForward.bindings.bilinear, [
    {
      ...{ replicas, steps, batch, units, units4, inputs, parameters, packed4, slots, stride, frames },
      ...{ most_steps: mostSteps, inhibition },
    },
  ]);
}

/** One element for each stretch, chosen by dynamic offset. */
export function stretchUniform(device: Device, stretches: readonly Stretch[]): Uniform {
  const elements = stretches.map(({ first, count }) => ({ first, count }));
  return new Uniform(device, "stretches", bilinearForward.bindings.stretch, elements);
}

/** The parameters as the other kernels read them: shaders/bilinear_pack.wgsl. */
export async function bilinearPackOp(
  device: Device,
  { packed4, replicas }: BilinearLayout,
  { bilinear, parameters, packed }: Pick<BilinearTensors, "parameters" | "packed"> & { readonly bilinear: Uniform },
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, bilinearPack, { WORKGROUP_SIZE: elementwiseSize });
  const resources = { bilinear, parameters: read(parameters), packed: readWrite(packed) };
  return kernel.dispatch(resources, gridFor(packed4, elementwiseSize, replicas));
}

/** Where the noise comes from: the struct `Noise` of shaders/bilinear_noise.wgsl. */
export interface NoiseSource {
  readonly scale: number;
  readonly stream: number;
  /** Number of the run's first step, by which random numbers are counted. */
  readonly firstStep: number;
  readonly given: boolean;
}

/** The noise of each stretch, and the uniform, which the caller disposes of. */
export async function bilinearNoiseOps(
  device: Device,
  { batch, mostSteps, replicas }: BilinearLayout,
  stretches: readonly Stretch[],
  { scale, stream, firstStep, given }: NoiseSource,
  buffers: Pick<BilinearTensors, "seeds" | "noise"> & { readonly bilinear: Uniform; readonly stretch: Uniform },
): Promise<{ readonly dispatches: readonly Dispatch[]; readonly uniform: Uniform }> {
  const { bilinear, stretch, seeds, noise } = buffers;
  const kernel = await Kernel.create(device, bilinearNoise, { WORKGROUP_SIZE: elementwiseSize, GIVEN: given });
  const uniform = new Uniform(device, "noise source", bilinearNoise.bindings.noise_source, [
    { scale, stream, first_step: firstStep },
  ]);
  const dispatches = kernel.dispatchSequence(
    { bilinear, stretch, noise_source: uniform, seeds: read(seeds), noise: readWrite(noise) },
    gridFor(mostSteps * batch, elementwiseSize, replicas),
    stretches.map((_, index) => index * stretch.stride),
  );
  return { dispatches, uniform };
}

const mostInvocations = 256;

/** Large tiles on a software adapter, where loads cost most; small ones on hardware, so that many workgroups have work. */
export function bilinearTile(device: Device, { batch, replicas }: BilinearSizes, divisive: boolean): Tile {
  const quads = hasQuads(device);
  if (!device.info.isSoftware) return { rows: batch * replicas > 1024 ? 8 : 4, columns: 4, quads: false };
  if (divisive || groupsFor(batch, 16) * replicas < 2) return { rows: batch > 4 ? 8 : 4, columns: 4, quads };
  return { rows: 16, columns: 8, quads };
}

/** One dispatch for each stretch, from the state in its first slot on: shaders/bilinear_forward.wgsl. */
export async function bilinearForwardOps(
  device: Device,
  layout: BilinearLayout,
  stretches: readonly Stretch[],
  features: BilinearFeatures,
  buffers: Omit<BilinearTensors, "parameters" | "seeds"> & { readonly bilinear: Uniform; readonly stretch: Uniform },
  tile = bilinearTile(device, layout, features.inhibition > 0),
): Promise<readonly Dispatch[]> {
  const { bilinear, stretch, packed, inputs, currents, noise, states, rates, drives } = buffers;
  const divisive = features.inhibition > 0;
  const size = powerOfTwo(groupsFor(layout.units4, tile.columns / 4), tile.quads ? 4 : 1, mostInvocations);
  const kernel = await Kernel.create(device, withTile(bilinearForward, tile), {
    WORKGROUP_SIZE: size,
    ACTIVATION: activationCode(features.activation, { activation: features.activation }),
    INPUTS: features.driven ? layout.inputs : 0,
    NOISE: features.noise !== "none",
    CURRENT: features.currents,
    KEEP: layout.keep,
    DIVISIVE: divisive,
    SHARED_SUMS: divisive ? tile.rows * size : 1,
  });
  const resources = {
    ...{ bilinear, stretch, packed: read(packed), inputs: read(inputs), currents: read(currents), noise: read(noise) },
    ...{ states: readWrite(states), rates: readWrite(rates), drives: readWrite(drives) },
  };
  return kernel.dispatchSequence(
    resources,
    [groupsFor(layout.batch, tile.rows), 1, layout.replicas],
    stretches.map((_, index) => index * stretch.stride),
  );
}
