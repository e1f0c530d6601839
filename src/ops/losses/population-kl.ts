import type { Device } from "../../gpu/device.ts";
import { type Dispatch, Kernel, read, readWrite } from "../../gpu/kernel.ts";
import type { Tensor } from "../../gpu/tensor.ts";
import { populationKl, populationKlGradient } from "../../wgsl/generated.ts";
import { elementwiseSize, gridFor, powerOfTwo } from "../grid.ts";
import type { Layout } from "../layout.ts";
import { gatherOverrides, type Segment, wholeTrial } from "../segment.ts";
import { type LossBuffers, placeOverrides, rateResources, type TermPlace, type UnitRange } from "./place.ts";

/** What is known of each unit between the two kernels: shapes in shaders/population_kl.wgsl. */
export interface PopulationBuffers {
  readonly populationFactors: Tensor;
  readonly populationShares: Tensor;
}

/** Floats that {@link PopulationBuffers} take for every four units: six vec4f, and one. */
export const populationFloats = { factors: 24, shares: 1 } as const;

const mostInvocations = 64;

interface PopulationOptions {
  readonly units: UnitRange;
  /** Trials of each set, from `first` to one before `end`. */
  readonly sets: readonly [UnitRange, UnitRange];
  readonly symmetric: boolean;
  /** Factor on the mean squared length, in terms of what the divergences are multiplied with. */
  readonly squares: number;
  readonly floor: number;
}

function overridesOf({ units, sets, squares }: PopulationOptions) {
  return {
    ...{ UNIT_FIRST: units.first, UNIT_END: units.end, SQUARES: squares },
    ...{ FIRST_0: sets[0].first, END_0: sets[0].end, FIRST_1: sets[1].first, END_1: sets[1].end },
  };
}

/** The divergence between two sets of trials, once the rates of all their segments are known: shaders/population_kl.wgsl. */
export async function populationKLOp(
  device: Device,
  { steps, batch, hidden4, replicas }: Layout,
  { term }: TermPlace,
  options: PopulationOptions,
  buffers: LossBuffers & PopulationBuffers,
  segment: Segment = wholeTrial,
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, populationKl, {
    ...overridesOf(options),
    ...gatherOverrides(segment),
    ...{ TERM: term, SYMMETRIC: options.symmetric, FLOOR: options.floor },
    WORKGROUP_SIZE: powerOfTwo(steps * batch, 1, mostInvocations),
  });
  const { shape, settings, rates, populationFactors, populationShares, whole = shape } = buffers;
  return kernel.dispatch(
    {
      ...{ shape, whole, settings: read(settings), rates: read(rates) },
      factors: readWrite(populationFactors),
      shares: readWrite(populationShares),
    },
    [hidden4, 1, replicas],
  );
}

/** Its gradient by the rates of a segment, and its loss: shaders/population_kl_gradient.wgsl. */
export async function populationKLGradientOp(
  device: Device,
  { steps, batch, hidden4, replicas }: Layout,
  place: TermPlace,
  options: PopulationOptions,
  buffers: LossBuffers & PopulationBuffers,
  segment: Segment = wholeTrial,
): Promise<Dispatch> {
  const kernel = await Kernel.create(device, populationKlGradient, {
    ...overridesOf(options),
    ...placeOverrides(place),
    TELLS: segment.isFirst,
  });
  const { shape, populationFactors, populationShares, whole = shape } = buffers;
  return kernel.dispatch(
    { ...rateResources(buffers), whole, factors: read(populationFactors), shares: read(populationShares) },
    gridFor(steps * batch * hidden4, elementwiseSize, replicas),
  );
}
